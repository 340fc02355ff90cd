"""index/first_words.toml: what people type before they have read anything, as tables of names in their normal form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from imr_search import assets, vocabulary
from imr_search.query.dates import month_called

FILE = "index/first_words.toml"
CASE = re.compile(r"((?:CM|IMR)\d{2}-\d{5,9})(#\d{1,4})?", re.IGNORECASE)
"""A case's number, and perhaps an item's behind it."""


@cache
def table(name: str) -> Mapping[str, Any]:
    """A top-level table of the file."""
    found: Mapping[str, Any] = assets.table(FILE, name)
    return found


@cache
def names(name: str, row: str = "") -> Mapping[str, str]:
    """Every name of a table (or of one row that is a table itself), in its normal form, with the key that it stands for."""
    rows: Mapping[str, str] = table(name)[row] if row else table(name)
    found: dict[str, str] = {}
    for key, listed in rows.items():
        for one in vocabulary.split(listed):
            found.setdefault(vocabulary.normal(one), key)
    return found


@cache
def listed(name: str, row: str) -> frozenset[str]:
    """The names of one row, in their normal form."""
    return frozenset(vocabulary.normal(one) for one in vocabulary.split(table(name)[row]))


def decision(word: str) -> str | None:
    """The outcome that a bare word is read as, or None."""
    return names("decisions", "read").get(word.lower())


def maybe_decision(word: str) -> str | None:
    """The outcome that an ordinary word of a letter may have been meant for, or None."""
    return names("decisions", "words").get(word.lower()) or decision(word)


def field_meant(name: str) -> str | None:
    """The field (perhaps with a sign: "decided:>") that a word before a colon means, or None."""
    found: str | None = table("fields")["meant"].get(name.lower())
    return found


def specialty(text: str) -> str | None:
    """The specialty, as letters name it, of the people that a word names ("psychiatrist"), or None."""
    return names("specialties").get(vocabulary.normal(text))


def state(text: str) -> str | None:
    """The state of that name or abbreviation, or None."""
    normal = vocabulary.normal(text)
    return names("states").get(normal) or next(
        (state for state in table("states") if vocabulary.normal(state) == normal), None
    )


@cache
def spanish() -> Mapping[str, str]:
    """Spanish words of the claim without their accents, with the English ones that are read for them."""
    return names("spanish", "words")


def known(word: str) -> bool:
    """Does a table hold the word, alone or in a name, so that it is spelt as it should be?"""
    return word.lower() in _words() or month_called(word) is not None


@cache
def _words() -> frozenset[str]:
    held: set[str] = set()
    for name in ("decisions", "specialties", "states", "sources", "people", "words", "dates", "reports", "reasons"):
        for key, row in table(name).items():
            for text in (
                key,
                *(row if isinstance(row, dict) else ()),
                *(row.values() if isinstance(row, dict) else (row,)),
            ):
                held.update(vocabulary.words(str(text)))
    return frozenset(held)


def is_case(text: str) -> bool:
    """Is this a case's number, perhaps with an item's?"""
    return CASE.fullmatch(text) is not None


def spellings(text: str) -> tuple[str, ...]:
    """A name as written, then in the other number: singular and plural are one name."""
    return (text, *vocabulary.numbers(text)[1:])


def other_names(text: str) -> tuple[str, ...]:
    """The listed names of what `text` names, without `text` itself in either number; none for a word of two meanings."""
    if vocabulary.ambiguous(text):
        return ()
    own = {vocabulary.normal(one) for one in spellings(text)}
    listed = next(filter(None, map(vocabulary.synonyms, spellings(text))), ())
    return tuple(name for name in listed if vocabulary.normal(name) not in own)


def absent(name: str, field: bool = True) -> str:
    """What is said of a field (or of a word) that no letter could fill: what the letters do not say, and what there is; "" for any other name."""
    asked = vocabulary.normal(name)
    for what, row in table("absent").items():
        if asked in {vocabulary.normal(one) for one in vocabulary.split(row["names"])}:
            so = f", so no field is called {name}" if field else ""
            return f"the letters do not say {what}{so}; there is {row['there']}"
    return ""


def unsaid(text: str) -> str:
    """The same of bare words, which letters may hold though they do not say what the words ask for."""
    return _unsaid().get(vocabulary.normal(text), "")


@cache
def _unsaid() -> Mapping[str, str]:
    return {
        vocabulary.normal(one): f"the letters do not say {what}; there is {row['there']}"
        for what, row in table("absent").items()
        for one in vocabulary.split(row.get("bare", ""))
    }


def stages_meant(word: str) -> tuple[str, ...]:
    """The reports that a word of another system means behind a bar."""
    return vocabulary.split(table("stages")["meant"].get(word.lower(), ""))
