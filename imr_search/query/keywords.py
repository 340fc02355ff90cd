"""Values of keyword fields: which of those in the index a typed value stands for, by the field's way of matching."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from imr_search.fields import Field
from imr_search.plan import Keyword, KeywordPrefix, Node, Nothing, Or
from imr_search.query import terms
from imr_search.query.terms import LIMIT, Lexicon, TooMany
from imr_search.query.tokens import ANY_ONE, ANY_RUN

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
                run = terms.slots(typed)
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
        from imr_search.query.faults import nearest

        if row.key in _UNIQUE:
            return ""
        names = {part.casefold(): value for value in self.all(row) for part in (value, *value.split("/"))}
        near = nearest(typed.casefold(), names, 1)
        return near[0] if near else ""

    def _words(self, row: Field) -> list[tuple[str, list[str]]]:
        if row.key not in self._rows:
            self._rows[row.key] = [(value, terms.slots(value)) for value in self.all(row)]
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
        matches = terms.regex(pattern.casefold().replace("*", ANY_RUN).replace("?", ANY_ONE)).fullmatch
        return self._picked(row, self._units(row, lambda unit: matches(unit) is not None))

    def _near(self, row: Field, typed: str, most: int) -> list[str]:
        wanted = typed.casefold()
        return self._units(row, lambda unit: unit[:1] == wanted[:1] and terms.edits(wanted, unit, most) <= most)

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


def _cases(text: str) -> list[str]:
    return list(dict.fromkeys((text, text.upper(), text.lower())))


def _in_a_row(run: list[str], held: list[str]) -> bool:
    return any(held[k : k + len(run)] == run for k in range(len(held) - len(run) + 1))
