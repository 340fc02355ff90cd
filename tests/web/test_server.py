"""The server under strangers, the slow, the many and the patient: by sockets of our own, in this process and as imr-web's own."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn
from serving import Server
from starlette.testclient import TestClient

from imr_search.searching.library import Library
from imr_search.web import connections, security
from imr_search.web.app import create_app
from imr_search.web.saved_view import Kept
from imr_search.web.server import configured, listen

TOKEN = "t0ken-of-this-run"
PATIENCE = 60.0


class Run:
    """imr-web's own server in a thread of this process."""

    def __init__(self, index: Path) -> None:
        self.listening = listen(0)
        self.port = int(self.listening.getsockname()[1])
        app = create_app(lambda: Library.open(index, saved=Kept()), token=TOKEN, port=self.port)
        self.server = uvicorn.Server(configured(app))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]}, daemon=True)
        self.thread.start()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def person(self) -> Person:
        return Person(self.port)

    def raw(self, head: str) -> bytes:
        """What is answered to these bytes, until the server hangs up."""
        with self.connect() as connection:
            connection.sendall(head.encode("latin-1"))
            return whole(connection)


class Person:
    """A browser's connection that has opened the printed address."""

    def __init__(self, port: int, token: str = TOKEN) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.root = f"/{token}/"
        self.cookie = ""
        self.get("")

    def get(self, path: str, **parameters: str | list[str]) -> tuple[int, str]:
        headers = {"Cookie": self.cookie} if self.cookie else {"Sec-Fetch-Site": "none"}
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        self.connection.request("GET", f"{self.root}{path}{query}", headers=headers)
        answer = self.connection.getresponse()
        self.cookie = self.cookie or (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return answer.status, answer.read().decode()


def whole(connection: socket.socket) -> bytes:
    found = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            found += piece
    return found


@pytest.fixture
def run(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    found = Run(index)
    yield found
    found.server.should_exit = True
    found.thread.join(PATIENCE)
    assert not found.thread.is_alive()


def test_who_says_nothing_or_half_a_request_is_let_go(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    silent, half, second = (run.connect() for _ in range(3))
    half.sendall(f"GET /{TOKEN}/ HTTP/1.1\r\nHo".encode())
    second.sendall(b"GET /static/app.js HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\nGET / HT" % run.port)
    assert whole(silent) == b""
    assert whole(half) == b""
    assert whole(second).startswith(b"HTTP/1.1 200 ")
    assert run.person().get("")[0] == 200


def test_a_form_that_does_not_come_is_not_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "BODY_SECONDS", 0.2)
    cookie = run.person().cookie
    head = (
        f"POST /{TOKEN}/tray/take HTTP/1.1\r\nHost: 127.0.0.1:{run.port}\r\nOrigin: http://127.0.0.1:{run.port}\r\n"
        f"Cookie: {cookie}\r\nContent-Length: 1000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nid="
    )
    assert b" 200 " not in run.raw(head).partition(b"\r\n")[0]
    assert run.person().get("search", q="acupuncture")[0] == 200


def test_a_body_without_a_length_ends_where_it_is_too_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    cookie = run.person().cookie
    head = (
        f"POST /{TOKEN}/tray/take HTTP/1.1\r\nHost: 127.0.0.1:{run.port}\r\nOrigin: http://127.0.0.1:{run.port}\r\n"
        f"Cookie: {cookie}\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    with run.connect() as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(ConnectionError):
            for _ in range(80):
                connection.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
        assert b" 200 " not in whole(connection).partition(b"\r\n")[0]
    assert run.person().get("search", q="acupuncture")[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        f"GET /{TOKEN}/ HTTP/1.0\r\n\r\n",
        f"GET /{TOKEN}/ HTTP/1.1\r\n\r\n",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        f"GET /{TOKEN}/\x00 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS greeting\r\n\r\n",
        f"GET /{TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: " + "a" * 200_000 + "\r\n\r\n",
    ],
)
def test_odd_requests_are_refused_and_the_server_goes_on(run: Run, head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    answer = run.raw(head.replace("PORT", str(run.port)))
    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert b"disputed items" not in answer
    assert run.person().get("")[0] == 200


def test_head_answers_as_get_does_without_a_body(run: Run) -> None:
    person = run.person()
    person.connection.request("HEAD", f"/{TOKEN}/search?q=acupuncture", headers={"Cookie": person.cookie})
    answer = person.connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    assert answer.getheader("Cache-Control") == "no-store"


def test_a_full_tray_and_the_longest_query_have_an_address(run: Run) -> None:
    ids = [f"CM15-{number:07}#1" for number in range(500)]
    status, page = run.person().get("tray", id=[*ids, "CM15-9900012#1"], q="functional improvement")
    assert status == 200
    assert page.count("is not in the index any more") == 500
    status, page = run.person().get("search", q="acupuncture " + "-x " * 3_000)
    assert status == 400  # too long to be read, and told on a page
    assert 'class="error"' in page
    assert run.person().get("search", q="é" * 9_000)[0] == 414


QUERIES = (
    "acupuncture",
    "treatment:acupuncture outcome:overturned",
    "* | rate by category",
    "* | count by category, outcome",
    "functional /s improvement",
    "drug:norco",
    "* | trend year",
    "like(CM15-9900012#1)",
    "tretment:x",
    "missing:page",
)


def without_time(page: str) -> str:
    return re.sub(r"/[\w-]{16,}/|\d+\.\d\d s", "", page)


def test_ten_people_at_once_get_what_each_would_alone(run: Run) -> None:
    alone = {query: without_time(run.person().get("search", q=query)[1]) for query in QUERIES}
    assert len({*alone.values()}) == len(QUERIES)

    def work(number: int) -> list[tuple[str, str]]:
        person = run.person()
        asked = [QUERIES[(number + k) % len(QUERIES)] for k in range(len(QUERIES))]
        return [(query, without_time(person.get("search", q=query)[1])) for query in asked]

    with ThreadPoolExecutor(10) as people:
        for answers in people.map(work, range(10)):
            for query, page in answers:
                assert page == alone[query], query


@pytest.mark.parametrize("asked", [150, pytest.param(1_000, marks=pytest.mark.long)])
def test_many_queries_leave_nothing_behind(server: Server, asked: int) -> None:
    """Files and threads of imr-web's process are as many after them as before; what it holds in memory does not grow with each."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc here")
    token = server.address.rsplit("/", 2)[1]
    person = Person(server.port, token)

    def ask(count: int) -> tuple[int, int, int]:
        for number in range(count):
            status, _ = person.get("check", q=f"acupuncture OR word{number} OR qty:>{number}")
            assert status == 200
        process = Path(f"/proc/{server.process.pid}")
        found = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        return len([*(process / "fd").iterdir()]), int(found["Threads"]), int(found["VmRSS"].split()[0])

    files, threads, memory = ask(100)  # caches are filled by then
    later = ask(asked)
    assert later[0] <= files + 4
    assert later[1] <= threads + 40  # a pool of threads that is bounded
    assert later[2] < memory + 40_000  # kB


def test_the_token_is_sent_nowhere_else(get: object, stranger: TestClient) -> None:
    """Every answer forbids it, the letter's PDF in its frame too, and no page links to another host."""
    for path in ("", "search?q=norco", "letter/CM15-9900088", "original/CM15-9900088", "nowhere"):
        answer = stranger.get(f"/{TOKEN}/{path}")
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        if "html" in answer.headers["content-type"]:
            assert not re.findall(r'(?:href|src|action)="(?!/|#)[^"]*"', answer.text)
