"""Listed names found in a text's words: drugs, kinds of treatment, parts of the body with their sides.

The longest name at each place, in one pass, whatever the number of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from itertools import pairwise
from operator import itemgetter
from typing import Generic, TypeVar

import msgspec

from imr_search import vocabulary

T = TypeVar("T")
_TOKEN = re.compile(r"[a-z][a-z0-9]*|\d+(?:\.\d+)?[a-z]*|#\d+(?:\.\d+)?[a-z]*")
_DIGIT = re.compile(r"\d")


class Tokens:
    """A text's words in small letters; `text` is in small letters too."""

    def __init__(self, text: str) -> None:
        self.text = text.casefold()
        self.words: tuple[str, ...] = tuple(_TOKEN.findall(self.text))

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """The words' offsets."""
        return [found.span() for found in _TOKEN.finditer(self.text)]


class Match(msgspec.Struct, Generic[T], frozen=True):
    """A name at words [start, end)."""

    start: int
    end: int
    value: T


class Lexicon(msgspec.Struct, Generic[T], frozen=True):
    """Names by their first word, the longest first."""

    names: Mapping[str, tuple[tuple[tuple[str, ...], T], ...]]

    def find(self, words: tuple[str, ...]) -> list[Match[T]]:
        """Every longest match, left to right, none overlapping another."""
        found: list[Match[T]] = []
        if self.names.keys().isdisjoint(words):
            return found
        free = 0
        for at, rows in enumerate(map(self.names.get, words)):
            if rows is None or at < free:
                continue
            for name, value in rows:
                end = at + len(name)
                if words[at:end] == name:
                    found.append(Match(at, end, value))
                    free = end
                    break
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


_LEVEL = re.compile(r"(?<![\w/.-])([ctls])(\d{1,2})(?:\s?[-/]\s?([ctls])?(\d{1,2}))*(?![\w])")
_LEVEL_PART = re.compile(r"([ctls])(\d{1,2})")
_STOP = re.compile(r"[,;:.()]")
_LOOK_BACK = 2


@cache
def _sided() -> frozenset[str]:
    return frozenset(vocabulary.split(vocabulary.table("body")["sides"]))


def may_name_parts(text: str) -> bool:
    """False where no part of `text` names a part of the body, as `body_parts` finds them."""
    found = Tokens(text)
    return _DIGIT.search(found.text) is not None or not parts().names.keys().isdisjoint(found.words)


def body_parts(found: Tokens) -> tuple[str, ...]:
    """The parts in the order of the text, each followed by itself with its side: ("knee", "left knee")."""
    matches = parts().find(found.words)
    placed: list[tuple[int, tuple[str, ...]]] = []
    before: Match[str] | None = None
    sides_before: tuple[str, ...] = ()
    for match in matches:
        if not match.value:
            before = None
            continue
        side, _, part = match.value.partition(" ")
        sides: tuple[str, ...]
        if side in vocabulary.SIDES and part:
            sides = vocabulary.SIDES[side]
        else:
            part = match.value
            sides = _side(match, before, sides_before, found, matches) if part in _sided() else ()
        placed.append((match.start, (part, *(f"{one} {part}" for one in sides))))
        before, sides_before = match, sides
    if len(placed) == 1 and len(placed[0][1]) == 1 and placed[0][1][0] in _sided():
        placed = [_with_lone_side(placed[0], found.words)]
    if _DIGIT.search(found.text) and (levels := _levels(found.text)):
        placed = sorted([*((found.spans[at][0], names) for at, names in placed), *levels], key=itemgetter(0))
    return tuple(dict.fromkeys(name for _, names in placed for name in names))


def _levels(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """Levels of the spine at their offsets, as its regions: "L4-5"."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for level in _LEVEL.finditer(text):
        for letter, number in _LEVEL_PART.findall(level.group()):
            region, highest = vocabulary.SPINE[letter]
            if 1 <= int(number) <= highest:
                found.append((level.start(), (region,)))
    return found


def _with_lone_side(placed: tuple[int, tuple[str, ...]], words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """One part and one side, however far apart, belong together: "knee brace, right"."""
    at, (part, *_) = placed
    said = {word for word in words if len(word) > 1 and word in vocabulary.SIDES}
    sides = vocabulary.SIDES[said.pop()] if len(said) == 1 else ()
    return at, (part, *(f"{side} {part}" for side in sides))


def _side(
    match: Match[str], before: Match[str] | None, sides_before: tuple[str, ...], found: Tokens, matches: list[Match[str]]
) -> tuple[str, ...]:
    """The side before a part ("left medial knee"), behind it ("knee, left"), or that of a part joined by "and" or "/"."""
    words, text = found.words, found.text
    floor = before.end if before is not None else 0
    for at in range(match.start - 1, max(floor, match.start - 2 - _LOOK_BACK) - 1, -1):
        sides = vocabulary.SIDES.get(words[at], ())
        if sides and (len(words[at]) > 1 or at == match.start - 1):
            gaps = pairwise(found.spans[at : match.start + 1])
            if any(_STOP.search(text, end, start) for (_, end), (start, _) in gaps):
                break
            return sides
    after = match.end
    if (
        after < len(words)
        and len(words[after]) > 1
        and words[after] in vocabulary.SIDES
        and all(other.start != after + 1 for other in matches)
    ):
        return vocabulary.SIDES[words[after]]
    if before is not None and sides_before:
        between = text[found.spans[before.end - 1][1] : found.spans[match.start][0]].strip()
        if between in ("and", "/", "&", "-"):
            return sides_before
    return ()
