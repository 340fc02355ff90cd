"""The library as a Python user meets it: names, signatures, pages as sequences, frames and tables."""

from __future__ import annotations

import datetime
import inspect

import pytest
from making import item

import imr_search
from imr_search.errors import UsageError
from imr_search.model import Evidence, Hit, IndexInfo, Notice, Page, Report


def page(*hits: Hit, report: Report | None = None, notices: tuple[Notice, ...] = ()) -> Page:
    total = 3 if report is not None else 40
    about = IndexInfo("whoosh", 1, 9, 50)
    return Page("acupuncture", "acupuncture", notices, about, total, 2, hits=hits, report=report)


HITS = (
    Hit(
        item("A", 1, decided="2015-03-04", title="Acupuncture <b>\u202e", age=40),
        1.5,
        (Evidence("rationale", 2, "Why."),),
    ),
    Hit(item("B", 1, decided=None), None),
)
REPORT = Report.of("rate", ("group", "items", "rate"), [("x & y", 3, 1 / 3), (None, 0, None)])


def test_everything_promised_is_there_with_its_signature() -> None:
    for name in imr_search.__all__:
        assert getattr(imr_search, name) is not None
    assert list(inspect.signature(imr_search.search).parameters) == ["query", "index", "options"]
    assert "letters" in inspect.signature(imr_search.build).parameters
    assert "limit" in inspect.signature(imr_search.Options).parameters
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        imr_search.Nothing  # noqa: B018


def test_a_page_is_a_sequence_of_its_hits() -> None:
    found = page(*HITS)
    assert [hit.item.id for hit in found] == ["A#1", "B#1"]
    assert len(found) == 2
    assert page()
    assert len(page()) == 0
    assert found[1].item.id == "B#1"
    assert [hit.item.id for hit in found[:1]] == ["A#1"]
    assert page(report=REPORT)[0]["items"] == 3


def test_dicts_have_the_keys_of_the_json_and_days_are_days() -> None:
    first, second = page(*HITS).to_dicts()
    assert first["decided"] == datetime.date(2015, 3, 4)
    assert second["decided"] is None
    assert first["evidence"] == [{"field": "rationale", "sentence": 2, "text": "Why."}]
    assert (first["score"], second["score"]) == (1.5, None)
    assert "items" not in first
    assert list(first)[:4] == ["id", "letter", "case", "n"]
    assert first["sources"] == []


def test_a_report_is_its_rows() -> None:
    found = page(report=REPORT)
    rows = [{"group": "x & y", "items": 3, "rate": 0.3333}, {"group": None, "items": 0, "rate": None}]
    assert list(found) == found.to_dicts() == rows
    assert len(found) == 2


def test_a_page_is_one_short_line() -> None:
    assert repr(page(*HITS)) == "<Page 'acupuncture': 2 of 40 items>"
    assert repr(page(report=REPORT)) == "<Page 'acupuncture': rate, 2 rows over 3 items>"


def test_a_hit_is_one_short_line() -> None:
    assert repr(HITS[0]) == "<Hit A#1 2015-03-04 upheld: 'Acupuncture <b>\\u202e'>"


def test_a_notebook_shows_a_table_and_no_html_of_a_letter() -> None:
    shown = page(*HITS)._repr_html_()
    assert ">Acupuncture &lt;b&gt; </td>" in shown
    assert "\u202e" not in shown
    report = page(report=REPORT, notices=(Notice("N29", "two <groups>"),))._repr_html_()
    assert ">x &amp; y</td>" in report
    assert ">33.3%</td>" in report
    assert "N29: two &lt;groups&gt;" in report
    many = page(*(HITS * 40))._repr_html_()
    assert "and 30 more rows" in many


def test_frames() -> None:
    pandas = pytest.importorskip("pandas")
    frame = page(*HITS).to_pandas()
    assert list(frame["id"]) == ["A#1", "B#1"]
    assert frame["decided"][0] == datetime.date(2015, 3, 4)
    assert list(page(report=REPORT).to_pandas().columns) == ["group", "items", "rate"]
    assert "title" in page().to_pandas().columns
    assert isinstance(frame, pandas.DataFrame)


def test_polars_frames() -> None:
    polars = pytest.importorskip("polars")
    frame = page(*HITS).to_polars()
    assert frame["id"].to_list() == ["A#1", "B#1"]
    assert frame["decided"].dtype == polars.Date
    assert page(report=REPORT).to_polars()["rate"].to_list() == [0.3333, None]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    import sys

    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=f"needs {name}"):
        getattr(page(*HITS), f"to_{name}")()
