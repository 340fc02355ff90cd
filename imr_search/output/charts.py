"""A report as a figure fit for a brief: by matplotlib, an extra, loaded here only. The same report gives the same bytes."""

from __future__ import annotations

import io
from typing import Any

from imr_search.errors import UsageError
from imr_search.model import Page, Report
from imr_search.output import report_table, wording
from imr_search.output.safety import clean

_INK, _SOFT, _BAND = "#222222", "#4472a8", "#c9d8ea"
_MOST = 40  # groups in one figure
_CLIP = 46  # characters of a group's name


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
    settings = {
        "font.family": "serif",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "imr-search",
        "svg.fonttype": "path",
        "text.usetex": False,
        "text.parse_math": False,
    }
    with matplotlib.rc_context(settings):
        figure = _trend(report) if report.kind == "trend" and report_table.groups(report) == 1 else _bars(report)
        _caption(figure, page)
        written = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None, "Creator": None} if format == "svg" else {"Software": None}
        figure.savefig(written, format=format, dpi=200, bbox_inches="tight", metadata=metadata)
    return written.getvalue()


def _figure(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, height))
    return figure, figure.add_subplot()


def _trend(report: Report) -> Any:
    """The rate over time, with its interval as a band and each period's n under the axis."""
    report = Report.of(report.kind, report.columns, [row for row in report.shown if row[0] is not None], report.by)
    figure, axes = _figure(3.4)
    rates, lows, highs, items = (report_table.column(report, name) for name in ("rate", "low", "high", "items"))
    places = list(range(len(rates)))
    shares, lower, upper = (_percent(values, rates) for values in (rates, lows, highs))
    axes.fill_between(places, lower, upper, color=_BAND, linewidth=0, label="95% interval")
    axes.plot(places, shares, color=_INK, marker="o", markersize=4, linewidth=1.4)
    step = max(1, len(rates) // 10)
    shown = list(range(0, len(rates), step))
    axes.set_xticks(
        shown, [f"{clean(str(report.shown[index][0]))}\nn={int(items[index] or 0):,}" for index in shown], fontsize=8
    )
    axes.set_ylim(0, min(100, max([value for value in upper if value == value] + [5]) * 1.1))
    axes.set_ylabel("overturned, %")
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    return figure


def _percent(values: list[float | None], rates: list[float | None]) -> list[float]:
    """In percent; a period without items is a gap and not a guess."""
    return [float("nan") if rate is None else 100 * (value or 0.0) for value, rate in zip(values, rates, strict=True)]


def _bars(report: Report) -> Any:
    """One bar a group: the rate with its interval, or the number of items."""
    rows = report.shown[:_MOST]
    shares = "rate" in report.columns and report.kind != "top"
    figure, axes = _figure(1.3 + 0.28 * len(rows))
    count = report_table.groups(report)
    items = report_table.column(report, "items")[: len(rows)]
    names = [
        _name(" / ".join(report_table.NONE if value is None else str(value) for value in row[:count]) or "all")
        for row in rows
    ]
    places = list(range(len(rows)))
    if shares:
        rates, lows, highs = (report_table.column(report, name)[: len(rows)] for name in ("rate", "low", "high"))
        sizes = [100 * (rate or 0.0) for rate in rates]
        below = [max(0.0, size - 100 * (low or 0.0)) for size, low in zip(sizes, lows, strict=True)]
        above = [max(0.0, 100 * (high or 0.0) - size) for size, high in zip(sizes, highs, strict=True)]
        axes.barh(places, sizes, xerr=[below, above], color=_SOFT, ecolor=_INK, capsize=2, error_kw={"linewidth": 0.8})
        axes.set_xlabel("overturned, % (whiskers: 95% interval)")
        names = [f"{name}  (n={int(number or 0):,})" for name, number in zip(names, items, strict=True)]
    else:
        axes.barh(places, [number or 0.0 for number in items], color=_SOFT)
        axes.set_xlabel("items")
    axes.set_yticks(places, names, fontsize=8)
    axes.invert_yaxis()
    axes.margins(y=0.01)
    return figure


def _name(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _CLIP else text[: _CLIP - 1] + "…"


def _caption(figure: Any, page: Page) -> None:
    """What was asked and of what: a figure must stand alone."""
    parts = [
        clean(page.read_as),
        wording.heading(page),
        f"index: {wording.count(page.index.items, 'item')} in {wording.count(page.index.letters, 'letter')}",
    ]
    undated = (
        [row for row in page.report.shown if row[0] is None] if page.report and page.report.kind == "trend" else []
    )
    if undated:
        parts.append("items without a date of decision are not in the figure")
    lines = [line for part in parts for line in _folded(part)]
    figure.axes[0].annotate(
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


def _folded(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 110) or [""]
