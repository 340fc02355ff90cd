"""Whose an index is. Whoever may write its files decides what every answer says and, of an engine that unpickles them, what code is run: so an index
is believed only when it belongs to the user, to root or to somebody named in the configuration, and nobody else can write it. One rule for all
engines.

And which folders are ours: one that carries our marker, and no other, however its name and its files look. Nothing is written into a folder that
is neither empty nor marked, and no folder without the marker is ever removed. Indexes made before there was a marker are known by what nobody has
by chance: a CURRENT that names the hash of a manifest of ours.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from imr_search import files
from imr_search.errors import ImrError, IndexError_, UsageError
from imr_search.store import manifest

_ROOT = 0


def require(folder: Path, generation: Path, owners: Callable[[], tuple[str, ...]]) -> None:
    """Raise IndexError_ unless the index's folder, the generation and all in it belong to the user, to root or to one of `owners` (which are only
    asked for when it matters), and nobody else can write them.

    Windows has no such owners and modes: there the check is left to the user's profile.
    """
    if not hasattr(os, "geteuid"):
        return
    trusted = {_ROOT, os.geteuid()}
    asked = False
    paths = [folder, generation, *files.folders(generation), *(generation / name for name in files.names(generation))]
    for path in paths:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode) and path != folder:
            raise _refused(path, "is a link")
        if stat.S_ISLNK(found.st_mode):
            found = os.stat(path)
        if found.st_uid not in trusted and not asked:
            trusted.update(_numbers(owners()))
            asked = True
        if found.st_uid not in trusted:
            raise _refused(path, f"belongs to {_name(found.st_uid)}, neither to you nor to root")
        if found.st_mode & 0o022 and not manifest.is_lock(
            path
        ):  # who reads has to be able to lock, and a lock holds nothing
            raise _refused(path, "is writable by others")


def require_owner(folder: Path, owners: Callable[[], tuple[str, ...]]) -> None:
    """Raise UsageError unless the folder that is built in belongs to the user, to root or to one of `owners`."""
    if not hasattr(os, "geteuid"):
        return
    owner = os.stat(folder).st_uid
    if owner not in (_ROOT, os.geteuid()) and owner not in _numbers(owners()):
        raise UsageError(
            f"no index is written into {folder}, which belongs to {_name(owner)}",
            "name a folder of your own with --index",
        )


def _refused(path: Path, how: str) -> IndexError_:
    return IndexError_(
        f"this index was not opened because someone else could have altered it: {path} {how}",
        f'build your own, or name its owner under "trust" in the configuration, or: chmod -R go-w {path}'
        if how.startswith("belongs")
        else f"if nobody has tampered with it: chmod -R go-w {path}",
        file=path.name,
    )


def _numbers(owners: tuple[str, ...]) -> list[int]:
    if not owners:
        return []
    import pwd

    found = []
    for owner in owners:
        try:
            found.append(pwd.getpwnam(owner).pw_uid)
        except KeyError:
            continue
    return found


def _name(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


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
    """Is there nothing in it, or no more than a marker that was not finished? After a loss of power its end, or all of it, may be zeros."""
    names = os.listdir(folder)
    begun = _marker(folder) if names == [MARKER] else None
    return not names or (begun is not None and len(begun) <= len(_TEXT) and _TEXT.startswith(begun.rstrip(b"\0")))


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
