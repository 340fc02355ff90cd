"""Words: inflections over a lexicon, edits, wildcards."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lexicons import searcher

from imr_search import analysis
from imr_search.engines.memory import MemorySearcher
from imr_search.query.edit_distance import edits
from imr_search.query.terms import Expander, regex, shared_prefix, slots, wild_slots

TRICKY = (
    "die dies died dying lie lies lied lying tie ties tied tying sky skies ski skis skiing skied vie vied vying hie hied hying "
    "city cities happy happier happily use used using useful gentle gently single singly early only ugly idle idly news howe "
    "inning outing canning herring earring proceed exceed succeed generate generation general communism arsenal "
    "eye eyed eyeing eyes hope hoped hoping hop hopped hopping be being i is as bus buses gas gases by bye s a"
).split()


class Lexicon(MemorySearcher):
    def __init__(self, held: list[str]) -> None:
        super().__init__([])
        self.held = sorted(held)

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        return ((word, 1) for word in self.held if word.startswith(prefix))


def check_inflections(held: list[str]) -> None:
    """Looking up by a prefix finds what looking at every word finds."""
    expander = Expander(Lexicon(held))
    by_stem: dict[str, set[str]] = {}
    for word in held:
        by_stem.setdefault(analysis.stem(word), set()).add(word)
    for word in held:
        if word.isalpha():
            assert set(expander.inflections("treatment", word)) == by_stem[analysis.stem(word)], word


def test_inflections_of_tricky_words() -> None:
    check_inflections(sorted(set(TRICKY)))


def test_inflections_of_real_words(shared_letters: Path) -> None:
    index = searcher(shared_letters / "dwc-2016-2017" / "pypdf")
    held = sorted({word for field in ("rationale", "summary", "treatment") for word, _ in index.words(field)})
    assert len(held) > 3_000
    by_stem: dict[str, set[str]] = {}
    for word in held:
        if word.isalpha():
            by_stem.setdefault(analysis.stem(word), set()).add(word)
    for stem, words in by_stem.items():
        prefix = shared_prefix(stem)
        if len(words) > 1:
            assert all(word.startswith(prefix) for word in words), (stem, words)


def test_a_word_that_is_not_held_still_has_its_inflections() -> None:
    assert Expander(Lexicon(["improve", "improved"])).inflections("x", "improving") == (
        "improve",
        "improved",
        "improving",
    )
    assert Expander(Lexicon(["l5", "l4"])).inflections("x", "l4") == ("l4",)


def brute(left: str, right: str) -> int:
    """Edit distance with swaps of neighbours, by its definition."""
    table: dict[tuple[int, int], int] = {}
    for i, j in itertools.product(range(len(left) + 1), range(len(right) + 1)):
        if not i or not j:
            table[i, j] = i + j
            continue
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (left[i - 1] != right[j - 1]))
        if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(left), len(right)]


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.sampled_from((1, 2)))
def test_edits(left: str, right: str, most: int) -> None:
    assert edits(left, right, most) == min(brute(left, right), most + 1)


def test_edits_count_a_swap_once() -> None:
    assert edits("acupuncutre", "acupuncture", 2) == 1
    assert Expander(Lexicon(["acupuncture", "tcupuncture"])).near("x", "acupuncutre", 1) == ("acupuncture",)


def test_wildcards_agree_with_fnmatch() -> None:
    chance = random.Random(5)
    for _ in range(3_000):
        pattern = "".join(chance.choice("ab*?") for _ in range(chance.randint(2, 7)))
        word = "".join(chance.choice("ab") for _ in range(chance.randint(0, 8)))
        if re.search("[ab]", pattern) and not re.fullmatch(r"[*?]+", pattern):
            (slot,) = wild_slots(pattern)
            assert (regex(slot).fullmatch(word) is not None) == fnmatchcase(word, pattern), (pattern, word)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10/325mg", ["10", "325", "mg"]),
        ("#60", ["#60"]),
        ("5%", ["5%"]),
        ("L4-5", ["l4", "5"]),
        ("ﬁbro", ["fibro"]),
        ("worker's", ["worker"]),
    ],
)
def test_slots(text: str, found: list[str]) -> None:
    assert slots(text) == found
