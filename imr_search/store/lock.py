"""Who writes, and which generation is being read: one lock for the writer, shared locks for readers.

The writer's lock is filelock's (flock, or its like on Windows). Readers hold a shared flock on their generation's manifest; on Windows an
open file cannot be deleted, so that there the open file is the pin.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from imr_search import files
from imr_search.errors import LockedError, StorageError

if TYPE_CHECKING:
    from filelock import BaseFileLock

NAME = "lock"
HOLDER = "holder"
SEEN_BY_OTHERS = os.name == "posix"  # is a file that one process holds known as held to others?


class _Holder(msgspec.Struct, frozen=True):
    pid: int
    host: str
    since: str


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Be the only writer of the index in `folder`, or LockedError that names who is."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / NAME, timeout=0, mode=0o600)
    try:
        if os.path.lexists(folder / NAME):
            os.close(files.open_regular(folder / NAME))  # a link or a pipe of somebody's is not opened for writing
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"another build is writing this index: {_holder(folder)}", "wait for it, or stop it, and run this again"
        ) from None
    except NotImplementedError as error:
        raise StorageError(
            f"the file system of {folder} does not support locks", "put the index on a local disk"
        ) from error
    try:
        _hold(folder)
        yield
    except BaseException:
        with suppress(OSError):
            _release(folder, lock)
        raise
    try:
        _release(folder, lock)
    except OSError as error:
        raise StorageError(
            f"the new index in {folder} is in place, but its lock was not released: {error.strerror}",
            "the lock ends with this process; check the index:  imr-index check",
        ) from None


def _release(folder: Path, lock: BaseFileLock) -> None:
    with suppress(OSError):
        os.unlink(folder / HOLDER)
    lock.release()


def _hold(folder: Path) -> None:
    """Write down who holds the lock. It helps a person; nothing depends on it."""

    about = _Holder(os.getpid(), platform.node(), time.strftime("%Y-%m-%d %H:%M:%S"))
    with suppress(OSError):
        with suppress(FileNotFoundError):
            os.unlink(folder / HOLDER)
        fd = os.open(folder / HOLDER, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(fd, msgspec.json.encode(about))
        finally:
            os.close(fd)


def _holder(folder: Path) -> str:
    try:
        about = msgspec.json.decode(files.read(folder / HOLDER, 1_000), type=_Holder)
    except (OSError, msgspec.MsgspecError, ValueError):
        return "a process that has not identified itself yet"
    return f"process {about.pid} on {about.host[:100]!r}, since {about.since[:30]}"


def pin(path: Path) -> int | None:
    """A descriptor of `path` with a shared lock, or None when it was taken away or is being taken away. Raises OSError."""
    try:
        fd = files.open_regular(path)
    except FileNotFoundError:
        return None
    try:
        if not _flock(fd, exclusive=False) or not _same(fd, path):
            os.close(fd)
            return None
    except BaseException:
        os.close(fd)
        raise
    return fd


def unpinned(path: Path) -> int | None:
    """A descriptor that holds `path` for oneself, or None while somebody reads that generation."""
    try:
        fd = files.open_regular(path)
    except OSError:
        return None
    if _flock(fd, exclusive=True):
        return fd
    os.close(fd)
    return None


def _same(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.lstat(path))
    except FileNotFoundError:
        return False


def _flock(fd: int, *, exclusive: bool) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(fd, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return not exclusive  # no locks on this file system: read without a pin, and collect nothing
    return True
