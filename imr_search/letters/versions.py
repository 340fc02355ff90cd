"""Several letters of one case: which of them stands, what the others say otherwise, and which of them adds to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
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


def adds(ranked: Sequence[Any], standing: Sequence[Any]) -> bool:
    """Whether a letter has items beside those of a better one of its case: of another day, or as one of them says, it is about other items, or about
    more. A newer letter with as many new titles as it lacks may have put them into other words, and replaces the older one whole."""
    items, others = outcomes(ranked).keys(), outcomes(standing).keys()
    if not items or not all(key for key, _ in ranked[-1]) or ranked[0] == standing[0]:
        return False
    return items.isdisjoint(others) or len(items - others) > len(others - items)


def left(ranked: Sequence[Any], better: Iterable[Sequence[Any]]) -> frozenset[int]:
    """The numbers of the letter's items that no `better` letter of its case decides."""
    decided = {key for standing in better for key in outcomes(standing)}
    return frozenset(n for n, (key, _) in enumerate(ranked[-1], 1) if key not in decided)


def disagree(ranked: Sequence[Any], standing: Sequence[Any]) -> bool:
    """Whether two letters decide an item differently, or one of them has an item that the other lacks."""
    return outcomes(ranked) != outcomes(standing)
