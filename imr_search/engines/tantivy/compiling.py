"""Plan nodes to Tantivy queries that are exact. What only filters scores 0; what ranks is Tantivy's BM25."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from imr_search.engines.tantivy import schema
from imr_search.nodes import (
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

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query
    Scored = list[tuple[tantivy.Occur, tantivy.Query]]

Slot = tuple[str, ...]
_FEW = 12  # words, or phrases, that are asked for one by one; more are one query over a set or an expression
_EXPLICIT = 24  # phrases of a proximity beyond which candidates are read rather than asked for
_SPECIAL = frozenset('\\.+*?()|[]{}^$#&-~/@"<>')


class Compiler:
    """For one opened index. `longest`: by field, the most words of a sentence or citation. `marks(field, prefix)` lists the terms of a citation
    field's numbered words; `letters(query)` the numbers of the letters that have an item in it; `verified(node, query)` the ids of the query's
    items that satisfy the node, or None when they are too many to read."""

    def __init__(
        self,
        made: tantivy.Schema,
        longest: Mapping[str, int],
        marks: Callable[[str, str], list[str]],
        letters: Callable[[tantivy.Query], list[int]],
        verified: Callable[[Node, tantivy.Query], list[str] | None],
    ) -> None:
        import tantivy

        self._schema = made
        self._longest = longest
        self._query = tantivy.Query
        self._occur = tantivy.Occur
        self._integer = tantivy.FieldType.Integer
        self._marks = marks
        self._letters = letters
        self._verified = verified

    # Small words

    def everything(self) -> Query:
        return self._query.const_score_query(self._query.all_query(), 0.0)

    def silent(self, query: Query) -> Query:
        """The same items, scored 0."""
        return self._query.const_score_query(query, 0.0)

    def both(self, *queries: Query) -> Query:
        return self._query.boolean_query([(self._occur.Must, query) for query in queries])

    def without(self, query: Query, unwanted: Query) -> Query:
        return self._query.boolean_query([(self._occur.Must, query), (self._occur.MustNot, unwanted)])

    def either(self, queries: Sequence[Query]) -> Query:
        if not queries:
            return self._query.empty_query()
        if len(queries) == 1:
            return queries[0]
        return self._query.boolean_query([(self._occur.Should, query) for query in queries])

    def exists(self, column: str) -> Query:
        return self.silent(self._query.exists_query(column))

    def number(self, column: str, low: int | None, high: int | None) -> Query:
        if low is None and high is None:
            return self.exists(column)
        top = 2**63 - 1
        if (low is not None and low > top) or (high is not None and high < -top):
            return self._query.empty_query()
        low = None if low is None else max(low, -top)
        high = None if high is None else min(high, top)
        return self.silent(self._query.range_query(self._schema, column, self._integer, low, high))

    def value(self, column: str, values: Sequence[str]) -> Query:
        if len(values) == 1:
            return self.silent(self._query.term_query(self._schema, column, values[0], "basic"))
        return self.silent(self._query.term_set_query(self._schema, column, list(values)))

    # Nodes

    def query(self, node: Node) -> Query:
        match node:
            case All():
                return self.everything()
            case Nothing():
                return self._query.empty_query()
            case Words(field=field, words=words):
                return self._words(schema.WORDS + field, words)
            case Phrase(field=field, slots=slots):
                return self._row(schema.WORDS + field, list(enumerate(slots)))
            case Near(field=field):
                return self._near(schema.WORDS + field, node, "")
            case Keyword(field=field, values=values):
                return self.value(schema.VALUES + field, values) if values else self._query.empty_query()
            case KeywordPrefix(field=field, prefix=prefix):
                return self._prefix(schema.VALUES + field, prefix)
            case Range(field=field, low=low, high=high):
                return self.number(schema.NUMBERS + field, low, high)
            case Cited():
                return self._cited(node)
            case InLetter(node=inner):
                numbers = self._letters(self.query(inner))
                if not numbers:
                    return self._query.empty_query()
                return self.silent(self._query.term_set_query(self._schema, schema.NUMBER_OF_LETTER, numbers))
            case Similar():
                return self._similar(node)
            case And(nodes=nodes):
                return self._all_of(nodes, self.query)
            case Or(nodes=nodes):
                return self.either([self.query(part) for part in nodes])
            case Not(node=inner):
                return self.without(self.everything(), self.query(inner))
            case Boosted(node=inner, factor=factor):
                return self._query.boost_query(self.query(inner), factor)
        raise TypeError(f"{type(node).__name__} is no node")

    def _all_of(self, nodes: Iterable[Node], compile_: Callable[[Node], Query], every: Query | None = None) -> Query:
        wanted: Scored = []
        unwanted: Scored = []
        for part in nodes:
            match part:
                case Not(node=inner):
                    unwanted.append((self._occur.MustNot, compile_(inner)))
                case _:
                    wanted.append((self._occur.Must, compile_(part)))
        return self._query.boolean_query((wanted or [(self._occur.Must, every or self.everything())]) + unwanted)

    def _prefix(self, column: str, prefix: str) -> Query:
        if not prefix:
            return self.exists(column)
        return self.silent(self._query.regex_query(self._schema, column, _escaped(prefix) + "(.|\n)*"))

    def _similar(self, node: Similar) -> Query:
        terms = [
            (self._occur.Should, self._query.const_score_query(self._term(schema.WORDS + field, word), weight))
            for field, word, weight in node.terms
        ]
        if node.at_least <= 0:
            terms.append((self._occur.Must, self.everything()))
            query = self._query.boolean_query(terms)
        elif node.at_least > len(terms):
            query = self._query.empty_query()
        else:
            query = self._query.boolean_query(terms, node.at_least)
        return self.without(query, self.value(schema.ID, (node.without,))) if node.without else query

    # Words, phrases, proximities: `suffix` is "" or the number of a citation

    def _term(self, column: str, word: str) -> Query:
        return self._query.term_query(self._schema, column, word, "freq")

    def _words(self, column: str, words: Slot) -> Query:
        if len(words) <= _FEW:
            return self.either([self._term(column, word) for word in words])
        return self._query.term_set_query(self._schema, column, list(words))

    def _row(self, column: str, row: Sequence[tuple[int, Slot]], slop: int = 0) -> Query:
        """Words of each slot at its place in the row."""
        if not all(slot for _, slot in row):
            return self._query.empty_query()
        if len(row) == 1:
            return self._words(column, row[0][1])
        if prod(len(slot) for _, slot in row) <= _FEW:
            rows: list[list[tuple[int, str]]] = [[]]
            for offset, slot in row:
                rows = [[*held, (offset, word)] for held in rows for word in slot]
            return self.either([self._query.phrase_query(self._schema, column, list(words), slop) for words in rows])
        expressions = [(offset, "(" + "|".join(map(_escaped, slot)) + ")") for offset, slot in row]
        return self._query.regex_phrase_query(self._schema, column, list(expressions), slop)

    def _near(self, column: str, node: Near, suffix: str) -> Query:
        left, right = _rows(node.left, suffix), _rows(node.right, suffix)
        explicit, reach = 0, self._reach(node)
        for first in left:
            for second in right:
                if not _sloppy(first, second, node):
                    explicit += reach * (1 if node.ordered else 2)
        if explicit > _EXPLICIT and not suffix:
            both = self.both(self.query(node.left), self.query(node.right))
            ids = self._verified(node, both)
            if ids is not None:
                return self._named(ids)
        found: list[Query] = []
        for first in left:
            for second in right:
                found += self._pairs(column, first, second, node)
        return self.either(found)

    def _reach(self, node: Near) -> int:
        """The distance, but no more than any two words of a sentence are apart."""
        return min(node.distance, max(self._longest.get(node.field, 0) - 1, 0))

    def _named(self, ids: list[str]) -> Query:
        if not ids:
            return self._query.empty_query()
        return self._query.term_set_query(self._schema, schema.ID, ids)

    def _pairs(self, column: str, first: Sequence[Slot], second: Sequence[Slot], node: Near) -> list[Query]:
        if _sloppy(first, second, node):
            # Tantivy counts a swap as two: each order within the distance is one query, and neither finds more than the other's pairs.
            slop = node.distance - 1
            return [
                self._row(column, [(0, first[0]), (1, second[0])], slop),
                self._row(column, [(0, second[0]), (1, first[0])], slop),
            ]
        orders = [(first, second)] if node.ordered else [(first, second), (second, first)]
        return [
            self._row(column, [*enumerate(head), *enumerate(tail, len(head) - 1 + distance)])
            for head, tail in orders
            for distance in range(1, self._reach(node) + 1)
        ]

    # Citations

    def _cited(self, node: Cited) -> Query:
        inner = node.node
        while isinstance(inner, Boosted):
            inner = inner.node
        if isinstance(inner, Words | Phrase | Near):
            return self.query(inner)  # no phrase and no distance reaches from one citation into another
        column = schema.CITED + node.field
        windows = [int(mark[2:]) for mark in self._marks(node.field, schema.EVERY)]
        each = self.either([self._of_citation(column, node.field, inner, window) for window in sorted(windows)])
        ranking = _loosely(inner)
        if not ranking:
            return self.silent(each)
        should = [(self._occur.Should, self.query(part)) for part in ranking]
        return self._query.boolean_query([(self._occur.Must, self.silent(each)), *should])

    def _of_citation(self, column: str, field: str, node: Node, window: int) -> Query:
        """The items whose citation of that number satisfies the node."""
        suffix = f"|{window}"

        def compile_(part: Node) -> Query:
            return self._of_citation(column, field, part, window)

        every = self._term(column, schema.EVERY + suffix)
        match node:
            case All():
                return every
            case Nothing():
                return self._query.empty_query()
            case Words(words=words):
                return self._words(column, tuple(word + suffix for word in words))
            case Phrase(slots=slots):
                return self._row(column, list(enumerate(_suffixed(slots, suffix))))
            case Near():
                return self._near(column, node, suffix)
            case Range(low=low, high=high):
                pages = [
                    mark
                    for mark in self._marks(field, schema.PAGE)
                    if mark.endswith(suffix) and _within(int(mark[1 : -len(suffix)]), low, high)
                ]
                return self._words(column, tuple(pages)) if pages else self._query.empty_query()
            case And(nodes=nodes):
                return self._all_of(nodes, compile_, every)
            case Or(nodes=nodes):
                return self.either([compile_(part) for part in nodes])
            case Not(node=inner):
                return self.without(every, compile_(inner))
            case Boosted(node=inner):
                return compile_(inner)
        raise TypeError(f"{type(node).__name__} cannot be asked of one citation")


def ranks(node: Node) -> bool:
    """Does the node give scores other than 0?"""
    match node:
        case Words() | Phrase() | Near() | Similar():
            return True
        case Cited(node=inner):
            return bool(_loosely(inner)) or isinstance(inner, Words | Phrase | Near)
        case And(nodes=nodes) | Or(nodes=nodes):
            return any(map(ranks, nodes))
        case Boosted(node=inner):
            return ranks(inner)
    return False


def _rows(node: Node, suffix: str) -> list[Sequence[Slot]]:
    """An operand of a proximity as alternative rows of slots."""
    match node:
        case Words(words=words):
            return [_suffixed((words,), suffix)] if words else []
        case Phrase(slots=slots):
            return [_suffixed(slots, suffix)]
        case Or(nodes=nodes):
            return [row for part in nodes for row in _rows(part, suffix)]
        case Boosted(node=inner):
            return _rows(inner, suffix)
    return []


def _suffixed(slots: Iterable[Slot], suffix: str) -> tuple[Slot, ...]:
    return tuple(tuple(word + suffix for word in slot) for slot in slots)


def _sloppy(first: Sequence[Slot], second: Sequence[Slot], node: Near) -> bool:
    """Can a phrase with slop say it? For single words in any order that never stand at one position, as 60 and #60 do."""
    if node.ordered or len(first) > 1 or len(second) > 1:
        return False
    return {_bare(word) for word in first[0]}.isdisjoint(_bare(word) for word in second[0])


def _bare(word: str) -> str:
    return word.partition("|")[0].strip("#%")


def _within(number: int, low: int | None, high: int | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


def _escaped(text: str) -> str:
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


def _loosely(node: Node) -> list[Node]:
    """What of a citation's condition can be ranked by."""
    match node:
        case And(nodes=nodes) | Or(nodes=nodes):
            return [found for part in nodes for found in _loosely(part)]
        case Boosted(node=inner, factor=factor):
            return [Boosted(found, factor) for found in _loosely(inner)]
        case Words() | Phrase() | Near():
            return [node]
    return []
