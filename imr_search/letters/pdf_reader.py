"""PDF to text in a process of its own, so that one bad file costs itself and nothing else."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Final

from imr_search.errors import LetterError
from imr_search.letters import pdf_process

TIMEOUT: Final = 30.0  # seconds a file
MEMORY: Final = 1 << 30  # bytes of address space
# All that a process of ours needs to find its interpreter and this package; no password of a cluster is among it.
_KEPT: Final = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "IMR_SEARCH_DEBUG",
)


def bare_environment() -> dict[str, str]:
    """The environment of a process that reads letters."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


class PdfReader:
    """One reader process, started at the first PDF and again after it died. One for each worker of a parallel build.

    Threads may share it (they take turns); forked children must not: each makes its own.
    """

    def __init__(self, *, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self._timeout = timeout
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def text(self, data: bytes) -> str:
        """The text of the PDF in `data`, pages parted by "\\f". Raises LetterError; any later call works again."""
        with self._turn:
            try:
                process = self._running()
            except OSError as error:  # no memory or no process left: not the letter's fault
                raise LetterError("no resources", error.strerror or "") from None
            expired = threading.Event()
            timer = threading.Timer(self._timeout, self._expire, (process, expired))
            timer.start()
            try:
                kind, payload = self._ask(process, data)
            except (OSError, EOFError):
                self._stop()
                raise LetterError("too slow" if expired.is_set() else "reader died") from None
            except BaseException:
                self._stop()  # a reply may still be under way: the next file must not get it
                raise
            finally:
                timer.cancel()
            if expired.is_set():
                self._stop()
        if kind == b"T":
            return payload.decode("utf-8")
        raise LetterError(payload.decode("ascii", errors="replace"))

    def close(self) -> None:
        with self._turn:
            self._stop()

    def __enter__(self) -> PdfReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=bare_environment(),
                start_new_session=True,
            )
        return self._process

    def _command(self) -> list[str]:
        return [sys.executable, "-P", str(Path(pdf_process.__file__)), str(self._memory), str(os.getpid())]

    @staticmethod
    def _expire(process: subprocess.Popen[bytes], expired: threading.Event) -> None:
        expired.set()
        process.kill()

    @staticmethod
    def _ask(process: subprocess.Popen[bytes], data: bytes) -> tuple[bytes, bytes]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pdf_process.FRAME.pack(b"P", len(data)))
        process.stdin.write(data)
        process.stdin.flush()
        head = process.stdout.read(pdf_process.FRAME.size)
        if len(head) < pdf_process.FRAME.size:
            raise EOFError
        kind, size = pdf_process.FRAME.unpack(head)
        payload = process.stdout.read(size)
        if len(payload) < size:
            raise EOFError
        return kind, payload

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()
