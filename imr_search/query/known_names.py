"""Names that the vocabulary knows: of drugs, kinds of treatment, treatments and parts of the body, found in plain words by longest match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from imr_search import vocabulary
from imr_search.query import first_words

LONGEST = 6
_WHOLE = frozenset(("psychological", "home-health", "transportation", "surgery", "pharmaceutical"))
_SIDES = frozenset(("left", "right", "bilateral", "both"))


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
    for size in range(min(LONGEST, len(texts)), 0, -1):
        found = named(" ".join(texts[:size]))
        if found is not None:
            return msgspec.structs.replace(found, words=size), size
    return None, 1


@cache
def named(text: str) -> Name | None:
    """The name that `text` is, in singular or plural; None if the vocabulary does not know it."""
    if not any(char.isalnum() for char in text) or any(mark in text for mark in "*?!"):
        return None
    normal = vocabulary.normal(text)
    if normal in _SIDES or normal in ("and", "or"):
        return None
    for spelled in first_words.spellings(text):
        found = _treatment(spelled)
        if " " in spelled and found is not None and found.kind == "category":
            return found  # "back brace" is a brace, though it says where
        if (body := _body(spelled)) is not None:
            return Name("body", "body", body)
        if found is not None:
            return found
    return None


def _body(text: str) -> str | None:
    return vocabulary.body(text)


def _treatment(text: str) -> Name | None:
    normal = vocabulary.normal(text)
    if " " not in normal and normal in vocabulary.salts():
        return None
    weight = vocabulary.category_names().get(normal, ("", 0))[1]
    drug = vocabulary.drug(text)
    if drug is not None:
        return Name("drug", "drug", text.lower())
    path = _category(text)
    if path is not None:
        return Name("category", "category", path)
    if normal in _family_names():
        return Name("treatment", "treatment", text)
    if weight:
        return Name("weak" if weight == 1 else "treatment", "treatment", text)
    return None


def _category(text: str) -> str | None:
    """The category that the name is the name of, and not only a case of: MRI is diagnostic/mri, a spinal fusion is no more than surgery."""
    normal = vocabulary.normal(text)
    weight = vocabulary.category_names().get(normal, ("", 0))[1]
    if vocabulary.categories_within(normal):
        return normal
    if normal in _leaves():
        return _leaves()[normal]
    found = vocabulary.category(text)
    if found is None or found == "other" or found.endswith("/other"):
        return None
    leaf = found.rpartition("/")[2]
    if weight == 1:
        return None
    if "/" in found or found in _WHOLE - {"surgery"}:
        return leaf
    return None


@cache
def _leaves() -> Mapping[str, str]:
    """The last level of every category by its own names, but for "other", and for "lab", which is a word of its own."""
    found: dict[str, str] = {}
    for path in vocabulary.categories():
        leaf = path.rpartition("/")[2]
        if leaf not in ("lab", "other"):
            found.setdefault(vocabulary.normal(leaf), leaf)
            found.setdefault(vocabulary.normal(path), leaf)
    for path, row in vocabulary.table("category").get("called", {}).items():
        for name in vocabulary.split(row):
            found.setdefault(vocabulary.normal(name), path.rpartition("/")[2])
    return found


@cache
def _family_names() -> frozenset[str]:
    """Names of treatments that no category is for."""
    rows = vocabulary.table("family")
    held: set[str] = set()
    for kind in ("therapy", "program", "procedure", "imaging", "dme", "drug-class"):
        for head, row in rows.get(kind, {}).items():
            for name in (head, *vocabulary.split(row)):
                normal = vocabulary.normal(name.lstrip("< "))
                if normal not in vocabulary.guards():
                    held.add(normal)
    return frozenset(held)
