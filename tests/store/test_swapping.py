"""Generations side by side: what an update shares with the one before, who holds one, who may write, and what is told of damage."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from imr_search import indexing
from imr_search.errors import IndexError_, LockedError
from imr_search.indexing import BuildOptions, Progress, run
from imr_search.plan import All
from imr_search.store import current, generations, lock, manifest, open_index, pinned
from imr_search.store.opening import Pinned
from tests.store.corpus import answer, build, items, plant

ENGINES = ("memory", "whoosh", "tantivy")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_update_links_what_stays_and_touches_nothing_old(engine: str, tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 30), tmp_path / "index"
    build(index, root, engine=engine)
    pin = pinned(index)
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in pin.path.rglob("*") if path.is_file()}
    plant(root, 1, start=70)
    (root / "CM16-0000001.txt").unlink()
    build(index)
    assert {path: (path.stat().st_ino, path.read_bytes()) for path in pin.path.rglob("*") if path.is_file()} == before
    if engine != "memory":
        now = index / current(index).name  # type: ignore[union-attr]
        linked = {path.stat().st_ino for path in now.rglob("*")} & {inode for inode, _ in before.values()}
        assert linked
    pin.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_without_hard_links_files_are_copied(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 12), tmp_path / "index"
    build(index, root, engine=engine)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    plant(root, 1, start=70)
    (root / "CM16-0000001.txt").unlink()
    build(index)
    build(tmp_path / "fresh", root, engine="memory")
    assert items(index) == items(tmp_path / "fresh")


def test_a_reader_keeps_its_generation(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 12), tmp_path / "index"
    build(index, root)
    with open_index(index) as opened:
        before = opened.searcher.count(All())
        for number in range(4):
            plant(root, 1, start=70 + number)
            build(index)
        assert opened.newer()
        assert opened.searcher.count(All()) == before
        assert (index / "gen-000001").is_dir()
        assert sorted(path.name for path in index.glob("gen-*")) == ["gen-000001", "gen-000004", "gen-000005"]
    plant(root, 1, start=80)
    build(index)
    assert sorted(path.name for path in index.glob("gen-*")) == ["gen-000005", "gen-000006"]


def test_the_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 2), tmp_path / "index"
    build(index, root)
    with lock.writing(index), pytest.raises(LockedError, match=f"process {os.getpid()} on") as error:
        build(index)
    assert error.value.exit_code == 75
    build(index)


def test_ctrl_c_leaves_the_old_index(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 10), tmp_path / "index"
    build(index, root)
    before = answer(index)
    plant(root, 5, start=40)

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([root], index, BuildOptions(workers=1), stop)
    assert answer(index) == before
    assert not list(index.glob("tmp-*"))
    assert build(index).letters == 15


def test_a_copied_index_is_hashed_once_and_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    build(index, root)
    shutil.copytree(index, tmp_path / "copy", copy_function=shutil.copy)
    hashed: list[Path] = []
    real = manifest.files.digest
    monkeypatch.setattr(manifest.files, "digest", lambda path: hashed.append(path) or real(path))
    assert answer(tmp_path / "copy") == answer(index)
    assert len(hashed) == 3, "the engine's file, the ledger, the marker"
    answer(tmp_path / "copy")
    assert len(hashed) == 3


def test_check_finds_letters_that_are_not_what_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 5), tmp_path / "index"
    build(index, root)
    checked = indexing.check(index)
    assert (checked.faults, checked.read, checked.changed) == ((), 5, 0)
    (root / "CM16-0000001.txt").write_text("changed since")
    assert indexing.check(index).changed == 1
    monkeypatch.setattr("imr_search.letters.facts.worker", lambda _: (99, "female"))
    assert len(indexing.check(index).faults) == 4


def test_a_pin_is_what_keeps_a_generation(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    build(index, root)
    pin: Pinned = pinned(index)
    assert lock.unpinned(pin.path / manifest.NAME) is None
    pin.close()
    fd = lock.unpinned(pin.path / manifest.NAME)
    assert fd is not None
    os.close(fd)


def test_repair_rebuilds_from_the_letters(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 6), tmp_path / "index"
    build(index, root)
    before = answer(index)
    for name in (
        "CURRENT",
        "gen-000001/manifest.json",
        "gen-000001/ledger.sqlite",
        "gen-000001/engine/documents.jsonl",
    ):
        broken = index / (name if name == "CURRENT" else name.replace("gen-000001", current(index).name))  # type: ignore[union-attr]
        broken.write_bytes(broken.read_bytes()[:-20])
        with pytest.raises(IndexError_, match="damaged"):
            open_index(index)
        plan = indexing.plan_repair(index, [root] if name.endswith("manifest.json") else [])
        assert plan.faults
        assert plan.roots == (str(root),)
        indexing.repair(index, plan)
        assert answer(index) == before


def test_two_builds_may_make_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "deep" / "index"

    def late(path: Path, mode: int = 0o777) -> None:
        """Another build has been here in between."""
        mkdir(path, mode)
        raise FileExistsError(errno.EEXIST, "File exists", str(path))

    mkdir = os.mkdir
    with monkeypatch.context() as patch:
        patch.setattr("imr_search.store.generations.os.mkdir", late)
        generations.prepare(index)
    assert stat.S_IMODE(index.stat().st_mode) == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        generations.prepare(tmp_path / "file" / "index")
