"""Words, phrases and proximities as Tantivy queries, exact however many words stand in a slot.

A phrase of which a slot has many words is one over expressions, for which Tantivy holds the postings of every word of every such phrase. So what it
will take is reckoned first, from how many items hold each word: what is sooner read from the items is read there, and what would take too much memory
is refused if the items are too many to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, product
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from imr_search.engines.tantivy import expressions, schema
from imr_search.errors import TooExpensiveError
from imr_search.plan import Boosted, Near, Node, Or, Phrase, Words

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query

Slot = tuple[str, ...]
Row = Sequence[tuple[int, Slot]]  # slots at their places
Pair = tuple[Sequence[Slot], Sequence[Slot]]  # the rows of both operands of a proximity
_FEW = 12  # words, or phrases, that are asked for one by one; more are one query over a set or an expression
_EXPANSIONS = 16_000  # words of one phrase over expressions; Tantivy takes 16,384
_SLOTS = 1_000  # of which it is remembered what they take
_PLANS = 1_000  # that are remembered,
_KEPT = 300_000  # with so many items in them

# What Tantivy takes, as measured with 14,000 items.
_MEMORY = 150_000_000  # bytes that the phrases of one query may take
_PHRASE = 80_000  # bytes: buffers of a phrase
_FREQUENT = 100  # items from which a word's postings are not loaded but walked through,
_WALK = 4_000  # with so many bytes for it,
_POSTING = 36  # else so many for each item
_SETUP_MS = 0.2  # of the processor: for a phrase,
_POSTING_MS = 0.0002  # for each item that holds a word of it,
_WORD_MS = 0.0002  # and for each word of the column, if all are tried
_TIMES = 3  # a query is counted, searched and made a table of
_CHEAP_MS = 3.0  # up to which reading is not thought of,
_DIRECT = 24  # nor is it for so many phrases


class _Costs(NamedTuple):
    """Of phrases: milliseconds of the processor each time that they are asked, bytes while they are, and how many they are, where one over
    expressions counts as many."""

    ms: float = 0.0
    bytes: float = 0.0
    phrases: float = 0.0

    def plus(self, other: _Costs, times: float = 1) -> _Costs:
        return _Costs(*(mine + times * its for mine, its in zip(self, other, strict=True)))


class _Known(NamedTuple):
    """Of a slot: its words without # and %; expressions that match them; how many items hold each, added up; the bytes of their postings."""

    bare: frozenset[str]
    expressions: list[str]
    postings: int
    bytes: int


