"""One writer at a time, in any process on any machine: a document that only one can create. Its holder renews it; one that was not renewed for two
minutes is taken over, by one taker only."""

from __future__ import annotations

import os
import socket
import time
import uuid
from typing import Any

from imr_search.engines.opensearch.cluster import Cluster, ClusterError
from imr_search.engines.opensearch.cluster_answers import of_a_cluster
from imr_search.errors import IndexError_, LockedError, StorageError

_STALE = 120.0  # seconds after which a lock that was not renewed belongs to nobody


@of_a_cluster
class Lock:
    """A context manager. Raises LockedError, which names the holder."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        self._path = cluster.path(f"{name}-lock", "_doc", "lock")
        self._token = uuid.uuid4().hex
        self._renewed = 0.0
        self._version: dict[str, Any] = {}

    def __enter__(self) -> Lock:
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
