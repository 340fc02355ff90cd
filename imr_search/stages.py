"""What follows a query's `|`: how its items are arranged, and the one report that may end it. Names are resolved, fields are keys."""

from __future__ import annotations

from imr_search.nodes import Group, SortKey
from imr_search.record import record


@record
class Sort:
    keys: tuple[SortKey, ...]


@record
class Limit:
    n: int


@record
class Show:
    """Columns to print, as JSON keys."""

    columns: tuple[str, ...]


@record
class Unique:
    """One of each group of items whose `field` is nearly the same text; the first in order stays."""

    field: str


@record
class Sample:
    """`n` items drawn by `seed`: the same index, query and seed give the same items."""

    n: int
    seed: int


@record
class Count:
    by: tuple[Group, ...]


@record
class Rate:
    """The share overturned; groups of fewer than `minimum` items go into one line "other"."""

    by: tuple[Group, ...]
    minimum: int = 0


@record
class Trend:
    """Rate by `part` (year, quarter, month) of the decision's date, and by `by` besides."""

    part: str
    by: tuple[Group, ...] = ()


@record
class Top:
    """The `n` commonest combinations of `by`."""

    n: int
    by: tuple[Group, ...]


@record
class Cite:
    """Citations to the letters: `style` is ccc, plain, md or full."""

    style: str


Arrangement = Sort | Limit | Show | Unique | Sample
Ending = Count | Rate | Trend | Top | Cite
Stage = Arrangement | Ending
