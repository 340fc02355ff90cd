"""The command imr-index: making an index and looking after it."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from imr_search import __version__, indexing, store
from imr_search.cli.command_line import INDEX_PROGRAM, index_command, refused
from imr_search.cli.help import index_help_text, index_man_page
from imr_search.cli.index_output import status_json, status_lines, watching
from imr_search.cli.shell_completion import answer, script, variable
from imr_search.errors import ImrError, UsageError
from imr_search.output.messages import say
from imr_search.output.pager import to_screen
from imr_search.output.safety import clean, escape_json
from imr_search.output.streams import to_stdout
from imr_search.output.terminal import of_terminal

_FAILED, _DAMAGED = 4, 3


def main(arguments: Sequence[str]) -> int:
    """Run the command; raises ImrError for what the caller tells the user."""
    if instruction := os.environ.get(variable(INDEX_PROGRAM)):
        return answer(index, INDEX_PROGRAM, instruction)
    if any(given == "" or (given.startswith("--") and given.endswith("=")) for given in arguments):
        raise UsageError(
            "an argument is empty", "a variable of the shell that is not set? give it a value, or leave it out"
        )
    try:
        code = index.main(args=list(arguments), prog_name=INDEX_PROGRAM, standalone_mode=False)
    except click.exceptions.Exit as end:
        return int(end.exit_code)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as problem:
        raise _refused(problem, list(arguments)) from None
    return int(code or 0)


def _refused(problem: click.ClickException, arguments: list[str]) -> UsageError:
    """With what to type instead: an option that stood before its command goes behind it, a folder goes after -i."""
    commands = [given for given in arguments if given in index.commands]
    found = refused(problem, INDEX_PROGRAM if not commands else f"{INDEX_PROGRAM} {commands[0]}")
    if isinstance(problem, click.NoSuchOption) and commands and arguments[0] != commands[0]:
        before = arguments[: arguments.index(commands[0])]
        found.hint = shlex.join([INDEX_PROGRAM, commands[0], *before, *arguments[len(before) + 1 :]])
    elif len(arguments) == 2 and commands == arguments[:1] and arguments[1] and Path(arguments[1]).is_dir():
        found.hint = shlex.join([INDEX_PROGRAM, arguments[0], "-i", arguments[1]])
    elif isinstance(problem, click.UsageError) and not commands and arguments and not arguments[0].startswith("-"):
        near = get_close_matches(arguments[0], [name for name, row in index.commands.items() if not row.hidden], 1)
        hint = shlex.join([INDEX_PROGRAM, near[0], *arguments[1:]]) if near else f"{INDEX_PROGRAM} --help"
        return UsageError(f"no command is called {arguments[0]}", hint)
    return found


def _about(completion: str | None, man: bool, version: bool, help: bool) -> int:
    """The options that are not those of a command."""
    context = click.get_current_context()
    if completion:
        click.echo(script(index, INDEX_PROGRAM, completion), nl=False)
    elif man:
        to_stdout(index_man_page())
    elif version:
        to_stdout([f"{INDEX_PROGRAM} {__version__}"])
    elif help or context.invoked_subcommand is None:
        to_screen(index_help_text(of_terminal(1)), sys.stdout.isatty())
    else:
        return 0
    return context.exit()


def _build(letters: tuple[str, ...], index: str | None, quiet: bool, errors: str, **options: Any) -> int:
    with watching(quiet) as watch:
        built = indexing.build([Path(letter) for letter in letters], index, progress=watch, **options)
    return _done(built, quiet)


def _done(built: Any, quiet: bool) -> int:
    """The notices, the first failures, the last line; the exit code."""
    if not quiet:
        for notice in built.notices:
            say(f"note: {clean(notice)}")
        for failure in built.failures[:5]:
            say(f"failed: {_failure(failure)}")
        if built.failed > 5:
            say(f"failed: {built.failed - 5:,} more (imr-index failed)")
        failed = built.failed + built.kept
        counts = f"letters read {built.read:,}, unchanged {built.unchanged:,}, failed {failed:,}; items {built.items:,}"
        say(f"{counts}; {built.seconds:.1f} s")
    return _FAILED if built.failed or built.kept else 0


def _failure(failure: Any) -> str:
    path = failure.file if Path(failure.root).name == failure.file else f"{failure.root}/{failure.file}"
    detail = f" ({failure.detail})" if failure.detail else ""
    return clean(f"{path}: {failure.reason}{detail}")


def _status(index: str | None, as_json: bool, errors: str) -> int:
    found = indexing.status(store.locate(index))
    facts = status_json(found)
    if as_json:
        click.echo(escape_json(json.dumps(facts, ensure_ascii=False, indent=1)))
    else:
        click.echo("\n".join(status_lines(facts)))
        if found.problem:
            say(f"imr-index: {clean(found.problem)}")
            say(f"    {clean(found.hint)}")
    return _DAMAGED if found.problem else 0


def _failed(index: str | None, as_json: bool, errors: str) -> int:
    for failure in indexing.failures(store.locate(index)):
        if as_json:
            row = {"root": failure.root, "file": failure.file, "reason": failure.reason, "detail": failure.detail}
            click.echo(escape_json(json.dumps(row, ensure_ascii=False)))
        else:
            click.echo(_failure(failure))
    return 0


def _check(index: str | None, sample: int, everything: bool, seed: int, errors: str) -> int:
    found = indexing.check(store.locate(index), None if everything else sample, seed)
    for fault in found.faults:
        click.echo(f"fault: {clean(fault)}")
    skipped = f", {found.changed:,} not as they were" if found.changed else ""
    click.echo(
        f"{found.files:,} files hashed, {found.read:,} letters read again{skipped}: "
        + (f"{len(found.faults):,} faults" if found.faults else "whole")
    )
    if found.faults:
        say("imr-index: the index is damaged")
        say("    imr-index repair")
    return _DAMAGED if found.faults else 0


def _forget(letters: tuple[str, ...], index: str | None, quiet: bool, errors: str) -> int:
    with watching(quiet) as watch:
        built = indexing.forget([Path(letter) for letter in letters], store.locate(index), watch)
    return _done(built, quiet)


def _repair(
    letters: tuple[str, ...],
    index: str | None,
    quiet: bool,
    dry_run: bool,
    allow_shrink: bool,
    force: bool,
    errors: str,
) -> int:
    place = store.locate(index)
    plan = indexing.plan_repair(place, [Path(letter) for letter in letters])
    for fault in plan.faults:
        say(f"fault: {clean(fault)}")
    if not plan.faults:
        say("no fault was found")
        if not letters:
            return 0
    for root in plan.roots:
        say(f"to do: read the letters in {clean(root)}" + (" (not there now)" if root in plan.missing else ""))
    say(f"to do: build generation anew in {clean(str(place))}; what is there stays until it is whole")
    if dry_run:
        return _DAMAGED if plan.faults else 0
    with watching(quiet) as watch:
        built = indexing.repair(place, plan, allow_shrink=allow_shrink, force=force, progress=watch)
    return _done(built, quiet)


index = index_command(
    _about,
    {
        "build": _build,
        "rebuild": _build,
        "status": _status,
        "failed": _failed,
        "check": _check,
        "forget": _forget,
        "repair": _repair,
    },
)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ImrError as problem:
        say(f"imr-index: {problem.message}")
        sys.exit(problem.exit_code)
