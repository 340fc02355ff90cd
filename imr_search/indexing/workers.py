"""Letters read, parsed and analysed: one after the other, or by worker processes, in the same order and with the same result.

A worker is a process of ours and not of a library's pool, because a letter may be made to hurt: it has none of this process's environment, limits on
what it may open, write and use, and ends with this process however that ends. Tasks go to it and outcomes come back in frames, one outcome a
letter, so that it is known over which letter a worker died, and nothing is waited for without an end.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from itertools import chain, islice
from pathlib import Path
from typing import IO, Final

import msgspec

from imr_search.documents import documents
from imr_search.engines.registry import preparer
from imr_search.errors import LetterError
from imr_search.letters import decoding, limits, pdf_process, versions
from imr_search.letters.parse import parse
from imr_search.letters.pdf_reader import bare_environment
from imr_search.letters.warnings import LOST_PAGES
from imr_search.store.ledger import Read

FEW = 200  # letters; below, starting processes costs more than they save
CHUNK = 16  # letters in one message to a worker
AHEAD = 3  # messages under way for each worker: what bounds memory
SILENCE = 180.0  # seconds for one letter (it has 10 s of work, a PDF 30 s) until its worker is taken for dead
STARTING = 120.0  # seconds until a worker that says nothing at its start cannot be started
_FRAME: Final = struct.Struct(">Q")
_PASSING = frozenset({"unreadable", "too slow", "reader died", "no resources"})
_SHORT = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOBUFS})


class Task(msgspec.Struct, frozen=True):
    """One file to read. `number` is the caller's; `path` is in bytes, for not every name is text. If the file's bytes hash to `known`, it is not
    parsed. `engine`: for which its documents are prepared, "" for none."""

    number: int
    path: bytes
    name: str
    stem: str
    known: str | None
    engine: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What a file gave. `documents[k]` are the k-th letter's documents, pickled: they go through a pipe and a spool of our own, never anywhere
    else. `same`: the bytes are those that were known. `passing`: the failure is not the letter's own, so that the next build reads it again."""

    number: int
    sha256: str | None
    letters: tuple[Read, ...] = ()
    documents: tuple[bytes, ...] = ()
    same: bool = False
    failure: str | None = None
    detail: str = ""
    passing: bool = False


def read_one(task: Task) -> Outcome:
    """Raises nothing but what stops a process: a file that cannot be read is an outcome, too."""
    sha256 = None
    try:
        path = Path(os.fsdecode(task.path))
        data = decoding.read_file(path)
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == task.known:
            return Outcome(task.number, sha256, same=True)
        return _understand(task, sha256, decoding.read_text(path, data), paged=decoding.is_pdf(data))
    except LetterError as error:
        return _failed(task, sha256, error.reason, error.where)
    except MemoryError:
        return _failed(task, sha256, "no resources", "no memory left")
    except OSError as error:
        reason = "no resources" if error.errno in _SHORT else "unreadable"
        return _failed(task, sha256, reason, os.strerror(error.errno) if error.errno else "")
    except Exception as error:  # the name of the error only: its text may quote the letter
        return _failed(task, sha256, "not understood", type(error).__name__)


def _failed(task: Task, sha256: str | None, reason: str, detail: str) -> Outcome:
    return Outcome(task.number, sha256, failure=reason, detail=detail, passing=reason in _PASSING)


def _understand(task: Task, sha256: str, text: str, *, paged: bool) -> Outcome:
    prepare = preparer(task.engine)
    with limits.bounded(len(text)):
        letters = parse(text, file=task.name, sha256=sha256, stem=task.stem, paged=paged)
        prepared = [prepare(documents(letter)) if prepare else documents(letter) for letter in letters]
    return Outcome(
        number=task.number,
        sha256=sha256,
        detail="; ".join(sorted({one.text for letter in letters for one in letter.warnings if one.code == LOST_PAGES})),
        letters=tuple(
            Read(
                case=letter.case,
                suffix="" if letter.case else letter.id.removeprefix(task.stem),
                rank=versions.rank(letter),
                items=len(letter.items),
            )
            for letter in letters
        ),
        documents=tuple(pickle.dumps(one, protocol=5) for one in prepared),
    )


def read_all(tasks: Iterable[Task], total: int, workers: int | None = None) -> Iterator[Outcome]:
    """The outcomes in the order of `tasks`, of which there are `total`. `workers`: processes, all cores if None."""
    count = workers if workers is not None else _cores()
    if count <= 1 or total < FEW:
        yield from map(read_one, tasks)
        return
    rest = iter(tasks)
    left: list[Task] = []
    with contextlib.closing(_Pool(count)) as pool:
        try:
            yield from pool.outcomes(rest)
        except _CannotStart as error:
            left = error.tasks
    yield from map(read_one, chain(left, rest) if left else ())


def _cores() -> int:
    with contextlib.suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _CannotStart(Exception):
    """No worker can be started. `tasks` are those that were taken and have no outcome."""

    def __init__(self, tasks: list[Task]) -> None:
        super().__init__("no worker starts")
        self.tasks = tasks


