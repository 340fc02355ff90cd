"""Places found in items as they were read, for what Tantivy cannot say cheaply: it keeps positions to itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import chain, count

from imr_search import documents
from imr_search.analysis import STRIDE, Passage
from imr_search.engines.place_finder import PlaceFinder, WordPositions
from imr_search.model import Item
from imr_search.plan import Boosted, Near, Node, Or, Phrase, Words

_ITEMS = 5_000  # that are kept
_KEPT = 500_000  # positions of words, and ids found, that are remembered


class ReadItems(PlaceFinder):
    """Documents are known by their number in the order in which they were read. `items(ids)` reads the items of these ids, in their order."""

    def __init__(self, items: Callable[[Iterable[str]], Iterable[Item]], check: Callable[[], None]) -> None:
        super().__init__(check)
        self._read = items
        self._numbers: dict[str, int] = {}
        self._items: list[Item] = []
        self._passages: dict[str, dict[int, list[Passage]]] = {}  # by field
        self._positions: dict[Words, WordPositions] = {}
        self._looked_at: dict[Words, set[int]] = {}  # the documents of which those are known
        self._held = 0  # positions in them

    def unread(self, ids: Iterable[str], field: str) -> int:
        """How many of the items have yet to be read and taken apart for that field."""
        known, numbers = self._passages.get(field, {}), self._numbers
        return sum(numbers.get(id_, -1) not in known for id_ in ids)

    def satisfying(self, node: Near | Phrase, ids: Sequence[str], citation: int | None) -> list[str]:
        """Those of the items in which the node stands, in the citation of that number or anywhere (None)."""
        numbers = self._numbered(ids)
        if self._held > _KEPT:
            self._positions.clear()
            self._looked_at.clear()
            self._held = 0
        self._look(set(_operands(node)), numbers.keys())
        found = self.places(node, numbers.keys())
        return [
            numbers[number]
            for number, places in found.items()
            if citation is None or any(first // STRIDE == citation for first, _ in places)
        ]

    def positions(self, words: Words, documents: Set[int]) -> WordPositions:
        known = self._positions[words]
        return {document: known[document] for document in documents & known.keys()}

    def _look(self, operands: Iterable[Words], documents: Set[int]) -> None:
        """Let the positions of all operands be known of these documents: each is walked through once for all of them."""
        wanted: dict[int, list[Words]] = {}
        for words in operands:
            looked_at = self._looked_at.setdefault(words, set())
            self._positions.setdefault(words, {})
            for document in documents - looked_at:
                wanted.setdefault(document, []).append(words)
        among = {words: frozenset(words.words) for words in operands}
        for document, missing in wanted.items():
            self._check()
            by_word = self._of(missing[0].field, document)
            for words in missing:
                if found := _standing(among[words], by_word):
                    self._positions[words][document] = found
                    self._held += len(found)
                self._looked_at[words].add(document)

    def _numbered(self, ids: Sequence[str]) -> dict[int, str]:
        """The items' ids by number; what was not read is read now."""
        if len(self._items) + sum(id_ not in self._numbers for id_ in ids) > _ITEMS:
            for held in (self._numbers, self._items, self._passages, self._positions, self._looked_at):
                held.clear()
            self._held = 0
        new = [id_ for id_ in ids if id_ not in self._numbers]
        for item in self._read(new):
            self._numbers[item.id] = len(self._items)
            self._items.append(item)
        return {self._numbers[id_]: id_ for id_ in ids if id_ in self._numbers}

    def _of(self, field: str, document: int) -> dict[str, list[int]]:
        """Where each word of the field stands."""
        known = self._passages.setdefault(field, {})
        if document not in known:
            known[document] = documents.words_of(self._items[document], field).passages
        found: dict[str, list[int]] = defaultdict(list)
        for base, passage in zip(count(0, STRIDE), known[document]):
            if isinstance(passage, str):
                for at, word in enumerate(passage.split(), base):
                    found[word].append(at)
            else:
                for word, at in passage:
                    found[word].append(base + at)
        return found


def _standing(among: frozenset[str], by_word: dict[str, list[int]]) -> list[int]:
    held = among & by_word.keys()
    if len(held) == 1:
        return by_word[next(iter(held))]
    return sorted({at for word in held for at in by_word[word]})


def _operands(node: Node) -> Iterator[Words]:
    """All words of the node, slot by slot."""
    match node:
        case Words():
            yield node
        case Phrase(field=field, slots=slots):
            yield from (Words(field, slot) for slot in slots)
        case Near(left=left, right=right):
            yield from (*_operands(left), *_operands(right))
        case Or(nodes=nodes):
            yield from chain.from_iterable(map(_operands, nodes))
        case Boosted(node=inner):
            yield from _operands(inner)
