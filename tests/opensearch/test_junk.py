"""What answers at an address may be a proxy, or anything: every command ends with a typed error, soon. Needs no cluster."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from imr_search import indexing
from imr_search.engines.opensearch import OpenSearchEngine, address
from imr_search.engines.opensearch.cluster import Cluster
from imr_search.errors import ImrError, UsageError
from imr_search.plan import All, Group, SortKey
from imr_search.store import open_index

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")

PAGE = b"<html><body>Please sign in to the hotel's network</body></html>"
JUNK: dict[str, tuple[int, str, bytes]] = {
    "a page": (200, "text/html", PAGE),
    "a page that says it is JSON": (200, "application/json", PAGE),
    "a page that is forbidden": (403, "text/html", PAGE),
    "nothing": (200, "application/json", b""),
    "null": (200, "application/json", b"null"),
    "a list": (200, "application/json", b"[]"),
    "a number": (200, "application/json", b"7"),
    "a text": (200, "application/json", b'"x"'),
    "an empty object": (200, "application/json", b"{}"),
    "no UTF-8": (200, "application/json", b"\xff\xfe"),
    "deep": (200, "application/json", b"[" * 100_000),
    "wrong types": (200, "application/json", json.dumps({"x-gen-000001": [], "hits": 3, "_source": "x"}).encode()),
    "wrong inside": (200, "application/json", json.dumps({"x-gen-000001": {"mappings": [], "aliases": 1}, "hits": {"hits": [{}]}}).encode()),
    "hostile meta": (200, "application/json", json.dumps({
        "x-gen-000001": {"mappings": {"_meta": {"name": "x-gen-000001", "format": OpenSearchEngine.format, "items": "many"}}},
        "hits": {"hits": [{"_source": {"part": 0, "data": "!!"}, "sort": 1}], "total": {"value": "x"}},
        "_seq_no": "a", "_primary_term": [],
    }).encode()),
    "an error without a shape": (400, "application/json", b'{"error": 7, "status": "x"}'),
    "an error that is a list": (404, "application/json", b"[1]"),
    "a refusal in words": (400, "text/plain", b"no"),
}  # fmt: skip


class Junk(http.server.BaseHTTPRequestHandler):
    answer: ClassVar[tuple[int, str, bytes]] = JUNK["a page"]
    after: ClassVar[int] = 0

    def _any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, kind, data = self.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def junk() -> Iterator[type[Junk]]:
    made = type("Made", (Junk,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), made)
    made.url = f"http://127.0.0.1:{server.server_port}/x"  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("what", JUNK)
def test_junk_is_a_typed_error(what: str, junk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    junk.answer = JUNK[what]
    place = Path(junk.url)
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "a.txt").write_text("x")
    acts = [
        lambda: open_index(place),
        lambda: indexing.status(place),
        lambda: indexing.check(place),
        lambda: indexing.failures(place),
        lambda: indexing.build([letters], place, workers=1),
        lambda: OpenSearchEngine().open(place),
        lambda: OpenSearchEngine().create(place).commit(),
        lambda: _searcher(place).count(All()),
        lambda: _searcher(place).search(All(), (SortKey("decided"),)),
        lambda: _searcher(place).table(All(), (Group("outcome"),)),
        lambda: _searcher(place).items(["a"]),
        lambda: list(_searcher(place).words("rationale")),
        lambda: list(_searcher(place).values("outcome")),
    ]
    monkeypatch.setattr(Cluster.__init__, "__kwdefaults__", {"patience": 0.2, "timeout": 5.0})
    for number, act in enumerate(acts):
        told = _told(act)
        assert told is None or isinstance(told, ImrError), (what, number, repr(told))
        if told is not None:
            assert told.exit_code in (2, 3, 5, 75), (what, number)
            assert "hotel" not in told.message + told.hint


def _told(act: Callable[[], object]) -> BaseException | None:
    try:
        act()
    except Exception as error:
        return error
    return None


def _searcher(place: Path) -> Any:
    from imr_search.engines.opensearch.cluster_searcher import OpenSearchSearcher

    return OpenSearchSearcher(Cluster(address.parse(place)), "x-gen-000001")


@pytest.mark.parametrize("what", ["a page", "wrong inside", "hostile meta"])
def test_the_commands_tell_it_in_one_line(what: str, junk: Any, tmp_path: Path) -> None:
    junk.answer = JUNK[what]
    for program, arguments in (("search", ["pain"]), ("index", ["status"]), ("index", ["failed"])):
        code = f"from imr_search.cli import {program}_command; {program}_command()"
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments, "-i", junk.url],
            capture_output=True, text=True, env=os.environ, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 3, (what, arguments, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["127.evil.example", "localhost.evil.example", "127.0.0.1.evil.example"])
def test_a_name_that_begins_like_loopback_is_none(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(name: str, *_: object, **__: object) -> list[Any]:
        asked.append(name)
        return [(2, 1, 6, "", ("203.0.113.9", 0))]

    monkeypatch.setattr(address, "getaddrinfo", resolve)
    with pytest.raises(UsageError, match="https only"):
        address.parse(f"http://{host}:9200/imr")
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_PLAIN", "1")
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_USER", "clerk")
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_PASSWORD", "hunter2")
    with pytest.raises(UsageError, match="password is sent by https only") as told:
        Cluster(address.parse(f"http://{host}:9200/imr"))
    assert "hunter2" not in told.value.message + told.value.hint
    assert asked


def test_loopback_is_decided_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address.loopback("127.0.0.1") == "127.0.0.1"
    assert address.loopback("[::1]") == "[::1]"
    assert address.loopback("localhost") in ("127.0.0.1", "[::1]")
    assert address.loopback("192.0.2.1") is None
    both = [(2, 1, 6, "", ("127.0.0.1", 0)), (2, 1, 6, "", ("203.0.113.9", 0))]
    monkeypatch.setattr(address, "getaddrinfo", lambda *_, **__: both)
    assert address.loopback("both.example") is None
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_USER", "clerk")
    monkeypatch.setattr(address, "getaddrinfo", lambda *_, **__: both[:1])
    cluster = Cluster(address.parse("http://mine.example:9200/imr"))
    assert [host["host"] for host in cluster._client.transport.hosts] == ["127.0.0.1"]
