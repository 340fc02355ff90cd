"""What people type first, and what they meant: real needs that lie beside the checkout, on real letters."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

import imr_search
from imr_search.errors import QueryError
from imr_search.searching.library import Library, Options

SHARED = Path(__file__).resolve().parents[3] / "shared"
NEEDS = SHARED / "needs" / "first-words.tsv"
ASKED = Options(limit=None, snippets=0, timeout=None, today=datetime.date(2020, 1, 1))
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
    return meant in (ids, disputed) or (offered is not None and _result(library, offered.query) == meant)


@pytest.mark.skipif(not NEEDS.is_file(), reason="no needs beside this checkout")
def test_first_words_are_answered_or_one_printed_line_away(library: Library) -> None:
    with NEEDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    wrong = [words for _, words, meant in rows if not _right(library, words, _result(library, meant))]
    assert len(rows) >= 30
    assert len(wrong) <= (1 - SHARE) * len(rows), wrong
