"""Other names of a treatment or drug, as the vocabulary lists them; a word of two meanings is nobody's other name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from imr_search import vocabulary


@dataclass(frozen=True, slots=True)
class Family:
    """`names` mean the thing, the first of them its proper name; `kinds` are kinds of it. `drug` says that it is a substance."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    drug: bool = False


def squash(text: str) -> str:
    """Letters and digits only: "H wave" is "H-wave"."""
    return "".join(char for char in text.casefold() if char.isalnum())


@cache
def _families() -> tuple[Family, ...]:
    return tuple(_read())


def _read() -> Iterator[Family]:
    for table_name, drug in (("family", False), ("drug", True)):
        for group in vocabulary.table(table_name).values():
            if not isinstance(group, dict):
                continue
            for proper, listed in group.items():
                others = vocabulary.split(listed)
                names = tuple(other for other in others if not other.startswith("<"))
                kinds = tuple(other.lstrip("< ") for other in others if other.startswith("<"))
                yield Family((proper, *names), kinds, drug)


@cache
def _guarded() -> dict[str, str]:
    return {squash(guard.word): guard.means for guard in vocabulary.guards().values()}


def meanings(text: str) -> str:
    """What a word of two meanings means, or ""."""
    return _guarded().get(squash(text), "")


def others(text: str) -> tuple[str, ...]:
    """The listed other names and kinds of what `text` names, without `text`; () if nothing is listed or the word has two meanings."""
    typed = squash(text)
    if meanings(text):
        return ()
    found: dict[str, str] = {}
    for family in _families():
        if typed in map(squash, family.names):
            for name in (*family.names, *family.kinds):
                if squash(name) != typed and squash(name) not in _guarded():
                    found.setdefault(" ".join(name.casefold().replace("-", " ").split()), name)
    return tuple(found.values())


@cache
def _forms() -> frozenset[str]:
    return frozenset(word.casefold() for word in vocabulary.split(vocabulary.table("drug")["forms"]))


def substances(text: str) -> tuple[str, ...]:
    """The substances that a drug's name stands for, without their form, as the index holds them; () for a name that is not listed."""
    typed = squash(text)
    found = []
    for family in _families():
        if family.drug and typed in map(squash, family.names):
            words = family.names[0].split()
            while len(words) > 1 and words[-1].casefold() in _forms():
                words.pop()
            found.append(" ".join(words))
    return tuple(dict.fromkeys(found))
