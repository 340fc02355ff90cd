"""Errors, on standard error: one safe line or two of what is wrong, in words or as JSON, and never a traceback nor a letter's text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from imr_search.errors import ImrError
from imr_search.output import data, messages
from imr_search.output.terminal import of_terminal


def fault(problem: BaseException) -> str:
    """What to say of a fault of the program: its kind and place, and never its text, which may quote a letter."""
    place, trace = "", problem.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "imr_search" in code.co_filename:
            place = f" in {code.co_filename.rpartition('imr_search')[2].lstrip('/')}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return f"a fault of this program ({type(problem).__name__}{place}); IMR_SEARCH_DEBUG=1 shows more"


def guarded(run: Callable[[], int], program: str, arguments: Sequence[str] = ()) -> int:
    """`run`, with every ImrError told on standard error and turned into its exit code. A closed pipe is not an error."""
    try:
        return run()
    except ImrError as problem:
        tell(problem, program, "json" if wants_json(arguments) else "text")
        return problem.exit_code


def wants_json(arguments: Sequence[str]) -> bool:
    """Did the command line ask for errors as JSON? Asked before it is parsed, for errors of the command line itself."""
    if "--errors=json" in arguments:
        return True
    return "--errors" in arguments and list(arguments)[list(arguments).index("--errors") + 1 :][:1] == ["json"]


def tell(problem: Exception, program: str, form: str = "text", color: str = "auto", line: int = 0) -> None:
    """An ImrError on standard error; `line` is that of a batch."""
    assert isinstance(problem, ImrError)
    if form == "json":
        say(data.dump({**messages.error_json(problem), **({"line": line} if line else {})}))
        return
    if line:
        say(f"line {line}:")
    for told in messages.error(problem, of_terminal(2, color), program):
        say(told)


def say(line: str) -> None:
    """One safe line on standard error, whatever the locale can encode. Where nobody can be told, nothing is."""
    unwritable = (OSError, AttributeError, ValueError)
    with suppress(*unwritable):
        sys.stdout.flush()  # so that a terminal shows things in their order
    with suppress(*unwritable):
        sys.stderr.buffer.write(line.encode("utf-8", "replace") + b"\n")
        sys.stderr.flush()
