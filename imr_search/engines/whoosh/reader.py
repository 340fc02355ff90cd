"""All segments of an index as one row of documents: what queries are answered from."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain, groupby, repeat
from operator import itemgetter
from pathlib import Path

from imr_search.engines.whoosh import bits
from imr_search.engines.whoosh.postings import Postings
from imr_search.engines.whoosh.segment import DOCUMENT, Segment
from imr_search.engines.whoosh.toc import read_toc

_HELD = 4_000_000  # numbers kept of posting lists that were read, 8 bytes each


class Reader:
    def __init__(self, folder: Path) -> None:
        self.segments: list[Segment] = []
        try:
            for name, deleted in read_toc(folder):
                self.segments.append(Segment(folder, name, deleted))
        except BaseException:
            self.close()
            raise
        self.bases = list(accumulate((segment.size for segment in self.segments), initial=0))
        self.size = self.bases[-1]
        self._cache: OrderedDict[tuple[str, str], tuple[int, array[int] | int]] = OrderedDict()
        self._cached = 0
        self._unpacked: tuple[int, int, list[bytes]] = (-1, -1, [])

    def close(self) -> None:
        for segment in self.segments:
            segment.close()
        self.segments = []

    @cached_property
    def live(self) -> int:
        return self._joined(segment.live for segment in self.segments)

    @cached_property
    def ends(self) -> int:
        return self._joined(segment.ends for segment in self.segments)

    @cached_property
    def whole(self) -> bool:
        """Is nothing deleted?"""
        return not any(segment.deleted for segment in self.segments)

    def _joined(self, parts: Iterable[int]) -> int:
        found = 0
        for base, part in zip(self.bases, parts, strict=False):
            found |= part << base
        return found

    def _keep(self, kind: str, name: str, make: Callable[[], array[int] | int]) -> array[int] | int:
        """What was read last stays in memory, up to _HELD numbers."""
        key = (kind, name)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key][1]
        found = make()
        cost = len(found) if isinstance(found, array) else found.bit_length() // 64 + 1
        self._cache[key] = (cost, found)
        self._cached += cost
        while self._cached > _HELD and len(self._cache) > 1:
            self._cached -= self._cache.popitem(last=False)[1][0]
        return found

    # Terms

    def postings(self, name: str, term: str) -> Iterator[tuple[int, Segment, Postings]]:
        """(base, segment, postings) of each segment that has the term."""
        for base, segment in zip(self.bases, self.segments, strict=False):
            at = segment.find(name, term)
            if at is not None:
                yield base, segment, segment.postings(at)

    def bits(self, name: str, term: str) -> int:
        """The live documents that hold the term."""

        def make() -> int:
            found = 0
            for base, _, postings in self.postings(name, term):
                found |= postings.bits << base
            return found & self.live

        found = self._keep(f"b{name}", term, make)
        assert isinstance(found, int)
        return found

    def terms(self, name: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Terms in order with their live documents."""
        rows = [segment.terms(name, prefix) for segment in self.segments]
        if self.whole:
            merged = rows[0] if len(rows) == 1 else heapq.merge(*rows)
            if len(rows) == 1:
                yield from ((term, count) for term, count, _ in merged)
                return
            for term, group in groupby(merged, key=itemgetter(0)):
                yield term, sum(count for _, count, _ in group)
            return
        for term in dict.fromkeys(map(itemgetter(0), heapq.merge(*rows))):
            count = self.bits(name, term).bit_count()
            if count:
                yield term, count

    def counts(self, name: str, term: str) -> Iterator[tuple[int, int]]:
        """(document, how often) of the term, deleted documents included."""
        for base, _, postings in self.postings(name, term):
            yield from zip(range_shift(postings.ids, base), postings.counts, strict=True)

    def places(self, name: str, term: str, within: int) -> Sequence[int]:
        """The term's places, in order: all of them, or when `within` is few documents only those of it."""
        if (self.bits(name, term) & within).bit_count() * 4 < self.bits(name, term).bit_count():
            return self._places(name, term, within)

        found = self._keep(f"p{name}", term, lambda: self._places(name, term, None))
        assert isinstance(found, array)
        return found

    def _places(self, name: str, term: str, within: int | None) -> array[int]:
        found: array[int] = array("Q")
        for base, segment, postings in self.postings(name, term):
            ids, counts, positions = postings.ids, postings.counts, postings.positions
            if within is None:
                documents = chain.from_iterable(map(repeat, (base + id_ << DOCUMENT for id_ in ids), counts))
                found.extend([document | position for document, position in zip(documents, positions, strict=True)])
                continue
            wanted = bits.flags((within >> base) & ((1 << segment.size) - 1), segment.size)
            for id_, begin, count in zip(ids, accumulate(counts, initial=0), counts, strict=False):
                if wanted[id_]:
                    document = base + id_ << DOCUMENT
                    found.extend([document | position for position in positions[begin : begin + count]])
        return found

    # Columns

    @cached_property
    def keys(self) -> list[tuple[str, int]]:
        """(letter, n) of every document."""
        found: list[tuple[str, int]] = []
        for segment in self.segments:
            letters = chain.from_iterable(map(repeat, segment.letters, segment.columns.get("runs")))
            found += zip(letters, segment.columns.get("n"), strict=True)
        return found

    @cached_property
    def ordered(self) -> list[int]:
        """All documents in the order of (letter, n)."""
        keys = self.keys
        return sorted(range(self.size), key=keys.__getitem__)

    @cached_property
    def in_order(self) -> bool:
        """Are the documents numbered in that order, as when letters were read by name?"""
        return self.ordered == list(range(self.size))

    @cached_property
    def ids(self) -> list[str]:
        return list(chain.from_iterable(segment.ids for segment in self.segments))

    def column(self, name: str) -> list[int]:
        """A number for each document, 0 where a segment lacks the column."""
        found: list[int] = []
        for segment in self.segments:
            column = segment.columns.get(name)
            found.extend(column)
            found.extend([0] * (segment.size - len(column)))
        return found

    def numbers(self, field: str) -> Iterator[tuple[int, int]]:
        """(document, number) of every number of a field, deleted documents included; rising in each document."""
        for base, segment in zip(self.bases, self.segments, strict=False):
            owners = segment.columns.get(f"owner.{field}")
            yield from zip(range_shift(owners, base), segment.columns.get(f"number.{field}"), strict=True)

    def bearers(self, field: str, name: str) -> Iterator[tuple[str, Sequence[int]]]:
        """(value, documents) of every value of a field, segment by segment, in order of values in each; deleted documents included."""
        for base, segment in zip(self.bases, self.segments, strict=False):
            owners = range_shift(segment.columns.get(f"bearer.{field}"), base)
            begin = 0
            for (value, _, _), share in zip(segment.terms(name), segment.columns.get(f"share.{field}"), strict=True):
                yield value, owners[begin : begin + share]
                begin += share

    def record(self, document: int) -> bytes:
        """The stored record. Those of one letter are unpacked together and kept until another letter is asked for."""
        at = bisect_right(self.bases, document, 0, len(self.segments)) - 1
        segment, inside = self.segments[at], document - self.bases[at]
        run = bisect_right(segment.starts, inside) - 1
        if self._unpacked[:2] != (at, run):
            self._unpacked = (at, run, segment.records(run))
        return self._unpacked[2][inside - segment.starts[run]]


def range_shift(ids: Sequence[int], base: int) -> Sequence[int]:
    return [base + id_ for id_ in ids] if base else ids
