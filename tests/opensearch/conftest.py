"""A cluster of three nodes for all tests of this folder; without java and mvn they skip and say so."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(
    0, str(Path(__file__).resolve().parents[1] / "engines")
)  # the contract suite and its letters made by chance
sys.path.insert(0, str(Path(__file__).resolve().parent))

import cluster


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Running]:
    """Three nodes in one process, or the cluster that IMR_SEARCH_TEST_CLUSTER names (http://host:9200, several hosts joined by commas)."""
    running = os.environ.get("IMR_SEARCH_TEST_CLUSTER")
    if running:
        yield cluster.Running(running)
        return
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    try:
        made = cluster.Nodes(tmp_path_factory.mktemp("cluster"))
        made.__enter__()
    except cluster.Missing as error:
        pytest.skip(f"no OpenSearch here: {error}")
    yield made
    made.__exit__(None, None, None)


@pytest.fixture
def address(nodes: cluster.Running) -> Iterator[Path]:
    """A name of this test's own in the cluster, as a folder is given to engines; its indices go when the test ends."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield Path(f"{nodes.hosts}/{name}")
    nodes.delete(f"{name}*")
