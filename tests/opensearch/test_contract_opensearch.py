"""The contract of engines on a real cluster of three nodes: items, counts, orders and tables are those of the reference and of brute force."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from chance import Nodes, letter, letters
from test_contract import build, close, compare, items

from imr_search.analysis import Postings
from imr_search.documents import documents
from imr_search.engines import Searcher
from imr_search.engines.memory import MemoryEngine
from imr_search.engines.opensearch import OpenSearchEngine
from imr_search.engines.opensearch.query_dsl import Compiler
from imr_search.model import Letter
from imr_search.plan import All, And, Group, Near, Node, Phrase, Similar, SortKey, Words

ENGINE = OpenSearchEngine()
BY_ID = (SortKey("id"),)


def made(folder: Path, held: list[Letter]) -> Searcher:
    writer = ENGINE.create(folder)
    writer.add(document for letter in held for document in documents(letter))
    writer.commit()
    return ENGINE.open(folder)


def both(address: Path, folder: Path, held: list[Letter]) -> dict[str, Searcher]:
    return {"memory": build(MemoryEngine(), folder / "memory", held), "opensearch": made(address / "a", held)}


@pytest.mark.parametrize("seed", range(2))
def test_everything_that_is_asked_of_an_engine(seed: int, address: Path, tmp_path: Path) -> None:
    rng = Random(seed)
    held = letters(rng, 24)
    searchers = both(address, tmp_path, held)
    compare(searchers, held, rng, 25)
    close(searchers)


def test_two_thousand_random_queries(address: Path, tmp_path: Path) -> None:
    differ(address, tmp_path, seed=100, count=50, rounds=2_000)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 210))
def test_many_more_random_queries(seed: int, address: Path, tmp_path: Path) -> None:
    differ(address, tmp_path, seed=seed, count=150, rounds=3_000)


def differ(address: Path, folder: Path, seed: int, count: int, rounds: int) -> None:
    """Items and letters of random nodes, those of great depth and of proximity above all."""
    rng = Random(seed)
    held = letters(rng, count)
    searchers = both(address, folder, held)
    memory, other = searchers["memory"], searchers["opensearch"]
    nodes = Nodes(rng, items(held))
    for number in range(rounds):
        node = nodes.any(4) if number % 2 else nodes.near(rng.choice(("rationale", "summary", "guideline")))
        expected, found = memory.search(node, BY_ID, None), other.search(node, (), None)
        assert set(found.ids) == set(expected.ids), node
        assert len(found.ids) == found.total == expected.total, node
        assert other.table(node, ()) == memory.table(node, ()), node
    close(searchers)


def test_compact_queries_find_the_same(address: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(5)
    held = letters(rng, 40)
    searchers = both(address, tmp_path, held)
    nodes = Nodes(rng, items(held))
    plain = Compiler.__init__
    monkeypatch.setattr(Compiler, "__init__", lambda self, compact=False, inside="": plain(self, True, inside))
    for _ in range(80):
        node = nodes.any(2)
        assert searchers["opensearch"].count(node) == searchers["memory"].count(node), node
    close(searchers)


def test_an_expansion_to_five_thousand_words_is_whole(address: Path, tmp_path: Path) -> None:
    rng = Random(6)
    held = letters(rng, 40)
    searchers = both(address, tmp_path, held)
    many = tuple(sorted({f"word{number}" for number in range(4_990)} | {"pain", "back", "#60", "neck", "1.5"}))
    plain = Words("rationale", ("drug", "norco"))
    asked: list[Node] = [
        Words("rationale", many),
        Phrase("rationale", (many, ("drug",))),
        Phrase("rationale", (("drug",), many, many)),
        Near("rationale", Words("rationale", many), plain, 3, False),
        Near("rationale", Words("rationale", many), Words("rationale", many), 1, True),
        Near("rationale", Phrase("rationale", (many, many)), Phrase("rationale", (many, many)), 2, True),
        And(tuple(Near("summary", Words("summary", many[k:]), plain, 9, False) for k in range(3))),
    ]
    for node in asked:
        found = [searcher.search(node, BY_ID, None) for searcher in searchers.values()]
        assert set(found[0].ids) == set(found[1].ids)
        assert searchers["memory"].table(node, ()) == searchers["opensearch"].table(node, ())
    assert searchers["opensearch"].count(asked[3])
    close(searchers)


def test_answers_beyond_ten_thousand_are_whole_and_in_order(address: Path) -> None:
    rng = Random(7)
    one = letter(rng, "CM15-0000001")
    shape = documents(one)[0]
    writer = ENGINE.create(address / "a")
    writer.add(
        type(shape)(
            id=f"CM15-{n // 3:07}#{n % 3}", letter=f"CM15-{n // 3:07}", n=n % 3, words={"title": Postings([f"pain w{n % 7}"])},
            cited_pages={}, keywords={"outcome": ("upheld",), "id": (f"CM15-{n // 3:07}#{n % 3}",)}, numbers={"qty": (n % 11,)},
            record=shape.record,
        )
        for n in range(10_500)
    )  # fmt: skip
    writer.commit()
    searcher = ENGINE.open(address / "a")
    ids = [f"CM15-{n // 3:07}#{n % 3}" for n in range(10_500)]
    ranked = searcher.search(Words("title", ("pain",)), (), None)
    assert list(ranked.ids) == ids
    assert ranked.total == 10_500
    assert [(row.items, row.letters) for row in searcher.table(Words("title", ("pain",)), ())] == [(10_500, 3_500)]
    ordered = searcher.search(All(), (SortKey("qty", True),), None)
    assert list(ordered.ids) == [ids[n] for n in sorted(range(10_500), key=lambda n: (-(n % 11), n))]
    assert list(searcher.search(All(), (SortKey("qty"),), 5, 10_100).ids) == list(
        searcher.search(All(), (SortKey("qty"),), None).ids[10_100:10_105]
    )
    alike = searcher.search(Similar((("title", "pain", 0.1), ("title", "w3", 0.7)), 1), (), 3, 10_200)
    assert alike.total == 10_500
    assert len(searcher.table(All(), (Group("id"),))) == 10_500
    assert len(list(searcher.values("id"))) == 10_500
    assert sum(row.letters for row in searcher.table(All(), (Group("outcome"),))) == 3_500
    searcher.close()


def test_stored_items_lexicon_and_values(address: Path, tmp_path: Path) -> None:
    held = letters(Random(9), 20)
    searchers = both(address, tmp_path, held)
    memory, other = searchers["memory"], searchers["opensearch"]
    wanted = [item.id for item in items(held)]
    assert other.items([*reversed(wanted), "CM15-9999999#1", wanted[0]]) == [*reversed(items(held)), items(held)[0]]
    for field, prefix in (
        ("rationale", ""),
        ("rationale", "n"),
        ("rationale", "#"),
        ("guideline", "p"),
        ("title", "zz"),
    ):
        assert list(other.words(field, prefix)) == list(memory.words(field, prefix))
    for field, prefix in (
        ("drug", ""),
        ("drug", "hydro"),
        ("drug", "Naï"),
        ("category", "ph"),
        ("sex", "x"),
        ("has", ""),
    ):
        assert list(other.values(field, prefix)) == list(memory.values(field, prefix))
    close(searchers)


def test_any_history_answers_as_a_build_from_nothing(address: Path, tmp_path: Path) -> None:
    rng = Random(11)
    held = {letter.id: letter for letter in letters(rng, 16)}
    made(address / "0", list(held.values())).close()
    for step in range(1, 6):
        gone = rng.sample(sorted(held), rng.randint(1, 4))
        changed = [letter(rng, name) for name in gone if rng.random() < 0.6]
        added = changed + letters(rng, rng.randint(0, 4), first=100 * step)
        before = {name: old for name, old in held.items() if name not in gone}
        old = ENGINE.open(address / str(step - 1))
        held = before | {new.id: new for new in added}
        writer = ENGINE.update(address / str(step - 1), address / str(step))
        writer.remove(gone)
        writer.add(document for letter in added for document in documents(letter))
        was = old.search(All(), (), None)
        writer.commit()
        assert old.search(All(), (), None) == was
        assert set(gone) <= {id_.split("#")[0] for id_ in was.ids}
        old.close()
    final = list(held.values())
    searchers = {"memory": build(MemoryEngine(), tmp_path / "memory", final), "opensearch": ENGINE.open(address / "5")}
    compare(searchers, final, rng, 15)
    fresh = made(address / "fresh", final)
    nodes = Nodes(rng, items(final))
    for _ in range(40):
        node = nodes.any()
        one, other = searchers["opensearch"].search(node, (), None), fresh.search(node, (), None)
        assert one.ids == other.ids, node
        assert one.scores == pytest.approx(other.scores, rel=1e-6), node
    for field in nodes.words:
        assert list(searchers["opensearch"].words(field)) == list(searchers["memory"].words(field))
    for field in nodes.values:
        assert list(searchers["opensearch"].values(field)) == list(searchers["memory"].values(field))
    fresh.close()
    close(searchers)


def test_everything_can_be_removed_and_come_back(address: Path) -> None:
    held = letters(Random(1), 5)
    made(address / "a", held).close()
    writer = ENGINE.update(address / "a", address / "b")
    writer.remove([letter.id for letter in held])
    writer.commit()
    searcher = ENGINE.open(address / "b")
    assert searcher.count(All()) == 0
    assert searcher.table(All(), ())[0].items == 0
    assert list(searcher.words("rationale")) == []
    searcher.close()
    writer = ENGINE.update(address / "b", address / "c")
    writer.add(document for letter in held for document in documents(letter))
    writer.commit()
    searcher = ENGINE.open(address / "c")
    assert searcher.search(All(), (), None).ids == tuple(sorted(item.id for item in items(held)))
    searcher.close()


def test_a_letter_removed_and_added_in_one_session_is_the_new_one(address: Path) -> None:
    rng = Random(2)
    first, second = letter(rng, "CM15-0000001"), letter(rng, "CM15-0000001")
    writer = ENGINE.create(address / "a")
    writer.add(documents(first))
    writer.remove(["CM15-0000001", "CM15-9999999"])
    writer.add(documents(second))
    writer.commit()
    searcher = ENGINE.open(address / "a")
    found = searcher.search(All(), (), None)
    assert searcher.items(found.ids) == list(second.items)
    assert len(found.ids) == len(second.items)
    searcher.close()
