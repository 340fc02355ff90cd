"""A command line in which nothing is wrong, read as click reads it but without loading click, which takes a quarter of a search's start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from imr_search.cli.options import OPTIONS, Option

_DIGITS = 18  # of a number; what click and Python make of more is theirs to say


def plainly(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Names and values as click gives them (None: not given, False: a switch that is off). None altogether in any doubt: then click reads
    the line, and says what is wrong with it."""
    by_flag = {flag: row for row in OPTIONS for flag in row.flags} | {row.off: row for row in OPTIONS if row.off}
    held: dict[str, Any] = {row.name: None if row.metavar or row.off else False for row in OPTIONS}
    query: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            query += rest
        elif len(argument) < 2 or argument[0] != "-":
            query.append(argument)
        else:
            for flag, glued in _flags(argument):
                row = by_flag.get(flag)
                if row is None or (glued and not row.metavar):
                    return None
                text = glued[1:] if glued else next(rest, None) if row.metavar else ""
                value = None if text is None else _value(row, flag, text)
                if value is None:
                    return None
                held[row.name] = (*(held[row.name] or ()), value) if row.many else value
    return {**held, "query": tuple(query)}


def _flags(argument: str) -> Iterator[tuple[str, str]]:
    """The flags of one argument, each with the value glued to it: "--limit=5" is ("--limit", "=5"), "-qn5" is ("-q", ""), ("-n", "=5")."""
    if argument.startswith("--"):
        flag, equals, value = argument.partition("=")
        yield flag, equals + value
        return
    valued = {flag for row in OPTIONS if row.metavar for flag in row.flags}
    for at, letter in enumerate(argument[1:], 2):
        flag = "-" + letter
        if flag in valued and argument[at:]:
            yield flag, "=" + argument[at:]
            return
        yield flag, ""


def _value(row: Option, flag: str, text: str) -> str | int | bool | None:
    """None for one that the option does not take."""
    if not row.metavar:
        return flag != row.off
    if row.values:
        return text if text in row.values else None
    if row.number:
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
    return text
