"""One reading, whichever engine keeps the index: the same plan, the same items and the same tiers; and the reading by hand agrees."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from chance_queries import queries
from goldens import TODAY
from lexicons import held

from imr_search.documents import Document, from_record
from imr_search.engines import Searcher
from imr_search.engines.registry import engine
from imr_search.query.parser import parse
from imr_search.query.planner import Plan, plan
from tests.engines.brute import matching, read

HAND = 7  # of so many queries one is read by hand too
ENGINES = ("memory", "whoosh", "tantivy")


def _answers(planned: Plan, searcher: Searcher) -> list[set[str]]:
    """The items of a query, then those of each of its tiers."""
    nodes = (planned.node, *(tier.node for tier in planned.tiers))
    return [set(searcher.search(node, limit=None).ids) for node in nodes]


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
        telling = tiered = 0
        reads = [read(from_record(document.record)) for document in documents]
        for text in texts:
            plans = [plan(parse(text), searcher, text=text, today=TODAY) for searcher in searchers]
            assert len({repr(one.node) for one in plans}) == 1, text
            answers = [_answers(one, searcher) for one, searcher in zip(plans, searchers, strict=True)]
            assert answers[1:] == answers[:-1], text
            found, *tiers = answers[0]
            telling += 0 < len(found) < len(documents)
            if tiers:
                assert set().union(*tiers) == found, text
                assert sum(map(len, tiers)) == len(found), text
                tiered += 1
                if tiered % HAND == 0:
                    assert [matching(tier.node, reads) for tier in plans[0].tiers] == tiers, text
        print(f"{len(texts):,} queries, {telling:,} telling, {tiered:,} with tiers")
        assert telling > len(texts) // 3
        assert tiered > len(texts) // 5


def test_engines_agree_on_the_letters_shipped(examples: Path, tmp_path: Path) -> None:
    check(list(held(examples)), tmp_path, list(queries(150, 1)))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_engines_agree_on_real_letters(seed: int, shared_letters: Path, tmp_path: Path) -> None:
    check(list(held(shared_letters / "dwc-2016-2017" / "pypdf")), tmp_path, list(queries(2_000, seed)))
