"""One contract for every engine: the same items, counts, orders and tables as the reference and as a brute-force reading of the text."""

from __future__ import annotations

from pathlib import Path
from random import Random

import brute
import msgspec
import pytest
from chance import Nodes, letter, letters

from imr_search.documents import LOTS, documents, drawn
from imr_search.engines import Engine, Searcher
from imr_search.engines.registry import engine
from imr_search.model import Item, Letter
from imr_search.plan import All, And, Cited, Group, Keyword, Near, Node, Not, Or, Phrase, Similar, SortKey, Words

ENGINES = ("memory", "whoosh", "tantivy")


def build(made: Engine, folder: Path, held: list[Letter]) -> Searcher:
    folder.mkdir()
    writer = made.create(folder)
    writer.add(document for letter in held for document in documents(letter))
    writer.commit()
    return made.open(folder)


def update(made: Engine, old: Path, new: Path, gone: list[str], added: list[Letter]) -> None:
    new.mkdir()
    writer = made.update(old, new)
    writer.remove(gone)
    writer.add(document for letter in added for document in documents(letter))
    writer.commit()


def items(held: list[Letter]) -> list[Item]:
    return [item for letter in held for item in letter.items]


def compare(searchers: dict[str, Searcher], held: list[Letter], rng: Random, rounds: int, deep: float = 0.3) -> None:
    """Every engine against the brute-force reading, and a share of the queries in every way that the port can be asked."""
    nodes = Nodes(rng, items(held))
    reads = [brute.read(item) for item in items(held)]
    order = {item.id: (item.letter, item.n) for item in items(held)}
    for _ in range(rounds):
        node = nodes.any()
        expected = brute.matching(node, reads)
        for name, searcher in searchers.items():
            where = f"{name}: {node}"
            assert searcher.count(node) == len(expected), where
            ranked = searcher.search(node, (), None)
            assert set(ranked.ids) == expected, where
            assert len(ranked.ids) == ranked.total == len(expected), where
            (whole,) = searcher.table(node, ())
            assert (whole.items, whole.letters) == (len(expected), len({order[id_][0] for id_ in expected})), where
            scored = sorted(
                zip(ranked.scores, ranked.ids, strict=True), key=lambda hit: (-(hit[0] or 0.0), order[hit[1]])
            )
            assert [id_ for _, id_ in scored] == list(ranked.ids), where
        if rng.random() < deep:
            closely(searchers, node, nodes, rng)


def closely(searchers: dict[str, Searcher], node: Node, nodes: Nodes, rng: Random) -> None:
    """Pages are slices of the full ranking; sorting, tables and values are those of the reference."""
    oracle = searchers["memory"]
    sort, groups, field = nodes.sort(), nodes.groups(), rng.choice(sorted(nodes.values))
    limit, offset = rng.choice((1, 3, 10)), rng.choice((0, 0, 2))
    in_order, table, values = (
        oracle.search(node, sort, None),
        oracle.table(node, groups),
        list(oracle.values(field, "", node)),
    )
    scores = dict(zip(*(lambda found: (found.ids, found.scores))(oracle.search(node, (), None)), strict=True))
    for name, searcher in searchers.items():
        where = f"{name}: {node}"
        ranked = searcher.search(node, (), None)
        page = searcher.search(node, (), limit, offset)
        assert page.ids == ranked.ids[offset : offset + limit], where
        assert page.scores == ranked.scores[offset : offset + limit], where
        assert page.total == ranked.total, where
        start = rng.randrange(LOTS)
        assert searcher.draw(node, limit, start) == drawn(ranked.ids, limit, start), where
        assert searcher.search(node, sort, None) == in_order, f"{where} {sort}"
        assert searcher.search(node, sort, limit, offset).ids == in_order.ids[offset : offset + limit], (
            f"{where} {sort}"
        )
        assert searcher.table(node, groups) == table, f"{where} {groups}"
        assert list(searcher.values(field, "", node)) == values, f"{where} {field}"
        if name == "whoosh" or isinstance(
            node, Similar
        ):  # the one formula, and the one score that is the same everywhere
            for id_, score in zip(ranked.ids, ranked.scores, strict=True):
                assert score == pytest.approx(scores[id_], abs=2e-4), where


