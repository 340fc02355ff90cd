"""Writing one generation: bulk requests from a few threads, held back when the cluster asks for it, every refused document named, and the whole
verified by counts and digests before `commit` returns."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

from imr_search.documents import Document
from imr_search.engines.opensearch import mapping
from imr_search.engines.opensearch.cluster import Cluster, ClusterError, number, of_a_cluster
from imr_search.engines.opensearch.mapping import MARK, Prepared
from imr_search.errors import ImrError, IndexError_, StorageError

_BYTES = 4_000_000  # of one bulk request
_SENDERS = 3
_AGAIN = frozenset((429, 500, 502, 503, 504))


@of_a_cluster
class OpenSearchWriter:
    """`base` is what the index holds already (an update): its facts as `facts()` gave them."""

    def __init__(self, cluster: Cluster, index: str, format_: str, base: dict[str, Any] | None = None) -> None:
        self._cluster = cluster
        self._index = index
        self._format = format_
        self._updates = base is not None
        self._items: int = base["items"] if base else 0
        self._sums = list(base["digest"]) if base else [0, 0]
        self._lexicon: dict[str, Counter[str]] = defaultdict(Counter)
        self._lines: list[str] = []
        self._size = 0
        self._letter = ""
        self._fresh = True  # is all that was written visible to a search?
        self._senders = ThreadPoolExecutor(_SENDERS, thread_name_prefix="bulk")
        self._running: set[Future[None]] = set()

    def add(self, documents: Iterable[Document | Prepared]) -> None:
        for document in documents:
            item = mapping.prepare(document) if isinstance(document, Document) else document
            self._check(item)
            if item.letter != self._letter:
                self._letter = item.letter
                self._line(
                    mapping.doc_id("l", item.letter), item.letter, json.dumps(mapping.letter_source(item.letter))
                )
            text, digest = mapping.source(item)
            self._line(mapping.doc_id("i", item.id), item.letter, text)
            self._count(digest, item.w, 1)

    def _check(self, item: Prepared) -> None:
        field = mapping.too_long(item)
        if field:
            raise StorageError(f"{item.id}: {field} is longer than a cluster takes ({mapping.LONGEST:,} bytes)")
        if len(item.letter.encode()) > 500:
            raise StorageError(f"{item.letter[:80]}...: a letter's number has at most 500 bytes in a cluster")

    def _count(self, digest: tuple[int, int], texts: dict[str, list[str]], sign: int) -> None:
        self._items += sign
        for place, half in enumerate(digest):
            self._sums[place] += sign * half
        for key, values in texts.items():
            counter = self._lexicon[key]
            for word in mapping.words(values):
                counter[word] += sign

    def remove(self, letters: Iterable[str]) -> None:
        wanted = iter(dict.fromkeys(letters))
        while part := list(islice(wanted, 200)):
            self._visible()
            self._forget(part)
            self._delete({"terms": {"letter": part}})
        self._letter = ""

    def _forget(self, letters: list[str]) -> None:
        """Take what these letters' items hold out of the counts."""
        after: list[Any] = []
        while True:
            body: dict[str, Any] = {
                "query": {"bool": {"filter": [{"terms": {"letter": letters}}, {"term": {"kind": "item"}}]}},
                "sort": ["letter", "n", "id"],
                "size": 500,
                "_source": ["w", "digest"],
                "track_total_hits": False,
            } | ({"search_after": after} if after else {})
            hits = whole(self._call("POST", "_search", body, {"allow_partial_search_results": "false"}))["hits"]["hits"]
            for hit in hits:
                digest = hit["_source"]["digest"]
                self._count((digest["a"], digest["b"]), hit["_source"].get("w", {}), -1)
            if len(hits) < 500:
                return
            after = hits[-1]["sort"]

    def _delete(self, query: dict[str, Any]) -> None:
        for attempt in range(5):
            found = self._call("POST", "_delete_by_query", {"query": query}, {"refresh": "true"}, timeout=600)
            if not found.get("failures") and not found.get("timed_out"):
                return
            time.sleep(2**attempt / 4)
        raise StorageError("the cluster could not take out old letters; the index stays as it was")

    def commit(self) -> None:
        self._visible()
        self._write_lexicon()
        self._visible()
        if self._updates:
            self._call("POST", "_forcemerge", None, {"only_expunge_deletes": "true"}, timeout=3600)
        facts = self._verified()
        self._call("POST", "_flush", None, {"wait_if_ongoing": "true"}, timeout=600)
        self._call("PUT", "_settings", {"index": {"refresh_interval": None, "blocks.write": True}})
        self._call("PUT", "_mapping", {"_meta": facts | {"name": self._index, "format": self._format, MARK: True}})
        self._end()

    def _verified(self) -> dict[str, Any]:
        """What the index holds; StorageError unless it is what was sent, document for document."""
        found = counted(self._cluster, self._index)
        if found["orphans"] or found["items"] != self._items or found["digest"] != self._sums:
            raise StorageError(
                f"the cluster holds {found['items']:,} items where {self._items:,} were sent, or other ones; the old index stays"
            )
        return {key: found[key] for key in ("items", "letters", "digest")}

    def _write_lexicon(self) -> None:
        """The words with the number of items that hold each: one document a word, which is what makes expansions and completion quick."""
        for field, counter in self._lexicon.items():
            changed = iter(sorted(word for word, count in counter.items() if count))
            while part := list(islice(changed, 5_000)):
                held = self._held(field, part) if self._updates else {}
                for word in part:
                    self._write_word(f"{field}|{word}", held.get(word, 0) + counter[word])
        self._lexicon.clear()

    def _write_word(self, key: str, items: int) -> None:
        id_ = mapping.doc_id("w", key)
        if items > 0:
            self._line(id_, id_, json.dumps({"lexicon": key, "items": items}, ensure_ascii=False))
        else:
            self._put([json.dumps({"delete": {"_id": id_, "routing": id_}})])

    def _held(self, field: str, words: list[str]) -> dict[str, int]:
        body = {
            "query": {"terms": {"lexicon": [f"{field}|{word}" for word in words]}},
            "size": len(words),
            "_source": ["lexicon", "items"],
        }
        hits = whole(self._call("POST", "_search", body, {"allow_partial_search_results": "false"}))["hits"]["hits"]
        return {hit["_source"]["lexicon"][len(field) + 1 :]: hit["_source"]["items"] for hit in hits}

    def cancel(self) -> None:
        """Delete the index; a cluster that does not answer keeps it until the next build clears it away."""
        self._end()
        try:
            self._cluster.call("DELETE", self._cluster.path(self._index), None, {"ignore_unavailable": "true"})
        except (ClusterError, ImrError):
            return
        finally:
            self._cluster.close()

    def _end(self) -> None:
        for sender in self._running:
            sender.cancel()
        self._senders.shutdown(wait=True, cancel_futures=True)

    def _line(self, id_: str, routing: str, text: str) -> None:
        head = json.dumps({"index": {"_id": id_, "routing": routing}}, ensure_ascii=False)
        self._put([head, text])

    def _put(self, lines: list[str]) -> None:
        self._lines += lines
        self._size += sum(map(len, lines))
        self._fresh = False
        if self._size >= _BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._lines:
            return
        lines, self._lines, self._size = self._lines, [], 0
        while len(self._running) >= _SENDERS + 1:
            done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            for sender in done:
                sender.result()
        self._running.add(self._senders.submit(send, self._cluster, self._index, lines))

    def _visible(self) -> None:
        """Everything sent is taken and can be searched."""
        self._flush()
        for sender in self._running:
            sender.result()
        self._running = set()
        if not self._fresh:
            whole(self._call("POST", "_refresh", None, timeout=600))
            self._fresh = True

    def _call(
        self,
        method: str,
        what: str,
        body: dict[str, Any] | None,
        params: dict[str, Any] | None = None,
        timeout: float = 120,
    ) -> dict[str, Any]:
        try:
            return self._cluster.call(method, self._cluster.path(self._index, what), body, params, timeout=timeout)
        except ClusterError as error:
            raise StorageError(f"the cluster refused {what.strip('_')}: {error.status} {error.kind}") from None


