"""What to type instead: counts beside corrections, and for a query that finds nothing, clause by clause why, and the best single repair."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from imr_search.errors import Correction, QueryError
from imr_search.model import Notice
from imr_search.nodes import And, Node
from imr_search.record import record

if TYPE_CHECKING:
    from imr_search.query.plan import Plan

BUDGET = 0.2  # seconds that all side counts of one answer share
ALWAYS = 12  # clauses of which the counts are told however long they take

_FIELD = re.compile(r"(?:-|NOT )?\w+:(?=\S)")
_PAGES = re.compile(r"(?<=\w)[\s,]*\b(?:pages?|pgs?|pp?)\b[.:(s) ]*\d[\d\s,-]*(?=\")", re.IGNORECASE)
_PHRASE = re.compile(r'"([^"]* [^"]*)"(?:~\d*)?')

Count = Callable[[Node], int]
Read = Callable[[str], "Plan"]


@record
class Counted:
    """One part of a query: as read, how many items it matches, and how many the query would without it (None: it is the only part)."""

    text: str
    items: int
    without: int | None = None


def clauses(plan: Plan, count: Count) -> list[Counted]:
    """The parts of a plan with their counts; beyond ALWAYS parts only as long as there is time."""
    until = perf_counter() + BUDGET
    found = []
    for k, clause in enumerate(plan.clauses):
        if k >= ALWAYS and perf_counter() > until:
            break
        rest = [other.node for other in (*plan.clauses[:k], *plan.clauses[k + 1 :])]
        found.append(Counted(clause.text, count(clause.node), count(_all(rest)) if rest else None))
    return found


def with_counts(error: QueryError, read: Read, count: Count) -> None:
    """Give each correction of an error its count, as long as there is time; one that cannot be read after all is taken out."""
    until = perf_counter() + BUDGET
    kept = []
    for correction in error.corrections:
        if correction.count is None and perf_counter() < until:
            try:
                correction = Correction(correction.query, count(read(correction.query).node))
            except QueryError:
                continue
        kept.append(correction)
    error.corrections = tuple(kept)


def nothing_found(plan: Plan, read: Read, count: Count) -> Notice:
    """N11: what each part of a query without an answer matches, what the others do without it, and the repair that changes least."""
    counted = clauses(plan, count)
    said = [
        f"{part.text} matches {_items(part.items)}"
        + ("" if part.without is None else f" (without it {part.without:,})")
        for part in counted
    ]
    if len(counted) < len(plan.clauses):
        said.append(f"and {len(plan.clauses) - len(counted)} more parts")
    best = _best(counted, read, count) if len(counted) == len(plan.clauses) else None
    text = "no items: " + "; ".join(said)
    return Notice("N11", text if best is None else f"{text}; try: {best.query} ({_items(best.count or 0)})")


def _best(counted: Sequence[Counted], read: Read, count: Count) -> Correction | None:
    """A part read more loosely if that finds something (it keeps all that was asked), else the part left out that leaves the most."""
    until = perf_counter() + BUDGET
    texts = [part.text for part in counted]
    for k, part in enumerate(counted):
        if part.items and part.without == 0:
            continue  # the others fail without it too
        for looser in _looser(part.text):
            if perf_counter() > until:
                break
            query = _joined([*texts[:k], looser, *texts[k + 1 :]])
            try:
                found = count(read(query).node)
            except QueryError:
                continue
            if found:
                return Correction(query, found)
    droppable = [k for k, part in enumerate(counted) if part.without]
    if not droppable:
        return None
    k = max(droppable, key=lambda k: counted[k].without or 0)
    return Correction(_joined(texts[:k] + texts[k + 1 :]), counted[k].without)


def _looser(text: str) -> Iterator[str]:
    """A condition on a text, a little wider: without its pages, its phrase as words, then in every field."""
    if text.startswith(("-", "NOT ", "(")) or " OR " in text:
        return
    unpaged = _PAGES.sub("", text)
    if unpaged != text:
        yield unpaged
        text = unpaged
    loose = _PHRASE.sub(r"(\1)", text)
    if loose != text:
        yield loose
    field = _FIELD.match(text)
    if field and field[0] in ("treatment:", "title:", "rationale:", "summary:", "guideline:"):
        yield text[field.end() :]
        if loose != text:
            yield loose[field.end() :]


def _joined(texts: Sequence[str]) -> str:
    return " AND ".join(f"({text})" if " OR " in text and not text.startswith("(") else text for text in texts)


def _all(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _items(count: int) -> str:
    return f"{count:,} item{'' if count == 1 else 's'}"
