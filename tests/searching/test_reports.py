"""Reports: every figure by hand on a few items, and the two paths to a report (engine's tables, item by item) alike on real ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import item, searcher

from imr_search.engines import Searcher
from imr_search.model import Notice
from imr_search.plan import (
    All,
    Cite,
    Compare,
    Count,
    Group,
    Keyword,
    LimitRows,
    Range,
    Rate,
    ReportStage,
    SortKey,
    SortRows,
    Stats,
    Top,
    Trend,
)
from imr_search.query.reports import group_columns
from imr_search.searching import pipeline, report
from imr_search.searching.intervals import wilson

OUTCOME, SPECIALTY, AGE = Group("outcome"), Group("specialty"), Group("age", band=10)


def rows(searcher: Searcher, stage: ReportStage) -> list[tuple[object, ...]]:
    return list(report.run(searcher, All(), stage)[0].rows)


def test_wilson_is_the_textbook_interval() -> None:
    assert wilson(21, 214) == pytest.approx((0.0651, 0.1454), abs=5e-5)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=5e-5)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_between_0_and_1(counts: tuple[int, int]) -> None:
    k, n = counts
    low, high = wilson(k, n)
    assert 0.0 <= low <= k / n <= high <= 1.0
    mirrored = wilson(n - k, n)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-9)


def test_count(few: Searcher) -> None:
    made, said = report.run(few, All(), Count((OUTCOME,)))
    assert (made.kind, made.columns, said) == ("count", ("group", "items", "letters", "share"), ())
    assert list(made.rows) == [("modified", 1, 1, 0.1667), ("overturned", 2, 2, 0.3333), ("upheld", 3, 3, 0.5)]
    assert rows(few, Count(())) == [("all", 6, 4, 1.0)]
    assert list(report.run(few, Keyword("outcome", ("absent",)), Count(()))[0].rows) == [("all", 0, 0, None)]


def test_items_with_several_values_stand_in_several_groups_and_unknown_is_last(few: Searcher) -> None:
    found = [row[:3] for row in rows(few, Count((SPECIALTY,)))]
    assert found == [("Dental", 1, 1), ("Family", 2, 1), ("Pain", 3, 2), (None, 2, 2)]
    said = report.run(few, All(), Count((SPECIALTY,)))[1]
    assert [notice.code for notice in said] == ["N29"]
    assert "the rows add up to 8, but there are 6 items" in said[0].text
    assert report.run(few, All(), Count((OUTCOME, AGE)))[1] == ()


def test_two_groupings_are_a_cross_table_under_json_keys(few: Searcher) -> None:
    made, _ = report.run(few, All(), Count((OUTCOME, Group("decided", "year"))))
    assert made.columns == ("outcome", "year", "items", "letters", "share")
    assert [row[:4] for row in made.rows] == [
        ("modified", "2015", 1, 1),
        ("overturned", "2015", 2, 2),
        ("upheld", "2015", 2, 2),
        ("upheld", None, 1, 1),
    ]
    twice = (Group("decided", "year"), Group("decided", "year"), Group("received", "year"), Group("qty"))
    assert group_columns(twice) == ("year", "year 2", "received year", "quantity")


def test_rate_has_counts_share_and_interval(few: Searcher) -> None:
    made, _ = report.run(few, All(), Rate((SPECIALTY,)))
    columns = ("group", "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high", "share")
    assert made.columns == columns
    assert list(made.rows)[2] == ("Pain", 3, 2, 1, 1, 1, 0.3333, 0.0615, 0.7923, 0.5)
    assert rows(few, Rate(())) == [("all", 6, 4, 2, 1, 3, 0.3333, 0.0968, 0.7, 1.0)]
    nothing = report.run(few, Keyword("outcome", ("absent",)), Rate(()))[0].rows
    assert nothing == (("all", 0, 0, 0, 0, 0, None, None, None, None),)


def test_small_groups_become_one_line_that_counts_each_item_and_letter_once(few: Searcher) -> None:
    # Below 3: Dental (C1), Family (A1, A2), unknown (C2, D1): five items in three letters.
    assert [row[:6] for row in rows(few, Rate((SPECIALTY,), 3))] == [("Pain", 3, 2, 1, 1, 1), ("other", 5, 3, 2, 0, 3)]
    # Below 4 all are small: an item with two specialties still counts once.
    assert [row[:6] for row in rows(few, Rate((SPECIALTY,), 4))] == [("other", 6, 4, 2, 1, 3)]
    assert rows(few, Rate((SPECIALTY,), 1)) == rows(few, Rate((SPECIALTY,)))


@pytest.mark.parametrize(
    "by",
    [
        (OUTCOME,),
        (SPECIALTY,),
        (AGE,),
        (Group("page"),),
        (Group("cited"),),
        (Group("category", "kind"),),
        (Group("category", "kind"), OUTCOME),
        (Group("decided", "month"),),
        (Group("decided", "quarter"),),
        (Group("decided"),),
        (SPECIALTY, AGE),
        (OUTCOME, Group("decided", "year")),
    ],
)
@pytest.mark.parametrize("minimum", [0, 2, 3, 4, 7])
def test_tables_and_items_give_one_report(few: Searcher, by: tuple[Group, ...], minimum: int) -> None:
    stored = pipeline.Stored(few, few.search(All(), (), None).ids)
    for stage in (Rate(by, minimum), Count(by), Top(2, by), Trend("month", by), Stats("age", by)):
        assert report.run(few, All(), stage) == report.over(stored, stage)[:2]


def test_tables_and_items_give_one_report_on_real_letters(real: Searcher) -> None:
    stored = pipeline.Stored(real, real.search(All(), (), None).ids)
    for field in ("specialty", "section", "source", "drug", "category", "body", "letter", "sex", "page", "age"):
        for stage in (Rate((Group(field),), 5), Top(7, (Group(field), OUTCOME)), Trend("quarter", (Group(field),))):
            assert report.run(real, All(), stage) == report.over(stored, stage)[:2], (field, stage)


def test_trend_draws_gaps_as_empty_rows(few: Searcher) -> None:
    made, _ = report.run(few, All(), Trend("quarter"))
    assert [row[:3] for row in made.rows] == [("2015-Q1", 3, 2), ("2015-Q2", 0, 0), ("2015-Q3", 2, 1), (None, 1, 1)]
    assert made.rows[1] == ("2015-Q2", 0, 0, 0, 0, 0, None, None, None)
    months = [row[0] for row in rows(few, Trend("month"))]
    assert months == [f"2015-{k:02}" for k in range(1, 9)] + [None]
    assert [row[:2] for row in rows(few, Trend("year"))] == [("2015", 5), (None, 1)]


def test_trend_by_a_field_fills_each_series(few: Searcher) -> None:
    made, _ = report.run(few, Range("decided", 20150101, 20151231), Trend("quarter", (OUTCOME,)))
    assert made.columns[:2] == ("quarter", "outcome")
    assert len(made.rows) == 9
    assert [row[2] for row in made.rows if row[1] == "overturned"] == [1, 0, 1]


def test_a_stray_year_does_not_draw_thousands_of_gaps() -> None:
    found = searcher([item("A", 1, decided="0215-01-01"), item("B", 1, decided="2015-01-01")])
    assert len(rows(found, Trend("month"))) == 2
    assert len(rows(found, Trend("year"))) == 2


def test_periods_cross_years() -> None:
    assert report.periods("2014-Q3", "2015-Q2", "quarter") == ["2014-Q3", "2014-Q4", "2015-Q1", "2015-Q2"]
    assert report.periods("2014-11", "2015-02", "month") == ["2014-11", "2014-12", "2015-01", "2015-02"]
    assert report.periods("2009", "2011", "year") == ["2009", "2010", "2011"]


def test_top_leaves_the_unknown_out_and_says_so(few: Searcher) -> None:
    made, said = report.run(few, All(), Top(2, (SPECIALTY,)))
    assert made.columns == ("value", "items", "letters", "overturned", "rate", "share")
    assert list(made.rows) == [("Pain", 3, 2, 1, 0.3333, 0.5), ("Family", 2, 1, 1, 0.5, 0.3333)]
    assert said[0] == Notice("N15", "specialty unknown in 2 items, left out")
    assert report.run(few, All(), Top(2, (OUTCOME,)))[1] == ()


def test_cite_is_one_line_an_item(few: Searcher) -> None:
    made, _, whole = report.over(few.items(["A#1", "D#1"]), Cite("ccc"))
    assert (whole.items, whole.letters, whole.overturned) == (2, 2, 1)
    assert made.columns == ("id", "citation")
    assert made.rows == (
        ("A#1", "IMR Case No. A, Item 1 (Final Determination Letter, Jan. 10, 2015)"),
        ("D#1", "IMR Case No. D, Item 1 (Final Determination Letter, undated)"),
    )


def test_kinds_are_the_upper_level_and_count_a_letter_once() -> None:
    found = searcher(
        [
            item("A", 1, category="drug/opioid", outcome="overturned"),
            item("A", 2, category="drug/muscle-relaxant"),
            item("B", 1, category="drug"),
            item("B", 2, category="mri/lumbar"),
            item("C", 1),
        ]
    )
    kind = Group("category", "kind")
    made, _ = report.run(found, All(), Count((kind,)))
    assert [row[:3] for row in made.rows] == [("drug", 3, 2), ("mri", 1, 1), (None, 1, 1)]
    crossed, _ = report.run(found, All(), Count((Group("outcome"), kind)))
    assert crossed.columns == ("outcome", "kind", "items", "letters", "share")
    assert [row[:4] for row in crossed.rows] == [
        ("overturned", "drug", 1, 1),
        ("upheld", "drug", 2, 2),
        ("upheld", "mri", 1, 1),
        ("upheld", None, 1, 1),
    ]
    small, _ = report.run(found, All(), Rate((kind,), 2))
    assert [row[:3] for row in small.rows] == [("drug", 3, 2), ("other", 2, 2)]


def test_stats_are_those_of_the_numbers() -> None:
    numbers = (1, 2, 2, 3, 4, 7, 9, 40, None)
    found = searcher(
        [
            item("A", k, visits=visits, outcome="overturned" if k in (3, 7) else "upheld")
            for k, visits in enumerate(numbers, 1)
        ]
    )
    made, said = report.run(found, All(), Stats("visits"))
    assert made.columns == ("group", "n", "mean", "median", "q1", "q3", "least", "most")
    assert made.rows == (("all", 8, 8.5, 3.5, 2.0, 7.5, 1, 40),)  # mean(), quantile() of R
    assert said == (Notice("N15", "visits unknown in 1 item, left out"),)
    by, _ = report.run(found, All(), Stats("visits", (Group("outcome"),)))
    assert by.rows == (("overturned", 2, 5.5, 5.5, 3.75, 7.25, 2, 9), ("upheld", 6, 9.5, 3.5, 2.25, 6.25, 1, 40))
    none, said = report.run(found, Keyword("outcome", ("absent",)), Stats("visits"))
    assert (none.rows, said) == ((), ())


def test_stats_leave_out_groups_without_a_number_and_count_unknown_items_once() -> None:
    items = [
        item("A", 1, visits=6, category="rehabilitation", specialty=("Pain", "Family")),
        item("A", 2, category="diagnostic", specialty=("Pain", "Family", "Dental")),
        item("B", 1, visits=8),
        item("B", 2),
    ]
    found = searcher(items)
    by_category = Stats("visits", (Group("category"),))
    by_specialty = Stats("visits", (Group("specialty"),))
    for made, said in (report.run(found, All(), by_category), report.over(items, by_category)[:2]):
        assert [row[:3] for row in made.rows] == [("rehabilitation", 1, 6.0), (None, 1, 8.0)]
        assert said == (Notice("N15", "visits unknown in 2 items, left out; 1 group has none and is not shown"),)
    for made, said in (report.run(found, All(), by_specialty), report.over(items, by_specialty)[:2]):
        assert [row[:3] for row in made.rows] == [("Family", 1, 6.0), ("Pain", 1, 6.0), (None, 1, 8.0)]
        assert said == (
            Notice("N15", "visits unknown in 2 items, left out; 1 group has none and is not shown"),
            Notice("N29", "an item may be in several groups of specialty, and counts in each"),
        )
    made, said = report.run(found, Keyword("category", ("diagnostic",)), Stats("visits"))
    assert made.rows == (("all", 0, *(None,) * 6),)
    assert said == (Notice("N15", "visits unknown in 1 item, left out"),)


def test_two_groups_are_compared_with_what_stands_in_both() -> None:
    items = [item(f"A{k}", 1, category="acupuncture", outcome="overturned" if k < 56 else "upheld") for k in range(70)]
    items += [
        item(f"B{k}", 1, category="chiropractic", outcome="overturned" if k < 48 else "upheld") for k in range(80)
    ]
    found = searcher(items)
    one, other = Keyword("category", ("acupuncture",)), Keyword("category", ("chiropractic",))
    made, said = report.run(found, one, Compare("category:chiropractic", other), asked="category:acupuncture")
    assert made.columns == (
        "group", "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high", "p",
    )  # fmt: skip
    first, second, difference = list(made.rows)
    assert first[:7] == ("category:acupuncture", 70, 70, 56, 0, 14, 0.8)
    assert second[:7] == ("category:chiropractic", 80, 80, 48, 0, 32, 0.6)
    assert difference == ("difference", None, None, None, None, None, 0.2, 0.0524, 0.3339, 0.0125)  # Newcombe, table II
    assert said == ()


def test_a_comparison_tells_what_the_groups_share_and_takes_letters_for_clusters() -> None:
    found = searcher(
        [
            item("A", 1, category="drug/a", outcome="overturned"),
            item("A", 2, category="drug/a", outcome="overturned"),
            item("A", 3, category="drug/b"),
            item("B", 1, category="drug/b", outcome="overturned"),
            item("B", 2, category="drug/a"),
            item("C", 1, category="drug/b"),
            item("C", 2, category="drug/b"),
        ]
    )
    one, every = Keyword("category", ("drug/a",)), All()
    made, said = report.run(found, one, Compare("*", every), asked="category:drug/a")
    assert [row[0] for row in made.rows] == [
        "category:drug/a",
        "*",
        "difference",
        "difference, letters as clusters",
        "in both groups",
    ]
    assert made.rows[4][1:3] == (3, 2)
    assert [notice.code for notice in said] == ["N30", "N31"]
    assert said[1].text.startswith("3 items of 2 letters are in both groups and counted in each")
    # By hand: of A, B, C the residuals are 0.120181, -0.242630, 0.122449; 2/3 - 3/7 -+ 1.96 sqrt(3/2 * 0.088307).
    low, high = made.rows[3][7:9]
    assert low == pytest.approx(-0.4752, abs=1e-4)
    assert high == pytest.approx(0.9514, abs=1e-4)


def test_rows_are_sorted_and_cut_with_what_is_unknown_last(few: Searcher) -> None:
    made, _ = report.run(few, All(), Rate((SPECIALTY,)))
    order = report.arranged(made, (SortRows((SortKey("rate", True), SortKey("items", True))),))
    assert [row[0] for row in order.rows] == ["Family", None, "Pain", "Dental"]
    named = report.arranged(made, (SortRows((SortKey("group", True),)), LimitRows(3)))
    assert [row[0] for row in named.rows] == ["Pain", "Family", "Dental"]
    small, _ = report.run(few, All(), Rate((SPECIALTY,), 3))
    assert [row[0] for row in report.arranged(small, (SortRows((SortKey("items", True),)),)).rows] == ["Pain", "other"]
    assert [row[0] for row in report.arranged(small, (LimitRows(1),)).rows] == ["Pain"]


def test_few_letters_behind_a_rate_are_told(few: Searcher) -> None:
    said = report.run(few, All(), Rate((SPECIALTY,)))[1]
    (notice,) = [notice for notice in said if notice.code == "N30"]
    assert notice.text.endswith("Pain (3 items of 2 letters), Family (2 items of 1 letter)")
    alone = searcher([item(letter, 1, outcome="overturned") for letter in "AB"])
    assert report.run(alone, All(), Rate((OUTCOME,)))[1] == ()


def test_an_item_of_two_kinds_stands_in_both_on_either_path() -> None:
    found = searcher(
        [
            item(
                "A", 1, category="diagnostic/mri", categories=("diagnostic/mri", "diagnostic/ct", "injection/epidural")
            ),
            item("A", 2, category="injection/epidural", categories=("injection/epidural",), outcome="overturned"),
            item("B", 1, category="surgery", reasons=("findings", "need")),
        ]
    )
    stored = pipeline.Stored(found, found.search(All(), (), None).ids)
    for by in ((Group("category"),), (Group("category", "kind"),), (Group("main_reason"),), (Group("reason"),)):
        for stage in (Count(by), Rate(by, 2), Top(9, by)):
            assert report.run(found, All(), stage) == report.over(stored, stage)[:2], (by, stage)
    kinds, said = report.run(found, All(), Count((Group("category", "kind"),)))
    assert [row[:3] for row in kinds.rows] == [("diagnostic", 1, 1), ("injection", 2, 1), ("surgery", 1, 1)]
    assert "groups of kind" in said[0].text


def test_a_large_cross_table_keeps_its_largest_rows_and_says_so(few: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Count((Group("letter"), Group("outcome")))
    whole, _ = report.run(few, All(), stage)
    monkeypatch.setattr(report, "ROWS", 2)
    made, said = report.run(few, All(), stage)
    assert len(whole.rows) > 2 == len(made.rows)
    assert set(made.rows) < set(whole.rows)
    assert [notice.code for notice in said if "rows" in notice.text] == ["N27"]
    alone, said = report.run(few, All(), Count((Group("letter"),)))
    assert len(alone.rows) > 2
    assert all(notice.code != "N27" for notice in said)
