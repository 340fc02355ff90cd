"""How often, by whom, since when, on which page: tables over every matching item, each share with its n and its interval.

Rows come from an engine's `table` (`run`) or from items handed in one by one (`over`, for a sample or one of each rationale); both paths meet
in `_build`, so that they cannot differ. Shares are between 0 and 1, None where there is nothing to divide by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from itertools import product
from typing import Any

import msgspec

from imr_search import documents, stages
from imr_search.engines import Searcher, groups
from imr_search.fields import DATE, NUMBER, table
from imr_search.model import Cell, GroupCounts, Item, Notice, Report, Row
from imr_search.plan import (
    All,
    And,
    Cite,
    Compare,
    Count,
    Group,
    Keyword,
    KeywordPrefix,
    LimitRows,
    Node,
    Not,
    Or,
    Range,
    Rate,
    ReportStage,
    SortRows,
    Stage,
    Stats,
    Top,
    Trend,
    all_of,
)
from imr_search.query.reports import group_text, report_columns, report_groups
from imr_search.searching import cite_styles, statistics
from imr_search.searching.intervals import rated
from imr_search.stages import RATED

OTHER = "other"
ALL = "all"
PERIODS = 1_200  # months of a century: a letter dated 0215 must not draw 20,000 gaps
CELLS = 20_000
ROWS = 10_000  # of a table of several groups at once
FEW = 10  # letters below which a rate says little when items share them
NAMED = 3  # groups named in a notice

Rows = Callable[[tuple[Group, ...]], list[GroupCounts]]
Rest = Callable[[Sequence[GroupCounts], Sequence[GroupCounts], tuple[Group, ...]], GroupCounts]


def run(
    searcher: Searcher,
    node: Node,
    stage: ReportStage,
    whole: GroupCounts | None = None,
    asked: str = "",
    letters: bool = True,
) -> tuple[Report, tuple[Notice, ...]]:
    """The report over every item that matches `node`, and what must be said about it. `whole` is all these items as one row, where that is known;
    `asked` the query as read, for a comparison to name its group by; without `letters` theirs are not counted. `Cite` needs items: see `over`."""

    def rest(small: Sequence[GroupCounts], large: Sequence[GroupCounts], by: tuple[Group, ...]) -> GroupCounts:
        return searcher.table(And((node, _among(small, large, by))), (), letters)[0]

    if isinstance(stage, Compare):
        return statistics.compared(searcher, asked, node, stage, letters)
    whole = whole or searcher.table(node, (), letters)[0]
    return _build(stage, lambda by: _table(searcher, node, by, letters), rest, whole)


def of_rows(stage: Count | Rate, rows: Sequence[GroupCounts], whole: GroupCounts) -> Report:
    """The report without groups, with these rows in the place of its one."""
    columns = report_columns(stage)
    cells = [(*_group(row), *_measured(row, columns, whole)) for row in rows]
    return Report.of(stages.row_of(stage).name, columns, cells)


def over(items: Iterable[Item], stage: ReportStage) -> tuple[Report, tuple[Notice, ...], GroupCounts]:
    """The report over these items, what must be said about it, and all of them as one row. Each is read once."""
    if isinstance(stage, Cite):
        lines = []
        counted = Tallies(())
        for item in items:
            counted.add(item)
            lines.append((item.id, cite_styles.cite(item, stage.style)))
        return Report.of("cite", report_columns(stage), lines), (), counted.merged()
    tallies = Tallies(_by(stage))
    for item in items:
        tallies.add(item)
    whole = tallies.merged()
    made = _build(stage, tallies.rows, lambda small, *_: tallies.merged(row.group for row in small), whole)
    return *made, whole


def arranged(made: Report, stages: Iterable[Stage]) -> Report:
    """The report with its rows sorted and cut by the stages behind it. What has no value is last in either direction; so is the line that
    gathers small groups, and what a comparison says of its two groups stays below them."""
    rows, fixed = list(made.shown), []
    width = next((at for at, name in enumerate(made.columns) if name in ("items", "n")), len(made.columns))
    if made.kind == "compare":
        rows, fixed = rows[:2], rows[2:]
    elif made.kind == "rate" and rows and rows[-1][:width] == (OTHER,) * width:
        rows, fixed = rows[:-1], rows[-1:]
    for stage in stages:
        if isinstance(stage, SortRows):
            for key in reversed(stage.keys):
                rows = _sorted(rows, made.columns.index(key.field), key.descending)
        elif isinstance(stage, LimitRows):
            rows = rows[: stage.n]
            fixed = fixed if made.kind == "compare" else fixed[: stage.n - len(rows)]
    return Report.of(made.kind, made.columns, (*rows, *fixed), made.by)


def _sorted(rows: list[Row], at: int, descending: bool) -> list[Row]:
    known = [row for row in rows if row[at] is not None]
    known.sort(key=lambda row: (isinstance(row[at], str), row[at]), reverse=descending)
    return known + [row for row in rows if row[at] is None]


def _by(stage: ReportStage) -> tuple[Group, ...]:
    """What a report's table is by."""
    return _MADE[type(stage)].by(stage)


