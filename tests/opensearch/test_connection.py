"""Addresses, credentials, TLS, refusals and lost answers: what a cluster is told, and what a user is."""

from __future__ import annotations

import http.server
import json
import logging
import ssl
import subprocess
import threading
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import cluster as running
import pytest
from chance import letters
from test_contract import items

from imr_search.documents import documents
from imr_search.engines.opensearch import OpenSearchEngine, address
from imr_search.engines.opensearch.bulk import send
from imr_search.engines.opensearch.cluster import Cluster, ClusterError
from imr_search.engines.opensearch.cluster_searcher import OpenSearchSearcher
from imr_search.errors import ImrError, IndexError_, StorageError, TooExpensiveError, UsageError
from imr_search.plan import All

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
ENGINE = OpenSearchEngine()
PASSWORD = "correct horse"
parse = address.parse


@pytest.mark.parametrize(
    ("written", "hosts", "name"),
    [
        ("https://host:9200/imr", ("https://host:9200",), "imr"),
        ("https:/host:9200/imr", ("https://host:9200",), "imr"),
        ("https://a:1,b:2/imr/gen-000007", ("https://a:1", "https://b:2"), "imr-gen-000007"),
        ("https://search.example.org/imr", ("https://search.example.org:443",), "imr"),
        ("http://127.0.0.1:9200/imr", ("http://127.0.0.1:9200",), "imr"),
        ("http://[::1]:9200/imr/", ("http://[::1]:9200",), "imr"),
    ],
)
def test_addresses(written: str, hosts: tuple[str, ...], name: str) -> None:
    assert address.is_address(written)
    assert address.parse(written) == address.parse(Path(written)) == address.Address(hosts, name)


