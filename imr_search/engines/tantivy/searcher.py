"""A Tantivy index opened: the port's answers. Counts, orders and tables are made inside the engine; only the items of a page are loaded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imr_search import documents
from imr_search.engines import Found
from imr_search.engines.tantivy import schema, tables
from imr_search.engines.tantivy.compiling import Compiler, ranks
from imr_search.engines.tantivy.guard import guard
from imr_search.engines.tantivy.ordering import Ordering
from imr_search.engines.tantivy.writing import read_meta
from imr_search.errors import IndexError_
from imr_search.model import Item, Letter, Tally
from imr_search.nodes import Group, Near, Node, SortKey
from imr_search.spans import places

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query
    Address = tantivy.DocAddress

_READ = 400  # items read to check a proximity that the engine cannot say cheaply


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
            self._compiler = Compiler(index.schema, meta["longest"], self._words_of, self._letters_of, self._verified)
            self._ordering = Ordering(self._searcher, self._compiler, self._letter_name, self._most)
        self._listed: dict[tuple[str, str], list[str]] = {}
        self._interrupted = False

    def count(self, node: Node) -> int:
        with guard(self._folder):
            return self._count(self._query(node))

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        with guard(self._folder):
            query, scored = self._query(node), ranks(node)
            hits: list[Any] = []
            if sort or limit is None:
                total = self._count(query)
            else:
                hits, total = self._ordering.first(query, scored, max(offset + limit, 1))
            need = total if limit is None else min(total, offset + limit)
            if limit is None and total and not sort:
                hits, _ = self._ordering.first(query, scored, total)
            scores: list[float | None] = [0.0] * max(need - offset, 0)
            addresses: list[Address] = []
            if need > offset and sort:
                addresses = self._ordering.by_keys(query, sort, need, total)[offset:]
                scores = [None] * len(addresses)
            elif need > offset and scored:
                best = self._ordering.by_score(query, hits, need, total)[offset:]
                addresses, scores = [address for _, address in best], [score for score, _ in best]
            elif need > offset:
                addresses = self._ordering.by_letter(query, hits, need, total)[offset:]
            if 0 < total <= len(hits):
                letters = len(self._letter_numbers([address for _, address in hits]))
            else:
                letters = tables.letters(self._searcher, query, total, self._most)
            return Found(ids=self._ids(query, addresses, total), scores=tuple(scores), total=total, letters=letters)

    def table(self, node: Node, by: tuple[Group, ...]) -> list[Tally]:
        with guard(self._folder):
            return tables.table(self._searcher, self._compiler, self._query(node), by, self._most)

    def items(self, ids: Iterable[str]) -> list[Item]:
        found = []
        with guard(self._folder):
            for id_ in ids:
                hits = self._searcher.search(self._compiler.value(schema.ID, (id_,)), 1, False).hits
                found += [self._item(address) for _, address in hits]
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
        """A search inside the engine runs to its end; the next step of this searcher stops."""
        self._interrupted = True

    def close(self) -> None:
        for name in ("_searcher", "_compiler", "_ordering"):
            self.__dict__.pop(name, None)

    def _query(self, node: Node) -> Query:
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt
        return self._compiler.query(node)

    def _count(self, query: Query) -> int:
        return tables.count(self._searcher, query)

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

    def _ids(self, query: Query, addresses: list[Address], total: int) -> tuple[str, ...]:
        if len(addresses) > 1_000:
            hits = self._searcher.search(query, total, False, schema.ID).hits
            ids = {(address.segment_ord, address.doc): id_ for id_, address in hits}
            return tuple(ids[address.segment_ord, address.doc] for address in addresses)
        return tuple(str(self._searcher.doc(address).get_first(schema.ID)) for address in addresses)

    def _item(self, address: Address) -> Item:
        record: Any = self._searcher.doc(address).get_first(schema.RECORD)
        return documents.from_record(bytes(record))

    def _letter_name(self, address: Address) -> str:
        return self._item(address).letter

    # What the compiler asks

    def _words_of(self, column: str, prefix: str) -> list[str]:
        key = (column, prefix)
        if key not in self._listed:
            if len(self._listed) > 100:
                self._listed.clear()
            self._listed[key] = [word for word, _ in self._searcher.terms_with_prefix(column, prefix)]
        return self._listed[key]

    def _letters_of(self, query: Query) -> list[int]:
        hits = self._searcher.search(query, max(self._searcher.num_docs, 1), False, schema.ORDER).hits
        addresses = [address for _, address in hits]
        return self._letter_numbers(addresses)

    def _letter_numbers(self, addresses: list[Address]) -> list[int]:
        if not addresses:
            return []
        numbers: Any = self._searcher.fast_field_values(schema.NUMBER_OF_LETTER, addresses)
        return list(dict.fromkeys(numbers))

    def _verified(self, node: Near, query: Query) -> list[str] | None:
        if self._count(query) > _READ:
            return None
        found = []
        for _, address in self._searcher.search(query, _READ, False, schema.ORDER).hits:
            item = self._item(address)
            letter = Letter(item.letter, item.case, item.file, item.sha256, item.generation, item.decided, (item,))
            (document,) = documents.documents(letter)
            if places(node, document.words.get(node.field, ())):
                found.append(item.id)
        return found
