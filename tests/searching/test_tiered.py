"""Answers to plain words come tier by tier, are counted so, and say so in every format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import imr_search
from imr_search.model import Page
from imr_search.output import data, explanation, wording
from imr_search.output.lists import listing
from imr_search.output.terminal import Terminal
from imr_search.searching.library import Library, Options

ORDER = ["disputed", "discussed", "mentioned"]


@pytest.fixture(scope="module", params=["memory", "whoosh", "tantivy"])
def library(
    request: pytest.FixtureRequest, examples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    index = tmp_path_factory.mktemp("tiers") / str(request.param)
    imr_search.build([examples], index, engine=request.param, workers=1)
    with Library.open(index, {}) as opened:
        yield opened


def _tiers(page: Page) -> list[str | None]:
    return [hit.tier for hit in page.hits]


QUERIES = ("acupuncture", "opioid", "lumbar", "therapy or mri", "norco outcome:upheld", "pain -opioid")


@pytest.mark.parametrize("query", QUERIES)
def test_items_come_tier_by_tier_and_then_by_score(library: Library, query: str) -> None:
    page = library.search(query, Options(limit=None, timeout=None))
    named = _tiers(page)
    assert named == sorted(named, key=lambda tier: ORDER.index(str(tier)))
    for tier in ORDER:
        scores = [hit.score or 0.0 for hit in page.hits if hit.tier == tier]
        assert scores == sorted(scores, reverse=True)
    assert {row.group[0]: row.items for row in page.tiers} == {tier: named.count(tier) for tier in ORDER}
    assert sum(row.overturned for row in page.tiers) == (page.tally.overturned if page.tally else 0)


@pytest.mark.parametrize("query", QUERIES)
def test_pages_are_cut_from_the_one_order(library: Library, query: str) -> None:
    whole = [hit.item.id for hit in library.search(query, Options(limit=None, snippets=0, timeout=None)).hits]
    for offset in range(0, len(whole) + 3, 3):
        page = library.search(query, Options(limit=3, offset=offset, snippets=0, timeout=None))
        assert [hit.item.id for hit in page.hits] == whole[offset : offset + 3]
        assert page.total == len(whole)
    limited = library.search(f"{query} | limit 4", Options(snippets=0, timeout=None))
    assert [hit.item.id for hit in limited.hits] == whole[:4]
    assert sum(row.items for row in limited.tiers) == min(4, len(whole))


def test_an_order_that_is_asked_for_is_kept_and_each_item_still_has_its_tier(library: Library) -> None:
    page = library.search("lumbar", Options(limit=None, sort="-decided", snippets=0, timeout=None))
    dates = [hit.item.decided or "" for hit in page.hits]
    assert dates == sorted(dates, reverse=True)
    by_score = library.search("lumbar", Options(limit=None, snippets=0, timeout=None))
    assert {hit.item.id: hit.tier for hit in page.hits} == {hit.item.id: hit.tier for hit in by_score.hits}


def test_without_plain_words_nothing_is_said_of_tiers(library: Library) -> None:
    page = library.search("treatment:acupuncture", Options(timeout=None))
    assert page.tiers == ()
    assert set(_tiers(page)) == {None}
    assert data.envelope(page)["tiers"] == []
    assert list(wording.tiers(page)) == []


def test_a_report_without_groups_has_the_tiers_as_rows(library: Library) -> None:
    page = library.search("lumbar | rate", Options(timeout=None))
    assert page.report is not None
    held = [row for row in page.tiers if row.items]
    assert [row[0] for row in page.report.rows] == [row.group[0] for row in held]
    assert sum(int(row[1] or 0) for row in page.report.rows) == page.total
    counted = library.search("lumbar | count", Options(timeout=None))
    assert counted.report is not None
    assert [row[:2] for row in counted.report.rows] == [(row.group[0], row.items) for row in held]


@pytest.mark.parametrize("report", ["rate by category", "count by outcome", "trend year", "top 3 guideline", "rate"])
def test_a_report_says_what_the_disputed_items_alone_give(library: Library, report: str) -> None:
    page = library.search(f"lumbar or therapy | {report}", Options(timeout=None))
    (notice,) = [notice for notice in page.notices if notice.code == "N28"]
    query = notice.text.partition(": ")[2]
    assert query.startswith("(lumbar OR therapy) AND tier:disputed | ")
    narrowed = library.search(query, Options(timeout=None))
    assert narrowed.total == page.tiers[0].items
    assert all(notice.code != "N28" for notice in narrowed.notices)


def test_the_list_says_where_a_tier_begins(library: Library) -> None:
    page = library.search("lumbar", Options(limit=None, snippets=0, timeout=None))
    lines = list(listing(page, Terminal()))
    begun = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
    assert begun == [tier for tier in ORDER if tier in _tiers(page)]
    assert sum(line.lstrip().startswith(tuple(ORDER)) for line in lines[:8]) == len(begun)


def test_json_and_csv_name_the_tier(library: Library) -> None:
    page = library.search("lumbar", Options(limit=2, timeout=None))
    found = json.loads("\n".join(data.json_object(page)))
    assert found["schema"] == 2
    assert [tier["tier"] for tier in found["tiers"]] == ORDER
    assert list(found["tiers"][0]) == ["tier", "items", "letters", "overturned", "modified", "upheld"]
    assert [item["tier"] for item in found["items"]] == _tiers(page)
    header, *rows = data.rows(page)
    assert header[-1] == "tier"
    assert [row[-1] for row in rows] == _tiers(page)


def test_an_explanation_counts_the_tiers_and_offers_the_reading_in_fields(library: Library) -> None:
    found = library.explain("acupuncture upheld", timeout=None)
    page = library.search("acupuncture upheld", Options(timeout=None))
    assert dict(found.tiers) == {str(row.group[0]): row.items for row in page.tiers}
    assert found.as_fields == page.as_fields
    lines = list(explanation.shown(found, Terminal()))
    assert any(line.startswith("tiers    disputed ") for line in lines)
    assert any(line.startswith("fields   category:acupuncture outcome:upheld (") for line in lines)
    told = explanation.as_json(found)
    assert [tier["tier"] for tier in told["tiers"]] == ORDER  # type: ignore[index,attr-defined]
    assert library.explain("treatment:acupuncture", timeout=None).tiers == ()
