"""Grounds of a decision as people say them: for lack of functional improvement, conservative care not exhausted, duplicate request."""

from __future__ import annotations

from imr_search import vocabulary
from imr_search.query.first_words import listed, names
from imr_search.query.walk import Walk


def reason(walk: Walk, at: int) -> int:
    """How many words from `at` on say a ground; 0 for none. The name of one is read so only beside what says that it was lacking or tried: the
    words "functional improvement" alone are words."""
    if size := walk.said(at, names("reasons", "alone")):
        return _kept(walk, at, size, "alone", size)
    before = walk.said(at, listed("reasons", "before"))
    size = walk.said(at + before, names("reasons", "named"))
    if not size:
        return 0
    end = at + before + size
    while walk.low(end) and walk.low(end)[0] in ("was", "is", "were", "are", "has", "have", "been"):
        end += 1
    behind = walk.said(end, listed("reasons", "behind"))
    if not before and not behind:
        return 0
    return _kept(walk, at + before, size, "named", end + behind - at if behind else before + size)


def _kept(walk: Walk, at: int, size: int, row: str, taken: int) -> int:
    name = vocabulary.normal(" ".join(walk.words(at, size)))
    walk.excluding = False
    walk.add("reason", names("reasons", row)[name])
    return taken
