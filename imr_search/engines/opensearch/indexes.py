"""One index of a cluster: made empty or as a copy, waited for, and asked what it holds."""

from __future__ import annotations

import os
from typing import Any

from imr_search.engines.opensearch import mapping
from imr_search.engines.opensearch.cluster import Cluster, ClusterError
from imr_search.errors import IndexError_, StorageError, UsageError

MARK = "made_by_imr_search"  # in the mapping's _meta of every index that a build makes
_COPYING = 30  # seconds that are waited for the copies of a new index


def create_index(cluster: Cluster) -> None:
    """A new, empty index of the address's name; what lay there unpublished under that name is thrown away.

    IMR_SEARCH_OPENSEARCH_SHARDS and _REPLICAS; else a shard for each node that holds data, and one replica where there are two nodes.
    """
    name = cluster.address.name
    nodes = _data_nodes(cluster)
    shards = _number("IMR_SEARCH_OPENSEARCH_SHARDS", nodes, 1)
    replicas = _number("IMR_SEARCH_OPENSEARCH_REPLICAS", 1 if nodes > 1 else 0, 0)
    _clear(cluster, name)
    settings = mapping.settings(shards, replicas)
    try:
        cluster.call(
            "PUT",
            cluster.path(name),
            {"settings": settings, "mappings": mapping.mapping() | {"_meta": {MARK: True}}},
            timeout=120,
        )
    except ClusterError as error:
        if error.kind != "resource_already_exists_exception":  # a first attempt whose answer was lost
            raise StorageError(f"the cluster cannot make the index {name}: {error.status} {error.kind}") from None
    _started(cluster, name)


def clone_index(cluster: Cluster, old: str) -> None:
    """A new index of the address's name that holds what `old` holds, by hard links on each node; `old` does not change."""
    name = cluster.address.name
    _clear(cluster, name)
    settings = {"index.blocks.write": None, "index.refresh_interval": "-1"}
    try:
        cluster.call("PUT", cluster.path(old, "_clone", name), {"settings": settings}, timeout=600)
    except ClusterError as error:
        if error.kind != "resource_already_exists_exception":
            raise StorageError(f"the cluster cannot copy {old}: {error.status} {error.kind}") from None
    _started(cluster, name)


def _clear(cluster: Cluster, name: str) -> None:
    """Throw away an index of that name, unless readers could hold it."""
    if not cluster.exists(name):
        return
    if not is_ours(cluster, name):
        raise UsageError(f"there is an index {name} that imr-search did not make", "choose another name in the address")
    if aliases(cluster, name):
        raise UsageError(f"{name} is in use; a build goes into a generation of its own")
    cluster.call("DELETE", cluster.path(name), None, {"ignore_unavailable": "true"})


def _started(cluster: Cluster, name: str) -> None:
    """Wait until every primary shard runs, and its copies too, if they do soon: from then on the loss of a node loses nothing."""
    copied(cluster, name)
    params = {"wait_for_status": "yellow", "timeout": "60s"}
    try:
        cluster.call("GET", cluster.path("_cluster", "health", name), None, params, timeout=90)
    except ClusterError as error:
        raise StorageError(f"the shards of {name} do not start: {error.status} {error.kind}") from None


def copied(cluster: Cluster, name: str) -> None:
    """Give the copies of the shards time to be made. A cluster that lost a node before may never get there."""
    params = {"wait_for_status": "green", "timeout": f"{_COPYING}s"}
    try:
        cluster.call("GET", cluster.path("_cluster", "health", name), None, params, timeout=_COPYING + 30)
    except ClusterError as error:
        if error.status != 408:
            raise IndexError_(f"the cluster does not tell its health: {error.status} {error.kind}") from None


def _data_nodes(cluster: Cluster) -> int:
    return max(1, int(cluster.call("GET", "/_cluster/health")["number_of_data_nodes"]))


def _number(variable: str, default: int, least: int) -> int:
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= 1024:
        raise UsageError(f"{variable} takes a number from {least} to 1024")
    return int(text)


def facts(cluster: Cluster, name: str, format_: str) -> dict[str, Any]:
    """What the committed index behind `name` (an alias or an index) says of itself: name, items, letters, digest. IndexError_ when there is none,
    when it was never committed, or when another version wrote it."""
    try:
        found = cluster.call("GET", cluster.path(name, "_mapping"))
    except ClusterError as error:
        if error.status == 404:
            raise IndexError_(
                f"there is no index at {cluster.address.of(name)}", "imr-index build LETTERS --index ADDRESS"
            ) from None
        raise IndexError_(f"the index cannot be opened: {error.status} {error.kind}") from None
    if len(found) != 1:
        raise IndexError_(f"{name} stands for {len(found)} indices of the cluster", "imr-index build --full")
    index, told = next(iter(found.items()))
    meta = told["mappings"].get("_meta", {})
    if meta.get("name") != index:
        raise IndexError_(f"the index {index} was never finished", "imr-index build LETTERS --index ADDRESS")
    if meta.get("format") != format_:
        raise IndexError_(
            f"the index {index} is of another version ({meta.get('format')}; this is {format_})",
            "imr-index build --full",
        )
    return dict(meta)


def is_ours(cluster: Cluster, index: str) -> bool:
    """Did a build of ours make it? What a cluster calls its indices says nothing of whose they are."""
    return index in ours(cluster, index)


def ours(cluster: Cluster, pattern: str) -> set[str]:
    """The indices of that name that builds of ours made: they bear our mark, or (of an older version) all that a finished one says of itself."""
    try:
        found = cluster.call("GET", cluster.path(pattern, "_mapping"))
    except ClusterError as error:
        if error.status == 404:
            return set()
        raise IndexError_(f"the cluster does not tell what {pattern} is: {error.status} {error.kind}") from None
    metas = {index: told["mappings"].get("_meta", {}) for index, told in found.items()}
    return {
        index
        for index, meta in metas.items()
        if meta.get(MARK) is True
        or (str(meta.get("format", "")).startswith("opensearch ") and {"name", "digest"} <= meta.keys())
    }


def aliases(cluster: Cluster, index: str) -> list[str]:
    found = cluster.call("GET", cluster.path(index, "_alias"))
    return [alias for told in found.values() for alias in told.get("aliases", {})]
