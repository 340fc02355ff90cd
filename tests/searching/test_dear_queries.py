"""Queries made of what multiplies: each is answered or refused in time, in bounded memory, on every engine. See bench/dear_queries.py."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import imr_search
from imr_search.searching.library import Library

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dear() -> Iterator[ModuleType]:
    path = ROOT / "bench" / "dear_queries.py"
    spec = importlib.util.spec_from_file_location("dear_queries", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = before


@pytest.fixture(scope="module", params=("whoosh", "tantivy"))
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("dear") / request.param
    imr_search.build([ROOT / "examples" / "letters"], folder, engine=request.param, workers=1)
    return folder


def test_dear_queries_end_in_time(dear: ModuleType, index: Path) -> None:
    with Library.open(index, {}) as library:
        for query in dear.queries(60, 7):
            taken = dear.ask(library, query, 1.0)
            assert taken.seconds < 5.0, taken  # a busy machine gives it up to three times as long
            assert taken.megabytes < dear.MOST_MB, taken


def test_what_was_given_up_does_no_harm(dear: ModuleType, index: Path) -> None:
    """After a query that was refused the same library answers the others as before."""
    with Library.open(index, {}) as library:
        before = library.search("pain /s *ed").hits
        for query in dear.queries(20, 8):
            dear.ask(library, query, 0.01)
        assert library.search("pain /s *ed").hits == before


@pytest.mark.long
@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_ten_thousand_dear_queries(dear: ModuleType, engine: str, shared_letters: Path, tmp_path: Path) -> None:
    imr_search.build([shared_letters / "dwc-2016-2017" / "pypdf"], tmp_path / "index", engine=engine, workers=1)
    with Library.open(tmp_path / "index", {}) as library:
        for query in dear.queries(10_000, 1):
            taken = dear.ask(library, query, 2.0)
            assert taken.seconds < 2.5, taken
            assert taken.megabytes < dear.MOST_MB, taken
