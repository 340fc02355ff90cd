"""The postings of one term as bytes: which documents, how often in each, and at which positions, each part read only when it is asked for.

documents   a bitmap when that is shorter, else 32-bit numbers
counts      positions a document: 8, 16 or 32 bits, left out for whole values
positions   16 or 32 bits each, document after document
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from imr_search.engines.whoosh import bits

_HEAD = struct.Struct("<IBBBxIII")  # documents, kind, type of counts, type of positions, and each part's length
_BITMAP, _NUMBERS = 0, 1
_WORTH = 48  # bytes from which a part is compressed
_RAW, _PACKED = b"r", b"z"


def pack(ids: Sequence[int], size: int, counts: Sequence[int] = (), positions: Sequence[int] = ()) -> bytes:
    """The blob of a term in a segment of `size` documents. `ids` rise; `positions` are document after document, `counts` of them each."""
    if size < 32 * len(ids):
        kind, documents = _BITMAP, bits.of_ids(ids, size).to_bytes((size + 7) // 8, "little")
    else:
        kind, documents = _NUMBERS, _bytes(array("I", ids))
    parts, codes = [_packed(documents)], []
    for numbers in (counts, positions):
        top = max(numbers, default=0)
        code = "B" if top < 256 else "H" if top < 65_536 else "I"
        codes.append(ord(code))
        parts.append(_packed(_bytes(array(code, numbers))))
    return _HEAD.pack(len(ids), kind, *codes, *map(len, parts)) + b"".join(parts)


class Postings:
    def __init__(self, blob: bytes, size: int) -> None:
        self._blob = blob
        self._size = size
        self.documents, self._kind, self._counts, self._positions, first, second, third = _HEAD.unpack_from(blob)
        self._at = tuple(accumulate((_HEAD.size, first, second, third)))

    def _part(self, number: int) -> bytes:
        return _unpacked(self._blob[self._at[number] : self._at[number + 1]])

    @cached_property
    def bits(self) -> int:
        if self._kind == _BITMAP:
            return int.from_bytes(self._part(0), "little")
        return bits.of_ids(_array("I", self._part(0)), self._size)

    @cached_property
    def ids(self) -> Sequence[int]:
        if self._kind == _BITMAP:
            return list(bits.ids(int.from_bytes(self._part(0), "little")))
        return _array("I", self._part(0))

    @cached_property
    def counts(self) -> Sequence[int]:
        return _array(chr(self._counts), self._part(1))

    @cached_property
    def positions(self) -> Sequence[int]:
        return _array(chr(self._positions), self._part(2))


def _bytes(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _array(code: str, data: bytes) -> array[int]:
    found: array[int] = array(code)
    found.frombytes(data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _packed(data: bytes) -> bytes:
    if len(data) >= _WORTH:
        packed = zlib.compress(data, 3)
        if len(packed) < len(data) * 7 // 8:
            return _PACKED + packed
    return _RAW + data


def _unpacked(data: bytes) -> bytes:
    return zlib.decompress(data[1:]) if data[:1] == _PACKED else data[1:]