def send(cluster: Cluster, index: str, lines: list[str]) -> None:
    """One bulk request. What the cluster puts off (429, a shard that moves) is sent again with growing pauses; what it refuses is named by id and
    kind, never by its text. Sending a document twice does no harm: it has one id."""
    actions = list(_actions(lines))
    end = time.monotonic() + cluster.patience
    pause = 0.1
    while actions:
        body = "\n".join(line for action in actions for line in action) + "\n"
        try:
            found = cluster.call("POST", cluster.path(index, "_bulk"), body, timeout=120)
        except ClusterError as error:
            raise StorageError(f"the cluster refused documents: {error.status} {error.kind}") from None
        if len(found.get("items", ())) != len(actions):
            raise StorageError("the cluster's answer on documents cannot be read; the old index stays")
        put_off, refused = [], []
        for action, told in zip(actions, found["items"], strict=True):
            result = next(iter(told.values()))
            if result["status"] in _AGAIN:
                put_off.append(action)
            elif result["status"] >= 300 and not (result["status"] == 404 and "delete" in told):
                refused.append(f"{result['_id'][1:]} ({result['error']['type']})")
        if refused:
            more = f" and {len(refused) - 5:,} more" if len(refused) > 5 else ""
            raise StorageError(f"the cluster refused documents: {', '.join(refused[:5])}{more}")
        if put_off and time.monotonic() + pause > end:
            raise StorageError(
                f"the cluster puts off {len(put_off):,} documents; the old index stays",
                "is it short of space or of nodes?",
            )
        actions = put_off
        if actions:
            time.sleep(pause)
            pause = min(pause * 2, 5.0)


