"""The two commands on a cluster: the same answers, byte for byte, as from a folder, but for the index's own name and scores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imr_search import indexing, store
from imr_search.engines.opensearch.cluster_generations import Generations
from imr_search.errors import IndexError_, UsageError

ROOT = Path(__file__).resolve().parents[2]
QUERIES = (
    "acupuncture",
    '"medically necessary" -"not medically necessary"',
    "letter:(outcome:overturned) treatment:therap*",
    "* | count by outcome, year",
    "* | rate by kind | sort -rate",
    "* | stats age by outcome",
    "outcome:overturned | compare outcome:upheld",
    "qty:>=30 | sort -decided,case | limit 7",
    "like(home exercise for low back pain)",
    "nowhereatall",
)


def run(command: str, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    program = f"import imr_search.cli as cli; cli.{command}_command()"
    told = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert code is None or told.returncode == code, told.stderr
    return told


def test_build_search_status_check_failed_and_forget(address: Path, examples: Path, tmp_path: Path) -> None:
    if not examples.is_dir():
        pytest.skip("the project's letters are not there")
    cluster, folder = str(address).replace(":/", "://", 1), str(tmp_path / "index")
    letters = tmp_path / "letters"
    letters.mkdir()
    for file in sorted(examples.rglob("*.txt")):
        (letters / file.name).write_bytes(file.read_bytes())
    (letters / "empty.txt").write_bytes(b"")
    run("index", "build", str(letters), "--engine", "opensearch", "--index", cluster, code=4)
    run("index", "build", str(letters), "--engine", "whoosh", "--index", folder, code=4)
    for query in QUERIES:
        ours, other = (run_search(query, place) for place in (cluster, folder))
        ours["index"].pop("engine"), other["index"].pop("engine")
        for item in [*ours.get("items", ()), *other.get("items", ())]:
            item.pop("score")
        if "sort" not in query and "like" not in query:  # ranks may differ between engines
            for answer in (ours, other):
                answer.get("items", []).sort(key=lambda item: item["id"])
        assert ours == other, query
    assert f"index        {cluster}" in run("index", "status", "--index", cluster).stdout
    assert "whole" in run("index", "check", "--index", cluster).stdout
    assert "empty.txt" in run("index", "failed", "--index", cluster).stdout
    assert "unchanged" in run("index", "build", "--index", cluster, code=4).stderr
    before = run_search("*", cluster)["total"]
    gone = next(iter(sorted(letters.glob("*.txt"))[1:]))
    gone.unlink()
    run("index", "build", "--allow-shrink", "--index", cluster, code=4)
    run("index", "build", "--allow-shrink", "--index", folder, code=4)
    assert run_search("*", cluster)["total"] == run_search("*", folder)["total"] < before
    assert "roots" in run("index", "forget", str(tmp_path), "--index", cluster, code=2).stderr


def run_search(query: str, place: str) -> dict:  # type: ignore[type-arg]
    found = run("search", "--index", place, "--format", "json", "-n", "1000", "--timeout", "60", query, code=None)
    assert found.returncode in (0, 1), found.stderr
    return json.loads(found.stdout)  # type: ignore[no-any-return]


def test_an_opened_index_stays_what_it_was_and_knows_a_newer_one(address: Path, tmp_path: Path, examples: Path) -> None:
    if not examples.is_dir():
        pytest.skip("the project's letters are not there")
    files = sorted(examples.rglob("*.txt"))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / files[0].name).write_bytes(files[0].read_bytes())
    (tmp_path / "two" / files[1].name).write_bytes(files[1].read_bytes())
    built = indexing.build([tmp_path / "one"], address, workers=1)
    assert (built.engine, built.generation, built.letters) == ("opensearch", 1, 1)
    with store.open_index(address) as opened:
        assert not opened.newer()
        assert opened.facts.items == built.items
        indexing.build([tmp_path / "two"], address, workers=1)
        assert opened.newer()
    with store.open_index(address) as opened:
        assert opened.facts.letters == 2
    target = Generations(address)
    assert len(target.all()) == 2
    target.close()


def test_a_build_that_fails_leaves_the_old_one_and_no_litter(
    address: Path, tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not examples.is_dir():
        pytest.skip("the project's letters are not there")
    files = sorted(examples.rglob("*.txt"))
    (tmp_path / files[0].name).write_bytes(files[0].read_bytes())
    indexing.build([tmp_path], address, workers=1)
    (tmp_path / files[1].name).write_bytes(files[1].read_bytes())

    def broken(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(Generations, "attach", broken)
    with pytest.raises(OSError):
        indexing.build([tmp_path], address, workers=1)
    monkeypatch.undo()
    target = Generations(address)
    assert target.all() == [1]
    with target.lock():
        pass
    target.close()
    assert indexing.build([tmp_path], address, workers=1).letters == 2


def test_what_does_not_go_together_is_said(address: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(UsageError, match="keeps its index in a cluster"):
        indexing.build([tmp_path], tmp_path / "index", engine="opensearch")
    with pytest.raises(UsageError, match="keeps its index in a folder"):
        indexing.build([tmp_path], address, engine="tantivy")
    with pytest.raises(IndexError_, match="no index at http://"):
        indexing.build([], address)
    with pytest.raises(IndexError_, match="no index at http://"):
        store.open_index(address)
