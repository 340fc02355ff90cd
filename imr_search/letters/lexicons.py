"""Listed names found in a text's words: drugs, kinds of treatment, parts of the body with their sides.

The longest name at each place, in one pass, whatever the number of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain, pairwise
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


class Part(msgspec.Struct, frozen=True):
    """A part of the body; `sides`: those in its name, as in "right upper extremity"; `has_sides`: a side may stand beside its name."""

    name: str
    sides: tuple[str, ...] = ()
    has_sides: bool = False

    def with_sides(self, sides: tuple[str, ...]) -> tuple[str, ...]:
        return (self.name, *(f"{side} {self.name}" for side in sides)) if sides else (self.name,)


@cache
def parts() -> Lexicon[Part | None]:
    """Parts of the body by their names; None for a name that only looks like one."""
    body = vocabulary.table("body")
    have_sides = vocabulary.split(body["sides"])
    rows: list[tuple[Sequence[str], Part | None]] = [
        (vocabulary.words(name), None) for name in vocabulary.split(body["none"])
    ]
    named = [([word.casefold()], part) for word, part in body["sided"].items()]
    named += [(name.split(), part) for name, part in vocabulary.parts_of_body().items()]
    for name, part in named:
        side, _, rest = part.partition(" ")
        sides = vocabulary.SIDES.get(side, ()) if rest else ()
        rows.append((name, Part(rest, sides) if sides else Part(part, (), part in have_sides)))
    return lexicon(rows)


_LEVEL = re.compile(r"([ctls])(\d(?<![\w/.-][ctls]\d)\d?)(?:\s?[-/]\s?([ctls])?(\d{1,2}))*(?![\w])")
_LEVEL_PART = re.compile(r"([ctls])(\d{1,2})")
_STOP = re.compile(r"[,;:.()]")
_LOOK_BACK = 2


def may_name_parts(text: str) -> bool:
    """False where no part of `text` names a part of the body, as `body_parts` finds them."""
    found = Tokens(text)
    return _DIGIT.search(found.text) is not None or not parts().names.keys().isdisjoint(found.words)


def body_parts(found: Tokens) -> tuple[str, ...]:
    """The parts in the order of the text, each followed by itself with its side: ("knee", "left knee")."""
    placed: list[tuple[int, Part, tuple[str, ...]]] = []
    before: Match[Part | None] | None = None
    sides: tuple[str, ...] = ()
    matches = parts().find(found.words)
    for match in matches:
        if match.value is None:
            before = None
            continue
        sides = match.value.sides or (_side(match, before, sides, found, matches) if match.value.has_sides else ())
        placed.append((match.start, match.value, sides))
        before = match
    if len(placed) == 1 and not sides and placed[0][1].has_sides:
        placed = [(*placed[0][:2], _lone_side(found.words))]
    names = [(at, part.with_sides(sides)) for at, part, sides in placed]
    if _DIGIT.search(found.text) and (levels := _levels(found.text)):
        names = sorted([*((found.spans[at][0], named) for at, named in names), *levels], key=itemgetter(0))
    return tuple(dict.fromkeys(chain.from_iterable(named for _, named in names)))


def _levels(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """Levels of the spine at their offsets, as its regions: "L4-5"."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for level in _LEVEL.finditer(text):
        for letter, number in _LEVEL_PART.findall(level.group()):
            region, highest = vocabulary.SPINE[letter]
            if 1 <= int(number) <= highest:
                found.append((level.start(), (region,)))
    return found


def _lone_side(words: tuple[str, ...]) -> tuple[str, ...]:
    """One part and one side, however far apart, belong together: "knee brace, right"."""
    said = {word for word in words if len(word) > 1 and word in vocabulary.SIDES}
    return vocabulary.SIDES[said.pop()] if len(said) == 1 else ()


def _are_parted(found: Tokens, first: int, last: int) -> bool:
    """Whether a mark stands between two of these words."""
    gaps = pairwise(found.spans[first : last + 1])
    return any(_STOP.search(found.text, end, start) for (_, end), (start, _) in gaps)


def _side(
    match: Match[Part | None],
    before: Match[Part | None] | None,
    sides_before: tuple[str, ...],
    found: Tokens,
    matches: list[Match[Part | None]],
) -> tuple[str, ...]:
    """The side before a part ("left medial knee"), behind it ("knee, left"), or that of a part joined by "and" or "/"."""
    words, text = found.words, found.text
    floor = before.end if before is not None else 0
    for at in range(match.start - 1, max(floor, match.start - 2 - _LOOK_BACK) - 1, -1):
        sides = vocabulary.SIDES.get(words[at], ())
        if sides and (len(words[at]) > 1 or at == match.start - 1):
            if _STOP.search(text) and _are_parted(found, at, match.start):
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
