"""Real OpenSearch nodes on loopback: started for tests and benchmarks, and stopped whatever happens to whoever started them."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).resolve().parent


class Missing(Exception):
    """Why no cluster can be started here."""


@functools.cache
def java() -> str:
    """A Java of 17 or newer with its compiler."""
    home = os.environ.get("JAVA_HOME", "")
    found = shutil.which("java", path=str(Path(home, "bin"))) if home else None
    found = found or shutil.which("java")
    if not found:
        raise Missing("no java")
    told = subprocess.run([found, "--list-modules"], capture_output=True, text=True, check=False, timeout=60).stdout
    versions = [line.partition("@")[2] for line in told.splitlines() if line.startswith("jdk.compiler@")]
    if not versions or int(versions[0].split(".")[0]) < 17:
        raise Missing("java is older than 17, or comes without its compiler")
    return found


@functools.cache
def classpath() -> str:
    """Where the server's files lie; Maven fetches them once."""
    mvn = shutil.which("mvn")
    if not mvn:
        raise Missing("no mvn")
    with tempfile.TemporaryDirectory() as folder:
        told_in = Path(folder, "classpath")
        command = [
            mvn,
            "-q",
            "-B",
            "-f",
            str(HERE / "pom.xml"),
            "dependency:build-classpath",
            f"-Dmdep.outputFile={told_in}",
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if told.returncode != 0 or not told_in.is_file():
            raise Missing(f"mvn cannot fetch the server: {(told.stdout + told.stderr).strip()[:300]}")
        return told_in.read_text().strip()


def ports(count: int) -> list[int]:
    """Free ports, all different."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


class Running:
    """A cluster that runs. `hosts`: all its nodes, as an address names them, without an index."""

    def __init__(self, hosts: str) -> None:
        self.hosts = hosts

    def get(self, path: str) -> Any:
        """The answer of whichever node answers."""
        last: OSError = OSError("no node runs")
        for host in self.hosts.removeprefix("http://").split(","):
            try:
                with urllib.request.urlopen(f"http://{host}{path}", timeout=10) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code == 408:
                    return json.load(error)
                last = error
            except OSError as error:
                last = error
        raise last

    def delete(self, indices: str) -> None:
        host = self.hosts.removeprefix("http://").split(",")[0]
        request = urllib.request.Request(f"http://{host}/{indices}", method="DELETE")
        with urllib.request.urlopen(request, timeout=60):
            pass


class Nodes(Running):
    """A cluster of `count` nodes in one process (`apart`: each in its own, so that one can be killed). A context manager."""

    def __init__(self, folder: Path, count: int = 3, *, apart: bool = False, heap: str = "1g") -> None:
        self._folder = folder
        self._apart = apart
        self._heap = heap
        self._name = f"imr-test-{uuid.uuid4().hex[:8]}"
        found = ports(2 * count)
        self._http, self._transport = found[:count], found[count:]
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self.count = count
        super().__init__("http://" + ",".join(f"127.0.0.1:{port}" for port in self._http))

    def __enter__(self) -> Nodes:
        try:
            if self._apart:
                for number in range(self.count):
                    self._launch(number, [number])
            else:
                self._launch(0, list(range(self.count)))
            self.wait("green", self.count, 120)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _launch(self, key: int, numbers: list[int]) -> None:
        command = [
            java(), "-Xms256m", f"-Xmx{self._heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4", "-cp", classpath(),
            str(HERE / "Cluster.java"), str(self._folder), self._name,
            ",".join(map(str, self._http)), ",".join(map(str, self._transport)), ",".join(map(str, numbers)),
        ]  # fmt: skip
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"log-{key}").open("ab") as log:
            # Its standard input is a pipe of ours: it ends when we do, even by a kill.
            self._running[key] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def kill(self, number: int) -> None:
        """A node is gone at once, as in a loss of power (only `apart`)."""
        assert self._apart
        process = self._running.pop(number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdin is not None
        process.stdin.close()

    def restart(self, number: int) -> None:
        self._launch(number, [number])

    def wait(self, status: str, nodes: int, seconds: float) -> None:
        """Until the cluster is of that status with so many nodes."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = self.get(f"/_cluster/health?wait_for_status={status}&wait_for_nodes={nodes}&timeout=2s")
                if not found["timed_out"]:
                    return
            except (OSError, ValueError):
                pass
            dead = [key for key, process in self._running.items() if process.poll() is not None]
            if dead or time.monotonic() > end:
                raise RuntimeError(f"no {status} cluster of {nodes} nodes in {seconds:.0f} s: {self._log()}")
            time.sleep(0.3)

    def _log(self) -> str:
        texts = [path.read_text(errors="replace")[-600:] for path in sorted(self._folder.glob("log-*"))]
        return " / ".join(texts)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()
        self._running = {}
        shutil.rmtree(self._folder, ignore_errors=True)