class PositionalQueries:
    """For an index of `size` items. `longest`: by field, the most words of a sentence or citation. `beginning(column, prefix)`: all words of a
    column with that beginning. `frequency(column, word)`: how many items hold a word. `satisfying(node, query, citation, ms)`: the ids of the query's
    items in which a phrase or proximity stands (in the citation of that number, or anywhere for None), read one by one; None when they are too many
    to be read, or when that takes longer than `ms`."""

    def __init__(
        self,
        made: tantivy.Schema,
        size: int,
        longest: Mapping[str, int],
        beginning: Callable[[str, str], list[str]],
        frequency: Callable[[str, str], int],
        satisfying: Callable[[Near | Phrase, Query, int | None, float], list[str] | None],
    ) -> None:
        import tantivy

        self._schema = made
        self._size = size
        self._query = tantivy.Query
        self._should, self._must = tantivy.Occur.Should, tantivy.Occur.Must
        self._longest = longest
        self._beginning = beginning
        self._frequency = frequency
        self._satisfying = satisfying
        self._slots: dict[tuple[str, Slot], _Known] = {}
        self._plans: dict[tuple[str, Near | Phrase, str], tuple[Query, float]] = {}
        self._ids = 0  # of items, in them
        self._taken = 0.0  # bytes of the phrases of the query that is being made

    @contextmanager
    def one_query(self) -> Iterator[None]:
        """What is made inside is asked as one query, and gone after it."""
        before, self._taken = self._taken, 0.0
        try:
            yield
        finally:
            self._taken = before

    def either(self, queries: Sequence[Query]) -> Query:
        if not queries:
            return self._query.empty_query()
        if len(queries) == 1:
            return queries[0]
        return self._query.boolean_query([(self._should, query) for query in queries])

    def both(self, *queries: Query) -> Query:
        return self._query.boolean_query([(self._must, query) for query in queries])

    def term(self, column: str, word: str) -> Query:
        return self._query.term_query(self._schema, column, word, "freq")

    def words(self, column: str, words: Slot) -> Query:
        if len(words) <= _FEW:
            return self.either([self.term(column, word) for word in words])
        return self._query.term_set_query(self._schema, column, list(words))

    def phrase(self, column: str, node: Phrase, suffix: str = "") -> Query:
        """`suffix` is "" or "|" and the number of a citation, which then each word bears."""
        row = list(enumerate(suffixed(node.slots, suffix)))
        return self._planned(column, node, suffix, lambda: self._costs(column, row), lambda: self._row(column, row))

    def near(self, column: str, node: Near, suffix: str = "") -> Query:
        @cache
        def pairs() -> tuple[Pair, ...]:
            each = product(_rows(node.left, suffix), _rows(node.right, suffix))
            return tuple(part for pair in each for part in self._parts(column, pair, node))

        def made() -> Query:
            return self.either([query for pair in pairs() for query in self._pair(column, pair, node)])

        return self._planned(column, node, suffix, lambda: self._costs_of_pairs(column, pairs(), node), made)

    def _planned(
        self, column: str, node: Near | Phrase, suffix: str, costs: Callable[[], _Costs], made: Callable[[], Query]
    ) -> Query:
        """What `made` makes, or the items themselves where that is the better plan; kept for the next time. Raises TooExpensiveError when there is no
        plan."""
        query, taken = self._plans.get((column, node, suffix), (None, 0.0))
        if query is None or self._taken + taken > _MEMORY:
            query, taken = self._plan(column, node, suffix, costs(), made)
            self._plans[column, node, suffix] = query, taken
        self._taken += taken
        return query

    def _plan(
        self, column: str, node: Near | Phrase, suffix: str, costs: _Costs, made: Callable[[], Query]
    ) -> tuple[Query, float]:
        """The query, and the bytes that it takes."""
        fits = self._taken + costs.bytes <= _MEMORY
        if not fits or (costs.ms > _CHEAP_MS and costs.phrases > _DIRECT):
            ids = self._read(column, node, suffix, _TIMES * costs.ms if fits else float("inf"))
            if ids is not None:
                self._ids += len(ids)
                if self._ids > _KEPT:
                    self._plans.clear()
                    self._ids = len(ids)
                found = self._query.term_set_query(self._schema, schema.ID, ids) if ids else self._query.empty_query()
                return found, 0.0
        if not fits:
            raise TooExpensiveError(_reason(node))
        if len(self._plans) > _PLANS:
            self._plans.clear()
        return made(), costs.bytes

    def _read(self, column: str, node: Near | Phrase, suffix: str, ms: float) -> list[str] | None:
        """The ids of the items, if that takes no longer than `ms`: read among those that hold the words; if these are too many, among those of them
        that hold the phrases whole; and if these still are, that hold the ends of the operands close to each other."""
        citation = int(suffix[1:]) if suffix else None
        operands = [_rows(part, suffix) for part in ((node.left, node.right) if isinstance(node, Near) else (node,))]
        query = self.both(*(self.either([self._holding(column, row) for row in rows]) for rows in operands))
        ids = self._satisfying(node, query, citation, ms)
        if isinstance(node, Phrase):
            return ids
        left, right = operands
        whole = [[(list(enumerate(row)), 0) for row in rows] for rows in operands if any(len(row) > 1 for row in rows)]
        for narrower in (whole, self._close(column, left, right, node.distance)):
            if ids is not None or not narrower:
                continue
            costs = _Costs()
            for row, _ in chain.from_iterable(narrower):
                costs = costs.plus(self._costs(column, row))
            if costs.bytes > _MEMORY or costs.ms > ms:
                break
            ms -= costs.ms
            query = self.both(query, *(self.either([self._row(column, *one) for one in rows]) for rows in narrower))
            ids = self._satisfying(node, query, citation, ms)
        return ids

    def _holding(self, column: str, row: Sequence[Slot]) -> Query:
        """The items that hold a word of each slot, wherever it stands."""
        return self.both(*(self.words(column, slot) for slot in row))

    def _close(
        self, column: str, left: Iterable[Sequence[Slot]], right: Iterable[Sequence[Slot]], distance: int
    ) -> list[list[tuple[Row, int]]]:
        """Rows with slop, one of which every item has: a last and a first word of the operands; none if both may be the same."""
        found: list[tuple[Row, int]] = []
        for first, second in product(left, right):
            heads, tails = first[-1], second[0]
            if not self._apart(column, heads, tails):
                return []
            slop = distance + len(first) + len(second)
            found += [([(0, heads), (1, tails)], slop), ([(0, tails), (1, heads)], slop)]
        return [found]

    # Rows of slots

    def _row(self, column: str, row: Row, slop: int = 0) -> Query:
        """A word of each slot at its place in the row."""
        if not all(slot for _, slot in row):
            return self._query.empty_query()
        if len(row) == 1:
            return self.words(column, row[0][1])
        offsets = [offset for offset, _ in row]
        if _combinations(row) <= _FEW:
            each = [list(zip(offsets, words, strict=True)) for words in product(*(slot for _, slot in row))]
            return self.either([self._query.phrase_query(self._schema, column, list(words), slop) for words in each])
        each = [list(zip(offsets, found, strict=True)) for found in product(*self._expressions(column, row))]
        return self.either([self._query.regex_phrase_query(self._schema, column, list(found), slop) for found in each])

    def _expressions(self, column: str, row: Row) -> list[list[str]]:
        """Of each slot, expressions that match its words between them, and no other word of the column."""
        if sum(len(slot) for _, slot in row) > _EXPANSIONS:
            return [expressions.lists(slot) for _, slot in row]
        return [self._known(column, slot).expressions for _, slot in row]

    def _known(self, column: str, slot: Slot) -> _Known:
        if (column, slot) not in self._slots:
            if len(self._slots) >= _SLOTS:
                self._slots.clear()
            found = None
            if len(slot) > _FEW:
                found = expressions.pattern(slot, lambda prefix: self._beginning(column, prefix))
            counts = [self._frequency(column, word) for word in slot]
            held = sum(_WALK if count >= _FREQUENT else 400 + _POSTING * count for count in counts)
            bare = frozenset(map(_bare, slot))
            self._slots[column, slot] = _Known(bare, [found] if found else expressions.lists(slot), sum(counts), held)
        return self._slots[column, slot]

    def _costs(self, column: str, row: Row) -> _Costs:
        """What the phrases of a row take."""
        if len(row) == 1 or not all(slot for _, slot in row):
            return _Costs()
        known = [self._known(column, slot) for _, slot in row]
        if (phrases := _combinations(row)) <= _FEW:
            held = sum(phrases / len(slot) * one.postings for (_, slot), one in zip(row, known, strict=True))
            return _Costs(phrases * _SETUP_MS + held * _POSTING_MS, phrases * _PHRASE, phrases)
        each = [len(found) for found in self._expressions(column, row)]
        phrases = prod(each)
        # Each word is held once for every phrase that its expression is part of.
        shares = [phrases / number for number in each]
        postings = sum(share * one.postings for share, one in zip(shares, known, strict=True))
        held = sum(share * one.bytes for share, one in zip(shares, known, strict=True))
        tried = len(row) * _WORD_MS * len(self._beginning(column, ""))
        bits = len(row) * 5 * self._size / 8
        ms = phrases * (_SETUP_MS + tried) + postings * _POSTING_MS
        return _Costs(ms, phrases * (_PHRASE + bits) + held, phrases * (_DIRECT + 1))

    # Pairs of rows

    def _reach(self, node: Near) -> int:
        """The distance, but no more than any two words of a sentence are apart."""
        return min(node.distance, max(self._longest.get(node.field, 0) - 1, 0))

    def _sloppy(self, column: str, pair: Pair, node: Near) -> bool:
        """Can a phrase with slop say it? For single words in any order that never stand at one position, as 60 and #60 do."""
        first, second = pair
        return not node.ordered and len(first) == len(second) == 1 and self._apart(column, first[0], second[0])

    def _apart(self, column: str, first: Slot, second: Slot) -> bool:
        """Can no word of one stand where a word of the other does?"""
        return self._known(column, first).bare.isdisjoint(self._known(column, second).bare)

    def _parts(self, column: str, pair: Pair, node: Near) -> list[Pair]:
        """Pairs that together say the same: of two slots that share some words, what can be said with slop, and these words alone without, if that is
        cheaper."""
        first, second = pair
        if node.ordered or len(first) != 1 or len(second) != 1 or self._apart(column, first[0], second[0]):
            return [pair]
        shared = self._known(column, first[0]).bare & self._known(column, second[0]).bare
        (left, left_shared), (right, right_shared) = (_parted(slot, shared) for slot in (first[0], second[0]))
        found: list[Pair] = [((left,), second), (first, (right,)), ((left_shared,), (right_shared,))]
        found = [part for part in found if part[0][0] and part[1][0]]
        whole, parts = (self._costs_of_pairs(column, pairs, node) for pairs in ([pair], found))
        return found if parts.ms < whole.ms else [pair]

    def _costs_of_pairs(self, column: str, pairs: Iterable[Pair], node: Near) -> _Costs:
        costs = _Costs()
        for pair in pairs:
            first, second = pair
            times = len(_orders(pair, node)) * (1 if self._sloppy(column, pair, node) else self._reach(node))
            costs = costs.plus(self._costs(column, [*enumerate(first), *enumerate(second, len(first))]), times)
            for row in pair:
                costs = costs.plus(self._costs(column, list(enumerate(row))))
        return costs

    def _pair(self, column: str, pair: Pair, node: Near) -> list[Query]:
        orders = _orders(pair, node)
        if self._sloppy(column, pair, node):
            # Tantivy counts a swap as two: each order within the distance is one query, and neither finds more than the other's pairs.
            return [self._row(column, [(0, head[0]), (1, tail[0])], node.distance - 1) for head, tail in orders]
        each = [
            self._row(column, [*enumerate(head), *enumerate(tail, len(head) - 1 + distance)])
            for head, tail in orders
            for distance in range(1, self._reach(node) + 1)
        ]
        whole = [self._row(column, list(enumerate(row))) for row in pair if len(row) > 1]
        if not whole or len(each) <= _FEW:
            return each
        filters = [(self._must, self._query.const_score_query(row, 0.0)) for row in whole]
        # filtered, so that few items are looked at closely
        return [self._query.boolean_query([*filters, (self._must, self.either(each))])]


