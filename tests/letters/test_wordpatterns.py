"""Patterns of words give the same of a sentence whatever was read before it, however little is remembered."""

from __future__ import annotations

import random

import pytest

from imr_search.letters import wordpatterns
from imr_search.letters.wordpatterns import PatternSet, plain

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
    return PatternSet(PATTERNS, {"lack": "lack|lacks"})


@pytest.mark.parametrize("kept", [20_000, 6, 0])
@pytest.mark.parametrize("lines", [8_192, 2, 0])
def test_what_was_forgotten_is_found_again(kept: int, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the patterns in a sentence nor their places depend on what else was read."""
    monkeypatch.setattr(wordpatterns, "_KEPT", kept)
    monkeypatch.setattr(wordpatterns, "_LINES", lines)
    known = made()
    find = known.finder(31)
    for _ in range(3):
        for text, wanted in zip(SENTENCES, WANTED, strict=True):
            said = known.said(plain(text))
            assert find(said) == wanted, text
            for other in SENTENCES:
                find(known.said(plain(other)))
            other_set = made()
            places = known.places(said, 31, 1, 2)
            assert places == other_set.places(other_set.said(plain(text)), 31, 1, 2), text
            assert [place < len(said.line) for place in places] == [bool(wanted & bits) for bits in (31, 1, 2)], text


def test_only_what_is_looked_for_is_found() -> None:
    """A word is known at once, a row of words where one of its bits is asked for; what was found stays."""
    known = made()
    said = known.said(plain(SENTENCES[1]))
    assert said.found == 8
    assert known.finder(1)(said) == 8
    assert known.finder(4)(said) == 12
    assert known.finder(1)(said) == 12


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("As such, it is so.", 1),
        ('"As such it is so.', 1),
        ("It is as such.", 0),
        ("As suchlike it is.", 0),
        ("As. Such", 1),
        ("Such as.", 0),
        ("As.", 0),
        ("...", 0),
        ("", 0),
    ],
)
def test_the_beginning_of_a_sentence(text: str, wanted: int) -> None:
    known = PatternSet([("^as such", 1)], {})
    assert known.finder(1)(known.said(plain(text))) == wanted


def naive(pattern: str, words: list[str]) -> bool:
    """Does the pattern stand in the words? By trying every way to place it."""

    def fits(form: str, word: str) -> bool:
        return word.startswith(form[:-1]) if form.endswith("*") else word == form

    def stands(parts: list[str], at: int) -> bool:
        if not parts:
            return True
        if parts[0] == "..":
            return any(stands(parts[1:], at + over) for over in range(9))
        return (
            at < len(words) and any(fits(form, words[at]) for form in parts[0].split("|")) and stands(parts[1:], at + 1)
        )

    return any(stands(pattern.split(), at) for at in range(len(words)))


def test_all_patterns_at_once_are_each_by_itself() -> None:
    """Patterns that share words, repeat one, begin like another or reach the bounds of a gap, over random sentences."""
    rng = random.Random(7)
    forms = ["a", "b", "c", "d", "a|b", "b|c|d", "ab*", "a*", "*"]
    patterns = [(rng.choice([" ", " .. "]).join(rng.choices(forms, k=rng.randint(1, 4))), 1 << at) for at in range(60)]
    known = PatternSet(patterns, {})
    find = known.finder((1 << 60) - 1)
    for _ in range(400):
        words = rng.choices(["a", "b", "c", "d", "ab", "abc", "x"], rng.choices([1, 1, 9], k=7), k=rng.randint(0, 14))
        wanted = sum(bit for text, bit in patterns if naive(text, words))
        assert find(known.said(" ".join(words))) == wanted, words
