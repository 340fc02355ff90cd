"""From the shell's words to one query, and never to the wrong option."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from imr_search.errors import UsageError
from imr_search.output import formats


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
