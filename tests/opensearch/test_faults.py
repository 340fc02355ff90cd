"""One of three nodes is killed (each a process of its own) in a build and in searches: nothing is lost, and an answer is right or an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import cluster
import pytest
from chance import Nodes, letters
from test_contract import build, items

from imr_search.documents import Document, documents
from imr_search.engines.memory import MemoryEngine
from imr_search.engines.opensearch import OpenSearchEngine
from imr_search.engines.opensearch.cluster_generations import Generations
from imr_search.errors import IndexError_
from imr_search.plan import All, SortKey

ENGINE = OpenSearchEngine()


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Nodes]:
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    try:
        made = cluster.Nodes(tmp_path_factory.mktemp("apart"), apart=True, heap="384m")
        made.__enter__()
    except cluster.Missing as error:
        pytest.skip(f"no OpenSearch here: {error}")
    yield made
    made.__exit__(None, None, None)


@pytest.mark.parametrize("searches", [150, pytest.param(1_000, marks=pytest.mark.long)])
def test_a_node_lost_while_building_and_while_searching(
    apart: cluster.Nodes, searches: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = Random(21)
    held = letters(rng, 60)
    target = Generations(f"{apart.hosts}/imr{searches}", patience=120)
    folder = Path(target.folder(1))

    lost = threading.Event()
    sent = 0

    def arriving() -> Iterator[Document]:
        """The letters, and a node that dies when a third of them is on its way."""
        nonlocal sent
        for number, letter in enumerate(held):
            if number == len(held) // 3:
                writer._flush()
                apart.kill(2)
                lost.set()
            yield from documents(letter)
            sent += len(letter.items)
            writer._flush()

    writer = ENGINE.create(folder)
    writer._cluster.patience = 120
    writer.add(arriving())
    writer.commit()
    assert lost.is_set()
    (tmp_path / "ledger").write_bytes(b"{}" * 400_000)
    target.attach(1, {"ledger": tmp_path / "ledger"})
    target.publish(1, ENGINE.format)
    assert target.current() == 1
    assert target.check(1, ENGINE.format) == sent == len(items(held))
    assert b"".join(target.fetch(1, "ledger")) == b"{}" * 400_000

    apart.restart(2)
    apart.wait("green", 3, 180)
    memory = build(MemoryEngine(), tmp_path / "memory", held)
    nodes = Nodes(rng, items(held))
    asked = [nodes.any(2) for _ in range(100)]
    truth = [memory.search(node, (SortKey("id"),), None) for node in asked]
    searcher = ENGINE.open(Path(f"{apart.hosts}/imr{searches}"))
    searcher._cluster.patience = 60
    answers = errors = wrong = 0
    for number in range(searches):
        if number == searches * 3 // 10:
            apart.kill(0)
        if number == searches * 7 // 10:
            apart.restart(0)
        try:
            found = searcher.search(asked[number % 100], (), None)
        except IndexError_:
            errors += 1
            continue
        answers += 1
        expected = truth[number % 100]
        wrong += set(found.ids) != set(expected.ids) or found.total != expected.total
    with capsys.disabled():
        print(
            f"\na node killed during {searches:,} searches: {answers} right answers, {errors} errors, {wrong} wrong answers"
        )
    assert wrong == 0
    assert answers >= searches * 9 // 10
    apart.wait("green", 3, 180)
    assert searcher.count(All()) == len(items(held))
    searcher.close()
    target.close()
