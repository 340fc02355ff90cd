"""Asking one generation: every answer is whole (all shards, no time-out) or an error, and exact however large."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import ceil
from typing import Any

import msgspec

from imr_search import documents
from imr_search.engines import Found, groups, sets
from imr_search.engines.deadline import Deadline
from imr_search.engines.opensearch import query_dsl
from imr_search.engines.opensearch.cluster import Cluster, ClusterError, Stop, number, of_a_cluster, text
from imr_search.engines.opensearch.query_dsl import Compiler, Query
from imr_search.errors import ImrError, IndexError_, QueryError, TooExpensiveError
from imr_search.model import GroupCounts, Item
from imr_search.plan import All, And, Boosted, Group, Keyword, KeywordPrefix, Node, Similar, SortKey

WINDOW = 10_000  # hits in one answer; a cluster gives no more
_FIRST, _LATER = 500, 5_000  # words or values in the first page of a list, and in the next
_TIES: list[dict[str, Any]] = [{"letter": "asc"}, {"n": "asc"}]


class _Hit(msgspec.Struct, frozen=True):
    id: str
    letter: str
    n: int
    score: float
    after: tuple[Any, ...]
    named: tuple[int, ...]


@of_a_cluster
class OpenSearchSearcher:
    """`index` is one generation's index: it is not written to any more, so pages of one answer belong together."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._index = index
        self._stop = Stop(cluster)
        self.deadline = Deadline()

    @property
    def index(self) -> str:
        return self._index

    def held(self) -> int:
        """How many items the index holds now."""
        return self.count(All())

    def count(self, node: Node) -> int:
        return _total(self._ask(node, lambda query: {"query": query, "size": 0, "track_total_hits": True}))

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        if not sort and isinstance(_unboosted(node), Similar):
            return self._similar(node, limit, offset)
        last = None if limit is None else offset + limit
        pages = _Pages(self, node, _order(sort), not sort, last)
        hits = list(islice(pages, offset, last))
        scores = tuple(None if sort else hit.score for hit in hits)
        return Found(tuple(hit.id for hit in hits), scores, pages.total)

    def _similar(self, node: Node, limit: int | None, offset: int) -> Found:
        """Sums of weights are the same in every engine, and a cluster adds in single precision: the best are added up again from the terms they hold,
        with all that stand so near the last of them that the order could change."""
        factor, terms = 1.0, _unboosted(node)
        while isinstance(node, Boosted):
            factor, node = factor * node.factor, node.node
        assert isinstance(terms, Similar)
        last = None if limit is None else offset + limit
        pages = _Pages(self, terms, _order(()), True, None if last is None else last + 100)
        best: list[tuple[float, str, int, str]] = []
        enough = 0.0
        for hit in pages:
            if last is not None and len(best) >= last:
                enough = enough or min((-row[0] for row in best), default=0.0)
                if factor * hit.score < enough - 1e-5 * abs(enough) or not last:
                    break
            score = round(factor * sum(terms.terms[number][2] for number in hit.named), sets.DIGITS)
            best.append((-score, hit.letter, hit.n, hit.id))
        best.sort()
        shown = best[offset:last]
        return Found(tuple(row[3] for row in shown), tuple(-row[0] for row in shown), pages.total)

    def draw(self, node: Node, size: int, start: int) -> list[str]:
        return documents.drawn(self.search(node, (SortKey("letter"),), None).ids, size, start)

    def table(self, node: Node, by: tuple[Group, ...], letters: bool = True) -> list[GroupCounts]:
        rows = sorted(query_dsl.rows(self._ask, node, by), key=lambda row: groups.last(row.group))
        return rows if letters else [msgspec.structs.replace(row, letters=None) for row in rows]

    def items(self, ids: Iterable[str]) -> list[Item]:
        found = []
        wanted = iter(ids)
        while part := list(islice(wanted, 500)):
            body = {"query": {"terms": {"id": part}}, "size": len(set(part)), "_source": ["id", "record"]}
            held = {hit["_source"]["id"]: hit["_source"]["record"] for hit in self._send(body, part)["hits"]["hits"]}
            found += [documents.from_record(held[id_].encode()) for id_ in part if id_ in held]
        return found

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        start = f"{field}|"
        after: list[Any] = []
        size = _FIRST
        while True:
            body: dict[str, Any] = {
                "query": {"prefix": {"lexicon": {"value": start + prefix}}},
                "sort": ["lexicon"],
                "size": size,
                "_source": ["lexicon", "items"],
                "track_total_hits": False,
            }
            if after:
                body["search_after"] = after
            hits = self._send(body, start + prefix)["hits"]["hits"]
            for hit in hits:
                yield text(hit["_source"]["lexicon"])[len(start) :], number(hit["_source"]["items"])
            if len(hits) < size:
                return
            after = hits[-1]["sort"]
            size = _LATER

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        among: Node = All() if within is None else within
        if prefix:
            whole = self.count(And((among, Keyword(field, (prefix,)))))
            if whole:
                yield prefix, whole
            among = And((among, KeywordPrefix(field, prefix)))
        after: dict[str, Any] = {"v": prefix} if prefix else {}
        size = _FIRST
        while True:
            composite: dict[str, Any] = {"size": size, "sources": [{"v": {"terms": {"field": f"k.{field}"}}}]}
            if after:
                composite["after"] = after
            aggregations = {"values": {"composite": composite}}
            found = self._ask(among, lambda query, a=aggregations: {"query": query, "size": 0, "aggs": a})  # type: ignore[misc]
            buckets = found["aggregations"]["values"]["buckets"]
            for bucket in buckets:
                value = text(bucket["key"]["v"])
                if not value.startswith(prefix):
                    return
                yield value, number(bucket["doc_count"])
            if len(buckets) < size:
                return
            after = found["aggregations"]["values"]["after_key"]
            size = _LATER

    def interrupt(self) -> None:
        self._stop.ask()

    def close(self) -> None:
        self._cluster.close()

    def _ask(self, node: Node, body: Callable[[Query], dict[str, Any]]) -> dict[str, Any]:
        """The answer to `body` of the node's query, which is made again with fewer clauses when the cluster finds it too large."""
        try:
            return self._send(body(Compiler().items(node)), node)
        except _TooLarge:
            pass
        try:
            return self._send(body(Compiler(compact=True).items(node)), node)
        except _TooLarge:
            raise QueryError(
                "E131",
                "this query is too large for the cluster; its indices.query.bool.max_clause_count may be raised",
                "",
                0,
            ) from None

    def _send(self, body: dict[str, Any], of: object) -> dict[str, Any]:
        """`of` is what is asked: the same question goes to the same copies of the shards, whose scores may differ in their last digits."""
        chosen = hashlib.sha256(repr(of).encode()).hexdigest()[:16]
        params = {"allow_partial_search_results": "false", "preference": chosen, "search_type": "dfs_query_then_fetch"}
        self._go_on()
        left = self.deadline.left
        if (
            left is not None
        ):  # the cluster ends the search by itself; the connection waits a little longer for it to say so
            params["cancel_after_time_interval"] = f"{ceil(left * 1000)}ms"
        path = self._cluster.path(self._index, "_search")
        try:
            found = self._cluster.call(
                "POST", path, body, params, timeout=None if left is None else left + 0.3, stopped=self._stopped
            )
        except ImrError:
            self._go_on()
            raise
        except ClusterError as error:
            self._go_on()
            raise _named(error, self._index) from None
        shards = found.get("_shards", {})
        if found.get("timed_out") or shards.get("failed") or shards.get("successful") != shards.get("total"):
            self._go_on()
            raise IndexError_("a part of the cluster gave no answer", "try again, or see the cluster's health")
        return found

    def _go_on(self) -> None:
        """Raise KeyboardInterrupt after an interrupt, TooExpensiveError after the deadline: on the clock alone, for it is the cluster that works."""
        if self._stop.clear():
            raise KeyboardInterrupt from None
        if self.deadline.left == 0.0:
            raise TooExpensiveError from None

    def _stopped(self) -> bool:
        return self._stop() or self.deadline.left == 0.0


