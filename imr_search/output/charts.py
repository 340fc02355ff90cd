"""A report as a figure fit for a brief: by matplotlib, an extra, loaded here only. The same report gives the same bytes.

Every figure stands alone: a title, what was asked and of what, n at each group, the rate of all items as a line. What cannot be drawn is told in
its caption, never left out in silence.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from imr_search import stages
from imr_search.errors import UsageError
from imr_search.fields import NUMBER, table
from imr_search.model import Page, Report, Row
from imr_search.output import report_table, wording
from imr_search.output.safety import clean
from imr_search.searching.intervals import share
from imr_search.tabular import percent

MOST = 120  # groups in one figure; a page holds no more that can be read
SERIES = 6  # of the other grouping: more colours cannot be told apart
SMALL = 10  # items below which a rate stands below the others, hollow

_INK, _SOFT, _BAND, _LINE = "#222222", "#4472a8", "#c9d8ea", "#999999"
_DATA = ("N15", "N20", "N27", "N28", "N29", "N30", "N31")  # notices on what the figures are of; others are on the query
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe and Ito's, told apart by all eyes
_MARKS = ("o", "s", "^", "D", "v", "P")
_LINE_OF, _LINES = 46, 3  # characters of a line of a group's name, and lines
_ROW = 0.26  # inches of a group whose name takes one line; each further line takes half as much
_STYLE = {
    "font.family": "serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "imr-search",
    "svg.fonttype": "none",  # text stays text: it can be searched, copied and read aloud
    "text.usetex": False,
    "text.parse_math": False,
}


def picture(page: Page, format: str) -> bytes:
    """The figure as svg or png. Raises UsageError when the answer is not a report with shares or counts, or matplotlib is missing."""
    report = page.report
    if report is None or report.kind == "cite":
        raise UsageError(
            "only a report can be drawn", "add one to the query: | trend year, | rate by category, | top 10 guideline"
        )
    if not report.shown:
        raise UsageError("the report has no rows to draw")
    try:
        import matplotlib
    except ImportError:
        raise UsageError("drawing needs matplotlib", "pip install 'imr-search[figures]'") from None
    matplotlib.use("agg")
    with matplotlib.rc_context(_STYLE):
        drawing = _Drawing(page, report)
        drawing.draw()
        written = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None, "Creator": None} if format == "svg" else {"Software": None}
        drawing.figure.savefig(written, format=format, dpi=200, bbox_inches="tight", metadata=metadata)
    found = written.getvalue()
    return _described(found, drawing.title, drawing.caption()) if format == "svg" else found


def _described(svg: bytes, title: str, text: Sequence[str]) -> bytes:
    """With the title and the description by which a reader who does not see it knows what it shows."""
    head, opened, rest = svg.partition(b"<svg ")
    attributes, closed, body = rest.partition(b">")
    said = f"\n <title>{escape(title)}</title>\n <desc>{escape(chr(10).join(text))}</desc>".encode()
    return head + opened + b'role="img" ' + attributes + closed + said + body


class _Drawing:
    """One figure being made; `notes` are what its caption must say besides the query."""

    def __init__(self, page: Page, report: Report) -> None:
        self.page = page
        self.report = report
        self.notes: list[str] = []
        self.drawn = stages.reports()[report.kind].drawn
        self.rated = self.drawn == "rate"
        self.title = _title(report, page.read_as)
        self.figure: Any = None

    def draw(self) -> None:
        report = self.report
        two = report_table.groups(report) == 2
        few = two and min(len(self._values(0)), len(self._values(1))) <= SERIES
        if report.kind == "trend" and report_table.groups(report) <= 2:
            self._trend()
        elif report.kind == "stats":
            self._spreads()
        elif few:
            self._grouped()
        elif self.rated:
            self._dots()
        else:
            self._bars()
        self.figure.axes[0].set_title(self.title, fontsize=11, loc="left", pad=10)
        self._write_caption()

    # -- the figures

    def _dots(self) -> None:
        """One dot a group, with its interval: the largest rate first, groups that are too small to say much below them."""
        rows = self._kept(self._ordered(self._groups_alone()))
        axes, places = self._rows(
            [f"{name}  (n={_whole(self._number(row, 'items'))})" for name, row in self._named(rows)]
        )
        for at, row in zip(places, rows, strict=True):
            rate, low, high, items = (self._number(row, name) for name in ("rate", "low", "high", "items"))
            if rate is None:
                continue
            if low is not None and high is not None:
                axes.plot([100 * low, 100 * high], [at, at], color=_SOFT, linewidth=1.2, solid_capstyle="butt")
            small = items is not None and items < SMALL
            axes.plot(100 * rate, at, "o", color=_SOFT, markersize=5, markerfacecolor="white" if small else _SOFT)
        axes.set_xlim(-2, 102)
        axes.set_xlabel("overturned, % (dot: rate, line: 95% interval)")
        axes.grid(axis="x", color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        self._base(axes)
        if any((self._number(row, "items") or SMALL) < SMALL for row in rows):
            self.notes.append(f"hollow: fewer than {SMALL} items")

    def _bars(self) -> None:
        """One bar a group, with its number at its end; the most first, but numbers and periods in their order."""
        rows = self._kept(self._ordered(self.report.shown))
        axes, places = self._rows([name for name, _ in self._named(rows)])
        sizes = [self._number(row, self.drawn) or 0.0 for row in rows]
        axes.barh(places, sizes, color=_SOFT, height=0.7)
        for at, size in zip(places, sizes, strict=True):
            axes.annotate(_whole(size), (size, at), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7)
        axes.set_xlabel(self.drawn)

    def _grouped(self) -> None:
        """Two groupings: for each group of the longer one, a bar or a dot for each of the shorter one."""
        first = 0 if len(self._values(1)) <= SERIES else 1
        second = 1 - first
        across, down = self._values(second), self._down(first)
        cells = {(row[first], row[second]): row for row in self.report.shown}
        step = 0.8 / len(across)
        called, other = self._called(first), self._called(second)
        axes, middles = self._rows([called[group] for group in down], max(0.3, 0.13 * len(across)))
        for k, value in enumerate(across):
            places = [at + (k - (len(across) - 1) / 2) * step for at in middles]
            held = [
                (place, cells[group, value])
                for place, group in zip(places, down, strict=True)
                if (group, value) in cells
            ]
            label = other[value]
            if self.rated:
                for place, row in held:
                    low, high = self._number(row, "low"), self._number(row, "high")
                    if low is not None and high is not None:
                        axes.plot([100 * low, 100 * high], [place, place], color=_COLOURS[k], linewidth=0.9)
                rated = [(place, row) for place, row in held if self._number(row, "rate") is not None]
                rates = [_percent(self._number(row, "rate")) for _, row in rated]
                self._marked(axes, rates, [place for place, _ in rated], [row for _, row in rated], k, label)
            else:
                sizes = [self._number(row, self.drawn) or 0.0 for _, row in held]
                axes.barh([place for place, _ in held], sizes, height=step * 0.9, color=_COLOURS[k], label=label)
            for place, row in held:
                end = self._number(row, "high" if self.rated else self.drawn)
                note = f"n={_whole(self._number(row, 'items'))}" if self.rated else _whole(end)
                at = (100 * (end or 0.0)) if self.rated else (end or 0.0)
                axes.annotate(note, (at, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=5.5)
        axes.set_xlabel("overturned, % (lines: 95% interval)" if self.rated else self.drawn)
        if self.rated:
            axes.set_xlim(-2, 106)
            self._base(axes)
        axes.legend(
            frameon=False,
            fontsize=8,
            loc="upper left",
            bbox_to_anchor=(1.0, 1.0),
            title=_called(self.report.by[second] if self.report.by else self.report.columns[second]),
        )

    def _trend(self) -> None:
        """The rate over time with its interval as a band, and below it how many items each period has."""
        dated = [row for row in self.report.shown if row[0] is not None]
        if len(dated) < len(self.report.shown):
            undated = sum(int(self._number(row, "items") or 0) for row in self.report.shown if row[0] is None)
            self.notes.append(f"not in the figure: {wording.count(undated, 'item')} without a date of decision")
        periods = list(dict.fromkeys(row[0] for row in dated))
        two = report_table.groups(self.report) == 2
        series = self._largest(1) if two else [None]
        other = self._called(1) if two else {None: "rate"}
        if two:
            self.notes.append("intervals are not drawn: the table of the report has them")
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(6.5, 4.2))
        axes, below = self.figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        places = list(range(len(periods)))
        bottom = [0.0] * len(periods)
        top = 5.0
        for k, value in enumerate(series):
            held = {row[0]: row for row in dated if not two or row[1] == value}
            rows = [held.get(period) for period in periods]
            colour = _COLOURS[k] if two else _INK
            rates = [_percent(None if row is None else self._number(row, "rate")) for row in rows]
            axes.plot(places, rates, color=colour, linewidth=1.4)
            there = [at for at in places if rates[at] == rates[at]]
            shown = [row for row in rows if row is not None and self._number(row, "rate") is not None]
            self._marked(axes, there, [rates[at] for at in there], shown, k, other[value], colour)
            ends = rates
            if not two:
                lows = [_percent(None if row is None else self._number(row, "low")) for row in rows]
                ends = [_percent(None if row is None else self._number(row, "high")) for row in rows]
                axes.fill_between(places, lows, ends, color=_BAND, linewidth=0, label="95% interval")
                alone = [at for at in places if _isolated(lows, at)]  # a band needs two periods side by side
                axes.vlines(alone, [lows[at] for at in alone], [ends[at] for at in alone], color=_BAND, linewidth=4)
            top = max([top, *(value for value in ends if value == value)])
            items = [0.0 if row is None else self._number(row, "items") or 0.0 for row in rows]
            below.bar(places, items, bottom=bottom, color=colour if two else _SOFT, width=0.8)
            bottom = [before + more for before, more in zip(bottom, items, strict=True)]
        if len(periods) <= 24:
            for at, size in zip(places, bottom, strict=True):
                below.annotate(
                    _whole(size), (at, size), xytext=(0, 1), textcoords="offset points", ha="center", fontsize=5.5
                )
        ticks = _labelled([str(period) for period in periods])
        below.set_xticks(ticks, [clean(str(periods[at])) for at in ticks], fontsize=8)
        axes.set_ylim(0, min(100.0, top * 1.1))
        axes.set_ylabel("overturned, %")
        below.set_ylabel("items", fontsize=8)
        below.tick_params(axis="y", labelsize=7)
        self._base(axes, upright=False)
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))

    def _spreads(self) -> None:
        """Numbers: a line from the least to the most, a thick one over the middle half, a dot at the median."""
        rows = self._kept([row for row in self.report.shown if self._number(row, "n")])
        axes, places = self._rows([f"{name}  (n={_whole(self._number(row, 'n'))})" for name, row in self._named(rows)])
        for at, row in zip(places, rows, strict=True):
            least, first, median, third, most = (
                self._number(row, name) for name in ("least", "q1", "median", "q3", "most")
            )
            axes.plot([least, most], [at, at], color=_LINE, linewidth=0.9)
            axes.plot([first, third], [at, at], color=_BAND, linewidth=7, solid_capstyle="butt")
            axes.plot([median], [at], "o", color=_INK, markersize=4)
        axes.set_xlabel("dot: median; bar: middle half; line: least to most")

    # -- what they share

    def _marked(
        self,
        axes: Any,
        across: Sequence[float],
        up: Sequence[float],
        rows: Sequence[Row],
        k: int,
        label: str,
        colour: str = "",
    ) -> None:
        """A mark at each point, hollow where its row has few items."""
        colour = colour or _COLOURS[k]
        axes.plot([], [], _MARKS[k], color=colour, markersize=4, label=label)
        for x, y, row in zip(across, up, rows, strict=True):
            small = (self._number(row, "items") or 0.0) < SMALL
            face = "white" if small else colour
            axes.plot(x, y, _MARKS[k], color=colour, markerfacecolor=face, markersize=4, clip_on=False, zorder=3)
            if small:
                self.notes.append(f"hollow: fewer than {SMALL} items")

    def _groups_alone(self) -> list[Row]:
        """The rows that are groups; what a comparison says of its two goes into the caption."""
        if self.report.kind != "compare":
            return list(self.report.shown)
        for row in self.report.shown[2:]:
            said = dict(zip(self.report.columns, row, strict=True))
            if said["items"] is None:
                interval = wording.interval(self._number(row, "low"), self._number(row, "high"))
                p = "" if said["p"] is None else f", Fisher's exact p {report_table.cell('p', said['p'])}"
                points = f"{percent(self._number(row, 'rate') or 0.0).removesuffix('%')} points"
                self.notes.append(f"{said['group']}: {points} (95% CI {interval}{p})")
        return list(self.report.shown[:2])

    def _rows(self, names: Sequence[str], row: float = _ROW) -> tuple[Any, list[float]]:
        """Axes with a place for each name, the first on top; a name that takes several lines has more room. Rows are one unit apart, or more."""
        from matplotlib.figure import Figure

        wrapped = [self._wrapped(name) for name in names]
        sizes = [max(1.0, (_ROW / row) * (1 + text.count("\n")) / 2 + 0.25) for text in wrapped]
        places, end = [], -0.5
        for size in sizes:
            places.append(end + size / 2)
            end += size
        self.figure = Figure(figsize=(6.5, 1.2 + row * (end + 0.5)))
        axes = self.figure.add_subplot()
        axes.set_yticks(places, wrapped, fontsize=8)
        axes.set_ylim(end + 0.1, -0.6)
        return axes, places

    def _wrapped(self, name: str) -> str:
        """A group's name on several lines; what is longer than a name ever is loses its middle, and the caption says so."""
        room = _LINE_OF * _LINES
        lines = textwrap.wrap(name, _LINE_OF)
        if len(lines) > _LINES:
            self.notes.append(f"names longer than {room - 20} characters lack their middle")
            lines = textwrap.wrap(f"{name[: room // 2 - 12]} … {name[12 - room // 2 :]}", _LINE_OF)
        return "\n".join(lines)

    def _base(self, axes: Any, upright: bool = True) -> None:
        """The rate of all items of the index: no rate is to be read without it."""
        rate = None if self.page.base is None else share(self.page.base)
        if rate is None:
            return
        (axes.axvline if upright else axes.axhline)(
            100 * rate, color=_INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0
        )
        self.notes.append(f"dashed: all items of the index, {percent(rate)}")

    def _number(self, row: Row, name: str) -> float | None:
        if name not in self.report.columns:
            return None
        value = row[self.report.columns.index(name)]
        return float(value) if isinstance(value, int | float) else None

    def _named(self, rows: Sequence[Row]) -> list[tuple[str, Row]]:
        names = report_table.group_names(Report.of(self.report.kind, self.report.columns, rows, self.report.by))
        return [(clean(" / ".join(parts) or "all"), row) for parts, row in zip(names, rows, strict=True)]

    def _called(self, at: int) -> dict[Any, str]:
        """The groups of one of the groupings, as a person reads them."""
        names = report_table.group_names(self.report)
        return {row[at]: clean(name[at]) for row, name in zip(self.report.shown, names, strict=True)}

    def _ordered(self, rows: Sequence[Row]) -> list[Row]:
        """As the query sorted them; else by size, with small groups behind, but periods and numbers as they follow one another."""
        groups = report_table.groups(self.report)
        plain = self.report.kind in ("rate", "count", "trend") and "| sort" not in self.page.read_as
        if not plain or groups == 0 or self._in_order(0):
            return list(rows)
        last = [row for row in rows if row[:groups] == ("other",) * groups]
        held = [row for row in rows if row not in last]
        if groups > 1:  # the groups of the first grouping stay together, the largest first
            sizes: dict[Any, float] = {}
            for row in held:
                sizes[row[0]] = sizes.get(row[0], 0.0) + (self._number(row, "items") or 0.0)
            if not self._in_order(1):
                held.sort(key=lambda row: -(self._number(row, "items") or 0))
            return sorted(held, key=lambda row: (-sizes[row[0]], str(row[0]))) + last
        if self.rated:
            held.sort(key=lambda row: ((self._number(row, "items") or 0) < SMALL, -(self._number(row, "rate") or 0)))
        else:
            held.sort(key=lambda row: -(self._number(row, "items") or 0))
        return held + last

    def _in_order(self, at: int) -> bool:
        """Do the groups of that grouping follow one another, as periods and numbers do?"""
        by = self.report.by[at].split()[-1] if at < len(self.report.by) else ""
        return by in ("year", "quarter", "month") or any(isinstance(row[at], int) for row in self.report.shown)

    def _kept(self, rows: list[Row]) -> list[Row]:
        """At most MOST groups, those with the most items; the caption says how many are not drawn."""
        if len(rows) <= MOST:
            return rows
        size = "items" if "items" in self.report.columns else "n"
        largest = sorted(range(len(rows)), key=lambda at: -(self._number(rows[at], size) or 0))
        kept = set(largest[:MOST])
        most = _whole(self._number(rows[largest[MOST]], size))
        self.notes.append(
            f"{len(rows) - MOST:,} of {len(rows):,} groups are left out: those with the fewest items (at most {most})"
        )
        return [row for at, row in enumerate(rows) if at in kept]

    def _values(self, at: int) -> list[Any]:
        """The groups of one of the groupings, in their order; unknown is last."""
        found = list(dict.fromkeys(row[at] for row in self.report.shown))
        return sorted(
            found, key=lambda value: (value is None, isinstance(value, str), value if value is not None else 0)
        )

    def _totals(self, at: int) -> dict[Any, float]:
        totals = dict.fromkeys(self._values(at), 0.0)
        for row in self.report.shown:
            totals[row[at]] += self._number(row, "items") or 0
        return totals

    def _largest(self, at: int, most: int = SERIES) -> list[Any]:
        """The groups with the most items, in their order; the caption says how many are not drawn."""
        totals = self._totals(at)
        kept = set(sorted(totals, key=lambda group: -totals[group])[:most])
        if len(kept) < len(totals):
            called = _called(self.report.by[at] if self.report.by else self.report.columns[at])
            self.notes.append(
                f"{len(totals) - len(kept):,} of {len(totals):,} groups by {called} are left out: those with the fewest items"
            )
        return [group for group in totals if group in kept]

    def _down(self, at: int) -> list[Any]:
        """The groups down the figure: those with the most items first, but periods and numbers in their order."""
        found = self._largest(at, MOST // 2)
        if self._in_order(at):
            return found
        totals = self._totals(at)
        return sorted(found, key=lambda group: -totals[group])

    # -- words

    def caption(self) -> list[str]:
        """What was asked and of what: a figure must stand alone."""
        index = self.page.index
        return [
            clean(self.page.read_as),
            wording.heading(self.page),
            f"index: {wording.count(index.items, 'item')} in {wording.count(index.letters, 'letter')}",
            *(note for note in dict.fromkeys(self.notes)),
            *(clean(notice.text) for notice in self.page.notices if notice.code in _DATA),
        ]

    def _write_caption(self) -> None:
        lines = [line for part in self.caption() for line in textwrap.wrap(part, 110) or [""]]
        self.figure.axes[-1].annotate(
            "\n".join(lines),
            xy=(0, 0),
            xycoords="axes fraction",
            xytext=(0, -42),
            textcoords="offset points",
            fontsize=7,
            va="top",
            ha="left",
            color=_INK,
            family="sans-serif",
        )


def _title(report: Report, read_as: str) -> str:
    """The title that the report's row declares, filled in. Periods are its axis and not named."""
    row = stages.reports()[report.kind]
    periods = any(argument.kind == "part" for argument in row.arguments)
    by = " and ".join(map(_called, report.by[1:] if periods else report.by))
    field = re.search(rf"\| {row.name} (\w+)", read_as)
    what = _called(field[1]) if field else "numbers"
    title = row.title.format(by=f", by {by}" if by else "", field=what, rows=len(report.shown))
    return title[:1].upper() + title[1:]


def _called(by: str) -> str:
    """A field as people call it: "body part", "days to decide"."""
    key, _, rest = clean(by).partition(" ")
    field = table().get(key)
    plain = field is None or (field.kind != NUMBER and key != "body")
    name = "" if field is None or plain else field.fact.removesuffix("s")
    return f"{name or key} {rest}".strip().replace("_", " ")


def _isolated(values: Sequence[float], at: int) -> bool:
    """A value without another one right beside it."""
    around = values[max(0, at - 1) : at] + values[at + 1 : at + 2]  # type: ignore[operator]
    return values[at] == values[at] and all(value != value for value in around)


def _labelled(periods: Sequence[str]) -> list[int]:
    """Which periods get a label: more than eight overprint one another. Of months and quarters those that begin a year, or a part of one."""
    months = [int(p[5:7]) if re.fullmatch(r"\d{4}-\d\d", p) else 3 * int(p[6]) - 2 if "-Q" in p else 1 for p in periods]
    for step in (1, 3, 6, 12):
        found = [at for at, month in enumerate(months) if (month - 1) % step == 0]
        if 0 < len(found) <= 8:
            return found
    found = [at for at, month in enumerate(months) if month == 1] or list(range(len(periods)))
    return found[:: -(-len(found) // 8)]


def _percent(value: float | None) -> float:
    """In percent; a period without items is a gap and not a guess."""
    return float("nan") if value is None else 100 * value


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{int(value):,}"
