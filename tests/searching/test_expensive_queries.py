"""Queries made of what multiplies: each is answered or refused in time, in bounded memory, on every engine. See bench/expensive_queries.py."""

from __future__ import annotations

import contextlib
import importlib.util
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import imr_search
from imr_search.errors import ImrError, QueryError, TooExpensiveError
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def expensive() -> Iterator[ModuleType]:
    path = ROOT / "bench" / "expensive_queries.py"
    spec = importlib.util.spec_from_file_location("expensive_queries", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = before


@pytest.fixture(scope="module", params=("whoosh", "tantivy"))
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("expensive") / request.param
    imr_search.build([ROOT / "examples" / "letters"], folder, engine=request.param, workers=1)
    return folder


def test_expensive_queries_end_in_time(expensive: ModuleType, index: Path) -> None:
    with Library.open(index, {}) as library:
        for query in expensive.queries(20, 7):
            taken = expensive.ask(library, query, 1.0)
            assert taken.seconds < 5.0, taken  # a busy machine gives it up to three times as long
            assert taken.megabytes < expensive.MOST_MB, taken


def test_what_was_given_up_does_no_harm(expensive: ModuleType, index: Path) -> None:
    """After a query that was refused the same library answers the others as before."""
    with Library.open(index, {}) as library:
        before = library.search("pain /s *ed").hits
        for query in expensive.queries(8, 8):
            expensive.ask(library, query, 0.01)
        assert library.search("pain /s *ed").hits == before


def test_looking_words_up_ends_at_the_deadline(index: Path) -> None:
    """Wildcards stand for words of the whole lexicon, in each field."""
    with Library.open(index, {}) as library:
        words = list(library.searcher.words("rationale"))
        assert words == sorted(words)
        library.searcher.deadline.start(1e-9)
        with pytest.raises(TooExpensiveError):
            list(library.searcher.words("rationale"))
        with pytest.raises(QueryError) as refused:
            library.search("*ing OR re* OR *ed", Options(timeout=1e-9))
        assert refused.value.code == "E135"
        library.searcher.deadline.start(None)
        assert list(library.searcher.words("rationale")) == words


@pytest.mark.long
@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_ten_thousand_dear_queries(expensive: ModuleType, engine: str, shared_letters: Path, tmp_path: Path) -> None:
    """On the real letters, with the deadline that every query has."""
    imr_search.build([shared_letters / "dwc-2016-2017" / "pypdf"], tmp_path / "index", engine=engine, workers=1)
    with Library.open(tmp_path / "index", {}) as library:
        for taken in expensive.answered(library, 10_000, 1, 2.0):
            assert expensive.beyond(taken) < expensive.SLACK, taken
            assert taken.megabytes < expensive.MOST_MB, taken


@pytest.fixture(scope="module", params=("whoosh", "tantivy"))
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """14,000 items made by a seed."""
    folder: Path = tmp_path_factory.mktemp("many") / request.param
    subprocess.run(
        [sys.executable, ROOT / "bench" / "corpus.py", "6936", "--out", folder / "letters"], check=True, cwd=ROOT
    )
    assert imr_search.build([folder / "letters"], folder / "index", engine=request.param).items == 14_000
    return folder / "index"


@pytest.mark.long
def test_ten_thousand_queries_are_cut_in_time(expensive: ModuleType, many: Path) -> None:
    """Each has another deadline, so that every step of the work is met by one: none goes on for more than half a second."""
    worst = []
    with Library.open(many, {}) as library:
        for taken in expensive.answered(library, 10_000, 1, 0.5, cut=True):
            worst = sorted([*worst, taken], key=expensive.beyond, reverse=True)[:10]
    print(library.facts.engine, *worst, sep="\n")
    assert expensive.beyond(worst[0]) < expensive.SLACK


@pytest.mark.long
def test_five_hundred_queries_are_interrupted_in_time(expensive: ModuleType, many: Path) -> None:
    """Ctrl-C at any moment of a query that has no deadline: the prompt has its line again within a second."""
    chance, interrupted = random.Random(3), 0
    with Library.open(many, {}) as library:
        for query in expensive.queries(500, 3):
            after = chance.random()
            timer = threading.Timer(after, library.searcher.interrupt)
            began, worked = time.monotonic(), time.process_time()
            timer.start()
            try:
                library.search(query, Options(limit=10, timeout=None))
            except KeyboardInterrupt:
                took = min(time.monotonic() - began, time.process_time() - worked)
                interrupted += 1
                assert took < after + 1, query
            except ImrError:
                pass
            finally:
                timer.cancel()
                timer.join()
            with contextlib.suppress(KeyboardInterrupt):  # one that came too late is not for the next query
                library.search("outcome:upheld | limit 1", Options(limit=1, timeout=None))
    assert interrupted > 50
