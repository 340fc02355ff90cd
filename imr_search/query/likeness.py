"""What `like( )` looks for: the words that tell a text from the rest of the index, chosen here so that every engine answers alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from math import log

from imr_search.model import Item
from imr_search.plan import All, Node, Nothing, Similar
from imr_search.query import terms

MOST = 25
_FIELDS = ("treatment", "rationale")
_ID = re.compile(r"[\w-]+\s*#\s*\d{1,6}")


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def item(expander: terms.Expander, text: str) -> Item | None:
    """The item of that id, in whichever case it was typed."""
    typed = "".join(text.split())
    return next(iter(expander.index.items(dict.fromkeys((typed, typed.upper(), typed.lower())))), None)


def like_item(expander: terms.Expander, found: Item, fields: tuple[str, ...]) -> Node:
    """Items that share the words which set `found` apart, itself left out."""
    named = [key for key in fields or _FIELDS if isinstance(getattr(found, key, None), str)]
    return _similar(expander, {key: getattr(found, key) for key in named}, found.id)


def like_text(expander: terms.Expander, text: str, fields: tuple[str, ...]) -> Node:
    return _similar(expander, dict.fromkeys(fields or _FIELDS, text), "")


def _similar(expander: terms.Expander, texts: Mapping[str, str], without: str) -> Node:
    """Up to MOST words by (1 + log tf) * log(1 + items / df); a fifth of them must be held. Weights have six digits, so that sums are the same
    wherever they are added."""
    items = expander.index.count(All())
    weights: dict[tuple[str, str], float] = {}
    for key, text in texts.items():
        for word, times in Counter(terms.slots(text)).items():
            holding = expander.items_with(key, word)
            if holding > (1 if without else 0):
                weights[key, word] = round((1 + log(times)) * log(1 + items / holding), 6)
    best = sorted(weights, key=lambda term: (-weights[term], term))[:MOST]
    if not best:
        return Nothing()
    chosen = tuple((key, word, weights[key, word]) for key, word in sorted(best))
    return Similar(chosen, max(1, len(chosen) // 5), without)
