"""Both command lines as click reads them, made of the table of options; what may be completed in them, the words of the query joined to one line,
and the defaults of the configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from shlex import quote
from typing import Any

import click
from click.shell_completion import CompletionItem

from imr_search import settings
from imr_search.cli.option_table import ABOUT, OPTIONS, SUBCOMMANDS, Option
from imr_search.cli.shell_completion import part
from imr_search.errors import IndexError_, UsageError
from imr_search.output import formats

PROGRAM = "imr-search"
INDEX_PROGRAM = "imr-index"


def command() -> click.Command:
    """The command, its options read but not acted upon. A switch that was not given is False, everything else None."""
    parameters: list[click.Parameter] = [click.Argument(["query"], nargs=-1, shell_complete=_queries)]
    parameters += [_parameter(row) for row in OPTIONS]
    return click.Command(PROGRAM, params=parameters, add_help_option=False)


def read(arguments: Sequence[str]) -> dict[str, Any]:
    """Names and values of the options and the query. Raises UsageError with what to type instead."""
    try:
        given = command().make_context(PROGRAM, list(arguments)).params
    except click.UsageError as problem:
        raise refused(problem, PROGRAM) from None
    for row in OPTIONS:
        if row.takes in ("file", "folder", "saved") and given.get(row.name) == "":
            raise UsageError(
                f"{row.flags[-1]} names nothing", "a variable of the shell that is not set? give it a value"
            )
    return given


def refused(problem: click.ClickException, program: str) -> UsageError:
    """What click found wrong with a command line, in the words of the other errors."""
    help_ = f"{program} --help"
    parameter = problem.param if isinstance(problem, click.BadParameter) else None
    if isinstance(problem, click.NoSuchOption):
        return _unknown(problem, program)
    if parameter is not None and not isinstance(problem, click.MissingParameter):
        name = parameter.opts[-1] if isinstance(parameter, click.Option) else "LETTERS"
        if isinstance(parameter.type, click.IntRange):
            kind = parameter.type
            bounds = f"from {kind.min} to {kind.max}" if kind.max is not None else f"{kind.min} or more"
            value = problem.message.partition(" is not ")[0]
            return UsageError(f"{name} takes a whole number, {bounds}, not {value}", help_)
        return UsageError(f"{name}: {problem.message.rstrip('.')}", help_)
    if isinstance(problem, click.MissingParameter) and parameter is not None:
        return UsageError(f"{parameter.human_readable_name.upper().rstrip('.')} is missing", help_)
    return UsageError(problem.format_message().replace("Got unexpected extra", "unexpected").rstrip("."), help_)


def index_command(about: Callable[..., int], run: Mapping[str, Callable[..., int]]) -> click.Group:
    """The command imr-index: `about` answers its own options, `run` has the function of each command. Options come under their names in the table."""
    group = click.Group(
        INDEX_PROGRAM,
        callback=about,
        params=[_parameter(row) for row in ABOUT],
        invoke_without_command=True,
        add_help_option=False,
        help="Make an index of Independent Medical Review letters, and look after it. imr-search searches it.",
    )
    for row in SUBCOMMANDS:
        parameters: list[click.Parameter] = [_parameter(option) for option in row.options]
        if row.letters:
            required = not row.letters.startswith("[")
            letters = click.Argument(["letters"], nargs=-1, required=required, type=click.Path(), metavar=row.letters)
            parameters.insert(0, letters)
        group.add_command(
            click.Command(
                row.name,
                callback=run[row.name],
                params=parameters,
                help=row.help,
                hidden=row.hidden,
                context_settings={"help_option_names": ["-h", "--help"]},
            )
        )
    return group


def _parameter(row: Option) -> click.Option:
    if row.off:
        return click.Option([f"{row.flags[-1]}/{row.off}"], default=None, help=row.help)
    names = [*row.flags, row.name]
    if not row.metavar:
        return click.Option(names, is_flag=True, default=False, help=row.help)
    kind: click.ParamType[Any] = click.STRING
    if row.takes in ("file", "folder"):
        kind = click.Path(
            file_okay=row.takes == "file"
        )  # not made for the others: each looks for translations on the disk
    elif row.values:
        kind = click.Choice(row.values)
    elif row.number:
        kind = click.IntRange(row.least, row.most)
    completed = {"field": _fields, "saved": _saved}.get(row.takes)
    return click.Option(
        names,
        type=kind,
        multiple=row.many,
        default=row.default,
        metavar=row.metavar,
        help=row.help,
        shell_complete=completed,
    )


def _unknown(problem: click.NoSuchOption, program: str) -> UsageError:
    name, help_ = problem.option_name, f"{program} --help"
    known = [flag for one in problem.ctx.command.params for flag in one.opts] if problem.ctx is not None else []
    near = get_close_matches(name, [flag for flag in known if flag.startswith("--")], 1)
    if near:
        return UsageError(f"no option is called {name}", f"did you mean {near[0]}? All are in {help_}")
    if program == PROGRAM:
        return UsageError(f"no option is called {name}; a query that starts with a minus goes after --", help_)
    return UsageError(f"no option is called {name}", help_)


# -- completion


def _fields(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[Any]]:
    """Fields behind commas, each with an optional minus: case,-decided."""
    from imr_search.fields import table

    head, comma, last = typed.rpartition(",")
    sign = "-" if last.startswith("-") else ""
    rows = [row for row in table() if not row.hidden and row.key.startswith(last.removeprefix("-"))]
    return [part(f"{head}{comma}{sign}{row.key}", row.help) for row in rows]


def _saved(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[Any]]:
    from imr_search.query.saved import queries

    return [CompletionItem(name, help=query) for name, query in sorted(queries().items()) if name.startswith(typed)]


def _queries(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[Any]]:
    """What may stand at the end of the query, of which `typed` is the last argument."""
    from imr_search.query.completion import complete
    from imr_search.query.saved import queries
    from imr_search.searching.library import Library

    before = "".join(f"{argument} " for argument in context.params.get("query") or ())
    text = before + typed
    saved = queries() if "@" in typed else {}
    try:
        with Library.open(context.params.get("index")) as library:
            found = complete(text, len(text), library.searcher, saved=saved)
    except IndexError_:
        found = complete(text, len(text), saved=saved)
    return [
        part(
            text[len(before) : one.start] + one.text,
            "  ".join(filter(None, ("" if one.count is None else f"{one.count:,}", one.gloss))),
        )
        for one in found
        if one.start >= len(before)
    ]


def joined(arguments: Sequence[str]) -> str:
    """The query of these arguments: what the prompt would read on one line."""
    return " ".join(arguments)


def refuse_minus(arguments: Sequence[str], switches: str, valued: str) -> None:
    """A word like -opioid is a query and not the options -o -p ...; it must not silently become `-o pioid`.

    `switches` and `valued` are the one-letter options without and with a value. A value may stand close behind its letter only where it
    cannot be taken for a query: a number (-n5), a format (-fcsv), a path that begins with / . or ~.
    """
    options: list[str] = []
    words: list[str] = []
    refused = ""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            words += rest
        elif not argument.startswith("-") or argument == "-":
            words.append(argument)
        elif argument.startswith("--") or _is_option(argument, switches, valued):
            options.append(argument)
            if not argument.startswith("--") and argument[-1] in valued and argument[1:-1].strip(switches) == "":
                options += [value for value in [next(rest, "")] if value]
        else:
            refused = refused or argument
            words.append(argument)
    if refused:
        raise UsageError(
            f"{refused} is not an option; a query that starts with a minus goes after --",
            " ".join(["imr-search", *map(_quoted, options), "--", *map(_quoted, words)]),
        )


def _is_option(argument: str, switches: str, valued: str) -> bool:
    """-q, -qF, -n, -qn, -n5, -fcsv, -o/tmp/x"""

    letters = argument[1:].lstrip(switches)
    if not letters:
        return True
    first, value = letters[0], letters[1:]
    if first not in valued:
        return False
    close = argument[1] == first  # a value stands close behind a single letter only
    if (first == "n" and value.isdecimal()) or (first == "f" and value in formats.names()):
        return close
    return not value or (close and first in "oi" and value[0] in "/.~")


def _quoted(word: str) -> str:
    return quote(word)


_UNSEEN = ("output", "batch", "replay")  # written to a file, or the answers of a script


def config_defaults(given: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The fields of a Request that the user's settings fill, for standard output on a terminal. Raises UsageError for a broken configuration."""
    if any(given.get(name) is not None for name in _UNSEEN):
        return {}
    found = settings.read()
    filled: dict[str, Any] = {}
    if not environment.get("NO_COLOR"):
        filled["color"] = found.color
    if not found.pager:
        filled["pager"] = False
    if found.format and not given.get("count"):
        filled["format"] = found.format
    one_shot = given.get("query") or given.get("saved")
    bounded = not formats.get(
        given.get("format") or found.format or "list"
    ).every  # those give all items, unless -n says otherwise
    if found.limit is not None and not given.get("all") and (bounded or not one_shot):
        filled["limit"] = found.limit
    return filled
