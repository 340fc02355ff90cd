"""What follows a query's `|`: how its items are arranged, and the one report that may end it. Names are resolved, fields are keys."""

from __future__ import annotations

from dataclasses import dataclass

from imr_search.nodes import Group, SortKey


@dataclass(frozen=True, slots=True)
class Sort:
    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    n: int


@dataclass(frozen=True, slots=True)
class Show:
    """Columns to print, as JSON keys."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unique:
    """One of each group of items whose `field` is nearly the same text; the first in order stays."""

    field: str


@dataclass(frozen=True, slots=True)
class Sample:
    """`n` items drawn by `seed`: the same index, query and seed give the same items."""

    n: int
    seed: int


@dataclass(frozen=True, slots=True)
class Count:
    by: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """The share overturned; groups of fewer than `minimum` items go into one line "other"."""

    by: tuple[Group, ...]
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Trend:
    """Rate by `part` (year, quarter, month) of the decision's date, and by `by` besides."""

    part: str
    by: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Top:
    """The `n` commonest combinations of `by`."""

    n: int
    by: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Cite:
    """Citations to the letters: `style` is ccc, plain or md."""

    style: str


Arrangement = Sort | Limit | Show | Unique | Sample
Ending = Count | Rate | Trend | Top | Cite
Stage = Arrangement | Ending
