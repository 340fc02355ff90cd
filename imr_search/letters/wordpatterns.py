"""Patterns of words, as index/reasons.toml writes them: many at once over one sentence.

A pattern is words in a row; "a|b" is either, "improv*" begins so, "#" is a number in digits or a word, ".." up to eight words between. Each is kept
under the rarest of its words, so that most are never looked at; of the others the words are looked up in the sentence's set of words first. Only then
is their order asked for, by an expression that passes over eight words at the most: a sentence costs its length times a constant, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

_GAP: Final = r"(?:\w+ ){0,8}?"
_KEPT: Final = 20_000  # words whose patterns are remembered
_LINES: Final = 8_192  # sentences whose bits are: letters quote the same guidelines and end in the same words
_NUMBER: Final = tuple(
    "0* two three four five six seven eight nine ten eleven twelve fifteen eighteen twenty thirty sixty ninety".split()
)
# Marks become spaces and every digit a 0, so that "10/325" and "5/500" are the same two words.
_PLAIN: Final = (
    bytes(ord("0") if chr(code).isdigit() else code if chr(code).isalpha() else 32 for code in range(128))
    + bytes([32]) * 128
)


def plain(text: str) -> str:
    """`text`, character for character, in small letters, with marks (and letters that are not English) as spaces and digits as 0."""
    return text.encode("ascii", "replace").lower().translate(_PLAIN).decode("ascii")


class Said:
    """A sentence as patterns see it; it is made of `plain` text."""

    __slots__ = ("line", "words")

    def __init__(self, text: str) -> None:
        row = text.split()
        self.words = frozenset(row)
        self.line = f" {' '.join(row)} "


class _Place:
    """What one place of a pattern takes."""

    __slots__ = ("beginnings", "exact")

    def __init__(self, text: str) -> None:
        forms = [form for part in text.split("|") for form in (_NUMBER if part == "#" else (part,))]
        self.exact = frozenset(form for form in forms if not form.endswith("*"))
        self.beginnings = tuple(form[:-1] for form in forms if form.endswith("*"))

    def source(self) -> str:
        forms = [*map(re.escape, sorted(self.exact)), *(rf"{re.escape(form)}\w*" for form in sorted(self.beginnings))]
        return f"(?:{'|'.join(forms)}) "

    def weight(self, common: frozenset[str]) -> int:
        """How often it is met: few words that are not common are met least."""
        usual = len(self.exact & common)
        return len(self.exact) + 5 * len(self.beginnings) + 1_000 * (usual or "0" in self.beginnings)


class Pattern:
    """One pattern: it is looked at where `key` takes a word, and holds when each of `needed` has one and `order` finds them. `label`: its bit."""

    __slots__ = ("_order", "_source", "alone", "key", "label", "needed")

    def __init__(self, text: str, label: int, groups: Mapping[str, str], common: frozenset[str]) -> None:
        self.label = label
        places: list[_Place] = []
        source = " "
        for part in text.split():
            if part == "..":
                source += _GAP
            else:
                places.append(_Place(part.format_map(groups)))
                source += places[-1].source()
        self.key = min(places, key=lambda place: place.weight(common))
        self.needed = tuple(place.exact for place in places if place is not self.key and not place.beginnings)
        self._source = source
        self._order: re.Pattern[str] | None = None
        self.alone = len(places) == 1  # one word: where it stands, the pattern holds

    @property
    def order(self) -> re.Pattern[str]:
        """Compiled when it is first asked for: a few items need few of some five hundred."""
        if self._order is None:
            self._order = re.compile(self._source)
        return self._order

    def place(self, said: Said) -> int:
        """Where in the sentence it begins; -1 when it is not there."""
        found = self.order.search(said.line)
        return -1 if found is None else found.start()


class PatternSet:
    """Patterns, each with the bit that it sets."""

    def __init__(self, patterns: Iterable[tuple[str, int]], groups: Mapping[str, str], common: Iterable[str]) -> None:
        usual = frozenset(common)
        self._patterns = [Pattern(text, label, groups, usual) for text, label in patterns]
        self._exact: dict[str, list[Pattern]] = {}  # the patterns by the words that their keys take,
        self._beginning: dict[str, list[Pattern]] = {}  # and by what those begin with
        for pattern in self._patterns:
            for form in pattern.key.exact:
                self._exact.setdefault(form, []).append(pattern)
            for form in pattern.key.beginnings:
                self._beginning.setdefault(form, []).append(pattern)
        self._longest = max(map(len, self._beginning), default=0)
        self._met: set[str] = set()  # words whose patterns are known
        self._under: dict[str, tuple[int, tuple[Pattern, ...]]] = {}  # of these, those that have any
        self._found: dict[str, int] = {}  # the bits of the last sentences

    def _meet(self, words: frozenset[str]) -> None:
        """Know the patterns of all these words."""
        if words <= self._met:
            return
        if len(self._met) > _KEPT:
            self._met.clear()
            self._under.clear()
        for word in words - self._met:
            self._met.add(word)
            heads = (word[:length] for length in range(min(len(word), self._longest) + 1))
            beginning = (pattern for head in heads for pattern in self._beginning.get(head, ()))
            under = tuple(dict.fromkeys((*self._exact.get(word, ()), *beginning)))
            if under:
                alone = 0
                for pattern in under:
                    alone |= pattern.label if pattern.alone else 0
                self._under[word] = alone, tuple(pattern for pattern in under if not pattern.label & alone)

    def find(self, said: Said) -> int:
        """The bits of the patterns that the sentence has."""
        known = self._found.get(said.line)
        if known is None:
            if len(self._found) >= _LINES:
                self._found.clear()
            known = self._found[said.line] = self._search(said)
        return known

    def _search(self, said: Said) -> int:
        words = said.words
        self._meet(words)
        found = 0
        under = self._under
        for word in words & under.keys():
            alone, patterns = under[word]
            found |= alone
            for pattern in patterns:
                if found & pattern.label:
                    continue
                for needed in pattern.needed:
                    if words.isdisjoint(needed):
                        break
                else:
                    if pattern.order.search(said.line) is not None:
                        found |= pattern.label
        return found

    def place(self, said: Said, labels: int) -> int:
        """Where the first pattern with one of these bits begins in the sentence; its length when none is there."""
        places: list[int] = []
        self._meet(said.words)
        for word in said.words & self._under.keys():
            places += [pattern.place(said) for pattern in self._under[word][1] if pattern.label & labels]
            if self._under[word][0] & labels:
                places.append(said.line.index(f" {word} "))
        return min((place for place in places if place >= 0), default=len(said.line))