def close(searchers: dict[str, Searcher]) -> None:
    for searcher in searchers.values():
        searcher.close()


@pytest.mark.parametrize("seed", range(4))
def test_random_queries(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    held = letters(rng, 24)
    searchers = {name: build(engine(name), tmp_path / name, held) for name in ENGINES}
    compare(searchers, held, rng, 60)
    close(searchers)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_many_random_queries(seed: int, tmp_path: Path) -> None:
    rng = Random(500 + seed)
    held = letters(rng, 24)
    searchers = {name: build(engine(name), tmp_path / name, held) for name in ENGINES}
    compare(searchers, held, rng, 1_000, deep=0.2)
    close(searchers)


def test_stored_items_come_back_whole(tmp_path: Path) -> None:
    held = letters(Random(9), 12)
    for name in ENGINES:
        searcher = build(engine(name), tmp_path / name, held)
        wanted = [item.id for item in items(held)]
        asked = [*reversed(wanted), "CM15-9999999#1", wanted[0]]
        assert searcher.items(asked) == [*reversed(items(held)), items(held)[0]]
        searcher.close()


def test_lexicon_and_values_are_sorted_and_counted(tmp_path: Path) -> None:
    held = letters(Random(10), 20)
    searchers = {name: build(engine(name), tmp_path / name, held) for name in ENGINES}
    oracle = searchers["memory"]
    for searcher in searchers.values():
        for field, prefix in (
            ("rationale", ""),
            ("rationale", "n"),
            ("rationale", "#"),
            ("guideline", "p"),
            ("title", "zz"),
        ):
            assert list(searcher.words(field, prefix)) == list(oracle.words(field, prefix))
        for field, prefix in (
            ("drug", ""),
            ("drug", "hydro"),
            ("drug", "Naï"),
            ("category", "ph"),
            ("sex", "x"),
            ("has", ""),
        ):
            assert list(searcher.values(field, prefix)) == list(oracle.values(field, prefix))
    close(searchers)


def test_items_without_a_value_sort_last_either_way(tmp_path: Path) -> None:
    held = letters(Random(11), 20)
    for name in ENGINES:
        searcher = build(engine(name), tmp_path / name, held)
        for descending in (False, True):
            found = searcher.search(All(), (SortKey("qty", descending),), None)
            known = [item.quantity for item in searcher.items(found.ids)]
            with_value = [number for number in known if number is not None]
            assert None in known
            assert known == [*with_value, *[None] * (len(known) - len(with_value))]
            assert with_value == sorted(with_value, reverse=descending)
            assert set(found.scores) == {None}
        searcher.close()


def test_nothing_matches_gives_one_empty_row(tmp_path: Path) -> None:
    held = letters(Random(12), 5)
    for name in ENGINES:
        searcher = build(engine(name), tmp_path / name, held)
        (row,) = searcher.table(Keyword("outcome", ("nowhere",)), ())
        assert (row.group, row.items, row.letters) == ((), 0, 0)
        searcher.close()


def test_wide_expansions_stay_exact(tmp_path: Path) -> None:
    """A wildcard stands for up to 5,000 words, also beside another in a phrase or a proximity."""
    rng = Random(13)
    wide = [f"op{number:04}x" for number in range(1_500)]
    other = [f"{chr(97 + number % 26)}{number:03}y" for number in range(300)]
    held = [
        msgspec.structs.replace(
            letter,
            items=tuple(
                msgspec.structs.replace(item, rationale=_sentences(rng, wide + other)) for item in letter.items
            ),
        )
        for letter in letters(rng, 20)
    ]
    reads = [brute.read(item) for item in items(held)]
    nodes: list[Node] = [
        Words("rationale", tuple(wide)),
        Phrase("rationale", (tuple(wide), ("pain",))),
        Phrase("rationale", (tuple(wide[:700]), ("pain",))),
        Phrase("rationale", (tuple(sorted(other)), tuple(wide))),
        Near("rationale", Words("rationale", tuple(wide)), Words("rationale", tuple(sorted(other))), 3, False),
        Near("rationale", Words("rationale", tuple(wide[::3])), Words("rationale", ("pain",)), 4, True),
        Near(
            "rationale",
            Phrase("rationale", (tuple(wide[::5]), ("pain",))),
            Words("rationale", tuple(wide[::2])),
            400,
            False,
        ),
    ]
    for name in ENGINES:
        searcher = build(engine(name), tmp_path / name, held)
        for node in nodes:
            expected = brute.matching(node, reads)
            assert expected
            assert set(searcher.search(node, (), None).ids) == expected, f"{name}: {str(node)[:200]}"
        searcher.close()


def _sentences(rng: Random, words: list[str]) -> str:
    rows = [
        [rng.choice((*words[:: rng.randint(1, 9)], "pain", "pain")) for _ in range(rng.randint(3, 9))] for _ in range(8)
    ]
    return " ".join("The " + " ".join("pain" if rng.random() < 0.2 else word for word in row) + "." for row in rows)


def test_letters_are_named_as_they_are_called(tmp_path: Path) -> None:
    """An engine that keeps a name as a number gives back the very name, also of those that its numbers cannot tell apart."""
    rng = Random(11)
    names = [
        "CM15-0000001",
        "CM15-0000001~2",
        "CM15-00000010",
        "cm15-0000001",
        "A:B",
        "AAB",
        "A-B",
        "A B",
        "é",
        "ZZ",
        "Z" * 20,
        "1",
        "01",
        "_",
    ]
    held = [letter(rng, name) for name in sorted(names)]
    for name in ENGINES:
        searcher = build(engine(name), tmp_path / name, held)
        wanted = [item.id for item in items(held)]
        assert list(searcher.search(All(), (), None).ids) == wanted, name
        assert [item.id for item in searcher.items(wanted)] == wanted, name
        searcher.close()


@pytest.mark.parametrize("name", ENGINES)
def test_no_page_is_too_far_or_too_long(name: str, tmp_path: Path) -> None:
    held = letters(Random(5), 20)
    searcher = build(engine(name), tmp_path / name, held)
    for node in (
        All(),
        Words("rationale", ("pain",)),
        And((Words("rationale", ("pain",)), Words("rationale", ("back",)))),
    ):
        for sort in ((), (SortKey("decided", True),)):
            whole = searcher.search(node, sort, None)
            for far in (10**9, 10**12, 10**19, 10**30):
                assert searcher.search(node, sort, far) == whole
                assert searcher.search(node, sort, 5, far).ids == ()
                assert searcher.search(node, sort, 5, far).total == whole.total
    searcher.close()


def test_more_groups_than_are_given_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted one value of the first group at a time, of which an item may have several."""
    from imr_search.engines.tantivy import facets

    held = letters(Random(6), 40)
    searchers = {name: build(engine(name), tmp_path / name, held) for name in ("memory", "tantivy")}
    asked = facets._asked

    def refusing(searcher: object, query: object, by: tuple[Group, ...], thresholds: range) -> object:
        if len(by) > 1:
            raise facets._TooManyError
        return asked(searcher, query, by, thresholds)  # type: ignore[arg-type]

    monkeypatch.setattr(facets, "_asked", refusing)
    for by in (
        ("page", "outcome"),
        ("decided", "sex"),
        ("source", "page"),
        ("qty", "page", "outcome"),
        ("age", "letter"),
    ):
        groups = tuple(Group(field) for field in by)
        assert searchers["tantivy"].table(All(), groups) == searchers["memory"].table(All(), groups), by
    close(searchers)


def test_a_proximity_of_many_phrases_within_one_citation(tmp_path: Path) -> None:
    """Beside a page, citations are asked one by one; what stands for many phrases is answered there too, and not refused as too expensive."""
    rng = Random(77)
    held = letters(rng, 24)
    nodes = Nodes(rng, items(held))
    reads = [brute.read(item) for item in items(held)]
    searchers = {name: build(engine(name), tmp_path / name, held) for name in ENGINES}
    some = 0
    for turn in range(30):
        left, right = (Or(tuple(nodes.phrase("guideline") for _ in range(6))) for _ in range(2))
        near = Near("guideline", left, right, 400, turn % 2 == 0)
        node = Cited("guideline", And((Not(near) if turn % 5 == 0 else near, nodes.range("page"))))
        wanted = brute.matching(node, reads)
        some += 0 < len(wanted) < len(items(held))
        for name, searcher in searchers.items():
            assert set(searcher.search(node, (), None).ids) == wanted, name
    assert some > 5
    close(searchers)
