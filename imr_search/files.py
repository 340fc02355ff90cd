"""The one way to open and to replace files: links are not followed, kind and owner are asked of the open descriptor, and nothing waits on a pipe.

Two kinds of names are told apart. What the program keeps itself (an index, a history, saved queries) is opened without following a link, and only a
regular file is taken for it. What a person names (a configuration, -o FILE) may lie behind a link to be read, but is never written through one;
devices, pipes and open descriptors (/dev/null, /dev/stdout) are written into and never replaced.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from imr_search.errors import StorageError, UsageError

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_PLAIN = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")
_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


# Reading


def open_regular(path: Path, *, follow: bool = False) -> int:
    """A descriptor to read a regular file with. A pipe, a device or (unless `follow`) a link in its place is an OSError; nothing is waited for."""
    fd = os.open(path, os.O_RDONLY | _NONBLOCK | _PLAIN | (0 if follow else _NOFOLLOW))
    return _regular(fd, path)


def open_unlinked(path: Path) -> int:
    """The same for a path that had no link in it, neither the file nor any folder above it: one that was put there since is an OSError."""
    where = getattr(os, "O_PATH", 0)
    if not where or not path.is_absolute():
        return open_regular(path)
    here = os.open(path.anchor, where | os.O_DIRECTORY | _PLAIN)
    try:
        for part in path.parts[1:-1]:
            inside = os.open(part, where | os.O_DIRECTORY | _NOFOLLOW | _PLAIN, dir_fd=here)
            os.close(here)
            here = inside
        fd = os.open(path.name, os.O_RDONLY | _NONBLOCK | _NOFOLLOW | _PLAIN, dir_fd=here)
    finally:
        os.close(here)
    return _regular(fd, path)


def _regular(fd: int, path: Path) -> int:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return fd


def read(path: Path, largest: int, *, follow: bool = False) -> bytes:
    """The bytes of a regular file, of which no more than `largest` + 1 are read."""
    with os.fdopen(open_regular(path, follow=follow), "rb") as file:
        return file.read(largest + 1)


def read_end(path: Path, largest: int) -> bytes:
    """The last `largest` bytes of a regular file."""
    with os.fdopen(open_regular(path), "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - largest))
        return file.read(largest)


def load(path: Path, largest: int, what: str) -> bytes:
    """The bytes of a file that somebody named, at most `largest`. Raises UsageError that calls it `what`."""
    try:
        data = read(path, largest, follow=True)
    except FileNotFoundError:
        raise UsageError(f"there is no {what} {path}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{what} {path} cannot be read: {why}") from error
    if len(data) > largest:
        raise UsageError(f"{what} {path} is too long (over {largest >> 20} MB)")
    return data


# Writing


def create(path: Path, data: bytes, mode: int = 0o600) -> None:
    """A whole new file, synced. Its name is not safe before `sync_folder`."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]
        os.fsync(fd)
    finally:
        os.close(fd)


def replace(path: Path, data: bytes) -> None:
    """Put a new file of the program's own, mode 0600, in the place of `path`. Raises StorageError, UsageError; what was there is then untouched."""
    try:
        _refuse(path)
        _swap_in(path, (data,))
    except OSError as error:
        raise _cannot_write(path, error) from error


def write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write to what a person named: a file appears whole or not at all, mode 0600; a device, a pipe or an open descriptor gets the bytes.

    Raises StorageError; UsageError for a folder, a link or a disk.
    """
    try:
        stream = _stream(path)
        if stream is not None:
            _pour(stream, chunks)
            return
        _refuse(path)
        _swap_in(path, chunks)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _cannot_write(path, error) from error


def is_stream(path: Path) -> bool:
    """Is it written into as a stream (an open descriptor, a device, a pipe), so that nothing in it marks the beginning of a file?"""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def append(path: Path, data: bytes, *, own: bool = False) -> None:
    """Add to the end of a file, which is made with mode 0600. If `own`, it is the program's: it must belong to the user, and gets that mode.

    Raises StorageError; UsageError for a folder, a link or a disk.
    """
    try:
        stream = None if own else _stream(path)
        if stream is None:
            _refuse(path)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NONBLOCK | _NOFOLLOW | _PLAIN
            stream = _regular(os.open(path, flags, 0o600), path)
            if own:
                _make_private(stream, path)
        _pour(stream, (data,))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _cannot_write(path, error) from error


def _make_private(fd: int, path: Path) -> None:
    found = os.fstat(fd)
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        os.close(fd)
        raise UsageError(f"{path} belongs to somebody else", "name another file, or take it away")
    if stat.S_IMODE(found.st_mode) != 0o600 and hasattr(os, "fchmod"):
        os.fchmod(fd, 0o600)


def _stream(path: Path) -> int | None:
    """A descriptor of what is written into and never replaced: an open descriptor's name, a device, a pipe. None for anything else."""
    if "\0" in str(path):
        raise UsageError("a file's name holds no NUL")
    number = _STREAMS.get(str(path))
    if number is None and (found := _DESCRIPTOR.fullmatch(str(path))):
        number = int(found[1])
    if number is not None:
        for stream in (sys.stdout, sys.stderr):  # what was printed before comes before
            if stream is not None:
                stream.flush()
        return os.dup(number)
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    return _open_stream(path) if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) else None


def _refuse(path: Path) -> None:
    """Raise UsageError where something lies that is neither written into nor replaced."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder", "name a file in it")
    if stat.S_ISLNK(mode):
        target = os.path.realpath(path)
        raise UsageError(f"{path} is a link, and nothing is written through one", f"name the file itself: {target}")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not a file that can be written", "name another")


def _swap_in(path: Path, chunks: Iterable[bytes]) -> None:
    aside = path.with_name(f".imr-{os.urandom(8).hex()}")  # short: any name that fits into the folder does
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


def _open_stream(path: Path) -> int:
    """A device or a pipe, to be written into. A pipe that nobody reads is an OSError."""
    try:
        fd = os.open(path, os.O_WRONLY | _NONBLOCK | _NOFOLLOW | _PLAIN)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(error.errno, "nobody reads from it", str(path)) from None
        raise
    mode = os.fstat(fd).st_mode
    if not (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
        os.close(fd)
        raise OSError(errno.EINVAL, "is something else now", str(path))
    os.set_blocking(fd, True)
    return fd


def _pour(fd: int, chunks: Iterable[bytes]) -> None:
    with os.fdopen(fd, "wb") as stream:
        stream.writelines(chunks)


def _cannot_write(path: Path, error: OSError) -> StorageError:
    return StorageError(f"cannot write {path}: {error.strerror or error}")


# Names


def printable(name: str) -> str:
    """A name of the system's as text that can be stored and printed: bytes that are no text are written as escapes. Not a name to open."""
    return name.encode("utf-8", errors="backslashreplace").decode("utf-8")


# What an index's promises rest on


def copy(source: Path, target: Path) -> None:
    """The bytes of `source` as a new file `target`; not synced."""
    with source.open("rb") as old, target.open("xb") as new:
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
