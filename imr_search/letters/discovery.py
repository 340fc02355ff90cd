"""A folder's letters, found safely."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from imr_search.errors import UsageError

SUFFIXES: Final = (".txt", ".pdf")


class LetterFile(msgspec.Struct, frozen=True):
    """A regular .txt or .pdf file. `name` is relative to the root, with "/" on every system; bytes that are no text in
    a name are written as escapes there, so that it can be stored and printed."""

    path: Path
    name: str
    size: int
    mtime_ns: int


class Skipped(msgspec.Struct, frozen=True):
    """Something under a letter's name that is not read; `reason` is one of `warnings.SKIPS`."""

    name: str
    reason: str


def find_letters(root: Path) -> Iterator[LetterFile | Skipped]:
    """Every letter file at or below `root`, in the order of their names. Raises UsageError when `root` is not there.

    A link that stays inside is passed over in silence when what it points to is found by itself; one that leaves is
    reported, and neither is ever walked into: nothing is read twice, nothing loops, nothing outside is read.
    """
    try:
        base = root.resolve(strict=True)
        status = base.stat()
    except (OSError, RuntimeError):
        raise UsageError(f"{root}: no such file or folder") from None
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(base, base, "")
    elif not base.name.lower().endswith(SUFFIXES):
        yield Skipped(_printable(root.name), "not a letter file")
    elif stat.S_ISREG(status.st_mode):
        yield LetterFile(base, _printable(root.name), status.st_size, status.st_mtime_ns)
    else:
        yield Skipped(_printable(root.name), "not a regular file")


def _walk(root: Path, folder: Path, prefix: str) -> Iterator[LetterFile | Skipped]:
    stack: list[tuple[Path, str]] = [(folder, prefix)]
    while stack:
        here, above = stack.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield Skipped(_printable(above.rstrip("/")) or ".", "unreadable")
            continue
        folders: list[tuple[Path, str]] = []
        for entry in entries:
            name = above + entry.name
            try:
                if entry.is_symlink():
                    if found := _link(root, Path(entry.path), name):
                        yield found
                elif entry.is_dir(follow_symlinks=False):
                    folders.append((Path(entry.path), name + "/"))
                elif not entry.name.lower().endswith(SUFFIXES):
                    continue
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield LetterFile(Path(entry.path), _printable(name), status.st_size, status.st_mtime_ns)
                else:
                    yield Skipped(_printable(name), "not a regular file")
            except OSError:
                yield Skipped(_printable(name), "unreadable")
        stack += reversed(folders)


def _link(root: Path, path: Path, name: str) -> LetterFile | Skipped | None:
    """A link inside the folder: the file that it stands for when nothing else would find it, a reason, or nothing."""
    suffixed = path.name.lower().endswith(SUFFIXES)
    try:
        target = path.resolve(strict=True)
        status = target.stat()
    except (OSError, RuntimeError):
        return Skipped(_printable(name), "dangling link") if suffixed else None
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder and not suffixed:
        return None
    if not target.is_relative_to(root):
        return Skipped(_printable(name), "link out of the folder")
    if is_folder or target.name.lower().endswith(SUFFIXES):
        return None
    if not stat.S_ISREG(status.st_mode):
        return Skipped(_printable(name), "not a regular file")
    return LetterFile(target, _printable(name), status.st_size, status.st_mtime_ns)


def _printable(name: str) -> str:
    return name.replace(os.sep, "/").encode("utf-8", errors="backslashreplace").decode("utf-8")
