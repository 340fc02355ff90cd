"""BM25 as the memory and the Whoosh engine count it: from what an index holds now, never from what it once held, so that every history of
updates gives the same order."""

from __future__ import annotations

import math

K1 = 1.2
B = 0.75
DIGITS = 4  # scores are rounded to as many decimals, so that equal scores are equal however they were added up


def idf(holding: int, items: int) -> float:
    """The weight of a node that `holding` of `items` items satisfy: above 0, and larger for the rarer."""
    return math.log(1.0 + (items - holding + 0.5) / (holding + 0.5))


def bm25(idf: float, times: int, length: int, mean: float) -> float:
    """The score of a node that stands `times` times in a field of `length` words, where fields have `mean` words."""
    return idf * times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length / (mean or 1.0)))
