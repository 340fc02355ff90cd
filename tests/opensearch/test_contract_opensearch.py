"""The contract of engines on a real cluster of three nodes: the same items, counts, orders and tables as the reference and the brute-force reading."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from chance import Nodes, letter, letters
from test_contract import build, close, compare, items

from imr_search.documents import documents
from imr_search.engines import Searcher
from imr_search.engines.memory import MemoryEngine
from imr_search.engines.opensearch import OpenSearchEngine
from imr_search.model import Letter
from imr_search.nodes import All

ENGINE = OpenSearchEngine()


def made(folder: Path, held: list[Letter]) -> Searcher:
    writer = ENGINE.create(folder)
    writer.add(document for letter in held for document in documents(letter))
    writer.commit()
    return ENGINE.open(folder)


@pytest.mark.parametrize("seed", range(5))
def test_random_queries(seed: int, address: Path, tmp_path: Path) -> None:
    rng = Random(seed)
    held = letters(rng, 24)
    searchers = {"memory": build(MemoryEngine(), tmp_path / "memory", held), "opensearch": made(address / "a", held)}
    compare(searchers, held, rng, 100)
    close(searchers)
