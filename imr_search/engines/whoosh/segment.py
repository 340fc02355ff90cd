"""One segment: write-once files of documents numbered from 0, read without Whoosh being loaded and without unpickling anything.

<name>.trm   terms, in the ordered hash file of Whoosh's third codec (whoosh.filedb.filetables): key is the field's number and the term
<name>.pst   postings, one blob a term (see postings.py)
<name>.col   a JSON header, then columns: numbers, lengths, values by document
<name>.rec   stored records, compressed letter by letter (a letter's items share their summary)
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from imr_search.engines.whoosh import bits
from imr_search.engines.whoosh.postings import Postings
from imr_search.errors import IndexError_

_LENGTHS = struct.Struct("!ii")  # before each key and value of the terms file
_FIELD = struct.Struct("!H")  # before each term in its key
_EXTENT = struct.Struct("!qi")  # offset and length in the postings file, at the end of a term's value
_COUNT = struct.Struct("!I")  # in how many documents, after flag and weight
_COUNT_AT = 5
DOCUMENT = 32  # bits of a position in memory; the document's number stands above them
MASK = (1 << DOCUMENT) - 1


class Columns:
    """The .col file: named arrays, read when they are asked for."""

    def __init__(self, data: mmap.mmap | bytes) -> None:
        self._data = data
        size = int.from_bytes(self._data[:8], "little")
        self.head: dict[str, Any] = json.loads(self._data[8 : 8 + size])
        self._base = 8 + size
        self._read: dict[str, array[int]] = {}

    def get(self, name: str) -> array[int]:
        if name not in self._read:
            typecode, offset, length = self.head["columns"].get(name, ("B", 0, 0))
            column = array(typecode)
            column.frombytes(self._data[self._base + offset : self._base + offset + length])
            if sys.byteorder == "big":
                column.byteswap()
            self._read[name] = column
        return self._read[name]

    def strings(self, name: str) -> list[str]:
        """A list of strings, kept as JSON."""
        found: list[str] = json.loads(self.get(name).tobytes() or b"[]")
        return found

    def named(self, kind: str) -> list[str]:
        """The fields that have a column of this kind."""
        return [name[len(kind) + 1 :] for name in self.head["columns"] if name.startswith(kind + ".")]


def write_columns(path: Path, head: dict[str, Any], columns: dict[str, array[int]]) -> None:
    placed: dict[str, tuple[str, int, int]] = {}
    offset = 0
    parts = []
    for name, column in columns.items():
        if sys.byteorder == "big":
            column = column[:]
            column.byteswap()
        part = column.tobytes()
        placed[name] = (column.typecode, offset, len(part))
        offset += len(part)
        parts.append(part)
    header = json.dumps(head | {"columns": placed}, separators=(",", ":")).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        file.writelines(parts)


class Segment:
    """A segment opened for reading. `deleted` are the documents that a later commit took out; `size` counts them too."""

    def __init__(self, folder: Path, name: str, deleted: Iterable[int]) -> None:
        self.name = name
        self._folder = folder
        self._maps: list[mmap.mmap] = []
        try:
            self.columns = Columns(self._map("col"))
            self.size: int = self.columns.head["size"]
            self.held: int = self.columns.head["held"]
            self.deleted = set(deleted)
            self._terms = self._map("trm")
            self._posts = self._map("pst")
            self._index_code: str = self.columns.head["index"]
            self._total: int = self.columns.head["terms"]
            if self._terms[:4] != b"HSH3":
                raise ValueError("not a terms file")
        except (OSError, ValueError, KeyError, struct.error) as error:
            self.close()
            raise IndexError_(f"a file of segment {name} cannot be read", file=str(folder / name)) from error

    def _map(self, extension: str) -> mmap.mmap | bytes:
        with (self._folder / f"{self.name}.{extension}").open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:  # which cannot be mapped
                return b""
            self._maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return self._maps[-1]

    def close(self) -> None:
        for found in self._maps:
            found.close()
        self._maps = []

    def delete(self, documents: Iterable[int]) -> None:
        self.deleted.update(documents)
        self.__dict__.pop("live", None)

    @cached_property
    def live(self) -> int:
        """The documents that are not deleted, as bits."""
        return (1 << self.size) - 1 & ~bits.of_ids(list(self.deleted), self.size)

    @cached_property
    def ends(self) -> int:
        """The last document of each letter, as bits."""
        found, at = bytearray(self.size), -1
        for length in self.columns.get("runs"):
            at += length
            found[at] = 1
        return bits.of_flags(found)

    @cached_property
    def starts(self) -> list[int]:
        """The first document of each run."""
        return list(accumulate(self.columns.get("runs"), initial=0))

    @cached_property
    def letters(self) -> list[str]:
        """The letter of each run, in order."""
        return self.columns.strings("letters")

    @cached_property
    def ids(self) -> list[str]:
        return self.columns.strings("ids")

    # Terms

    @property
    def fields(self) -> list[str]:
        return list(self.columns.head["fields"])

    def number_of(self, field: str) -> int:
        """How many terms the field has."""
        _, first, last = self._field(field)
        return last - first

    def _field(self, field: str) -> tuple[int, int, int]:
        """The field's number and the range of its terms in the order of the terms file."""
        number, first, last = self.columns.head["fields"].get(field, (0, 0, 0))
        return number, first, last

    @cached_property
    def _offsets(self) -> array[int]:
        """Where each term's entry begins in the terms file, in order: the array before its last four bytes."""
        found: array[int] = array(self._index_code)
        found.frombytes(self._terms[-4 - self._total * found.itemsize : -4])
        if sys.byteorder == "little":
            found.byteswap()
        return found

    def _key(self, at: int) -> bytes:
        offset = self._offsets[at]
        size, _ = _LENGTHS.unpack_from(self._terms, offset)
        return self._terms[offset + 8 + 2 : offset + 8 + size]

    def term(self, field: str, ordinal: int) -> str:
        """The `ordinal`-th term of a field."""
        return self._key(self._field(field)[1] + ordinal).decode()

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, int, int]]:
        """(term, documents with deleted ones counted, place in the terms file) of each term that begins with `prefix`, in order of code points."""
        _, first, last = self._field(field)
        start = prefix.encode()
        data, unpack, offsets = self._terms, _LENGTHS.unpack_from, self._offsets
        for at in range(bisect_left(range(last), start, first, last, key=self._key), last):
            offset = offsets[at]
            size, _ = unpack(data, offset)
            end = offset + 8 + size
            key = data[offset + 10 : end]
            if not key.startswith(start):
                return
            yield key.decode(), _COUNT.unpack_from(data, end + _COUNT_AT)[0], at

    def find(self, field: str, term: str) -> int | None:
        """The place of a term in the terms file."""
        _, first, last = self._field(field)
        key = term.encode()
        at = bisect_left(range(last), key, first, last, key=self._key)
        return at if at < last and self._key(at) == key else None

    def postings(self, at: int) -> Postings:
        offset = self._offsets[at]
        size, length = _LENGTHS.unpack_from(self._terms, offset)
        place, extent = _EXTENT.unpack_from(self._terms, offset + 8 + size + length - _EXTENT.size)
        return Postings(self._posts[place : place + extent], self.size)

    # Records

    def records(self, run: int) -> list[bytes]:
        """The stored records of the run-th letter, in order."""
        data = zlib.decompress(self.packed(run))
        found, at = [], 0
        while at < len(data):
            end = at + 4 + int.from_bytes(data[at : at + 4], "little")
            found.append(data[at + 4 : end])
            at = end
        return found

    def packed(self, run: int) -> bytes:
        """The same, compressed as they are stored."""
        offsets = self.columns.get("records")
        with (self._folder / f"{self.name}.rec").open("rb") as file:
            file.seek(offsets[run])
            return file.read(offsets[run + 1] - offsets[run])


def pack_records(records: list[bytes]) -> bytes:
    return zlib.compress(b"".join(len(record).to_bytes(4, "little") + record for record in records), 6)
