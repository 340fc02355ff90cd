"""What a word of a query stands for in an index: the words of its lexicon (inflections, wildcards, edits) and the values of keyword fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Protocol

import msgspec

from imr_search import analysis
from imr_search.fields import Field
from imr_search.model import Item
from imr_search.plan import Keyword, KeywordPrefix, Node, Nothing, Or
from imr_search.query import first_words, known_names
from imr_search.query.edit_distance import edits
from imr_search.query.syntax_errors import nearest
from imr_search.query.tokens import ANY_ONE, ANY_RUN

LIMIT = 5_000


class Lexicon(Protocol):
    """What planning asks of an index; every Searcher is one. The contracts are those of engines.Searcher."""

    def count(self, node: Node) -> int: ...
    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]: ...
    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]: ...
    def items(self, ids: Iterable[str]) -> list[Item]: ...


class TooMany(Exception):
    """A wildcard stands for `count` words or values, more than LIMIT."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


def slots(text: str) -> list[str]:
    """The words of a query's text in a row. Of the words that share a position the last is meant: who types #240 means #240."""
    return [words[-1] for words in analysis.slots(unicodedata.normalize("NFKC", text))]


def wild_slots(text: str) -> list[str]:
    """The same for a bare word: wildcards stand in it as ANY_RUN and ANY_ONE, a final ! as ANY_RUN."""
    text = unicodedata.normalize("NFKC", text)
    if text.endswith("!"):
        text = text.rstrip("!") + ANY_RUN
    return slots(text.replace("*", ANY_RUN).replace("?", ANY_ONE))


def is_wild(word: str) -> bool:
    return ANY_RUN in word or ANY_ONE in word


def regex(pattern: str) -> re.Pattern[str]:
    """A word with ANY_RUN and ANY_ONE as a regular expression for whole words (runs of wildcards are one, so that it cannot blow up)."""
    parts = []
    for piece in re.split(f"([{ANY_RUN}{ANY_ONE}]+)", pattern):
        if piece and piece[0] in (ANY_RUN, ANY_ONE):
            least = piece.count(ANY_ONE)
            parts.append(f".{{{least},}}" if ANY_RUN in piece else f".{{{least}}}")
        else:
            parts.append(re.escape(piece))
    return re.compile("".join(parts), re.DOTALL)


def fixed_prefix(pattern: str) -> str:
    return "".join(takewhile(lambda char: char not in (ANY_RUN, ANY_ONE), pattern))


# Words of one stem share the stem's letters but its last (y and i, a dropped e); of the stems below, fewer.
_SHORT = {"die": "d", "lie": "l", "tie": "t", "vie": "v", "hie": "h", "sky": "sk", "ski": "sk"}


def shared_prefix(stem: str) -> str:
    """What every word of this stem begins with."""
    return _SHORT.get(stem, stem[:-1] if len(stem) > 3 else stem[: max(1, len(stem) - 2)])


