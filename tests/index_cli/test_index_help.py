"""imr-index says what it can do: to people, to man, to shells."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest

from imr_search.cli.index_main import index, main
from imr_search.cli.option_table import INDEX_EXAMPLES, INDEX_EXIT_CODES
from imr_search.cli.shell_completion import SHELLS
from imr_search.errors import UsageError


def test_the_help_names_every_command_and_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name, command in index.commands.items():
        if command.hidden:
            continue
        assert f"imr-index {name}" in told
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert all(flag in told for flag in (*parameter.opts, *parameter.secondary_opts)), parameter.name
    for code, meaning in INDEX_EXIT_CODES:
        assert f"{code} {meaning}" in " ".join(told.split())


def test_the_examples_can_be_typed() -> None:
    for example, _ in INDEX_EXAMPLES:
        words = example.split()
        if words[0] == "imr-index":
            index.make_context("imr-index", words[1:], resilient_parsing=True)
            assert words[1] in index.commands


def test_the_manual_page_is_clean_roff(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--man"]) == 0
    page = capsys.readouterr().out
    assert page.startswith(".TH IMR-INDEX 1")
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    made = subprocess.run(["groff", "-man", "-Tascii", "-ww"], input=page.encode(), capture_output=True, check=True)
    assert made.stderr == b""


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_can_be_read_by_its_shell(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert main(["--completion", shell]) == 0
    told = capsys.readouterr().out
    assert "_IMR_INDEX_COMPLETE" in told
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=told.encode(), check=True)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("imr-index sta", "plain\tstatus\t"),
        ("imr-index build --eng", "plain\t--engine\t"),
        ("imr-index build --engine=who", "plain\t--engine=whoosh"),
        ("imr-index build --engine tan", "plain\ttantivy"),
        ("imr-index build le", "file\t\tle"),
        ("imr-index check -i le", "dir\t\tle"),
        ("imr-index --comp", "plain\t--completion\t"),
    ],
)
def test_what_is_offered(
    line: str, offered: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_IMR_INDEX_COMPLETE", "fish_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    main([])
    assert any(told.startswith(offered) for told in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["chek"], "no command is called chek", "imr-index check"),
        (["zzz"], "no command is called zzz", "imr-index --help"),
        (["--json", "status"], "no option is called --json", "imr-index status --json"),
        (
            ["build", "--engin", "x"],
            "no option is called --engin",
            "did you mean --engine? All are in imr-index build --help",
        ),
        (["build", "--workers", "0"], "--workers takes a whole number, from 1 to 256, not 0", "imr-index build --help"),
        (["forget"], "LETTERS is missing", "imr-index forget --help"),
        (["status", "."], "unexpected argument (.)", "imr-index status -i ."),
    ],
)
def test_a_slip_says_what_to_type_instead(arguments: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        main(arguments)
    assert message in caught.value.message
    assert caught.value.hint == hint


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("Usage: imr-index COMMAND")
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("imr-index 0.")
