"""Figures: of reports only, the same bytes each time, and nothing of a letter becomes markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest
from pages import hit, page, trend

from imr_search.errors import UsageError
from imr_search.model import Notice, Report
from imr_search.output.charts import MOST, picture
from imr_search.searching.intervals import wilson


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


def texts(svg: bytes) -> str:
    return " | ".join(text.strip() for text in ElementTree.fromstring(svg).itertext() if text.strip())


def rate(*groups: tuple[str, int, int]) -> Report:
    """Rows of (group, items, overturned)."""
    columns = ("group", "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high", "share")
    rows = [(name, n, n, k, 0, n - k, k / n, *wilson(k, n), 0.1) for name, n, k in groups]
    return Report.of("rate", columns, rows, ("category",))


def test_a_figure_says_in_text_what_it_shows() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    svg = picture(page(report=rate(("mri", 40, 8), ("opioid", 90, 9)), query="* | rate by category"), "svg")
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    names = {child.tag.rpartition("}")[2]: child.text for child in root}
    assert names["title"] == "Share of denials overturned, by category"
    assert "* | rate by category" in (names["desc"] or "")
    assert "dashed: all items of the index, 11.2%" in (names["desc"] or "")
    shown = texts(svg)
    assert shown.index("mri  (n=40)") < shown.index("opioid  (n=90)")


def test_every_group_is_drawn_and_small_ones_do_not_lead() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    groups = [(f"group {n:02}", 20 + n, n) for n in range(84)] + [("single", 1, 1)]
    shown = texts(picture(page(report=rate(*groups)), "svg"))
    assert all(f"{name}  (n=" in shown for name, _, _ in groups)
    assert shown.index("group 83") < shown.index("group 10") < shown.index("single")
    assert "left out" not in shown


def test_what_is_not_drawn_is_told() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    groups = [(f"group {n:03}", 100 + n, n) for n in range(MOST + 7)]
    shown = texts(picture(page(report=rate(*groups)), "svg"))
    assert f"7 of {MOST + 7} groups are left out: those with the fewest items (at most 106)" in shown
    assert "group 006" not in shown
    assert "group 007" in shown


def test_a_comparison_draws_its_groups_and_tells_their_difference() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    columns = ("group", "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high", "p")
    rows = [
        ("acupuncture", 70, 70, 56, 0, 14, 0.8, 0.692, 0.877, None),
        ("chiropractic", 80, 80, 48, 0, 32, 0.6, 0.49, 0.70, None),
        ("difference", None, None, None, None, None, 0.2, 0.0524, 0.3339, 0.0125),
    ]
    shown = texts(picture(page(report=Report.of("compare", columns, rows)), "svg"))
    assert "difference: 20.0 points (95% CI 5.2-33.4, Fisher's exact p 0.0125)" in shown
    assert "difference  (n=" not in shown


@pytest.mark.parametrize("second", ["year", "outcome"])
def test_two_groupings_share_one_figure(second: str) -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    report = Report.of(
        "count",
        ("category", second, "items", "letters", "share"),
        [("mri", "a", 3, 2, 0.3), ("mri", "b", 1, 1, 0.1), ("opioid", None, 6, 5, 0.6)],
        ("category", second),
    )
    shown = texts(picture(page(report=report), "svg"))
    for word in ("mri", "opioid", "a", "b", "(none)", second):
        assert f"| {word} |" in f"| {shown} |"


def test_a_long_name_is_whole_on_several_lines() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    name = "MTUS Chronic Pain Medical Treatment 2016, Electrodiagnostic testing (EMG/NCS)"
    other = name.replace("Electrodiagnostic", "Psychological")
    root = ElementTree.fromstring(picture(page(report=rate((name, 40, 8), (other, 50, 9))), "svg"))
    words = " ".join(" ".join(root.itertext()).split())
    assert f"{name} (n=40)" in words
    assert f"{other} (n=50)" in words
    assert "…" not in words
    words = " ".join(ElementTree.fromstring(picture(page(report=rate(("x " * 120, 40, 8))), "svg")).itertext())
    assert "names longer than 118 characters lack their middle" in words


def two_ways(kind: str, by: tuple[str, str], *groups: tuple[str | None, str, int, int]) -> Report:
    columns = (*by, "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high", "share")
    rows = [(one, two, n, n, k, 0, n - k, k / n, *wilson(k, n), 0.1) for one, two, n, k in groups]
    return Report.of(kind, columns, rows, by)


def test_the_shorter_grouping_is_the_one_that_is_coloured() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    groups = [(outcome, f"kind {n}", 20 + n, n) for outcome in ("female", "male") for n in range(9)]
    shown = texts(picture(page(report=two_ways("rate", ("sex", "kind"), *groups)), "svg"))
    assert "female / kind" not in shown
    assert shown.index("| kind 8 |") < shown.index("| kind 0 |")  # the largest groups first
    assert shown.endswith("| sex | female | male")  # the legend


def test_two_long_groupings_stay_together_and_years_in_order() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    groups = [(f"kind {n}", str(year), 20 + n + year % 3, n) for n in range(8) for year in range(2013, 2021)]
    shown = texts(picture(page(report=two_ways("rate", ("kind", "year"), *groups)), "svg"))
    order = [shown.index(f"kind {n} / {year}  (n=") for n in reversed(range(8)) for year in range(2013, 2021)]
    assert order == sorted(order)


def test_a_trend_of_many_lines_draws_the_largest_and_tells_of_the_others() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    groups = [(f"2015-Q{q}", f"kind {n}", 20 + n, n) for q in (1, 2, 3) for n in range(9)] + [(None, "kind 1", 7, 1)]
    shown = texts(picture(page(report=two_ways("trend", ("quarter", "kind"), *groups)), "svg"))
    assert "3 of 9 groups by kind are left out: those with the fewest items" in shown
    assert "not in the figure: 7 items without a date of decision" in shown
    assert "kind 0" not in shown
    assert "| kind 8 |" in shown


def test_a_period_between_gaps_has_its_interval() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    whole = trend(("2014", 30, 3), ("2015", 30, 3), ("2016", 20, 5))
    rows = [row if row[0] != "2015" else ("2015", 0, 0, 0, 0, 0, None, None, None) for row in whole.rows]
    gap = Report("trend", whole.columns, tuple(rows))
    lines = re.compile(rb'"LineCollection_1">\s*<path')
    assert lines.search(picture(page(report=gap), "svg"))
    assert not lines.search(picture(page(report=whole), "svg"))


def test_the_caption_says_what_was_left_out_in_words_alone() -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra")
    notices = (Notice("N15", "days unknown in 3 items, left out"), Notice("N22", "other names exist"))
    shown = texts(picture(page(report=rate(("mri", 40, 8)), notices=notices), "svg"))
    assert "days unknown in 3 items, left out" in shown
    assert "N15" not in shown
    assert "other names exist" not in shown


def test_not_more_dates_are_written_than_can_be_read_and_years_begin_in_january() -> None:
    from imr_search.output.charts import _labelled

    months = [f"{year}-{month:02}" for year in range(2013, 2023) for month in range(1, 13)][4:]
    assert [months[at] for at in _labelled(months)] == ["2014-01", "2016-01", "2018-01", "2020-01", "2022-01"]
    assert [months[at] for at in _labelled(months[:8])] == months[:8]
    years = [str(year) for year in range(2013, 2026)]
    assert [years[at] for at in _labelled(years)] == years[::2]
    assert _labelled(["2015-Q2"]) == [0]
