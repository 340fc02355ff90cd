"""Speaking to a cluster: calls repeated where that is safe, failures as typed errors that hold neither a query nor a letter nor a password.

What comes from an address is not believed to be a cluster's answer: the classes that read answers take them apart as if they were whole, and
`of_a_cluster` turns every stumbling on the way (a proxy's page, or junk) into one typed error.
"""

from __future__ import annotations

import functools
import inspect
import logging
import random
import re
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from imr_search.engines.opensearch.address import Address, credentials, loopback
from imr_search.errors import ImrError, IndexError_, StorageError, UsageError

Body = dict[str, Any] | str  # a text is lines of JSON, for _bulk
_AGAIN = frozenset((429, 502, 503, 504))
_FULL = ("disk", "flood", "read-only-allow-delete")


class ClusterError(Exception):
    """The cluster's own refusal: `status`, the error's `kind` ("index_not_found_exception") and `reason`, which may hold a letter's words and is
    for decisions only."""

    def __init__(self, status: int, kind: str, reason: str = "") -> None:
        super().__init__(f"{status} {kind}")
        self.status = status
        self.kind = kind
        self.reason = reason


class Cluster:
    """A connection. `patience`: seconds of retries before a call is given up; `timeout`: seconds that one answer may take. Safe to use from several
    threads."""

    def __init__(self, address: Address, *, patience: float = 60.0, timeout: float = 60.0) -> None:
        from opensearchpy import OpenSearch
        from opensearchpy.exceptions import OpenSearchWarning

        warnings.filterwarnings(
            "ignore", category=OpenSearchWarning
        )  # a server's advice on its next version is not for users
        for name in ("opensearch", "opensearchpy.trace"):
            logging.getLogger(name).disabled = True  # they would log queries and texts
        known = credentials()
        hosts = list(address.hosts) if address.encrypted else _plain(address, secret=bool(known.user))
        options: dict[str, Any] = {"ca_certs": known.ca} if known.ca else {}
        if address.encrypted:
            options |= {"use_ssl": True, "verify_certs": True}
        if known.user:
            options["http_auth"] = (known.user, known.password)
        self.address = address
        self.patience = patience
        self.opaque = uuid.uuid4().hex
        self._timeout = timeout
        self._client = OpenSearch(
            hosts=hosts,
            max_retries=0,
            pool_maxsize=8,
            headers={"X-Opaque-Id": self.opaque},
            **options,
        )

    def call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        params: dict[str, Any] | None = None,
        *,
        timeout: float | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """The answer as JSON. A call is repeated with growing pauses on a lost connection, a timeout, 429 and 502 to 504: all of ours may be repeated
        without harm. Raises ClusterError for the cluster's own refusals, IndexError_ when it stays away, StorageError when it is full."""
        end = time.monotonic() + self.patience
        pause = 0.1
        while True:
            try:
                return self._once(method, path, body, params, timeout)
            except _Lost as error:
                if stopped() or time.monotonic() + pause > end:
                    raise IndexError_(
                        f"the cluster does not answer: {self.address} ({error.why})",
                        "is it running, and is this its address?",
                    ) from None
            except ClusterError as error:
                if error.status not in _AGAIN or stopped() or time.monotonic() + pause > end:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, 5.0)

    def _once(
        self, method: str, path: str, body: Body | None, params: dict[str, Any] | None, timeout: float | None
    ) -> dict[str, Any]:
        from opensearchpy import exceptions

        sent = {"request_timeout": timeout or self._timeout, **(params or {})}
        headers = {"content-type": "application/x-ndjson"} if isinstance(body, str) else None
        try:
            found = self._client.transport.perform_request(method, path, params=sent, body=body, headers=headers)
        except exceptions.SSLError:
            raise IndexError_(
                f"the certificate of {self.address} cannot be trusted",
                "set IMR_SEARCH_OPENSEARCH_CA to the file of the authority that signed it",
            ) from None
        except exceptions.ConnectionTimeout:
            raise _Lost("no answer in time") from None
        except exceptions.ConnectionError as error:
            if isinstance(error.info, ValueError):  # it answered, with bytes that are no text
                raise self._no_cluster() from None
            raise _Lost("no connection") from None
        except exceptions.TransportError as error:
            raise self._refused(error.status_code, error.error, error.info) from None
        except (exceptions.OpenSearchException, ValueError, RecursionError):
            raise self._no_cluster() from None
        if isinstance(found, bool):
            return {"found": found}
        if not isinstance(found, dict):
            raise self._no_cluster()
        return found

    def _no_cluster(self) -> IndexError_:
        return IndexError_(
            f"what answers at {self.address} cannot be understood",
            "is it a cluster of OpenSearch, and nothing before it that changes answers?",
        )

    def _refused(self, status: Any, kind: Any, info: Any) -> ImrError | ClusterError | _Lost:
        if not isinstance(status, int):
            return _Lost("an answer that cannot be read")
        reasons = " ".join(_reasons(info))
        match status:
            case 401:
                return UsageError(
                    f"{self.address} does not know this user or password", "see IMR_SEARCH_OPENSEARCH_USER"
                )
            case 403 if "security_exception" in str(kind):
                return StorageError(f"this user has no permission to do that at {self.address}")
        if status in (403, 429) and any(word in reasons for word in _FULL):
            return StorageError(f"the cluster has no space left: {self.address}")
        told = str(kind)  # of a proxy it is a page, which says nothing to anybody
        return ClusterError(
            status, told if re.fullmatch(r"[a-z_]{1,80}", told) else "(no error of OpenSearch)", reasons
        )

    def path(self, *parts: str) -> str:
        return "/" + "/".join(quote(part, safe=",*") for part in parts)

    def exists(self, name: str) -> bool:
        """Is there an index or an alias of that name?"""
        try:
            return self.call("HEAD", self.path(name)).get("found", True) is not False
        except ClusterError as error:
            if error.status == 404:
                return False
            raise

    def close(self) -> None:
        self._client.close()


