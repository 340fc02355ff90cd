"""A Whoosh index opened: the port's answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import nlargest
from pathlib import Path

from imr_search import documents
from imr_search.engines import Found, groups, scoring
from imr_search.engines.whoosh import bits, tables
from imr_search.engines.whoosh.buffer import VALUE, WORD
from imr_search.engines.whoosh.matching import Matching
from imr_search.engines.whoosh.reader import Reader
from imr_search.errors import IndexError_
from imr_search.model import Item, Tally
from imr_search.plan import Group, Node, SortKey


class WhooshSearcher:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader = Reader(folder)
        self._matching = Matching(self._reader)

    def count(self, node: Node) -> int:
        return self._hits(node).bit_count()

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        reader = self._reader
        hits = self._hits(node)
        order = list(bits.ids(hits))
        if not reader.in_order:
            wanted = bits.flags(hits, reader.size)
            order = [document for document in reader.ordered if wanted[document]]
        scores: dict[int, float] = {}
        if sort:
            for key in reversed(sort):
                order = self._sorted(order, key)
        else:
            found = self._matching.scores(node, hits)
            if found:
                order, scores = _best(order, found, None if limit is None else offset + limit)
        page = order[offset:] if limit is None else order[offset : offset + limit]
        return Found(
            ids=tuple(reader.ids[document] for document in page),
            scores=tuple(None if sort else scores.get(document, 0.0) for document in page),
            total=hits.bit_count(),
        )

    def table(self, node: Node, by: tuple[Group, ...]) -> list[Tally]:
        return tables.table(self._reader, self._hits(node), by)

    def items(self, ids: Iterable[str]) -> list[Item]:
        found = []
        for id_ in ids:
            document = next(bits.ids(self._reader.bits(VALUE + "id", id_)), None)
            if document is not None:
                found.append(documents.from_record(self._record(document)))
        return found

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        return self._reader.terms(WORD + field, prefix)

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        if within is None:
            yield from self._reader.terms(VALUE + field, prefix)
            return
        hits = self._hits(within)
        for value, _ in self._reader.terms(VALUE + field, prefix):
            count = (self._reader.bits(VALUE + field, value) & hits).bit_count()
            if count:
                yield value, count

    def interrupt(self) -> None:
        self._matching.interrupted = True

    def close(self) -> None:
        self._reader.close()

    def _hits(self, node: Node) -> int:
        return self._matching.bits(node)

    def _record(self, document: int) -> bytes:
        try:
            return self._reader.record(document)
        except (OSError, ValueError) as error:
            raise IndexError_("a stored item cannot be read", file=str(self._folder)) from error

    def _sorted(self, order: list[int], key: SortKey) -> list[int]:
        """`order` by one key, its own order kept among equals; what has no value comes last."""
        reader = self._reader
        values: dict[int, int | str] = {}
        if groups.numeric(key.field):
            for document, number in reader.numbers(key.field):
                values.setdefault(document, number)  # the smallest comes first
        else:
            for value, owners in reader.bearers(key.field, VALUE + key.field):
                for document in owners:
                    values.setdefault(document, value)
        known = [document for document in order if document in values]
        known.sort(key=values.__getitem__, reverse=key.descending)
        return known + [document for document in order if document not in values]


def _best(order: list[int], found: dict[int, float], need: int | None) -> tuple[list[int], dict[int, float]]:
    """The first `need` of `order` by rounded score, its own order kept among equals, and these scores. Only what can be on the page is sorted."""
    if need is not None and len(found) > 4 * need > 0:
        least = nlargest(need, found.values())[-1] - 10.0**-scoring.DIGITS
        found = {document: score for document, score in found.items() if score >= least}
        order = [document for document in order if document in found]
    scores = {document: round(score, scoring.DIGITS) for document, score in found.items()}
    return sorted(order, key=lambda document: -scores.get(document, 0.0)), scores
