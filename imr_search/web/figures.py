"""Reports as figures for the page: places and texts of an SVG drawing, whose text stays text. Templates draw them.

A rate is a dot with its 95% interval as whiskers, and a line stands where the rate of all items lies; a trend is a line with a band; a count
is a bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from imr_search.model import Page, Report, Row
from imr_search.output import report_table
from imr_search.searching.intervals import share
from imr_search.tabular import percent

WIDTH = 860
ROW = 26
TOP = 34
MOST = 60
_LABELS = 290  # where the drawing starts, right of the labels
_RIGHT = 150  # kept for the figures at the right
_HIGH = 250  # height of a trend's drawing
_CHARACTERS = 36
_DESCRIBED = 40  # rows that the description tells
_SCALES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)  # where a trend's drawing may end


@dataclass(frozen=True)
class Mark:
    """One row of the drawing (or one point of a line): `low` and `high` are the ends of its interval, `n` the number of its items as a text."""

    label: str
    whole_label: str
    x: float
    y: float
    low: float
    high: float
    text: str
    n: str = ""
    shown: bool = True


@dataclass(frozen=True)
class Figure:
    """`kind` is dots, bars or line; `values` is where the figures at the right end. `title` and `description` are read aloud in its place."""

    kind: str
    title: str
    description: str
    marks: tuple[Mark, ...]
    height: int
    left: int
    right: int
    bottom: int
    ticks: tuple[tuple[float, str], ...]
    base: float | None = None
    base_text: str = ""
    left_out: int = 0
    lines: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    width: int = WIDTH
    top: int = TOP
    values: int = WIDTH - 70


def chart(page: Page) -> Figure | None:
    """The figure of a report, None where there is nothing to draw: counts in two ways are a table, whose cells are shaded."""
    report = page.report
    if report is None or "items" not in report.columns:
        return None
    at = report.columns.index("items")
    report = msgspec.structs.replace(report, rows=tuple(row for row in report.shown if row[at] is not None), exact=())
    rated = {"rate", "low", "high"} <= set(report.columns)
    count = report_table.groups(report)
    if not report.rows or count > 2 or (count == 2 and not rated):
        return None
    if report.kind == "trend" and count == 1 and len([row for row in report.rows if row[0] is not None]) > 1:
        return _line(page, report)
    return _dots(page, report) if rated else _bars(page, report)


def _described(marks: Sequence[Mark]) -> str:
    return "; ".join(f"{mark.whole_label}: {mark.text}{', ' + mark.n if mark.n else ''}" for mark in marks[:_DESCRIBED])


def _base(page: Page) -> float | None:
    return None if page.base is None else share(page.base)


def _base_text(base: float | None) -> str:
    return "" if base is None else f"all items {percent(base)}"


def _clip(text: str) -> str:
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"


def _names(report: Report) -> dict[Row, str]:
    """What each row is called, by its group's cells."""
    count = report_table.groups(report)
    named = zip(report.rows, report_table.group_names(report), strict=True)
    return {row[:count]: " / ".join(group) for row, group in named}


def _ordered(page: Page, report: Report) -> list[Row]:
    """The rows as they are drawn: by their rate, unless they have an order of their own (years, bands) or were sorted by the query."""
    rows = list(report.rows)
    count = report_table.groups(report)
    natural = all(cell is None or str(cell)[:1].isdigit() for row in rows for cell in row[:count])
    if natural or report.kind == "compare" or "| sort" in page.read_as or count > 1:
        return rows
    rate, items = report.columns.index("rate"), report.columns.index("items")
    return sorted(rows, key=lambda row: (-float(row[rate] or 0), -int(row[items] or 0)))


def _dots(page: Page, report: Report) -> Figure:
    count, names = report_table.groups(report), _names(report)
    at = {name: k for k, name in enumerate(report.columns)}
    scale = WIDTH - _RIGHT - _LABELS

    def place(share: object) -> float:
        return round(_LABELS + scale * float(share if isinstance(share, int | float) else 0), 1)

    marks = []
    for k, row in enumerate(_ordered(page, report)[:MOST]):
        rate, label = row[at["rate"]], names[row[:count]]
        marks.append(
            Mark(
                _clip(label),
                label,
                place(rate),
                TOP + ROW * k + ROW / 2,
                place(row[at["low"]]),
                place(row[at["high"]]),
                percent(rate) if isinstance(rate, int | float) else "–",
                f"n = {row[at['items']]:,}",
                isinstance(rate, int | float),
            )
        )
    base = _base(page)
    return _of_rows(
        "dots",
        f"Share overturned, {page.read_as}",
        marks,
        tuple((place(share / 100), f"{share}%") for share in (0, 25, 50, 75, 100)),
        len(report.rows),
        None if base is None else place(base),
        _base_text(base),
    )