def _plain(address: Address, *, secret: bool) -> list[str]:
    """The hosts of an address without https: those of this machine by number, and any other only where nothing `secret` goes there."""
    found = []
    for host in address.hosts:
        name, _, port = host.removeprefix("http://").rpartition(":")
        number = loopback(name)
        if number is None and secret:
            raise UsageError("a password is sent by https only", f"https: in place of http: in {address}")
        found.append(host if number is None else f"http://{number}:{port}")
    return found


class _Lost(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _reasons(info: Any) -> list[str]:
    """All reasons in an error's JSON, however deep."""
    if isinstance(info, dict):
        own = [str(info[key]) for key in ("type", "reason") if isinstance(info.get(key), str)]
        return own + [text for value in info.values() for text in _reasons(value)]
    if isinstance(info, list):
        return [text for value in info for text in _reasons(value)]
    return []


class Stop:
    """Ends the searches of one connection from another thread."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._asked = threading.Event()

    def __call__(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        self._asked.set()
        try:
            found = self._cluster.call("GET", "/_tasks", params={"actions": "indices:data/read/*", "detailed": "false"})
            for node in found.get("nodes", {}).values():
                for task, told in node.get("tasks", {}).items():
                    if (
                        told.get("headers", {}).get("X-Opaque-Id") == self._cluster.opaque
                        and "parent_task_id" not in told
                    ):
                        self._cluster.call("POST", self._cluster.path("_tasks", task, "_cancel"))
        except (ClusterError, ImrError):
            return  # it ends by itself, and the flag is seen then

    def clear(self) -> bool:
        """Was it asked to stop? It is not any more."""
        asked = self._asked.is_set()
        self._asked.clear()
        return asked


_Class = TypeVar("_Class", bound=type)
_STUMBLING = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError, msgspec.MsgspecError)


@contextmanager
def understood() -> Iterator[None]:
    """Raise IndexError_ for an answer that is not shaped as a cluster's are."""
    try:
        yield
    except ClusterError as error:
        raise IndexError_(f"the cluster refused what it was asked: {error.status} {error.kind}") from None
    except _STUMBLING as error:
        raise IndexError_(
            "what answers at this address cannot be understood",
            "is it a cluster of OpenSearch, and nothing before it that changes answers?",
        ) from error


def of_a_cluster(kind: _Class) -> _Class:
    """The class with `understood` around every function that others call."""
    for name, act in list(vars(kind).items()):
        if inspect.isfunction(act) and (not name.startswith("_") or name in ("__enter__", "__exit__", "__next__")):
            setattr(kind, name, _generator(act) if inspect.isgeneratorfunction(act) else function(act))
    return kind


def function(act: Callable[..., Any]) -> Callable[..., Any]:
    """The same for one function."""

    @functools.wraps(act)
    def called(*given: Any, **named: Any) -> Any:
        with understood():
            return act(*given, **named)

    return called


def _generator(act: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    @functools.wraps(act)
    def called(*given: Any, **named: Any) -> Iterator[Any]:
        found = act(*given, **named)
        while True:
            with understood():
                try:
                    one = next(found)
                except StopIteration:
                    return
            yield one

    return called


def number(value: Any) -> int:
    """A count. Raises TypeError for anything else."""
    if type(value) is not int or value < 0:
        raise TypeError("no count")
    return value


def text(value: Any) -> str:
    """Raises TypeError for what is none."""
    if type(value) is not str:
        raise TypeError("no text")
    return value