@pytest.mark.parametrize(
    "written",
    [
        "https://u:correct horse@host:9200/imr", "https://host:9200/", "https://host:9200/IMR", "https://host:9200/_all", "https://host:99999/imr",
        "https://host:9200/imr?x=1", "https://ho st/imr", "http://search.example.org:9200/imr", "https://host:9200/*", "ftp://host/imr", "https://host:9200/imr#a",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(written: str) -> None:
    with pytest.raises(UsageError) as error:
        address.parse(written)
    assert PASSWORD not in error.value.message + error.value.hint


@pytest.mark.parametrize("written", ["https", "folder/https:/x", "C:\\index", "/srv/imr"])
def test_folders_are_no_addresses(written: str) -> None:
    assert not address.is_address(written)


def test_credentials_come_from_the_environment_or_a_private_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("USER", "PASSWORD", "FILE", "CA"):
        monkeypatch.delenv(f"IMR_SEARCH_OPENSEARCH_{variable}", raising=False)
    monkeypatch.setenv("IMR_SEARCH_CONFIG", str(tmp_path / "config.toml"))
    assert address.credentials() == address.Credentials()
    file = tmp_path / "opensearch.toml"
    file.write_text(f'user = "clerk"\npassword = "{PASSWORD}"\nca = "/etc/ca.pem"\n')
    file.chmod(0o640)
    with pytest.raises(UsageError, match="others can read"):
        address.credentials()
    file.chmod(0o600)
    assert address.credentials() == address.Credentials("clerk", PASSWORD, "/etc/ca.pem")
    assert PASSWORD not in repr(address.credentials())
    file.write_text(f'password = "{PASSWORD}')
    with pytest.raises(UsageError) as error:
        address.credentials()
    assert PASSWORD not in error.value.message + error.value.hint
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_USER", "other")
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_PASSWORD", "p")
    assert address.credentials() == address.Credentials("other", "p")
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("IMR_SEARCH_OPENSEARCH_USER")
    with pytest.raises(UsageError, match="there is no file"):
        address.credentials()


class Front(http.server.BaseHTTPRequestHandler):
    """Stands before a cluster, and refuses, delays or loses what `trouble` says: a list of statuses to answer with, 0 for a lost connection."""

    behind = ""
    trouble: ClassVar[list[int]] = []
    wanted = ""
    asked = 0

    def _any(self) -> None:
        type(self).asked += 1
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.wanted and self.headers.get("Authorization") != self.wanted:
            return self._answer(401, b'{"error": {"type": "security_exception"}, "status": 401}')
        status = self.trouble.pop(0) if self.trouble else 200
        if status == 0:
            self.close_connection = True
            return None
        if status == 429 and "_bulk" in self.path:
            told = [{"index": {"_id": "x", "status": 429, "error": {"type": "rejected_execution_exception"}}}]
            return self._answer(200, json.dumps({"errors": True, "items": told * (data.count(b"\n") // 2)}).encode())
        if status != 200:
            return self._answer(
                status, json.dumps({"error": {"type": "es_rejected", "reason": "later"}, "status": status}).encode()
            )
        sent = {key: value for key, value in self.headers.items() if key.lower() == "content-type"}
        request = urllib.request.Request(self.behind + self.path, data or None, sent, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=60) as found:
                return self._answer(found.status, found.read())
        except urllib.error.HTTPError as error:
            return self._answer(error.code, error.read())

    def _answer(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def front(nodes: running.Running) -> Iterator[type[Front]]:
    made = type(
        "Fronted", (Front,), {"behind": "http://" + nodes.hosts.removeprefix("http://").split(",")[0], "trouble": []}
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), made)
    made.server = server
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def test_what_is_put_off_or_lost_is_sent_again(front: Any, address: Path) -> None:
    folder = Path(f"{front.url}/{address.name}")
    held = letters(Random(1), 4)
    writer = ENGINE.create(folder)
    writer._cluster.patience = 20
    writer.add(document for letter in held for document in documents(letter))
    front.trouble[:] = [429, 503, 0, 429, 502, 0]
    writer.commit()
    assert not front.trouble
    front.trouble[:] = [503, 0, 429]
    searcher = ENGINE.open(folder)
    assert searcher.count(All()) == len(items(held))
    assert not front.trouble
    searcher._cluster.patience = 0.5
    front.trouble[:] = [0] * 50
    with pytest.raises(IndexError_, match="does not answer"):
        searcher.count(All())
    front.trouble[:] = [503] * 50
    with pytest.raises(IndexError_, match="no answer"):
        searcher.count(All())
    front.trouble[:] = []
    searcher.close()


def test_a_cluster_that_puts_everything_off_ends_the_build(front: Any, address: Path) -> None:
    connection = Cluster(parse(f"{front.url}/{address.name}"), patience=1.0)
    front.trouble[:] = [429] * 500
    with pytest.raises((StorageError, ClusterError), match="puts off"):
        send(connection, address.name, ['{"index": {"_id": "a"}}', "{}"])
    assert 3 <= front.asked <= 20
    connection.close()


def test_an_unknown_address_is_an_error_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Cluster(address.parse(f"http://127.0.0.1:{running.ports(1)[0]}/imr"), patience=0.3)
    with pytest.raises(IndexError_, match="does not answer"):
        connection.call("GET", "/")
    connection.close()


def test_tls_is_verified_and_the_password_stays_secret(
    front: Any,
    address: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", str(key), "-out", str(certificate),
    ]  # fmt: skip
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    front.server.socket = context.wrap_socket(front.server.socket, server_side=True)
    front.wanted = "Basic " + b64encode(f"clerk:{PASSWORD}".encode()).decode()
    target = f"https://localhost:{front.server.server_port}/{address.name}"
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_USER", "clerk")
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_PASSWORD", PASSWORD)
    messages = []
    with pytest.raises(IndexError_, match="cannot be trusted") as distrusted:
        ENGINE.create(Path(target))
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_CA", str(certificate))
    with pytest.raises(IndexError_, match="cannot be trusted"):
        ENGINE.create(Path(target.replace("localhost", "127.0.0.1")))  # a certificate of another name
    held = letters(Random(1), 2)
    writer = ENGINE.create(Path(target))
    writer.add(document for letter in held for document in documents(letter))
    writer.commit()
    searcher = ENGINE.open(Path(target))
    assert searcher.count(All()) == len(items(held))
    searcher.close()
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_PASSWORD", "not " + PASSWORD)
    with pytest.raises(ImrError, match="does not know this user") as unknown:
        ENGINE.open(Path(target))
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_PLAIN", "1")
    with pytest.raises(UsageError, match="by https only"):
        ENGINE.open(Path("http://search.example.org:9200/imr"))
    messages = [part for error in (distrusted, unknown) for part in (error.value.message, error.value.hint)]
    told = "".join(messages) + caplog.text + "".join(capfd.readouterr())
    assert PASSWORD not in told
    assert b64encode(f"clerk:{PASSWORD}".encode()).decode() not in told


def test_a_search_can_be_interrupted(nodes: running.Running, address: Path) -> None:
    writer = ENGINE.create(address)
    writer.add(document for letter in letters(Random(3), 3) for document in documents(letter))
    writer.commit()
    searcher = ENGINE.open(address)
    searcher.interrupt()
    with pytest.raises(KeyboardInterrupt):
        searcher.count(All())
    assert searcher.count(All()) > 0
    searcher.close()


class Silent(http.server.BaseHTTPRequestHandler):
    """Answers nothing before its caller has gone."""

    def do_POST(self) -> None:
        time.sleep(1.0)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        return


def test_a_cluster_that_says_nothing_is_waited_for_as_long_as_the_query_may_take() -> None:
    """By the clock, for this process does no work meanwhile."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        searcher = OpenSearchSearcher(Cluster(parse(f"http://127.0.0.1:{server.server_port}/imr")), "imr-1")
        searcher.deadline.start(0.2)
        with pytest.raises(TooExpensiveError):
            searcher.count(All())
        with pytest.raises(TooExpensiveError):  # not asked any more
            searcher.search(All())
        searcher.close()
        server.shutdown()


def test_a_search_ends_at_its_deadline(nodes: running.Running, address: Path) -> None:
    """On a real cluster, which ends it: answered in time and right, or refused, and never anything else."""
    held = letters(Random(4), 40)
    writer = ENGINE.create(address)
    writer.add(document for letter in held for document in documents(letter))
    writer.commit()
    searcher = ENGINE.open(address)
    whole = len(items(held))
    refused = 0
    for milliseconds in (0.2, 0.5, 1, 2, 5, 10) * 5:
        searcher.deadline.start(milliseconds / 1_000)
        try:
            assert searcher.search(All(), (), None).total == whole
            assert searcher.table(All(), ())[0].items == whole
        except TooExpensiveError:
            refused += 1
        searcher.deadline.start(None)
    assert refused
    assert searcher.count(All()) == whole
    searcher.close()
