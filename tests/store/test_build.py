"""A build: what it takes in, what it refuses, what it leaves behind, and what it costs."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imr_search import indexing, letters
from imr_search.errors import IndexError_, LockedError, RefusedError, StorageError, UsageError
from imr_search.indexing import BuildOptions, Progress, run
from imr_search.plan import All
from imr_search.store import current, generations, lock, manifest, open_index, pinned
from imr_search.store.opening import Pinned
from tests.store.corpus import answer, build, items, letter, plant

ENGINES = ("memory", "whoosh", "tantivy")


def test_only_what_changed_is_read(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 20), tmp_path / "index"
    built = build(index, root)
    assert (built.read, built.unchanged, built.failed, built.items, built.generation) == (20, 0, 0, 30, 1)
    built = build(index)
    assert (built.read, built.unchanged, built.published, built.generation) == (0, 20, False, 1)
    plant(root, 1, start=50)
    (root / "CM16-0000003.txt").write_text(letter("CM16-0000003", "3/3/2016", word="changed"))
    (root / "CM16-0000005.txt").unlink()
    built = build(index)
    assert (built.read, built.unchanged, built.items, built.generation) == (2, 18, 28, 2)
    os.utime(root / "CM16-0000004.txt")
    assert build(index).read == 0


def test_a_change_within_the_clocks_tick_is_seen(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    build(index, root)
    path = root / "CM16-0000000.txt"
    before = path.stat()
    path.write_text(path.read_text().replace("word0", "wordX"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert build(index).read == 1
    assert any("wordX" in item.rationale for item in items(index))


def test_more_than_a_tenth_may_not_vanish_unsaid(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 20), tmp_path / "index"
    build(index, root)
    before = answer(index)
    for number in range(3):
        (root / f"CM16-{number:07d}.txt").unlink()
    with pytest.raises(RefusedError, match="3 of 20 letters have vanished"):
        build(index)
    with pytest.raises(RefusedError):
        build(index, full=True)
    assert answer(index) == before
    assert build(index, allow_shrink=True).letters == 17
    (root / "CM16-0000003.txt").unlink()
    assert build(index).letters == 16


def test_a_root_that_is_not_there_keeps_its_letters(tmp_path: Path) -> None:
    one, two, index = plant(tmp_path / "one", 5), plant(tmp_path / "two", 5, start=20), tmp_path / "index"
    build(index, one)
    assert build(index, two).letters == 10
    two.rename(tmp_path / "away")
    built = build(index)
    assert built.letters == 10
    assert any("is not there now" in notice for notice in built.notices)
    with pytest.raises(RefusedError):
        build(index, full=True)
    assert indexing.status(index).missing == (str(two),)
    (tmp_path / "away").rename(two)
    assert indexing.forget([two], index).letters == 5
    with pytest.raises(UsageError):
        indexing.forget([two], index)
    assert pinned_roots(index) == (str(one),)


def pinned_roots(index: Path) -> tuple[str, ...]:
    pin = pinned(index)
    pin.close()
    return pin.manifest.roots


def test_a_root_within_another_is_the_same_letters(tmp_path: Path) -> None:
    inner, index = plant(tmp_path / "letters" / "2016", 5), tmp_path / "index"
    build(index, inner)
    built = build(index, tmp_path / "letters")
    assert (built.letters, pinned_roots(index)) == (5, (str(tmp_path / "letters"),))
    assert {item.file for item in items(index)} == {f"2016/CM16-{n:07d}.txt" for n in range(5)}
    build(index, inner)
    assert pinned_roots(index) == (str(tmp_path / "letters"),)


def test_more_than_half_may_not_fail_unsaid(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 4), tmp_path / "index"
    build(index, root)
    for number in range(3):
        (root / f"CM16-{number:07d}.txt").write_text("")
    with pytest.raises(RefusedError, match="3 of 4"):
        build(index)
    assert open_index(index).manifest.letters == 4
    built = build(index, force=True, allow_shrink=True)
    assert (built.letters, built.failed) == (1, 3)
    assert {failure.reason for failure in indexing.failures(index)} == {"empty"}
    with open_index(index) as opened:
        assert [notice.code for notice in opened.notices] == ["N20"]


def test_a_vanished_folder_and_no_index(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        build(tmp_path / "index", tmp_path / "nowhere")
    assert not (tmp_path / "index").exists()
    with pytest.raises(IndexError_, match="no index"):
        build(tmp_path / "index")
    with pytest.raises(IndexError_, match="no index"):
        open_index(tmp_path / "index")


def test_no_index_is_put_among_other_things(tmp_path: Path) -> None:
    root = plant(tmp_path / "letters", 2)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "thesis.odt").touch()
    with pytest.raises(UsageError, match=r"thesis\.odt"):
        build(tmp_path / "documents", root)
    assert [path.name for path in (tmp_path / "documents").iterdir()] == ["thesis.odt"]


def test_another_parser_is_searched_with_a_notice_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, index = plant(tmp_path / "one", 3), plant(tmp_path / "two", 3, start=9), tmp_path / "index"
    build(index, one, two)
    monkeypatch.setattr(letters, "PARSER_VERSION", "next")
    with open_index(index) as opened:
        assert "another version" in opened.notices[0].text
        assert opened.searcher.count(All()) == opened.manifest.items
    indexing.forget([two], index)
    assert open_index(index).notices, "forgetting reads nothing, so the letters are still those of the older parser"
    assert build(index).read == 3
    assert not open_index(index).notices


def test_another_version_of_the_fields_is_refused_and_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, index = plant(tmp_path / "letters", 3), tmp_path / "index"
    build(index, root)
    monkeypatch.setattr("imr_search.fields.fingerprint", lambda: "another")
    with pytest.raises(IndexError_, match="another version") as error:
        open_index(index)
    assert error.value.hint == "imr-index build --full"
    built = build(index)
    assert built.read == 3
    assert built.notices
    assert open_index(index).facts.items == built.items


def test_auto_takes_the_small_engine_up_to_its_limit(tmp_path: Path) -> None:
    root = plant(tmp_path / "letters", 20)  # 30 items
    assert run([root], tmp_path / "small", BuildOptions(workers=1, limit=30)).engine == "whoosh"
    large = run([root], tmp_path / "large", BuildOptions(workers=1, limit=11))
    assert large.engine == "tantivy"
    assert any("tantivy" in notice for notice in large.notices)
    assert items(tmp_path / "small") == items(tmp_path / "large")
    plant(root, 2, start=90)
    stays = run([], tmp_path / "small", BuildOptions(workers=1, limit=30))
    assert stays.engine == "whoosh"
    assert any("--full would change the engine" in notice for notice in stays.notices)
    assert any(
        "stays on whoosh" in notice
        for notice in run([], tmp_path / "small", BuildOptions(engine="memory", workers=1)).notices
    )


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


def test_workers_do_not_change_the_result(tmp_path: Path) -> None:
    root = plant(tmp_path / "letters", 230)
    (root / "broken.txt").write_bytes(b"\0\0")
    answers = []
    for workers in (1, 2, 3):
        index = tmp_path / f"index{workers}"
        seen: list[int] = []
        built = run(
            [root],
            index,
            BuildOptions(engine="memory", workers=workers),
            lambda progress, seen=seen: seen.append(progress.done),
        )  # type: ignore[misc]
        assert (built.letters, built.failed) == (230, 1)
        assert seen == list(range(232))
        answers.append((answer(index), (index / "gen-000001" / "engine" / "documents.jsonl").read_bytes()))
    assert answers[0] == answers[1] == answers[2]


def test_a_worker_that_dies_costs_nothing(tmp_path: Path) -> None:
    import signal

    root, index = plant(tmp_path / "letters", 230), tmp_path / "index"
    killed: list[int] = []

    def watch(progress: Progress) -> None:
        workers = _children()
        if progress.done == 20 and workers:
            os.kill(workers[0], signal.SIGKILL)
            killed.append(workers[0])

    built = run([root], index, BuildOptions(engine="memory", workers=2), watch)
    assert killed
    assert (built.letters, built.failed) == (230, 0)
    assert items(index)[0].letter == "CM16-0000000"


def _children() -> list[int]:
    """The processes that this one started and that run."""
    told = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
    )
    rows = [row.split(None, 1) for row in told.stdout.splitlines()]
    return [int(pid) for pid, name in rows if name.strip() != "ps" and "defunct" not in name]


def test_no_right_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plant(tmp_path / "letters", 2)

    def refuse(path: object, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(StorageError, match="no right to write"):
        build(tmp_path / "index", root)


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


def test_a_folder_that_cannot_be_listed_keeps_its_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 20), tmp_path / "index"
    plant(root / "inner", 10, start=50)
    build(index, root)
    real = os.scandir

    def scandir(path: object = ".") -> object:
        if Path(str(path)).name == "inner":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr("imr_search.letters.discovery.os.scandir", scandir)
        built = build(index)
    assert (built.letters, built.failed) == (30, 1)
    assert [(failure.file, failure.reason) for failure in indexing.failures(index)] == [("inner", "unreadable")]
    assert (build(index).letters, build(index).failed) == (30, 0)


def test_where_workers_cannot_start_the_letters_are_read_all_the_same(tmp_path: Path) -> None:
    plant(tmp_path / "letters", 210)
    script = tmp_path / "unguarded.py"  # each worker runs it again, and dies of that
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom imr_search.indexing.build import build\n"
        "built = build([Path(sys.argv[1])], Path(sys.argv[2]), engine='whoosh', workers=2)\nprint(built.read, built.failed)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "letters"), str(tmp_path / "index")],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.stdout == "210 0\n", done.stderr[-500:]


def test_an_index_of_the_form_before_is_built_anew_from_all_its_roots(tmp_path: Path) -> None:
    one, two, index = plant(tmp_path / "one", 10), plant(tmp_path / "two", 30, start=50), tmp_path / "index"
    build(index, one)
    build(index, two)
    now = current(index)
    assert now is not None
    path = index / now.name / manifest.NAME
    told = json.loads(path.read_bytes())
    for key in ("overturned", "modified", "upheld"):
        del told[key]
    data = json.dumps(told | {"schema": 1}).encode()
    path.write_bytes(data)
    (index / "CURRENT").write_text(f"{now.name} {hashlib.sha256(data).hexdigest()}\n")
    with pytest.raises(IndexError_, match="version"):
        open_index(index)
    assert [Path(root).name for root in indexing.plan_repair(index).roots] == ["one", "two"]
    built = build(index)
    assert (built.letters, built.failed) == (40, 0)
    assert any("another version" in notice for notice in built.notices)
    with open_index(index) as opened:
        assert len(opened.manifest.roots) == 2


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
