"""Completion in the shells themselves: each is started, reads the script, and is asked as a user asks it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import COMMAND, ROOT, Open, Terminal


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder that holds the command, with a saved query in the user's data."""
    command = tmp_path / "bin" / "imr-search"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\n{COMMAND}\n")
    command.chmod(0o700)
    saved = tmp_path / "data" / "imr-search" / "saved.toml"
    saved.parent.mkdir(parents=True)
    saved.write_text('norco_up = "drug:norco outcome:upheld"\n')
    saved.chmod(0o600)
    return command.parent


def _environment(program: Path, index: Path) -> dict[str, str]:
    return {
        "IMR_SEARCH_INDEX": str(index),
        "XDG_DATA_HOME": str(program.parent / "data"),
        "XDG_CONFIG_HOME": str(program.parent / "config"),
        "HOME": str(program.parent),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
    }


FISH = """
imr-search --completion fish | source
for line in $argv
    echo "== $line"
    complete -C $line
end
"""
# What is typed, and which candidates must (or, behind a -, must not) be offered.
CASES = (
    ("imr-search --form", ["--format"]),
    ("imr-search --no-p", ["--no-pager"]),
    ("imr-search -f c", ["cite", "csv", "-json"]),
    ("imr-search --format=c", ["--format=cite", "--format=csv"]),
    ("imr-search treatm", ["treatment:"]),
    ("imr-search outcome:up", ["outcome:upheld", "-outcome:overturned"]),
    ('imr-search "outcome:up', ["outcome:upheld"]),
    ("imr-search 'treatment:acupuncture outc", ["treatment:acupuncture outcome:"]),
    (r"imr-search treatment:acupuncture\ outc", ["treatment:acupuncture outcome:"]),
    ("imr-search norco drug:hyd", ["drug:hydrocodone/acetaminophen"]),
    ("imr-search --sort case,-deci", ["case,-decided"]),
    ("imr-search --sort=-deci", ["--sort=-decided"]),
    ("imr-search --saved no", ["norco_up"]),
    ("imr-search @no", ["@norco_up"]),
)


@pytest.mark.terminal
def test_fish(program: Path, index: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("no fish here")
    done = subprocess.run(
        ["fish", "--no-config", "-c", FISH, "--", *(line for line, _ in CASES)],
        env=_environment(program, index),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stderr == ""
    offered: dict[str, dict[str, str]] = {}
    for shown in done.stdout.splitlines():
        if shown.startswith("== "):
            here = offered.setdefault(shown.removeprefix("== "), {})
        else:
            word, _, gloss = shown.partition("\t")
            here[word] = gloss
    for line, wanted in CASES:
        for word in wanted:
            gone = word.startswith("-") and not line.endswith(("--form", "--no-p", "=c", "=-deci"))
            assert (word.lstrip("-") not in offered[line]) if gone else (word in offered[line]), (line, offered[line])
    assert offered["imr-search treatm"]["treatment:"] == "the disputed treatment"
    assert offered["imr-search outcome:up"]["outcome:upheld"] == "21"
    assert offered["imr-search --saved no"]["norco_up"] == "drug:norco outcome:upheld"


@pytest.fixture
def shell(prompt: Open, program: Path, index: Path) -> Callable[[str, str], Terminal]:
    """An interactive shell on a terminal that has read the script."""

    def open_(command: str, setup: str) -> Terminal:
        name = shlex.split(command)[0]
        if shutil.which(name) is None:
            pytest.skip(f"no {name} here")
        start = f"import os; os.execvp({name!r}, {shlex.split(command)!r})"
        terminal = prompt("-", before=start, columns=120, **_environment(program, index))
        terminal.type(f"PS1='ready> '; {setup}; clear\r")
        terminal.see("\nready>" if terminal.lines[0] else "ready>")
        _wait(terminal, lambda: terminal.lines[0] == "ready>")
        return terminal

    return open_


def _wait(terminal: Terminal, there: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not there():
        assert time.monotonic() < end, terminal.text
        terminal.read()


def _tab(terminal: Terminal, typed: str, becomes: str) -> None:
    """Type, press Tab, and see what the line becomes; then take it back."""
    terminal.type(typed)
    _wait(terminal, lambda: f"ready> {typed}" in terminal.text)
    terminal.type("\t")
    _wait(terminal, lambda: any(line.rstrip() == f"ready> {becomes}".rstrip() for line in terminal.lines))
    terminal.type("\x15clear\r")
    _wait(terminal, lambda: terminal.lines[0] == "ready>" and not any(terminal.lines[1:]))


ALONE = (  # typed, and what one Tab makes of it where only one thing fits
    ("imr-search --no-p", "imr-search --no-pager"),
    ("imr-search -f cs", "imr-search -f csv"),
    ("imr-search --format=cs", "imr-search --format=csv"),
    ("imr-search outcome:up", "imr-search outcome:upheld"),
    ("imr-search norco drug:hydroco", "imr-search norco drug:hydrocodone/acetaminophen"),
    ("imr-search -s -deci", "imr-search -s -decided"),
    ("imr-search --sort case,-deci", "imr-search --sort case,-decided"),
    ("imr-search --saved no", "imr-search --saved norco_up"),
    ("imr-search @norc", "imr-search @norco_up"),
)


def test_zsh(shell: Callable[[str, str], Terminal], tmp_path: Path) -> None:
    setup = f"autoload -Uz compinit; compinit -u -d {tmp_path}/dump; source <(imr-search --completion zsh)"
    terminal = shell("zsh -f -i", setup)
    for typed, becomes in ALONE:
        _tab(terminal, typed, becomes)
    _tab(terminal, "imr-search --form", "imr-search --format=")  # the sign goes when a space is typed
    _tab(terminal, "imr-search 'outcome:up", "imr-search 'outcome:upheld")
    _tab(terminal, "imr-search 'treatment:acupuncture outc", "imr-search 'treatment:acupuncture outcome:")
    terminal.type("imr-search outcome:\t")
    _wait(terminal, lambda: "outcome:upheld   21" in terminal.text)  # with counts, the commonest first
    assert terminal.text.index("outcome:upheld   21") < terminal.text.index("outcome:modified   ")


def test_bash(shell: Callable[[str, str], Terminal]) -> None:
    terminal = shell("bash --norc --noprofile -i", 'eval "$(imr-search --completion bash)"')
    for typed, becomes in ALONE:
        _tab(terminal, typed, becomes)
    _tab(terminal, "imr-search --form", "imr-search --format")
    _tab(terminal, "imr-search 'outcome:up", "imr-search 'outcome:upheld'")  # bash closes what it opened
    _tab(
        terminal,
        "imr-search 'outcome:upheld drug:hydroco",
        "imr-search 'outcome:upheld drug:hydrocodone/acetaminophen'",
    )
