"""Only a folder that is empty or carries our marker is ours: nothing is written into another, none is removed, whatever it is called."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imr_search.errors import IndexError_, UsageError
from imr_search.store import current, generations, manifest, open_index, trust
from tests.store.corpus import answer, build, plant

INDEX = "from imr_search.cli import index_command; index_command()"


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """imr-index as a user runs it."""
    return subprocess.run(
        [sys.executable, "-c", INDEX, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def contents(folder: Path) -> dict[str, bytes | str | None]:
    """Every name below a folder, with the bytes of a file and the target of a link."""
    return dict(_contents(folder))


def _contents(folder: Path) -> Iterator[tuple[str, bytes | str | None]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield name, os.readlink(path)
        else:
            yield name, path.read_bytes() if path.is_file() else None


def _thesis(folder: Path) -> None:
    (folder / "tmp-thesis").mkdir()
    (folder / "tmp-thesis" / "chapter1.tex").write_text("years of work")


def _leveldb(folder: Path) -> None:
    (folder / "CURRENT").write_text("MANIFEST-000004\n")
    (folder / "MANIFEST-000004").write_bytes(b"\x56\xf9\xb8\xf8")


def _leveldb_alone(folder: Path) -> None:
    (folder / "CURRENT").write_text("MANIFEST-000004\n")


def _simulation(folder: Path) -> None:
    (folder / "gen-000001").mkdir()
    (folder / "gen-000001" / "manifest.json").write_text('{"schema": 2, "population": 500}')
    (folder / "gen-000002").mkdir()
    (folder / "gen-000002" / "genome.bin").write_bytes(b"x" * 100)


def _like_ours(folder: Path) -> None:
    """A CURRENT in our form that names a manifest which is none of ours."""
    (folder / "gen-000001").mkdir()
    data = b'{"schema": 2}'
    (folder / "gen-000001" / "manifest.json").write_bytes(data)
    (folder / "CURRENT").write_text(f"gen-000001 {hashlib.sha256(data).hexdigest()}\n")


def _locks(folder: Path) -> None:
    (folder / "lock").write_text("held by somebody")
    (folder / "holder").write_text("somebody")


def _lock_tree(folder: Path) -> None:
    (folder / "lock.d").mkdir()
    (folder / "lock.d" / "mine").write_text("mine")


def _scratch(folder: Path) -> None:
    (folder / "tmp-0a1b2c3d").mkdir()
    (folder / "tmp-0a1b2c3d" / "half-done").write_text("mine")


def _current_link(folder: Path) -> None:
    (folder / "CURRENT").symlink_to("release-7")


def _wrong_marker(folder: Path) -> None:
    (folder / trust.MARKER).write_text("notes about imr-search")


def _marker_folder(folder: Path) -> None:
    (folder / trust.MARKER).mkdir()


STRANGERS = (
    _thesis,
    _leveldb,
    _leveldb_alone,
    _simulation,
    _like_ours,
    _locks,
    _lock_tree,
    _scratch,
    _current_link,
    _wrong_marker,
    _marker_folder,
)


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_folder_of_somebody_elses_is_refused_and_stays_as_it_is(stranger: object, tmp_path: Path) -> None:
    root, folder = plant(tmp_path / "letters", 2), tmp_path / "folder"
    folder.mkdir()
    stranger(folder)  # type: ignore[operator]
    before = contents(folder)
    for options in ((), ("--full",), ("--force", "--allow-shrink")):
        done = command("build", root, "-i", folder, *options)
        assert done.returncode == 2, done.stderr
        assert "not an imr-search index" in done.stderr
        assert "--index" in done.stderr
    for act in (("build",), ("repair",), ("repair", root), ("forget", root)):
        assert command(*act, "-i", folder).returncode in (2, 3)
    assert contents(folder) == before


@pytest.mark.parametrize("stranger", [_thesis, _simulation, _lock_tree, _scratch])
def test_what_somebody_put_into_an_index_is_not_removed(stranger: object, tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 12), tmp_path / "index"
    build(index, root)
    aside = tmp_path / "aside"
    aside.mkdir()
    stranger(aside)  # type: ignore[operator]
    before = contents(aside)
    for path in aside.iterdir():  # number 1 is taken by a generation of the index itself
        shutil.move(path, index / path.name.replace("gen-000001", "gen-000077"))
    before = {name.replace("gen-000001", "gen-000077"): data for name, data in before.items()}
    for number in range(4):
        plant(root, 1, start=50 + number)
        build(index)
    build(index, root, full=True)
    assert contents(index).items() >= before.items()
    assert len(answer(index)[0]) > 0  # type: ignore[arg-type]
    assert len(generations.owned(index)) == 2


def test_an_empty_folder_is_taken_and_a_cut_off_marker_is_finished(tmp_path: Path) -> None:
    root = plant(tmp_path / "letters", 2)
    for name, text in (
        ("empty", None),
        ("cut", b""),
        ("cut2", b"imr-sea"),
        ("zeros", b"imr-se" + bytes(90)),
        ("all zeros", bytes(96)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        if text is not None:
            (folder / trust.MARKER).write_bytes(text)
        build(folder, root)
        assert trust.is_marked(folder)
        assert answer(folder)


def test_a_marker_that_is_a_link_is_none(tmp_path: Path) -> None:
    root, folder, index = plant(tmp_path / "letters", 2), tmp_path / "folder", tmp_path / "index"
    build(index, root)
    folder.mkdir()
    (folder / "tmp-0a1b2c3d").mkdir()
    (folder / "tmp-0a1b2c3d" / "mine").touch()
    for place in (folder, folder / "tmp-0a1b2c3d"):
        (place / trust.MARKER).symlink_to(index / trust.MARKER)
    before = contents(folder)
    with pytest.raises(UsageError, match="not an imr-search index"):
        build(folder, root)
    assert contents(folder) == before


def test_an_index_from_before_the_marker_is_known_by_its_manifest(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 4), tmp_path / "index"
    build(index, root)
    now = current(index)
    assert now is not None
    for path in index.rglob(trust.MARKER):
        path.unlink()
    path = index / now.name / manifest.NAME
    told = json.loads(path.read_bytes())
    del told["contents"][trust.MARKER]
    data = json.dumps(told).encode()
    path.write_bytes(data)
    (index / "CURRENT").write_text(f"{now.name} {hashlib.sha256(data).hexdigest()}\n")
    shutil.copytree(index, tmp_path / "damaged")
    for _ in range(3):
        plant(root, 1, start=70 + _)
        build(index)
    assert trust.is_marked(index)
    assert len(generations.generations(index)) == 2, "the unmarked generation was ours and is gone"
    (tmp_path / "damaged" / now.name / manifest.NAME).write_bytes(data + b" ")
    with pytest.raises(UsageError, match="not an imr-search index"):
        build(tmp_path / "damaged", root, full=True)


def test_what_a_build_left_is_removed_with_its_marker_last(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    build(index, root)
    left = generations.begin(index)
    (left / "engine").mkdir()
    (left / "engine" / "segment").touch()
    (index / "tmp-00000000").mkdir()
    build(index)
    assert not list(index.glob("tmp-*"))


@pytest.mark.parametrize("name", ["CURRENT", "gen/manifest.json", "holder"])
def test_a_pipe_in_the_place_of_a_file_never_hangs(name: str, tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    build(index, root)
    now = current(index)
    assert now is not None
    path = index / name.replace("gen", now.name)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    if name == "holder":
        build(index)
        assert not path.exists()
        return
    with pytest.raises(IndexError_, match=path.name):
        open_index(index)
    for act in (("status",), ("check",), ("build",), ("failed",)):
        assert command(*act, "-i", index).returncode == 3


def test_files_that_are_links_are_not_written_through(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    build(index, root)
    mine = tmp_path / "mine"
    mine.write_text("mine")
    for name in ("holder", "lock"):
        (index / name).unlink(missing_ok=True)
        (index / name).symlink_to(mine)
        done = command("build", root, "-i", index)
        assert done.returncode in (0, 5), done.stderr
        assert mine.read_text() == "mine", name
