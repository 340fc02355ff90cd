"""Words, phrases and proximities as Tantivy queries, exact however many words stand in a slot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from imr_search.engines.tantivy import schema
from imr_search.errors import TooExpensiveError
from imr_search.plan import Boosted, Near, Node, Or, Phrase, Words

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query

Slot = tuple[str, ...]
_FEW = 12  # words, or phrases, that are asked for one by one; more are one query over a set or an expression
_MOST = 400  # phrases of a proximity that are asked for at all: each holds its lists of positions in memory
_EXPLICIT = 24  # phrases of a proximity beyond which candidates are read rather than asked for
_STATES = 400  # bytes of words in one expression: Tantivy's expressions have at most 1,000 states
_SPECIAL = frozenset('\\.+*?()|[]{}^$#&-~/@"<>')


class PositionalQueries:
    """`longest`: by field, the most words of a sentence or citation. `beginning(column, prefix)`: all words of a column with that beginning.
    `verified(node, close, citation)`: the ids of the items that satisfy a proximity (in the citation of that number, or anywhere for None), read
    one by one among those in all of `close`, or None when they are too many to read."""

    def __init__(
        self,
        made: tantivy.Schema,
        longest: Mapping[str, int],
        beginning: Callable[[str, str], list[str]],
        verified: Callable[[Near, list[Query], int | None], list[str] | None],
    ) -> None:
        import tantivy

        self._schema = made
        self._query = tantivy.Query
        self._should, self._must = tantivy.Occur.Should, tantivy.Occur.Must
        self._longest = longest
        self._beginning = beginning
        self._verified = verified

    def either(self, queries: Sequence[Query]) -> Query:
        if not queries:
            return self._query.empty_query()
        if len(queries) == 1:
            return queries[0]
        return self._query.boolean_query([(self._should, query) for query in queries])

    def term(self, column: str, word: str) -> Query:
        return self._query.term_query(self._schema, column, word, "freq")

    def words(self, column: str, words: Slot) -> Query:
        if len(words) <= _FEW:
            return self.either([self.term(column, word) for word in words])
        return self._query.term_set_query(self._schema, column, list(words))

    def row(self, column: str, row: Sequence[tuple[int, Slot]], slop: int = 0) -> Query:
        """A word of each slot at its place in the row."""
        if not all(slot for _, slot in row):
            return self._query.empty_query()
        if len(row) == 1:
            return self.words(column, row[0][1])
        offsets = [offset for offset, _ in row]
        if prod(len(slot) for _, slot in row) <= _FEW:
            each = [list(zip(offsets, words, strict=True)) for words in product(*(slot for _, slot in row))]
            return self.either([self._query.phrase_query(self._schema, column, list(words), slop) for words in each])
        expressions = product(*(self._expressions(column, slot) for _, slot in row))
        each = [list(zip(offsets, found, strict=True)) for found in expressions]
        return self.either([self._query.regex_phrase_query(self._schema, column, list(found), slop) for found in each])

    def _expressions(self, column: str, slot: Slot) -> list[str]:
        """Regular expressions that match the words of a slot between them, and no other word of the column."""
        if len(slot) > _FEW:
            first, last = _ends(slot)
            length = len(first) + len(last)
            alike = (word for word in self._beginning(column, first) if word.endswith(last) and len(word) >= length)
            if length and set(alike) <= set(slot):
                return [f"{escaped(first)}.*{escaped(last)}"]
        found: list[str] = []
        held: list[str] = []
        size = 0
        for word in slot:
            if held and size + len(word.encode()) > _STATES:
                found.append("(" + "|".join(held) + ")")
                held, size = [], 0
            held.append(escaped(word))
            size += len(word.encode())
        return [*found, "(" + "|".join(held) + ")"]

    def near(self, column: str, node: Near, suffix: str = "") -> Query:
        """`suffix` is "" or "|" and the number of a citation, which then each word bears."""
        pairs = list(product(_rows(node.left, suffix), _rows(node.right, suffix)))
        explicit = sum(self._cost(column, first, second, node) for first, second in pairs)
        if explicit > _EXPLICIT:
            close = self._close(column, pairs, node) if explicit <= _MOST else []
            ids = self._verified(node, close, int(suffix[1:]) if suffix else None)
            if ids is not None:
                return self._query.term_set_query(self._schema, schema.ID, ids) if ids else self._query.empty_query()
        if explicit > _MOST:
            left, right = (sum(map(len, _words(operand))) for operand in (node.left, node.right))
            raise TooExpensiveError(
                f"one side of a proximity matches {left:,} words, the other {right:,}, in too many items"
            )
        return self.either([query for first, second in pairs for query in self._pair(column, first, second, node)])

    def _close(self, column: str, pairs: Iterable[tuple[Sequence[Slot], Sequence[Slot]]], node: Near) -> list[Query]:
        """What every item of the proximity has at least: a last and a first word of its operands not far from each other."""
        near: list[Query] = []
        for first, second in pairs:
            heads, tails = first[-1], second[0]
            if not _apart(heads, tails):
                return []
            slop = node.distance + len(first) + len(second)
            near += [self.row(column, [(0, heads), (1, tails)], slop), self.row(column, [(0, tails), (1, heads)], slop)]
        return [self.either(near)]

    def _reach(self, node: Near) -> int:
        """The distance, but no more than any two words of a sentence are apart."""
        return min(node.distance, max(self._longest.get(node.field, 0) - 1, 0))

    def _cost(self, column: str, first: Sequence[Slot], second: Sequence[Slot], node: Near) -> int:
        """About how many queries a pair of rows takes."""
        each = prod(len(self._expressions(column, slot)) for slot in (*first, *second))
        return each * (1 if node.ordered else 2) * (1 if _sloppy(first, second, node) else self._reach(node))

    def _pair(self, column: str, first: Sequence[Slot], second: Sequence[Slot], node: Near) -> list[Query]:
        orders = [(first, second)] if node.ordered else [(first, second), (second, first)]
        if _sloppy(first, second, node):
            # Tantivy counts a swap as two: each order within the distance is one query, and neither finds more than the other's pairs.
            return [self.row(column, [(0, head[0]), (1, tail[0])], node.distance - 1) for head, tail in orders]
        each = [
            self.row(column, [*enumerate(head), *enumerate(tail, len(head) - 1 + distance)])
            for head, tail in orders
            for distance in range(1, self._reach(node) + 1)
        ]
        whole = [self.row(column, list(enumerate(row))) for row in (first, second) if len(row) > 1]
        if not whole or len(each) <= _FEW:
            return each
        filters = [(self._must, self._query.const_score_query(row, 0.0)) for row in whole]
        return [
            self._query.boolean_query([*filters, (self._must, self.either(each))])
        ]  # so that few items are looked at closely


def suffixed(slots: Iterable[Slot], suffix: str) -> tuple[Slot, ...]:
    return tuple(tuple(word + suffix for word in slot) for slot in slots)


def escaped(text: str) -> str:
    """`text` itself as a regular expression."""
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


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


def _sloppy(first: Sequence[Slot], second: Sequence[Slot], node: Near) -> bool:
    """Can a phrase with slop say it? For single words in any order that never stand at one position, as 60 and #60 do."""
    return not node.ordered and len(first) == len(second) == 1 and _apart(first[0], second[0])


def _apart(first: Slot, second: Slot) -> bool:
    """Can no word of one stand where a word of the other does?"""
    return {_bare(word) for word in first}.isdisjoint(_bare(word) for word in second)


def _bare(word: str) -> str:
    return word.partition("|")[0].strip("#%")


def _ends(words: Slot) -> tuple[str, str]:
    """What all words begin with, and what they end with besides."""
    first = _shared(min(words), max(words))
    reverse = [word[len(first) :][::-1] for word in words]
    return first, _shared(min(reverse), max(reverse))[::-1]


def _shared(first: str, last: str) -> str:
    """The beginning that both words have, and so all between them in the alphabet."""
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


def _words(node: Node) -> Iterator[Slot]:
    """The words of an operand, place by place."""
    return (slot for row in _rows(node, "") for slot in row)
