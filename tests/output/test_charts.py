"""Figures: of reports only, the same bytes each time, and nothing of a letter becomes markup."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from pages import hit, page, trend

from imr_search.errors import UsageError
from imr_search.model import Report
from imr_search.output.charts import picture


def test_only_reports_with_rows_are_drawn() -> None:
    for answer in (
        page(hit()),
        page(report=Report("cite", ("id", "citation"), (("a", "b"),))),
        page(report=Report("rate", ("group", "items"), ())),
    ):
        with pytest.raises(UsageError):
            picture(answer, "svg")


REPORTS = (
    trend(("2014", 10, 1), ("2015", 0, 0), ("2016", 20, 5), ("2017", 30, 9)),
    Report(
        "rate",
        ("group", "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high"),
        (("a$b$ & <c> \x1b[31m", 4, 2, 1, 0, 3, 0.25, 0.1, 0.5), (None, 1, 1, 0, 0, 1, 0.0, 0.0, 0.8)),
    ),
    Report(
        "top",
        ("value", "items", "letters", "overturned", "rate"),
        tuple((f"value {n} " + "x" * 80, 90 - n, 1, 0, 0.0) for n in range(60)),
    ),
    Report("count", ("outcome", "year", "items", "letters"), (("upheld", "2015", 3, 2), ("overturned", None, 1, 1))),
)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.kind)
def test_figures_are_whole_and_the_same_each_time(report: Report) -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    answer = page(report=report, query="a$b\u202e")
    svg = picture(answer, "svg")
    assert svg == picture(answer, "svg")
    ElementTree.fromstring(svg)
    png = picture(answer, "png")
    assert png == picture(answer, "png")
    assert png.startswith(b"\x89PNG")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError) as caught:
        picture(page(report=trend(("2014", 1, 1))), "svg")
    assert "figures" in caught.value.hint
