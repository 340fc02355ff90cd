"""Values of hostile letters in the shells: each completes them on its own line, reads that line itself, and runs nothing but the command.

bash inserts all that fits by `insert-completions`, and inside a quotation mark one after the other; zsh and fish go through their menus. Every
line is then run by the shell, and what it gave the command is what the prompt's own completion offers. The program is asked once for each
beginning; its answer is kept, so that a line costs no start of Python.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal import COMMAND, ROOT

from imr_search.indexing import build
from imr_search.output.safety import insertable
from imr_search.query.completion import complete
from imr_search.store import Opened, open_index
from tests.hostile_letters import UNSEEN, plant, word

FIELDS = ("licensed", "section", "file")  # whose values begin with `word`
SHARE = 36  # letters whose values have their first letters in common
START = {"bash": "bash --norc --noprofile -i", "zsh": "zsh -f -i", "fish": "fish --no-config -i"}
SETUP = {
    "bash": "PS1='ready> '; shopt -s failglob; bind '\"\\C-xm\": menu-complete'; eval \"$(imr-search --completion bash)\"",
    "zsh": "PS1='ready> '; autoload -Uz compinit; compinit -u -D; bindkey '^Xm' menu-complete; zle -C all complete-word _generic;"
    " bindkey '^Xa' all; zstyle ':completion:all:*' completer _all_matches _complete; zstyle ':completion:all:*' insert true;"
    " source <(imr-search --completion zsh)",
    "fish": "function fish_prompt; printf 'ready> '; end; set -g fish_autosuggestion_enabled 0; imr-search --completion fish | source;"
    " function run_it; eval (commandline | string collect); end; bind \\cg run_it",
}  # fmt: skip
NEVER = ("\x1b]8;;", "\x1bP+q", "\x1b]0;touch", "\x9d52;c", "\x9b31m", *UNSEEN)  # what only a letter says, and no shell


class Shell:
    """An interactive shell that has read the script. `said`: what it wrote to its terminal."""

    def __init__(self, name: str, folder: Path, index: Path) -> None:
        self.name = name
        self.said = b""
        self.log = folder / "log"
        self.here = folder / "here"
        self.here.mkdir(parents=True)
        (self.here / "ran.txt").touch()  # so that a star finds something
        programs = folder / "bin"
        programs.mkdir()
        (programs / "really").write_text(f"#!{sys.executable}\n{COMMAND}\n")
        (programs / "imr-search").write_text(
            f'#!/bin/sh\nif [ "$1" = --completion ]; then exec {programs}/really "$@"; fi\n'
            'if [ -n "$_IMR_SEARCH_COMPLETE" ]; then\n'
            '  set -- $(printf "%s|%s" "$COMP_WORDS" "$COMP_WORD" | cksum)\n'
            f"  [ -e {folder}/told-$1-$2 ] || {programs}/really > {folder}/told-$1-$2\n"
            f"  exec cat {folder}/told-$1-$2\nfi\n"
            f"{{ printf '%s\\0' \"$@\"; echo; }} >> {self.log}\n"
        )
        for program in programs.iterdir():
            program.chmod(0o700)
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.chdir(self.here)
            kept = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(folder)}
            told = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "IMR_SEARCH_INDEX": str(index)}
            os.execvpe(name, START[name].split(), kept | told)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 200, 0, 0))
        self.read(0.5)
        self.type(SETUP[name] + "; touch ../set-up\r")
        self.until((folder / "set-up").exists, "the shell has not read the script")
        self.read(0.3)

    def type(self, text: str) -> None:
        rest = text.encode()
        while rest:  # a terminal takes about 4,000 bytes that nobody has read
            rest = rest[os.write(self.master, rest[:500]) :]
            self.read(0.0)

    def read(self, seconds: float) -> None:
        """Take in what is written until nothing has come for so long; answer what shells ask of a terminal."""
        while select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            self.said += data
            if b"\x1b[c" in data or b"\x1b[0c" in data:
                os.write(self.master, b"\x1b[?62;c")
            if b"\x1b[6n" in data:
                os.write(self.master, b"\x1b[1;1R")

    def sees(self, there: Callable[[], bool], seconds: float = 15.0) -> bool:
        """Does it come to that in time?"""
        end = time.monotonic() + seconds
        while not there() and time.monotonic() < end:
            self.read(0.02)
        return there()

    def until(self, there: Callable[[], bool], what: str) -> None:
        assert self.sees(there, 60), f"{what}:\n{self.said[-3000:].decode('utf-8', 'replace')}"

    def lines(self, count: int) -> list[list[str]]:
        """The arguments of each of the next `count` calls of the command."""
        try:
            self.until(lambda: self._log().count(b"\0\n") >= count, f"not {count} calls")
        finally:
            found = self._log()
            self.log.unlink(missing_ok=True)
        return [line.decode().split("\0") for line in found.split(b"\0\n")[:-1]]

    def calls(self) -> set[str]:
        """The first arguments of all calls so far."""
        return {line.decode().split("\0")[0].rstrip() for line in self._log().split(b"\0\n")[:-1]}

    def _log(self) -> bytes:
        return self.log.read_bytes() if self.log.exists() else b""

    def close(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.master)


def _offered(index: Opened, typed: str) -> list[str]:
    """What the prompt offers there."""
    found = [insertable(one.text) for one in complete(typed, len(typed), index.searcher)]
    return list(dict.fromkeys(one for one in found if one is not None))


def _bare(shell: Shell, field: str, front: str, index: Opened) -> list[str]:
    """All values with that front, completed where no quotation mark is open."""
    typed = f"imr-search {field}:{front}"
    wanted = [f"{field}:{value}" for value in _offered(index, f"{field}:{front}")]
    if shell.name == "fish":
        return _menu(shell, typed, [value for value in wanted if value.startswith(f"{field}:{front}")])
    shell.type(typed + {"bash": "\x1b*\r", "zsh": "\x18a\r"}[shell.name])
    (found,) = shell.lines(1)
    if shell.name == "bash":  # it breaks words at colons, and inserts the first beside what stands there
        found[1:] = [f"{field}:{value}" for value in found[1:]]
    assert sorted(found) == sorted(wanted)
    return wanted


def _quoted(shell: Shell, quote: str, field: str, front: str, index: Opened) -> list[str]:
    """The same inside an open quotation mark, where the values that have to be quoted follow one of the query's own."""
    wanted = [f"{field}:{value}" for value in _offered(index, f'{field}:"{front}')]
    inner = '\\"' if quote == '"' else '"'
    typed = f"imr-search {quote}{field}:{inner}{front}"
    if shell.name == "fish":
        return _menu(shell, typed, [value for value in wanted if value.startswith(f'{field}:"{front}')])
    for number in range(1, len(wanted) + 1):
        if shell.name == "bash":  # menu-complete with a number before it; bash closes the quotation mark
            shell.type(f"{typed}{''.join(chr(27) + digit for digit in str(number))}\x18m\r")
        else:
            shell.type(typed + "\x18m" * number + quote + "\r")
    found = shell.lines(len(wanted))
    assert sorted(line[0].rstrip() for line in found) == sorted(wanted)
    return wanted


