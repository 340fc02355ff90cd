"""A report as the page shows it: a table whose rows lead to their items, and, for two groupings, a table of one across the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from imr_search.fields import DATE, table
from imr_search.model import Cell, Page, Report, Row
from imr_search.output import report_table, wording
from imr_search.plan import Group
from imr_search.searching.intervals import share
from imr_search.tabular import percent
from imr_search.web import refine
from imr_search.web.narrowing import within_others

HEADINGS = {
    "items": "Items",
    "letters": "Letters",
    "overturned": "Overturned",
    "modified": "Modified",
    "upheld": "Upheld",
    "rate": "Share overturned",
    "low": "95% interval",
    "share": "Share of all",
    "mean": "Mean",
    "median": "Median",
    "q1": "Lower quartile",
    "q3": "Upper quartile",
    "least": "Least",
    "most": "Most",
}
ACROSS = 12  # columns of a cross table; more cannot be compared at a glance
SHADES = 5

Find = Callable[[Sequence[tuple[Group, refine.Value]]], str]


@dataclass(frozen=True)
class CellShown:
    """`value` is what a column sorts by: a number, "" for unknown, None for a text. `ends`: a rate with the ends of its interval, to be drawn."""

    text: str
    right: bool = False
    value: float | str | None = None
    ends: tuple[float, float, float] | None = None
    short: bool = False


@dataclass(frozen=True)
class RowShown:
    """`query` finds the row's items, "" where no condition says just that."""

    cells: list[CellShown]
    query: str


@dataclass(frozen=True)
class ReportRows:
    """`groups` columns at the left name the row; `base` is the rate of all items, between 0 and 1."""

    title: str
    headings: list[CellShown]
    rows: list[RowShown]
    groups: int
    base: float | None


@dataclass(frozen=True)
class CrossCell:
    """`heat` from 0 to SHADES; `n` beside a share says of how many items it is."""

    text: str
    heat: int
    n: str = ""
    query: str = ""


@dataclass(frozen=True)
class CrossRow:
    name: str
    cells: list[CrossCell]


@dataclass(frozen=True)
class Cross:
    """The first grouping goes down, the second across. `left_out` columns did not fit."""

    title: str
    across: str
    columns: list[str]
    rows: list[CrossRow]
    left_out: int


@dataclass(frozen=True)
class Ways:
    """From a row of a report to its items: `groups` as in the query, `find` writes the query with conditions for them."""

    groups: tuple[Group, ...] = ()
    find: Find = field(default=lambda conditions: "")

    def of(self, row: Row, columns: Sequence[Sequence[refine.Value]]) -> str:
        """The query that finds just this row's items, "" where there is none. `columns` are all values of each group."""
        if not self.groups or len(self.groups) > len(row):
            return ""
        conditions = []
        for group, cell, values in zip(self.groups, row, columns, strict=False):
            kind = table().get(group.field)
            if kind is None or group.band or (cell is None and group.part) or isinstance(cell, float):
                return ""
            others = [str(value) for value in values if value is not None]
            if kind.kind != DATE and cell is not None and within_others(str(cell), others, kind.match):
                return ""
            conditions.append((group, cell))
        return self.find(conditions)


def report_rows(page: Page, ways: Ways) -> ReportRows:
    report = page.report
    assert report is not None
    count = report_table.groups(report)
    names = report_table.group_names(report) if count else [[] for _ in report.shown]
    held = _columns(report, count)
    shown = [
        RowShown(
            [*(CellShown(name, short=len(name) < 12) for name in group), *_measures(report, row, count)],
            ways.of(row, held),
        )
        for row, group in zip(report.shown, names, strict=True)
    ]
    headings = [CellShown(name) for name in _group_headings(report, count)]
    headings += [
        CellShown(HEADINGS.get(name, name), right=name != "low") for name in report.columns[count:] if name != "high"
    ]
    return ReportRows(page.read_as, headings, shown, count, None if page.base is None else share(page.base))


