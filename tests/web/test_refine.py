"""Queries changed by clicks can be read again, and mean what the click said."""

from __future__ import annotations

import pytest

from imr_search.plan import Group
from imr_search.query.parser import parse
from imr_search.web import refine


@pytest.mark.parametrize(
    ("text", "conditions", "stages"),
    [
        ("a b", "a b", ""),
        ("a b | rate by year | limit 3", "a b", "| rate by year | limit 3"),
        ('"a | b" c | cite', '"a | b" c', "| cite"),
        ("| rate", "", "| rate"),
        ("", "", ""),
    ],
)
def test_a_query_is_parted_at_its_first_bar(text: str, conditions: str, stages: str) -> None:
    assert refine.parted(text) == (conditions, stages)


@pytest.mark.parametrize(
    ("field", "part", "value", "written"),
    [
        ("outcome", "", "upheld", "outcome:upheld"),
        ("section", "", "Drug testing", 'section:"Drug testing"'),
        ("decided", "year", "2015", "decided:2015"),
        ("decided", "quarter", "2015-Q4", "decided:2015-10..2015-12"),
        ("decided", "month", "2015-03", "decided:2015-03"),
        ("drug", "", None, "missing:drug"),
        ("category", "", "rehabilitation/acupuncture", "category:rehabilitation/acupuncture"),
        ("specialty", "", 'a "b" OR c', 'specialty:"a  b  OR c"'),
        ("section", "", "and", 'section:"and"'),
        ("section", "", "x*", 'section:"x*"'),
        ("visits", "", 8, "visits:8"),
    ],
)
def test_a_group_is_a_condition(field: str, part: str, value: str | int | None, written: str) -> None:
    assert refine.clause(Group(field, part), value) == written
    parse(written)


def test_conditions_are_added_and_taken_out() -> None:
    assert refine.added("a b | rate", "outcome:upheld", False) == "a b outcome:upheld | rate"
    assert refine.added("a OR b", "outcome:upheld", True) == "(a OR b) outcome:upheld"
    assert refine.added("*", "outcome:upheld", False) == "outcome:upheld"
    assert refine.without(("a", "b OR c", "d"), 0, "| rate") == "(b OR c) d | rate"
    assert refine.without(("a", "b OR c"), 0, "") == "b OR c"
    assert refine.without(("a",), 0, "") == "*"


@pytest.mark.parametrize(
    ("text", "either"),
    [
        ("a OR b", True),
        ("(a OR b)", False),
        ("t:(a OR b)", False),
        ('"a OR b"', False),
        ("(a) OR (b)", True),
        ("a", False),
    ],
)
def test_alternatives_are_seen(text: str, either: bool) -> None:
    assert refine.alternative(text) is either
