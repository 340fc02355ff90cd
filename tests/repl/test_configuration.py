"""The configuration file as it counts on a terminal, under the options and the environment, and not where a program reads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import COMMAND, ROOT, Open

COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|38;[0-9;]+|9[0-7])(?:;\d+)*m")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_an_answer_on_a_terminal_is_shown_as_configured(prompt: Open, config: Path) -> None:
    config.write_text('format = "table"\nlimit = 2\ncolor = "never"\npager = false\n')
    here = {"IMR_SEARCH_CONFIG": str(config)}
    terminal = prompt("treatment:acupuncture", PAGER="sed s/^/PAGED/", rows=6, **here)
    terminal.see("2 of 3 (--all)")
    assert "decided     outcome" in terminal.text
    terminal.end()
    assert not COLOUR.search(terminal.raw)
    assert b"\x1b[1m" not in terminal.raw
    assert b"PAGED" not in terminal.raw
    asked = prompt("treatment:acupuncture", "-f", "list", "-n", "1", "--color", "always", **here)
    asked.see("1 of 3 (--all)")
    assert "id " not in asked.text
    asked.end()
    assert b"\x1b[1m" in asked.raw
    every = prompt("treatment:acupuncture", "-f", "ids", **here)
    every.end()
    assert len(every.text.split()) == 3


def test_no_color_goes_before_the_file_and_an_option_before_both(prompt: Open, config: Path) -> None:
    config.write_text('color = "always"\n')
    for arguments, painted in ((("mri",), False), (("mri", "--color", "always"), True)):
        terminal = prompt(*arguments, IMR_SEARCH_CONFIG=str(config), NO_COLOR="1")
        terminal.see("items in")
        terminal.end()
        assert (b"\x1b[1m" in terminal.raw) is painted


def test_the_prompt_opens_as_configured(prompt: Open, config: Path) -> None:
    config.write_text('theme = "plain"\nkeys = "vi"\nlimit = 2\nformat = "ids"\npager = false\n')
    terminal = prompt(IMR_SEARCH_CONFIG=str(config), TERM="xterm-256color")
    terminal.enter(".set")
    shown = terminal.see("pager     off")
    for line in ("limit     2", "keys      vi", "theme     plain"):
        assert line in shown
    terminal.enter("treatment:acupuncture")
    terminal.see("CM15-9900012#1")
    terminal.type("xyz\x1b0D")  # the keys are those of vi
    terminal.gone("imr> xyz")
    assert not COLOUR.search(terminal.raw)
    terminal.type("i.help settings\r")
    shown = terminal.see("[saved]")
    assert str(config) in shown.replace("\n", "").replace(" ", "")
    assert "color takes" not in shown


def test_a_broken_file_is_named_on_a_terminal_and_does_not_hide_the_help(prompt: Open, config: Path) -> None:
    config.write_text('\ntheme = "purple"\n')
    for arguments in (("mri",), ()):
        terminal = prompt("--limit", "3", *arguments, IMR_SEARCH_CONFIG=str(config), columns=200)
        terminal.see('line 2: theme takes one of "auto", "dark", "light", "plain"')
        assert terminal.end() == 2
    terminal = prompt("--help", IMR_SEARCH_CONFIG=str(config), rows=300)
    terminal.see("Configuration")
    assert terminal.end() == 0


def test_what_a_program_reads_does_not_depend_on_the_file(prompt: Open, index: Path, config: Path) -> None:
    def answer() -> bytes:
        environment = {**os.environ, "IMR_SEARCH_INDEX": str(index), "IMR_SEARCH_CONFIG": str(config)}
        command = [sys.executable, "-c", COMMAND, "mri"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=60)
        return done.stdout

    config.write_text("")
    plain = answer()
    config.write_text('format = "json"\nlimit = 1\ncolor = "always"\n')
    assert answer() == plain
