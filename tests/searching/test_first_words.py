"""What people type first, and what they meant: information needs on real letters, those beside the checkout and those of data/needs.tsv."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

import imr_search
from imr_search.errors import QueryError
from imr_search.searching.library import Library, Options

SHARED = Path(__file__).resolve().parents[3] / "shared" / "needs" / "first-words.tsv"
OWN = Path(__file__).parent / "data" / "needs.tsv"
ASKED = Options(limit=None, snippets=0, timeout=None, today=datetime.date(2017, 6, 15))
SHARE = 0.9


@pytest.fixture(scope="module")
def library(shared_letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    index = tmp_path_factory.mktemp("needs") / "index"
    imr_search.build(
        [shared_letters / "dwc-2016-2017" / "pypdf", shared_letters / "seeds"], index, engine="tantivy", workers=1
    )
    with Library.open(index, {}) as opened:
        yield opened


def _result(library: Library, query: str) -> object:
    page = library.search(query, ASKED)
    if page.report is not None:
        return page.report.rows
    return frozenset(hit.item.id for hit in page.hits)


def _said(library: Library, words: str, told: str) -> bool:
    """Is it told that no letter says what was asked for?"""
    try:
        page = library.search(words, ASKED)
    except QueryError as error:
        return told in error.message
    return any(told in notice.text for notice in page.notices)


def _right(library: Library, words: str, meant: object) -> bool:
    """Do the answer, its disputed tier, what is offered in fields, or one of the first three corrections give what was meant?"""
    try:
        page = library.search(words, ASKED)
    except QueryError as error:
        return any(_result(library, correction.query) == meant for correction in error.corrections[:3])
    if page.report is not None and page.report.rows == meant:
        return True
    ids = frozenset(hit.item.id for hit in page.hits)
    disputed = frozenset(hit.item.id for hit in page.hits if hit.tier == "disputed")
    offered = page.as_fields
    return (page.report is None and meant in (ids, disputed)) or (
        offered is not None and _result(library, offered.query) == meant
    )


def _met(library: Library, words: str, meant: str) -> bool:
    """`meant` is a query, or "says: ..." for what no letter says."""
    if meant.startswith("says: "):
        return _said(library, words, meant.removeprefix("says: "))
    return _right(library, words, _result(library, meant))


@pytest.mark.parametrize("needs", [SHARED, OWN], ids=["beside", "own"])
def test_first_words_are_answered_or_one_printed_line_away(needs: Path, library: Library) -> None:
    if not needs.is_file():
        pytest.skip("no needs beside this checkout")
    with needs.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    wrong = [words for _, words, meant in rows if not _met(library, words, meant)]
    assert len(rows) >= 30
    assert len(wrong) <= (1 - SHARE) * len(rows), wrong


def test_most_needs_find_something(library: Library) -> None:
    """Nothing is as easily right as nothing: a need that no letter answers shows little."""
    with OWN.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    queries = [meant for _, _, meant in rows if not meant.startswith("says: ")]
    empty = [meant for meant in queries if not _result(library, meant)]
    assert len(empty) <= len(rows) // 10, empty
