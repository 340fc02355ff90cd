"""A folder's letters, found safely."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from imr_search import files
from imr_search.errors import LetterError, UsageError
from imr_search.letters import containers

SUFFIXES: Final = (".txt", ".pdf", ".docx", ".html", ".htm")
ARCHIVE: Final = ".zip"
# Kinds in which letters are sent about and that are not read: they are told of, and nothing else in a folder is.
_OTHERS: Final = (
    *(
        ".doc",
        ".docm",
        ".odt",
        ".rtf",
        ".wpd",
        ".pages",
        ".eml",
        ".msg",
        ".mht",
        ".mhtml",
        ".xps",
        ".ps",
        ".epub",
        ".xhtml",
    ),
    *(
        ".tif",
        ".tiff",
        ".jpg",
        ".jpeg",
        ".png",
        ".gif",
        ".bmp",
        ".heic",
        ".jp2",
        ".djvu",
        ".7z",
        ".rar",
        ".gz",
        ".tgz",
        ".tar",
        ".bz2",
        ".xz",
    ),
)
OTHER_KIND: Final = "another kind"


class _Found(msgspec.Struct, frozen=True):
    """`raw` is the name relative to the root, with "/" on every system, as the system gives it: what tells files apart. `name` is the same as text
    that can be stored and printed; two files may have one `name`."""

    raw: str

    @property
    def name(self) -> str:
        return files.printable(self.raw)

    @property
    def key(self) -> bytes:
        return os.fsencode(self.raw)


class LetterFile(_Found, frozen=True):
    """A regular file of a kind that is read, or such a member of an archive ("letters.zip/2017/a.txt")."""

    path: Path
    size: int
    mtime_ns: int


class Skipped(_Found, frozen=True):
    """Something under a letter's name that is not read; `reason` is one of `warnings.SKIPS`."""

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
    elif base.name.lower().endswith(ARCHIVE) and stat.S_ISREG(status.st_mode):
        yield from _members(base, root.name, status.st_mtime_ns)
    elif not base.name.lower().endswith(SUFFIXES):
        yield Skipped(root.name, "not a letter file")
    elif stat.S_ISREG(status.st_mode):
        yield LetterFile(root.name, base, status.st_size, status.st_mtime_ns)
    else:
        yield Skipped(root.name, "not a regular file")


def _walk(root: Path, folder: Path, prefix: str) -> Iterator[LetterFile | Skipped]:
    stack: list[tuple[Path, str]] = [(folder, prefix)]
    while stack:
        here, above = stack.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield Skipped(above.rstrip("/") or ".", "unreadable")
            continue
        folders: list[tuple[Path, str]] = []
        for entry in entries:
            name = above + entry.name
            small = entry.name.lower()
            if small.startswith("._"):
                continue  # what another system keeps beside a file
            try:
                if entry.is_symlink():
                    if found := _link(root, Path(entry.path), name):
                        yield found
                elif entry.is_dir(follow_symlinks=False):
                    folders.append((Path(entry.path), name + "/"))
                elif small.endswith(_OTHERS):
                    yield Skipped(name, OTHER_KIND)
                elif small.endswith(ARCHIVE) and entry.is_file(follow_symlinks=False):
                    yield from _members(Path(entry.path), name, entry.stat(follow_symlinks=False).st_mtime_ns)
                elif not small.endswith(SUFFIXES):
                    continue
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield LetterFile(name, Path(entry.path), status.st_size, status.st_mtime_ns)
                else:
                    yield Skipped(name, "not a regular file")
            except OSError:
                yield Skipped(name, "unreadable")
        stack += reversed(folders)


def _members(archive: Path, name: str, mtime_ns: int) -> Iterator[LetterFile | Skipped]:
    """The letters in an archive. An archive in it is not opened."""
    try:
        for member in containers.members(archive):
            inside = f"{name}/{member.name}"
            small = member.name.lower()
            if PurePosixPath(small).name.startswith("._") or small.startswith("__macosx/"):
                continue
            if not member.inside and small.endswith((*SUFFIXES, *_OTHERS, ARCHIVE)):
                yield Skipped(
                    f"{name}/{member.name.encode('unicode_escape').decode()[:200]}", "name out of its archive"
                )
            elif small.endswith(SUFFIXES):
                yield LetterFile(inside, archive / member.name, member.size, mtime_ns)
            elif small.endswith((*_OTHERS, ARCHIVE)):
                yield Skipped(inside, OTHER_KIND)
    except LetterError as error:
        told = {"broken": "broken archive", "unreadable": "unreadable"}
        yield Skipped(name, told.get(error.reason, "large archive"))


def _link(root: Path, path: Path, name: str) -> LetterFile | Skipped | None:
    """A link inside the folder: the file that it stands for when nothing else would find it, a reason, or nothing."""
    suffixed = path.name.lower().endswith(SUFFIXES)
    try:
        target = path.resolve(strict=True)
        status = target.stat()
    except (OSError, RuntimeError):
        return Skipped(name, "dangling link") if suffixed else None
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder and not suffixed:
        return None
    if not target.is_relative_to(root):
        return Skipped(name, "link out of the folder")
    if is_folder or target.name.lower().endswith(SUFFIXES):
        return None
    if not stat.S_ISREG(status.st_mode):
        return Skipped(name, "not a regular file")
    return LetterFile(name, target, status.st_size, status.st_mtime_ns)