def _table(searcher: Searcher, node: Node, by: tuple[Group, ...], letters: bool) -> list[GroupCounts]:
    """An engine's table. The kinds of treatment, which no engine groups by, are one table each, so that a letter counts once in each."""
    at = next((at for at, group in enumerate(by) if group.part == "kind"), None)
    if at is None:
        return searcher.table(node, by, letters)
    kind, others = by[at], (*by[:at], *by[at + 1 :])
    categories = [row.group[0] for row in searcher.table(node, (Group(kind.field),), False)]
    kinds = dict.fromkeys(None if category is None else str(category).split("/")[0] for category in categories)
    found = [
        msgspec.structs.replace(row, group=(*row.group[:at], value, *row.group[at:]))
        for value in kinds
        for row in _table(searcher, And((node, _in(kind, value))), others, letters)
    ]
    return sorted(found, key=lambda row: groups.last(row.group))


def _build(stage: ReportStage, rows: Rows, rest: Rest, whole: GroupCounts) -> tuple[Report, tuple[Notice, ...]]:
    """The report by its own function, and what must be said of every table: N29 where items stand in several groups, N30 where rates rest on few
    letters."""
    by, columns = report_groups(stage), report_columns(stage)
    made = _MADE[type(stage)].make(stage, Table(rows, rest, whole))
    said = (*made.said, *_sums(by, made.groups, whole), *(_few(made.groups) if "rate" in columns else ()))
    cells = made.cells
    if cells is None:
        cells = [(*_group(row), *_measured(row, columns, whole)) for row in made.groups]
    return Report.of(stages.row_of(stage).name, columns, cells, tuple(map(group_text, by))), said


def _measured(row: GroupCounts, columns: Sequence[str], whole: GroupCounts) -> Row:
    """What the columns behind those of the group hold."""
    known: dict[str, Cell] = {**dict(zip(RATED, rated(row), strict=True)), "share": _part(row, whole)}
    return tuple(known[name] for name in columns if name in known)


class Table(msgspec.Struct, frozen=True):
    """What a report is made of: the groups of a table by anything, those of a rest as one row, and all items as one."""

    rows: Rows
    rest: Rest
    whole: GroupCounts


class Made(msgspec.Struct, frozen=True):
    """The groups of a report in their order, and what must be said of them. `cells` are its rows where they are not the measures of its groups."""

    groups: Sequence[GroupCounts]
    said: tuple[Notice, ...] = ()
    cells: Sequence[Row] | None = None


def _count(stage: Count, of: Table) -> Made:
    return Made(*_bounded(of.rows(stage.by), stage.by))


def _rate(stage: Rate, of: Table) -> Made:
    found = _with_other(of.rows(stage.by), stage.minimum, stage.by, of.rest)
    return Made(*_bounded(found, stage.by))


def _trend(stage: Trend, of: Table) -> Made:
    by = report_groups(stage)
    return Made(*_bounded(_filled(of.rows(by), stage.part), by))


def _top(stage: Top, of: Table) -> Made:
    return Made(*_commonest(of.rows(stage.by), stage.n, stage.by))


