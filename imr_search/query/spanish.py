"""Spanish words of a claim, as the English ones that the reading in fields knows: terapia física para la rodilla."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import msgspec

from imr_search import vocabulary
from imr_search.query.first_words import listed, spanish
from imr_search.query.pieces import Piece

_LONGEST = 3
_SURE = 5  # letters of a word that is hardly English


def in_english(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces with Spanish words as English ones, if at least one of them can be no English word; else as they are."""
    words = [_plain(piece.text) if piece.kind == "word" else "" for piece in pieces]
    names = spanish()
    if not any(len(word) >= _SURE and (word in names or word in _beginnings()) for word in words):
        return pieces
    found: list[Piece] = []
    at, sure = 0, False
    while at < len(pieces):
        for size in range(min(_LONGEST, len(pieces) - at), 0, -1):
            typed = vocabulary.normal(" ".join(words[at : at + size]))
            if all(words[at : at + size]) and typed in names:
                sure = sure or len(typed) >= _SURE
                found += _pieces(names[typed], pieces[at].comma)
                at += size
                break
        else:
            if words[at] not in listed("spanish", "joining"):
                found.append(pieces[at])
            at += 1
    return found if sure else pieces


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in spanish() if " " in name)


def _pieces(english: str, comma: bool) -> list[Piece]:
    if english == "or":
        return [Piece("OR", "OR")]
    made = [Piece("word", word) for word in english.split()]
    return [msgspec.structs.replace(made[0], comma=comma), *made[1:]]


def _plain(text: str) -> str:
    """The word in small letters without its accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in parts if not unicodedata.combining(char))
