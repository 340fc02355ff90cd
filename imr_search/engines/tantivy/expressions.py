"""Regular expressions, as Tantivy takes them in phrases, for the words of one slot: one if the words are all that a pattern matches, else lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

_LISTED = 400  # bytes of words in one expression that lists them: Tantivy's expressions have at most 1,000 states
_SPECIAL = frozenset('\\.+*?()|[]{}^$#&-~/@"<>')
_ANY = ".*"


def escaped(text: str) -> str:
    """`text` itself as a regular expression."""
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


def pattern(words: Sequence[str], beginning: Callable[[str], Iterable[str]]) -> str | None:
    """What the words have in common, as an expression that matches them and no other word of the column; None if there is none such.
    `beginning(prefix)`: all words of the column with that beginning."""
    first, last = _ends(words)
    found = escaped(first) + _between([word[len(first) : len(word) - len(last)] for word in words]) + escaped(last)
    if found == _ANY:
        return None
    matches, among = re.compile(found, re.DOTALL).fullmatch, frozenset(words)
    return found if all(word in among for word in beginning(first) if matches(word)) else None


def lists(words: Iterable[str]) -> list[str]:
    """Expressions that match the words between them, and nothing else."""
    found: list[str] = []
    held: list[str] = []
    size = 0
    for word in words:
        if held and size + len(word.encode()) > _LISTED:
            found.append("(" + "|".join(held) + ")")
            held, size = [], 0
        held.append(escaped(word))
        size += len(word.encode())
    return [*found, "(" + "|".join(held) + ")"]


def _ends(words: Sequence[str]) -> tuple[str, str]:
    """What all words begin with, and what they end with besides."""
    first = _shared(min(words), max(words))
    reverse = [word[len(first) :][::-1] for word in words]
    return first, _shared(min(reverse), max(reverse))[::-1]


def _shared(first: str, last: str) -> str:
    """The beginning that both words have, and so all between them in the alphabet."""
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


def _between(middles: Sequence[str]) -> str:
    """An expression for what stands between the ends, with the longest piece that all share in its middle."""
    piece = _piece(middles)
    if not piece:
        return _ANY if any(middles) else ""
    places = [middle.index(piece) for middle in middles]
    same = len(set(places)) == 1
    before = "." * places[0] if same else _between([middle[:at] for middle, at in zip(middles, places, strict=True)])
    after = _between([middle[at + len(piece) :] for middle, at in zip(middles, places, strict=True)])
    return before + escaped(piece) + after


def _piece(texts: Sequence[str]) -> str:
    shortest = min(texts, key=len)
    pieces = (
        shortest[start : start + length]
        for length in range(len(shortest), 0, -1)
        for start in range(len(shortest) - length + 1)
    )
    return next((piece for piece in pieces if all(piece in text for text in texts)), "")
