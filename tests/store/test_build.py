"""A build: what it reads, with how many workers, on which engine, and over an index of another version."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imr_search import indexing, letters
from imr_search.errors import IndexError_
from imr_search.indexing import BuildOptions, Progress, run
from imr_search.plan import All
from imr_search.store import current, manifest, open_index
from tests.store.corpus import answer, build, items, letter, plant


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
