"""Letters read, parsed and analysed: one after the other, or by worker processes, in the same order and with the same result."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

import msgspec

from imr_search.errors import LetterError
from imr_search.store.ledger import Read

FEW = 200  # letters; below, starting processes costs more than they save
CHUNK = 16  # letters in one message to a worker
AHEAD = 3  # messages under way for each worker: what bounds memory


class Task(msgspec.Struct, frozen=True):
    """One file to read. `number` is the caller's. If its bytes hash to `known`, it is not parsed. `engine`: for which its documents are
    prepared, "" for none."""

    number: int
    path: str
    name: str
    stem: str
    known: str | None
    engine: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What a file gave. `documents[k]` are the k-th letter's documents, pickled: they go through a pipe and a spool of our own, never anywhere
    else. `same`: the bytes are those that were known."""

    number: int
    sha256: str | None
    letters: tuple[Read, ...] = ()
    documents: tuple[bytes, ...] = ()
    same: bool = False
    failure: str | None = None
    detail: str = ""


def read_one(task: Task) -> Outcome:
    """Raises nothing but what stops a process: a file that cannot be read is an outcome, too."""
    from imr_search.letters import decoding

    sha256 = None
    try:
        path = Path(task.path)
        data = decoding.read_file(path)
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == task.known:
            return Outcome(task.number, sha256, same=True)
        return _understand(task, sha256, decoding.read_text(path, data))
    except LetterError as error:
        return Outcome(task.number, sha256, failure=error.reason, detail=error.where)
    except MemoryError:
        return Outcome(task.number, sha256, failure="too large", detail="no memory left")
    except Exception as error:  # the name of the error only: its text may quote the letter
        return Outcome(task.number, sha256, failure="not understood", detail=type(error).__name__)


def _understand(task: Task, sha256: str, text: str) -> Outcome:
    from imr_search.documents import documents
    from imr_search.engines import preparer
    from imr_search.letters import versions
    from imr_search.letters.parse import parse

    letters = parse(text, file=task.name, sha256=sha256, stem=task.stem)
    prepare = preparer(task.engine)
    return Outcome(
        number=task.number,
        sha256=sha256,
        letters=tuple(
            Read(
                case=letter.case,
                suffix="" if letter.case else letter.id.removeprefix(task.stem),
                rank=versions.rank(letter),
                items=len(letter.items),
            )
            for letter in letters
        ),
        documents=tuple(
            pickle.dumps(prepare(documents(letter)) if prepare else documents(letter), protocol=5) for letter in letters
        ),
    )


def read_all(tasks: Iterable[Task], total: int, workers: int | None = None) -> Iterator[Outcome]:
    """The outcomes in the order of `tasks`, of which there are `total`. `workers`: processes, all cores if None."""
    count = workers if workers is not None else _cores()
    if count <= 1 or total < FEW:
        yield from map(read_one, tasks)
        return
    rest = iter(tasks)
    while True:
        left: list[Task] = yield from _pooled(rest, count)
        if not left:
            return
        if not _workers_start():  # as in a script that calls build() without `if __name__ == "__main__":`
            yield from map(read_one, chain(left, rest))
            return
        yield from _one_by_one(left)  # a worker died over one of these


def _cores() -> int:
    with suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _workers_start() -> bool:
    """Can a worker be started at all? Else every letter would seem to have killed one."""
    pool = _pool(1)
    try:
        return pool.submit(os.getpid).result() > 0
    except BrokenProcessPool:
        return False
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pooled(tasks: Iterator[Task], count: int) -> Generator[Outcome, None, list[Task]]:
    """Read until the end (and return no tasks), or until a worker dies (and return those that were under way)."""
    pool = _pool(count)
    under_way: deque[tuple[list[Task], Future[list[Outcome]]]] = deque()
    try:
        while True:
            while len(under_way) < count * AHEAD and (chunk := list(islice(tasks, CHUNK))):
                try:
                    under_way.append((chunk, pool.submit(read_chunk, chunk)))
                except BrokenProcessPool:
                    return [task for one, _ in under_way for task in one] + chunk
            if not under_way:
                return []
            try:
                outcomes = under_way[0][1].result()
            except BrokenProcessPool:
                return [task for one, _ in under_way for task in one]
            under_way.popleft()
            yield from outcomes
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _one_by_one(tasks: Iterable[Task]) -> Iterator[Outcome]:
    """Each file by itself in a worker, so that the one over which it dies can be named."""
    pool: ProcessPoolExecutor | None = None
    try:
        for task in tasks:
            pool = pool or _pool(1)
            try:
                yield pool.submit(read_one, task).result()
            except BrokenProcessPool:
                pool = None
                yield Outcome(task.number, None, failure="reader died")
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _pool(count: int) -> ProcessPoolExecutor:
    import multiprocessing

    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=begin_worker)


def read_chunk(tasks: list[Task]) -> list[Outcome]:
    return [read_one(task) for task in tasks]


def begin_worker() -> None:
    """A worker leaves Ctrl-C to its parent, and does not outlive it."""
    import multiprocessing
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
