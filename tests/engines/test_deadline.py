"""No query takes longer than it may, on any engine, and another thread can end one."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from random import Random

import pytest
from chance import letters
from test_contract import ENGINES, build

from imr_search.engines.deadline import Deadline, cost
from imr_search.engines.registry import engine
from imr_search.engines.tantivy.positional_queries import PositionalQueries
from imr_search.errors import TooExpensiveError
from imr_search.indexing import build as build_index
from imr_search.plan import All, And, Group, KeywordPrefix, Near, Node, Not, Or, Phrase, Words
from imr_search.store import open_index

PAIN, BACK = Words("rationale", ("pain",)), Words("rationale", ("back",))
NODES: tuple[Node, ...] = (
    And((PAIN, BACK)),
    Phrase("rationale", (("pain",), ("back",))),
    Near("rationale", PAIN, BACK, 400, False),
)


@pytest.mark.parametrize("name", ENGINES)
def test_after_the_deadline_nothing_is_answered(name: str, tmp_path: Path) -> None:
    searcher = build(engine(name), tmp_path / name, letters(Random(1), 12))
    for node in NODES:
        searcher.deadline.start(1e-9)
        for ask in (searcher.count, searcher.search, lambda node: searcher.table(node, ())):
            with pytest.raises(TooExpensiveError):
                ask(node)
        searcher.deadline.start(None)
        assert searcher.count(node) == searcher.search(node, (), None).total
    searcher.close()


@pytest.mark.parametrize("name", ENGINES)
def test_an_interrupt_ends_one_query_and_not_the_next(name: str, tmp_path: Path) -> None:
    searcher = build(engine(name), tmp_path / name, letters(Random(1), 12))
    searcher.interrupt()
    with pytest.raises(KeyboardInterrupt):
        searcher.count(NODES[0])
    assert searcher.count(NODES[0]) == searcher.search(NODES[0], (), None).total
    searcher.close()


@pytest.mark.parametrize("name", ["whoosh", "tantivy"])
def test_words_are_looked_up_within_the_deadline(name: str, tmp_path: Path, examples: Path) -> None:
    """Reading a query takes time, too: a wildcard looks at every word of the index, once for each field."""
    build_index([examples], tmp_path / "ix", engine=name, workers=1)
    with open_index(tmp_path / "ix") as opened:
        opened.searcher.deadline.start(1e-9)
        for ask in (lambda: list(opened.searcher.words("rationale")), lambda: list(opened.searcher.values("drug"))):
            with pytest.raises(TooExpensiveError):
                ask()
        opened.searcher.deadline.start(None)
        opened.searcher.interrupt()
        with pytest.raises(KeyboardInterrupt):
            list(opened.searcher.words("rationale"))
        assert len(list(opened.searcher.words("rationale"))) > 100


@pytest.mark.parametrize("name", ["memory", "whoosh", "tantivy"])
def test_a_table_of_many_groups_ends_between_its_rows(name: str, tmp_path: Path) -> None:
    searcher = build(engine(name), tmp_path / name, letters(Random(1), 40))
    seen = 0

    def check() -> None:
        nonlocal seen
        seen += 1
        if seen > 5:
            raise TooExpensiveError

    searcher.deadline.check = check  # type: ignore[method-assign]
    with pytest.raises(TooExpensiveError):
        searcher.table(All(), (Group("case"), Group("page")))
    assert seen == 6


def test_whoosh_ends_in_the_middle_of_a_proximity(tmp_path: Path) -> None:
    """Its span queries look at the deadline from document to document."""
    searcher = build(engine("whoosh"), tmp_path / "w", letters(Random(1), 40))
    seen = 0

    def check() -> None:
        nonlocal seen
        seen += 1
        if seen > 12:
            raise TooExpensiveError

    searcher.deadline.check = check  # type: ignore[method-assign]
    with pytest.raises(TooExpensiveError):
        searcher.count(NODES[2])
    assert seen == 13


@pytest.mark.parametrize("kind", [And, Or])
def test_tantivy_holds_once_what_a_query_repeats(
    kind: type[And | Or], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And counts it as often as it stands there."""
    reference, searcher = (
        build(engine(name), tmp_path / name, letters(Random(1), 60)) for name in ("memory", "tantivy")
    )
    asked = []
    near = PositionalQueries.near

    def noted(self: PositionalQueries, column: str, node: Near, suffix: str = "") -> object:
        asked.append(node)
        return near(self, column, node, suffix)

    monkeypatch.setattr(PositionalQueries, "near", noted)
    other = Not(Near("rationale", BACK, PAIN, 3, True))
    often = searcher.search(kind((*[NODES[2]] * 40, *[other] * 40, PAIN, PAIN)), (), None)
    assert len(asked) == 2
    assert set(often.ids) == set(reference.search(kind((NODES[2], other, PAIN)), (), None).ids)
    scores = [dict(zip(found.ids, found.scores, strict=True)) for found in (
        searcher.search(NODES[2], (), None), searcher.search(PAIN, (), None), often)]  # fmt: skip
    both = scores[0].keys() & scores[1].keys() & scores[2].keys()
    assert both
    for id_ in both:
        assert scores[2][id_] == pytest.approx(40 * scores[0][id_] + 2 * scores[1][id_], abs=0.01)
    searcher.close()


