"""From the shell's words to one query: what the shell took away is given back, and said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imr_search.errors import QueryError, UsageError

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
        found = _eaten(argument)
        kind = _kind(found[0]) if found is not None else ""
        if found is None or not kind:
            parts.append(argument)
            continue
        words = words and kind == "words"
        parts.append(f'{found[0]}:"{found[1]}"')
    return Typed(" ".join(parts), plain, words)


def _eaten(argument: str) -> tuple[str, str] | None:
    """Field and words of an argument that is, whole, one field and plain words, for the shell ate the quotes of field:"two words"."""
    from imr_search.query.lexer import Lexer
    from imr_search.query.tokens import LONGEST, clean

    text, _ = clean(argument)
    if " " not in text or ":" not in text or len(text) > LONGEST:
        return None
    lexer = Lexer(text)
    try:
        name, *values = lexer.walk()
    except (QueryError, ValueError):
        return None
    if name.kind != "FIELD" or len(values) < 2 or any(token.kind != "WORD" for token in values):
        return None
    words = text[values[0].start : values[-1].end]
    if (
        lexer.stray
        or lexer.foreign
        or any(sign in words for sign in "*?!~^")
        or not _OPERATORS.isdisjoint(words.lower().split())
    ):
        return None
    return text[name.start : name.end].rstrip(":= "), words


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