def _stats(stage: Stats, of: Table) -> Made:
    found = of.rows(_by_value(stage))
    cells, said = statistics.of_values(found, stage.field, _without(found, stage, of.rows))
    return Made((), (*said, *_overlapping(stage, of.rows, of.whole)), cells)


def _by_value(stage: Stats) -> tuple[Group, ...]:
    return (*stage.by, Group(stage.field))


class Maker(msgspec.Struct, frozen=True):
    """How a report is made of a table, and what the table is by."""

    make: Callable[[Any, Table], Made]
    by: Callable[[Any], tuple[Group, ...]] = report_groups


_MADE: dict[type[ReportStage], Maker] = {
    Count: Maker(_count),
    Rate: Maker(_rate),
    Trend: Maker(_trend),
    Top: Maker(_top),
    Stats: Maker(_stats, _by_value),
}
"""Reports that are made of tables; citations are of items, a comparison of two tables (see `over`, `run`)."""


def _group(row: GroupCounts) -> tuple[Value, ...]:
    return row.group or (ALL,)


def _part(row: GroupCounts, whole: GroupCounts) -> float | None:
    """Its share of all items found."""
    return row.items / whole.items if whole.items else None


# What must be said.


def _bounded(found: list[GroupCounts], by: tuple[Group, ...]) -> tuple[list[GroupCounts], tuple[Notice, ...]]:
    """A table of several groups at once, whose sizes multiply: its ROWS largest rows in their order, and N27."""
    if len(by) < 2 or len(found) <= ROWS:
        return found, ()
    largest = {row.group for row in nlargest(ROWS, found, key=lambda row: row.items)}
    text = f"the table has {len(found):,} rows: the {ROWS:,} with the most items are shown; narrow the query, or use fewer groups"
    return [row for row in found if row.group in largest], (Notice("N27", text),)


def _sums(by: tuple[Group, ...], found: Sequence[GroupCounts], whole: GroupCounts) -> tuple[Notice, ...]:
    """N29 where items stand in several groups."""
    total = sum(row.items for row in found)
    many = [group for group in by if table()[group.field].many]
    if not many or total <= whole.items:
        return ()
    text = f"an item may be in several groups of {' and '.join(map(_named, many))}: "
    return (Notice("N29", f"{text}the rows add up to {total:,}, but there are {whole.items:,} items"),)


def _without(found: Sequence[GroupCounts], stage: Stats, rows: Rows) -> int:
    """How many items have no value. Where an item may stand in several groups, their rows cannot be added up to that."""
    unknown = [row for row in found if row.group[-1] is None]
    if unknown and any(table()[group.field].many for group in stage.by):
        unknown = [row for row in rows((Group(stage.field),)) if row.group[-1] is None]
    return sum(row.items for row in unknown)


def _overlapping(stage: Stats, rows: Rows, whole: GroupCounts) -> tuple[Notice, ...]:
    """N29 for numbers, whose rows count values and not items."""
    many = [group for group in stage.by if table()[group.field].many]
    if not many or sum(row.items for row in rows(stage.by)) <= whole.items:
        return ()
    text = f"an item may be in several groups of {' and '.join(map(_named, many))}, and counts in each"
    return (Notice("N29", text),)


def _few(found: Sequence[GroupCounts]) -> tuple[Notice, ...]:
    """N30 where a rate rests on few letters with several items each: what is decided in one letter is not decided anew for each of its items."""
    few = [row for row in found if row.letters and row.letters < FEW and row.items > row.letters]
    if not few:
        return ()
    few.sort(key=lambda row: -row.items)
    named = [
        f"{' / '.join('none' if value is None else str(value) for value in _group(row))} "
        f"({row.items} items of {row.letters} letter{'s' * (row.letters != 1)})"
        for row in few[:NAMED]
    ]
    more = f" and {len(few) - NAMED:,} more groups" if len(few) > NAMED else ""
    text = "items of one letter are often decided alike, so intervals based on few letters are too narrow: "
    return (Notice("N30", f"{text}{', '.join(named)}{more}"),)


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
    if len(by) == 1 and table()[by[0].field].valued and not by[0].part:
        named = tuple(str(row.group[0]) for row in rows if row.group[0] is not None)
        nodes: list[Node] = [Keyword(by[0].field, named)] if named else []
        if len(named) < len(rows):
            nodes.append(_in(by[0], None))
    else:
        nodes = [all_of([_in(group, value) for group, value in zip(by, row.group, strict=True)]) for row in rows]
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


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
    if group.part == "kind":
        return Or((Keyword(field.key, (str(value),)), KeywordPrefix(field.key, f"{value}/")))
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


