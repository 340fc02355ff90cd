"""Patterns of words, as index/reasons.toml writes them: many at once over one sentence.

A pattern is words in a row; "a|b" is either, "improv*" begins so, "#" is a number in digits or a word, ".." up to eight words between; "^" before
it holds it to the beginning of the sentence, where it is exact words.

Whether a sentence has a word for each place of a pattern is asked of all patterns at once, in one number: each pattern has a bit for every place and
one above them, its guard. A word sets the bits of the places that take it; what a sentence's words set, with one added to each pattern's lowest
bit, carries into the guards of the patterns that are complete. Only of these is the order of the words asked, by an expression that passes over
eight words at the most: a sentence costs its length times a constant, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Final

import msgspec

_GAP: Final = r"(?:\w+ ){0,8}?"
_KEPT: Final = 20_000  # words whose bits are remembered
_LINES: Final = 8_192  # sentences that are: letters quote the same guidelines and end in the same words
_NUMBER: Final = tuple(
    "0* two three four five six seven eight nine ten eleven twelve fifteen eighteen twenty thirty sixty ninety".split()
)
# Marks become spaces and every digit a 0, so that "10/325" and "5/500" are the same two words.
_PLAIN: Final = (
    "".join("0" if letter.isdigit() else letter.lower() if letter.isalpha() else " " for letter in map(chr, range(128)))
    .encode()
    .ljust(256)
)


def plain(text: str) -> str:
    """`text`, character for character, in small letters, with marks (and letters that are not English) as spaces and digits as 0."""
    return text.encode("ascii", "replace").translate(_PLAIN).decode("ascii")


class Said(msgspec.Struct, gc=False):
    """A sentence as patterns see it: made by `PatternSet.said`."""

    line: str  # its words, with one space between, before and behind
    found: int  # the labels of patterns that it has, as far as they were looked for
    left: int  # the guards of patterns whose words it has, whose order was not looked at


def _forms(text: str) -> list[str]:
    """What one place of a pattern takes: words, and with "*" what they begin with."""
    return [form for part in text.split("|") for form in (_NUMBER if part == "#" else (part,))]


class Pattern:
    """One pattern. `label`: its bit; `places`: what each takes; `guard`: its bit in a `PatternSet` (0: one word, which needs none)."""

    __slots__ = ("_order", "_source", "guard", "label", "places")

    def __init__(self, text: str, label: int, groups: Mapping[str, str]) -> None:
        self.label = label
        self.guard = 0
        self.places: list[list[str]] = []
        self._source = " "
        for part in text.split():
            if part == "..":
                self._source += _GAP
            else:
                forms = _forms(part.format_map(groups))
                exact = sorted(re.escape(form) for form in forms if not form.endswith("*"))
                beginnings = sorted(rf"{re.escape(form[:-1])}\w*" for form in forms if form.endswith("*"))
                self._source += f"(?:{'|'.join(exact + beginnings)}) "
                self.places.append(forms)
        self._order: re.Pattern[str] | None = None

    @property
    def order(self) -> re.Pattern[str]:
        """Compiled when it is first asked for: a few items need few of some eight hundred."""
        if self._order is None:
            self._order = re.compile(self._source)
        return self._order

    def place(self, line: str) -> int:
        """Where in a sentence's line it begins; -1 when it is not there."""
        found = self.order.search(line)
        return -1 if found is None else found.start()


class _Words(dict[str, int]):
    """The bits of each word that was met: the labels of patterns that are this word, and above them the places that take it."""

    def __init__(self) -> None:
        self.exact: dict[str, int] = {}
        self.beginning: dict[str, int] = {}
        self._longest = 0  # characters of a beginning

    def takes(self, form: str, bit: int) -> None:
        """`form` is a word, or with "*" a beginning."""
        if form.endswith("*"):
            self.beginning[form[:-1]] = self.beginning.get(form[:-1], 0) | bit
            self._longest = max(self._longest, len(form) - 1)
        else:
            self.exact[form] = self.exact.get(form, 0) | bit

    def __missing__(self, word: str) -> int:
        bits = self.exact.get(word, 0)
        for length in range(min(len(word), self._longest) + 1):
            bits |= self.beginning.get(word[:length], 0)
        if len(self) >= _KEPT:
            self.clear()
        self[word] = bits
        return bits


class PatternSet:
    """Patterns, each with the bit that it sets, its label."""

    def __init__(self, patterns: Iterable[tuple[str, int]], groups: Mapping[str, str]) -> None:
        rows = list(patterns)
        self._labels = 0
        for _, label in rows:
            self._labels |= label
        self._words = _Words()
        self._openings: dict[str, list[tuple[str, int]]] = {}  # by their first word
        self._guarded: dict[int, Pattern] = {}  # by the length of the guard
        self._lowest = 0  # the lowest bits of all patterns
        at = self._labels.bit_length()
        # The first that is declared has the highest bits, and is tried first.
        for text, label in reversed(rows):
            if text.startswith("^"):
                line = f" {text[1:]} "
                self._openings.setdefault(line.split()[0], []).append((line, label))
                continue
            pattern = Pattern(text, label, groups)
            if len(pattern.places) == 1:
                bits = [label]
            else:
                bits = [1 << at + place for place in range(len(pattern.places))]
                at += len(bits)
                pattern.guard = 1 << at
                self._lowest |= bits[0]
                at += 1
                self._guarded[at] = pattern
            for bit, forms in zip(bits, pattern.places, strict=True):
                for form in forms:
                    self._words.takes(form, bit)
        self._guards = self._guards_of(self._labels)
        self._said: dict[str, Said] = {}  # the last sentences

    def said(self, text: str) -> Said:
        """The sentence that is this `plain` text."""
        known = self._said.get(text)
        if known is None:
            words = text.split()
            line = f" {' '.join(words)} "
            bits = self._bits(words)
            found = bits & self._labels
            for opening, label in self._openings.get(words[0], ()) if words else ():
                if line.startswith(opening):
                    found |= label
            if len(self._said) >= _LINES:
                self._said.clear()
            known = self._said[text] = Said(line, found, bits + self._lowest & self._guards)
        return known

    def _bits(self, words: list[str]) -> int:
        return reduce(or_, map(self._words.__getitem__, words), 0)

    def finder(self, labels: int) -> Callable[[Said], int]:
        """A function that looks for the patterns with one of `labels`, and gives all that are known to be in the sentence."""
        guards, guarded = self._guards_of(labels), self._guarded

        def find(said: Said) -> int:
            left = said.left & guards
            if left:
                said.left ^= left
                while left:
                    pattern = guarded[left.bit_length()]
                    left ^= pattern.guard
                    if pattern.label & ~said.found and pattern.order.search(said.line) is not None:
                        said.found |= pattern.label
            return said.found

        return find

    def _guards_of(self, labels: int) -> int:
        """The guards of the patterns with one of `labels`."""
        return sum(pattern.guard for pattern in self._guarded.values() if pattern.label & labels)

    def places(self, said: Said, *labels: int) -> list[int]:
        """For each of `labels` where the first pattern with one of its bits begins in the sentence; the line's length when none is there."""
        line, wanted = said.line, reduce(or_, labels)
        words = line.split()
        begin = [(bits, line.index(f" {word} ")) for word in set(words) if (bits := self._words[word] & wanted)]
        left = self._bits(words) + self._lowest & self._guards
        while left:
            pattern = self._guarded[left.bit_length()]
            left ^= pattern.guard
            if pattern.label & wanted and (at := pattern.place(line)) >= 0:
                begin.append((pattern.label, at))
        return [min((at for bits, at in begin if bits & label), default=len(line)) for label in labels]
