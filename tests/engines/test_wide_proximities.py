"""Phrases and proximities of the words of wildcards: whichever plan finds them, the items are the reference's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import brute
import pytest
from chance import Nodes, letters
from test_contract import build, close, items
from test_real_letters import real

from imr_search.engines.registry import engine
from imr_search.engines.tantivy import expressions, positional_queries, searcher
from imr_search.engines.tantivy.positional_queries import PositionalQueries
from imr_search.errors import TooExpensiveError
from imr_search.letters.decoding import read_text
from imr_search.letters.parse import parse
from imr_search.model import Letter
from imr_search.plan import And, Cited, Near, Node, Not, Or, Phrase, Words

FIELDS = ("treatment", "rationale", "summary", "guideline")
SHAPES = (
    lambda rng: f"{_letters(rng, 1, 2)}*",
    lambda rng: f"*{_letters(rng, 1, 3)}",
    lambda rng: f"*{_letters(rng, 1, 2)}*",
    lambda rng: f"*{_letters(rng, 1, 1)}*{_letters(rng, 1, 1)}*",
    lambda rng: f"?{_letters(rng, 1, 1)}*{_letters(rng, 1, 1)}",
    lambda rng: f"{_letters(rng, 1, 1)}*{_letters(rng, 1, 1)}",
)


def _letters(rng: Random, least: int, most: int) -> str:
    return "".join(rng.choice("etaoinsrhlducm") for _ in range(rng.randint(least, most)))


def _wild(rng: Random, lexicon: list[str]) -> tuple[str, ...]:
    pattern = rng.choice(SHAPES)(rng).replace("?", ".").replace("*", ".*")
    return tuple(word for word in lexicon if re.fullmatch(pattern, word)) or (rng.choice(lexicon),)


class Wide:
    """Random positional nodes of wildcards, words and phrases."""

    def __init__(self, rng: Random, held: list[Letter]) -> None:
        self.rng = rng
        self.nodes = Nodes(rng, items(held))

    def node(self) -> Node:
        rng = self.rng
        field = rng.choice(FIELDS)
        found = self.phrase(field) if rng.random() < 0.25 else self.near(field)
        match rng.randrange(5):
            case 0:
                return And((found, self.near(rng.choice(FIELDS))))
            case 1:
                return Not(found)
            case 2:
                condition = And((self.near("guideline"), self.nodes.range("page")))
                return Cited("guideline", condition)
        return found

    def near(self, field: str) -> Near:
        distance = self.rng.choice((1, 2, 3, 5, 20, 50, 400))
        return Near(field, self._operand(field), self._operand(field), distance, self.rng.random() < 0.4)

    def phrase(self, field: str) -> Phrase:
        return Phrase(field, tuple(self._slot(field) for _ in range(self.rng.choice((2, 2, 3)))))

    def _slot(self, field: str) -> tuple[str, ...]:
        words = self.nodes.words[field]
        return _wild(self.rng, words) if self.rng.random() < 0.6 else (self.rng.choice(words),)

    def _operand(self, field: str) -> Node:
        match self.rng.randrange(5):
            case 0:
                return self.phrase(field)
            case 1:
                return Or(tuple(Words(field, self._slot(field)) for _ in range(self.rng.randint(2, 5))))
        return Words(field, self._slot(field))


def _always(monkeypatch: pytest.MonkeyPatch, plan: str) -> None:
    if plan == "read":
        monkeypatch.setattr(positional_queries, "_CHEAP_MS", -1.0)
        monkeypatch.setattr(positional_queries, "_DIRECT", -1.0)
        monkeypatch.setattr(searcher, "_READ_MS", 0.0)
    elif plan == "asked":
        monkeypatch.setattr(positional_queries, "_MEMORY", float("inf"))
        monkeypatch.setattr(positional_queries, "_CHEAP_MS", float("inf"))


def _examples(folder: Path) -> list[Letter]:
    found = []
    for path in sorted(folder.rglob("*.txt")):
        found += parse(read_text(path, path.read_bytes()), file=path.name, sha256="0" * 64, stem=path.stem)
    return found


def _agree(held: list[Letter], folder: Path, rng: Random, rounds: int, names: tuple[str, ...]) -> int:
    """How many of the random queries found some items and not all."""
    folder.mkdir(exist_ok=True)
    searchers = {name: build(engine(name), folder / name, held) for name in names}
    wide, reads = Wide(rng, held), [brute.read(item) for item in items(held)]
    some = 0
    for _ in range(rounds):
        node = wide.node()
        wanted = brute.matching(node, reads)
        some += 0 < len(wanted) < len(reads)
        for name, one in searchers.items():
            assert set(one.search(node, (), None).ids) == wanted, f"{name}: {node}"
    close(searchers)
    return some


@pytest.mark.parametrize("plan", ["chosen", "read", "asked"])
def test_wildcards_beside_each_other(
    plan: str, examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _always(monkeypatch, plan)
    assert _agree(letters(Random(5), 40), tmp_path / "made", Random(6), 60, ("whoosh", "tantivy")) > 15
    assert _agree(_examples(examples), tmp_path / "examples", Random(12), 100, ("whoosh", "tantivy")) > 5


@pytest.mark.long
@pytest.mark.parametrize("plan", ["chosen", "read", "asked"])
def test_two_thousand_wide_queries_over_real_letters(
    plan: str, shared_letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _always(monkeypatch, plan)
    names = ("whoosh", "tantivy") if plan == "chosen" else ("tantivy",)
    assert _agree(real(shared_letters), tmp_path, Random(7), 2_000, names) > 200


def test_one_expression_matches_the_words_of_a_wildcard_and_no_others() -> None:
    """Words that are not all that it matches have none."""
    rng = Random(8)
    lexicon = sorted({_letters(rng, 1, 9) for _ in range(3_000)} | {"#60", "5%", "l4.5", "naïve"})
    whole = 0

    def beginning(prefix: str) -> list[str]:
        return [word for word in lexicon if word.startswith(prefix)]

    for _ in range(300):
        words = _wild(rng, lexicon)
        for slot in (words, tuple(rng.sample(words, (len(words) + 1) // 2))):
            pattern = expressions.pattern(slot, beginning)
            matched = [word for word in lexicon if pattern is not None and re.fullmatch(pattern, word)]
            assert pattern is None or matched == sorted(slot)
        whole += expressions.pattern(words, beginning) is not None
    assert whole > 270


def _spying(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The bytes that each phrase and proximity is reckoned to take from now on."""
    taken: list[float] = []
    planned: Callable[..., object] = PositionalQueries._planned

    def noted(self: PositionalQueries, *arguments: object) -> object:
        before = self._taken
        found = planned(self, *arguments)
        taken.append(self._taken - before)
        return found

    monkeypatch.setattr(PositionalQueries, "_planned", noted)
    return taken


