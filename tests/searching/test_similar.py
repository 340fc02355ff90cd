"""Near-identical texts: never one that is not, hardly one missed, the same in every process."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from making import letters_of

from imr_search.searching import similar

WORDS = [f"word{k}" for k in range(3_000)]


def text(rng: random.Random, n: int) -> list[str]:
    return [rng.choice(WORDS) for _ in range(n)]


def test_word_runs() -> None:
    assert len(similar.runs("a b c d")) == 2
    assert similar.runs("A, b; C!") == similar.runs("a b c")
    assert similar.runs("a b c") != similar.runs("c b a")
    assert len(similar.runs("a b")) == 1
    assert similar.runs(" .,") == frozenset()
    assert similar.jaccard(similar.runs("a b c d"), similar.runs("a b c e")) == 1 / 3


def test_the_first_stays_and_short_or_empty_texts_are_no_trouble() -> None:
    groups = similar.Groups()
    assert [groups.add(one) for one in ("norco", "", "Norco.", "", "norco 10", "a b")] == [
        None,
        None,
        0,
        None,
        None,
        None,
    ]


def test_what_stands_apart_is_never_near_identical() -> None:
    groups = similar.Groups()
    assert [groups.add("one two three four", apart) for apart in ("upheld", "overturned", "upheld")] == [None, None, 0]


def test_random_texts_with_edits_are_found_above_the_threshold_and_never_below() -> None:
    rng = random.Random(7)
    found = above = 0
    for _ in range(400):
        words = text(rng, rng.randrange(5, 250))
        edited = list(words)
        for _ in range(rng.randrange(0, 1 + len(words) // 12)):
            edited[rng.randrange(len(edited))] = rng.choice(WORDS)
        one, other = " ".join(words), " ".join(edited)
        groups = similar.Groups()
        groups.add(one)
        alike = similar.jaccard(similar.runs(one), similar.runs(other))
        answer = groups.add(other)
        assert answer is None or alike >= similar.THRESHOLD
        above += alike >= similar.THRESHOLD
        found += answer is not None
    assert above > 150
    assert found >= above - 1


def test_real_rationales_are_grouped_as_a_comparison_of_all_pairs_groups_them(shared_letters: Path) -> None:
    items = letters_of(shared_letters / "dwc-2016-2017" / "pypdf")
    groups = similar.Groups()
    kept: list[tuple[frozenset[int], str]] = []
    left_out = 0
    for one in items:
        found = similar.runs(one.rationale)
        same = [
            number
            for number, (other, outcome) in enumerate(kept)
            if outcome == one.outcome and similar.jaccard(found, other) >= similar.THRESHOLD
        ]
        assert groups.add(one.rationale, one.outcome) == (same[0] if same else None)
        if not same:
            kept.append((found, one.outcome))
        left_out += bool(same)
    assert left_out > 30


def test_the_same_in_every_process() -> None:
    code = "from imr_search.searching.similar import runs; print(sorted(runs('the patient has chronic low back pain')))"
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
