"""Groups of items counted by Tantivy's aggregations, letters exactly.

Its own count of distinct values is an estimate, so letters are counted from how many items lie in letters with at least m of them: with D(m) such
items, D(m) - D(m+1) lie in letters with exactly m, which are (D(m) - D(m+1)) / m letters. D(m) is asked over a column that only the items of letters
of at least m items have; and where there are few groups, in parts of so many letters that their numbers stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from math import prod
from typing import TYPE_CHECKING, Any

from imr_search.engines import groups
from imr_search.engines.groups import Key
from imr_search.engines.tantivy import schema
from imr_search.engines.tantivy.query_compiler import Compiler
from imr_search.errors import UsageError
from imr_search.fields import table as table_of
from imr_search.model import GroupCounts
from imr_search.plan import Group

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query

_MOST = 65_000  # buckets that Tantivy gives at once
_FIRST = 5  # thresholds up to it are always asked for; the others only if some letter reaches it
_LISTED = 2_000  # items whose letters are listed rather than counted
_PART = 8_192  # letters counted at a time
_FEW = 100  # groups up to which that is worth it
_ALL = 2**31


def _letters(held: Sequence[int]) -> int:
    """`held[m - 1]`: how many items lie in letters with at least m of them."""
    above = [*held[1:], 0]
    return round(sum((more - fewer) / m for m, (more, fewer) in enumerate(zip(held, above, strict=True), 1)))


def count(searcher: tantivy.Searcher, query: Query) -> int:
    """How many items match: ordered by a column, so that nothing is scored."""
    found: Any = searcher.search(query, 1, True, schema.ORDER)
    return int(found.count)


def table(
    searcher: tantivy.Searcher,
    compiler: Compiler,
    query: Query,
    by: tuple[Group, ...],
    most: int,
    check: Callable[[], None],
) -> list[GroupCounts]:
    """One row for each group that occurs; with no `by` always one. `most`: the most items of a letter; 0 for no count of letters. `check` is called
    between rows: it ends a table that takes too long."""
    if not by and most:
        found = _asked(searcher, query, (), range(0))
        items = int(found["doc_count"])
        if items <= _LISTED:
            numbers = searcher.search(query, max(items, 1), False, schema.NUMBER_OF_LETTER).hits
            counts = _row(found, 0, None)[2:]
            return [GroupCounts((), items, len({number for number, _ in numbers}) if items else 0, *counts)]
    rows: list[GroupCounts] = []
    for missing in (chosen for size in range(len(by) + 1) for chosen in combinations(range(len(by)), size)):
        check()
        part = query
        for at in missing:
            part = compiler.without(part, compiler.exists(_column(by[at])))
        kept = [group for at, group in enumerate(by) if at not in missing]
        for key, row in _counted(searcher, compiler, part, kept, most):
            check()
            if by and not row[0]:
                continue
            keys = iter(key)
            rows.append(GroupCounts((*(None if at in missing else next(keys) for at in range(len(by))),), *row))
    return sorted(rows, key=lambda row: groups.last(row.group)) if by else rows


Row = tuple[int, int | None, int, int, int]  # items, letters, overturned, modified, upheld


def _counted(
    searcher: tantivy.Searcher, compiler: Compiler, query: Query, by: Sequence[Group], most: int
) -> Iterator[tuple[tuple[Key, ...], Row]]:
    """Rows of the items that have a value in every group."""
    top = min(_FIRST, most)
    try:
        found = _asked(searcher, query, by, range(2, top + 1))
        if 1 < top < most and any(_at_least(leaf, top) for _, leaf in _leaves(found, by)):
            found, top = _asked(searcher, query, by, range(2, most + 1)), most
    except _TooManyError:
        if not by:
            raise
        yield from _one_by_one(searcher, compiler, query, by, most)
        return
    for key, leaf in _leaves(found, by):
        outcome = next((part for part, group in zip(key, by, strict=True) if group.field == "outcome"), None)
        yield key, _row(leaf, top, outcome)


class _TooManyError(Exception):
    """More groups than Tantivy gives at once."""


def _asked(searcher: tantivy.Searcher, query: Query, by: Sequence[Group], thresholds: range) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if not any(group.field == "outcome" for group in by):
        asked["outcome"] = {"terms": {"field": schema.VALUES + "outcome", "size": 10}}
    if not by:
        asked["items"] = {"value_count": {"field": schema.ITEM}}
    asked |= _thresholds(thresholds, few(by))
    for group in reversed(by):
        asked = {"group": _aggregation(group) | {"aggs": asked}}
    try:
        found: dict[str, Any] = searcher.aggregate(query, asked)
    except ValueError as error:
        if "limit" in str(error).lower():
            raise _TooManyError from error
        raise
    if not by:
        found["doc_count"] = found["items"]["value"]
    return found


def _thresholds(thresholds: Iterable[int], in_parts: bool) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for m in thresholds:
        terms = {"field": schema.letter_of(m), "size": 1, "segment_size": _ALL, "min_doc_count": m}
        asked[f"l{m}"] = {"terms": terms}
    if not in_parts or not asked:
        return asked
    return {"part": {"histogram": {"field": schema.letter_of(2), "interval": _PART, "min_doc_count": 1}, "aggs": asked}}


def _at_least(leaf: dict[str, Any], m: int) -> int:
    """How many items lie in the letters of a threshold."""
    found = [part[f"l{m}"] for part in leaf["part"]["buckets"]] if "part" in leaf else [leaf[f"l{m}"]]
    return sum(
        int(one["sum_other_doc_count"]) + sum(int(held["doc_count"]) for held in one["buckets"]) for one in found
    )


def few(by: Sequence[Group]) -> bool:
    """Are there few groups, whatever the query?"""
    sizes = (len(table_of()[group.field].values) or (20 if group.part == "year" else _FEW + 1) for group in by)
    return prod(sizes) <= _FEW


def _aggregation(group: Group) -> dict[str, Any]:
    column = _column(group)
    if groups.numeric(group.field):
        interval = {"year": 10_000, "month": 100}.get(group.part, group.band or 0)
        if interval > 1:
            return {"histogram": {"field": column, "interval": interval, "min_doc_count": 1}}
    return {"terms": {"field": column, "size": _MOST, "segment_size": _MOST}}


def _column(group: Group) -> str:
    if not groups.numeric(group.field):
        return schema.VALUES + group.field
    return (schema.QUARTERS if group.part == "quarter" else schema.NUMBERS) + group.field


def _leaves(found: dict[str, Any], by: Sequence[Group]) -> Iterator[tuple[tuple[Key, ...], dict[str, Any]]]:
    if not by:
        yield (), found
        return
    if found["group"].get("sum_other_doc_count"):
        raise _TooManyError
    for bucket in found["group"]["buckets"]:
        key = _key(bucket["key"], by[0])
        for keys, leaf in _leaves(bucket, by[1:]):
            yield (key, *keys), leaf


def _key(key: Any, group: Group) -> Key:
    if not groups.numeric(group.field):
        return str(key)
    number = int(key)
    if group.part == "quarter":
        return f"{number // 10:04}-Q{number % 10}"
    return groups.of_number(number, group, groups.is_date(group.field))


def _row(leaf: dict[str, Any], top: int, outcome: Key) -> Row:
    """`outcome` is that of the whole group, if it has one."""
    items = int(leaf["doc_count"])
    counted = _letters([items, *(_at_least(leaf, m) for m in range(2, top + 1))]) if top else None
    outcomes = {outcome: items}
    if outcome is None:
        outcomes = {bucket["key"]: int(bucket["doc_count"]) for bucket in leaf["outcome"]["buckets"]}
    return items, counted, outcomes.get("overturned", 0), outcomes.get("modified", 0), outcomes.get("upheld", 0)


def _buckets(searcher: tantivy.Searcher, query: Query, column: str) -> list[dict[str, Any]]:
    """The values of a column of numbers, every one of an item's own; they are fewer than a table's groups."""
    terms = {"field": column, "size": _MOST, "segment_size": _MOST}
    found: dict[str, Any] = searcher.aggregate(query, {"v": {"terms": terms}})["v"]
    if found["sum_other_doc_count"]:
        raise UsageError(f"more than {_MOST:,} groups by one number: group it in bands, or narrow the query")
    buckets: list[dict[str, Any]] = found["buckets"]
    return buckets


def _one_by_one(
    searcher: tantivy.Searcher, compiler: Compiler, query: Query, by: Sequence[Group], most: int
) -> Iterator[tuple[tuple[Key, ...], Row]]:
    """The same, one value of the first group at a time."""
    column = _column(by[0])
    values: Sequence[Any]
    if groups.numeric(by[0].field):
        values = sorted(int(bucket["key"]) for bucket in _buckets(searcher, query, column))
    else:
        values = sorted(value for value, _ in searcher.terms_with_prefix(column, "", query))
    ranges: dict[Key, list[Any]] = {}
    for value in values:
        ranges.setdefault(_key(value, by[0]), []).append(value)
    for key, among in ranges.items():
        if groups.numeric(by[0].field):
            part = compiler.both(query, compiler.number(column, among[0], among[-1]))
        else:
            part = compiler.both(query, compiler.value(column, among))
        for keys, row in _counted(searcher, compiler, part, by[1:], most):
            if row[0]:
                yield (key, *keys), row
