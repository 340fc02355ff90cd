"""What `like( )` looks for: the words that tell a text from the rest of the index, chosen here so that every engine answers alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from math import log

import msgspec

from imr_search.model import Item
from imr_search.plan import All, Node, Nothing, Similar
from imr_search.query import terms

MOST = 25  # words that a likeness goes by
COMMON = 4  # a word that more than a quarter of the items hold tells nothing apart
LEAST = 4  # an item holds at least a quarter of the words
FEW = 20  # and as many more as leave a twentieth of the items (or 20), so that a rate over them says something
_FIELDS = ("treatment", "rationale")
_ID = re.compile(r"([^#]+?)\s*#\s*(\d{1,6})")


def item_id(text: str) -> str:
    """The id that `text` may be ("CM15-0012345 #2", "a file's name #1"), "" if it cannot be one."""
    found = _ID.fullmatch(text.strip())
    return f"{found[1]}#{int(found[2])}" if found is not None else ""


def item(expander: terms.Expander, text: str) -> Item | None:
    """The item of that id, in whichever case it was typed."""
    typed = item_id(text)
    return next(iter(expander.index.items(dict.fromkeys((typed, typed.upper(), typed.lower())))), None)


def like_item(expander: terms.Expander, found: Item, fields: tuple[str, ...]) -> Node:
    """Items that share the words which set `found` apart, itself left out."""
    named = [key for key in fields or _FIELDS if isinstance(getattr(found, key, None), str)]
    return _similar(expander, {key: getattr(found, key) for key in named}, found.id)


def like_text(expander: terms.Expander, text: str, fields: tuple[str, ...]) -> Node:
    return _similar(expander, dict.fromkeys(fields or _FIELDS, text), "")


def _similar(expander: terms.Expander, texts: Mapping[str, str], without: str) -> Node:
    """Up to MOST words by (1 + log tf) * log(1 + items / df), the common ones left out; how many must be held, LEAST and FEW say.
    Weights have six digits, so that sums are the same wherever they are added."""
    items = expander.index.count(All())
    weights: dict[tuple[str, str], float] = {}
    held: dict[tuple[str, str], int] = {}
    for key, text in texts.items():
        for word, times in Counter(terms.slots(text)).items():
            holding = held[key, word] = expander.items_with(key, word)
            if holding > (1 if without else 0):
                weights[key, word] = round((1 + log(times)) * log(1 + items / holding), 6)
    telling = [term for term in weights if held[term] * COMMON <= items] or list(weights)
    best = sorted(telling, key=lambda term: (-weights[term], term))[:MOST]
    if not best:
        return Nothing()
    chosen = tuple((key, word, weights[key, word]) for key, word in sorted(best))
    return _few(expander, Similar(chosen, max(1, -(-len(chosen) // LEAST)), without), max(items // FEW, 20))


def _few(expander: terms.Expander, found: Similar, most: int) -> Similar:
    """The same with as many words asked for as leave at most `most` items, but never so many that none is left."""
    low, high = found.at_least, len(found.terms)
    counted: dict[int, int] = {}

    def count(at_least: int) -> int:
        if at_least not in counted:
            counted[at_least] = expander.index.count(msgspec.structs.replace(found, at_least=at_least))
        return counted[at_least]

    while low < high and count(low) > most:
        middle = (low + high + 1) // 2
        if count(middle) > most:
            low = middle
        elif count(middle) == 0:
            high = middle - 1
        else:
            # the least number of words that is enough lies in low+1..middle
            while middle - low > 1:
                between = (low + middle) // 2
                low, middle = (between, middle) if count(between) > most else (low, between)
            return msgspec.structs.replace(found, at_least=middle)
    return msgspec.structs.replace(found, at_least=low)