def test_whoosh_ends_between_the_values_of_a_beginning(tmp_path: Path) -> None:
    searcher = build(engine("whoosh"), tmp_path / "w", letters(Random(1), 40))
    values = len(list(searcher.values("specialty")))
    seen = 0

    def check() -> None:
        nonlocal seen
        seen += 1

    searcher.deadline.check = check  # type: ignore[method-assign]
    assert searcher.count(KeywordPrefix("specialty", "")) > 0
    assert seen >= values > 1


def test_what_nothing_stops_is_given_up(tmp_path: Path) -> None:
    deadline = Deadline()
    ended = threading.Event()

    def slow() -> None:
        time.sleep(0.5)
        ended.set()

    deadline.start(0.1)
    with pytest.raises(TooExpensiveError):
        deadline.run(slow)
    assert not ended.is_set()
    deadline.start(None)
    assert deadline.run(ended.is_set)  # one at a time: it waited for the other
    with pytest.raises(ValueError, match="x"):
        deadline.run(lambda: int("x"))


def test_a_query_that_got_no_processor_has_more_time() -> None:
    deadline = Deadline()
    deadline.start(0.2)
    time.sleep(0.3)
    deadline.check()
    time.sleep(0.4)
    with pytest.raises(TooExpensiveError):
        deadline.check()
    deadline.start(0.2)
    began = time.process_time()
    with pytest.raises(TooExpensiveError):
        _work(deadline)
    assert time.process_time() < began + 0.5


def _work(deadline: Deadline) -> None:
    began = time.process_time()
    while time.process_time() < began + 2:
        deadline.check()


def test_an_interrupt_gives_up_too() -> None:
    deadline = Deadline()
    began = time.monotonic()
    threading.Timer(0.1, deadline.interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        deadline.run(lambda: time.sleep(3))
    assert time.monotonic() - began < 2


def test_a_shorter_deadline_inside_a_longer_one() -> None:
    deadline = Deadline()
    with deadline.at_most(1e-9), pytest.raises(TooExpensiveError):
        deadline.check()
    deadline.check()
    deadline.start(1e-9)
    with deadline.at_most(10), pytest.raises(TooExpensiveError):
        deadline.check()


def test_what_is_expensive_costs_more() -> None:
    wide = Words("rationale", tuple(f"w{number}" for number in range(1000)))
    order = [All(), PAIN, NODES[1], NODES[2], wide, Near("rationale", wide, wide, 400, False)]
    assert [cost(node) for node in order] == sorted(cost(node) for node in order)
    assert cost(Near("rationale", PAIN, BACK, 50, True)) > cost(Near("rationale", PAIN, BACK, 50, False))
