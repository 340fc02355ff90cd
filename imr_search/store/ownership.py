"""Which folders are ours: one that carries our marker, and no other, however its name and its files look.

Nothing is written into a folder that is neither empty nor marked, and no folder without the marker is ever removed. Indexes made before there was a
marker are known by what nobody has by chance: a CURRENT that names the hash of a manifest of ours.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from imr_search import files
from imr_search.errors import ImrError
from imr_search.store import manifest

MARKER = "imr-search-index"
_TEXT = b"imr-search index, form 1\nMade by imr-index, which may remove this folder: keep nothing else in it.\n"


def mark(folder: Path) -> None:
    """Put the marker into a folder that is ours; twice does no harm. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    fd = os.open(folder / MARKER, flags, 0o600)
    try:
        os.write(fd, _TEXT)
        os.fsync(fd)
    finally:
        os.close(fd)
    files.sync_folder(folder)


def is_marked(folder: Path) -> bool:
    return _marker(folder) == _TEXT


def is_ours(folder: Path) -> bool:
    """Does a folder (no link to one) carry our marker, whole? A generation made before there was one carries a manifest of ours."""
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return False
    except OSError:
        return False
    return is_marked(folder) or _has_manifest(folder)


def is_empty(folder: Path) -> bool:
    """Is there nothing in it, or no more than a marker that was not finished?"""
    names = os.listdir(folder)
    begun = _marker(folder) if names == [MARKER] else None
    return not names or (begun is not None and _TEXT.startswith(begun))


def claim(folder: Path) -> bool:
    """Mark a folder that is empty. Is it ours? Raises OSError."""
    if is_marked(folder):
        return True
    if is_empty(folder):
        mark(folder)
        return True
    return is_marked(folder)  # another build may have made it just now


def _marker(folder: Path) -> bytes | None:
    """What the marker says; None where there is none, or something else of its name."""
    try:
        return files.read(folder / MARKER, len(_TEXT))
    except OSError:
        return None


def _has_manifest(folder: Path) -> bool:
    with suppress(ImrError, OSError):
        manifest.parse(files.read(folder / manifest.NAME, manifest.LARGEST))
        return True
    return False
