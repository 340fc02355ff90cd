"""Everything that is not data, on standard error: errors with their caret, notices, hints. One safe line or two of what is wrong, in words or as
JSON, and never a traceback nor a letter's text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from imr_search.errors import ImrError, IndexError_, LockedError, QueryError, RefusedError, StorageError
from imr_search.model import Notice
from imr_search.output import data, safety, wording
from imr_search.output.terminal import Terminal, of_terminal

_INDENT = "    "


def error(problem: ImrError, look: Terminal, program: str = "imr-search") -> Iterator[str]:
    """The message of the specification: what is wrong, where, and what to type instead."""
    if not isinstance(problem, QueryError):
        name = f"{program}: "
        first, *rest = look.wrap(look.clean(problem.message), name, _INDENT, columns=look.width, whole=True) or [name]
        yield first.replace(name, look.paint(name, "error"), 1)
        yield from rest
        if problem.hint:
            yield from look.wrap(look.clean(problem.hint), _INDENT, _INDENT, columns=look.width, whole=True)
        return
    yield from look.wrap(
        look.clean(f"query error {problem.code}: {problem.message}"), "", _INDENT, columns=look.width, whole=True
    )
    if problem.query.strip():
        yield from pointed(problem, look)
    if problem.expected:
        yield from look.wrap(
            look.clean("expected: " + ", ".join(map(_named, problem.expected))), _INDENT, columns=look.width, whole=True
        )
    if problem.hint:
        yield from look.wrap(look.clean(problem.hint), _INDENT, _INDENT, columns=look.width, whole=True)
    for index, correction in enumerate(problem.corrections):
        found = "" if correction.count is None else f"   ({wording.count(correction.count, 'item')})"
        yield f"{_INDENT}{'try:' if index == 0 else '    '}  {look.clean(correction.query)}{found}"


def _named(expected: str) -> str:
    """A sign among what is expected stands in quotation marks: a comma between commas cannot be seen."""
    return f'"{expected}"' if len(expected) == 1 and not expected.isalnum() else expected


def pointed(problem: QueryError, look: Terminal) -> Iterator[str]:
    """The query, as much of it as fits, with a caret under the place, by display width."""
    room = max(16, look.width - len(_INDENT) - 1)
    before, after = look.clean(problem.query[: problem.start]), look.clean(problem.query[problem.start :])
    if safety.width(before) > room // 2 and safety.width(before + after) > room:
        keep = before
        while safety.width(keep) > room // 2:
            keep = keep[1:]
        before = look.ellipsis + keep.lstrip()
    yield _INDENT + look.clip(before + after, room)
    yield _INDENT + " " * safety.width(before) + look.paint("^", "error")


def error_json(problem: ImrError) -> dict[str, Any]:
    """The object of `--errors json`; errors that are not of the query have a word for a code and no place."""
    if isinstance(problem, QueryError):
        return {
            "code": problem.code,
            "message": problem.message,
            "start": problem.start,
            "end": problem.end,
            "expected": list(problem.expected),
            "try": [{"query": one.query, "count": one.count} for one in problem.corrections],
        }
    code = "usage"
    for kind, name in (
        (IndexError_, "index"),
        (RefusedError, "refused"),
        (StorageError, "storage"),
        (LockedError, "locked"),
    ):
        if isinstance(problem, kind):
            code = name
    return {
        "code": code,
        "message": problem.message,
        "start": None,
        "end": None,
        "expected": [],
        "try": [],
        "hint": problem.hint,
    }


def notice(said: Notice, look: Terminal, fold: bool = False, whole: bool = False) -> Iterator[str]:
    """One line, however long; on a terminal it may be folded. A long list in it is shown `whole` only where that is asked."""
    text = look.clean(said.text if whole else said.brief or said.text)
    if fold:
        first, *rest = look.wrap(text, f"{said.code}  ", _INDENT + " ", columns=look.width, whole=True) or [said.code]
        yield first.replace(said.code, look.paint(said.code, "dim"), 1)
        yield from rest
    else:
        yield f"{look.paint(said.code, 'dim')}  {text}"


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
        say(data.dump({**error_json(problem), **({"line": line} if line else {})}))
        return
    if line:
        say(f"line {line}:")
    for told in error(problem, of_terminal(2, color), program):
        say(told)


def say(line: str) -> None:
    """One safe line on standard error, whatever the locale can encode. Where nobody can be told, nothing is."""
    unwritable = (OSError, AttributeError, ValueError)
    with suppress(*unwritable):
        sys.stdout.flush()  # so that a terminal shows things in their order
    with suppress(*unwritable):
        sys.stderr.buffer.write(line.encode("utf-8", "replace") + b"\n")
        sys.stderr.flush()