class _TooLarge(Exception):
    pass


def _named(error: ClusterError, index: str) -> Exception:
    if "too_many" in error.reason or "too_many" in error.kind or "maxClauseCount" in error.reason:
        return _TooLarge()
    if error.status == 404:
        return IndexError_(f"the index {index} is gone: a newer generation took its place", "open the index again")
    if error.status >= 500 or error.status == 429:
        return IndexError_("a part of the cluster gave no answer", "try again, or see the cluster's health")
    return IndexError_(f"the cluster refused a search: {error.status} {error.kind}")


class _Pages(Iterator[_Hit]):
    """The hits of a node in order, fetched as they are asked for; `total` is known after the first page. Ends with an error when the
    pages do not add up to the total (a copy of a shard was lost on the way, and the other one scores otherwise)."""

    def __init__(
        self, searcher: OpenSearchSearcher, node: Node, order: list[dict[str, Any]], scored: bool, wanted: int | None
    ) -> None:
        self._searcher = searcher
        self._node = node
        self._order = order
        self._scored = scored
        self._size = WINDOW if wanted is None else min(wanted, WINDOW)
        self._hits: list[_Hit] = []
        self._seen: set[str] = set()
        self._next = 0
        self._fetch(None)

    def __next__(self) -> _Hit:
        if self._next == len(self._hits):
            if not self._hits or len(self._hits) < self._size:
                self._end()
                raise StopIteration
            self._fetch(self._hits[-1].after)
            if not self._hits:
                self._end()
                raise StopIteration
        hit = self._hits[self._next]
        self._next += 1
        if hit.id in self._seen:
            raise IndexError_("the cluster changed while it answered", "try again")
        self._seen.add(hit.id)
        return hit

    def _end(self) -> None:
        if self._size and len(self._seen) != self.total:
            raise IndexError_("the cluster changed while it answered", "try again")

    def _fetch(self, after: tuple[Any, ...] | None) -> None:
        def body(query: Query) -> dict[str, Any]:
            asked: dict[str, Any] = {
                "query": query,
                "size": self._size,
                "sort": self._order,
                "_source": False,
                "docvalue_fields": ["id", "letter", "n"],
                "track_total_hits": after is None,
            }
            if self._scored:
                asked["track_scores"] = True
            if after is not None:
                asked["search_after"] = after
            return asked

        found = self._searcher._ask(self._node, body)
        if after is None:
            self.total = _total(found)
        self._hits = [_hit(hit) for hit in found["hits"]["hits"]]
        self._next = 0


def _hit(hit: dict[str, Any]) -> _Hit:
    held = hit["fields"]
    named = tuple(int(name) for name in sorted(hit.get("matched_queries", ()), key=int))
    score = float(hit["_score"] or 0.0)
    return _Hit(text(held["id"][0]), text(held["letter"][0]), number(held["n"][0]), score, tuple(hit["sort"]), named)


def _total(found: dict[str, Any]) -> int:
    return number(found["hits"]["total"]["value"])


def _unboosted(node: Node) -> Node:
    while isinstance(node, Boosted):
        node = node.node
    return node


def _order(sort: tuple[SortKey, ...]) -> list[dict[str, Any]]:
    if not sort:
        return [{"_score": "desc"}, *_TIES]
    keys = []
    for key in sort:
        path = f"v.{key.field}" if groups.numeric(key.field) else f"k.{key.field}"
        order = "desc" if key.descending else "asc"
        keys.append({path: {"order": order, "mode": "min", "missing": "_last"}})
    return keys + _TIES
