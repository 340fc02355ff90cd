"""The verdict as a sentence ("X is not medically necessary and appropriate"), as generations 1 and 2 print it."""

from __future__ import annotations

import re
from typing import Final

# Also "notmedically", and "necessaryand" where an extractor lost the space.
_VERDICT: Final = r"\b(?P<verb>is|are|was|were)\s+(?P<kind>not|partially|modified\s+and\s+is|only)?\s*medically\s*necessary(?:\s*and\s*appropriate)?"
VERDICT: Final = re.compile(_VERDICT, re.IGNORECASE)
_AT_END: Final = re.compile(_VERDICT + r"[\s.:]*\Z", re.IGNORECASE)


def outcome_of(found: re.Match[str]) -> str:
    kind = (found["kind"] or "").lower()
    return "upheld" if kind == "not" else "modified" if kind else "overturned"


def verdict_at_end(text: str) -> tuple[str, int, bool] | None:
    """(outcome, where the title ends, sure) when `text` ends in a verdict."""
    found = _AT_END.search(text, max(0, len(text) - 120))
    return (outcome_of(found), found.start(), True) if found else None


def count_verdict(cover: str, outcomes: list[str]) -> bool:
    """Whether the cover's UPHOLD, OVERTURN or PARTIAL OVERTURN fits the items' outcomes."""
    word = cover.lower()
    if word.startswith("partial"):
        return len(set(outcomes)) > 1 or set(outcomes) == {"modified"}
    return set(outcomes) == ({"upheld"} if word.startswith("uph") else {"overturned"})
