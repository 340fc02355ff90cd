"""Whoosh's third codec with posting lists of our own (postings.py): its writer of terms files is used as it is, its pickled blocks are not.

Only building loads this module, and with it Whoosh.
"""

from __future__ import annotations

from array import array
from collections import Counter
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3Segment
from whoosh.fields import FieldType
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Existence

from imr_search.engines.whoosh.postings import pack
from imr_search.engines.whoosh.segment import DOCUMENT, MASK


class _Codec(W3Codec):  # type: ignore[misc]
    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> _PostingsWriter:
        return _PostingsWriter(dbfile, self._size)


class _PostingsWriter:
    """Writes one term's blob when Whoosh closes the term."""

    def __init__(self, file: Any, size: int) -> None:
        self._file = file
        self._size = size
        self._blob = b""
        self._info: Any = None

    def start_postings(self, format_: object, info: Any) -> None:
        self._info = info

    def words(self, places: array[int]) -> None:
        """`places`: document << DOCUMENT | position, rising."""
        counts = Counter([place >> DOCUMENT for place in places])
        self._count(len(counts))
        self._blob = pack(list(counts), self._size, list(counts.values()), [place & MASK for place in places])

    def values(self, ids: array[int]) -> None:
        self._count(len(ids))
        self._blob = pack(ids, self._size)

    def _count(self, documents: int) -> None:
        self._info._df = documents
        self._info._weight = float(documents)

    def finish_postings(self) -> Any:
        at = self._file.tell()
        self._file.write(self._blob)
        self._info.set_extent(at, len(self._blob))
        return self._info


class TermsWriter:
    """The .trm and .pst files of one segment. Fields come in any order, each with its terms in order of their UTF-8 bytes."""

    def __init__(self, folder: Path, name: str, size: int) -> None:
        codec = _Codec(size)
        prefix, _, number = name.partition("_")
        segment = W3Segment(codec, prefix, segid=number)
        self._writer = W3FieldWriter(codec, FileStorage(str(folder)), segment)
        self._field = FieldType(Existence(), None)
        self._total = 0
        self.fields: dict[str, tuple[int, int, int]] = {}

    def start(self, field: str) -> None:
        self._writer.start_field(field, self._field)
        self.fields[field] = (len(self.fields), self._total, self._total)

    def words(self, word: bytes, places: array[int]) -> None:
        self._writer.start_term(word)
        self._writer._postwriter.words(places)
        self._finish()

    def values(self, value: bytes, ids: array[int]) -> None:
        self._writer.start_term(value)
        self._writer._postwriter.values(ids)
        self._finish()

    def _finish(self) -> None:
        self._writer.finish_term()
        self._total += 1

    def finish(self, field: str) -> None:
        self._writer.finish_field()
        number, first, _ = self.fields[field]
        self.fields[field] = (number, first, self._total)

    def close(self) -> tuple[int, str]:
        """How many terms there are, and the type of the numbers in which the terms file says where each is."""
        self._writer.close()
        return self._total, self._writer._tindex.index.typecode

    def abandon(self) -> None:
        """Let go of the files; what they hold is of no use."""
        for file in (self._writer._tindex.dbfile, self._writer._postfile):
            if not file.is_closed:
                file.close()
