"""Generations in a cluster: an index each, an alias on the current one, and a lock for their one writer.

The promises are those of a folder's generations: nothing of a new one is seen before the alias is swapped (one step of the cluster), readers stay
with the index that they opened, the previous one is kept, and what a cut-off build left is cleared away by the next. The lock is a document that
only one process on any machine can create. Its holder renews it; one that was not renewed for two minutes is taken over, by one taker only.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from imr_search.engines.opensearch import address, mapping
from imr_search.engines.opensearch.bulk import counted, send, whole
from imr_search.engines.opensearch.cluster import Cluster, ClusterError, of_a_cluster
from imr_search.engines.opensearch.mapping import MARK, copied, facts, is_ours, ours
from imr_search.errors import IndexError_, LockedError, StorageError, UsageError

_PIECE = 600_000  # bytes of an attached file in one document


@of_a_cluster
class Generations:
    """What a store needs of a cluster in place of folders. `target` is the alias's address (https://host:9200/imr)."""

    def __init__(self, target: str | Path, *, patience: float = 60.0) -> None:
        self.address = address.parse(target)
        self._cluster = Cluster(self.address, patience=patience)

    def folder(self, generation: int) -> str:
        """The address of one generation, for an engine's create, update and open."""
        return f"{self.address}/gen-{generation:06}"

    def current(self) -> int | None:
        """The generation that readers get; None when there is none."""
        found = [
            number for number in map(self._generation, _behind(self._cluster, self.address.name)) if number is not None
        ]
        if len(found) > 1:
            raise IndexError_(f"the alias {self.address.name} stands for several generations", "imr-index build --full")
        return found[0] if found else None

    def all(self) -> list[int]:
        """Every generation whose index exists, finished or not, in order."""
        try:
            found = self._cluster.call("GET", self._cluster.path(f"{self.address.name}-gen-*", "_alias"))
        except ClusterError as error:
            raise IndexError_(f"the cluster does not list its indices: {error.status} {error.kind}") from None
        return sorted(number for number in map(self._generation, found) if number is not None)

    def owned(self) -> list[int]:
        """Those of them that builds of ours made: only these are ever deleted."""
        names = ours(self._cluster, f"{self.address.name}-gen-*")
        return sorted(number for number in map(self._generation, names) if number is not None)

    def require_ours(self) -> None:
        """Raise UsageError when the name that readers open stands for something that no build of ours made."""
        name = self.address.name
        behind = _behind(self._cluster, name)
        strange = [one for one in behind if self._generation(one) is None or not is_ours(self._cluster, one)]
        if not behind and self._cluster.exists(name):
            strange = [name]
        if strange:
            raise UsageError(
                f"{name} stands for {strange[0]} in this cluster, which imr-search did not make",
                "choose another name in the address",
            )

    def next(self) -> int:
        """The number of a new one."""
        return 1 + max(self.all(), default=0)

    def clean(self) -> None:
        """Delete what cut-off builds left, and all before the previous one; only who holds the lock may."""
        now = self.current()
        before = [number for number in self.owned() if now is not None and number < now]
        self.collect(keep=set(before[-1:]))

    def number(self, index: str) -> int:
        """The number in an index's name."""
        found = self._generation(index)
        if found is None:
            raise IndexError_(f"{index[:200]} is no generation of {self.address}")
        return found

    def _generation(self, index: str) -> int | None:
        found = re.fullmatch(re.escape(self.address.name) + r"-gen-(\d{6,})", index)
        return int(found[1]) if found else None

    def _index(self, generation: int) -> str:
        return address.parse(self.folder(generation)).name

    def publish(self, generation: int, format_: str) -> None:
        """Verify the generation once more, give it to readers in one step in place of the one before, and drop all but these two.

        Raises StorageError when the alias was moved by somebody else meanwhile; nothing has changed then.
        """
        index = self._index(generation)
        told = facts(self._cluster, index, format_)
        self._verify(index, told)
        before = _behind(self._cluster, self.address.name)
        if before == [index]:
            return
        copied(self._cluster, index)  # a node may be lost the moment after
        actions: list[dict[str, Any]] = [
            {"remove": {"index": old, "alias": self.address.name, "must_exist": True}} for old in before
        ]
        actions.append({"add": {"index": index, "alias": self.address.name}})
        try:
            self._cluster.call("POST", "/_aliases", {"actions": actions})
        except ClusterError as error:
            if _behind(self._cluster, self.address.name) != [index]:  # else a first attempt's answer was lost
                raise StorageError(
                    f"the alias {self.address.name} could not be moved: {error.status} {error.kind}"
                ) from None
        self.collect(keep={generation, *(n for n in map(self._generation, before) if n is not None)})

    def _verify(self, index: str, told: dict[str, Any]) -> None:
        held = counted(self._cluster, index)
        if held["orphans"] or any(held[key] != told[key] for key in ("items", "letters", "digest")):
            raise StorageError(f"the index {index} does not hold what was written; the old one stays")

    def collect(self, keep: set[int]) -> None:
        """Delete the indices of all other generations, the current one excepted: older ones and those of cut-off builds."""
        for number in self.owned():
            if number not in keep and number != self.current():
                self._cluster.call(
                    "DELETE", self._cluster.path(self._index(number)), None, {"ignore_unavailable": "true"}
                )

    def attach(self, generation: int, files: Mapping[str, Path]) -> None:
        """Keep files of the store's (its manifest, its ledger) in a committed generation that is not published yet, in place of those it has."""
        index = self._index(generation)
        if self.current() == generation:
            raise StorageError(f"{index} is being read and does not change any more")
        self._block(index, False)
        query = {"query": {"exists": {"field": "file"}}}
        gone = self._told("POST", (index, "_delete_by_query"), query, {"refresh": "true"}, "its old files stay")
        if gone.get("failures"):
            raise StorageError("the cluster could not take out old files; the index stays as it was")
        for name, path in files.items():
            with path.open("rb") as opened:
                for part, piece in enumerate(iter(lambda read=opened.read: read(_PIECE), b"")):  # type: ignore[misc]
                    found = {"file": name, "part": part, "data": b64encode(piece).decode()}
                    id_ = mapping.doc_id("f", f"{name}/{part}")
                    send(
                        self._cluster, index, [json.dumps({"index": {"_id": id_, "routing": name}}), json.dumps(found)]
                    )
        whole(self._told("POST", (index, "_refresh"), None, {}, "its files cannot be read"))
        self._block(index, True)

    def _block(self, index: str, block: bool) -> None:
        self._told("PUT", (index, "_settings"), {"index": {"blocks.write": block}}, {}, "it stays as it was")

    def _told(
        self, method: str, path: tuple[str, ...], body: dict[str, Any] | None, params: dict[str, str], otherwise: str
    ) -> dict[str, Any]:
        try:
            return self._cluster.call(method, self._cluster.path(*path), body, params, timeout=300)
        except ClusterError as error:
            raise StorageError(
                f"the cluster refused {path[-1].strip('_')}: {error.status} {error.kind}; {otherwise}"
            ) from None

    def fetch(self, generation: int, name: str) -> Iterator[bytes]:
        """The pieces of an attached file in order. IndexError_ when it is not there or not whole."""
        after: list[Any] = []
        expected = 0
        while True:
            body: dict[str, Any] = {
                "query": {"term": {"file": name}},
                "sort": ["part"],
                "size": 20,
                "_source": ["part", "data"],
            }
            if after:
                body["search_after"] = after
            path = self._cluster.path(self._index(generation), "_search")
            try:
                hits = whole(self._cluster.call("POST", path, body, {"allow_partial_search_results": "false"}))["hits"][
                    "hits"
                ]
            except ClusterError as error:
                raise IndexError_(f"{name} cannot be read: {error.status} {error.kind}", file=name) from None
            for hit in hits:
                if hit["_source"]["part"] != expected:
                    raise IndexError_(f"{name} is not whole", "imr-index build --full", file=name)
                expected += 1
                yield b64decode(hit["_source"]["data"])
            if len(hits) < 20:
                if not expected:
                    raise IndexError_(f"the index holds no {name}", "imr-index build --full", file=name)
                return
            after = hits[-1]["sort"]

    def check(self, generation: int, format_: str) -> int:
        """Read every item again and compare it with its digest; how many there are. IndexError_ names the first that differs."""
        index = self._index(generation)
        told = facts(self._cluster, index, format_)
        self._verify(index, told)
        seen = 0
        after: list[Any] = []
        while True:
            body: dict[str, Any] = {
                "query": {"term": {"kind": "item"}},
                "sort": ["letter", "n", "id"],
                "size": 1_000,
            } | ({"search_after": after} if after else {})
            params = {"allow_partial_search_results": "false"}
            hits = whole(self._cluster.call("POST", self._cluster.path(index, "_search"), body, params))["hits"]["hits"]
            for hit in hits:
                found = hit["_source"]
                if not mapping.intact(found):
                    raise IndexError_(
                        f"the item {found['id']} is not what was written", "imr-index build --full", file=found["id"]
                    )
            seen += len(hits)
            if len(hits) < 1_000:
                return seen
            after = hits[-1]["sort"]

    def size(self, generation: int) -> int:
        """Bytes on all nodes, replicas included."""
        found = self._cluster.call("GET", self._cluster.path(self._index(generation), "_stats", "store"))
        return int(found["_all"]["total"]["store"]["size_in_bytes"])

    def health(self) -> str:
        """green, yellow (a copy is missing) or red (a part cannot be searched), of this index."""
        return str(self._cluster.call("GET", self._cluster.path("_cluster", "health", self.address.name))["status"])

    def lock(self) -> Lock:
        return Lock(self._cluster, self.address.name)

    def close(self) -> None:
        self._cluster.close()


