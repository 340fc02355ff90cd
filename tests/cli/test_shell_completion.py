"""What a shell is told: read from its line, and cut to what it will replace. The shells themselves are asked in tests/repl/test_shells.py."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest
from click.shell_completion import CompletionItem
from running import Run

from imr_search.cli.shell_completion import SHELLS, BashCompletion, FishCompletion, shell_line
from imr_search.output.safety import insertable

Ask = Callable[..., list[list[str]]]


@pytest.fixture
def ask(run: Run, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask as a shell's script asks: the line up to the cursor, and the end of it that bash will replace."""

    def ask_(line: str, word: str = "", shell: str = "fish") -> list[list[str]]:
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_WORD", word)
        monkeypatch.setenv("_IMR_SEARCH_COMPLETE", f"{shell}_complete")
        return [told.split("\t") for told in run()[1].splitlines() if told]

    return ask_


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_each_shell_can_be_read_by_it(run: Run, shell: str) -> None:
    code, out, _ = run("--completion", shell)
    assert code == 0
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=out.encode(), check=True)


def test_every_option_is_offered(ask: Ask) -> None:
    from imr_search.cli.option_table import OPTIONS

    offered = {row[1]: row[2] for row in ask("imr-search -")}
    for option in OPTIONS:
        for flag in (*option.flags, *([option.off] if option.off else [])):
            assert offered[flag] == option.about


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("imr-search --form", ["plain", "--format"]),
        ("imr-search -f cs", ["plain", "csv"]),
        ("imr-search --format=cs", ["plain", "--format=csv"]),
        ("imr-search outcome:up", ["part", "outcome:upheld"]),
        ("imr-search 'treatment:acupuncture outc", ["part", "treatment:acupuncture outcome:"]),
        ("imr-search mri 'outcome:up", ["part", "outcome:upheld"]),
        ("imr-search -s case,-deci", ["part", "case,-decided"]),
        ("imr-search --sort -deci", ["part", "-decided"]),
        ("imr-search --sort=-deci", ["part", "--sort=-decided"]),
        ("imr-search -i x -o re", ["file", "", "re"]),
        ("imr-search --output=re", ["file", "--output=", "re"]),
        ("imr-search -i so", ["dir", "", "so"]),
        ("imr-search '* | cou", ["part", "* | count "]),
        ("imr-search treatment:mri '| cou", ["part", "| count "]),
    ],
)
def test_what_is_offered(ask: Ask, line: str, offered: list[str]) -> None:
    found = ask(line)
    assert offered in [row[: len(offered)] for row in found], found


@pytest.mark.parametrize(
    ("line", "word", "replaced"),
    [
        ("imr-search outcome:ov", "ov", "overturned"),  # bash breaks words at colons
        ("imr-search outcome:ov", "outcome:ov", "outcome:overturned"),  # unless it was told not to
        ("imr-search 'acupuncture outcome:ov", "acupuncture outcome:ov", "acupuncture outcome:overturned"),
        ("imr-search acupuncture\\ outcome:ov", "ov", "overturned"),
        ('imr-search outcome:"ov', "ov", "overturned"),
        ("imr-search --format=cs", "cs", "csv"),
    ],
)
def test_bash_is_given_what_it_replaces(ask: Ask, line: str, word: str, replaced: str) -> None:
    assert [row[1] for row in ask(line, word, "bash") if row[0] != "quote"] == [replaced]


def test_a_second_tab_changes_nothing(ask: Ask) -> None:
    for line in ("imr-search 'acupuncture outcome:overturned'", "imr-search outcome:overturned"):
        for word in ("", "overturned", line.partition(" ")[2]):
            assert ask(line, word, "bash") == []


@pytest.mark.parametrize("line", ["$(date", "`date", "$'outcome:up", "outcome:$(x", 'outcome:"$(x', "'x'$'outc"])
def test_what_the_shell_will_evaluate_is_left_alone(ask: Ask, line: str) -> None:
    for shell in SHELLS:
        assert ask(f"imr-search {line}", "", shell) == []


@pytest.mark.parametrize(
    ("text", "words", "current", "quote"),
    [
        ("a b", ("a",), "b", ""),
        ("a b ", ("a", "b"), "", ""),
        ("a 'b c", ("a",), "b c", "'"),
        ("a 'b c' ", ("a", "b c"), "", ""),
        ("a 'b'\\''c", ("a",), "b'c", "'"),
        ('a "b\\"c\\d', ("a",), 'b"c\\d', '"'),
        ("a b\\ c", ("a",), "b c", ""),
        ("a ''", ("a",), "", ""),
        ("a '' ", ("a", ""), "", ""),
        ("a b\\", ("a",), "b", ""),
    ],
)
def test_a_line_is_read_as_the_shell_reads_it(text: str, words: tuple[str, ...], current: str, quote: str) -> None:
    assert shell_line(text, BashCompletion.escapes)[:3] == (words, current, quote)


def test_fish_escapes_inside_single_quotes() -> None:
    assert shell_line("a 'it\\'s", FishCompletion.escapes)[:3] == (("a",), "it's", "'")


@pytest.mark.parametrize(
    "code", [*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x200E, 0x202E, 0x2028, 0x2066, 0xFEFF, 0xE0041]
)
def test_no_control_and_no_invisible_mark_is_ever_inserted(code: int) -> None:
    found = insertable(f"a{chr(code)}b")
    assert found in (None, "ab", "a b")
    row = FishCompletion.__new__(FishCompletion)._row(CompletionItem(f"a{chr(code)}b", help=f"c{chr(code)}d"), "")
    assert row.isprintable() or row.replace("\t", "").isprintable()
