"""A Tantivy index opened: the port's answers. Counts, orders and tables are made inside the engine; only the items of a page are loaded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from imr_search import documents
from imr_search.engines import Found
from imr_search.engines.deadline import Deadline, cost
from imr_search.engines.tantivy import facets, schema
from imr_search.engines.tantivy.ordering import Ordering
from imr_search.engines.tantivy.prepared import unpack
from imr_search.engines.tantivy.query_compiler import Compiler, ranks
from imr_search.engines.tantivy.read_items import ReadItems
from imr_search.engines.tantivy.schema import guard, read_meta
from imr_search.errors import IndexError_
from imr_search.model import GroupCounts, Item
from imr_search.plan import All, Group, Keyword, Near, Node, Phrase, SortKey, Words

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query
    Address = tantivy.DocAddress

_T = TypeVar("_T")
_EXPENSIVE = 5_000_000  # lists of postings times items, from which a query may take longer than anybody wants to wait for an interrupt
_WIDE = 400  # so many times the work of a count is a table whose groups may be as many as the items
_PAGE = 100  # items, of which it is remembered where they are
_READ = 3_000  # items read for a proximity that the engine cannot say cheaply,
_SHARE = 300  # and in large indexes one of so many,
_READ_MS = 0.2  # with so many milliseconds of the processor each


class TantivySearcher:
    def __init__(self, folder: Path) -> None:
        import tantivy

        self._folder = str(folder)
        meta = read_meta(folder)
        self._most: int = max(meta["most"], 1)
        with guard(self._folder):
            index = tantivy.Index.open(self._folder)
            index.config_reader("manual")
            self._searcher = index.searcher()
            self._size = int(self._searcher.num_docs)
            self._compiler = Compiler(
                index.schema,
                self._size,
                meta["longest"],
                self._words_of,
                self._searcher.doc_freq,
                self._letters_of,
                self._satisfying,
            )
            self._ordering = Ordering(self._searcher, self._compiler, self._letter_name, self._most)
        self._listed: dict[tuple[str, str], list[str]] = {}
        self._firsts: dict[str, Address] = {}  # by letter of the last page, where its first item should be
        self.deadline = Deadline()
        self._read_items = ReadItems(self.items, lambda: self.deadline.check())

    def count(self, node: Node) -> int:
        def act() -> int:
            query, held = self._query(node), self._held(node)
            return self._count(query) if held is None else held

        return self._done(node, act)

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        return self._done(node, lambda: self._search(node, sort, limit, offset), 1 + (limit is None))

    def _done(self, node: Node, act: Callable[[], _T], times: int = 1) -> _T:
        """What `act` gives: where answering the node can take long, from another thread, which is given up at the deadline or an interrupt."""
        with guard(self._folder):
            self.deadline.check()
            if times * cost(node) * self._size > _EXPENSIVE:
                return self.deadline.run(act)
            return act()

    def _search(self, node: Node, sort: tuple[SortKey, ...], limit: int | None, offset: int) -> Found:
        query = self._query(node)
        total = self._held(node)
        if total is None and limit is None:
            total = self._count(query)
        held = self._size if total is None else total
        need = held if limit is None else min(offset + limit, held)  # Tantivy makes room for as many as are asked for
        scores: list[float | None] = []
        if sort:
            addresses, total = self._ordering.by_keys(query, sort, need, total)
            scores = [None] * len(addresses)
        elif ranks(node):
            best, total = self._ordering.by_score(query, need, total)
            addresses, scores = [address for _, address in best], [score for score, _ in best]
        else:
            addresses, total = self._ordering.by_letter(query, need, total)
            scores = [0.0] * len(addresses)
        ids = self._ids(addresses[offset:])
        if len(ids) <= _PAGE:
            self._firsts = dict(map(_first_of, ids, addresses[offset:]))
        return Found(ids, tuple(scores[offset:]), total)

    def draw(self, node: Node, size: int, start: int) -> list[str]:
        def act() -> list[str]:
            query, found = self._query(node), list[str]()
            for low, high in ((start, None), (None, start - 1)):
                part = self._compiler.both(query, self._compiler.number(schema.LOT, low, high))
                need = min(size - len(found), self._size)
                if need:
                    hits = self._searcher.search(part, need, False, schema.LOT, 0, self._ordering.rising).hits
                    found += self._ids([address for _, address in hits])
            return found

        return self._done(node, act)

    def table(self, node: Node, by: tuple[Group, ...], letters: bool = True) -> list[GroupCounts]:
        def act() -> list[GroupCounts]:
            most = self._most if letters else 0
            return facets.table(self._searcher, self._compiler, self._query(node), by, most, self.deadline.check)

        return self._done(node, act, 1 + len(by) + 10 * letters + (0 if facets.few(by) else _WIDE))

    def items(self, ids: Iterable[str]) -> list[Item]:
        """Items of one letter that follow each other cost one reading of it; no other items of it are decoded."""
        found: list[Item] = []
        letter, held = "", {}
        with guard(self._folder):
            for id_ in ids:
                self.deadline.check()
                name, _, n = id_.rpartition("#")
                if name != letter:
                    letter, held = name, self._records(name)
                if n in held:
                    item = documents.from_record(held[n])
                    named = item.id == id_ and item.letter == name
                    found.append(item if named else msgspec.structs.replace(item, id=id_, letter=name))
        return found

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        with guard(self._folder):
            found = self._terms(schema.WORDS + field, prefix)
        return iter(sorted((word, count) for word, count in found if count and word != schema.GAP))

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        with guard(self._folder):
            query = None if within is None else self._query(within)
            found = self._terms(schema.VALUES + field, prefix, query)
        return iter(sorted((value, count) for value, count in found if count))

    def interrupt(self) -> None:
        """A search inside the engine runs to its end, unseen where it is expensive; this searcher stops."""
        self.deadline.interrupt()

    def close(self) -> None:
        for name in ("_searcher", "_compiler", "_ordering"):
            self.__dict__.pop(name, None)

    def _query(self, node: Node) -> Query:
        self.deadline.check()
        return self._compiler.whole(node)

    def _held(self, node: Node) -> int | None:
        """How many items match, where the dictionary of words says it."""
        match node:
            case Words(field=field, words=(word,)) if self._whole:
                return int(self._searcher.doc_freq(schema.WORDS + field, word))
            case Keyword(field=field, values=(value,)) if self._whole:
                return int(self._searcher.doc_freq(schema.VALUES + field, value))
            case All():
                return self._size
        return None

    def _count(self, query: Query) -> int:
        return facets.count(self._searcher, query)

    def _terms(self, column: str, prefix: str, query: Query | None = None) -> list[tuple[str, int]]:
        """A term's own count is of deleted items too, a query's is not."""
        if query is None and not self._whole:
            query = self._compiler.everything()
        return self._searcher.terms_with_prefix(column, prefix, query)

    @cached_property
    def _whole(self) -> bool:
        """Is nothing deleted?"""
        path = Path(self._folder) / "meta.json"
        try:
            segments = json.loads(path.read_text(encoding="utf-8"))["segments"]
            return not any(segment.get("deletes") for segment in segments)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexError_("meta.json cannot be read", file=str(path)) from error

    def _ids(self, addresses: list[Address]) -> tuple[str, ...]:
        """From columns where the letter's name can be had back from its number of order, else from the store, which takes fifty times as long."""
        if not addresses:
            return ()
        orders: Any = self._searcher.fast_field_values(schema.ORDER, addresses)
        items: Any = self._searcher.fast_field_values(schema.ITEM, addresses)
        letters = {order: schema.letter(order) for order in set(orders)}
        return tuple(
            self._id(address) if item >= schema.ODD else f"{letters[order]}#{item}"
            for order, item, address in zip(orders, items, addresses, strict=True)
        )

    def _records(self, letter: str) -> dict[str, bytes]:
        """The records of a letter's items by their number; none if there is no such letter."""
        if letter in self._firsts:
            first = self._searcher.doc(self._firsts[letter])
            if str(first.get_first(schema.ID)).rpartition("#")[0] == letter and (
                held := first.get_first(schema.RECORDS)
            ):
                return unpack(bytes(held))
        query = self._compiler.value(schema.LETTER, (letter,))
        hits = self._searcher.search(query, 1, False, schema.ITEM, 0, self._ordering.rising).hits
        for _, address in hits:
            records: Any = self._searcher.doc(address).get_first(schema.RECORDS)
            return unpack(bytes(records))
        return {}

    def _id(self, address: Address) -> str:
        return str(self._searcher.doc(address).get_first(schema.ID))

    def _letter_name(self, address: Address) -> str:
        return self._id(address).rpartition("#")[0]

    # What the compiler asks

    def _words_of(self, column: str, prefix: str) -> list[str]:
        key = (column, prefix)
        if key not in self._listed:
            if len(self._listed) > 100:
                self._listed.clear()
            self._listed[key] = [word for word, _ in self._searcher.terms_with_prefix(column, prefix)]
        return self._listed[key]

    def _letters_of(self, query: Query) -> tuple[list[int], bool]:
        """By whichever items are fewer: those of the query, or all others. A letter has no item of the query if all its items are others."""
        count = self._count(query)
        few = 2 * count <= self._size
        asked = query if few else self._compiler.without(self._compiler.everything(), query)
        most = max(count if few else self._size - count, 1)  # Tantivy makes room for as many as are asked for
        hits: Any = self._searcher.search(asked, most, False, schema.NUMBER_OF_LETTER).hits
        self.deadline.check()
        if few:
            return list({number for number, _ in hits}), True
        sizes: Any = self._searcher.fast_field_values(schema.SIZE, [address for _, address in hits])
        items = Counter(number for number, _ in hits)
        size_of = dict(zip((number for number, _ in hits), sizes, strict=True))
        return [number for number, count in items.items() if count == size_of[number]], False

    def _satisfying(self, node: Near | Phrase, query: Query, citation: int | None, ms: float) -> list[str] | None:
        self.deadline.check()
        most = max(_READ, self._size // _SHARE)
        found: Any = self._searcher.search(query, most, True, schema.ORDER, 0, self._ordering.rising)
        if found.count > most:
            return None
        ids = self._ids([address for _, address in found.hits])
        if self._read_items.unread(ids, node.field) * _READ_MS > ms:
            return None
        return self._read_items.satisfying(node, ids, citation)


def _first_of(id_: str, address: Address) -> tuple[str, Address]:
    """A letter's name, and where its first item is if its items lie in a row, as they were written."""
    import tantivy

    letter, _, n = id_.rpartition("#")
    return letter, tantivy.DocAddress(address.segment_ord, max(0, address.doc - int(n) + 1))
