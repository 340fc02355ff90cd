"""Reports as figures for the page: places and texts of an SVG drawing, whose text stays text. Templates draw them.

A rate is a dot with its 95% interval as whiskers, and a line stands where the rate of all items lies; a trend is a line with a band; a count
is a bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import msgspec

from imr_search.model import Page, Report
from imr_search.output import report_table
from imr_search.tabular import percent

WIDTH = 760
ROW = 26
TOP = 34
MOST = 60
_LABELS = 250  # where the drawing starts, right of the labels
_RIGHT = 96  # kept for the figures at the right
_HIGH = 250  # height of a trend's drawing
_CHARACTERS = 36
_SCALES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)  # where a trend's drawing may end


@dataclass(frozen=True)
class Mark:
    """One row of the drawing (or one point of a line): `low` and `high` are the ends of its interval."""

    label: str
    whole_label: str
    x: float
    y: float
    low: float
    high: float
    text: str
    shown: bool = True


@dataclass(frozen=True)
class Figure:
    """`kind` is dots, bars or line. `title` and `description` are read aloud in its place."""

    kind: str
    title: str
    description: str
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    base: float | None
    base_text: str
    left_out: int
    lines: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()


Cell = str | int | float | None


def name(cells: tuple[Cell, ...]) -> str:
    return " / ".join("not known" if cell is None else str(cell) for cell in cells)


def chart(page: Page) -> Figure | None:
    """The figure of a report, None where there is nothing to draw."""
    report = page.report
    if report is None or "items" not in report.columns:
        return None
    at = report.columns.index("items")
    report = msgspec.structs.replace(report, rows=tuple(row for row in report.shown if row[at] is not None), exact=())
    if not report.rows:  # what has no items (a difference) is no group
        return None
    if (
        report.kind == "trend"
        and report_table.groups(report) == 1
        and len([row for row in report.rows if row[0] is not None]) > 1
    ):
        return _line(page, report)
    if {"rate", "low", "high"} <= set(report.columns):
        return _dots(page, report)
    return _bars(page, report)


def _base(page: Page) -> float | None:
    return page.base.overturned / page.base.items if page.base is not None and page.base.items else None


def _clip(text: str) -> str:
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"


def _ordered(page: Page, report: Report) -> list[tuple[Cell, ...]]:
    """The rows as they are drawn: by their rate, unless they have an order of their own (years, bands) or were sorted by the query."""
    rows = list(report.rows)
    natural = all(
        cell is None or str(cell)[:1].isdigit() for row in rows for cell in row[: report_table.groups(report)]
    )
    if natural or report.kind == "compare" or "| sort" in page.read_as or report_table.groups(report) > 1:
        return rows
    rate, items = report.columns.index("rate"), report.columns.index("items")
    return sorted(rows, key=lambda row: (-float(row[rate] or 0), -int(row[items] or 0)))


def _dots(page: Page, report: Report) -> Figure:
    count = report_table.groups(report)
    at = {name: k for k, name in enumerate(report.columns)}
    right = WIDTH - _RIGHT
    scale = right - _LABELS

    def place(share: object) -> float:
        return round(_LABELS + scale * float(share if isinstance(share, int | float) else 0), 1)

    marks = []
    for k, row in enumerate(_ordered(page, report)[:MOST]):
        rate = row[at["rate"]]
        label = name(row[:count])
        items = row[at["items"]]
        marks.append(
            Mark(
                _clip(label),
                label,
                place(rate),
                TOP + ROW * k + ROW / 2,
                place(row[at["low"]]),
                place(row[at["high"]]),
                f"{percent(rate)}  n={items:,}" if isinstance(rate, int | float) else "n=0",
                isinstance(rate, int | float),
            )
        )
    base = _base(page)
    bottom = TOP + ROW * len(marks)
    return Figure(
        kind="dots",
        title=f"Share overturned, {page.read_as}",
        description="; ".join(f"{mark.whole_label}: {mark.text}" for mark in marks[:12]),
        width=WIDTH,
        height=bottom + 34,
        left=_LABELS,
        right=right,
        top=TOP,
        bottom=bottom,
        marks=tuple(marks),
        ticks=tuple((place(share / 100), f"{share}%") for share in (0, 25, 50, 75, 100)),
        base=None if base is None else place(base),
        base_text="" if base is None else f"all items {percent(base)}",
        left_out=max(0, len(report.rows) - MOST),
    )


def _bars(page: Page, report: Report) -> Figure:
    count = report_table.groups(report)
    at = report.columns.index("items")
    rows = report.rows[:MOST]
    numbers = [row[at] if isinstance(row[at], int) else 0 for row in rows]
    most = max([1, *(int(value or 0) for value in numbers)])
    right = WIDTH - _RIGHT
    scale = (right - _LABELS) / most
    marks = tuple(
        Mark(
            _clip(name(row[:count])),
            name(row[:count]),
            round(_LABELS + scale * int(value or 0), 1),
            TOP + ROW * k + ROW / 2,
            _LABELS,
            0,
            f"{int(value or 0):,}",
        )
        for k, (row, value) in enumerate(zip(rows, numbers, strict=True))
    )
    bottom = TOP + ROW * len(marks)
    half = max(1, most // 2)
    return Figure(
        kind="bars",
        title=f"Items, {page.read_as}",
        description="; ".join(f"{mark.whole_label}: {mark.text}" for mark in marks[:12]),
        width=WIDTH,
        height=bottom + 34,
        left=_LABELS,
        right=right,
        top=TOP,
        bottom=bottom,
        marks=marks,
        ticks=tuple((round(_LABELS + scale * value, 1), f"{value:,}") for value in sorted({0, half, most})),
        base=None,
        base_text="",
        left_out=max(0, len(report.rows) - MOST),
    )


def _line(page: Page, report: Report) -> Figure:
    at = {name: k for k, name in enumerate(report.columns)}
    rows = [row for row in report.rows if row[0] is not None]
    left, right, bottom = 56, WIDTH - 24, TOP + _HIGH
    shares = [row[at["high"]] for row in rows]
    highest = max([0.0, *(float(one) for one in shares if isinstance(one, int | float))])
    top_share = next(share for share in _SCALES if share >= min(1.0, highest))

    def height(share: object) -> float:
        value = float(share) if isinstance(share, int | float) else 0.0
        return round(bottom - _HIGH * value / top_share, 1)

    step = (right - left) / max(1, len(rows) - 1)
    every = max(1, -(-len(rows) // 12))
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
                f"{percent(rate)}, n={items:,}" if known and isinstance(rate, int | float) else "no items",
                known,
            )
        )
    runs = [list(run) for shown, run in groupby(marks, key=lambda mark: mark.shown) if shown]  # a gap stays a gap
    base = _base(page)
    return Figure(
        kind="line",
        title=f"Share overturned over time, {page.read_as}",
        description="; ".join(f"{mark.whole_label}: {mark.text}" for mark in marks[:40]),
        width=WIDTH,
        height=bottom + 48,
        left=left,
        right=right,
        top=TOP,
        bottom=bottom,
        marks=tuple(marks),
        ticks=tuple((height(top_share * part / 4), f"{100 * top_share * part / 4:.0f}%") for part in range(5)),
        base=None if base is None or base > top_share else height(base),
        base_text="" if base is None else f"all items {percent(base)}",
        left_out=0,
        lines=tuple(" ".join(f"{mark.x},{mark.y}" for mark in run) for run in runs),
        bands=tuple(_band(run) for run in runs),
    )


def _band(run: list[Mark]) -> str:
    """The outline of the intervals of neighbours; of one alone, a stroke."""
    wide = 3.0 if len(run) == 1 else 0.0
    upper = [f"{mark.x + side},{mark.high}" for mark in run for side in ((-wide, wide) if wide else (0.0,))]
    lower = [f"{mark.x + side},{mark.low}" for mark in reversed(run) for side in ((wide, -wide) if wide else (0.0,))]
    return " ".join([*upper, *lower])
