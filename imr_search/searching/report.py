"""How often, by whom, since when, on which page: tables over every matching item, each share with its n and its interval.

Rows come from an engine's `table` (`run`) or from items handed in one by one (`over`, for a sample or one of each rationale); both roads meet
in `_build`, so that they cannot differ. Shares are between 0 and 1, None where there is nothing to divide by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from imr_search.engines import Searcher, groups
from imr_search.fields import DATE, NUMBER, table
from imr_search.model import GroupCounts, Item, Notice, Report
from imr_search.plan import All, And, Cite, Count, Ending, Group, Keyword, Node, Not, Or, Range, Rate, Top, Trend
from imr_search.searching import cite_styles
from imr_search.searching.grouping import Tallies, Value
from imr_search.searching.intervals import wilson

OTHER = "other"
ALL = "all"
PERIODS = 1_200  # months of a century: a letter dated 0215 must not draw 20,000 gaps
CELLS = 20_000

_RATE = ("items", "letters", "overturned", "modified", "upheld", "rate", "low", "high")

Cell = str | int | float | None
Rows = Callable[[tuple[Group, ...]], list[GroupCounts]]
Rest = Callable[[Sequence[GroupCounts], Sequence[GroupCounts], tuple[Group, ...]], GroupCounts]


def run(searcher: Searcher, node: Node, stage: Ending, letters: bool = True) -> tuple[Report, tuple[Notice, ...]]:
    """The report over every item that matches `node`, and what must be said about it; without `letters` theirs are not counted. `Cite` needs items:
    see `over`."""

    def rest(small: Sequence[GroupCounts], large: Sequence[GroupCounts], by: tuple[Group, ...]) -> GroupCounts:
        return searcher.table(And((node, _among(small, large, by))), (), letters)[0]

    return _build(stage, lambda by: searcher.table(node, by, letters), rest)


def over(items: Iterable[Item], stage: Ending) -> tuple[Report, tuple[Notice, ...], GroupCounts]:
    """The report over these items, what must be said about it, and all of them as one row. Each is read once."""
    if isinstance(stage, Cite):
        lines = []
        whole = Tallies(())
        for item in items:
            whole.add(item)
            lines.append((item.id, cite_styles.cite(item, stage.style)))
        return Report("cite", ("id", "citation"), tuple(lines)), (), whole.merged()
    by = grouped(stage)
    tallies = Tallies(by)
    for item in items:
        tallies.add(item)
    made, said = _build(stage, lambda _: tallies.rows(), lambda small, *_: tallies.merged(row.group for row in small))
    return made, said, tallies.merged()


def tally(items: Iterable[Item]) -> GroupCounts:
    """All of `items` as one row."""
    tallies = Tallies(())
    for item in items:
        tallies.add(item)
    return tallies.merged()


def grouped(stage: Count | Rate | Trend | Top) -> tuple[Group, ...]:
    """What a report's table is by: a trend's periods come first."""
    return (Group("decided", stage.part), *stage.by) if isinstance(stage, Trend) else stage.by


def _build(stage: Ending, rows: Rows, rest: Rest) -> tuple[Report, tuple[Notice, ...]]:
    if isinstance(stage, Cite):
        raise TypeError("citations are made of items, not of a table: use over()")
    by = grouped(stage)
    found = rows(by)
    match stage:
        case Count():
            cells = tuple((*_group(row), row.items, row.letters) for row in found)
            return Report("count", (*columns(by), "items", "letters"), cells), ()
        case Rate(_, minimum):
            shown = _with_other(found, minimum, by, rest)
            return Report("rate", (*columns(by), *_RATE), tuple(map(_rated, shown))), ()
        case Trend(part):
            return Report("trend", (*columns(by), *_RATE), tuple(map(_rated, _filled(found, part)))), ()
        case Top(n):
            return _top(found, n, by)


def columns(by: tuple[Group, ...]) -> tuple[str, ...]:
    """The names of the group columns: "group" for one (or none, then of the single row "all"), else each field's JSON key or its part of the date."""
    if len(by) < 2:
        return ("group",)
    names: list[str] = []
    for group in by:
        name = table()[group.field].json
        if group.part:
            name = group.part if group.field == "decided" else f"{name} {group.part}"
        names.append(name if name not in names else f"{name} {len(names) + 1}")
    return tuple(names)


def _group(row: GroupCounts) -> tuple[Value, ...]:
    return row.group or (ALL,)


def _rated(row: GroupCounts) -> tuple[Cell, ...]:
    counts = (*_group(row), row.items, row.letters, row.overturned, row.modified, row.upheld)
    if row.items == 0:
        return (*counts, None, None, None)
    low, high = wilson(row.overturned, row.items)
    return (*counts, share(row), round(low, 4), round(high, 4))


def share(row: GroupCounts) -> float | None:
    """The share overturned, to four places."""
    return round(row.overturned / row.items, 4) if row.items else None


# Small groups into one line.


