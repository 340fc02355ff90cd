"""Listed names found in a treatment's words: the longest at each place, in one pass, whatever the number of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Generic, TypeVar

import msgspec

from imr_search import vocabulary

T = TypeVar("T")
_TOKEN = re.compile(r"#?\d+(?:\.\d+)?[a-z]*|[a-z][a-z0-9]*")


class Tokens(msgspec.Struct, frozen=True):
    """A text's words in small letters with their offsets; `text` is in small letters too."""

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


class Match(msgspec.Struct, Generic[T], frozen=True):
    """A name at words [start, end)."""

    start: int
    end: int
    value: T


class Lexicon(msgspec.Struct, Generic[T], frozen=True):
    """Names by their first word, the longest first."""

    names: Mapping[str, tuple[tuple[tuple[str, ...], T], ...]]

    def find(self, words: Sequence[str]) -> list[Match[T]]:
        """Every longest match, left to right, none overlapping another."""
        found: list[Match[T]] = []
        at = 0
        names = self.names
        while at < len(words):
            for name, value in names.get(words[at], ()):
                end = at + len(name)
                if tuple(words[at:end]) == name:
                    found.append(Match(at, end, value))
                    at = end
                    break
            else:
                at += 1
        return found


def lexicon(names: Iterable[tuple[Sequence[str], T]]) -> Lexicon[T]:
    by_first: dict[str, dict[tuple[str, ...], T]] = {}
    for name, value in names:
        if name:
            by_first.setdefault(name[0], {}).setdefault(tuple(name), value)
    return Lexicon(
        {
            first: tuple(sorted(rows.items(), key=lambda row: len(row[0]), reverse=True))
            for first, rows in by_first.items()
        }
    )


def tokens(text: str) -> Tokens:
    small = text.casefold()
    found = [(match.group(), match.span()) for match in _TOKEN.finditer(small)]
    return Tokens(small, tuple(word for word, _ in found), tuple(span for _, span in found))


class Drug(msgspec.Struct, frozen=True):
    substance: str
    kind: str


@cache
def drugs() -> Lexicon[Drug]:
    return lexicon((name, Drug(*row)) for name, row in vocabulary.drugs().items())


class Kind(msgspec.Struct, frozen=True):
    """A category with its weight; `guard` is set for a word that may mean something else."""

    path: str
    weight: int
    guard: vocabulary.Guard | None = None


@cache
def kinds() -> Lexicon[Kind]:
    names = vocabulary.category_names()
    rows: list[tuple[Sequence[str], Kind]] = []
    for word, guard in vocabulary.guards().items():
        read = names.get(vocabulary.normal(guard.reads)) if guard.reads else None
        if read is not None:
            rows.append((word.split(), Kind(read[0], read[1], guard)))
    rows += [(name.split(), Kind(*row)) for name, row in names.items()]
    return lexicon(rows)


@cache
def parts() -> Lexicon[str]:
    """Parts of the body; "" is a name that only looks like one, "right upper extremity" a part with its side."""
    body = vocabulary.table("body")
    rows: list[tuple[Sequence[str], str]] = [(vocabulary.words(name), "") for name in vocabulary.split(body["none"])]
    rows += [([word.casefold()], part) for word, part in body["sided"].items()]
    rows += [(name.split(), part) for name, part in vocabulary.parts_of_body().items()]
    return lexicon(rows)
