"""Patterns of words give the same of a sentence whatever was read before it, however little is remembered."""

from __future__ import annotations

import pytest

from imr_search.letters import wordpatterns
from imr_search.letters.wordpatterns import PatternSet, Said, plain

PATTERNS = [
    ("no evidence", 1),
    ("improv* .. function|functional", 2),
    ("# visits", 4),
    ("request", 8),
    ("{lack} record*", 16),
]
SENTENCES = (
    "There is no evidence of improvement in function.",
    "The request is for 12 visits.",
    "It does not meet the criteria.",
    "The notes lack records of 6 visits that were requested.",
    "Pain improved, and the functional gain is not in the record.",
)
WANTED = (1 | 2, 4 | 8, 0, 4 | 16, 2)


def made() -> PatternSet:
    return PatternSet(PATTERNS, {"lack": "lack|lacks"}, ("no", "the"))


@pytest.mark.parametrize("kept", [20_000, 6, 0])
def test_what_was_forgotten_is_found_again(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the patterns in a sentence nor their places depend on what else was read."""
    monkeypatch.setattr(wordpatterns, "_KEPT", kept)
    known = made()
    for _ in range(3):
        for text, wanted in zip(SENTENCES, WANTED, strict=True):
            said = Said(plain(text))
            assert known.find(said) == wanted, text
            for other in SENTENCES:
                known.find(Said(plain(other)))
            assert known.place(said, 31) == made().place(said, 31), text
            assert (known.place(said, 31) < len(said.line)) is (wanted != 0), text
