"""The gate from outside: the command as a process, and bytes on its socket that no browser and no library would send."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="needs the extra")

ROOT = Path(__file__).resolve().parents[2]
WEB = "from imr_search.web.server import web_command; web_command()"
SECRET = "acupuncture"


class Served:
    """An `imr-web` of its own. `ask` sends bytes and gives all that comes back before the connection is closed, or a second is over."""

    def __init__(self, index: Path, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WEB, "-i", str(index), "--no-open"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), "XDG_DATA_HOME": str(home)},
        )  # fmt: skip
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/([\w-]+)/", said)
        assert found is not None, said
        self.port, self.token = int(found[1]), found[2]
        for _ in range(100):
            if self.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
                break

    def ask(self, data: bytes, seconds: float = 1.0) -> bytes:
        got = b""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(data)
                connection.settimeout(seconds)
                while piece := connection.recv(65536):
                    got += piece
        except OSError:
            pass
        return got

    def request(self, target: str, *headers: str, method: str = "GET", host: str | None = None) -> bytes:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", *headers]
        return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode()


@pytest.fixture(scope="module")
def served(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from imr_search.indexing import build

    folder = tmp_path_factory.mktemp("outside")
    build([examples], folder / "index", workers=1)
    found = Served(folder / "index", folder)
    yield found
    found.process.terminate()
    found.process.communicate(timeout=20)


def _status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0


def test_the_printed_address_is_the_only_way_in(served: Served) -> None:
    by_hand = "Sec-Fetch-Site: none"
    opened = served.ask(served.request(f"/{served.token}/search?q={SECRET}", by_hand), 10)
    assert _status(opened) == 200
    assert SECRET.encode() in opened
    cookie = re.search(rb"set-cookie: ([^;\r]+)", opened, re.IGNORECASE)
    assert cookie is not None
    held = f"Cookie: {cookie[1].decode()}"
    assert _status(served.ask(served.request(f"/{served.token}/search?q={SECRET}", held), 10)) == 200
    home = f"/{served.token}/"
    for request in (
        served.request("/"),
        served.request(f"/search?q={SECRET}", held),
        served.request(home, by_hand, host="evil.example"),
        served.request(home, held, host="evil.example"),
        served.request(home, held, host=f"127.0.0.1.evil.example:{served.port}"),
        served.request(home, held, "Origin: https://evil.example"),
        served.request(home, held, "Origin: null", method="POST"),
        served.request(home, held, "Sec-Fetch-Site: cross-site"),
        served.request(f"http://evil.example{home}", held, host="evil.example"),
        served.request(f"{home}search?q={SECRET}", "Cookie: imr=x; token=x"),
        served.request(home, held, method="TRACE"),
        served.request(home, held, method="PUT"),
    ):
        answer = served.ask(request, 10)
        assert _status(answer) in (400, 403, 405, 421), (request, answer[:300])
        assert SECRET.encode() not in answer
        assert served.token.encode() not in answer
    for path in (
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "letter/..%2f..%2fetc%2fpasswd",
        "pdf/%2fetc%2fpasswd",
        "//etc/passwd",
    ):
        answer = served.ask(served.request(home + path, held), 10)
        assert _status(answer) in (400, 403, 404), (path, answer[:300])
        assert b"root:" not in answer


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"\0" * 5_000,
        b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 2_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\n\r\n",
        b"GET /\xff\xfe\x80 HTTP/1.1\r\nHost: \xff\r\nCookie: \xff\r\n\r\n",
        b"get / http/1.1\nhost: a\n\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_bytes_that_no_browser_sends_give_nothing_and_harm_nothing(served: Served, data: bytes) -> None:
    answer = served.ask(data)
    assert _status(answer) in (0, 400, 403, 404, 405, 411, 413, 414, 421, 431), answer[:300]
    assert served.token.encode() not in answer
    assert b"Traceback" not in answer
    assert served.process.poll() is None
    alive = served.ask(served.request(f"/{served.token}/", "Sec-Fetch-Site: none"), 10)
    assert _status(alive) == 200


def test_nobody_else_on_the_network_is_listened_to(served: Served) -> None:
    """Every address of this machine but the loopback's."""
    names = {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it tells which address would be spoken from
            names.add(probe.getsockname()[0])
        except OSError:
            pass
    for name in names - {"127.0.0.1"}:
        if not str(name).startswith("127."):
            with pytest.raises(OSError), socket.create_connection((str(name), served.port), timeout=2):
                pass


def test_those_who_say_nothing_keep_nobody_out(served: Served) -> None:
    silent = [socket.create_connection(("127.0.0.1", served.port), timeout=5) for _ in range(60)]
    try:
        for connection in silent:
            connection.sendall(b"GET /")
        answers: list[int] = []

        def ask() -> None:
            answers.append(_status(served.ask(served.request(f"/{served.token}/", "Sec-Fetch-Site: none"), 15)))

        asking = [threading.Thread(target=ask) for _ in range(4)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(30)
        assert answers == [200] * 4
    finally:
        for connection in silent:
            connection.close()
