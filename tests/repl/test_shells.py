"""Completion in the shells themselves: each is started, reads the script, and is asked as a user asks it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import COMMAND, ROOT, Open, Terminal

from imr_search.cli.shell_completion import BashCompletion, FishCompletion, shell_line
from imr_search.vocabulary import one_spelling


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder that holds both commands, with a saved query in the user's data."""
    command = tmp_path / "bin" / "imr-search"
    command.parent.mkdir()
    for name in ("search", "index"):
        command.with_name(f"imr-{name}").write_text(
            f"#!{sys.executable}\n{COMMAND.replace('search_command', f'{name}_command')}\n"
        )
        command.with_name(f"imr-{name}").chmod(0o700)
    saved = tmp_path / "data" / "imr-search" / "saved.toml"
    saved.parent.mkdir(parents=True)
    saved.write_text('norco_up = "drug:norco outcome:upheld"\n')
    saved.chmod(0o600)
    return command.parent


pytestmark = pytest.mark.terminal


def _environment(program: Path, index: Path) -> dict[str, str]:
    return {
        "IMR_SEARCH_INDEX": str(index),
        "XDG_DATA_HOME": str(program.parent / "data"),
        "XDG_CONFIG_HOME": str(program.parent / "config"),
        "HOME": str(program.parent),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
    }


# Takes the line back and clears the screen within the line editor: a command would leave it, and what is typed meanwhile is echoed twice.
CLEAR = "\x15\x0c"


@pytest.fixture
def shell(prompt: Open, program: Path, index: Path) -> Callable[[str, str], Terminal]:
    """An interactive shell on a terminal that has read the script."""

    def open_(command: str, setup: str) -> Terminal:
        name = shlex.split(command)[0]
        if shutil.which(name) is None:
            pytest.skip(f"no {name} here")
        start = f"import os; os.execvp({name!r}, {shlex.split(command)!r})"
        terminal = prompt("-", before=start, columns=120, **_environment(program, index))
        terminal.type(f"{setup}; clear\r")
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
    terminal.type(CLEAR)
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


def test_zsh(shell: Callable[[str, str], Terminal]) -> None:
    terminal = shell(*ZSH)
    for typed, becomes in ALONE:
        _tab(terminal, typed, becomes)
    _tab(terminal, "imr-search --form", "imr-search --format")
    _tab(terminal, "imr-search 'outcome:up", "imr-search 'outcome:upheld")
    _tab(terminal, "imr-search 'treatment:acupuncture outc", "imr-search 'treatment:acupuncture outcome:")
    terminal.type("imr-search outcome:\t")
    _wait(terminal, lambda: "outcome:upheld   21" in terminal.text)  # with counts, the commonest first
    assert terminal.text.index("outcome:upheld   21") < terminal.text.index("outcome:overturned   ")


def test_bash(shell: Callable[[str, str], Terminal]) -> None:
    terminal = shell(*BASH)
    for typed, becomes in ALONE:
        _tab(terminal, typed, becomes)
    _tab(terminal, "imr-search --form", "imr-search --format")
    _tab(terminal, "imr-search 'outcome:up", "imr-search 'outcome:upheld'")  # bash closes what it opened
    _tab(
        terminal,
        "imr-search 'outcome:upheld drug:hydroco",
        "imr-search 'outcome:upheld drug:hydrocodone/acetaminophen'",
    )
    twice = "imr-search 'acupuncture outcome:overturned'"
    _tab(terminal, "imr-search 'acupuncture outcome:ov", twice)
    _tab(terminal, twice, twice)


def test_fish(shell: Callable[[str, str], Terminal]) -> None:
    terminal = shell(*FISH)
    for typed, becomes in ALONE:
        _tab(terminal, typed, becomes)
    _tab(terminal, "imr-search 'outcome:up", "imr-search 'outcome:upheld'")
    _tab(terminal, "imr-search 'treatment:acupuncture outc", "imr-search 'treatment:acupuncture outcome:")


ZSH = (
    "zsh -f -i",
    "PS1='ready> '; PS2='more> '; autoload -Uz compinit; compinit -u -D; source <(imr-search --completion zsh)",
)
BASH = ("bash --norc --noprofile -i", "PS1='ready> '; PS2='more> '; eval \"$(imr-search --completion bash)\"")
FISH = (
    "fish --no-config -i",
    "function fish_prompt; printf 'ready> '; end; set -g fish_greeting; set -g fish_autosuggestion_enabled 0; imr-search --completion fish | source",
)

OF_INDEX = (
    ("imr-index sta", "imr-index status"),
    ("imr-index build --eng", "imr-index build --engine"),
    ("imr-index build --engine=who", "imr-index build --engine=whoosh"),
    ("imr-index check --al", "imr-index check --all"),
    ("imr-index repair --dr", "imr-index repair --dry-run"),
    ("imr-index --compl", "imr-index --completion"),
)


@pytest.mark.parametrize("form", [BASH, ZSH, FISH], ids=["bash", "zsh", "fish"])
def test_the_other_command_is_completed_too(shell: Callable[[str, str], Terminal], form: tuple[str, str]) -> None:
    command, setup = form
    terminal = shell(command, setup.replace("imr-search", "imr-index"))
    for typed, becomes in OF_INDEX:
        _tab(terminal, typed, becomes)