class _Died(Exception):
    """A worker ended in the middle of its work."""


_Job = tuple[list[Task], "Future[list[Outcome]]"]


class _Pool:
    """Some workers, each with a thread of this process that waits for it."""

    def __init__(self, count: int) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._workers = [_Worker(self._jobs) for _ in range(count)]
        for worker in self._workers:
            worker.start()

    def outcomes(self, tasks: Iterator[Task]) -> Iterator[Outcome]:
        """All outcomes in order. Raises _CannotStart."""
        under_way: deque[_Job] = deque()
        while True:
            while len(under_way) < len(self._workers) * AHEAD and (tasks_of_one := list(islice(tasks, CHUNK))):
                job: _Job = (tasks_of_one, Future())
                under_way.append(job)
                self._jobs.put(job)
            if not under_way:
                return
            try:
                outcomes = self._wait(under_way[0][1])
            except _CannotStart:
                raise _CannotStart([task for one, _ in under_way for task in one]) from None
            under_way.popleft()
            yield from outcomes

    def _wait(self, future: Future[list[Outcome]]) -> list[Outcome]:
        """What a worker gives. One that says nothing for too long is killed, and its thread goes on with the next."""
        while True:
            try:
                return future.result(timeout=1.0)
            except NotYet:
                for worker in self._workers:
                    worker.kill_if_silent()

    def close(self) -> None:
        """End the workers, in the middle of whatever they do."""
        for worker in self._workers:
            worker.end()
        for _ in self._workers:
            self._jobs.put(None)


class _Worker(threading.Thread):
    def __init__(self, jobs: queue.SimpleQueue[_Job | None]) -> None:
        super().__init__(daemon=True, name="imr-worker")
        self._jobs = jobs
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = 0.0  # when it last said something while it had work; 0: it has none
        self._patience = SILENCE
        self._ended = False

    def run(self) -> None:
        while not self._ended and (job := self._jobs.get()) is not None:
            tasks, future = job
            try:
                future.set_result(self._read(tasks))
            except BaseException as error:
                future.set_exception(error)
        self._stop()

    def _read(self, tasks: list[Task]) -> list[Outcome]:
        """An outcome for each. A worker that dies over a letter gets it again; when it dies over it twice, that is the outcome."""
        done: list[Outcome] = []
        died_at = -1
        while len(done) < len(tasks):
            try:
                for outcome in self._ask(tasks[len(done) :]):
                    done.append(outcome)
            except (_Died, OSError, msgspec.MsgspecError):
                self._stop()
                if self._ended:
                    raise _CannotStart([]) from None
                if died_at == len(done):
                    done.append(_failed(tasks[len(done)], None, "reader died", ""))
                died_at = len(done)
        return done

    def _ask(self, tasks: list[Task]) -> Iterator[Outcome]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        self._patience, self._heard = SILENCE, time.monotonic()
        try:
            _send(process.stdin, msgspec.msgpack.encode(tasks))
            for _ in tasks:
                outcome = msgspec.msgpack.decode(_receive(process.stdout), type=Outcome)
                self._heard = time.monotonic()
                yield outcome
        finally:
            self._heard = 0.0

    def _running(self) -> subprocess.Popen[bytes]:
        """The process; started if there is none, and then known to run. Raises _CannotStart."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        try:
            self._process = subprocess.Popen(
                _command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=bare_environment(), start_new_session=True,
            )  # fmt: skip
            assert self._process.stdout is not None
            self._patience, self._heard = STARTING, time.monotonic()
            _receive(self._process.stdout)
        except (OSError, _Died):
            self._stop()
            raise _CannotStart([]) from None
        return self._process

    def kill_if_silent(self) -> None:
        heard, process = self._heard, self._process
        if heard and process is not None and time.monotonic() - heard > self._patience:
            process.kill()

    def end(self) -> None:
        self._ended = True
        process = self._process
        if process is not None:
            process.kill()

    def _stop(self) -> None:
        self._heard = 0.0
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        process.wait()


def _command() -> list[str]:
    """Found by where this package lies, whatever the script is that builds."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); from imr_search.indexing.workers import serve; serve(int(sys.argv[2]))"
    return [sys.executable, "-P", "-c", code, str(Path(__file__).resolve().parents[2]), str(os.getpid())]


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(_FRAME.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    head = stream.read(_FRAME.size)
    if len(head) == _FRAME.size:
        (size,) = _FRAME.unpack(head)
        data = stream.read(size)
        if len(data) == size:
            return data
    raise _Died


def serve(parent: int) -> None:
    """What a worker does: answer message after message, until its input or its parent ends."""
    pdf_process.end_with(parent)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints may stand between two replies
    pdf_process.limit(open_files=256)
    _send(replies, b"")
    with contextlib.suppress(_Died, BrokenPipeError):
        while True:
            for task in msgspec.msgpack.decode(_receive(sys.stdin.buffer), type=list[Task]):
                _send(replies, msgspec.msgpack.encode(read_one(task)))
