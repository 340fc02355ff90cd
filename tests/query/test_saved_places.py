"""A saved query in the place of its name: its meaning is its own, its errors stand at the name."""

from __future__ import annotations

import pytest
from goldens import TODAY
from made import searcher

from imr_search.errors import QueryError
from imr_search.query.parser import parse
from imr_search.query.planner import Plan, plan

SAVED = {
    "norco": "treatment:norco or treatment:tramadol",
    "deep": "@norco outcome:upheld",
    "round": "acupuncture @circle",
    "circle": "@round",
    "month": "decided:2015-13 acupuncture",
    "places": "treatment:{what}",
    "open": '"norco',
    "like": "like(CM99-1#1)",
    "table": "treatment:norco | count by outcome",
}


def planned(text: str) -> Plan:
    return plan(parse(text), searcher(), text=text, today=TODAY, saved=SAVED)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("@norco", "treatment:norco OR treatment:tramadol"),
        ("-@norco", "NOT (treatment:norco OR treatment:tramadol)"),
        ("@deep age:>50", "((treatment:norco OR treatment:tramadol) AND outcome:upheld) AND age:>50"),
        ("letter:(@norco)", "letter:(treatment:norco OR treatment:tramadol)"),
        ("@table | limit 1", "E123"),
        ("@table", "treatment:norco | count by outcome"),
    ],
)
def test_stands_as_if_in_brackets(text: str, reads: str) -> None:
    if reads.startswith("E"):
        with pytest.raises(QueryError) as raised:
            planned(text)
        assert raised.value.code == reads
    else:
        assert planned(text).read_as == reads
        assert planned(reads).node == planned(text).node


@pytest.mark.parametrize(
    ("name", "code"),
    [("month", "E110"), ("round", "E131"), ("places", "E106"), ("open", "E102"), ("like", "E140"), ("none", "E107")],
)
@pytest.mark.parametrize("around", ["@{}", "acupuncture (@{} or pain)"])
def test_errors_stand_at_the_name(name: str, code: str, around: str) -> None:
    text = around.format(name)
    with pytest.raises(QueryError) as raised:
        planned(text)
    error = raised.value
    assert error.code == code
    assert text[error.start : error.end] == f"@{name}"
    assert not error.corrections


def test_saved_queries_do_not_multiply_without_end() -> None:
    growing = {"a0": "norco pain"} | {f"a{k}": f"@a{k - 1} @a{k - 1} @a{k - 1}" for k in range(1, 10)}
    with pytest.raises(QueryError) as raised:
        plan(parse("@a9"), searcher(), text="@a9", today=TODAY, saved=growing)
    assert raised.value.code == "E131"
    assert plan(parse("@a3"), searcher(), text="@a3", today=TODAY, saved=growing).terms == 54


def test_fields_do_not_stand_inside_another() -> None:
    with pytest.raises(QueryError) as raised:
        planned("rationale:(@norco)")
    assert raised.value.code == "E128"