def _behind(cluster: Cluster, alias: str) -> list[str]:
    """The indices behind an alias."""
    try:
        return sorted(cluster.call("GET", cluster.path("_alias", alias)))
    except ClusterError as error:
        if error.status == 404:
            return []
        raise IndexError_(f"the alias cannot be read: {error.status} {error.kind}") from None


_LOCKS = {"token", "holder", "time"}  # what a lock of an earlier version holds, in an index without our mark
_STALE = 120.0  # seconds after which a lock that was not renewed belongs to nobody


@of_a_cluster
class Lock:
    """A context manager. Raises LockedError, which names the holder."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        self._index = f"{name}-lock"
        self._path = cluster.path(self._index, "_doc", "lock")
        self._token = uuid.uuid4().hex
        self._renewed = 0.0
        self._version: dict[str, Any] = {}

    def __enter__(self) -> Lock:
        self._require_index()
        for _ in range(3):
            held = self._read()
            if held is None:
                if self._write({"op_type": "create"}):
                    return self
            elif held["_source"]["token"] == self._token or time.time() - held["_source"]["time"] > _STALE:
                if self._write({"if_seq_no": held["_seq_no"], "if_primary_term": held["_primary_term"]}):
                    return self
            else:
                raise LockedError(
                    f"another build writes to this index: {held['_source']['holder']}", "wait until it has ended"
                )
        raise LockedError("another build has just begun on this index", "wait until it has ended")

    def _require_index(self) -> None:
        """Make the index that holds the lock; raise UsageError where something lies under its name that no build of ours made."""
        path = self._cluster.path(self._index)
        try:
            found = self._cluster.call("GET", f"{path}/_mapping")
        except ClusterError as error:
            if error.status != 404:
                raise StorageError(f"the lock cannot be read: {error.status} {error.kind}") from None
            body = {"mappings": {"dynamic": False, "_meta": {MARK: True}}}
            try:
                self._cluster.call("PUT", path, body)
            except ClusterError as refused:
                if refused.kind != "resource_already_exists_exception":  # another build made it just now
                    raise StorageError(f"the lock cannot be made: {refused.status} {refused.kind}") from None
            return
        for index, told in found.items():
            about = told["mappings"]
            made = about.get("_meta", {}).get(MARK) is True or about.get("properties", {}).keys() == _LOCKS
            if index != self._index or not made:
                raise UsageError(
                    f"there is an index {self._index} that imr-search did not make",
                    "choose another name in the address",
                )

    def _read(self) -> dict[str, Any] | None:
        try:
            return self._cluster.call("GET", self._path, None, {"realtime": "true"})
        except ClusterError as error:
            if error.status == 404:
                return None
            raise StorageError(f"the lock cannot be read: {error.status} {error.kind}") from None

    def _write(self, params: dict[str, Any]) -> bool:
        body = {"token": self._token, "holder": f"{socket.gethostname()} {os.getpid()}", "time": time.time()}
        try:
            found = self._cluster.call("PUT", self._path, body, params)
        except ClusterError as error:
            if error.status == 409:
                held = self._read()  # our own first attempt, whose answer was lost?
                if held is None or held["_source"]["token"] != self._token:
                    return False
                found = held
            else:
                raise StorageError(f"the lock cannot be taken: {error.status} {error.kind}") from None
        self._version = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
        self._renewed = time.monotonic()
        return True

    def renew(self, *, now: bool = False) -> None:
        """Say that the build goes on; call it as often as you like. LockedError when somebody took the lock over: stop then."""
        if (now or time.monotonic() - self._renewed > _STALE / 6) and not self._write(self._version):
            raise LockedError("this build was thought dead and another one took its place")

    def __exit__(self, *_: object) -> None:
        try:
            self._cluster.call("DELETE", self._path, None, self._version)
        except (ClusterError, IndexError_):
            return  # it is stale in two minutes
