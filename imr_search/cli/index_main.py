"""The command imr-index: making an index and looking after it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from imr_search import indexing, store
from imr_search.cli.help import PROGRAM, index_help_text, index_man_page
from imr_search.cli.index_output import status_json, status_lines, watching
from imr_search.cli.shell_completion import SHELLS, answer, script, variable
from imr_search.errors import ImrError, UsageError
from imr_search.output.messages import say
from imr_search.output.safety import clean, escape_json
from imr_search.output.terminal import of_terminal

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FAILED, _DAMAGED = 4, 3
_FILES, _FOLDER = click.Path(), click.Path(file_okay=False)

_BUILD_HELP = """Make the index of the letters (.txt, .pdf) in LETTERS, files or folders, or bring it up to date.

\b
  imr-index build letters/           make it; the same again takes in what changed
  imr-index build more/              add another folder
  imr-index build                    look at all folders again
  imr-index build --full             from nothing

LETTERS are remembered. A letter that vanished is taken out, unless its whole folder is not there."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; raises ImrError for what the caller tells the user."""
    if instruction := os.environ.get(variable(PROGRAM)):
        return answer(index, PROGRAM, instruction)
    if any(given == "" or (given.startswith("--") and given.endswith("=")) for given in arguments):
        raise UsageError(
            "an argument is empty", "a variable of the shell that is not set? give it a value, or leave it out"
        )
    try:
        code = index.main(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except click.exceptions.Exit as end:
        return int(end.exit_code)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        raise UsageError(error.format_message().rstrip("."), _hint(error, list(arguments))) from None
    return int(code or 0)


def _hint(error: click.ClickException, arguments: list[str]) -> str:
    """What to type instead: an option that stood before its command goes behind it, a folder goes after -i; else the usage."""
    commands = [given for given in arguments if given in index.commands]
    if isinstance(error, click.NoSuchOption) and commands and arguments[0] != commands[0]:
        before = arguments[: arguments.index(commands[0])]
        return " ".join(["imr-index", commands[0], *before, *arguments[len(before) + 1 :]])
    if len(arguments) == 2 and commands == arguments[:1] and Path(arguments[1]).is_dir():
        return f"imr-index {arguments[0]} -i {arguments[1]}"
    return error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""


def _place(command: _Command) -> _Command:
    return click.option(
        "-i",
        "--index",
        "folder",
        type=_FOLDER,
        metavar="DIR",
        help="where the index lies (else IMR_SEARCH_INDEX, the configuration)",
    )(command)


def _errors(command: _Command) -> _Command:
    """Read by whoever tells the error; here only so that it is known."""
    return click.option(
        "--errors", type=click.Choice(["text", "json"]), default="text", expose_value=False, help="how errors are told"
    )(command)


def _quiet(command: _Command) -> _Command:
    return click.option("-q", "--quiet", is_flag=True, help="no progress and no notices")(command)


class _Index(click.Group):
    """The commands with their options on one page, as imr-search has them."""

    def get_help(self, ctx: click.Context) -> str:
        return "\n".join(index_help_text(ctx, of_terminal(1)))


def _print_script(ctx: click.Context, parameter: click.Parameter, shell: str | None) -> None:
    if shell:
        click.echo(script(index, PROGRAM, shell), nl=False)
        ctx.exit()


def _print_man(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo("\n".join(index_man_page(ctx)))
        ctx.exit()


@click.group(cls=_Index, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.option("--completion", type=click.Choice(SHELLS), metavar="SHELL", expose_value=False, is_eager=True, callback=_print_script,
              help="completion for your shell: bash, zsh or fish")  # fmt: skip
@click.option(
    "--man", is_flag=True, expose_value=False, is_eager=True, callback=_print_man, help="this page as a manual page"
)
@click.version_option(package_name="imr-search", message="imr-index %(version)s", help="the version")
def index() -> None:
    """Make an index of Independent Medical Review letters, and look after it. imr-search searches it."""


def _build(
    letters: tuple[str, ...],
    folder: str | None,
    full: bool,
    engine: str,
    allow_shrink: bool,
    force: bool,
    shared: bool | None,
    workers: int | None,
    quiet: bool,
) -> int:
    with watching(quiet) as watch:
        built = indexing.build(
            [Path(letter) for letter in letters],
            folder,
            full=full,
            engine=engine,
            allow_shrink=allow_shrink,
            force=force,
            shared=shared,
            workers=workers,
            progress=watch,
        )
    return _done(built, quiet)


def _builder(name: str, hidden: bool) -> Callable[..., Any]:
    command = click.argument("letters", nargs=-1, type=_FILES, metavar="[LETTERS]...")(_named(_build))
    for option in (
        click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="processes that read (all cores)"),
        click.option("--shared/--private", default=None, help="let the group read the index too, or the user alone (at first: alone)"),
        click.option("--force", is_flag=True, help="make it even when more than half of the letters cannot be read"),
        click.option("--allow-shrink", is_flag=True, help="even when more than a tenth of the letters vanished"),
        click.option("--engine", type=click.Choice(["auto", "whoosh", "tantivy", "opensearch", "memory"]), default="auto", metavar="NAME",
                     help="auto (whoosh up to 2,000 items, tantivy beyond), whoosh, tantivy, opensearch"),
        click.option("--full", is_flag=True, help="from nothing"),
    ):  # fmt: skip
        command = option(command)
    return index.command(name, help=_BUILD_HELP, hidden=hidden)(_place(_quiet(_errors(command))))


def _named(command: Callable[..., int]) -> Callable[..., int]:
    """A function of its own for each command that shares it: click hangs the options onto it."""

    def called(**options: Any) -> int:
        return command(**options)

    return called


_builder("build", hidden=False)
_builder("rebuild", hidden=True)


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


@index.command()
@_place
@_errors
@click.option("--json", "as_json", is_flag=True, help="for programs")
def status(folder: str | None, as_json: bool) -> int:
    """Engine, generation, letters, items, dates, size, failures."""

    found = indexing.status(store.locate(folder))
    facts = status_json(found)
    if as_json:
        click.echo(escape_json(json.dumps(facts, ensure_ascii=False, indent=1)))
    else:
        click.echo("\n".join(status_lines(facts)))
        if found.problem:
            say(f"imr-index: {clean(found.problem)}")
            say(f"    {clean(found.hint)}")
    return _DAMAGED if found.problem else 0


@index.command()
@_place
@_errors
@click.option("--json", "as_json", is_flag=True, help="one object a line, for programs")
def failed(folder: str | None, as_json: bool) -> int:
    """The files that gave no letter, each with the reason."""

    for failure in indexing.failures(store.locate(folder)):
        if as_json:
            row = {"root": failure.root, "file": failure.file, "reason": failure.reason, "detail": failure.detail}
            click.echo(escape_json(json.dumps(row, ensure_ascii=False)))
        else:
            click.echo(_failure(failure))
    return 0


@index.command()
@_place
@_errors
@click.option(
    "--sample",
    type=click.IntRange(0),
    default=100,
    metavar="N",
    show_default=True,
    help="letters to read again and compare",
)
@click.option("--all", "everything", is_flag=True, help="read all letters again")
@click.option("--seed", type=int, default=0, metavar="N", help="which sample")
def check(folder: str | None, sample: int, everything: bool, seed: int) -> int:
    """Hash every file of the index; read a sample of the letters again and compare."""

    found = indexing.check(store.locate(folder), None if everything else sample, seed)
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


@index.command()
@click.argument("letters", nargs=-1, required=True, type=_FILES, metavar="LETTERS...")
@_place
@_quiet
@_errors
def forget(letters: tuple[str, ...], folder: str | None, quiet: bool) -> int:
    """Take LETTERS, roots of the index, and all letters below them out of it. No letter file is touched."""

    with watching(quiet) as watch:
        built = indexing.forget([Path(letter) for letter in letters], store.locate(folder), watch)
    return _done(built, quiet)


@index.command()
@click.argument("letters", nargs=-1, type=_FILES, metavar="[LETTERS]...")
@_place
@_quiet
@_errors
@click.option("--dry-run", is_flag=True, help="only say what would be done")
@click.option("--allow-shrink", is_flag=True, help="even when letters are missing now")
@click.option("--force", is_flag=True, help="even when more than half of the letters cannot be read")
def repair(
    letters: tuple[str, ...], folder: str | None, quiet: bool, dry_run: bool, allow_shrink: bool, force: bool
) -> int:
    """Say what is wrong, and build the index from nothing from its letters (or from LETTERS, if it is not known any more where they are)."""

    place = store.locate(folder)
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


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ImrError as problem:
        say(f"imr-index: {problem.message}")
        sys.exit(problem.exit_code)