def test_the_phrases_of_a_query_together_take_no_more_memory_than_one_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit any more is read from the items."""
    held = letters(Random(9), 60)
    wide, reads = Wide(Random(10), held), [brute.read(item) for item in items(held)]
    one = build(engine("tantivy"), tmp_path / "t", held)
    monkeypatch.setattr(positional_queries, "_CHEAP_MS", float("inf"))
    taken = _spying(monkeypatch)
    nodes = [wide.near("rationale") for _ in range(12)]
    for node in nodes:
        one.count(node)
    alone, most = sum(taken), max(taken)
    assert alone > most > 0
    monkeypatch.setattr(positional_queries, "_MEMORY", most)
    taken.clear()
    node = Or(tuple(nodes))
    assert set(one.search(node, (), None).ids) == brute.matching(node, reads)
    assert 0 < sum(taken[:12]) <= most
    one.close()


def test_what_fits_neither_memory_nor_reading_is_refused_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = build(engine("tantivy"), tmp_path / "t", letters(Random(11), 60))
    monkeypatch.setattr(positional_queries, "_MEMORY", 1.0)
    wide = Words("rationale", tuple(word for word, _ in one.words("rationale")))
    near, phrase = Near("rationale", wide, wide, 5, True), Phrase("rationale", (wide.words, wide.words))
    assert one.count(near) >= one.count(phrase) > 1
    monkeypatch.setattr(searcher, "_READ", 1)
    one.close()
    one = build(engine("tantivy"), tmp_path / "u", letters(Random(11), 60))
    for node, reason in ((near, "one side of a proximity matches"), (phrase, "a phrase matches")):
        with pytest.raises(TooExpensiveError) as refused:
            one.count(node)
        assert refused.value.reason.startswith(reason)
    one.close()


@pytest.mark.parametrize("name", ["whoosh", "tantivy"])
def test_what_a_deadline_cut_off_is_found_the_next_time(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it had read till then."""
    _always(monkeypatch, "read")
    held = letters(Random(13), 40)
    wide, reads = Wide(Random(14), held), [brute.read(item) for item in items(held)]
    cut = 0
    one = build(engine(name), tmp_path / name, held)
    check = one.deadline.check
    for turn in range(40):
        node, left = wide.near("rationale"), turn

        def until() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise TooExpensiveError

        monkeypatch.setattr(one.deadline, "check", until)
        try:
            one.count(node)
        except TooExpensiveError:
            cut += 1
        monkeypatch.setattr(one.deadline, "check", check)
        assert set(one.search(node, (), None).ids) == brute.matching(node, reads), node
    assert cut > 20
    one.close()
