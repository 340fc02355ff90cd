"""OpenSearch: the same language, answers and commands beyond one machine.

A "folder" is an address: https://host:9200/imr is what readers open (an alias), https://host:9200/imr/gen-000007 one generation (the index
imr-gen-000007). What a store does with folders and CURRENT is done here by generations.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imr_search.engines.opensearch import address, schema
from imr_search.engines.opensearch.cluster import Cluster, ClusterError
from imr_search.engines.opensearch.generations import create_index, clone_index, facts
from imr_search.engines.opensearch.searcher import OpenSearchSearcher
from imr_search.engines.opensearch.writer import OpenSearchWriter
from imr_search.errors import IndexError_

is_address = address.is_address


class OpenSearchEngine:
    """The adapter. `create`, `update` and `open` take addresses, also in the form that pathlib gives them."""

    name = "opensearch"
    format = f"opensearch 2/{schema.VERSION}"

    def create(self, folder: Path) -> OpenSearchWriter:
        cluster = _connect(folder)
        create_index(cluster)
        return OpenSearchWriter(cluster, cluster.address.name, self.format)

    def update(self, old: Path, new: Path) -> OpenSearchWriter:
        cluster = _connect(new)
        base = facts(cluster, address.parse(old).name, self.format)
        clone_index(cluster, base["name"])
        return OpenSearchWriter(cluster, cluster.address.name, self.format, base)

    def open(self, folder: Path) -> OpenSearchSearcher:
        cluster = _connect(folder)
        found = facts(cluster, cluster.address.name, self.format)
        searcher = OpenSearchSearcher(cluster, found["name"])
        held = searcher.held()
        if held != found["items"]:
            searcher.close()
            raise IndexError_(
                f"the cluster holds {held:,} of the {found['items']:,} items of {found['name']}",
                "bring its lost nodes back, or build with --full",
            )
        return searcher


def _connect(target: Path | str) -> Cluster:
    return Cluster(address.parse(target))
