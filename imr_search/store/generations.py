"""Generations side by side in one folder, and the one name that says which of them is the index.

CURRENT           "gen-000007 <sha256 of its manifest>"
gen-000007/       manifest.json  ledger.sqlite  engine/...
gen-000006/       the one before, kept
tmp-1a2b3c4d/     being built, or left by a build that died
lock  holder      who writes
imr-search-index  the marker that the folder is ours; each generation and each tmp- folder has its own
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

import msgspec

from imr_search import files
from imr_search.errors import ImrError, StorageError, UsageError
from imr_search.store import lock, manifest, trust

CURRENT = "CURRENT"
_LINE = re.compile(rb"gen-(\d{6,12}) ([0-9a-f]{64})\n\Z")
_NONE_YET = b"gen-000000 %s\n" % (b"0" * 64)
_FOLDER = re.compile(r"gen-(\d{6,12})\Z")
_BUILDING = re.compile(r"tmp-[0-9a-f]{8}\Z")


class Current(msgspec.Struct, frozen=True):
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
        data = files.read(folder / CURRENT, 200)
    except (FileNotFoundError, NotADirectoryError):
        if owned(folder):
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


def owned(folder: Path) -> list[int]:
    """Those of them that are ours: only these are ever taken away."""
    return [number for number in generations(folder) if trust.is_ours(folder / name(number))]


def readable(folder: Path) -> manifest.Manifest | None:
    """The newest manifest that can be understood, of a damaged index. Its hash may be wrong: it is only asked for what is shown, or guarded by."""
    for number in reversed(generations(folder)):
        with suppress(ImrError, OSError):
            return manifest.parse(files.read(folder / name(number) / manifest.NAME, manifest.LARGEST))
    return None


def prepare(folder: Path) -> None:
    """Make the index's folder, or see that it is one of ours. Any other that is not empty is refused. Raises OSError."""
    if folder.is_dir():
        if trust.claim(folder):
            return
        if not _was_made_by_us(folder):
            other = min(os.listdir(folder), default="")
            raise UsageError(
                f"{folder} is not an imr-search index and contains other files ({other!r}), so no index is written there",
                "name a new folder with --index",
            )
        trust.mark(folder)
        return
    if folder.is_symlink() and not folder.exists():
        raise UsageError(f"{folder} is a broken link", "name a folder with --index")
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
    if not trust.claim(folder):
        raise UsageError(f"another program is writing to {folder}", "name a new folder with --index")


def _was_made_by_us(folder: Path) -> bool:
    """Is it an index of a version that set no marker? Its CURRENT names the hash of its manifest, which nothing else of that name does."""
    try:
        now = current(folder)
        if now is None:
            return files.read(folder / CURRENT, len(_NONE_YET)) == _NONE_YET
        manifest.read(folder / now.name, now.sha256)
    except (ImrError, OSError):
        return False
    return True


def begin(folder: Path) -> Path:
    """A new folder to build in, beside the generations."""
    path = folder / f"tmp-{os.urandom(4).hex()}"
    os.mkdir(path, 0o700)
    try:
        trust.mark(path)
    except BaseException:
        end(path)
        raise
    return path


def end(built: Path) -> None:
    """Take away what `begin` made, if it is there still."""
    files.remove_tree(built, trust.MARKER)


def publish(folder: Path, built: Path, new: manifest.Manifest, known: frozenset[str] = frozenset()) -> None:
    """Make what lies in `built` the index: sync, manifest, rename, CURRENT. Either all of it happened or none. Files in `known` are synced already.

    Raises OSError, and then the index is what it was; StorageError when it is the new one and that could not be synced.
    """
    file_mode, folder_mode = (0o640, 0o750) if new.shared else (0o600, 0o700)
    for file in new.contents:
        if file not in known or stat.S_IMODE(os.stat(built / file).st_mode) != file_mode:
            os.chmod(built / file, file_mode)
            files.sync(built / file)
    for file in set(files.names(built)) - set(new.contents):  # an engine's lock files: who reads has to be able to lock
        os.chmod(built / file, 0o660 if new.shared else 0o600)
    data = new.to_bytes()
    files.create(built / manifest.NAME, data)
    os.chmod(built / manifest.NAME, file_mode)
    for inside in files.folders(built):
        _chmod(inside, folder_mode)
        files.sync_folder(inside)
    target = folder / name(new.generation)
    os.rename(built, target)
    try:
        files.sync_folder(folder)
        _chmod(folder, folder_mode)
        _point(folder, f"{target.name} {hashlib.sha256(data).hexdigest()}\n".encode(), file_mode, target)
    except BaseException:
        if not _names(folder, target.name):  # an interrupt may come when all is done
            _remove(target)
        raise
    try:
        files.sync_folder(folder)
    except OSError as error:
        raise StorageError(
            f"the new index in {folder} is in place, but the disk did not confirm it: {error.strerror}",
            "check it:  imr-index check",
        ) from None


def _names(folder: Path, generation: str) -> bool:
    """Does CURRENT name that generation?"""
    try:
        return files.read(folder / CURRENT, 200).startswith(generation.encode() + b" ")
    except OSError:
        return False


def _chmod(folder: Path, mode: int) -> None:
    """The mode of a folder, in which a group that is inherited stays inherited."""
    os.chmod(folder, mode | (stat.S_IMODE(os.stat(folder).st_mode) & stat.S_ISGID))


def found(folder: Path) -> None:
    """Say in a new folder that there is no generation yet: one without CURRENT is damaged, not new. Only the holder of the lock may."""
    if not os.path.lexists(folder / CURRENT) and not owned(folder):
        aside = begin(folder)
        try:
            _point(folder, _NONE_YET, 0o600, aside)
            files.sync_folder(folder)
        finally:
            end(aside)


def _point(folder: Path, line: bytes, mode: int, through: Path) -> None:
    """Replace CURRENT, all or nothing. The new one is written in `through`, which is ours: nothing of anybody else's is in its way."""
    aside = through / CURRENT
    try:
        files.create(aside, line)
        os.chmod(aside, mode)
        os.replace(aside, folder / CURRENT)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


def clean(folder: Path, now: Current | None) -> None:
    """Take away what a build left that died: only the holder of the writer's lock may."""
    with os.scandir(folder) as entries:
        left = [entry.name for entry in entries if _BUILDING.match(entry.name) and entry.is_dir(follow_symlinks=False)]
    for one in left:
        with suppress(OSError):
            if trust.is_ours(folder / one) or trust.is_empty(folder / one):
                end(folder / one)
    if now is not None:
        for number in owned(folder):
            if number > now.generation:
                _remove(folder / name(number))


def collect(folder: Path, now: Current) -> None:
    """Take away the generations before the previous one that nobody reads."""
    for number in [n for n in owned(folder) if n < now.generation][:-1]:
        path = folder / name(number)
        fd = lock.unpinned(path / manifest.NAME)
        if fd is None and os.path.lexists(path / manifest.NAME):
            continue
        try:
            _remove(path)
        finally:
            if fd is not None:
                os.close(fd)


def _remove(path: Path) -> None:
    """Take a generation of ours away, out of sight first, so that no reader meets half of it."""
    aside = path.parent / f"tmp-{os.urandom(4).hex()}"
    try:
        if not trust.is_ours(path):
            return
        os.rename(path, aside)
    except OSError:
        return
    with suppress(OSError):
        if not trust.is_marked(aside):  # made before there was a marker: if this is cut off, the next build goes on
            trust.mark(aside)
        files.sync_folder(path.parent)
    end(aside)
