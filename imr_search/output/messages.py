"""Everything that is not data: errors with their caret, notices, hints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imr_search.errors import ImrError, IndexError_, LockedError, QueryError, RefusedError, StorageError
from imr_search.model import Notice
from imr_search.output import safety, wording
from imr_search.output.terminal import Terminal

_INDENT = "    "


def error(problem: ImrError, look: Terminal, program: str = "imr-search") -> Iterator[str]:
    """The message of the specification: what is wrong, where, and what to type instead."""
    if not isinstance(problem, QueryError):
        name = f"{program}: "
        first, *rest = look.wrap(look.clean(problem.message), name, _INDENT, columns=look.width) or [name]
        yield first.replace(name, look.paint(name, "error"), 1)
        yield from rest
        if problem.hint:
            yield from look.wrap(look.clean(problem.hint), _INDENT, _INDENT, columns=look.width)
        return
    yield from look.wrap(look.clean(f"query error {problem.code}: {problem.message}"), "", _INDENT, columns=look.width)
    if problem.query.strip():
        yield from pointed(problem, look)
    if problem.expected:
        yield from look.wrap(look.clean("expected: " + ", ".join(problem.expected)), _INDENT, columns=look.width)
    if problem.hint:
        yield from look.wrap(look.clean(problem.hint), _INDENT, _INDENT, columns=look.width)
    for index, correction in enumerate(problem.corrections):
        found = "" if correction.count is None else f"   ({wording.count(correction.count, 'item')})"
        yield f"{_INDENT}{'try:' if index == 0 else '    '}  {look.clean(correction.query)}{found}"


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


def notice(said: Notice, look: Terminal, fold: bool = False) -> Iterator[str]:
    """One line, however long; on a terminal it may be folded."""
    text = look.clean(said.text)
    if fold:
        first, *rest = look.wrap(text, f"{said.code}  ", _INDENT + " ", columns=look.width) or [said.code]
        yield first.replace(said.code, look.paint(said.code, "dim"), 1)
        yield from rest
    else:
        yield f"{look.paint(said.code, 'dim')}  {text}"
