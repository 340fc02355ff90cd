"""One reading, whichever engine keeps the index: the same plan, and the same items."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from chance_queries import queries
from goldens import TODAY
from lexicons import held

from imr_search.documents import Document
from imr_search.engines.registry import engine
from imr_search.query.parser import parse
from imr_search.query.planner import plan

ENGINES = ("memory", "whoosh", "tantivy")


def check(documents: list[Document], folder: Path, texts: list[str]) -> None:
    """Every query has one plan and one answer on all engines; and most answers are neither nothing nor everything."""
    with ExitStack() as closing:
        searchers = []
        for name in ENGINES:
            (folder / name).mkdir()
            writer = engine(name).create(folder / name)
            writer.add(documents)
            writer.commit()
            searchers.append(engine(name).open(folder / name))
            closing.callback(searchers[-1].close)
        telling = 0
        for text in texts:
            plans = [plan(parse(text), searcher, text=text, today=TODAY) for searcher in searchers]
            assert len({repr(one.node) for one in plans}) == 1, text
            found = [set(searcher.search(plans[0].node, limit=None).ids) for searcher in searchers]
            assert found[1:] == found[:-1], text
            telling += 0 < len(found[0]) < len(documents)
        assert telling > len(texts) // 3


def test_engines_agree_on_the_letters_shipped(examples: Path, tmp_path: Path) -> None:
    check(list(held(examples)), tmp_path, list(queries(150, 1)))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_engines_agree_on_real_letters(seed: int, shared_letters: Path, tmp_path: Path) -> None:
    check(list(held(shared_letters / "dwc-2016-2017" / "pypdf")), tmp_path, list(queries(2_000, seed)))
