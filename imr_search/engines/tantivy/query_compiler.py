"""Plan nodes to Tantivy queries that are exact. What only filters scores 0; what ranks is Tantivy's BM25."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from imr_search.engines.tantivy import schema
from imr_search.engines.tantivy.expressions import escaped
from imr_search.engines.tantivy.positional_queries import PositionalQueries
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

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query
    Scored = list[tuple[tantivy.Occur, tantivy.Query]]


_KEPT = 1_000_000  # numbers of letters in the conditions that are kept


class Compiler:
    """For one opened index. `letters(query)`: the numbers of the letters that have an item in it, and True; or, if they are fewer, of those that have
    none, and False. `terms(column, prefix)` lists the words of a column; the others are what PositionalQueries asks for."""

    def __init__(
        self,
        made: tantivy.Schema,
        size: int,
        longest: Mapping[str, int],
        terms: Callable[[str, str], list[str]],
        frequency: Callable[[str, str], int],
        letters: Callable[[tantivy.Query], tuple[list[int], bool]],
        satisfying: Callable[[Near | Phrase, tantivy.Query, int | None, float], list[str] | None],
    ) -> None:
        import tantivy

        self._schema = made
        self._query = tantivy.Query
        self._occur = tantivy.Occur
        self._integer = tantivy.FieldType.Integer
        self._terms = terms
        self._letters = letters
        self._kept: dict[Node, Query] = {}
        self._held = 0
        self._positional = PositionalQueries(made, size, longest, terms, frequency, satisfying)
        self.either, self.both = self._positional.either, self._positional.both

    # Small words

    def everything(self) -> Query:
        return self._query.const_score_query(self._query.all_query(), 0.0)

    def silent(self, query: Query) -> Query:
        """The same items, scored 0."""
        return self._query.const_score_query(query, 0.0)

    def without(self, query: Query, unwanted: Query) -> Query:
        return self._query.boolean_query([(self._occur.Must, query), (self._occur.MustNot, unwanted)])

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

    def whole(self, node: Node) -> Query:
        """The node as a query that is asked for itself."""
        with self._positional.one_query():
            return self.query(node)

    def query(self, node: Node) -> Query:
        match node:
            case All():
                return self.everything()
            case Nothing():
                return self._query.empty_query()
            case Words(field=field, words=words):
                return self._positional.words(schema.WORDS + field, words)
            case Phrase(field=field):
                return self._positional.phrase(schema.WORDS + field, node)
            case Near(field=field):
                return self._positional.near(schema.WORDS + field, node)
            case Keyword(field=field, values=values):
                return self.value(schema.VALUES + field, values) if values else self._query.empty_query()
            case KeywordPrefix(field=field, prefix=prefix):
                return self._prefix(schema.VALUES + field, prefix)
            case Range(field=field, low=low, high=high):
                return self.number(schema.NUMBERS + field, low, high)
            case Cited():
                return self._cited(node)
            case InLetter(node=inner):
                return self._in_letters(inner)
            case Similar():
                return self._similar(node)
            case And(nodes=nodes):
                return self._all_of(nodes, self.query)
            case Or(nodes=nodes):
                return self._any_of(nodes, self.query)
            case Not(node=inner):
                return self.without(self.everything(), self.query(inner))
            case Boosted(node=inner, factor=factor):
                return self._query.boost_query(self.query(inner), factor)
        raise TypeError(f"{type(node).__name__} is no node")

    def _all_of(self, nodes: Iterable[Node], compile_: Callable[[Node], Query], every: Query | None = None) -> Query:
        wanted: Scored = []
        unwanted: Scored = []
        for part, times in Counter(nodes).items():
            match part:
                case Not(node=inner):
                    unwanted.append((self._occur.MustNot, compile_(inner)))
                case _:
                    wanted.append((self._occur.Must, self._repeated(compile_(part), times)))
        return self._query.boolean_query((wanted or [(self._occur.Must, every or self.everything())]) + unwanted)

    def _any_of(self, nodes: Iterable[Node], compile_: Callable[[Node], Query]) -> Query:
        return self.either([self._repeated(compile_(part), times) for part, times in Counter(nodes).items()])

    def _repeated(self, query: Query, times: int) -> Query:
        """Asked once and counted so often: a proximity that stands in a query forty times would hold its positions forty times in memory."""
        return query if times == 1 else self._query.boost_query(query, float(times))

    def _in_letters(self, inner: Node) -> Query:
        """Kept for the next time: a search, its count and its table ask the same."""
        if inner not in self._kept:
            numbers, within = self._letters(self.whole(inner))
            self._held += len(numbers)
            if self._held > _KEPT:
                self._kept.clear()
                self._held = len(numbers)
            found = self._query.empty_query()
            if numbers:
                found = self.silent(self._query.term_set_query(self._schema, schema.NUMBER_OF_LETTER, numbers))
            self._kept[inner] = found if within else self.without(self.everything(), found)
        return self._kept[inner]

    def _prefix(self, column: str, prefix: str) -> Query:
        if not prefix:
            return self.exists(column)
        return self.silent(self._query.regex_query(self._schema, column, escaped(prefix) + "(.|\n)*"))

    def _similar(self, node: Similar) -> Query:
        terms = [
            (
                self._occur.Should,
                self._query.const_score_query(self._positional.term(schema.WORDS + field, word), weight),
            )
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

    # Citations

    def _cited(self, node: Cited) -> Query:
        inner = node.node
        while isinstance(inner, Boosted):
            inner = inner.node
        if isinstance(inner, Words | Phrase | Near):
            return self.query(inner)  # no phrase and no distance reaches from one citation into another
        column = schema.CITED + node.field
        windows = [int(mark[2:]) for mark in self._terms(column, schema.EVERY)]
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

        every = self._positional.term(column, schema.EVERY + suffix)
        match node:
            case All():
                return every
            case Nothing():
                return self._query.empty_query()
            case Words(words=words):
                return self._positional.words(column, tuple(word + suffix for word in words))
            case Phrase():
                return self._positional.phrase(column, node, suffix)
            case Near():
                return self._positional.near(column, node, suffix)
            case Range(low=low, high=high):
                pages = [
                    mark
                    for mark in self._terms(column, schema.PAGE)
                    if mark.endswith(suffix) and _within(int(mark[1 : -len(suffix)]), low, high)
                ]
                return self._positional.words(column, tuple(pages)) if pages else self._query.empty_query()
            case And(nodes=nodes):
                return self._all_of(nodes, compile_, every)
            case Or(nodes=nodes):
                return self._any_of(nodes, compile_)
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


def _within(number: int, low: int | None, high: int | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


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
