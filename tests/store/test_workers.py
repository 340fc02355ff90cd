"""Workers: they end with their parent, have nothing of its environment, are bounded in what they use, and nothing waits for them without an end."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from imr_search import files, indexing
from imr_search.indexing import workers
from imr_search.indexing.workers import Task
from imr_search.letters import pdf_reader
from tests.letters import pdfs
from tests.store.corpus import answer, build, items, letter, plant

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")


def _below(pid: int) -> list[int]:
    """All processes that descend from this one."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in told.splitlines():
        child, parent, state = line.split()
        if not state.startswith("Z"):
            children.setdefault(int(parent), []).append(int(child))
    found: list[int] = []
    todo = [pid]
    while todo:
        todo += (more := children.get(todo.pop(), []))
        found += more
    return [one for one in found if _alive(one)]  # without ps itself


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(what: object, seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def building(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A build with two workers that both have long work, and a password in its environment."""
    root = plant(tmp_path / "letters", 40)
    for number in range(4):
        (root / f"slow{number}.pdf").write_bytes(pdfs.pdf_of([[f"page {n}"] for n in range(1_900)]))
    code = "from imr_search.indexing import workers; workers.FEW = workers.CHUNK = 1\nfrom imr_search.cli import index_command; index_command()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "build", str(root), "-i", str(tmp_path / "index"), "--workers", "2", "-q"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "IMR_SEARCH_OPENSEARCH_PASSWORD": "hunter2"}, stderr=subprocess.PIPE,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


@LINUX
def test_what_a_build_started_ends_with_it_and_has_no_password(building: subprocess.Popen[bytes]) -> None:
    assert _until(lambda: len(_below(building.pid)) >= 3), "two workers, and a PDF reader of one of them"
    below = _below(building.pid)
    for pid in below:
        assert b"hunter2" not in Path(f"/proc/{pid}/environ").read_bytes()
    building.kill()
    building.wait()
    assert _until(lambda: not any(map(_alive, below)), 3.0), "they outlive a killed parent"


@LINUX
@pytest.mark.parametrize("pause", [0.0, 0.02, 0.3])
def test_two_quick_interrupts_end_a_build(building: subprocess.Popen[bytes], pause: float) -> None:
    assert _until(lambda: len(_below(building.pid)) >= 2)
    below = _below(building.pid)
    building.send_signal(signal.SIGINT)
    time.sleep(pause)
    building.send_signal(signal.SIGINT)
    assert building.wait(10) in (130, -signal.SIGINT)
    assert _until(lambda: not any(map(_alive, below)), 3.0)


@LINUX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_build_that_is_told_to_end_clears_up(
    building: subprocess.Popen[bytes], number: signal.Signals, code: int, tmp_path: Path
) -> None:
    assert _until(lambda: len(_below(building.pid)) >= 2)
    building.send_signal(number)
    assert building.wait(10) == code
    assert not list((tmp_path / "index").glob("tmp-*"))


@LINUX
def test_a_pdf_reader_is_bounded_and_bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_PASSWORD", "hunter2")
    before = set(_below(os.getpid()))  # another test of this process may keep a reader
    with pdf_reader.PdfReader() as reader:
        assert reader.text(pdfs.pdf_of([["One"]])).strip() == "One"
        started = set(_below(os.getpid())) - before
        (pid,) = [pid for pid in started if b"pdf_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert b"hunter2" not in Path(f"/proc/{pid}/environ").read_bytes()
        limits = {
            line[:25].strip(): line[26:].split()[0] for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
        }
    assert limits["Max file size"] == "0"
    assert limits["Max core file size"] == "0"
    assert limits["Max open files"] == "32"
    assert limits["Max processes"] == "0"
    assert int(limits["Max cpu time"]) <= 70
    assert int(limits["Max address space"]) == 1 << 30


def test_a_worker_that_says_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plant(tmp_path / "letters", 6)
    code = workers._command()
    monkeypatch.setattr(workers, "SILENCE", 1.0)
    monkeypatch.setattr(workers, "FEW", 1)
    monkeypatch.setattr(workers, "CHUNK", 2)
    slow = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from imr_search.indexing import workers as w; real = w.decoding.read_file\n"
        "w.decoding.read_file = lambda path, **more: time.sleep(600) if path.name == 'CM16-0000003.txt' else real(path, **more)\n"
        "w.serve(int(sys.argv[2]))"
    )
    monkeypatch.setattr(workers, "_command", lambda: [*code[:3], slow, *code[4:]])
    tasks = [Task(n, os.fsencode(path), path.name, path.stem, None) for n, path in enumerate(sorted(root.iterdir()))]
    began = time.monotonic()
    outcomes = list(workers.read_all(tasks, len(tasks), 2))
    assert time.monotonic() - began < 60
    assert [one.number for one in outcomes] == list(range(6))
    assert [(one.failure, one.passing) for one in outcomes if one.failure] == [("reader died", True)]


def test_a_want_of_this_machine_is_not_kept_as_a_fact_of_the_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, index = plant(tmp_path / "letters", 12), tmp_path / "index"
    (root / "a.pdf").write_bytes(pdfs.pdf_of([letter("CM16-0000090").splitlines()]))
    want: dict[str, BaseException] = {
        "CM16-0000001.txt": MemoryError(),
        "CM16-0000002.txt": OSError(errno.EMFILE, "Too many open files"),
        "CM16-0000003.txt": OSError(errno.EIO, "Input/output error"),
    }
    real = workers.decoding.read_file

    def read(path: Path, **more: object) -> bytes:
        if path.name in want:
            raise want[path.name]
        return real(path)

    def popen(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(workers.decoding, "read_file", read)
        patch.setattr(pdf_reader.subprocess, "Popen", popen)
        workers.decoding._own_reader.cache_clear() if hasattr(workers.decoding, "_own_reader") else None
        built = build(index, root)
    assert {failure.file: failure.reason for failure in indexing.failures(index)} == {
        "CM16-0000001.txt": "no resources",
        "CM16-0000002.txt": "no resources",
        "CM16-0000003.txt": "unreadable",
        "a.pdf": "no resources",
    }
    assert built.failed == 4
    built = build(index)
    assert (built.failed, built.letters, built.read) == (0, 13, 4)
    (root / "bad.txt").write_bytes(b"\0\0")
    assert build(index).failed == 1
    assert build(index).published is False, "a letter's own fault is remembered"


def test_a_want_of_this_machine_takes_no_letter_out_of_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, index = plant(tmp_path / "letters", 12), tmp_path / "index"
    build(index, root)
    (root / "CM16-0000001.txt").write_text(letter("CM16-0000001", "3/3/2016", word="changed"))
    (root / "CM16-0000002.txt").write_text(letter("CM16-0000002", "3/3/2016", word="changed"))
    real = workers.decoding.read_file

    def read(path: Path, **more: object) -> bytes:
        if path.name == "CM16-0000001.txt":
            raise MemoryError
        return real(path)

    def words() -> dict[str, bool]:
        return {item.letter: "changed" in item.rationale for item in items(index)}

    with monkeypatch.context() as patch:
        patch.setattr(workers.decoding, "read_file", read)
        for published in (True, False):
            built = build(index)
            assert (built.letters, built.failed, built.kept, built.published) == (12, 0, 1, published)
            assert any(
                "1 file could not be read this time (CM16-0000001.txt: no resources)" in one for one in built.notices
            )
            assert not words()["CM16-0000001"]
            assert words()["CM16-0000002"]
            assert not indexing.check(index, None).faults
    assert build(index).kept == 0
    assert words()["CM16-0000001"]
    assert answer(index)[0] == answer(_fresh(tmp_path, root))[0]


def test_a_want_of_this_machine_keeps_what_stands_of_a_file_that_is_asked_for_another_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """b.txt holds two letters, of which the second stands only when that of a.txt is gone; then b.txt cannot be read."""
    root, index = plant(tmp_path / "letters", 12), tmp_path / "index"
    (root / "a.txt").write_text(letter("CM16-0777777", "3/3/2016"))
    (root / "b.txt").write_text(letter("CM16-0888888", "3/3/2016") + "\n\n" + letter("CM16-0777777", "2/2/2016"))
    assert build(index, root).letters == 14
    (root / "a.txt").unlink()
    real = workers.decoding.read_file

    def read(path: Path, **more: object) -> bytes:
        if path.name == "b.txt":
            raise MemoryError
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(workers.decoding, "read_file", read)
        built = build(index)
        assert (built.letters, built.failed, built.kept) == (13, 0, 1)
        assert "CM16-0888888" in {item.letter for item in items(index)}
        assert not indexing.check(index, None).faults
    assert (build(index).letters, build(index).kept) == (14, 0)
    assert answer(index)[0] == answer(_fresh(tmp_path, root))[0]


def _fresh(folder: Path, root: Path) -> Path:
    build(folder / "fresh", root)
    return folder / "fresh"


def test_a_letter_that_is_kept_is_read_again_even_if_its_bytes_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade all letters are read again; one that cannot be read then is read as before until it can."""
    root, index = plant(tmp_path / "letters", 12), tmp_path / "index"
    build(index, root)
    asked: list[bool] = []

    def understand(task: Task, *more: object, **named: object) -> workers.Outcome:
        if task.name == "CM16-0000001.txt":
            asked.append(True)
            raise MemoryError
        return real(task, *more, **named)  # type: ignore[arg-type]

    real = workers._understand
    monkeypatch.setattr("imr_search.letters.PARSER_VERSION", "another")
    with monkeypatch.context() as patch:
        patch.setattr(workers, "_understand", understand)
        built = build(index)
        assert (built.published, built.kept, built.letters, asked) == (True, 1, 12, [True])
        assert build(index).kept == 1
    assert len(asked) == 2
    built = build(index)
    assert (built.read, built.kept, built.letters) == (1, 0, 12)


def test_an_archive_that_cannot_be_read_just_now_keeps_its_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    with zipfile.ZipFile(root / "more.zip", "w") as archive:
        for number in range(50, 90):
            archive.writestr(f"CM16-{number:07d}.txt", letter(f"CM16-{number:07d}"))
    assert build(index, root).letters == 43
    real = files.open_unlinked

    def open_(path: Path) -> int:
        if path.name == "more.zip":
            raise OSError(errno.EIO, "Input/output error")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "open_unlinked", open_)
        built = build(index)
        assert (built.letters, built.failed) == (43, 1)
        assert [(one.file, one.reason) for one in indexing.failures(index)] == [("more.zip", "unreadable")]
    built = build(index)
    assert (built.letters, built.failed) == (43, 0)
