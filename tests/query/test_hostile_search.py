"""Hostile queries end to end, on the real letters: an answer or a coded error within two seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from goldens import TODAY, goldens
from mutants import mutants

from imr_search.errors import QueryError
from imr_search.indexing.build import build
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, shared_letters: Path) -> Iterator[Library]:
    """The 101 letters, 236 items, on Whoosh."""
    index = tmp_path_factory.mktemp("hostile") / "index"
    build([shared_letters / "dwc-2016-2017" / "pypdf"], index, engine="whoosh")
    with Library.open(index) as opened:
        yield opened


def search_all(library: Library, number: int, seed: int) -> None:
    slowest, worst, answers = 0.0, "", 0
    for text in mutants([row.query for row in goldens() if row.query], number, seed):
        start, code = time.process_time(), "E1"
        try:
            library.search(text, Options(limit=3), today=TODAY)
            answers += 1
        except QueryError as error:
            code = error.code
        assert code.startswith("E1"), text
        took = time.process_time() - start
        if took > slowest:
            slowest, worst = took, text
    print(f"{number} queries, {answers} answered, the slowest {slowest:.2f} s: {worst!r}")
    assert answers > number / 10
    assert slowest < 2, worst  # of processor time: the deadline is by the clock


def test_mutants_are_answered_or_refused(library: Library) -> None:
    search_all(library, 150, 1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
def test_many_mutants_are_answered_or_refused(library: Library, seed: int) -> None:
    search_all(library, 10_000, seed)