def _menu(shell: Shell, typed: str, wanted: list[str]) -> list[str]:
    """fish's own list: each Tab puts the next value into the line, which a key runs. It lists what begins as typed, if anything does."""
    if len(wanted) < 2:
        return []
    for _ in range(5):  # a key that comes while the shell draws a line is lost now and then
        before = len(shell.said)
        shell.type(typed + "\t")
        if shell.sees(lambda: any(value[9:14].encode() in shell.said[before:] for value in wanted)):  # noqa: B023
            break
        shell.type("\x03")
        shell.read(0.3)
    shell.type("\t" + "\x07\t" * len(wanted))
    for _ in range(2 * len(wanted)):  # nor while it runs one; the list goes round
        if shell.sees(lambda: len(shell.calls()) >= len(wanted), 3):
            break
        shell.type("\x07\t")
    for _ in range(5):  # and what was pressed too often has been done when this has
        shell.type("\x03")
        shell.read(0.3)
        shell.type("imr-search done\r")
        if shell.sees(lambda: "done" in shell.calls()):
            break
    found = shell.calls() - {"done"}
    shell.log.unlink()
    assert found == set(wanted)
    return wanted


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _index(tmp_path_factory.mktemp("few"), 2 * SHARE)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _index(tmp_path_factory.mktemp("many"), 11_520)


def _index(folder: Path, letters: int) -> Path:
    build([plant(folder / "letters", letters)], folder / "index", engine="tantivy", force=True)
    return folder / "index"


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    return name


def _complete_all(
    shell: Shell, index: Path, letters: int, fields: tuple[str, ...], every: int = 1
) -> Iterator[list[str]]:
    """Each value in one of the ways, and those of each `every`-th beginning in all of them."""
    with open_index(index) as opened:
        for place, number in enumerate(range(0, letters, SHARE)):
            front = word(number)[:3]
            for field in fields:
                yield _bare(shell, field, front, opened)
                for quote in "'\"":
                    # bare, fish offers those alone that need no quotes; the others stand behind one
                    if place % every == 0 or (shell.name == "fish" and quote == "'"):
                        yield _quoted(shell, quote, field, front, opened)
                assert [path.name for path in shell.here.iterdir()] == ["ran.txt"], (field, front)
    shown = shell.said.decode("utf-8", "replace")
    assert not [one for one in NEVER if one in shown]


@pytest.mark.terminal
def test_values_of_hostile_letters_run_nothing(shell_name: str, few: Path, tmp_path: Path) -> None:
    shell = Shell(shell_name, tmp_path / "shell", few)
    try:
        assert sum(map(len, _complete_all(shell, few, 2 * SHARE, FIELDS))) > 300
    finally:
        shell.close()


@pytest.mark.long
def test_ten_thousand_values_run_nothing(shell_name: str, many: Path, tmp_path: Path) -> None:
    shell = Shell(shell_name, tmp_path / "shell", many)
    try:
        lines = [value for found in _complete_all(shell, many, 11_520, ("licensed",), 6) for value in found]
    finally:
        shell.close()
    print(f"{shell_name}: {len(set(lines)):,} values, {len(lines):,} times on the shell's line")
    assert len(set(lines)) > 10_000
