"""A report's rows as a table of the page shows them, and what a click on a column's heading sorts them by."""

from __future__ import annotations

from dataclasses import dataclass

from imr_search.model import Report
from imr_search.output import report_table

HEADINGS = {"low": "95% from", "high": "to", "rate": "share overturned", "share": "share of all"}


@dataclass(frozen=True)
class Shown:
    """One cell: its text, whether it is flush right, and the number behind it ("" for unknown, None for a text)."""

    text: str
    right: bool
    value: float | str | None


@dataclass(frozen=True)
class ReportRows:
    """`groups` columns at the left name the row."""

    headings: list[Shown]
    rows: list[list[Shown]]
    groups: int


def report_rows(report: Report) -> ReportRows:
    count = report_table.groups(report)
    names = report_table.group_names(report) if count else [[] for _ in report.shown]
    rows = [
        [
            *(Shown(name, False, None) for name in group),
            *(
                Shown(
                    report_table.cell(name, value),
                    True,
                    "" if value is None else value if isinstance(value, int | float) else None,
                )
                for name, value in zip(report.columns[count:], row[count:], strict=True)
            ),
        ]
        for row, group in zip(report.shown, names, strict=True)
    ]
    headings = [Shown(HEADINGS.get(name, name), at >= count, None) for at, name in enumerate(report.columns)]
    return ReportRows(headings, rows, count)
