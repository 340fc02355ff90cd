"""Where positional nodes stand in many documents at once, for engines that know where words do: spans.places, word by word instead of document by
document, so that what several nodes share is looked up once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Set

from imr_search.plan import Boosted, Near, Node, Nothing, Or, Phrase, Words
from imr_search.spans import Place, meeting

WordPositions = dict[int, list[int]]  # by document: sorted and distinct, never empty
Places = dict[int, list[Place]]  # the same of places


class PlaceFinder(ABC):
    """`check` is called from document to document and may raise."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check

    @abstractmethod
    def positions(self, words: Words, documents: Set[int]) -> WordPositions:
        """Where any of the words stands in those of `documents` that hold it."""

    def places(self, node: Node, documents: Set[int]) -> Places:
        """As spans.places tells them, of those of `documents` in which the node stands."""
        match node:
            case Words():
                held = self.positions(node, documents)
                return {document: [(at, at) for at in positions] for document, positions in held.items()}
            case Phrase():
                return self._phrase(node, documents)
            case Near(left=left, right=right, distance=distance, ordered=ordered):
                lefts = self.places(left, documents)
                rights = self.places(right, lefts.keys())
                found: Places = {}
                for document, second in rights.items():
                    self._check()
                    if pairs := meeting(lefts[document], second, distance, ordered):
                        found[document] = pairs
                return found
            case Or(nodes=nodes):
                return _merged(self.places(part, documents) for part in nodes)
            case Boosted(node=inner):
                return self.places(inner, documents)
            case Nothing():
                return {}
        raise TypeError(f"{type(node).__name__} has no places")

    def _phrase(self, node: Phrase, documents: Set[int]) -> Places:
        starts = self.positions(Words(node.field, node.slots[0]), documents)
        for offset, slot in enumerate(node.slots[1:], 1):
            held = self.positions(Words(node.field, slot), starts.keys())
            left: WordPositions = {}
            for document, positions in held.items():
                self._check()
                among = frozenset(positions)
                if found := [start for start in starts[document] if start + offset in among]:
                    left[document] = found
            starts = left
        end = len(node.slots) - 1
        return {document: [(start, start + end) for start in found] for document, found in starts.items()}


def _merged(parts: Iterable[Places]) -> Places:
    found: Places = {}
    several: set[int] = set()
    for part in parts:
        for document, places in part.items():
            if document in found:
                several.add(document)
                found[document] = found[document] + places
            else:
                found[document] = places
    return found | {document: sorted(set(found[document])) for document in several}