def _columns(report: Report, count: int) -> list[list[refine.Value]]:
    return [[_value(row[at]) for row in report.shown] for at in range(count)]


def _value(cell: object) -> refine.Value:
    return cell if isinstance(cell, str | int) else None


def _group_headings(report: Report, count: int) -> list[str]:
    """What the rows are by, as the query names it; a report of one row and a comparison name their rows themselves."""
    if len(report.by) == count:
        return [name.replace("_", " ").capitalize() for name in report.by]
    return ["Group"] * count


def _measures(report: Report, row: Row, count: int) -> list[CellShown]:
    values = dict(zip(report.columns, row, strict=True))
    cells = []
    for name in report.columns[count:]:
        value = values[name]
        if name == "high":
            continue
        number = value if isinstance(value, int | float) else "" if value is None else None
        if name == "low":
            ends = tuple(float(one) for key in ("rate", "low", "high") if isinstance(one := values[key], int | float))
            drawn = (ends[0], ends[1], ends[2]) if len(ends) == 3 and min(ends) >= 0 else None
            cells.append(CellShown(_interval(values["low"], values["high"]), value=number, ends=drawn))
        else:
            cells.append(CellShown(report_table.cell(name, value), True, number))
    return cells


def _interval(low: object, high: object) -> str:
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return "-"
    return f"{percent(low)} to {percent(high)}"


def cross(page: Page, ways: Ways) -> Cross | None:
    """The cross table of a report by two groupings, None for any other: counts, or where the report has shares of overturned items these."""
    report = page.report
    if report is None or report_table.groups(report) != 2 or "items" not in report.columns or not report.shown:
        return None
    names = {row[:2]: group for row, group in zip(report.shown, report_table.group_names(report), strict=True)}
    rated = "rate" in report.columns and report.kind != "top"
    items, rate = report.columns.index("items"), report.columns.index("rate") if rated else 0
    found = {row[:2]: row for row in report.shown}
    down = list(dict.fromkeys(row[0] for row in report.shown))
    totals: dict[Cell, int] = {}
    for row in report.shown:
        totals[row[1]] = totals.get(row[1], 0) + int(row[items] or 0)
    commonest = sorted(totals, key=lambda value: (value is None, -totals[value]))[:ACROSS]
    ordered = all(value is None or str(value)[:1].isdigit() for value in totals)
    across = [value for value in totals if value in commonest] if ordered else commonest
    most = max((int(row[items] or 0) for row in report.shown), default=0)
    held = _columns(report, 2)
    column_names = {row[1]: names[row[:2]][1] for row in report.shown}
    row_names = {row[0]: names[row[:2]][0] for row in report.shown}

    def cell(one: Cell, other: Cell) -> CrossCell:
        row = found.get((one, other))
        if row is None:
            return CrossCell("–", 0)
        n, query = int(row[items] or 0), ways.of(row, held)
        if not rated:
            return CrossCell(wording.number(n), _shade(n / most if most else 0), query=query)
        part = row[rate]
        if not isinstance(part, int | float):
            return CrossCell("–", 0, "n = 0")
        return CrossCell(percent(part), _shade(part), f"n = {wording.number(n)}", query)

    first, second = report.by if len(report.by) == 2 else report.columns[:2]
    what = "Share overturned" if rated else "Items"
    return Cross(
        f"{what} by {first.replace('_', ' ')} and {second.replace('_', ' ')}",
        f"{first.replace('_', ' ')} / {second.replace('_', ' ')}",
        [column_names[value] for value in across],
        [CrossRow(row_names[one], [cell(one, other) for other in across]) for one in down],
        len(totals) - len(across),
    )


def _shade(part: float) -> int:
    """Nothing is white; what is not nothing is shaded, in equal steps."""
    return 0 if part <= 0 else min(SHADES, 1 + int(part * SHADES))
