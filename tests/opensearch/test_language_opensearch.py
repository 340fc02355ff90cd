"""The query language on a real cluster: plain words and their tiers, and random queries, have the plan and the items of the reference."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from imr_search.engines.memory import MemoryEngine
from imr_search.engines.opensearch import OpenSearchEngine
from imr_search.errors import QueryError
from imr_search.query.parser import parse
from imr_search.query.planner import plan
from tests.query.chance_queries import queries
from tests.query.lexicons import held

TODAY = date(2020, 1, 1)
PLAIN = [
    "acupuncture",
    "lumbar mri denied",
    "norco overturned 2017",
    "physical therapy knee",
    "why was acupuncture upheld",
]


def test_queries_and_their_tiers(address: Path, examples: Path, tmp_path: Path) -> None:
    documents = list(held(examples))
    searchers = []
    for engine, place in ((MemoryEngine(), tmp_path / "memory"), (OpenSearchEngine(), address / "a")):
        if isinstance(engine, MemoryEngine):
            place.mkdir()
        writer = engine.create(place)
        writer.add(documents)
        writer.commit()
        searchers.append(engine.open(place))
    tiered, refused = 0, list[tuple[str, str]]()
    for text in [*PLAIN, *queries(120, 21)]:
        reference, other = (plan(parse(text), searcher, text=text, today=TODAY) for searcher in searchers)
        assert repr(reference.node) == repr(other.node), text
        asked = [(reference.node, other.node)]
        asked += [(one.node, two.node) for one, two in zip(reference.tiers, other.tiers, strict=True)]
        tiered += bool(reference.tiers)
        for one, two in asked:
            try:
                found = searchers[1].search(two, (), None)
            except QueryError as error:
                refused.append((error.code, text))
                continue
            assert set(found.ids) == set(searchers[0].search(one, (), None).ids), text
    assert tiered > 30
    # Long chains of many alternatives can take more clauses than a cluster allows (indices.query.bool.max_clause_count); that is told.
    assert {code for code, _ in refused} <= {"E131"}
    assert len({text for _, text in refused}) < 8, refused
    assert not {text for _, text in refused} & set(PLAIN)
    for searcher in searchers:
        searcher.close()