def _with_other(found: list[GroupCounts], minimum: int, by: tuple[Group, ...], rest: Rest) -> list[GroupCounts]:
    """The groups of at least `minimum` items, and the items of all smaller ones, each counted once, as the last row."""
    small = [row for row in found if row.items < minimum]
    if not by or not small:
        return found
    large = [row for row in found if row.items >= minimum]
    other = small[0] if len(small) == 1 else rest(small, large, by)
    return [*large, msgspec.structs.replace(other, group=(OTHER,) * len(by))]


def _among(small: Sequence[GroupCounts], large: Sequence[GroupCounts], by: tuple[Group, ...]) -> Node:
    """The items that stand in a small group. Where each item stands in one group only, they are those that stand in no large one."""
    if any(table()[group.field].many for group in by):
        return _any(small, by)
    return Not(_any(large, by)) if large else All()


def _any(rows: Sequence[GroupCounts], by: tuple[Group, ...]) -> Node:
    """The items that stand in one of these groups."""
    if len(by) == 1 and table()[by[0].field].valued:
        named = tuple(str(row.group[0]) for row in rows if row.group[0] is not None)
        nodes: list[Node] = [Keyword(by[0].field, named)] if named else []
        if len(named) < len(rows):
            nodes.append(_in(by[0], None))
    else:
        nodes = [_all([_in(group, value) for group, value in zip(by, row.group, strict=True)]) for row in rows]
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _all(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _in(group: Group, value: Value) -> Node:
    """The items that stand in the group `value`."""
    field = table()[group.field]
    if value is None:
        return Not(Keyword("has", (field.key,)))
    if field.kind == DATE:
        low, high = _days(str(value))
        return Range(field.key, low, high)
    if field.kind == NUMBER and isinstance(value, int):
        return Range(field.key, value, value + max(group.band, 1) - 1)
    return Keyword(field.key, (str(value),))


def _days(period: str) -> tuple[int, int]:
    """The first and last day of a period, as numbers: "2015-Q1" is 20150101, 20150399."""
    year = int(period[:4]) * 10_000
    if len(period) == 4:
        return year, year + 9_999
    if period[5] == "Q":
        first = 3 * int(period[6]) - 2
        return year + 100 * first, year + 100 * (first + 2) + 99
    month = year + 100 * int(period[5:7])
    return (month, month + 99) if len(period) == 7 else (month + int(period[8:]), month + int(period[8:]))


# Periods.


def _filled(found: list[GroupCounts], part: str) -> list[GroupCounts]:
    """The rows with an empty one for each period between the first and the last in which nothing was decided, so that a gap is drawn as a gap:
    for each series when there are several, as long as that stays below CELLS rows."""
    dated = [str(row.group[0]) for row in found if row.group[0] is not None]
    if not dated:
        return found
    spell = periods(min(dated), max(dated), part)
    series = {row.group[1:] for row in found}
    if len(spell) > PERIODS or len(spell) * len(series) > CELLS:
        return found
    present = {row.group for row in found}
    empty = [
        GroupCounts((period, *rest), 0, 0, 0, 0, 0)
        for period in spell
        for rest in series
        if (period, *rest) not in present
    ]
    return sorted([*found, *empty], key=lambda row: groups.last(row.group))


def periods(first: str, last: str, part: str) -> list[str]:
    """All periods from `first` to `last`; more than PERIODS are cut there."""
    step = {"year": 1, "quarter": 4, "month": 12}[part]

    def number(period: str) -> int:
        inner = period[5:].lstrip("Q")
        return int(period[:4]) * step + (int(inner) - 1 if inner else 0)

    def name(k: int) -> str:
        year, inner = divmod(k, step)
        return f"{year:04}" + {"year": "", "quarter": f"-Q{inner + 1}", "month": f"-{inner + 1:02}"}[part]

    begin = number(first)
    return [name(k) for k in range(begin, min(number(last), begin + PERIODS) + 1)]


# The commonest.


def _top(found: list[GroupCounts], n: int, by: tuple[Group, ...]) -> tuple[Report, tuple[Notice, ...]]:
    known = [row for row in found if None not in row.group]
    known.sort(key=lambda row: (-row.items, groups.last(row.group)))
    rows = tuple((*_group(row), row.items, row.letters, row.overturned, share(row)) for row in known[:n])
    names = ("value",) if len(by) < 2 else columns(by)
    without = [row for row in found if None in row.group]
    notices: tuple[Notice, ...] = ()
    if without and len(by) == 1:
        n_out = without[0].items
        notices = (Notice("N15", f"{_named(by[0])} unknown in {n_out:,} item{'s' * (n_out != 1)}, left out"),)
    elif without:
        notices = (Notice("N15", f"items with {' or '.join(map(_named, by))} unknown are left out"),)
    return Report("top", (*names, "items", "letters", "overturned", "rate"), rows), notices


def _named(group: Group) -> str:
    """What a group is by, in a sentence."""
    return "guideline" if group.field == "cited" else group.part or group.field