class Expander(msgspec.Struct):
    """Looks words up in one index; remembers what it found while one query is planned."""

    index: Lexicon
    _held: dict[tuple[str, str, str], tuple[str, ...]] = msgspec.field(default_factory=dict)
    _edits: dict[tuple[str, str, int], int] = msgspec.field(default_factory=dict)  # fields share most of their words

    def inflections(self, field_key: str, word: str) -> tuple[str, ...]:
        """All words of the field with the stem of `word`, and the word itself."""
        key = ("stem", field_key, word)
        if key not in self._held:
            found = {word}
            if word.isalpha() and len(word) > 1:
                stem = analysis.stem(word)
                prefix = shared_prefix(stem)
                if not word.startswith(prefix):
                    prefix = word[:1]
                found |= {
                    held
                    for held, _ in self.index.words(field_key, prefix)
                    if held.isalpha() and analysis.stem(held) == stem
                }
            self._held[key] = tuple(sorted(found))
        return self._held[key]

    def matching(self, field_key: str, pattern: str) -> tuple[str, ...]:
        """All words of the field that a wildcard stands for. Raises TooMany."""
        key = ("wild", field_key, pattern)
        if key not in self._held:
            matches = regex(pattern).fullmatch
            found = [word for word, _ in self.index.words(field_key, fixed_prefix(pattern)) if matches(word)]
            if len(found) > LIMIT:
                raise TooMany(len(found))
            self._held[key] = tuple(sorted(set(found)))
        return self._held[key]

    def near(self, field_key: str, word: str, most: int) -> tuple[str, ...]:
        """All words of the field within `most` edits, their first letter the same. Raises TooMany."""
        key = (f"edits {most}", field_key, word)
        if key not in self._held:
            found = {held for held, _ in self.index.words(field_key, word[:1]) if self._far(word, held, most) <= most}
            if len(found) > LIMIT:
                raise TooMany(len(found))
            self._held[key] = tuple(sorted(found))
        return self._held[key]

    def _far(self, word: str, held: str, most: int) -> int:
        key = (word, held, most)
        if key not in self._edits:
            self._edits[key] = edits(word, held, most)
        return self._edits[key]

    def items_with(self, field_key: str, word: str) -> int:
        """How many items hold the word itself."""
        first = next(iter(self.index.words(field_key, word)), None)
        return first[1] if first is not None and first[0] == word else 0

    def nearest(self, field_keys: Iterable[str], word: str) -> str:
        """The word of these fields that `word` was most likely meant for: fewest edits, then most items; "" if there is none within two."""
        best = (3, 0, "")
        if not word.isalpha() or first_words.known(word) or known_names.named(word) is not None:
            return ""  # it is spelt as it should be: another word would ask for something else
        most = 1 if len(word) < 8 else 2
        for key in field_keys:
            for held, items in self.index.words(key, word[:1]):
                if held != word and abs(len(held) - len(word)) <= 2 and held.isalpha():
                    distance = self._far(word, held, 2)
                    if distance <= min(most, len(word) // 3) and not _otherwise_ended(word, held):
                        best = min(best, (distance, -items, held))
        return best[2]


_UNIQUE = ("case", "letter", "id", "file")  # about as many values as letters: looked up, never walked


class Values(msgspec.Struct):
    """Looks values up in one index; remembers what it found while one query is planned."""

    index: Lexicon
    _held: dict[str, list[str]] = msgspec.field(default_factory=dict)
    _rows: dict[str, list[tuple[str, list[str]]]] = msgspec.field(default_factory=dict)

    def all(self, row: Field) -> list[str]:
        if row.key not in self._held:
            self._held[row.key] = [value for value, _ in self.index.values(row.key)]
        return self._held[row.key]

    def node(self, row: Field, text: str, quoted: bool, fuzzy: int = 0) -> Node:
        """The items that bear a value that `text` stands for; Nothing if no value does. Raises TooMany."""
        typed = " ".join(text.split())
        if not quoted and fuzzy:
            return self._picked(row, self._near(row, typed, fuzzy))
        wild = not quoted and (typed.endswith("!") or any(mark in typed for mark in "*?"))
        if wild:
            return self._wild(row, typed)
        if row.key in _UNIQUE:
            return self._picked(row, [value for value in _cases(typed) if self._holds(row, value)])
        return self._picked(row, self.matching(row, typed))

    def matching(self, row: Field, typed: str) -> list[str]:
        """The values that a whole typed value stands for."""
        wanted = typed.casefold()
        everything = self.all(row)
        match row.match:
            case "words":
                run = _unjoined(slots(typed))
                return [value for value, held in self._words(row) if run and _in_a_row(run, held)]
            case "path":
                first = [
                    value
                    for value in everything
                    if value.casefold() == wanted or value.casefold().startswith(wanted + "/")
                ]
                return first or [value for value in everything if value.casefold().endswith("/" + wanted)]
            case "parts":
                return [
                    value for value in everything if wanted == value.casefold() or wanted in value.casefold().split("/")
                ]
            case _:
                return [value for value in everything if value.casefold() == wanted]

    def nearest(self, row: Field, typed: str) -> str:
        """A value close to a typed one that nothing bears; "" if there is none or the field has too many to compare."""
        if row.key in _UNIQUE:
            return ""
        names = {part.casefold(): value for value in self.all(row) for part in (value, *value.split("/"))}
        near = nearest(typed.casefold(), names, 1)
        return near[0] if near else ""

    def _words(self, row: Field) -> list[tuple[str, list[str]]]:
        if row.key not in self._rows:
            self._rows[row.key] = [(value, _unjoined(slots(value))) for value in self.all(row)]
        return self._rows[row.key]

    def _holds(self, row: Field, value: str) -> bool:
        first = next(iter(self.index.values(row.key, value)), None)
        return first is not None and first[0] == value

    def _wild(self, row: Field, typed: str) -> Node:
        """A prefix is a range and has no limit; any other wildcard is met by whole values, their words, or their parts."""
        pattern = (typed.rstrip("!") + "*") if typed.endswith("!") else typed
        fixed = pattern.rstrip("*")
        if row.match == "exact" and pattern.endswith("*") and "*" not in fixed and "?" not in fixed:
            held = [
                prefix for prefix in _cases(fixed) if next(iter(self.index.values(row.key, prefix)), None) is not None
            ]
            if not held:
                return Nothing()
            nodes = tuple(KeywordPrefix(row.key, prefix) for prefix in held)
            return nodes[0] if len(nodes) == 1 else Or(nodes)
        matches = regex(pattern.casefold().replace("*", ANY_RUN).replace("?", ANY_ONE)).fullmatch
        return self._picked(row, self._units(row, lambda unit: matches(unit) is not None))

    def _near(self, row: Field, typed: str, most: int) -> list[str]:
        wanted = typed.casefold()
        return self._units(row, lambda unit: unit[:1] == wanted[:1] and edits(wanted, unit, most) <= most)

    def _units(self, row: Field, meets: Callable[[str], bool]) -> list[str]:
        """The values that meet a test as a whole, in one of their words, or in one of their parts."""
        if row.match == "words":
            return [value for value, held in self._words(row) if meets(value.casefold()) or any(map(meets, held))]
        if row.match in ("path", "parts"):
            return [
                value for value in self.all(row) if any(map(meets, (value.casefold(), *value.casefold().split("/"))))
            ]
        return [value for value in self.all(row) if meets(value.casefold())]

    def _picked(self, row: Field, values: list[str]) -> Node:
        if len(values) > LIMIT:
            raise TooMany(len(values))
        return Keyword(row.key, tuple(sorted(set(values)))) if values else Nothing()


def _otherwise_ended(word: str, held: str) -> bool:
    """Do two words differ in their last letter alone? Then they are rather two words (police, policy) than one misspelt."""
    return len(word) == len(held) and word[:-1] == held[:-1]


def _unjoined(words: list[str]) -> list[str]:
    """ "Physical Medicine & Rehabilitation" and "Physical Medicine and Rehabilitation" have the same words."""
    return [word for word in words if word != "and"] or words


def _cases(text: str) -> list[str]:
    return list(dict.fromkeys((text, text.upper(), text.lower())))


def _in_a_row(run: list[str], held: list[str]) -> bool:
    return any(held[k : k + len(run)] == run for k in range(len(held) - len(run) + 1))
