"""What a generation says of itself: every file with size, time and hash, and by which rules it was made."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from imr_search import files
from imr_search.errors import IndexError_

NAME = "manifest.json"
LEDGER = "ledger.sqlite"
ENGINE = "engine"
SCHEMA = 3
_BEFORE = (1, 2)  # forms of older versions: such an index is not searched, but it is known whose letters it holds
MEND = "imr-index repair"
LARGEST = 64 << 20  # bytes; a manifest of some hundred files has some ten thousand
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One file of a generation; `mtime_ns` as it was when the manifest was written."""

    size: int
    mtime_ns: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`letters` and `items` are what can be found, with the items of each outcome; `files` what was looked at, `failures` what gave no letter.
    `differing`: letters of whose case another one decides otherwise, has other items or adds to it.
    `digest` changes when any letter does. `contents` is keyed by the path in the generation's folder, with "/"."""

    schema: int = SCHEMA
    generation: _Count
    created: str
    engine: str
    format: str
    fingerprint: str
    parser: str
    vocabulary: str
    letters: _Count
    items: _Count
    overturned: _Count
    modified: _Count
    upheld: _Count
    files: _Count
    failures: _Count
    digest: str
    roots: tuple[str, ...]
    shared: bool
    version: str
    contents: Mapping[str, Entry]
    differing: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        told = msgspec.structs.replace(
            self, roots=tuple(map(_written, self.roots)), contents=dict(sorted(self.contents.items()))
        )
        return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(entry.size for entry in self.contents.values())


def read(folder: Path, expected: str, descriptor: int | None = None) -> Manifest:
    """The manifest of the generation in `folder`, whose bytes must hash to `expected`. Raises IndexError_ that names the file."""
    name = f"{folder.name}/{NAME}"
    try:
        if descriptor is None:
            data = files.read(folder / NAME, LARGEST)
        else:
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(LARGEST + 1)
    except OSError as error:
        raise damaged(name, error.strerror or "cannot be read") from error
    if len(data) > LARGEST or hashlib.sha256(data).hexdigest() != expected:
        raise damaged(name, "is not the one that CURRENT names")
    return parse(data, name)


class _Form(msgspec.Struct):
    schema: int


class _Old(msgspec.Struct, kw_only=True):
    """What every form before held, and is still asked for."""

    generation: _Count
    created: str
    engine: str
    format: str
    parser: str
    vocabulary: str
    letters: _Count
    items: _Count
    files: _Count
    failures: _Count
    digest: str
    roots: tuple[str, ...]
    shared: bool
    version: str
    contents: Mapping[str, Entry]


def parse(data: bytes, name: str = NAME) -> Manifest:
    """Strictly: an index folder may have been made by somebody else."""
    try:
        form = msgspec.json.decode(data, type=_Form).schema
        if form in _BEFORE:
            old = msgspec.structs.asdict(msgspec.json.decode(data, type=_Old))
            found = Manifest(schema=form, fingerprint="", overturned=0, modified=0, upheld=0, **old)
        elif form == SCHEMA:
            found = msgspec.json.decode(data, type=Manifest)
        else:
            raise another_version(f"{name} has another format")
        for path in found.contents:
            _check(path)
        return msgspec.structs.replace(found, roots=tuple(map(_read_root, found.roots)))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise damaged(name, "is not valid") from error


def _check(path: str) -> None:
    """Raise ValueError unless it names a file in the generation's folder."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path or str(pure) != path:
        raise ValueError(path)


def _written(root: str) -> str:
    """A root as JSON holds it. One whose bytes are no text is written as a NUL, which no path holds, and the bytes in hex."""
    try:
        root.encode("utf-8")
    except UnicodeEncodeError:
        return "\0" + os.fsencode(root).hex()
    return root


def _read_root(root: str) -> str:
    return os.fsdecode(bytes.fromhex(root[1:])) if root.startswith("\0") else root


def damaged(name: str, how: str) -> IndexError_:
    return IndexError_(f"the index is damaged: {name} {how}", MEND, file=name)


def unreadable(path: Path, error: OSError) -> IndexError_:
    hint = "ask its owner to share it:  imr-index build --shared" if isinstance(error, PermissionError) else MEND
    return IndexError_(f"the index cannot be read: {path}: {error.strerror}", hint, file=path.name)


def another_version(how: str) -> IndexError_:
    return IndexError_(f"the index was made by another version of imr-search: {how}", "imr-index build --full")


def verify(folder: Path, manifest: Manifest, *, thorough: bool = False) -> list[str]:
    """Compare every file with the manifest: sizes and times, and the hash of what has another time (of all, if `thorough`). Times that changed
    over the same bytes (a copied or restored index) are put right, so that they are hashed once. The first fault is raised; all faults of
    a thorough look are given back as "file: fault"."""
    faults: list[str] = []
    present = set(listing(folder))
    for name in sorted(present - set(manifest.contents)):
        faults.append(f"{name} does not belong to it")
    for name, entry in sorted(manifest.contents.items()):
        fault = _fault(folder / name, entry, thorough) if name in present else "is missing"
        if fault:
            faults.append(f"{name} {fault}")
        if faults and not thorough:
            break
    if faults and not thorough:
        name, _, fault = faults[0].partition(" ")
        raise damaged(f"{folder.name}/{name}", fault)
    return faults


def listing(folder: Path) -> list[str]:
    """The files that a manifest speaks of: all but itself and the lock files that engines leave, which hold nothing."""
    return [name for name in files.names(folder) if name != NAME and not is_lock(folder / name)]


def is_lock(path: Path) -> bool:
    return path.name.endswith(".lock") and stat.S_ISREG(os.lstat(path).st_mode)


def describe(built: Path, old: Path | None, before: Mapping[str, Entry]) -> tuple[dict[str, Entry], frozenset[str]]:
    """The contents of a folder that was just built, and which of them are hard links to files of the generation in `old` (they are neither
    hashed nor synced again: an update costs what changed)."""
    contents: dict[str, Entry] = {}
    known: set[str] = set()
    for name in listing(built):
        found = os.lstat(built / name)
        entry = before.get(name) if old is not None else None
        if entry is not None and old is not None and found.st_nlink > 1 and entry.size == found.st_size:
            with suppress(OSError):
                if os.path.samestat(found, os.lstat(old / name)) and found.st_mtime_ns == entry.mtime_ns:
                    contents[name] = entry
                    known.add(name)
                    continue
        contents[name] = Entry(found.st_size, found.st_mtime_ns, files.digest(built / name))
    return contents, frozenset(known)


def _fault(path: Path, entry: Entry, thorough: bool) -> str:
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode):
            return "is not a regular file"
        if found.st_size != entry.size:
            return f"has {found.st_size} bytes instead of {entry.size}"
        if not thorough and found.st_mtime_ns == entry.mtime_ns:
            return ""
        if files.digest(path) != entry.sha256:
            return "has changed"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if found.st_mtime_ns != entry.mtime_ns:
        try:
            os.utime(path, ns=(found.st_atime_ns, entry.mtime_ns), follow_symlinks=False)
        except (OSError, NotImplementedError):
            return ""  # somebody else's index: it is hashed again the next time
    return ""
