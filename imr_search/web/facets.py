"""What the items of an answer are about, field by field: how many, how often overturned, and the condition that a click adds to the query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imr_search.engines import Searcher
from imr_search.fields import table
from imr_search.plan import Group, Node
from imr_search.searching.report import wilson
from imr_search.web import refine

SHOWN = 8


@dataclass(frozen=True)
class Face:
    """One facet: its heading, what it is grouped by, and what reports call that."""

    title: str
    group: Group
    by: str


FACETS = tuple(
    Face(title, Group(field, part), by)
    for title, field, part, by in (
        ("Outcome", "outcome", "", "outcome"),
        ("Main reason", "main_reason", "", "main_reason"),
        ("Treatment category", "category", "", "category"),
        ("Drug", "drug", "", "drug"),
        ("Body part", "body", "", "body"),
        ("Guideline source", "source", "", "source"),
        ("Guideline section", "section", "", "section"),
        ("Reviewer's specialty", "specialty", "", "specialty"),
        ("Year decided", "decided", "year", "year"),
    )
)


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


def facets(searcher: Searcher, node: Node, text: str, clauses: tuple[str, ...]) -> Iterator[Facet]:
    """Each facet that tells the items apart, one at a time: the page shows the answer before it has counted."""
    _, stages = refine.parted(text)
    either = len(clauses) == 1 and refine.alternative(clauses[0])
    for face in FACETS:
        if table().get(face.group.field) is None:
            continue
        rows = searcher.table(node, (face.group,))
        newest = face.by == "year"
        rows.sort(key=lambda row: (row.group[0] is None, -row.items))
        if newest:
            rows.sort(key=lambda row: (row.group[0] is None, -int(str(row.group[0] or 0))))
        shown = []
        for row in rows[:SHOWN]:
            condition = refine.clause(face.group, row.group[0])
            chosen = condition in clauses
            low, high = wilson(row.overturned, row.items)
            query = (
                refine.without(clauses, clauses.index(condition), stages)
                if chosen
                else refine.added(text, condition, either)
            )
            label = "not known" if row.group[0] is None else str(row.group[0])
            shown.append(Choice(label, row.items, row.overturned / max(1, row.items), low, high, query, chosen))
        if shown and not (len(rows) == 1 and rows[0].group[0] is None):
            report = refine.reported(text, f"| rate by {face.by}")
            yield Facet(face.title, tuple(shown), len(rows) - len(shown), report)
