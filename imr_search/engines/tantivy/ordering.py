"""The true top of a ranking. Tantivy breaks ties by where an item happens to lie; here they are broken by letter and number, so whatever ties with
the last item of a page is fetched too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import nsmallest
from itertools import groupby
from typing import TYPE_CHECKING, Any

from imr_search.engines import groups, sets
from imr_search.engines.tantivy import schema
from imr_search.engines.tantivy.query_compiler import Compiler
from imr_search.fields import table
from imr_search.plan import SortKey

if TYPE_CHECKING:
    import tantivy

    Query = tantivy.Query
    Address = tantivy.DocAddress
    Hit = tuple[float, Address]

_SLACK = 40
_EQUAL = 2 * 10.0**-sets.DIGITS


class Ordering:
    """`name_of(address)` reads a letter's name; it is asked only for letters whose numbers of order are equal. `most` items has a letter at most."""

    def __init__(
        self, searcher: tantivy.Searcher, compiler: Compiler, name_of: Callable[[Address], str], most: int
    ) -> None:
        import tantivy

        self._searcher = searcher
        self._compiler = compiler
        self._name_of = name_of
        self._most = most
        self.rising, self._falling = tantivy.Order.Asc, tantivy.Order.Desc

    def by_score(self, query: Query, need: int, total: int | None) -> tuple[list[Hit], int]:
        """The `need` best (of `total`, if that is known), with rounded scores, and how many there are in all."""
        hits, total = self._page(query, need + _SLACK, total)
        while need and len(hits) < total and hits[-1][0] >= hits[need - 1][0] - _EQUAL:
            hits = self._searcher.search(query, min(total, len(hits) * 64), False).hits
        found: list[Hit] = []
        for score, equal in groupby(hits, key=lambda hit: round(hit[0], sets.DIGITS)):
            addresses = self._first([address for _, address in equal], need - len(found))
            found += [(score, address) for address in self._by_letter(addresses)]
            if len(found) >= need:
                break
        return found[:need], total

    def by_letter(self, query: Query, need: int, total: int | None = None) -> tuple[list[Address], int]:
        """The `need` first in the order of letter and number, and how many there are in all."""
        hits, total = self._page(query, need + self._most, total, schema.ORDER, self.rising)
        while need and len(hits) < total and hits[-1][0] <= hits[need - 1][0]:
            hits = self._searcher.search(query, min(total, len(hits) * 8), False, schema.ORDER, 0, self.rising).hits
        return self._by_letter([address for _, address in hits])[:need], total

    def by_keys(
        self, query: Query, keys: Sequence[SortKey], need: int, total: int | None = None
    ) -> tuple[list[Address], int]:
        """The `need` first by the keys, then by letter and number; without a value last. And how many there are in all."""
        if not keys:
            return self.by_letter(query, need, total)
        key = keys[0]
        hits, total = self._page(query, need, total, _column(key), self._order(key))
        if need >= total or any(table()[key.field].many for key in keys):
            return self._all_by_keys(query, keys, total)[:need], total
        found: list[Address] = []
        for value, equal in groupby(hits, key=lambda hit: hit[0]):
            addresses = [address for _, address in equal]
            whole = len(found) + len(addresses) < need  # the last of the page may have equals beyond it
            if whole and len(keys) == 1:
                found += self._by_letter(addresses)
            elif whole and len(addresses) == 1:
                found += addresses
            else:
                part = self._compiler.both(query, self._equal(key, value))
                found += self.by_keys(part, keys[1:], len(addresses))[0]
        return found, total

    def _page(
        self, query: Query, need: int, total: int | None, column: str | None = None, order: Any = None
    ) -> tuple[list[Any], int]:
        """The first hits in Tantivy's own order (by score without a `column`), and how many there are in all: one walk through the postings, and
        by score a much shorter one when the total is known."""
        falling = self._falling if order is None else order
        need = min(need, int(self._searcher.num_docs))
        found: Any = self._searcher.search(query, max(need, 1), total is None, column, 0, falling)
        return found.hits[:need], int(found.count) if total is None else total

    def _equal(self, key: SortKey, value: Any) -> Query:
        column = _column(key)
        if value is None:
            return self._compiler.without(self._compiler.everything(), self._compiler.exists(column))
        if groups.numeric(key.field):
            return self._compiler.number(column, value, value)
        return self._compiler.value(column, (value,))

    def _order(self, key: SortKey) -> Any:
        return self._falling if key.descending else self.rising

    def _all_by_keys(self, query: Query, keys: Sequence[SortKey], total: int) -> list[Address]:
        if not total:
            return []
        order = self._by_letter(
            [address for _, address in self._searcher.search(query, total, False, schema.ORDER).hits]
        )
        for key in reversed(keys):
            hits = self._searcher.search(query, total, False, _column(key), 0, self.rising).hits
            values: dict[tuple[int, int], Any] = {
                (address.segment_ord, address.doc): value for value, address in hits if value is not None
            }
            places = [(address.segment_ord, address.doc) for address in order]
            known = [at for at, place in enumerate(places) if place in values]
            known.sort(key=lambda at: values[places[at]], reverse=key.descending)
            unknown = [at for at, place in enumerate(places) if place not in values]
            order = [order[at] for at in known + unknown]
        return order

    def _first(self, addresses: list[Address], need: int) -> list[Address]:
        """Those among which the `need` first by letter are: sorting thousands of equal scores would cost more than the search."""
        if len(addresses) <= need + _SLACK:
            return addresses
        orders: Any = self._searcher.fast_field_values(schema.ORDER, addresses)
        last = nsmallest(need, orders)[-1]
        return [address for address, order in zip(addresses, orders, strict=True) if order <= last]

    def _by_letter(self, addresses: list[Address]) -> list[Address]:
        if len(addresses) < 2:
            return addresses
        read = self._searcher.fast_field_values
        orders, items = read(schema.ORDER, addresses), read(schema.ITEM, addresses)
        letters = read(schema.NUMBER_OF_LETTER, addresses)
        rows = sorted(zip(orders, items, letters, range(len(addresses)), strict=True))
        found: list[Address] = []
        for _, equal in groupby(rows, key=lambda row: row[0]):
            part = list(equal)
            if len({letter for _, _, letter, _ in part}) > 1:
                part.sort(key=lambda row: (self._name_of(addresses[row[3]]), row[1]))
            found += [addresses[at] for *_, at in part]
        return found


def _column(key: SortKey) -> str:
    return (schema.NUMBERS if groups.numeric(key.field) else schema.VALUES) + key.field
