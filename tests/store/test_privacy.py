"""Who can read an index: its user alone, or an office that it is shared with."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from imr_search.errors import StorageError
from imr_search.store import current, open_index
from tests.store.corpus import answer, build, items, plant

ENGINES = ("memory", "whoosh", "tantivy")


@pytest.mark.parametrize("engine", ENGINES)
def test_everything_is_the_users_alone(engine: str, tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 5), tmp_path / "deep" / "index"
    os.umask(old := os.umask(0))
    os.umask(0)
    try:
        build(index, root, engine=engine)
        plant(root, 1, start=70)
        build(index)
        items(index)
    finally:
        os.umask(old)
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in [index, *index.rglob("*")]}
    assert {path: oct(mode) for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}
    build(index, shared=True)
    shown = index / current(index).name  # type: ignore[union-attr]
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in [index, shown, *shown.rglob("*")]}
    wanted = {path: 0o750 if path.is_dir() else 0o660 if path.suffix == ".lock" else 0o640 for path in modes}
    assert modes == wanted
    assert open_index(index).manifest.shared


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("engine", ENGINES)
def test_an_office_shares_an_index(engine: str, memory_disk: Path) -> None:
    """Built by root for a group: a member reads it, and can change nothing; others cannot read."""
    os.chmod(memory_disk, 0o755)
    index = memory_disk / "index"
    build(index, plant(memory_disk / "letters", 5), engine=engine, shared=True)
    for path in [index, *index.rglob("*")]:
        os.chown(path, 0, 54_000)
    whole = answer(index)
    assert _as_somebody(54_000, lambda: answer(index) == whole) == 0
    assert _as_somebody(54_000, lambda: bool((index / "CURRENT").write_text("x"))) == 2
    assert _as_somebody(54_001, lambda: answer(index) == whole) == 2


def _as_somebody(group: int, act: Callable[[], bool]) -> int:
    """0 if `act` says True to a process of that group, 1 if False, 2 if it raises."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            os.setgroups([])
            os.setgid(group)
            os.setuid(54_000)
            code = 0 if act() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_no_right_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plant(tmp_path / "letters", 2)

    def refuse(path: object, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(StorageError, match="no permission to write"):
        build(tmp_path / "index", root)
