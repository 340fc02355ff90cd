"""Which of the items people ask to see, and in what order: the latest decisions, 5 examples, a random sample of 10."""

from __future__ import annotations

import re

from imr_search import vocabulary
from imr_search.query.first_words import listed, names
from imr_search.query.known_names import LONGEST
from imr_search.query.said_numbers import counts
from imr_search.query.walk import Walk

# Compiled by re when first needed: few queries ask for a number of items.
_SAMPLE = r"(?:a )?random sample(?: of)? (\d{1,4})|sample(?: of)? (\d{1,4})|random (\d{1,4})|(\d{1,4}) random"
_SHOWN = r"(?:show|list|give|display|find|print)(?: me)?(?: the)?(?: first| any| only)? (\d{1,4})|first (\d{1,4})"


def rows(walk: Walk, at: int) -> int:
    """How many words from `at` on ask for some of the items, or for an order of them; 0 for none."""
    if walk.reported:
        return 0
    if size := walk.said(at, names("reports", "sort")):
        key = names("reports", "sort")[vocabulary.normal(" ".join(walk.words(at, size)))]
        return _kept(walk, f"sort {key}", size)
    text = " ".join(walk.low(at, LONGEST))
    for pattern, stage in ((_SAMPLE, "sample"), (_SHOWN, "limit")):
        match = re.match(rf"(?:{pattern})(?!\S)", text)
        number = next(filter(None, match.groups()), "") if match else ""
        size = len(match[0].split()) if match else 0
        if match and int(number) and not counts(walk, at + size):
            return _kept(walk, f"{stage} {number}", size + walk.said(at + size, listed("reports", "examples")))
    first, *_ = walk.low(at)
    if re.fullmatch(r"[1-9]\d{0,3}", first) and (size := walk.said(at + 1, listed("reports", "examples"))):
        return _kept(walk, f"limit {first}", 1 + size)
    return 0


def _kept(walk: Walk, stage: str, size: int) -> int:
    walk.report.rows.append(stage)
    walk.recognised = True
    return size
