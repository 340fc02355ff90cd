"""Plan nodes to sets of documents and to scores, over posting lists. Sets are bits (bits.py), places are sorted numbers (places.py)."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import reduce
from operator import or_

from imr_search.analysis import SENTENCE
from imr_search.engines import scoring
from imr_search.engines.whoosh import bits, places
from imr_search.engines.whoosh.buffer import PAGE, VALUE, WORD
from imr_search.engines.whoosh.places import Places
from imr_search.engines.whoosh.reader import Reader
from imr_search.engines.whoosh.segment import DOCUMENT, MASK
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    InLetter,
    Keyword,
    KeywordPrefix,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Range,
    Similar,
    Words,
)

Scores = dict[int, float]
_KEPT, _LONG = 16, 1_000_000  # nodes whose places are kept, and places of one above which the others are let go
_COST: dict[type, int] = {Phrase: 2, Near: 3, Cited: 3, InLetter: 1, Range: 1}


class Matching:
    """Answers for one reader. `stopped` is asked before each node and may raise."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[Node, Places] = {}
        self.interrupted = False

    def bits(self, node: Node, within: int | None = None) -> int:
        """The live documents that satisfy `node`, of those in `within`."""
        if self.interrupted:
            self.interrupted = False
            raise KeyboardInterrupt
        asked = self._reader.live if within is None else within
        return self._bits(node, asked) & asked if asked else 0

    def _bits(self, node: Node, within: int) -> int:
        """At least the documents of `within` that satisfy `node`, and beyond it only what does too or is anything."""
        reader = self._reader
        match node:
            case All():
                return within
            case Nothing():
                return 0
            case Words(field=field, words=words):
                return reduce(or_, (reader.bits(WORD + field, word) for word in words), 0)
            case Phrase() | Near():
                return self._standing(node, within)
            case Keyword(field=field, values=values):
                return reduce(or_, (reader.bits(VALUE + field, value) for value in values), 0)
            case KeywordPrefix(field=field, prefix=prefix):
                found = (reader.bits(VALUE + field, value) for value, _ in reader.terms(VALUE + field, prefix))
                return reduce(or_, found, 0)
            case Range(field=field):
                return self._documents([owner for owner, number in reader.numbers(field) if _in(number, node)])
            case Cited(field=field, node=inner):
                return self._documents([window >> DOCUMENT for window in self._cited(field, inner, within)])
            case InLetter(node=inner):
                return bits.whole_runs(self.bits(inner), reader.ends)
            case Similar():
                return self._similar(node, within)
            case And(nodes=nodes):
                for part in sorted(nodes, key=lambda part: _COST.get(type(part), 0)):
                    within = self.bits(part, within)
                return within
            case Or(nodes=nodes):
                return reduce(or_, (self.bits(part, within) for part in nodes), 0)
            case Not(node=inner):
                return within & ~self.bits(inner, within)
            case Boosted(node=inner):
                return self._bits(inner, within)
        raise TypeError(f"{type(node).__name__} is no node")

    def _documents(self, owners: list[int]) -> int:
        return bits.of_ids(owners, self._reader.size)

    # Words that stand somewhere

    def _possible(self, node: Node) -> int:
        """The documents that hold enough words for a positional node: few where one word is rare."""
        match node:
            case Phrase(field=field, slots=slots):
                found = self._reader.live
                for slot in slots:
                    found &= self._bits(Words(field, slot), found)
                return found
            case Near(left=left, right=right):
                return self._possible(left) & self._possible(right)
            case Or(nodes=nodes):
                return reduce(or_, map(self._possible, nodes), 0)
            case Boosted(node=inner):
                return self._possible(inner)
            case Words():
                return self._bits(node, self._reader.live)
        return 0

    def _standing(self, node: Phrase | Near, within: int) -> int:
        within &= self._possible(node)
        if not within:
            return 0
        if isinstance(node, Phrase):
            found = self._places(node, within).firsts
        else:
            left, right = self._places(node.left, within), self._places(node.right, within)
            found = list(places.meetings(left, right, node.distance, node.ordered))
        return self._documents([place >> DOCUMENT for place in found])

    def _places(self, node: Node, within: int) -> Places:
        """The places of a positional node in the documents of `within`, and perhaps in others."""
        reader = self._reader
        if node in self._known:
            return self._known[node]
        match node:
            case Words(field=field, words=words):
                lists = [reader.places(WORD + field, word, within) for word in words]
                return places.of_words(lists) if lists else places.EMPTY
            case Phrase(field=field, slots=slots):
                found = places.phrase([self._places(Words(field, slot), within).firsts for slot in slots])
                return self._keep(node, found, within)
            case Near():
                left, right = self._places(node.left, within), self._places(node.right, within)
                return self._keep(node, places.near(left, right, node.distance, node.ordered), within)
            case Or(nodes=nodes):
                return places.union([self._places(part, within) for part in nodes])
            case Boosted(node=inner):
                return self._places(inner, within)
            case Nothing():
                return places.EMPTY
        raise TypeError(f"{type(node).__name__} has no places")

    def _keep(self, node: Node, found: Places, within: int) -> Places:
        """Matching and scoring ask for the same places: the last few are kept, when they are those of all documents."""
        if within == self._possible(node):
            if len(self._known) > _KEPT or len(found) > _LONG:
                self._known.clear()
            self._known[node] = found
        return found

    # Citations

    def _cited(self, field: str, node: Node, within: int) -> set[int]:
        """The citations that satisfy `node`: document << DOCUMENT | number of the citation."""
        reader = self._reader
        match node:
            case Words() | Phrase() | Near():
                return {
                    place & ~MASK | (place & MASK) // SENTENCE
                    for place in self._places(node, within & self._possible(node)).firsts
                }
            case Range():
                pages = [page for page, _ in reader.terms(PAGE + field) if _in(int(page), node)]
                return set().union(*(reader.places(PAGE + field, page, within) for page in pages))
            case And(nodes=nodes):
                wanted = [part for part in nodes if not isinstance(part, Not)]
                found = self._cited(field, wanted[0] if wanted else All(), within)
                for part in wanted[1:]:
                    found &= self._cited(field, part, within)
                for unwanted in [part.node for part in nodes if isinstance(part, Not)]:
                    found -= self._cited(field, unwanted, within)
                return found
            case Or(nodes=nodes):
                return set().union(*(self._cited(field, part, within) for part in nodes))
            case Not(node=inner):
                return self._cited(field, All(), within) - self._cited(field, inner, within)
            case Boosted(node=inner):
                return self._cited(field, inner, within)
            case All():
                windows = reader.column(f"windows.{field}")
                return {
                    document << DOCUMENT | window
                    for document in bits.ids(within)
                    for window in range(windows[document] if windows else 0)
                }
            case Nothing():
                return set()
        raise TypeError(f"{type(node).__name__} cannot be asked of one citation")

    def _similar(self, node: Similar, within: int) -> int:
        """`holding[k]`: the documents that hold at least k of the terms seen so far."""
        holding = [within] + [0] * max(node.at_least, 0)
        for field, word, _ in node.terms:
            held = self._reader.bits(WORD + field, word)
            for k in range(len(holding) - 1, 0, -1):
                holding[k] |= holding[k - 1] & held
        return holding[-1] & ~self._reader.bits(VALUE + "id", node.without)

    # Scores

    def scores(self, node: Node, hits: int) -> Scores:
        """The scores of those of `hits` that satisfy `node` and do not score 0."""
        match node:
            case Words() | Phrase() | Near():
                return self._bm25(node, hits)
            case Boosted(node=inner, factor=factor):
                return {hit: score * factor for hit, score in self.scores(inner, hits).items()}
            case And(nodes=nodes):
                return self._sum(nodes, self.bits(node, hits))
            case Or(nodes=nodes):
                return self._sum(nodes, hits)
            case Cited(node=inner):
                return self.scores(_loosely(inner), self.bits(node, hits))
            case Similar(terms=terms):
                return self._weights(terms, self.bits(node, hits))
        return {}

    def _sum(self, nodes: tuple[Node, ...], hits: int) -> Scores:
        found: Scores = {}
        for part in nodes:
            scores = self.scores(part, hits)
            if found:
                for hit, score in scores.items():
                    found[hit] = found.get(hit, 0.0) + score
            else:
                found = scores
        return found

    def _weights(self, terms: tuple[tuple[str, str, float], ...], hits: int) -> Scores:
        found: Scores = defaultdict(float)
        for field, word, weight in terms:
            for hit in bits.ids(self._reader.bits(WORD + field, word) & hits):
                found[hit] += weight
        return found

    def _bm25(self, node: Words | Phrase | Near, hits: int) -> Scores:
        reader = self._reader
        holding = self.bits(node)
        idf = scoring.idf(holding.bit_count(), reader.live.bit_count())
        wanted = bits.flags(holding & hits, reader.size)
        lengths, mean = self._lengths(node.field)
        if isinstance(node, Words) and len({word.strip("#%") for word in node.words}) == len(node.words):
            counts: Counter[int] = Counter()  # no two of the words can stand at one position
            for word in node.words:
                if counts:
                    for document, times in reader.counts(WORD + node.field, word):
                        counts[document] += times
                else:
                    counts = Counter(dict(reader.counts(WORD + node.field, word)))
        else:
            counts = Counter([place >> DOCUMENT for place in self._places(node, holding & hits).firsts])
        flat, slope = scoring.K1 * (1.0 - scoring.B), scoring.K1 * scoring.B / (mean or 1.0)
        gain = idf * (scoring.K1 + 1.0)
        return {
            document: gain * times / (times + flat + slope * lengths[document])
            for document, times in counts.items()
            if wanted[document]
        }

    def _lengths(self, field: str) -> tuple[list[int], float]:
        """How many words the field has in each document, and on average in the live ones."""
        reader = self._reader
        lengths = reader.column(f"length.{field}")
        live = reader.live.bit_count()
        total = sum(lengths) if reader.whole else sum(lengths[document] for document in bits.ids(reader.live))
        return lengths, total / (live or 1)


def _in(value: int, range_: Range) -> bool:
    return (range_.low is None or value >= range_.low) and (range_.high is None or value <= range_.high)


def _loosely(node: Node) -> Node:
    """What of a Cited's condition can be scored: any of its words, phrases and proximities, wherever they stand in the field."""
    match node:
        case And(nodes=nodes) | Or(nodes=nodes):
            return Or(tuple(_loosely(part) for part in nodes))
        case Boosted(node=inner, factor=factor):
            return Boosted(_loosely(inner), factor)
        case Words() | Phrase() | Near():
            return node
    return Nothing()