def _bars(page: Page, report: Report) -> Figure:
    count, names = report_table.groups(report), _names(report)
    at = report.columns.index("items")
    rows = [(row, int(row[at] or 0)) for row in report.rows[:MOST]]
    most = max([1, *(number for _, number in rows)])
    scale = (WIDTH - _RIGHT - _LABELS) / most
    marks = [
        Mark(
            _clip(names[row[:count]]),
            names[row[:count]],
            round(_LABELS + scale * number, 1),
            TOP + ROW * k + ROW / 2,
            _LABELS,
            0,
            f"{number:,}",
        )
        for k, (row, number) in enumerate(rows)
    ]
    ticks = tuple((round(_LABELS + scale * value, 1), f"{value:,}") for value in sorted({0, max(1, most // 2), most}))
    return _of_rows("bars", f"Items, {page.read_as}", marks, ticks, len(report.rows))


def _of_rows(
    kind: str,
    title: str,
    marks: Sequence[Mark],
    ticks: tuple[tuple[float, str], ...],
    rows: int,
    base: float | None = None,
    base_text: str = "",
) -> Figure:
    """A drawing of one row a group, below each other; `rows` are all that the report has."""
    bottom = TOP + ROW * len(marks)
    return Figure(
        kind,
        title,
        _described(marks),
        tuple(marks),
        height=bottom + (30 if base is not None else 8),
        left=_LABELS,
        right=WIDTH - _RIGHT,
        bottom=bottom,
        ticks=ticks,
        base=base,
        base_text=base_text,
        left_out=max(0, rows - MOST),
    )


def _line(page: Page, report: Report) -> Figure:
    at = {name: k for k, name in enumerate(report.columns)}
    rows = [row for row in report.rows if row[0] is not None]
    left, right, bottom = 56, WIDTH - 124, TOP + _HIGH
    highest = max([0.0, *(float(one) for row in rows if isinstance(one := row[at["high"]], int | float))])
    top_share = next(share for share in _SCALES if share >= min(1.0, highest))

    def height(share: object) -> float:
        value = float(share) if isinstance(share, int | float) else 0.0
        return round(bottom - _HIGH * value / top_share, 1)

    step = (right - left) / max(1, len(rows) - 1)
    every = max(1, -(-len(rows) // 10))
    marks = []
    for k, row in enumerate(rows):
        rate, items = row[at["rate"]], row[at["items"]]
        known = isinstance(rate, int | float)
        marks.append(
            Mark(
                str(row[0]) if k % every == 0 else "",
                str(row[0]),
                round(left + step * k, 1),
                height(rate),
                height(row[at["low"]]),
                height(row[at["high"]]),
                percent(rate) if isinstance(rate, int | float) else "no items",
                f"n = {items:,}" if known else "",
                known,
            )
        )
    runs = [list(run) for shown, run in groupby(marks, key=lambda mark: mark.shown) if shown]  # a gap stays a gap
    base = _base(page)
    return Figure(
        "line",
        f"Share overturned over time, {page.read_as}",
        _described(marks),
        tuple(marks),
        height=bottom + 46,
        left=left,
        right=right,
        bottom=bottom,
        ticks=tuple((height(top_share * part / 4), f"{100 * top_share * part / 4:.0f}%") for part in range(5)),
        base=None if base is None or base > top_share else height(base),
        base_text=_base_text(base),
        lines=tuple(" ".join(f"{mark.x},{mark.y}" for mark in run) for run in runs),
        bands=tuple(_band(run) for run in runs),
    )


def _band(run: list[Mark]) -> str:
    """The outline of the intervals of neighbours; of one alone, a stroke."""
    wide = 3.0 if len(run) == 1 else 0.0
    upper = [f"{mark.x + side},{mark.high}" for mark in run for side in ((-wide, wide) if wide else (0.0,))]
    lower = [f"{mark.x + side},{mark.low}" for mark in reversed(run) for side in ((wide, -wide) if wide else (0.0,))]
    return " ".join([*upper, *lower])
