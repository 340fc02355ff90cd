"""The stages before a report: each alone, and in the order written."""

from __future__ import annotations

import random

import pytest
from making import item, searcher

from imr_search.engines import Searcher
from imr_search.plan import All, Count, Limit, Sample, Show, Sort, SortKey, Unique, Words
from imr_search.searching.pipeline import arrange, sample, unique

DECIDED = SortKey("decided", descending=True)
AGE = SortKey("age")


def test_sorting_is_left_to_the_engine(few: Searcher) -> None:
    found = arrange(few, All(), (Sort((AGE,)), Show(("case",)), Sort((DECIDED,)), Count(())))
    assert found.ids is None
    assert found.order == (DECIDED, AGE)
    assert arrange(few, All(), (Sort((AGE,)), Sort(()))).order == ()
    assert arrange(few, All(), (), (AGE,)).order == (AGE,)


def test_stages_run_in_the_order_written(few: Searcher) -> None:
    by_date = (Sort((DECIDED,)), Limit(3), Sort((AGE,)))
    assert arrange(few, All(), by_date).ids == ("B#1", "C#1", "C#2")
    assert arrange(few, All(), (Sort((AGE,)), Limit(3), Sort((DECIDED,)))).ids == ("B#1", "A#1", "A#2")
    assert arrange(few, All(), (Limit(4), Limit(2))).ids == arrange(few, All(), (Limit(2),)).ids
    assert arrange(few, All(), (Limit(0),)).ids == ()


def test_scores_stay_as_long_as_the_order_is_theirs(few: Searcher) -> None:
    node = Words("treatment", ("acupuncture",))
    assert all(score is not None for score in arrange(few, node, (Limit(2),)).scores.values())
    assert set(arrange(few, node, (Limit(2), Sort((AGE,)))).scores.values()) == {None}


def test_a_sample_depends_on_the_set_and_the_seed_alone() -> None:
    ids = [f"CM15-{k:07}#1" for k in range(1_000)]
    drawn = sample(ids, 100, 7)
    assert len(drawn) == 100
    assert drawn == sorted(drawn)
    shuffled = random.Random(3).sample(ids, len(ids))
    assert set(sample(shuffled, 100, 7)) == set(drawn)
    assert [id_ for id_ in shuffled if id_ in set(drawn)] == sample(shuffled, 100, 7)
    assert set(sample(ids, 50, 7)) < set(drawn)
    assert len(set(sample(ids, 100, 8)) & set(drawn)) < 30
    assert sample(ids, 5_000, 7) == ids
    assert drawn[:2] == ["CM15-0000004#1", "CM15-0000005#1"], "a record made today must be reproducible next year"


def test_a_sample_is_fair() -> None:
    ids = [f"CM15-{k:07}#1" for k in range(50)]
    times = dict.fromkeys(ids, 0)
    for seed in range(2_000):
        for id_ in sample(ids, 5, seed):
            times[id_] += 1
    assert min(times.values()) > 140
    assert max(times.values()) < 260


TEXT = (
    "The patient has chronic pain and there is no documentation of functional improvement with the treatment to date."
)


def test_unique_keeps_the_first_in_order_and_counts_the_others() -> None:
    found = searcher(
        [
            item("A", 1, rationale=TEXT, age=50),
            item("A", 2, rationale=TEXT + " So.", age=40),
            item("B", 1, rationale=TEXT, outcome="overturned", age=30),
            item("C", 1, rationale="", age=20),
            item("C", 2, rationale="", age=10),
            item("D", 1, rationale=TEXT.upper(), age=60),
        ]
    )
    ids = ("A#1", "A#2", "B#1", "C#1", "C#2", "D#1")
    assert unique(found, ids, "rationale") == (["A#1", "B#1", "C#1", "C#2"], {"A#1": 2})
    assert unique(found, ids[::-1], "rationale") == (["D#1", "C#2", "C#1", "B#1"], {"D#1": 2})
    arranged = arrange(found, All(), (Sort((AGE,)), Unique("rationale"), Sort((SortKey("age", True),)), Limit(2)))
    assert (arranged.ids, arranged.alike) == (("A#2", "B#1"), {"A#2": 2})


def test_unique_of_values_is_equality(few: Searcher) -> None:
    ids = few.search(All(), (), None).ids
    assert unique(few, ids, "letter")[0] == ["A#1", "B#1", "C#1", "D#1"]
    assert unique(few, ids, "specialty") == (["A#1", "B#1", "C#1", "C#2", "D#1"], {"A#1": 1})
    assert unique(few, ids, "decided") == (["A#1", "B#1", "C#1", "D#1"], {"A#1": 1, "C#1": 1})


@pytest.mark.parametrize("stages", [(Sample(20, 7),), (Unique("rationale"), Sample(20, 7)), (Sample(20, 7), Limit(20))])
def test_real_letters_are_arranged_within_what_matches(real: Searcher, stages: tuple[Sample, ...]) -> None:
    node = Words("rationale", ("not",))
    chosen = arrange(real, node, stages)
    assert chosen.ids is not None
    assert len(chosen.ids) == 20
    assert set(chosen.ids) <= set(real.search(node, (), None).ids)
