"""OpenSearch: the same language, answers and commands beyond one machine.

A "folder" is an address: https://host:9200/imr is what readers open (an alias), https://host:9200/imr/gen-000007 one generation (the index
imr-gen-000007). What a store does with folders and CURRENT is done here by generations.py. A store that builds keeps its own files in a folder; the
engine's folder there holds one file, which names the index, and two levels above it a file names the cluster (POINTER).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from imr_search.engines.opensearch import address, mapping
from imr_search.engines.opensearch.bulk import OpenSearchWriter
from imr_search.engines.opensearch.cluster import Cluster, of_a_cluster
from imr_search.engines.opensearch.cluster_generations import Generations
from imr_search.engines.opensearch.cluster_searcher import OpenSearchSearcher
from imr_search.engines.opensearch.mapping import clone_index, create_index, facts
from imr_search.errors import IndexError_, UsageError

POINTER = "cluster"
INDEX = "index"


@of_a_cluster
class OpenSearchEngine:
    """The adapter. `create`, `update` and `open` take addresses, also in the form that pathlib gives them, or folders that point to a cluster."""

    name = "opensearch"
    format = f"opensearch 2/{mapping.VERSION}"

    def create(self, folder: Path) -> OpenSearchWriter:
        cluster = Cluster(_new(folder))
        create_index(cluster)
        return OpenSearchWriter(cluster, cluster.address.name, self.format)

    def update(self, old: Path, new: Path) -> OpenSearchWriter:
        cluster = Cluster(_new(new))
        base = facts(cluster, _known(old).name, self.format)
        clone_index(cluster, base["name"])
        return OpenSearchWriter(cluster, cluster.address.name, self.format, base)

    def open(self, folder: Path) -> OpenSearchSearcher:
        cluster = Cluster(_known(folder))
        try:
            found = facts(cluster, cluster.address.name, self.format)
            searcher = OpenSearchSearcher(cluster, found["name"])
            held = searcher.held()
            if held != found["items"]:
                raise IndexError_(
                    f"the cluster holds {held:,} of the {found['items']:,} items of {found['name']}",
                    "bring its lost nodes back, or build with --full",
                )
        except BaseException:
            cluster.close()
            raise
        return searcher


def _known(folder: Path) -> address.Address:
    """The index that an address names, or a folder that was written."""
    if address.is_address(folder):
        return address.parse(folder)
    try:
        name = (folder / INDEX).read_text(encoding="utf-8")
    except OSError as error:
        raise IndexError_(f"{folder.name}/{INDEX} cannot be read: {error.strerror}", file=INDEX) from None
    return _pointed(folder).of(name)


def _new(folder: Path) -> address.Address:
    """A new index: as the address says, or the next number, which the folder then holds."""
    if address.is_address(folder):
        return address.parse(folder)
    with closing(Generations(str(_pointed(folder)))) as generations:
        found = address.parse(generations.folder(generations.next()))
    (folder / INDEX).write_text(found.name, encoding="utf-8")
    return found


def _pointed(folder: Path) -> address.Address:
    try:
        return address.parse((folder.parent.parent / POINTER).read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(
            "opensearch keeps its index in a cluster and not in a folder", "--index https://HOST:9200/NAME"
        ) from None
