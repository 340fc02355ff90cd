"""What to type instead: wider conditions, counts within their time, the repair that changes least."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from imr_search import repair
from imr_search.errors import Correction, QueryError
from imr_search.nodes import All, And, Keyword, Node, Words


@pytest.mark.parametrize(
    ("text", "wider"),
    [
        ('treatment:"physical therapy"', ["treatment:(physical therapy)", '"physical therapy"', "(physical therapy)"]),
        (
            'guideline:"chronic pain page 98"',
            ['guideline:"chronic pain"', "guideline:(chronic pain)", '"chronic pain"', "(chronic pain)"],
        ),
        (
            'guideline:"chronic pain, pp. 98-99"',
            ['guideline:"chronic pain"', "guideline:(chronic pain)", '"chronic pain"', "(chronic pain)"],
        ),
        ('guideline:"page 98"', ["guideline:(page 98)", '"page 98"', "(page 98)"]),
        ("treatment:norco", ["norco"]),
        ("outcome:upheld", []),
        ("NOT treatment:norco", []),
        ("(a OR b)", []),
    ],
)
def test_wider_conditions(text: str, wider: list[str]) -> None:
    assert list(repair._looser(text)) == wider


def plan(*texts: str) -> Any:
    clauses = [SimpleNamespace(text=text, node=Keyword("id", (text,))) for text in texts]
    return SimpleNamespace(clauses=clauses, node=And(tuple(clause.node for clause in clauses)))


def counter(held: dict[str, set[int]]) -> repair.Count:
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
    notice = repair.nothing_found(plan("a", "b", "c"), reader, count)
    assert notice.code == "N11"
    assert notice.text == (
        "no items: a matches 3 items (without it 0); b matches 3 items (without it 0); c matches 1 item (without it 2); "
        "try: a AND b (2 items)"
    )


def test_a_wider_reading_goes_before_dropping() -> None:
    count = counter({"treatment:x": set(), "x": {2, 3}, "b": {2, 5}})
    assert repair.nothing_found(plan("treatment:x", "b"), reader, count).text.endswith("; try: x AND b (1 item)")


def test_where_nothing_helps_nothing_is_offered() -> None:
    assert "try" not in repair.nothing_found(plan("a"), reader, counter({})).text
    assert "try" not in repair.nothing_found(plan("a", "b", "c"), reader, counter({"a": {1}})).text


def test_very_many_clauses_take_no_longer_than_they_may() -> None:
    def slow(node: Node) -> int:
        time.sleep(0.02)
        return 0

    began = time.perf_counter()
    notice = repair.nothing_found(plan(*[f"w{k}" for k in range(200)]), reader, slow)
    assert time.perf_counter() - began < 2
    assert "more parts" in notice.text


def test_corrections_get_counts_while_there_is_time() -> None:
    def read(text: str) -> Any:
        if text == "bad":
            raise QueryError("E101", "no", text, 0)
        return SimpleNamespace(node=Words("treatment", (text,)) if text != "all" else All())

    error = QueryError("E107", "x", "q", 0, corrections=tuple(map(Correction, ("all", "bad", "norco"))))
    repair.with_counts(error, read, lambda node: 7 if node == All() else 3)
    assert error.corrections == (Correction("all", 7), Correction("norco", 3))
    late = QueryError("E107", "x", "q", 0, corrections=(Correction("a"), Correction("b"), Correction("known", 5)))

    def slow(node: Node) -> int:
        time.sleep(repair.BUDGET + 0.05)
        return 1

    repair.with_counts(late, read, slow)
    assert late.corrections == (Correction("a", 1), Correction("b"), Correction("known", 5))
