"""An index that somebody else could have made is not believed, whatever its engine; what it holds is checked first, and none of it runs."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from imr_search import indexing
from imr_search.errors import ImrError, IndexError_, UsageError
from imr_search.store import current, manifest, open_index
from imr_search.store.ledger import Ledger
from tests.store.corpus import build, plant

ENGINES = ("memory", "whoosh", "tantivy")
INDEX = "from imr_search.cli import index_command; index_command()"
root_only = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")


def _made(folder: Path, engine: str = "memory") -> Path:
    build(folder / "index", plant(folder / "letters", 4), engine=engine)
    return folder / "index"


def _generation(index: Path) -> Path:
    now = current(index)
    assert now is not None
    return index / now.name


def _seal(index: Path) -> None:
    """Let manifest and CURRENT fit what lies there now, as a stranger would."""
    folder = _generation(index)
    found = manifest.parse((folder / manifest.NAME).read_bytes())
    contents, _ = manifest.describe(folder, None, {})
    data = msgspec.structs.replace(found, contents=contents).to_bytes()
    (folder / manifest.NAME).write_bytes(data)
    (index / "CURRENT").write_text(f"{folder.name} {hashlib.sha256(data).hexdigest()}\n")


@root_only
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_is_trusted_by_one_rule(engine: str, tmp_path: Path) -> None:
    index = _made(tmp_path, engine)
    for path in [index, *index.rglob("*")]:
        os.chown(path, 12_345, -1, follow_symlinks=False)
    for act in (lambda: open_index(index), lambda: indexing.failures(index), lambda: indexing.check(index)):
        with pytest.raises(IndexError_, match="neither to you nor to root"):
            act()
    with pytest.raises(UsageError, match="belongs to"):
        build(index, tmp_path / "letters", full=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_index_that_others_can_write_is_refused_on_every_engine(engine: str, tmp_path: Path) -> None:
    index = _made(tmp_path, engine)
    os.chmod(_generation(index) / manifest.LEDGER, 0o666)
    with pytest.raises(IndexError_, match="writable by others"):
        open_index(index)


@root_only
def test_no_index_is_begun_in_somebody_elses_folder(tmp_path: Path) -> None:
    root, folder = plant(tmp_path / "letters", 2), tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 12_345, -1)
    with pytest.raises(UsageError, match="belongs to"):
        build(folder, root)
    assert not list(folder.iterdir())


def _sql(*statements: str) -> Callable[[Path], None]:
    def act(index: Path) -> None:
        with closing(sqlite3.connect(_generation(index) / manifest.LEDGER)) as ledger:
            for statement in statements:
                ledger.execute(statement)
            ledger.commit()

    return act


PLANTED = {
    "a view": _sql("ALTER TABLE files RENAME TO f2", "CREATE VIEW files AS SELECT * FROM f2"),
    "a trigger": _sql("CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM letters; END"),
    "a virtual table": _sql("CREATE VIRTUAL TABLE v USING fts5(a)"),
    "one table more": _sql("CREATE TABLE more (a)"),
    "no table": _sql("DROP TABLE facts"),
    "text for a number": _sql("UPDATE letters SET items = 'many'"),
    "a blob for a name": _sql("UPDATE files SET name = x'ff'"),
    "text for a root": _sql("UPDATE roots SET path = 'x'"),
    "a rank that is no JSON": _sql("UPDATE letters SET rank = '[['"),
    "no facts": _sql("DELETE FROM facts"),
    "facts that are no number": _sql("UPDATE facts SET digest = 'xyz'"),
    "a letter of no file": _sql("UPDATE letters SET file = 99 WHERE file = 1"),
    "no database": lambda index: (_generation(index) / manifest.LEDGER).write_bytes(
        b"SQLite format 3\0" + bytes(4_000)
    ),  # type: ignore[dict-item]
    "half a database": lambda index: os.truncate(_generation(index) / manifest.LEDGER, 5_000),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_ledger_that_is_none_of_ours_is_a_typed_error_and_runs_nothing(what: str, tmp_path: Path) -> None:
    index = _made(tmp_path)
    PLANTED[what](index)
    _seal(index)
    plant(tmp_path / "letters", 1, start=50)
    for act in (lambda: indexing.failures(index), lambda: indexing.check(index), lambda: build(index)):
        with pytest.raises(ImrError) as told:
            act()
        assert told.value.exit_code in (3, 5)
    with pytest.raises(IndexError_, match=r"ledger\.sqlite"), Ledger.read(_generation(index) / manifest.LEDGER):
        pass


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("letters", "many"),
        ("items", -1),
        ("generation", 10**40),
        ("shared", "yes"),
        ("roots", [1]),
        ("contents", {"../x": [1, 1, ""]}),
        ("contents", []),
        ("engine", None),
        ("more", 1),
        ("schema", 99),
    ],
)
def test_a_manifest_with_ill_typed_values_is_a_typed_error(key: str, value: object, tmp_path: Path) -> None:
    index = _made(tmp_path)
    path = _generation(index) / manifest.NAME
    told = json.loads(path.read_bytes()) | {key: value}
    data = json.dumps(told).encode()
    path.write_bytes(data)
    (index / "CURRENT").write_text(f"{path.parent.name} {hashlib.sha256(data).hexdigest()}\n")
    with pytest.raises(IndexError_):
        open_index(index)
    for act in ("status", "check", "failed", "build"):
        done = subprocess.run(
            [sys.executable, "-c", INDEX, act, "-i", str(index)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 3, (act, done.stderr)


def test_records_that_are_no_items_are_a_typed_error(tmp_path: Path) -> None:
    index = _made(tmp_path)
    path = _generation(index) / "engine" / "documents.jsonl"
    text = path.read_text()
    for old, new in (('\\"outcome\\":\\"upheld\\"', '\\"outcome\\":7'), ('\\"case\\":', '\\"cas\\":')):
        if old not in text:
            continue
        path.write_text(text.replace(old, new))
        _seal(index)
        with pytest.raises(IndexError_), open_index(index) as opened:
            opened.searcher.items([f"CM16-000000{n}#1" for n in range(4)])


def test_a_setgid_folder_stays_one_and_the_group_keeps_its_right(tmp_path: Path) -> None:
    office = tmp_path / "office"
    office.mkdir()
    if os.geteuid() == 0:
        os.chown(office, -1, 54_000)
    os.chmod(office, 0o2770)
    root, index = plant(tmp_path / "letters", 4), office / "index"
    for number in range(3):
        build(index, root, shared=True)
        plant(root, 1, start=60 + number)
    for path in [index, *index.rglob("*")]:
        found = os.lstat(path)
        assert found.st_gid == os.stat(office).st_gid, path
        if path.is_dir():
            assert found.st_mode & 0o7777 == 0o2750, path
