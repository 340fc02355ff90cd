"""Engines that answer with sets of documents: the boolean algebra, order, tables and scores, for the reference and for Whoosh alike.

Such an engine answers for the leaves of a query (a word, a phrase, a range); everything that combines them is done here. Documents are numbers
from 0 on, of which some may be deleted; a set of documents holds live ones only. Statistics, BM25's among them, are counted over live ones, so
that an index answers the same, in the same order, whatever its history.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from imr_search.documents import drawn, from_record
from imr_search.engines import Found, groups
from imr_search.engines.deadline import Deadline
from imr_search.model import GroupCounts, Item
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    Group,
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
    SortKey,
    Words,
)

Docs = frozenset[int]
Citations = frozenset[tuple[int, int]]  # (document, number of the citation in its field, from 0)
Leaf = Words | Phrase | Near | Keyword | KeywordPrefix | Range
Positional = Words | Phrase | Near
Scores = dict[int, float]

_KEPT = 500_000  # documents, in all the sets that are remembered
_NONE: Docs = frozenset()


class SetSearcher(ABC):
    def __init__(self) -> None:
        self.deadline = Deadline()
        self._known: dict[Node, Docs] = {}  # a search, its table and its notices ask for the same
        self._held = 0  # documents in it

    # What an engine answers for

    @abstractmethod
    def live(self) -> Docs:
        """Every document that is not deleted."""

    @abstractmethod
    def leaf(self, node: Leaf) -> Docs:
        """The live documents that satisfy the leaf."""

    @abstractmethod
    def citations(self, field: str, node: Positional | Range | All) -> Citations:
        """The citations of a field that satisfy the leaf (All: every one), in live documents."""

    @abstractmethod
    def occurrences(self, node: Positional) -> dict[int, int]:
        """How often the leaf occurs in each live document that it occurs in."""

    @abstractmethod
    def lengths(self, field: str) -> Sequence[int]:
        """How many words the field has in each document, deleted ones too."""

    @abstractmethod
    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, Docs]]:
        """The words or whole values of a field from `prefix` on, sorted, with their live documents; none without."""

    @abstractmethod
    def numbers(self, field: str) -> Iterator[tuple[int, Docs]]:
        """The numbers of a field with their live documents; a number may come several times."""

    @abstractmethod
    def names(self) -> Sequence[tuple[str, int]]:
        """(letter, n) of each document, deleted ones too."""

    @abstractmethod
    def record(self, document: int) -> bytes:
        """The stored record of a document."""

    @abstractmethod
    def close(self) -> None: ...

    # The port

    def count(self, node: Node) -> int:
        return len(self.docs(node))

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        names = self._names
        hits = sorted(self.docs(node), key=names.__getitem__)
        scores: dict[int, float | None] = dict.fromkeys(hits)
        if sort:
            for key in reversed(sort):
                hits = self._sorted(hits, key)
        else:
            found = self.scores(node)
            scores = {hit: round(found.get(hit, 0.0), DIGITS) for hit in hits}
            hits.sort(key=lambda hit: -(scores[hit] or 0.0))
        page = hits[offset:] if limit is None else hits[offset : offset + limit]
        return Found(tuple(map(self._id, page)), tuple(scores[hit] for hit in page), len(hits))

    def draw(self, node: Node, size: int, start: int) -> list[str]:
        return drawn(map(self._id, self.docs(node)), size, start)

    def table(self, node: Node, by: tuple[Group, ...], letters: bool = True) -> list[GroupCounts]:
        rows: dict[tuple[groups.Key, ...], Docs] = {(): self.docs(node)}
        for group in by:
            parts = self._parts(group)
            parted: dict[tuple[groups.Key, ...], Docs] = {}
            for key, hits in rows.items():  # cases by files are as many pairs as the square of the letters
                self.deadline.check()
                parted |= {(*key, value): both for value, held in parts.items() if (both := hits & held)}
            rows = parted
        outcomes = dict(self.terms("outcome"))
        counted = []
        for key, hits in rows.items():
            self.deadline.check()
            counted.append(self._counts(key, hits, outcomes, letters))
        return sorted(counted, key=lambda row: groups.last(row.group))

    def items(self, ids: Iterable[str]) -> list[Item]:
        found = []
        for id_ in ids:
            self.deadline.check()
            if id_ in self._by_id:
                found.append(from_record(self.record(self._by_id[id_])))
        return found

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        return ((word, len(held)) for word, held in self.terms(field, prefix))

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        hits = self.documents if within is None else self.docs(within)
        return ((value, count) for value, held in self.terms(field, prefix) if (count := len(held & hits)))

    def interrupt(self) -> None:
        self.deadline.interrupt()

    # Documents

    @cached_property
    def documents(self) -> Docs:
        """Every live document."""
        return self.live()

    @cached_property
    def _names(self) -> Sequence[tuple[str, int]]:
        return self.names()

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return {self._id(document): document for document in self.documents}

    def _id(self, document: int) -> str:
        letter, n = self._names[document]
        return f"{letter}#{n}"

    def docs(self, node: Node) -> Docs:
        """The documents that satisfy a node."""
        self.deadline.check()
        if node not in self._known:
            found = self._docs(node)
            self._held += len(found)
            if self._held > _KEPT:
                self._known.clear()
                self._held = len(found)
            self._known[node] = found
        return self._known[node]

    def _docs(self, node: Node) -> Docs:
        match node:
            case All():
                return self.documents
            case Nothing():
                return _NONE
            case And(nodes=nodes):
                found = self.documents
                for part in nodes:
                    found = found & self.docs(part) if found else found
                return found
            case Or(nodes=nodes):
                return _NONE.union(*map(self.docs, nodes))
            case Not(node=inner):
                return self.documents - self.docs(inner)
            case Boosted(node=inner):
                return self.docs(inner)
            case InLetter(node=inner):
                letters = {self._names[hit][0] for hit in self.docs(inner)}
                return frozenset(document for document in self.documents if self._names[document][0] in letters)
            case Cited(field=field, node=inner):
                return frozenset(document for document, _ in self._cited(field, inner))
            case Similar(terms=terms, at_least=at_least, without=without):
                held = self._weights(terms)
                found = self.documents - self.leaf(Keyword("id", (without,)))
                return frozenset(hit for hit in found if len(held.get(hit, ())) >= at_least)
        return self.leaf(node)

    def _cited(self, field: str, node: Node) -> Citations:
        """The citations that satisfy a condition on one of them."""
        self.deadline.check()
        match node:
            case And(nodes=nodes):
                return self._every(field).intersection(*(self._cited(field, part) for part in nodes))
            case Or(nodes=nodes):
                return frozenset[tuple[int, int]]().union(*(self._cited(field, part) for part in nodes))
            case Not(node=inner):
                return self._every(field) - self._cited(field, inner)
            case Boosted(node=inner):
                return self._cited(field, inner)
            case Nothing():
                return frozenset()
            case Words() | Phrase() | Near() | Range() | All():
                return self.citations(field, node)
        raise TypeError(f"{type(node).__name__} cannot be asked of one citation")

    def _every(self, field: str) -> Citations:
        return self.citations(field, All())

    def _weights(self, terms: Iterable[tuple[str, str, float]]) -> dict[int, list[float]]:
        """The weights of those of the terms that each document holds."""
        found: dict[int, list[float]] = defaultdict(list)
        for field, word, weight in terms:
            for hit in self.docs(Words(field, (word,))):
                found[hit].append(weight)
        return found

    # Order

    def _sorted(self, hits: list[int], key: SortKey) -> list[int]:
        """`hits` by one key, their order kept among equals; by the smallest of several values, and without a value last."""
        values: dict[int, Any] = {}
        held: Iterable[tuple[Any, Docs]] = (self.numbers if groups.numeric(key.field) else self.terms)(key.field)
        for value, bearers in sorted(held, key=lambda pair: pair[0]):
            for hit in bearers:
                values.setdefault(hit, value)
        known = [hit for hit in hits if hit in values]
        known.sort(key=values.__getitem__, reverse=key.descending)
        return known + [hit for hit in hits if hit not in values]

    def scores(self, node: Node) -> Scores:
        """The scores of what satisfies the node; what is left out scores 0."""
        self.deadline.check()
        match node:
            case Words() | Phrase() | Near():
                return self._bm25(node)
            case Boosted(node=inner, factor=factor):
                return {hit: score * factor for hit, score in self.scores(inner).items()}
            case And(nodes=nodes):
                return self._sum(nodes, self.docs(node))
            case Or(nodes=nodes):
                return self._sum(nodes, self.documents)
            case Cited(node=inner):
                hits = self.docs(node)
                return {hit: score for hit, score in self.scores(loosely(inner)).items() if hit in hits}
            case Similar(terms=terms):
                held = self._weights(terms)
                return {hit: sum(held.get(hit, ())) for hit in self.docs(node)}
        return {}

    def _sum(self, nodes: Iterable[Node], hits: Docs) -> Scores:
        total: Scores = defaultdict(float)
        for part in nodes:
            for hit, score in self.scores(part).items():
                if hit in hits:
                    total[hit] += score
        return total

    def _bm25(self, node: Positional) -> Scores:
        times, lengths = self.occurrences(node), self.lengths(node.field)
        size = len(self.documents)
        rarity = idf(len(times), size)
        mean = sum(lengths[document] for document in self.documents) / (size or 1)
        return {hit: bm25(rarity, count, lengths[hit], mean) for hit, count in times.items()}

    # Tables

    def _parts(self, group: Group) -> dict[groups.Key, Docs]:
        """The documents of each value of a field, those without one under None."""
        found: dict[groups.Key, Docs] = {}
        if groups.numeric(group.field):
            date = groups.is_date(group.field)
            for number, held in self.numbers(group.field):
                key = groups.of_number(number, group, date)
                found[key] = found.get(key, _NONE) | held
        else:
            found.update(self.terms(group.field))
        found[None] = self.documents.difference(*found.values())
        return found

    def _counts(self, key: tuple[groups.Key, ...], hits: Docs, outcomes: dict[str, Docs], letters: bool) -> GroupCounts:
        overturned, modified, upheld = (
            len(hits & outcomes.get(name, _NONE)) for name in ("overturned", "modified", "upheld")
        )
        counted = len({self._names[hit][0] for hit in hits}) if letters else None
        return GroupCounts(key, len(hits), counted, overturned, modified, upheld)


def loosely(node: Node) -> Node:
    """What of a citation's condition can be ranked by: its words, phrases and proximities, wherever they occur in the field."""
    match node:
        case And(nodes=nodes) | Or(nodes=nodes):
            return Or(tuple(loosely(part) for part in nodes))
        case Boosted(node=inner, factor=factor):
            return Boosted(loosely(inner), factor)
        case Words() | Phrase() | Near():
            return node
    return Nothing()


K1 = 1.2
B = 0.75
DIGITS = 4  # scores are rounded to as many decimals, so that equal scores are equal however they were added up


def idf(holding: int, items: int) -> float:
    """The weight of a node that `holding` of `items` items satisfy: above 0, and larger for the rarer."""
    return math.log(1.0 + (items - holding + 0.5) / (holding + 0.5))


def bm25(idf: float, times: int, length: int, mean: float) -> float:
    """The score of a node that stands `times` times in a field of `length` words, where fields have `mean` words."""
    return idf * times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length / (mean or 1.0)))
