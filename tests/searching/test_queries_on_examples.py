"""Queries over the letters that the project ships: what holds without any letters beside the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import imr_search
from imr_search.searching import evidence
from imr_search.searching.library import Library, Options


@pytest.fixture(scope="module", params=["memory", "whoosh", "tantivy"])
def library(
    request: pytest.FixtureRequest, examples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    index = tmp_path_factory.mktemp("examples") / "index"
    assert imr_search.build([examples], index, engine=request.param, workers=1).failed == 0
    with Library.open(index, {}) as opened:
        yield opened


def test_the_first_query_of_the_brief_finds_something(library: Library) -> None:
    page = library.search('treatment:acupuncture outcome:upheld guideline:"page 98"')
    assert page.total > 0
    for hit in page.hits:
        assert "acupuncture" in hit.item.treatment.lower()
        assert hit.item.outcome == "upheld"
        assert 98 in hit.item.pages
        assert hit.evidence[0].field == "guideline"


@pytest.mark.parametrize("field", ["outcome", "category", "source", "year", "specialty", "sex"])
def test_a_report_adds_up(library: Library, field: str) -> None:
    """The groups of a one-valued field share out the items; of a many-valued one, no group is larger than the whole."""
    page = library.search(f"* | rate by {field}")
    assert page.report is not None
    sums = [int(row[1] or 0) for row in page.report.rows]
    if field in ("source", "specialty", "category"):
        assert max(sums) <= page.total
    else:
        assert sum(sums) == page.total == library.facts.items
    for row in page.report.rows:
        counts = dict(zip(page.report.columns, row, strict=True))
        assert counts["items"] == int(counts["overturned"] or 0) + int(counts["modified"] or 0) + int(
            counts["upheld"] or 0
        )
        assert float(counts["low"] or 0) <= float(counts["rate"] or 0) <= float(counts["high"] or 0)


def test_each_group_is_what_a_search_for_it_finds(library: Library) -> None:
    for field in ("category", "outcome", "specialty"):
        report = library.search(f"* | count by {field}").report
        assert report is not None
        for value, items, letters, _ in report.rows:
            query = f"missing:{field}" if value is None else f'{field}:"{value}"'
            found = library.search(query)
            if field == "outcome" or value is None:
                assert (found.total, found.letters) == (items, letters), query
            else:
                assert found.total >= int(items or 0), query


def test_every_piece_of_evidence_is_in_its_letter_and_can_be_looked_up(library: Library) -> None:
    page = library.search("pain or therapy or guidelines", Options(limit=None, snippets=None))
    assert page.total > 20
    for hit in page.hits:
        assert hit.evidence
        for found in hit.evidence:
            assert evidence.sentence(hit.item, found.field, found.sentence) == found.text
            assert all(found.text[start:end].strip() for start, end in found.marks)


def test_records_and_samples(library: Library) -> None:
    page = library.search("* | sample 10 seed 7")
    assert page.total == 10
    assert library.replay(library.record(page)).same
    assert library.search("* | sample 10 seed 7") == page
    assert library.search("* | sample 10 seed 8").hits != page.hits