# What a letter may say where it names a state. Each begins in its own way, so that one Tab completes it.
HOSTILE = (
    "Zaa$(touch ran)",
    "Zab`touch ran`",
    "Zac'touch ran'",
    'Zad"touch ran"',
    "Zae!!touch !t",
    "Zag|touch ran",
    "Zah&touch ran",
    "Zai>ran",
    "Zaj*?",
    "Zal[a-z]",
    "Zam ~root",
    "Zao\\touch",
    "Zap #x",
    "Zau$HOME",
    "Zav(touch ran)",
    "Zaw<(touch ran)",
    "Zax^a^b",
    "Zay %d=y",
    "Zaz é ü",
    "Zbc'$(touch ran)'\"`touch ran`",
    "Zbd\\",
    "Zbe\\'\\",
)
UNSEEN = ("Zbf\u202etouch\u2066", "Zbg\x1b[31mtouch\x07", "Zbh\u200btouch", "Zbi\rtouch", "Zbj\x0btouch", "Zbk\ue000x")


@pytest.fixture(scope="session")
def hostile(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of letters whose reviewers are licensed in strange states."""
    from imr_search.indexing import build

    folder = tmp_path_factory.mktemp("hostile")
    text = (examples / "2019" / "CM19-9900018.txt").read_text()
    assert "California,Arizona" in text
    for number, value in enumerate((*HOSTILE, *UNSEEN)):
        case = f"CM19-99{number:05}"
        letter = text.replace("California,Arizona", value).replace("CM19-9900018", case)
        (folder / f"{case}.txt").write_bytes(letter.encode())
    build([folder], folder / "ix", workers=1)
    return folder / "ix"


@pytest.fixture
def recorded(program: Path) -> Path:
    """The command in place of which ordinary calls are written down, each argument with a NUL behind it."""
    command = program / "imr-search"
    command.rename(program / "really")
    ran = program / "ran-with"
    command.write_text(
        f'#!/bin/sh\nif [ -n "$_IMR_SEARCH_COMPLETE" ] || [ "$1" = --completion ]; then exec {program}/really "$@"; fi\n'
        f"printf '%s\\0' \"$@\" > {ran}.new; mv {ran}.new {ran}\n"
    )
    command.chmod(0o700)
    return ran


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_nothing_that_a_letter_says_is_run(
    shell: Callable[[str, str], Terminal], name: str, hostile: Path, recorded: Path
) -> None:
    terminal = shell(*{"bash": BASH, "zsh": ZSH, "fish": FISH}[name])
    folder = recorded.parent / "empty"
    folder.mkdir()
    terminal.type(
        f"cd {folder}; {'set -x' if name == 'fish' else 'export'} IMR_SEARCH_INDEX{' ' if name == 'fish' else '='}{hostile}; clear\r"
    )
    _wait(terminal, lambda: terminal.lines[0] == "ready>" and not any(terminal.lines[1:]))
    escapes = (FishCompletion if name == "fish" else BashCompletion).escapes
    for value in HOSTILE:
        for quote in ("", "'", '"') if set(value) & set("'\"$`!\\") else ("",):
            typed = f"imr-search {quote}licensed:{value[:3]}"
            terminal.type(typed)
            _wait(terminal, lambda typed=typed: terminal.lines[0] == f"ready> {typed}")
            terminal.type("\t")
            _wait(terminal, lambda typed=typed: terminal.lines[0] != f"ready> {typed}")
            shown = ""
            while shown != terminal.lines[0]:  # until the shell has drawn all of it
                shown = terminal.lines[0]
                terminal.read(0.4)
            recorded.unlink(missing_ok=True)
            open_ = shell_line(shown.removeprefix("ready> "), escapes).quote  # bash closes what it opened
            terminal.type(f"{open_}\r")
            _wait(terminal, recorded.exists)
            expected = " ".join(one_spelling(value).replace('"', " ").split())  # as the index lists it
            expected = f'licensed:"{expected}"' if set(expected) & set(' ()*?|&<>[]{}^"=!') else f"licensed:{expected}"
            assert recorded.read_bytes().decode().rstrip("\n\0") == expected, (value, quote, shown)
            assert list(folder.iterdir()) == [], (value, quote, shown)
            terminal.type(CLEAR)
            _wait(terminal, lambda: terminal.lines[0] == "ready>" and not any(terminal.lines[1:]))


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_no_control_character_reaches_the_line(shell: Callable[[str, str], Terminal], name: str, hostile: Path) -> None:
    terminal = shell(*{"bash": BASH, "zsh": ZSH, "fish": FISH}[name])
    terminal.type(
        f"{'set -x' if name == 'fish' else 'export'} IMR_SEARCH_INDEX{' ' if name == 'fish' else '='}{hostile}; clear\r"
    )
    _wait(terminal, lambda: terminal.lines[0] == "ready>" and not any(terminal.lines[1:]))
    before = len(terminal.raw)
    terminal.type("imr-search licensed:zb\t\t")
    _wait(terminal, lambda: "touch" in terminal.text.replace("\n", ""))
    shown = terminal.raw[before:].decode("utf-8", "replace")
    assert not {"\u202e", "\u2066", "\u200b", "\ue000"} & set(shown)
    assert "\x1b[31mtouch" not in shown
