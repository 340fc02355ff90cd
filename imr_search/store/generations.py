"""Generations side by side in one folder, and the one name that says which of them is the index.

CURRENT          "gen-000007 <sha256 of its manifest>"
gen-000007/      manifest.json  ledger.sqlite  engine/...
gen-000006/      the one before, kept
tmp-*/           being built, or left by a build that died
lock  holder     who writes
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from imr_search.digest import sha256
from imr_search.errors import StorageError, UsageError
from imr_search.pattern import pattern
from imr_search.record import record
from imr_search.store import disk, lock, manifest

CURRENT = "CURRENT"
_LINE = re.compile(rb"gen-(\d{6,12}) ([0-9a-f]{64})\n\Z")
_NONE_YET = b"gen-000000 %s\n" % (b"0" * 64)
_FOLDER = pattern(r"gen-(\d{6,12})\Z")
_OURS = pattern(r"(CURRENT|lock|holder|gen-\d{6,12}|tmp-.*|lock\..*)\Z")


@record
class Current:
    """Which generation the index is, and the hash of its manifest."""

    generation: int
    sha256: str

    @property
    def name(self) -> str:
        return name(self.generation)


def name(generation: int) -> str:
    return f"gen-{generation:06d}"


def current(folder: Path) -> Current | None:
    """None when there is no index. Raises IndexError_ when there is no telling which generation it is."""
    try:
        with open(folder / CURRENT, "rb") as file:
            data = file.read(200)
    except (FileNotFoundError, NotADirectoryError):
        if generations(folder):
            raise manifest.damaged(CURRENT, "is missing") from None
        return None
    except OSError as error:
        raise manifest.unreadable(folder / CURRENT, error) from error
    found = _LINE.match(data)
    if not found:
        raise manifest.damaged(CURRENT, "does not name a generation")
    if data == _NONE_YET:
        return None
    return Current(int(found[1]), found[2].decode())


def generations(folder: Path) -> list[int]:
    """The numbers of all generations that lie there, ascending."""
    try:
        with os.scandir(folder) as entries:
            return sorted(int(found[1]) for entry in entries if (found := _FOLDER.match(entry.name)))
    except OSError:
        return []


def prepare(folder: Path) -> None:
    """Make the index's folder, or see that it is one. A folder with other things in it is refused. Raises OSError."""
    if folder.is_dir():
        strangers = [entry.name for entry in os.scandir(folder) if not _OURS.match(entry.name)]
        if strangers and not (folder / CURRENT).exists():
            raise UsageError(
                f"{folder} holds other things ({strangers[0]!r}), so no index is put there",
                "name a new folder with --index",
            )
        return
    if folder.exists():
        raise UsageError(f"{folder} is not a folder", "name a folder with --index")
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for path in reversed(missing):
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:  # another build made it just now; the lock says whose turn it is
            if not path.is_dir():
                raise


def begin(folder: Path) -> Path:
    """A new folder to build in, beside the generations."""
    path = folder / f"tmp-{os.urandom(4).hex()}"
    os.mkdir(path, 0o700)
    return path


def publish(folder: Path, built: Path, new: manifest.Manifest, known: frozenset[str] = frozenset()) -> None:
    """Make what lies in `built` the index: sync, manifest, rename, CURRENT. Either all of it happened or none. Files in `known` are synced already.

    Raises OSError, and then the index is what it was; StorageError when it is the new one and that could not be synced.
    """
    file_mode, folder_mode = (0o640, 0o750) if new.shared else (0o600, 0o700)
    for file in new.contents:
        if file not in known or stat.S_IMODE(os.stat(built / file).st_mode) != file_mode:
            os.chmod(built / file, file_mode)
            disk.sync(built / file)
    for file in set(disk.files(built)) - set(new.contents):  # an engine's lock files: who reads has to be able to lock
        os.chmod(built / file, 0o660 if new.shared else 0o600)
    data = new.to_bytes()
    disk.write(built / manifest.NAME, data)
    os.chmod(built / manifest.NAME, file_mode)
    for inside in disk.folders(built):
        os.chmod(inside, folder_mode)
        disk.sync_folder(inside)
    target = folder / name(new.generation)
    os.rename(built, target)
    try:
        disk.sync_folder(folder)
        os.chmod(folder, folder_mode)
        _point(folder, f"{target.name} {sha256(data)}\n".encode(), file_mode)
    except BaseException:
        _remove(target)
        raise
    try:
        disk.sync_folder(folder)
    except OSError as error:
        raise StorageError(
            f"the new index in {folder} is in place, but the disk did not confirm it: {error.strerror}",
            "look at it:  imr-index check",
        ) from None


def found(folder: Path) -> None:
    """Say in a new folder that there is no generation yet: one without CURRENT is damaged, not new. Only the holder of the lock may."""
    if not (folder / CURRENT).exists() and not generations(folder):
        _point(folder, _NONE_YET, 0o600)
        disk.sync_folder(folder)


def _point(folder: Path, line: bytes, mode: int) -> None:
    """Replace CURRENT, all or nothing."""
    aside = folder / f"tmp-{CURRENT}"
    with suppress(FileNotFoundError):
        os.unlink(aside)
    try:
        disk.write(aside, line)
        os.chmod(aside, mode)
        os.replace(aside, folder / CURRENT)
    except BaseException:
        _remove(aside)
        raise


def clean(folder: Path, now: Current | None) -> None:
    """Take away what a build left that died: only the holder of the writer's lock may."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    for left in names:
        if left.startswith("tmp-"):
            _remove(folder / left)
    if now is not None:
        for number in generations(folder):
            if number > now.generation:
                _remove(folder / name(number))


def collect(folder: Path, now: Current) -> None:
    """Take away the generations before the previous one that nobody reads."""
    for number in [n for n in generations(folder) if n < now.generation][:-1]:
        path = folder / name(number)
        fd = lock.unpinned(path / manifest.NAME)
        if fd is None and (path / manifest.NAME).exists():
            continue
        try:
            _remove(path)
        finally:
            if fd is not None:
                os.close(fd)


def _remove(path: Path) -> None:
    """Out of sight first, so that no reader meets half of it."""
    if path.is_dir() and not path.is_symlink():
        if not path.name.startswith("tmp-"):
            aside = path.parent / f"tmp-{os.urandom(4).hex()}"
            try:
                os.rename(path, aside)
            except OSError:
                return
            path = aside
        disk.remove_tree(path)
    else:
        with suppress(OSError):
            os.unlink(path)
