"""What to type instead: wider conditions, counts within their time, the repair that changes least."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from imr_search.errors import Correction, QueryError
from imr_search.plan import All, And, Group, Keyword, Node, Rate, Words
from imr_search.query.parser import parse
from imr_search.searching import suggestions


@pytest.mark.parametrize(
    ("text", "wider"),
    [
        (
            'treatment:"physical therapy"',
            ["treatment:(physical AND therapy)", '"physical therapy"', "physical AND therapy"],
        ),
        (
            'guideline:"chronic pain page 98"',
            ['guideline:"chronic pain"', "guideline:(chronic AND pain)", '"chronic pain"', "chronic AND pain"],
        ),
        (
            'guideline:"chronic pain, pp. 98-99"',
            ['guideline:"chronic pain"', "guideline:(chronic AND pain)", '"chronic pain"', "chronic AND pain"],
        ),
        ('guideline:"page 98"', ["guideline:(page AND 98)", '"page 98"', "page AND 98"]),
        ("treatment:norco", ["norco"]),
        ("outcome:upheld", []),
        ("treatment:norco?", ["norco?"]),
        ("necessary?", ["necessary"]),
        ('"pain or relief"', ['pain AND "or" AND relief']),
        ("treatment:(a OR b)", ["a OR b"]),
        ("NOT treatment:norco", []),
        ("(a OR b)", []),
    ],
)
def test_wider_conditions(text: str, wider: list[str]) -> None:
    assert list(suggestions._looser(text)) == wider


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["(a AND b) OR (c AND d)", "e"], "((a AND b) OR (c AND d)) AND e"),
        (['"this OR that"', "x"], '"this OR that" AND x'),
        (["a OR b", "NOT c"], "(a OR b) AND NOT c"),
    ],
)
def test_parts_are_joined_so_that_none_flows_into_its_neighbour(parts: list[str], whole: str) -> None:
    assert suggestions.joined(parts) == whole
    assert list(map(str, parse(whole).expression.nodes)) == parts  # type: ignore[union-attr]


def plan(*texts: str, nearest: tuple[tuple[str, str], ...] = (), stages: tuple[Any, ...] = ()) -> Any:
    clauses = [SimpleNamespace(text=text, node=Keyword("id", (text,))) for text in texts]
    node = And(tuple(clause.node for clause in clauses))
    return SimpleNamespace(clauses=clauses, node=node, nearest=nearest, stages=stages)


def counter(held: dict[str, set[int]]) -> suggestions.Count:
    """Counts nodes made of keywords whose items are given."""

    def items(node: Node) -> set[int]:
        match node:
            case And(nodes):
                return set.intersection(*map(items, nodes))
            case Keyword(_, (name,)):
                return held.get(name, set())
            case _:
                return set()

    return lambda node: len(items(node))


def reader(text: str) -> Any:
    names = text.split(" AND ")
    return SimpleNamespace(node=And(tuple(Keyword("id", (name,)) for name in names)))


def test_the_clause_whose_absence_leaves_most_is_dropped() -> None:
    count = counter({"a": {1, 2, 3}, "b": {2, 3, 4}, "c": {9}})
    notice = suggestions.nothing_found(plan("a", "b", "c"), reader, count)
    assert notice.code == "N11"
    assert notice.text == (
        "no items: a alone finds 3 items, the rest of the query 0; b alone finds 3 items, the rest of the query 0; "
        "c alone finds 1 item, the rest of the query 2; try: a AND b (2 items)"
    )


def test_a_wider_reading_goes_before_dropping() -> None:
    count = counter({"treatment:x": set(), "x": {2, 3}, "b": {2, 5}})
    assert suggestions.nothing_found(plan("treatment:x", "b"), reader, count).text.endswith("; try: x AND b (1 item)")


def test_the_spelling_is_put_right_first() -> None:
    count = counter({"acupuncture": {1, 2}, "treatment:acupuncture": {2}, "b": {2, 3}})
    near = (("acupuncutre", "acupuncture"),)
    alone = suggestions.nothing_found(plan("acupuncutre", nearest=near), reader, count)
    assert alone.text == "no items: acupuncutre finds 0 items; try: acupuncture (2 items)"
    beside = suggestions.nothing_found(plan("treatment:Acupuncutre", "b", nearest=near), reader, count)
    assert beside.text.endswith("; try: treatment:acupuncture AND b (1 item)")


def test_a_name_of_a_field_is_never_respelt() -> None:
    assert suggestions._respelt('drug:drug "a drug"', {"drug": "drum"}) == 'drug:drum AND "a drum"'


def test_a_value_without_its_field_gets_it() -> None:
    count = counter({"case:CM16-0219557": {4}, "outcome:upheld": {4, 5}, "b": {4}})
    assert suggestions.nothing_found(plan("cm16-0219557"), reader, count).text.endswith(
        "; try: case:CM16-0219557 (1 item)"
    )
    assert suggestions.nothing_found(plan("Upheld", "b"), reader, count).text.endswith(
        "; try: outcome:upheld AND b (1 item)"
    )


def test_of_a_pasted_citation_the_case_is_left() -> None:
    count = counter({"case:CM16-0219557": {4}, "IMR": {1, 2}, "Item": {1}})
    notice = suggestions.nothing_found(plan("IMR", "Item", "CM16-0219557"), reader, count)
    assert notice.text.endswith("; try: case:CM16-0219557 (1 item)")


def test_a_question_mark_at_the_end_was_no_wildcard() -> None:
    count = counter({"norco": {1}, "necessary": {1, 2}})
    assert suggestions.nothing_found(plan("norco", "necessary?"), reader, count).text.endswith(
        "; try: norco AND necessary (1 item)"
    )


def test_a_repair_keeps_the_report() -> None:
    report = Rate((Group("category"),), 0)
    notice = suggestions.nothing_found(plan("a", "b", stages=(report,)), reader, counter({"a": {1}}))
    assert notice.text.endswith("; try: a | rate by category (1 item)")


def test_where_nothing_helps_nothing_is_offered() -> None:
    assert "try" not in suggestions.nothing_found(plan("a"), reader, counter({})).text
    assert "try" not in suggestions.nothing_found(plan("a", "b", "c"), reader, counter({"a": {1}})).text


def test_very_many_clauses_take_no_longer_than_they_may() -> None:
    def slow(node: Node) -> int:
        time.sleep(0.02)
        return 0

    began = time.perf_counter()
    notice = suggestions.nothing_found(plan(*[f"w{k}" for k in range(200)]), reader, slow)
    assert time.perf_counter() - began < 2
    assert "more parts" in notice.text


def test_corrections_get_counts_while_there_is_time() -> None:
    def read(text: str) -> Any:
        if text == "bad":
            raise QueryError("E101", "no", text, 0)
        return SimpleNamespace(node=Words("treatment", (text,)) if text != "all" else All())

    error = QueryError("E107", "x", "q", 0, corrections=tuple(map(Correction, ("all", "bad", "norco"))))
    suggestions.with_counts(error, read, lambda node: 7 if node == All() else 3)
    assert error.corrections == (Correction("all", 7), Correction("norco", 3))
    late = QueryError("E107", "x", "q", 0, corrections=tuple(map(Correction, ("a", "b", "bad"))))

    def slow(node: Node) -> int:
        time.sleep(suggestions.BUDGET + 0.05)
        return 1

    suggestions.with_counts(late, read, slow)
    assert late.corrections == (
        Correction("a", 1),
        Correction("b"),
    )  # uncounted, but read: what cannot be read is never offered


@pytest.mark.parametrize(
    ("text", "nearest", "better"),
    [
        ("specialty:orthopedics", {"orthopedics": "orthopedic surgery"}, 'specialty:"orthopedic surgery"'),
        (
            'specialty:"orthopedic surgry"',
            {"orthopedic surgry": "orthopedic surgery"},
            'specialty:"orthopedic surgery"',
        ),
        ("specialty:pain,orthopedics", {"orthopedics": "orthopedic surgery"}, 'specialty:pain,"orthopedic surgery"'),
        ("treatment:acupuncutre", {"acupuncutre": "acupuncture"}, "treatment:acupuncture"),
        ('treatment:"lumbar acupuncutre"', {"acupuncutre": "acupuncture"}, 'treatment:"lumbar acupuncture"'),
        ("(acupuncutre OR mri)", {"acupuncutre": "acupuncture"}, "acupuncture OR mri"),
        ("treatmen /5 mri", {"treatmen": "treatment"}, "treatment /5 mri"),
        ("NOT rationale:(acupuncutre AND mri)", {"acupuncutre": "acupuncture"}, "NOT rationale:(acupuncture AND mri)"),
        ("case:norco", {"case": "care"}, "case:norco"),
        ("mri", {"acupuncutre": "acupuncture"}, "mri"),
    ],
)
def test_what_is_misspelt_is_put_right_in_the_tree(text: str, nearest: dict[str, str], better: str) -> None:
    assert suggestions._respelt(text, nearest) == better