def _actions(lines: list[str]) -> Iterator[tuple[str, ...]]:
    """A deletion is one line, anything else two."""
    remaining = iter(lines)
    for line in remaining:
        yield (line,) if line.startswith('{"delete"') else (line, next(remaining))


def whole(found: dict[str, Any]) -> dict[str, Any]:
    """The answer, if every shard gave its part."""
    if found.get("timed_out") or found.get("_shards", {}).get("failed"):
        raise IndexError_("a part of the cluster gave no answer", "try again, or see the cluster's health")
    return found


def counted(cluster: Cluster, index: str) -> dict[str, Any]:
    """What an index holds now: items, letters that have items, the sums of the items' digests, and orphans (items without their letter, letters
    without items)."""

    def of(kind: str) -> dict[str, Any]:
        return {"term": {"kind": kind}}

    linked = {"has_parent": {"parent_type": "letter", "query": {"match_all": {}}}}
    parents = {"has_child": {"type": "item", "query": {"match_all": {}}}}
    body = {
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "items": {
                "filter": of("item"),
                "aggs": {half: {"sum": {"field": f"digest.{half}"}} for half in "ab"},
            },
            "linked": {"filter": linked},
            "letters": {"filter": of("letter")},
            "parents": {"filter": parents},
        },
    }
    try:
        params = {"allow_partial_search_results": "false"}
        found = whole(cluster.call("POST", cluster.path(index, "_search"), body, params, timeout=600))["aggregations"]
    except ClusterError as error:
        raise IndexError_(f"the index {index} cannot be read: {error.status} {error.kind}") from None
    counts = {key: number(found[key]["doc_count"]) for key in ("items", "linked", "letters", "parents")}
    return {
        "items": counts["items"],
        "letters": counts["letters"],
        "digest": [int(found["items"][half]["value"]) for half in "ab"],
        "orphans": counts["items"] - counts["linked"] + counts["letters"] - counts["parents"],
    }
