"""Small files of the user's own: written whole or not at all, readable by nobody else, and read with bounds."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from imr_search.errors import StorageError, UsageError


def write(path: Path, data: bytes) -> None:
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


def read(path: Path, largest: int, what: str) -> bytes:
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
