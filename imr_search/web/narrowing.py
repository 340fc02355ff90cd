"""What the items of an answer are about, field by field: how many, how often overturned, and the condition that a click adds to the query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imr_search.engines import Searcher
from imr_search.fields import DATE, table
from imr_search.plan import And, Group, Node
from imr_search.query.reports import group_text
from imr_search.searching.intervals import wilson
from imr_search.web import refine

SHOWN = 8
UNKNOWN = "not known"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Face:
    """One facet: its heading, what it is grouped by, and what reports call that."""

    title: str
    group: Group
    by: str


def faces() -> list[Face]:
    """The facets that the table of fields declares, in their places; a date's are its years."""
    rows = sorted(
        ((row.facet.place, row.facet.title, row) for row in table() if row.facet is not None), key=lambda held: held[0]
    )
    groups = [(title, Group(row.key, "year" if row.kind == DATE else "")) for _, title, row in rows]
    return [Face(title, group, group_text(group)) for title, group in groups]


@dataclass(frozen=True)
class Choice:
    """One value of a facet. `query` is the search with its condition added, or taken out again where it is `chosen`."""

    label: str
    items: int
    rate: float
    low: float
    high: float
    query: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    title: str
    choices: tuple[Choice, ...]
    more: int
    report: str


def facets(
    searcher: Searcher, node: Node, text: str, clauses: tuple[str, ...], read: Callable[[str], Node]
) -> Iterator[Facet]:
    """Each facet that tells the items apart, one at a time: the page shows the answer before it has counted. `read` makes a condition's node."""
    _, stages = refine.parted(text)
    either = len(clauses) == 1 and refine.alternative(clauses[0])
    for face in faces():
        field = table()[face.group.field]
        rows = searcher.table(node, (face.group,))
        rows.sort(key=lambda row: (row.group[0] is None, -row.items))
        if field.kind == DATE:
            rows.sort(key=lambda row: (row.group[0] is None, -int(str(row.group[0] or 0))))
        if not rows or (len(rows) == 1 and rows[0].group[0] is None):
            continue
        values = [str(row.group[0]) for row in rows if row.group[0] is not None]
        shown = []
        for row in rows[:SHOWN]:
            value = row.group[0]
            condition = refine.clause(face.group, value)
            chosen = condition in clauses
            query = refine.added(text, condition, either)
            if chosen:
                query = refine.without(clauses, clauses.index(condition), stages)
            if value is not None and within_others(str(value), values, field.match):
                row = searcher.table(And((node, read(condition))), ())[0]
            low, high = wilson(row.overturned, row.items)
            label = UNKNOWN if value is None else str(value)
            shown.append(Choice(label, row.items, row.overturned / max(1, row.items), low, high, query, chosen))
        if field.kind != DATE:  # what a click finds may be more than the value's own items
            shown.sort(key=lambda choice: (choice.label == UNKNOWN, -choice.items))
        yield Facet(face.title, tuple(shown), len(rows) - len(shown), refine.reported(text, f"| rate by {face.by}"))


def within_others(value: str, values: list[str], match: str) -> bool:
    """Does a condition on `value` also find other values? "Opioids" stands in "Opioids, dosing" too: what the click finds is then counted."""
    if match == "exact":
        return False
    low = value.casefold()
    if match == "words":
        run = f" {' '.join(_WORD.findall(low))} "
        return any(run in f" {' '.join(_WORD.findall(other.casefold()))} " for other in values if other != value)
    return any(low in other.casefold().split("/") for other in values if other != value)
