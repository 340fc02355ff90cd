"""The folder in which a build for a cluster works: no letter's text stays in it, however the build ends. Needs no cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from imr_search.indexing import mirror
from imr_search.store import trust

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from imr_search.indexing import mirror
with mirror.workplace() as folder:
    (folder / "spool").write_text("a letter's text")
    print(folder, flush=True)
    if sys.argv[1] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="what another process holds is not seen there")


def _work(how: str, place: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", KILLED, how],
        env={**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_build_left_goes_with_the_next(place: Path) -> None:
    killed = _work("kill", place)
    assert killed.wait(60) == -signal.SIGKILL
    (left,) = place.glob("*/index/spool")
    assert left.parents[1].stat().st_mode & 0o777 == 0o700
    with mirror.workplace() as folder:
        assert folder.parent.parent == place
        assert not left.exists()
        assert [path.name for path in place.iterdir()] == [folder.parent.name]
    assert not list(place.iterdir())


def test_that_of_a_build_that_runs_stays_and_that_of_others_too(place: Path) -> None:
    running = _work("wait", place)
    try:
        assert running.stdout is not None
        spool = Path(running.stdout.readline().strip()) / "spool"
        unmarked, link = place / "imr-work-unmarked", place / "imr-work-link"
        unmarked.mkdir()
        (unmarked / "alive").touch()
        target = place / "target"
        target.mkdir()
        trust.mark(target)
        (target / "alive").touch()
        link.symlink_to(target)
        with mirror.workplace():
            assert spool.read_text() == "a letter's text"
        assert unmarked.is_dir()
        assert target.is_dir()
    finally:
        running.communicate("")
    assert not spool.exists()
