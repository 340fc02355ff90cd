"""The command imr-search: options read, one question answered, an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from imr_search import __version__
from imr_search.cli.command_line import refuse_minus
from imr_search.cli.shell_completion import answer, script, variable
from imr_search.errors import QueryError, UsageError
from imr_search.output.formats import binary, of_file
from imr_search.output.request import Request
from imr_search.output.streams import to_stdout

_ABOUT = ("help", "version", "man", "completion")  # answered even where the configuration is broken


def main(arguments: Sequence[str]) -> int:
    """Run the command; raises ImrError for what the caller tells the user."""
    from imr_search.cli.command_line import PROGRAM, command

    if instruction := os.environ.get(variable(PROGRAM)):
        return answer(command(), PROGRAM, instruction)
    request = parse(arguments)
    if any(getattr(request, name) for name in _ABOUT):
        return _about(request)
    if request.replay:
        from imr_search.cli.answer import replay

        return replay(request)
    if request.batch is not None:
        from imr_search.cli.batch import batch

        return batch(request, _screen())
    if request.saved is None and not request.query:
        return _prompt(request)
    from imr_search.cli.answer import one_shot

    return one_shot(request, _screen())


def parse(arguments: Sequence[str]) -> Request:
    """The options, by click, from the table; raises UsageError with what to type instead."""
    from imr_search.cli.command_line import read
    from imr_search.cli.option_table import OPTIONS

    short = [(flag[1], row.metavar) for row in OPTIONS for flag in row.flags if len(flag) == 2]
    refuse_minus(
        arguments,
        "".join(letter for letter, metavar in short if not metavar),
        "".join(letter for letter, metavar in short if metavar),
    )
    found = read(arguments)
    defaults = Request()
    given = {name: value for name, value in found.items() if value is not None}
    if "format" not in given and given.get("output") and not given.get("count"):
        asked = of_file(given["output"])  # -o norco.csv is a table, though nobody said -f csv
        given |= {} if asked is None else {"format": asked}
    usual: dict[str, Any] = {}
    if sys.stdout.isatty() and not any(given.get(name) for name in _ABOUT):
        from imr_search.cli.command_line import config_defaults

        usual = config_defaults(given)
    request = Request(**{**{name: getattr(defaults, name) for name in Request.__struct_fields__}, **usual, **given})
    _check(request)
    return request


def _check(request: Request) -> None:
    """What cannot go together is refused, not ignored."""
    sources = [
        name
        for name, there in (
            ("a query", bool(request.query)),
            ("--batch", request.batch is not None),
            ("--saved", request.saved is not None),
            ("--replay", request.replay is not None),
        )
        if there
    ]
    if len(sources) > 1:
        raise UsageError(f"{' and '.join(sources)} cannot go together", "give one of them")
    if request.all and request.limit is not None:
        raise UsageError("--all and --limit cannot go together", "give one of them")
    if request.param and request.saved is None:
        raise UsageError("--param fills a saved query", "imr-search --saved NAME --param k=v")
    if sum((request.count, request.explain, request.check)) > 1:
        raise UsageError("--count, --explain and --check cannot go together", "give one of them")
    if binary(request.format) and request.output is None and sys.stdout.isatty():
        raise UsageError(f"{request.format} cannot be shown on a terminal; add -o FILE.{request.format}")
    if request.record and request.batch is not None:
        raise UsageError("--record takes one query, not a batch", "imr-search --record FILE QUERY")


def _screen() -> Callable[[Iterable[str], bool], None] | None:
    """What shows lines on the terminal; None where there is none, and no pager either need be loaded."""
    if not sys.stdout.isatty():
        return None
    from imr_search.output.pager import to_screen

    return to_screen


def _about(request: Request) -> int:
    from imr_search.output.terminal import of_terminal

    if request.version:
        to_stdout([f"imr-search {__version__}"])
    elif request.man:
        from imr_search.cli.help import man_page

        to_stdout(man_page())
    elif request.completion:
        from imr_search.cli.command_line import PROGRAM, command

        to_stdout(script(command(), PROGRAM, request.completion).splitlines())
    else:
        from imr_search.cli.help import help_text
        from imr_search.output.pager import to_screen

        to_screen(help_text(of_terminal(1, request.color)), sys.stdout.isatty() and request.pager is not False)
    return 0


def _prompt(request: Request) -> int:
    if request.count or request.explain or request.check or request.output or request.record:
        raise QueryError("E101", "nothing to search for", "", 0)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        problem = QueryError("E101", "nothing to search for, and no terminal to open the prompt on", "", 0)
        problem.hint = "imr-search 'treatment:acupuncture outcome:upheld', or queries one a line: imr-search --batch -"
        raise problem
    from imr_search.repl.loop import run

    return run(request)
