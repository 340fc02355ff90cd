"""What a build does in a cluster that is not ours alone, and what it leaves when it is told to end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from imr_search import indexing
from imr_search.engines.opensearch import address as addresses
from imr_search.engines.opensearch.cluster import Cluster
from imr_search.engines.opensearch.cluster_generations import Generations
from imr_search.errors import UsageError
from tests.store.corpus import letter, plant


def _name(address: Path) -> tuple[Cluster, str]:
    found = addresses.parse(address)
    return Cluster(found), found.name


def test_indices_of_other_programs_are_neither_deleted_nor_taken_over(address: Path, tmp_path: Path) -> None:
    cluster, name = _name(address)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text(letter("CM16-0000001"))
    with closing(cluster):
        cluster.call("PUT", f"/{name}-gen-000001", {})  # an index of somebody's whose name is like ours
        cluster.call("PUT", f"/{name}-gen-000001/_doc/1", {"theirs": True}, {"refresh": "true"})
        for _ in range(3):
            indexing.build([tmp_path / "letters"], address, workers=1, full=True)
        assert cluster.call("GET", f"/{name}-gen-000001/_count")["count"] == 1
        generations = Generations(address)
        assert 1 in generations.all()
        assert 1 not in generations.owned()
        assert len(generations.owned()) == 2
        generations.close()


@pytest.mark.parametrize("kind", ["an index", "an alias"])
def test_a_name_that_stands_for_something_else_is_refused_before_anything_is_read(
    kind: str, address: Path, tmp_path: Path
) -> None:
    cluster, name = _name(address)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text(letter("CM16-0000001"))
    with closing(cluster):
        theirs = name if kind == "an index" else f"{name}-theirs"
        cluster.call("PUT", f"/{theirs}", {} if kind == "an index" else {"aliases": {name: {}}})
        with pytest.raises(UsageError, match="did not make"):
            indexing.build([tmp_path / "letters"], address, workers=1)
        assert cluster.exists(theirs)
        cluster.call("DELETE", f"/{theirs}")


def test_no_lock_is_written_into_an_index_of_another_program(address: Path, tmp_path: Path) -> None:
    cluster, name = _name(address)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text(letter("CM16-0000001"))
    with closing(cluster):
        cluster.call("PUT", f"/{name}-lock/_doc/lock", {"theirs": True}, {"refresh": "true"})
        with pytest.raises(UsageError, match="did not make"):
            indexing.build([tmp_path / "letters"], address, workers=1)
        assert cluster.call("GET", f"/{name}-lock/_doc/lock")["_source"] == {"theirs": True}
        cluster.call("DELETE", f"/{name}-lock")
        cluster.call("PUT", f"/{name}-lock/_doc/lock", {"token": "x", "holder": "y", "time": 1.0}, {"refresh": "true"})
        assert indexing.build([tmp_path / "letters"], address, workers=1).letters == 1, "a lock of an earlier version"


def test_a_build_that_is_told_to_end_leaves_no_letter_behind(address: Path, tmp_path: Path) -> None:
    letters, scratch = tmp_path / "letters", tmp_path / "scratch"
    plant(letters, 20)
    scratch.mkdir()
    code = (
        "import time; from imr_search.indexing import spool; real = spool.Spool.put\n"
        "def put(self, *given):\n    real(self, *given); self._file.flush(); time.sleep(1)\n"
        "spool.Spool.put = put\nfrom imr_search.cli import index_command; index_command()"
    )
    shown = str(addresses.parse(address))
    process = subprocess.Popen(
        [sys.executable, "-c", code, "build", str(letters), "-i", shown, "--workers", "1"],
        env={**os.environ, "TMPDIR": str(scratch)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(600):
        if any(path.stat().st_size for path in scratch.rglob("spool")):
            break
        time.sleep(0.1)
    assert list(scratch.rglob("spool"))
    process.terminate()
    assert process.wait(30) == 143
    assert not list(scratch.rglob("*"))
    assert indexing.build([letters], address, workers=1).letters == 20
