"""From the shell's words to one query: what the shell took away is given back, and said."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from imr_search.errors import UsageError

# One argument that is, whole, a field and plain words: the shell ate the quotes of field:"two words".
_EATEN = re.compile(r"([A-Za-z_]+):[ ]*([\w#%][\w./#%'-]*(?:[ ]+[\w#%][\w./#%'-]*)+)")
_OPERATORS = frozenset(("and", "or", "not", "but", "to", "syn", "like", "letter"))


class Typed(msgspec.Struct, frozen=True):
    """`text` is the query with eaten quotes given back, `plain` the arguments as they came; equal when nothing was eaten.
    `words` says that the field holds words: then the phrase is meant, otherwise only if it finds something."""

    text: str
    plain: str
    words: bool = True


def joined(arguments: Sequence[str], literal: bool = False) -> Typed:
    """The query of these arguments; of a `literal` one nothing is taken for a field."""
    plain = " ".join(arguments)
    if literal:
        return Typed(plain, plain)
    parts, words = [], True
    for argument in arguments:
        match = _EATEN.fullmatch(argument)
        kind = _kind(match[1]) if match is not None else ""
        if match is None or not kind or any(word.lower() in _OPERATORS for word in match[2].split()):
            parts.append(argument)
            continue
        words = words and kind == "words"
        parts.append(f'{match[1]}:"{match[2]}"')
    return Typed(" ".join(parts), plain, words)


def _kind(name: str) -> str:
    """Can a value of the field hold several words? "words" for texts, "values" for keywords, else ""."""
    from imr_search.fields import KEYWORD, table

    field = table().get(name)
    if field is None or field.hidden:
        return ""
    if field.positional:
        return "words"
    return "values" if field.kind == KEYWORD and field.match in ("words", "path") else ""


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
    from imr_search.output import formats

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
    from shlex import quote

    return quote(word)
