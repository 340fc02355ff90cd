"""A real pseudo-terminal with a screen behind it, in which the command runs as a user would see it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (
    "import sys; sys.argv = ['imr-search', *sys.argv[1:]]; from imr_search.cli import search_command; search_command()"
)
PATIENCE = 12.0  # seconds; a busy machine is no fault of the prompt


class _Screen(pyte.Screen):
    """A screen that answers what programs ask a terminal."""

    answer: object = None

    def write_process_input(self, data: str) -> None:
        if callable(self.answer):
            self.answer(data.encode())


class Terminal:
    """`raw` is everything that the command wrote; `lines` what stands on the screen now."""

    def __init__(
        self, *arguments: str, columns: int = 80, rows: int = 30, before: str = "", **environment: str
    ) -> None:
        self.screen = _Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.status: int | None = None
        self.process, self.master = os.forkpty()
        if self.process == 0:
            os.environ.update(environment)
            os.environ["PYTHONPATH"] = str(ROOT)
            os.execv(sys.executable, [sys.executable, "-c", before + "\n" + COMMAND, *arguments])
        self.screen.answer = lambda data: os.write(self.master, data)
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.process, signal.SIGWINCH)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what has been written; False when the command is gone."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        if not data:
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    def see(self, text: str, seconds: float = PATIENCE) -> str:
        """Wait until `text` stands on the screen; the screen."""
        end = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < end, f"{text!r} is not seen on:\n{self.text}"
            alive = self.read()
            assert alive or text in self.text, f"the command ended before {text!r}:\n{self.text}"
        return self.text

    def gone(self, text: str, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while text in self.text:
            assert time.monotonic() < end, f"{text!r} stays on:\n{self.text}"
            self.read()

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def enter(self, text: str) -> None:
        """A line, as fast as fingers that rest before Enter."""
        self.type(text)
        last = text.splitlines()[-1]
        if last:
            self.see(last[-self.screen.columns // 2 :])
        self.type("\r")

    def leave(self) -> None:
        """Ctrl-D once the input line is empty and listens."""
        end = time.monotonic() + PATIENCE
        while self.lines[self.screen.cursor.y] != "imr>":
            assert time.monotonic() < end, f"no empty line to leave from:\n{self.text}"
            self.read()
        self.read(0.2)
        self.type("\x04")

    def end(self) -> int:
        """Wait for the command to end; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < deadline, f"it does not end:\n{self.text}"
        if self.status is None:
            _, status = os.waitpid(self.process, 0)
            self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def close(self) -> None:
        if self.status is None:
            try:
                os.kill(self.process, signal.SIGKILL)
                os.waitpid(self.process, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.master)


Open = Callable[..., Terminal]
