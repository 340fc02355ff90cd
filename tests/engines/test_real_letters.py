"""Random queries over the real letters, where there are any: every engine against the brute-force reading of the text."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from test_contract import ENGINES, build, close, compare, items

from imr_search.engines.registry import engine
from imr_search.letters.decoding import read_text
from imr_search.letters.parse import parse
from imr_search.model import Letter


def real(folder: Path) -> list[Letter]:
    found = []
    for path in sorted((folder / "dwc-2016-2017" / "pypdf").glob("*.txt")):
        text = read_text(path, path.read_bytes())
        found += parse(text, file=path.name, sha256="0" * 64, stem=path.stem)
    return found


def test_random_queries_over_real_letters(shared_letters: Path, tmp_path: Path) -> None:
    held = real(shared_letters)
    assert len(items(held)) == 236
    searchers = {name: build(engine(name), tmp_path / name, held) for name in ENGINES if name != "memory"}
    compare(searchers, held, Random(1), 60, deep=0)
    close(searchers)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_many_random_queries_over_real_letters(seed: int, shared_letters: Path, tmp_path: Path) -> None:
    held = real(shared_letters)
    searchers = {name: build(engine(name), tmp_path / name, held) for name in ENGINES}
    compare(searchers, held, Random(1000 + seed), 1_000, deep=0.1)
    close(searchers)
