"""Whose index it is. Whoever may write its files decides what every answer says and, of an engine that unpickles them, what code is run.

An index is believed only when it belongs to the user, to root or to somebody named in the configuration, and nobody else can write it: one rule for
all engines.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from imr_search import files
from imr_search.errors import IndexError_, UsageError
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
            raise _refused(path, "can be written by others")


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
        f"this index is not opened, because somebody else could have made up what it says: {path} {how}",
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
