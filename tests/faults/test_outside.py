"""From outside the process: kill -9 at any time, two writers at once, readers while the index is swapped."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imr_search.errors import LockedError
from imr_search.store import current
from tests.store.corpus import answer, build, comparable, letter, plant

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]


def _child(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.children", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()


def _kills(folder: Path, engine: str, workers: int, count: int, seed: int) -> dict[str, int]:
    """Kill a build and an update in turn, each time at another moment."""
    rng = random.Random(seed)
    letters, pristine = plant(folder / "letters", 220), folder / "pristine"
    build(pristine, letters, engine=engine)
    old = comparable(answer(pristine))
    for number in range(60):
        (letters / f"CM16-{number:07d}.txt").write_text(
            letter(f"CM16-{number:07d}", "3/3/2016", ("Upheld",) * 3, f"changed{number}")
        )
    plant(letters, 150, start=500)
    began = time.monotonic()
    build(folder / "new", letters, engine=engine)
    length = (time.monotonic() - began) * 1.2
    new = comparable(answer(folder / "new"))
    ended = {"none": 0, "old": 0, "new": 0}
    for number in range(count):
        index = folder / f"index{number}"
        if number % 2:
            shutil.copytree(pristine, index)
        process = _child("build", index, letters, engine, workers)
        _go(process)
        time.sleep(rng.random() * length)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = comparable(answer(index)) if index.exists() and current(index) else None
        allowed = {"old": old, "new": new} if number % 2 else {"none": None, "new": new}
        ended[next(name for name, one in allowed.items() if one == found)] += 1
        build(index, letters, engine=engine)
        assert comparable(answer(index)) == new
        assert not list(index.glob("tmp-*"))
        shutil.rmtree(index)
    return ended


@pytest.mark.parametrize(("engine", "workers"), [("whoosh", 1), ("tantivy", 2)])
def test_kill_9(engine: str, workers: int, tmp_path: Path) -> None:
    assert sum(_kills(tmp_path, engine, workers, 4, 1).values()) == 4


@pytest.mark.long
@pytest.mark.parametrize(("engine", "workers"), [("whoosh", 1), ("whoosh", 2), ("tantivy", 1), ("tantivy", 2)])
def test_kill_9_often(engine: str, workers: int, tmp_path: Path) -> None:
    print(f"{engine}, {workers} workers: {_kills(tmp_path, engine, workers, 20, 2)}")


@pytest.mark.parametrize("engine", ["memory", "whoosh", "tantivy"])
def test_a_small_disk_that_is_full(engine: str, tmp_path: Path) -> None:
    """A real file system of 8 MB, in a namespace of its own; the build runs out of room in every part of its work."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"', str(disk)]
    if shutil.which("unshare") is None or subprocess.run([*mount, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets no user mount a file system in a namespace of his own")
    letters, more = plant(tmp_path / "letters", 10), plant(tmp_path / "more", 60, start=100)
    child = [sys.executable, "-m", "tests.faults.children", "fill", disk, letters, more, engine]
    ended = subprocess.run([*mount, *map(str, child)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) >= 3


def _two_writers(folder: Path, times: int) -> tuple[int, int]:
    """How often both won one after the other, and how often one was told."""
    letters, index = plant(folder / "letters", 40), folder / "index"
    both = told = 0
    for number in range(times):
        plant(letters, 5, start=100 + 10 * number)
        processes = [_child("build", index, letters, "whoosh", 1) for _ in range(2)]
        for process in processes:
            _go(process)
        said = [process.communicate(timeout=60)[0] for process in processes]
        codes = sorted(process.returncode for process in processes)
        assert codes in ([0, 0], [0, LockedError.exit_code]), said
        if codes[1]:
            told += 1
            assert any("another build is writing this index" in one for one in said)
        else:
            both += 1
    build(folder / "fresh", letters, engine="whoosh")
    assert answer(index) == answer(folder / "fresh")
    return both, told


def test_two_writers_at_once(tmp_path: Path) -> None:
    both, told = _two_writers(tmp_path, 3)
    assert both + told == 3


@pytest.mark.long
def test_two_writers_often(tmp_path: Path) -> None:
    both, told = _two_writers(tmp_path, 25)
    print(f"one after the other {both}, one told {told}")
    assert told > 0


def _reading(folder: Path, engine: str, readers: int, searches: int, updates: int) -> tuple[int, int, int]:
    """Searches, torn ones, generations seen. Every update gives every letter another mark."""
    letters, index, stop = folder / "letters", folder / "index", folder / "stop"
    letters.mkdir()

    def mark(word: str) -> None:
        for number in range(8):
            case = f"CM16-{number:07d}"
            (letters / f"{case}.txt").write_text(letter(case, word=word))

    mark("start")
    build(index, letters, engine=engine)
    processes = [_child("read", index, searches, stop) for _ in range(readers)]
    for number in range(updates):
        mark(f"update{number}")
        build(index)
        time.sleep(0.05)
    stop.touch()
    done = torn = seen = 0
    for process in processes:
        said, wrong = process.communicate(timeout=300)
        assert process.returncode == 0, wrong
        a, b, _, d = map(int, said.split())
        done, torn, seen = done + a, torn + b, max(seen, d)
    assert len(list(index.glob("gen-*"))) >= 2
    return done, torn, seen


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_readers_during_updates(engine: str, tmp_path: Path) -> None:
    done, torn, seen = _reading(tmp_path, engine, 2, 100, 8)
    assert done >= 200
    assert torn == 0
    assert seen > 1


@pytest.mark.long
@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_many_readers_during_many_updates(engine: str, tmp_path: Path) -> None:
    done, torn, seen = _reading(tmp_path, engine, 4, 2_500, 50)
    print(f"{engine}: {done} searches, {torn} torn, {seen} generations seen by one reader")
    assert torn == 0