def _orders(pair: Pair, node: Near) -> list[Pair]:
    first, second = pair
    return [pair] if node.ordered or first == second else [pair, (second, first)]


def _parted(slot: Slot, shared: frozenset[str]) -> tuple[Slot, Slot]:
    """The words that are not of `shared`, and those that are."""
    return tuple(word for word in slot if _bare(word) not in shared), tuple(
        word for word in slot if _bare(word) in shared
    )


def suffixed(slots: Iterable[Slot], suffix: str) -> tuple[Slot, ...]:
    return tuple(tuple(word + suffix for word in slot) for slot in slots)


def _rows(node: Node, suffix: str) -> list[Sequence[Slot]]:
    """An operand of a proximity as alternative rows of slots."""
    match node:
        case Words(words=words):
            return [suffixed((words,), suffix)] if words else []
        case Phrase(slots=slots):
            return [suffixed(slots, suffix)]
        case Or(nodes=nodes):
            return [row for part in nodes for row in _rows(part, suffix)]
        case Boosted(node=inner):
            return _rows(inner, suffix)
    return []


def _bare(word: str) -> str:
    return word.partition("|")[0].strip("#%")


def _combinations(row: Row) -> int:
    return prod(len(slot) for _, slot in row)


def _reason(node: Near | Phrase) -> str:
    if isinstance(node, Phrase):
        return f"a phrase matches {sum(map(len, node.slots)):,} words in too many items"
    left, right = (sum(map(len, _words(operand))) for operand in (node.left, node.right))
    return f"one side of a proximity matches {left:,} words, the other {right:,}, in too many items"


def _words(node: Node) -> Iterator[Slot]:
    """The words of an operand, place by place."""
    return (slot for row in _rows(node, "") for slot in row)
