"""The command as a process: pipes, signals, locales, and what it loads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = (
    "import sys; sys.argv = ['imr-search', *sys.argv[1:]]; from imr_search.cli import search_command; search_command()"
)


def start(*arguments: str, before: str = "", **more: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **dict(more.pop("environment", {}))}  # type: ignore[call-overload]
    return subprocess.Popen(
        [sys.executable, "-c", before + "\n" + CODE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        **more,  # type: ignore[call-overload]
    )


def done(*arguments: str, **more: object) -> tuple[int, bytes, bytes]:
    process = start(*arguments, **more)  # type: ignore[arg-type]
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.usefixtures("home")
def test_a_closed_pipe_ends_quietly() -> None:
    for form in ("jsonl", "csv", "list"):
        process = start("*", "--all", "-f", form, "-q")
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(60) == 0
        assert err == b""


@pytest.mark.usefixtures("home")
def test_an_interrupt_is_130_and_no_traceback() -> None:
    slow = (
        "import time, imr_search.searching.library as l\n"
        "def wait(*a, **k):\n    print('waiting', flush=True); time.sleep(60)\nl.Library.search = wait"
    )
    process = start("x", before=slow)
    assert process.stdout is not None
    assert process.stdout.readline() == b"waiting\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_data_is_utf8_and_the_same_in_every_locale(locale: str) -> None:
    environment = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for form in ("json", "csv", "list"):
        code, out, err = done("functional", "-f", form, environment=environment)
        assert code == 0
        assert err == b"" or b"Traceback" not in err
        assert out == done("functional", "-f", form, environment={"LC_ALL": "C.UTF-8"})[1]
        out.decode("utf-8")


@pytest.mark.usefixtures("home")
def test_bytes_that_are_no_text_are_an_error_and_not_a_crash() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for arguments in ([b"\xff\xfe", b"-f", b"json"], [b"tretment:\xff"], [b"norco \xe2\x80"]):
        found = subprocess.run(
            [sys.executable, "-c", CODE, *arguments], capture_output=True, env=environment, timeout=60
        )
        assert found.returncode in (0, 1, 2)
        assert b"Traceback" not in found.stderr
        assert b"a fault of this program" not in found.stderr
        (found.stdout + found.stderr).decode("utf-8")


@pytest.mark.usefixtures("home")
def test_no_color_and_color() -> None:
    assert b"\x1b" not in done("functional")[1]
    assert b"\x1b[" in done("functional", "--color", "always")[1]
    assert b"\x1b" not in done("functional", "--color", "never")[1]


@pytest.mark.usefixtures("home")
def test_a_fault_of_the_program_is_one_line_without_its_text() -> None:
    code, out, err = done(
        "x",
        before="import imr_search.searching.library as l\nl.Library.search = lambda *a, **k: {}['secret of a letter']",
    )
    assert code == 70
    assert out == b""
    assert b"a fault of this program (KeyError" in err
    assert b"secret" not in err


@pytest.mark.usefixtures("home")
def test_a_batch_from_standard_input() -> None:
    process = start("--batch", "-", "--count", stdin=subprocess.PIPE)
    out, _ = process.communicate("treatment:acupuncture\r\n\ufefftreatment:“physical therapy”\n".encode(), timeout=60)
    assert out.split()[0] == b"3"
    assert len(out.split()) == 2


HEAVY = (
    "prompt_toolkit",
    "rich",
    "asyncio",
    "pypdfium2",
    "matplotlib",
    "csv",
    "tantivy",
    "concurrent",
    "multiprocessing",
)


@pytest.mark.usefixtures("home")
def test_one_shot_loads_nothing_that_it_does_not_need() -> None:
    after = "import atexit; atexit.register(lambda: sys.stderr.write('LOADED ' + ' '.join(sys.modules)))"
    code, _, err = done("treatment:acupuncture", before="import sys\n" + after)
    assert code == 0
    loaded = err.decode().rpartition("LOADED ")[2].split()
    assert "imr_search.searching.library" in loaded
    for name in HEAVY:
        assert name not in loaded, f"{name} is loaded for a plain search"


@pytest.mark.usefixtures("home")
def test_version_and_help_open_no_index() -> None:
    for flag in ("--version", "--help", "--man"):
        after = "import atexit; atexit.register(lambda: sys.stderr.write('LOADED ' + ' '.join(sys.modules)))"
        code, _, err = done(flag, before="import sys\n" + after, environment={"IMR_SEARCH_INDEX": "/nowhere"})
        assert code == 0
        assert "imr_search.store" not in err.decode()


@pytest.mark.usefixtures("home")
def test_output_file_survives_a_kill_in_the_middle(tmp_path: Path) -> None:
    """What was there stays whole until the new one is complete."""
    target = tmp_path / "out.jsonl"
    target.write_text("old\n")
    slow = (
        "import time, imr_search.output.data as d\nold = d.jsonl\n"
        "def slow(page):\n    for n, line in enumerate(old(page)):\n        print('line', flush=True); time.sleep(0.2); yield line\nd.jsonl = slow"
    )
    process = start("*", "-f", "jsonl", "-o", str(target), before=slow)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.1)
    process.kill()
    process.wait()
    assert target.read_text() == "old\n"
    code, _, _ = done("*", "-f", "jsonl", "-o", str(target))
    assert code == 0
    assert len([json.loads(line) for line in target.read_text().splitlines()]) == 38


INDEX_CODE = CODE.replace("imr-search", "imr-index").replace("search_command", "index_command")
CLOSED = "import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, '-c', *sys.argv[1:]])"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [("mri",), ("*", "-f", "jsonl"), ("--help",), ("--man",), ("* | count by year",)])
def test_an_answer_that_cannot_be_written_is_one_line_and_5(arguments: tuple[str, ...]) -> None:
    """A full disk, and a standard output that was closed (`>&-`)."""
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            [sys.executable, "-c", CODE, *arguments, "-q"], stdout=full, stderr=subprocess.PIPE, env=environment
        )
    assert (found.returncode, found.stderr.count(b"\n")) == (5, 1), found.stderr
    assert b"No space left" in found.stderr
    found = subprocess.run(
        [sys.executable, "-c", CLOSED, CODE, *arguments, "-q"], stderr=subprocess.PIPE, env=environment
    )
    assert (found.returncode, found.stderr.count(b"\n")) == (5, 1), found.stderr
    assert b"standard output is closed" in found.stderr


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [("status",), ("status", "--json"), ("check",), ("--help",)])
def test_imr_index_on_a_full_disk_or_a_closed_output(arguments: tuple[str, ...]) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            [sys.executable, "-c", INDEX_CODE, *arguments], stdout=full, stderr=subprocess.PIPE, env=environment
        )
    assert (found.returncode, found.stderr.count(b"\n")) == (5, 1), found.stderr
    found = subprocess.run(
        [sys.executable, "-c", CLOSED, INDEX_CODE, *arguments], stderr=subprocess.PIPE, env=environment
    )
    assert (found.returncode, found.stderr.count(b"\n")) == (5, 1), found.stderr


@pytest.mark.usefixtures("home")
def test_dev_stdout_is_standard_output_and_what_stands_in_it_stays(tmp_path: Path) -> None:
    target = tmp_path / "all.txt"
    target.write_bytes(b"before\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with target.open("ab") as stream:
        subprocess.run(
            [sys.executable, "-c", CODE, "mri", "-f", "ids", "-o", "/dev/stdout"],
            stdout=stream,
            env=environment,
            check=True,
        )
    assert target.read_bytes().split()[0] == b"before"
    assert len(target.read_bytes().split()) == 3
    assert len(done("mri", "-f", "ids", "-o", "/dev/stdout")[1].split()) == 2


@pytest.mark.usefixtures("home")
def test_a_configuration_from_windows_has_a_byte_order_mark(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(b"\xef\xbb\xbflimit = 3\r\n")
    assert done("mri", environment={"IMR_SEARCH_CONFIG": str(config)})[0] == 0


@pytest.mark.usefixtures("home")
@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed as POSIX has it")
@pytest.mark.parametrize("closed", [(0,), (2,), (0, 2), (1,), (0, 1), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("query", ["acupuncture", "("])
def test_standard_streams_that_are_closed(closed: tuple[int, ...], query: str) -> None:
    """What the shell writes as <&- >&- 2>&-: each number would else go to the next file that is opened."""
    code, _, err = done(query, preexec_fn=lambda: [os.close(number) for number in closed])
    assert code == (2 if query == "(" else 5 if 1 in closed else 0)
    assert b"Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be taken away there")
def test_a_current_folder_that_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    def leave() -> None:
        os.chdir(folder)
        os.rmdir(folder)

    code, out, err = done("-i", "relative", "pain", preexec_fn=leave)
    assert (code, out) == (5, b"")
    assert err == b"imr-search: the current folder is not there any more\n"
