"""Reports by aggregations: a table of groups, exact in items and in distinct letters, however many groups there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from imr_search.engines import groups
from imr_search.engines.opensearch.cluster_answers import number
from imr_search.fields import table as fields
from imr_search.model import GroupCounts
from imr_search.plan import And, Group, Node, Not, Range

Ask = Callable[[Node, Callable[[dict[str, Any]], dict[str, Any]]], dict[str, Any]]

_PAGE = 2_000  # groups in one answer
_OUTCOMES = ("overturned", "modified", "upheld")
_TALLY: dict[str, Any] = {
    "letters": {"parent": {"type": "item"}},
    **{outcome: {"filter": {"term": {"k.outcome": outcome}}} for outcome in _OUTCOMES},
}


def rows(ask: Ask, node: Node, by: tuple[Group, ...]) -> Iterator[GroupCounts]:
    """One row for every combination that occurs, in no order; one for all when there is no `by`."""
    if not by:
        found = ask(node, lambda query: {"query": query, "size": 0, "track_total_hits": True, "aggs": _TALLY})
        yield _tally((), found["hits"]["total"]["value"], found["aggregations"])
        return
    for place, group in enumerate(by):
        if group.band and fields()[group.field].many:
            yield from _banded(ask, node, by, place)
            return
    yield from _composite(ask, node, by)


def _banded(ask: Ask, node: Node, by: tuple[Group, ...], place: int) -> Iterator[GroupCounts]:
    """Bands of a field of many numbers, one question each: an aggregation would count an item twice that has two numbers in one band."""
    group = by[place]
    rest = by[:place] + by[place + 1 :]
    found = {
        groups.of_number(int(row.group[0]), group, False)
        for row in _composite(ask, node, (Group(group.field),))
        if row.group[0] is not None
    }
    parts: list[tuple[groups.Key, Node]] = [
        (band, Range(group.field, int(band), int(band) + group.band - 1)) for band in found
    ]
    parts.append((None, Not(Range(group.field, None, None))))
    for band, condition in parts:
        for row in rows(ask, And((node, condition)), rest):
            if row.items:
                key = (*row.group[:place], band, *row.group[place:])
                yield GroupCounts(key, row.items, row.letters, row.overturned, row.modified, row.upheld)


def _composite(ask: Ask, node: Node, by: tuple[Group, ...]) -> Iterator[GroupCounts]:
    sources = [{str(place): _source(group)} for place, group in enumerate(by)]
    after: dict[str, Any] = {}
    while True:
        composite: dict[str, Any] = {"size": _PAGE, "sources": sources} | ({"after": after} if after else {})
        aggregations = {"groups": {"composite": composite, "aggs": _TALLY}}
        found = ask(node, lambda query, a=aggregations: {"query": query, "size": 0, "aggs": a})  # type: ignore[misc]
        buckets = found["aggregations"]["groups"]["buckets"]
        for bucket in buckets:
            key = tuple(_key(bucket["key"][str(place)], group) for place, group in enumerate(by))
            yield _tally(key, bucket["doc_count"], bucket)
        if len(buckets) < _PAGE:
            return
        after = found["aggregations"]["groups"]["after_key"]


def _source(group: Group) -> dict[str, Any]:
    """Where a group's value is read: dates as numbers fall into years and months by their digits; their quarters are stored."""
    if not groups.numeric(group.field):
        return {"terms": {"field": f"k.{group.field}", "missing_bucket": True}}
    width = group.band
    if groups.is_date(group.field):
        if group.part == "quarter":
            return {"terms": {"field": f"q.{group.field}", "missing_bucket": True}}
        width = {"year": 10_000, "month": 100}.get(group.part, 0)
    held = {"field": f"v.{group.field}", "missing_bucket": True}
    return {"histogram": held | {"interval": width}} if width else {"terms": held}


def _key(value: Any, group: Group) -> groups.Key:
    if value is None or not groups.numeric(group.field):
        return None if value is None else str(value)
    number = int(value)
    if groups.is_date(group.field) and group.part == "quarter":
        return f"{number // 10:04}-Q{number % 10}"
    return groups.of_number(number, group, groups.is_date(group.field))


def _tally(key: tuple[groups.Key, ...], items: int, held: dict[str, Any]) -> GroupCounts:
    counts = {outcome: number(held[outcome]["doc_count"]) for outcome in _OUTCOMES}
    return GroupCounts(key, number(items), number(held["letters"]["doc_count"]), **counts)
