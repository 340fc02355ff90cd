"""Faults at the level of file operations: a build runs in a forked child in which the Nth operation below a folder goes wrong.

Counted are open (for writing), write, fsync, rename, replace, link, unlink, mkdir, rmdir, chmod, utime and truncate, wherever in Python they come
from. What is written natively (SQLite, an engine in Rust) is no operation here: kills from outside cover its inside.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KILL, TORN, NO_SPACE, BROKEN, COUNT = "kill", "torn write, then kill", "ENOSPC from here on", "EIO once", "count"
_NEEDS_SPACE = frozenset({"create", "write", "mkdir", "link", "replace", "rename", "fsync"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Hooks:
    """What goes wrong and when. `journal` lists every operation that was done: [kind, path, other path]."""

    folder: str
    fault: str
    at: int
    side: Path
    count: int = 0
    journal: list[list[str]] = field(default_factory=list)
    paths: dict[int, str] = field(default_factory=dict)
    real: dict[str, Any] = field(default_factory=dict)

    def meets(self, kind: str, path: str, other: str = "") -> bool:
        """Called before each operation: dies, raises, or notes it. True: only half of a write may happen before the end."""
        if not (path.startswith(self.folder) or other.startswith(self.folder)):
            return False
        self.count += 1
        if self.fault == NO_SPACE and self.count >= self.at and kind in _NEEDS_SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        if self.count == self.at:
            if self.fault == BROKEN:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            if self.fault == TORN and kind == "write":
                self.journal.append([kind, path, other])
                return True
            if self.fault in (KILL, TORN):
                self.die()
        self.journal.append([kind, path, other])
        return False

    def note(self) -> None:
        self.side.write_text(json.dumps({"count": self.count, "journal": self.journal}))

    def die(self) -> None:
        self.folder = "\0"
        self.note()
        os._exit(137)


class _Counted(io.FileIO):
    """A file opened for writing by Python's own open."""

    hooks: Hooks

    def write(self, data: Any) -> int:
        if self.hooks.meets("write", os.path.abspath(str(self.name))):
            super().write(bytes(data)[: len(bytes(data)) // 2])
            self.hooks.die()
        return super().write(data)

    def truncate(self, size: int | None = None) -> int:
        self.hooks.meets("truncate", os.path.abspath(str(self.name)))
        return super().truncate(size)


def install(hooks: Hooks) -> None:
    """Put the hooks in, in a child that never takes them out."""
    real_open = os.open

    def opened(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        name = os.path.abspath(os.fsdecode(path)) if not isinstance(path, int) else ""
        if flags & _WRITING:
            hooks.meets("create" if flags & os.O_CREAT and not os.path.lexists(name) else "open", name)
        fd = real_open(path, flags, mode, **more)
        hooks.paths[fd] = name
        return fd

    real_write, real_fsync = os.write, os.fsync

    def write(fd: int, data: Any) -> int:
        if hooks.meets("write", hooks.paths.get(fd, "")):
            real_write(fd, bytes(data)[: len(bytes(data)) // 2])
            hooks.die()
        return real_write(fd, data)

    def fsync(fd: Any) -> None:
        number = fd if isinstance(fd, int) else fd.fileno()
        hooks.meets("fsync", hooks.paths.get(number) or os.path.realpath(f"/proc/self/fd/{number}"))
        real_fsync(fd)

    os.open, os.write, os.fsync = opened, write, fsync  # type: ignore[assignment]
    for kind in ("rename", "replace", "link"):
        setattr(os, kind, _two(hooks, kind, getattr(os, kind)))
    for kind in ("unlink", "remove", "mkdir", "rmdir", "chmod", "utime", "truncate"):
        setattr(os, kind, _one(hooks, "unlink" if kind == "remove" else kind, getattr(os, kind)))
    _Counted.hooks = hooks
    real = builtins.open

    def python_open(file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
        if (
            isinstance(file, int)
            or not set(mode) & set("wax+")
            or not os.path.abspath(os.fspath(file)).startswith(hooks.folder)
        ):
            return real(file, mode, buffering, *more, **named)
        path = os.path.abspath(os.fspath(file))
        hooks.meets("open" if os.path.lexists(path) else "create", path)
        raw = _Counted(path, mode.replace("b", "").replace("t", ""))
        buffered: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return (
            buffered
            if "b" in mode
            else io.TextIOWrapper(buffered, **{k: v for k, v in named.items() if k in ("encoding", "newline")})
        )

    builtins.open = io.open = python_open


def _one(hooks: Hooks, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def act(path: Any, *more: Any, **named: Any) -> Any:
        hooks.meets(kind, hooks.paths.get(path, "") if isinstance(path, int) else os.path.abspath(os.fspath(path)))
        return real(path, *more, **named)

    return act


def _two(hooks: Hooks, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def act(source: Any, target: Any, *more: Any, **named: Any) -> Any:
        path = Path(os.path.abspath(os.fspath(target)))
        old = path.read_bytes().hex() if kind == "replace" and path.is_file() else "-"
        hooks.meets(kind, os.path.abspath(os.fspath(source)), str(path))
        if kind == "replace" and hooks.journal and hooks.journal[-1][2] == str(path):
            hooks.journal[-1].append(old)  # what the disk may still show if the new name is lost
        return real(source, target, *more, **named)

    return act


@dataclass(frozen=True)
class Died:
    """How the child ended: `code` 137 killed by the hook, 0 done, 5 StorageError; `error` what it said. `journal`: what it had done."""

    code: int
    error: str
    count: int
    journal: list[list[str]]


def run(act: Callable[[], None], folder: Path, fault: str, at: int, side: Path) -> Died:
    """`act` in a child with that fault at operation `at` (from 1) below `folder`."""
    from imr_search.errors import ImrError

    side.unlink(missing_ok=True)
    said = side.with_suffix(".error")
    said.unlink(missing_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            hooks = Hooks(str(folder), fault, at, side)
            install(hooks)
            try:
                act()
                code = 0
            except ImrError as error:
                code = error.exit_code
                said.write_text(f"{type(error).__name__}: {error.message}")
            except BaseException as error:
                import traceback

                said.write_text("".join(traceback.format_exception(error)))
            hooks.note()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    found = json.loads(side.read_text()) if side.exists() else {"count": 0, "journal": []}
    return Died(code, said.read_text() if said.exists() else "", found["count"], found["journal"])


LOSSES = ("cut", "half", "zero", "remove")
NAMES = ("kept", "undone", "first undone")


def lose_power(folder: Path, journal: list[list[str]], loss: str, names: str, untouched: set[int]) -> None:
    """What a disk may look like after power went: files that were not synced are cut, zeroed or gone; renames that were not synced are
    kept, undone, or only the first of them is. `untouched` are the inodes that lay there before the run."""
    synced: set[str] = set()
    unsynced_names: list[list[str]] = []
    for kind, path, other, *more in journal:
        if kind in ("create", "open", "write", "truncate"):
            synced.discard(path)
        elif kind == "fsync":
            synced.add(path)
            unsynced_names = [one for one in unsynced_names if os.path.dirname(one[2] or one[1]) != path]
        elif kind in ("rename", "replace"):
            synced = {other + one[len(path) :] if one == path or one.startswith(path + "/") else one for one in synced}
            unsynced_names.append([kind, path, other, *more])
    if names != "kept":
        for _, path, other, *more in unsynced_names[:1] if names == "first undone" else unsynced_names[::-1]:
            if not os.path.lexists(other):
                continue
            os.rename(other, path)
            synced = {
                path + one[len(other) :] if one == other or one.startswith(other + "/") else one for one in synced
            }
            if more and more[0] != "-":
                Path(other).write_bytes(bytes.fromhex(more[0]))
                synced.add(other)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if str(path) in synced or path.stat().st_ino in untouched:
            continue
        match loss:
            case "cut":
                os.truncate(path, 0)
            case "half":
                os.truncate(path, path.stat().st_size // 2)
            case "zero":
                path.write_bytes(bytes(path.stat().st_size))
            case _:
                path.unlink()
