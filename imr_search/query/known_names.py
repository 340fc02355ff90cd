"""Names that the vocabulary knows: of drugs, kinds of treatment, treatments and parts of the body, found in plain words by longest match."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec

from imr_search import vocabulary
from imr_search.query import first_words
from imr_search.query.dates import NUMBERS

LONGEST = 6
_OF_NOTHING = frozenset(("and", "or"))


class Name(msgspec.Struct, frozen=True):
    """A known name of `words` words: `field` and `value` say the same as a clause of the query (field "" where only the words do); `kind` is drug,
    category, treatment or body, or "weak" for a word like "therapy" or "unit", which says little by itself."""

    kind: str
    field: str
    value: str
    words: int = 1


def words_of(text: str) -> list[str]:
    """The pieces of a phrase between white space."""
    return text.split()


def longest(texts: Sequence[str]) -> tuple[Name | None, int]:
    """The longest name that `texts` begin with, and how many of them it takes; (None, 1) if the first word begins none."""
    most = min(LONGEST, len(texts)) if len(texts) > 1 and _may_go_on(texts[0], texts[1]) else 1
    for size in range(min(most, len(texts)), 0, -1):
        found = named(" ".join(texts[:size])) if texts[size - 1].lower() not in _OF_NOTHING else None
        if found is not None:
            return msgspec.structs.replace(found, words=size), size
    return None, 1


def _may_go_on(first: str, second: str) -> bool:
    """Does any name begin with these two words? Most words that stand side by side begin none, and need not be looked up in every length."""
    words = vocabulary.words(f"{first} {second}")
    if len(words) < 2 or words[0] in vocabulary.SIDES:
        return True
    return (
        (words[0], words[1]) in _beginnings() or words[1] in vocabulary.salts() or words[1] in vocabulary.drug_forms()
    )


@cache
def _beginnings() -> frozenset[tuple[str, str]]:
    """The first two words of every name, the second in both numbers where it is the last."""
    drugs = (" ".join(parts) for parts in vocabulary.drugs())
    families = (vocabulary.normal(name) for family in vocabulary.families() for name in family.all)
    found = set()
    for name in (
        *drugs,
        *families,
        *vocabulary.category_names(),
        *vocabulary.category_words(),
        *vocabulary.parts_of_body(),
    ):
        words = name.split(" ")
        if len(words) > 1:
            last = vocabulary.numbers(words[1]) if len(words) == 2 else words[1:2]
            found |= {(words[0], one) for one in last}
    return frozenset(found)


@cache
def named(text: str) -> Name | None:
    """The name that `text` is, in singular or plural; None if the vocabulary does not know it. A word that says little goes behind any other."""
    if not any(char.isalnum() for char in text) or any(mark in text for mark in "*?!"):
        return None
    normal = vocabulary.normal(text)
    if normal in vocabulary.SIDES or normal in _OF_NOTHING or normal in NUMBERS:  # ten are no TENS
        return None
    weak = None
    for spelled in first_words.spellings(text):
        found = _treatment(spelled)
        treats = found is not None and found.kind in ("category", "treatment")
        if treats and (" " in spelled or vocabulary.normal(spelled) not in _anatomy()):
            return found  # "back brace" is a brace, though it says where
        if (part := vocabulary.body(spelled)) is not None:
            return Name("body", "body", part)
        if found is not None and found.kind != "weak":
            return found
        weak = weak or found
    return weak


def _treatment(text: str) -> Name | None:
    normal = vocabulary.normal(text)
    if " " not in normal and normal in vocabulary.salts():
        return None
    if vocabulary.drug(text) is not None:
        return Name("drug", "drug", text.lower())
    path = vocabulary.category_itself(text)
    if path == "" and vocabulary.drugs_within(text):
        return Name("drug", "drug", text.lower())
    if path:
        return Name("category", "category", path)
    weight = vocabulary.category_names().get(normal, ("", 0))[1]
    if normal in _family_names():
        return Name("treatment", "treatment", text)
    if weight:
        return Name("weak" if weight == 1 else "treatment", "treatment", text)
    return None


@cache
def _anatomy() -> frozenset[str]:
    """Names of parts of the body that are no treatment's, though a treatment may be called after them."""
    return frozenset(vocabulary.normal(name) for family in vocabulary.families_of("body") for name in family.all)


@cache
def _family_names() -> frozenset[str]:
    """Names of treatments that no category is for."""
    kinds = ("therapy", "program", "procedure", "imaging", "dme", "drug-class")
    return frozenset(
        normal
        for family in vocabulary.families_of(*kinds)
        for name in family.all
        if (normal := vocabulary.normal(name)) not in vocabulary.guards()
    )