def _commonest(found: list[GroupCounts], n: int, by: tuple[Group, ...]) -> tuple[list[GroupCounts], tuple[Notice, ...]]:
    known = [row for row in found if None not in row.group]
    known.sort(key=lambda row: (-row.items, groups.last(row.group)))
    without = [row for row in found if None in row.group]
    notices: tuple[Notice, ...] = ()
    if without and len(by) == 1:
        n_out = without[0].items
        notices = (Notice("N15", f"{_named(by[0])} unknown in {n_out:,} item{'s' * (n_out != 1)}, left out"),)
    elif without:
        notices = (Notice("N15", f"items with {' or '.join(map(_named, by))} unknown are left out"),)
    return known[:n], notices


def _named(group: Group) -> str:
    """What a group is by, in a sentence."""
    return "guideline" if group.field == "cited" else group.part or table()[group.field].key


Value = str | int | None


def values(item: Item, group: Group) -> tuple[Value, ...]:
    """The groups that `item` stands in: at least one, (None,) when it has no value there."""
    field = table()[group.field]
    if field.valued:
        found: Iterable[Value] = documents.keyword_values(item, field)
    else:
        stored = getattr(item, field.json)
        found = stored if isinstance(stored, tuple) else (stored,)
    if group.part == "kind":
        found = [str(value).split("/")[0] for value in found]
    if field.kind == DATE:
        found = [groups.of_number(documents.day_number(str(day)), group, date=True) for day in found if day]
    elif field.kind == NUMBER:
        found = [groups.of_number(value, group, date=False) for value in found if isinstance(value, int)]
    return tuple(dict.fromkeys(value for value in found if value is not None and value != "")) or (None,)


def combinations(item: Item, by: tuple[Group, ...]) -> Iterable[tuple[Value, ...]]:
    """Every row of a table by `by` that `item` counts in; the one empty row for no `by`."""
    return product(*(values(item, group) for group in by))


class Tallies:
    """Counts items into groups; as an engine's `table`, over items that are handed in one by one. An item is held by its id alone."""

    def __init__(self, by: tuple[Group, ...]) -> None:
        self._by = by
        self._members: dict[tuple[Value, ...], dict[str, str]] = {}  # group -> id -> outcome

    def add(self, item: Item) -> None:
        for group in combinations(item, self._by):
            self._members.setdefault(group, {})[item.id] = item.outcome

    def rows(self, by: tuple[Group, ...]) -> list[GroupCounts]:
        """The groups by these of its groupings in order, None last; one empty row when there is no `by` and nothing was added."""
        if not by and not self._members:
            return [GroupCounts((), 0, 0, 0, 0, 0)]
        places = [self._by.index(group) for group in by]
        members: dict[tuple[Value, ...], dict[str, str]] = {}
        for group, held in self._members.items():
            members.setdefault(tuple(group[at] for at in places), {}).update(held)
        return [_tally(group, members[group]) for group in sorted(members, key=groups.last)]

    def merged(self, of: Iterable[tuple[Value, ...]] | None = None) -> GroupCounts:
        """The items of these groups (of all), each counted once however many of them it stands in."""
        members: dict[str, str] = {}
        for group in self._members if of is None else of:
            members |= self._members[group]
        return _tally((), members)


def _tally(group: tuple[Value, ...], members: dict[str, str]) -> GroupCounts:
    outcomes = Counter(members.values())
    letters = {id_.rpartition("#")[0] for id_ in members}
    return GroupCounts(
        group, len(members), len(letters), outcomes["overturned"], outcomes["modified"], outcomes["upheld"]
    )
