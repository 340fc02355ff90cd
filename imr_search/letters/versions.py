"""Several letters of one case: which of them stands, what the others say otherwise, and which of them adds to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from imr_search.model import Letter


def rank(letter: Letter) -> tuple[Any, ...]:
    """The smallest stands: the newest decision, then more items, fewer warnings, PDF before text, then the longer text; what a file is called never
    counts. Plain values, so that a ledger can keep them; the last are what the items are and how they were decided."""
    decided = -2 * int(letter.decided.replace("-", "")) if letter.decided else 0
    if letter.amends:
        decided -= 1  # of two of one day the amended one is the newer
    warnings = len({*letter.warnings, *(warning for item in letter.items for warning in item.warnings)})
    length = sum(len(item.rationale) + len(item.guideline) + len(item.title) for item in letter.items)
    return (
        decided,
        -len(letter.items),
        warnings,
        not letter.file.lower().endswith(".pdf"),
        -length,
        letter.sha256,
        [[_key(item.title), item.outcome] for item in letter.items],
    )


def _key(title: str) -> str:
    """A title as it is compared, without the letter's words in it."""
    plain = "".join(filter(str.isalnum, title.casefold()))
    return hashlib.sha256(plain.encode()).hexdigest()[:12] if plain else ""


def outcomes(ranked: Sequence[Any]) -> Mapping[str, str]:
    """From a rank: each item's key with its outcome."""
    return {key: outcome for key, outcome in ranked[-1] if key}


def is_addendum(ranked: Sequence[Any], standing: Sequence[Any]) -> bool:
    """Whether a letter adds to the one that stands: another day's, or one that says so, and about other items."""
    items = outcomes(ranked)
    return (
        bool(items)
        and len(items) == len(ranked[-1])
        and ranked[0] != standing[0]
        and items.keys().isdisjoint(outcomes(standing))
    )


def disagree(ranked: Sequence[Any], standing: Sequence[Any]) -> bool:
    """Whether two letters decide an item differently, or one of them has an item that the other lacks."""
    return outcomes(ranked) != outcomes(standing)
