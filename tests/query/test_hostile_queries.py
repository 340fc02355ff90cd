"""Whatever is typed: an answer or a coded error, at a place inside what was typed, with corrections that can be read."""

from __future__ import annotations

import datetime
import re
import time

import pytest
from goldens import SAVED, TODAY, goldens
from hypothesis import given, settings
from hypothesis import strategies as st
from made import searcher
from mutants import mutants

from imr_search.engines.memory import MemorySearcher
from imr_search.errors import QueryError
from imr_search.query.completion import complete
from imr_search.query.parser import literal, parse, readable
from imr_search.query.planner import plan

SEEDS = [row.query for row in goldens() if row.query]
WORDS_OF_ERRORS = re.compile(r"LPAR|RPAR|BUTNOT|\$END|Token|Traceback|PHRASE|SCALAR")


def check(text: str, index: MemorySearcher, count: bool = True) -> None:
    try:
        found = plan(parse(text), index, text=text, today=TODAY, saved=SAVED)
    except QueryError as problem:
        error = problem
    else:
        if count:
            index.count(found.node)
        again = plan(parse(found.read_as), index, text=found.read_as, today=datetime.date(2001, 1, 1))
        assert (again.node, again.stages, again.read_as) == (found.node, found.stages, found.read_as)
        return
    assert re.fullmatch(r"E1[0-4]\d", error.code)
    assert 0 <= error.start <= error.end <= len(text)
    assert error.query == text
    assert len(error.expected) <= 7
    assert not WORDS_OF_ERRORS.search(error.message + " ".join(error.expected))
    assert "\n" not in error.message.replace(text, "")
    assert all(readable(correction.query) for correction in error.corrections)


def check_all(number: int, seed: int) -> None:
    index = searcher()
    for text in mutants(SEEDS, number, seed):
        start = time.perf_counter()
        check(text, index)
        complete(text, len(text), index, saved=SAVED)
        assert time.perf_counter() - start < 2, text


def test_mutants() -> None:
    check_all(1_500, 1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
def test_many_mutants(seed: int) -> None:
    check_all(10_000, seed)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text(text: str) -> None:
    check(text, searcher())


@given(st.text(alphabet='ab "()|,:-+/*!?~^5.nots\n', max_size=40))
@settings(max_examples=500, deadline=None)
def test_signs(text: str) -> None:
    check(text, searcher(), count=False)


@given(st.text(max_size=60), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_completion_never_fails(text: str, cursor: int) -> None:
    for one in complete(text, cursor, searcher()):
        assert 0 <= one.start <= min(cursor, len(text))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_literal_is_one_phrase(text: str) -> None:
    try:
        query = literal(text)
    except QueryError as error:
        code = error.code
    else:
        assert parse(str(query)) == query
        return
    assert code in ("E101", "E131")
