"""`stats`: what the numbers of a field are. Made of a table by value, so that every engine gives the same without reading an item."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from imr_search.engines import groups
from imr_search.fields import table
from imr_search.model import GroupCounts, Notice
from imr_search.searching.intervals import quantile

Row = tuple[str | int | float | None, ...]


def of_values(found: Sequence[GroupCounts], field: str, whole: GroupCounts) -> tuple[list[Row], tuple[Notice, ...]]:
    """One row a group, of a table whose last grouping is the value: n, mean, median, quartiles, least and most; and N15 for the items that have no
    value. A field of several numbers (pages) counts each number of an item."""
    ordered = sorted(found, key=lambda row: groups.last(row.group))
    rows = [
        ((*(group or ("all",)), *_stats(list(held))))
        for group, held in groupby(ordered, key=lambda row: row.group[:-1])
    ]
    unknown = _unknown(found, field, whole)
    said: tuple[Notice, ...] = ()
    if unknown:
        said = (Notice("N15", f"{table()[field].key} unknown in {unknown:,} item{'s' * (unknown != 1)}, left out"),)
    return rows, said


def _stats(held: Sequence[GroupCounts]) -> Row:
    counted = [(value, row.items) for row in held if isinstance(value := row.group[-1], int)]
    n = sum(times for _, times in counted)
    if not n:
        return (0, None, None, None, None, None, None)
    mean = sum(value * times for value, times in counted) / n
    median, first, third = (quantile(counted, part) for part in (0.5, 0.25, 0.75))
    return (n, mean, median, first, third, counted[0][0], counted[-1][0])


def _unknown(found: Sequence[GroupCounts], field: str, whole: GroupCounts) -> int:
    """How many items have no value. Where items may stand in several groups or have several values, rows cannot be added up to that."""
    if not found:
        return whole.items
    return sum(row.items for row in found if row.group[-1] is None)
