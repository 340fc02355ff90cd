"""Reports on a real cluster: rows and what must be said about them are those of the reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from chance import letters
from test_contract import build, close

from imr_search.documents import documents
from imr_search.engines import Searcher
from imr_search.engines.memory import MemoryEngine
from imr_search.engines.opensearch import OpenSearchEngine
from imr_search.plan import All, Compare, Count, Group, Keyword, Node, Rate, ReportStage, Stats, Top, Trend
from imr_search.searching import report

KIND, REASON, MAIN = Group("category", "kind"), Group("reason"), Group("main_reason")
UPHELD = Keyword("outcome", ("upheld",))

STAGES: list[tuple[Node, ReportStage, set[str]]] = [
    (All(), Count((REASON,)), {"N29"}),
    (All(), Count((MAIN, Group("outcome"))), set()),
    (All(), Top(10, (REASON,)), {"N29"}),
    (UPHELD, Top(3, (MAIN,)), set()),
    (All(), Rate((KIND,)), set()),
    (All(), Rate((REASON,), 3), {"N29"}),
    (All(), Rate((KIND, Group("outcome"))), set()),
    (All(), Trend("quarter", (KIND,)), set()),
    (All(), Stats("days"), set()),
    (UPHELD, Stats("days", (Group("decided", "year"),)), set()),
    (All(), Stats("visits", (KIND,)), {"N15"}),
    (All(), Stats("age", (Group("specialty"),)), {"N29"}),
    (All(), Stats("page", (Group("outcome"),)), set()),
    (All(), Compare("outcome:upheld", UPHELD), {"N31"}),
    (Keyword("sex", ("female",)), Compare("sex:male", Keyword("sex", ("male",))), set()),
]


@pytest.fixture
def searchers(address: Path, tmp_path: Path) -> Iterator[dict[str, Searcher]]:
    held = letters(Random(31), 60)
    engine = OpenSearchEngine()
    writer = engine.create(address / "a")
    writer.add(document for letter in held for document in documents(letter))
    writer.commit()
    made = {"memory": build(MemoryEngine(), tmp_path / "memory", held), "opensearch": engine.open(address / "a")}
    yield made
    close(made)


def test_reports_are_those_of_the_reference(searchers: dict[str, Searcher]) -> None:
    told: set[str] = set()
    for node, stage, codes in STAGES:
        expected, said = report.run(searchers["memory"], node, stage, asked="asked")
        found, also = report.run(searchers["opensearch"], node, stage, asked="asked")
        assert found == expected, stage
        assert also == said, stage
        assert expected.rows, stage
        assert codes <= {notice.code for notice in said}, stage
        told |= {notice.code for notice in said}
    assert {"N15", "N29", "N30", "N31"} <= told
