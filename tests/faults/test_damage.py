"""A damaged file is a typed error that names it, never an answer: over every file of an index, CURRENT and manifest too."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from imr_search import indexing
from imr_search.errors import IndexError_
from imr_search.store import current
from tests.store.corpus import answer, build, letter, plant

pytestmark = pytest.mark.faults

ENGINES = ("memory", "whoosh", "tantivy")
KINDS = ("truncate", "flip", "zero", "append", "delete", "empty", "folder", "link", "stranger")


def _index(folder: Path, engine: str) -> Path:
    root, index = plant(folder / "letters", 12), folder / "index"
    build(index, root, engine=engine)
    (root / "CM16-0000001.txt").write_text(letter("CM16-0000001", "3/3/2016", word="changed"))
    build(index)
    return index


def _damage(path: Path, kind: str, rng: random.Random) -> bool:
    """Damage a file in one way; False when that way leaves it as it was."""
    data = path.read_bytes()
    where = rng.randrange(max(1, len(data)))
    match kind:
        case "truncate":
            os.truncate(path, where)
        case "flip" if data:
            path.write_bytes(data[:where] + bytes([data[where] ^ (1 << rng.randrange(8))]) + data[where + 1 :])
        case "zero":
            block = rng.choice((1, 16, 512, 4096))
            path.write_bytes(data[:where] + bytes(min(block, len(data) - where)) + data[where + block :])
        case "append":
            path.write_bytes(data + rng.randbytes(rng.choice((1, 100))))
        case "delete":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "folder":
            path.unlink()
            path.mkdir()
        case "link":
            path.rename(path.with_name("elsewhere"))
            path.symlink_to("elsewhere")
        case "stranger":
            (path.parent / "planted.seg").write_bytes(data)
    return not (path.is_file() and not path.is_symlink() and path.read_bytes() == data) or kind == "stranger"


def _targets(index: Path) -> list[str]:
    now = current(index)
    assert now is not None
    found = [path.relative_to(index).as_posix() for path in (index / now.name).rglob("*") if path.is_file()]
    return sorted(name for name in [*found, "CURRENT"] if not name.endswith((".lock", "LOCK")))


def _trials(folder: Path, engine: str, count: int) -> Counter[str]:
    index = _index(folder, engine)
    whole, targets, trial = answer(index), _targets(index), folder / "trial"
    ended: Counter[str] = Counter()
    for number in range(count):
        rng = random.Random(number)
        shutil.rmtree(trial, ignore_errors=True)
        shutil.copytree(index, trial)
        name, kind = targets[number % len(targets)], KINDS[number // len(targets) % len(KINDS)]
        if name == "CURRENT" and kind in ("stranger", "link"):
            continue
        path, what = trial / name, f"{engine}, {number}: {kind} {name}"
        times = path.stat()
        if not _damage(path, kind, rng):
            continue
        with pytest.raises(IndexError_) as told:
            ended[f"a wrong answer: {what}" if answer(trial) != whole else f"unseen: {what}"] += 1
        said = told.value
        assert (Path(name).name in f"{said.message} {said.file}") or kind in ("stranger", "link"), (
            f"{what}: {said.message}"
        )
        assert said.hint, what
        ended["told"] += 1
        if kind in ("flip", "zero") and name != "CURRENT":
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            faults = _faults(trial)
            assert any(Path(name).name in fault for fault in faults), f"{what}, time restored: {faults}"
            ended["found by check with its time restored"] += 1
            try:
                answer(trial)
            except IndexError_:
                ended["told while searching with its time restored"] += 1
            except AssertionError:
                pass  # the counts did not agree: an answer that check alone can catch
    return ended


def _faults(index: Path) -> tuple[str, ...]:
    try:
        return indexing.check(index).faults
    except IndexError_ as error:
        return (error.message,)


@pytest.mark.parametrize("engine", ENGINES)
def test_damage_is_told(engine: str, memory_disk: Path) -> None:
    ended = _trials(memory_disk, engine, 90)
    assert ended["told"] > 60
    assert ended["found by check with its time restored"] > 5
    assert not [what for what in ended if what.startswith(("a wrong", "unseen"))]


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_very_much_damage_is_told(engine: str, memory_disk: Path) -> None:
    ended = _trials(memory_disk, engine, 700)
    print(f"{engine}: {dict(ended)}")
    assert not [what for what in ended if what.startswith(("a wrong", "unseen"))]


def test_a_hostile_manifest_or_current(tmp_path: Path) -> None:
    index = _index(tmp_path, "memory")
    now = current(index)
    assert now is not None
    path = index / now.name / "manifest.json"
    data = path.read_bytes()
    for planted in (
        b"[" * 100_000,
        b"{}",
        b"null",
        data.replace(b'"ledger.sqlite"', b'"../../etc/passwd"'),
        b'{"schema": 1, "contents": 3}',
        b"\xff",
    ):
        path.write_bytes(planted)
        import hashlib

        (index / "CURRENT").write_text(f"{now.name} {hashlib.sha256(planted).hexdigest()}\n")
        with pytest.raises(IndexError_):
            answer(index)
    for line in (b"", b"gen-000002\n", b"../../x " + b"0" * 64, b"x" * 10_000_000, b"gen-000099 " + b"0" * 64 + b"\n"):
        (index / "CURRENT").write_bytes(line)
        with pytest.raises(IndexError_):
            answer(index)
