"""The few file operations that the store's promises rest on, each through `os`, each synced where a promise needs it.

Errors are OSError here; `guarded` turns them into what a user is told.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from imr_search.errors import ImrError, StorageError, UsageError

_NO_SPACE = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
_AS_BEFORE = "the index is as it was before"
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """What goes wrong while an index is written becomes StorageError; the old index is untouched by then."""
    try:
        yield
    except StorageError as error:  # an engine's; what the system said to it is more to the point
        if isinstance(error.__cause__, OSError):
            raise _storage_error(error.__cause__, folder) from error
        if error.__cause__ is not None and _says_no_space(error.__cause__):
            raise StorageError(f"no space left for the index in {folder}", _AS_BEFORE) from error
        raise
    except ImrError:
        raise
    except OSError as error:
        raise _storage_error(error, folder) from error
    except Exception as error:
        import sqlite3

        if isinstance(error, sqlite3.Error):
            full = _says_no_space(error) or "disk is full" in str(error)
            how = f"no space left for the index in {folder}" if full else f"cannot write the index in {folder}: {error}"
            raise StorageError(how, _AS_BEFORE) from error
        if _says_no_space(error):
            raise StorageError(f"no space left for the index in {folder}", _AS_BEFORE) from error
        raise


def _says_no_space(error: BaseException) -> bool:
    return "os error 28" in str(error) or "No space left" in str(error)


def _storage_error(error: OSError, folder: Path) -> StorageError:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in _NO_SPACE:
        return StorageError(f"no space left for the index in {folder}{where}", _AS_BEFORE)
    if error.errno in _NO_RIGHT:
        return StorageError(f"no right to write the index in {folder}{where}", _AS_BEFORE)
    return StorageError(f"cannot write the index in {folder}{where}: {error.strerror}", _AS_BEFORE)


def create(path: Path, data: bytes, mode: int = 0o600) -> None:
    """A whole new file, synced. Its name is not safe before `sync_folder`."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]
        os.fsync(fd)
    finally:
        os.close(fd)


def open_regular(path: Path) -> int:
    """A descriptor to read a regular file with. A link, a pipe or a device in its place is an OSError; nothing is waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    fd = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    return fd


def read(path: Path, largest: int) -> bytes:
    """The bytes of a regular file, of which no more than `largest` + 1 are read."""
    with os.fdopen(open_regular(path), "rb") as file:
        return file.read(largest + 1)


def replace(path: Path, data: bytes) -> None:
    """Put a new file, mode 0600, in the place of `path`. Raises StorageError; what was there is then untouched."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(aside)
            raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error


def load(path: Path, largest: int, what: str) -> bytes:
    """The bytes of `path`, a regular file of at most `largest` bytes. Raises UsageError that calls it `what`; never waits on a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{what} {path} is not a regular file")
            data = file.read(largest + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no {what} {path}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{what} {path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > largest:
        raise UsageError(f"{what} {path} is too long (over {largest >> 20} MB)")
    return data


def copy(source: Path, target: Path) -> None:
    """The bytes of `source` as a new file `target`; not synced."""
    with source.open("rb") as old, target.open("xb") as new:
        import shutil

        shutil.copyfileobj(old, new, 1 << 20)


def sync(path: Path) -> None:
    """The bytes of a file are on the disk when this returns."""
    fd = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(path: Path) -> None:
    """The names in a folder are on the disk when this returns. Systems that cannot sync a folder do not need to."""
    if os.name == "nt":
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(fd)


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names(folder: Path) -> list[str]:
    """Every name below `folder` that is not a folder, relative, with "/"; sorted. Links are names like others and never followed."""
    found: list[str] = []
    open_folders = [""]
    while open_folders:
        inside = open_folders.pop()
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                name = f"{inside}/{entry.name}" if inside else entry.name
                if entry.is_dir(follow_symlinks=False):
                    open_folders.append(name)
                else:
                    found.append(name)
    return sorted(found)


def folders(folder: Path) -> list[Path]:
    """`folder` and every folder below it, the deepest first."""
    found = [folder]
    for inside in found:
        with os.scandir(inside) as entries:
            found += [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return found[::-1]


def remove_tree(folder: Path, last: str = "") -> None:
    """Take a folder away as far as that is possible: what stays is taken away by the next build. The file `last` goes when all else is gone."""
    with suppress(OSError):
        for inside in folders(folder):
            for entry in list(os.scandir(inside)):
                if not entry.is_dir(follow_symlinks=False) and (entry.name != last or inside != folder):
                    with suppress(OSError):
                        os.unlink(entry.path)
            if last and inside == folder and os.listdir(folder) == [last]:
                with suppress(OSError):
                    sync_folder(folder)
                os.unlink(folder / last)
            with suppress(OSError):
                os.rmdir(inside)
