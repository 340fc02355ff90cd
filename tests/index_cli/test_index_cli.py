"""The command imr-index: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from imr_search.store import current, lock
from tests.store.corpus import letter, plant

ROOT = Path(__file__).resolve().parents[2]
PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*\Z")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    plant(tmp_path / "letters", 12)
    return tmp_path


def command(place: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run imr-index as installed, with an index in `place`."""
    environment = {
        **os.environ,
        "IMR_SEARCH_INDEX": str(place / "index"),
        "IMR_SEARCH_CONFIG": str(place / "config.toml"),
    }
    (place / "config.toml").touch()
    return subprocess.run(
        [sys.executable, "-c", "from imr_search.cli import index_command; index_command()", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_build_again_and_status(place: Path) -> None:
    built = command(place, "build", place / "letters")
    assert (built.returncode, built.stdout) == (0, "")
    assert re.fullmatch(r"letters read 12, unchanged 0, failed 0; items 18; [\d.]+ s\n", built.stderr)
    plant(place / "letters", 1, start=40)
    again = command(place, "rebuild")
    assert "letters read 1, unchanged 12, failed 0; items 19;" in again.stderr
    status = command(place, "status")
    assert status.returncode == 0
    assert "engine       whoosh" in status.stdout
    assert "generation   2" in status.stdout
    assert "2016-02-01 to 2016-02-13" in status.stdout
    facts = json.loads(command(place, "status", "--json").stdout)
    assert (facts["letters"], facts["items"], facts["failed"], facts["engine"]) == (13, 19, 0, "whoosh")
    assert facts["roots"] == [str(place / "letters")]
    assert command(place, "build", "-q").stderr == ""


def test_failures_are_exit_4_and_named(place: Path) -> None:
    bad = place / "letters" / "b\x1b[31ma\nd\u202e.txt"
    bad.write_bytes(b"\0 Zyxwvut")
    built = command(place, "build", place / "letters")
    assert built.returncode == 4
    assert "failed 1;" in built.stderr
    failed = command(place, "failed")
    assert failed.returncode == 0
    assert failed.stdout.count("\n") == 1
    assert PLAIN.match(failed.stdout.rstrip("\n"))
    assert all(PLAIN.match(line) for line in built.stderr.splitlines())
    assert "binary" in failed.stdout
    assert json.loads(command(place, "failed", "--json").stdout)["file"] == bad.name
    assert "Zyxwvut" not in built.stderr + failed.stdout


def one_line(text: str) -> str:
    """Without the line breaks that the width of the screen made."""
    return " ".join(text.split())


def test_an_option_or_a_folder_in_the_wrong_place_is_told_where_it_goes(place: Path) -> None:
    before = command(place, "--index", place / "index", "status")
    assert (before.returncode, f"imr-index status --index {place / 'index'}" in one_line(before.stderr)) == (2, True)
    bare = command(place, "status", place)
    assert (bare.returncode, f"imr-index status -i {place}" in one_line(bare.stderr)) == (2, True)


def test_refusals(place: Path) -> None:
    missing = command(place, "build", place / "nowhere")
    assert (missing.returncode, "no such file or folder" in one_line(missing.stderr)) == (2, True)
    assert command(place, "status").returncode == 3
    assert command(place, "build").returncode == 3
    assert command(place, "bogus").returncode == 2
    assert command(place, "build", "--bogus").returncode == 2
    command(place, "build", place / "letters")
    for number in range(3):
        (place / "letters" / f"CM16-{number:07d}.txt").unlink()
    shrunk = command(place, "build")
    assert shrunk.returncode == 4
    assert "--allow-shrink" in shrunk.stderr
    assert "items 14;" in command(place, "build", "--allow-shrink").stderr
    with lock.writing(place / "index"):
        locked = command(place, "build")
    assert locked.returncode == 75
    assert f"process {os.getpid()}" in locked.stderr


@pytest.mark.parametrize(
    "arguments",
    [("build", ""), ("build", "letters", "-i", ""), ("build", "letters", "--index="), ("forget", ""), ("repair", "")],
)
def test_a_variable_that_is_not_set_names_neither_this_folder_nor_the_users_index(
    arguments: tuple[str, ...], place: Path
) -> None:
    told = command(place, *arguments)
    assert (told.returncode, "an argument is empty" in told.stderr) == (2, True)
    assert not (place / "index").exists()


def test_check_and_repair(place: Path) -> None:
    command(place, "build", place / "letters")
    whole = command(place, "check", "--all")
    assert (whole.returncode, "12 letters read again: whole" in whole.stdout) == (0, True)
    assert command(place, "repair").returncode == 0
    now = current(place / "index")
    assert now is not None
    victim = max((place / "index" / now.name / "engine").iterdir(), key=lambda path: path.stat().st_size)
    times = victim.stat()
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    os.utime(victim, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = command(place, "check")
    assert found.returncode == 3
    assert victim.name in found.stdout
    planned = command(place, "repair", "--dry-run")
    assert planned.returncode == 3
    assert "to do:" in planned.stderr
    assert command(place, "check").returncode == 3
    assert command(place, "repair").returncode == 0
    assert command(place, "check").returncode == 0


def test_forget(place: Path) -> None:
    plant(place / "more", 3, start=50)
    command(place, "build", place / "letters", place / "more")
    assert command(place, "forget", place / "letters" / "none").returncode == 2
    gone = command(place, "forget", place / "letters")
    assert "items 4;" in gone.stderr
    assert (place / "letters" / "CM16-0000000.txt").exists()
    assert [str(place / "more")] == json.loads(command(place, "status", "--json").stdout)["roots"]


def test_no_tracebacks_and_no_letters_in_messages(place: Path) -> None:
    word = "Zyxwvut"
    (place / "letters" / "secret.txt").write_text(letter(None, word=word))
    said = [
        command(place, *arguments)
        for arguments in (("build", place / "letters"), ("status",), ("check",), ("failed",), ("repair",))
    ]
    now = current(place / "index")
    assert now is not None
    (place / "index" / now.name / "manifest.json").write_text("{")
    said += [
        command(place, *arguments)
        for arguments in (("build",), ("status",), ("check",), ("failed",), ("repair", "--dry-run"))
    ]
    for one in said:
        assert "Traceback" not in one.stderr
        assert word not in one.stderr + one.stdout
    assert [one.returncode for one in said[5:9]] == [3, 3, 3, 3]


def test_help_names_every_command(place: Path) -> None:
    told = command(place, "--help")
    assert told.returncode == 0
    for name in ("build", "status", "check", "failed", "forget", "repair"):
        assert name in told.stdout
        assert command(place, name, "-h").returncode == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_is_130_and_leaves_the_old_index(place: Path, workers: int) -> None:
    import signal
    import time

    command(place, "build", place / "letters")
    before = (place / "index" / "CURRENT").read_bytes()
    plant(place / "letters", 1_500, start=100)
    environment = {
        **os.environ,
        "IMR_SEARCH_INDEX": str(place / "index"),
        "IMR_SEARCH_CONFIG": str(place / "config.toml"),
    }
    program = "from imr_search.cli import index_command; index_command()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "build", "--workers", str(workers)],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    spool: list[Path] = []
    while not spool and process.poll() is None:
        spool = [path for path in place.glob("index/tmp-*/spool") if path.stat().st_size > 0]
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert (place / "index" / "CURRENT").read_bytes() == before
    assert not list(place.glob("index/tmp-*"))


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from imr_search.cli import index_output
    from imr_search.indexing import Progress

    clock = iter(range(0, 1_000, 4))
    monkeypatch.setattr(index_output.time, "monotonic", lambda: next(clock))
    with index_output.watching(quiet=False) as watch:
        assert watch is not None
        for done in range(20):
            watch(Progress(done, 20, 1))
    lines = capfdbinary.readouterr().err.decode().splitlines()
    assert 3 < len(lines) < 10
    assert re.fullmatch(r"\d+ of 20 letters, failed 1, \d+/s", lines[0])


def test_progress_is_a_bar_on_a_terminal(place: Path) -> None:
    import pty

    leader, follower = pty.openpty()
    environment = {
        **os.environ,
        "IMR_SEARCH_INDEX": str(place / "index"),
        "IMR_SEARCH_CONFIG": str(place / "none.toml"),
        "TERM": "xterm",
    }
    (place / "none.toml").touch()
    program = "from imr_search.cli import index_command; index_command()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "build", str(place / "letters")], cwd=ROOT, env=environment, stderr=follower
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            chunk = os.read(leader, 4096)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    assert process.wait() == 0
    assert b"12/12" in shown
    assert b"letters/s" in shown
    assert b"letters read 12" in shown
