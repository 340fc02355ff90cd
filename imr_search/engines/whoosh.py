"""The embedded engine: Whoosh 2.7.4, in the part of it that is right.

Schema, writer, columns and postings are Whoosh's own. What this module adds: a field type that takes words with their positions as they were
analysed; and a merge policy. In place of Whoosh's queries stand the boolean algebra of sets.py and the places of place_finder.py, for several of
its compound queries give wrong answers, and its span queries take time by the product of their words.

Segments are asked one by one, and a segment's postings pass over what is deleted from it, so that statistics are exact with any number of segments.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Set
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from whoosh import columns, fields, formats, index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import SegmentReader, TermNotFound
from whoosh.searching import Searcher
from whoosh.writing import SegmentWriter

from imr_search.analysis import STRIDE, Postings
from imr_search.documents import Document
from imr_search.engines.place_finder import PlaceFinder, Places, WordPositions
from imr_search.engines.sets import Citations, Docs, Leaf, Positional, SetSearcher
from imr_search.errors import IndexError_
from imr_search.fields import CITATION, DATE, FLAG, NUMBER, Field, table
from imr_search.plan import All, Boosted, Keyword, KeywordPrefix, Near, Node, Or, Phrase, Range, Words

_MEMORY = 128  # megabytes in which postings are sorted before they go to disk
_SEGMENTS = 8  # with one more, the smallest are made into one
_STALE = 0.25  # share of deleted documents from which a segment is written anew
_REMEMBERED = 500_000  # documents in the leaves of which it is known how often they occur where
_KEPT = 500_000  # postings of words whose places are remembered
_FORMAT = formats.Positions()
_UNKNOWN = -(2**31)  # in a column of numbers

# Field names besides those of the table.
_RECORD = "record"  # column: the item as stored
_LENGTH = "length_"  # columns: how many words a field has. Whoosh's own lengths are kept in a byte, which is too coarse to rank alike
_CITED = "cited_"  # of the k-th citation, at position STRIDE * k: "*" for its being there, and its pages as "98"
_EVERY = "*"


Encoded = list[
    tuple[bytes, int, float, bytes]
]  # of each word: itself, how often it occurs, the same as its weight, and its positions


class Positions(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """Words that were analysed beforehand. Pickled with the schema, so that its module and its name are part of the format."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None)

    def index(self, value: Encoded, **_: Any) -> Encoded:
        return value

    def encoded(self, words: Iterable[tuple[str, int]]) -> Encoded:
        positions: dict[str, list[int]] = defaultdict(list)
        for word, position in words:
            positions[word].append(position)
        encode = self.format.encode
        return [(word.encode(), len(found), float(len(found)), encode(found)) for word, found in positions.items()]


class _Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's own, which else looks for the file of a field's lengths at each posting: lengths are columns here."""

    length_stats = False


def schema() -> fields.Schema:
    """What a document has one of is a column; what it may have several of is a term of an index besides, as is every whole value. Numbers are
    signed, because Whoosh's ranges over unsigned ones are wrong."""
    made = fields.Schema()
    made.add(_RECORD, fields.COLUMN(columns.CompressedBytesColumn()))
    for row in table():
        if row.positional:
            made.add(row.key, Positions())
            made.add(_LENGTH + row.key, fields.COLUMN(columns.NumericColumn("i")))
        if row.kind == CITATION:
            made.add(_CITED + row.key, Positions())
        if row.valued or row.kind == FLAG:
            made.add(row.key, fields.ID(sortable=_single(row)))
        if row.kind in (NUMBER, DATE) and _single(row):
            made.add(row.key, fields.COLUMN(columns.NumericColumn("i", default=_UNKNOWN)))
        elif row.kind in (NUMBER, DATE):
            made.add(
                row.key, fields.NUMERIC(int, signed=True, shift_step=0)
            )  # whole numbers only: ranges are read from their list
    return made


def _single(row: Field) -> bool:
    """Has an item at most one value of the field?"""
    return not row.many and row.kind != FLAG


class WhooshEngine:
    name = "whoosh"
    format = "whoosh 2.7.4/2"

    def create(self, folder: Path) -> WhooshWriter:
        return WhooshWriter(folder, index.create_in(str(folder), schema()))

    def update(self, old: Path, new: Path) -> WhooshWriter:
        for path in old.iterdir():
            if path.is_file() and not path.name.endswith("LOCK"):
                try:
                    os.link(path, new / path.name)  # Whoosh never changes a file that it has written
                except OSError:
                    shutil.copyfile(path, new / path.name)
        return WhooshWriter(new, _opened(new))

    def open(self, folder: Path) -> WhooshSearcher:
        return WhooshSearcher(folder)


def _opened(folder: Path) -> index.FileIndex:
    try:
        return index.open_dir(str(folder))
    except Exception as error:  # what a damaged pickle or table raises is anything
        raise IndexError_("the index cannot be read: a file of it is damaged or missing", file=str(folder)) from error


class WhooshWriter:
    def __init__(self, folder: Path, opened: index.FileIndex) -> None:
        self._folder = folder
        self._index = opened
        self._writer: SegmentWriter | None = None
        self._added: set[str] = set()  # letters in the segment that is being written
        self._encoded: dict[int, tuple[Postings, Encoded]] = {}  # of the letter that is being written

    @property
    def _open(self) -> SegmentWriter:
        if self._writer is None:
            self._writer = self._index.writer(
                limitmb=_MEMORY, compound=False, codec=_Codec()
            )  # a compound file is read whole at each opening
        return self._writer

    def add(self, documents: Iterable[Document]) -> None:
        for document in documents:
            if document.letter not in self._added:
                self._added.add(document.letter)
                self._encoded = {}
            self._open.add_document(**self._fields(document))

    def _fields(self, document: Document) -> dict[str, Any]:
        """A document as Whoosh takes it: no field for what is empty."""
        found: dict[str, Any] = {_RECORD: document.record}
        for key, held in (*document.keywords.items(), *document.numbers.items()):
            if held:
                found[key] = held[0] if _single(table()[key]) else list(held)
        for key, words in document.words.items():
            if words:
                found[key], found[_LENGTH + key] = self._words(key, words), len(words)
        for key, lists in document.cited_pages.items():
            windows = max(len(lists), len(document.words[key].passages) if key in document.words else 0)
            marks = [(_EVERY, STRIDE * number) for number in range(windows)]
            marks += [(str(page), STRIDE * number) for number, pages in enumerate(lists) for page in pages]
            if marks:
                found[_CITED + key] = self._index.schema[_CITED + key].encoded(marks)
        return found | {"id": document.id, "letter": document.letter, "n": document.n}

    def _words(self, key: str, words: Postings) -> Encoded:
        """Encoded once for all items of a letter that share them, as they do their summary's."""
        if id(words) not in self._encoded:
            self._encoded[id(words)] = words, self._index.schema[key].encoded(words)
        return self._encoded[id(words)][1]

    def remove(self, letters: Iterable[str]) -> None:
        gone = set(letters)
        if gone & self._added:  # Whoosh deletes from finished segments only
            self._finish(lambda _, segments: segments)
        with self._open.searcher() as searcher:
            for letter in gone:
                self._open.delete_by_term("letter", letter, searcher)

    def commit(self) -> None:
        self._open  # noqa: B018  # an index to which nothing was added is one too
        self._finish(_merged)
        self._index.close()

    def cancel(self) -> None:
        if self._writer is not None:
            self._writer.cancel()
            self._writer = None
        self._index.close()

    def _finish(self, policy: Callable[[SegmentWriter, list[Any]], list[Any]]) -> None:
        if self._writer is not None:
            self._writer.commit(mergetype=policy)
            self._writer = None
            self._added = set()


def _merged(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """Whoosh's hook for what becomes of the segments that are there: those that stay. The smallest go into the one that is being written as soon as
    there are many, and so do those with many deletions. A letter's addition costs no more than its words, most of the time."""
    stale = [segment for segment in segments if segment.deleted_count() > _STALE * segment.doc_count_all()]
    kept = sorted(
        (segment for segment in segments if segment not in stale), key=lambda segment: segment.doc_count_all()
    )
    small = kept[: len(kept) - _SEGMENTS // 2] if len(kept) >= _SEGMENTS else []
    for segment in (*stale, *small):
        if segment.doc_count():
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
    return [segment for segment in segments if segment not in stale and segment not in small]


class _Held(PlaceFinder):
    """Where words stand, from postings: read once for each set of words that is asked for, and taken apart only for documents that matter."""

    def __init__(self, segments: list[tuple[Searcher, int]], check: Callable[[], None]) -> None:
        super().__init__(check)
        self._segments = segments
        self._postings: dict[Words, dict[int, list[bytes]]] = {}
        self._positions: dict[Words, WordPositions] = {}
        self._held = 0  # postings and documents in them

    def candidates(self, node: Node) -> Set[int]:
        """The documents that hold a word of each slot of the node."""
        match node:
            case Words():
                return self._of(node).keys()
            case Phrase(field=field, slots=slots):
                return _in_all(self._of(Words(field, slot)).keys() for slot in slots)
            case Near(left=left, right=right):
                return _in_all((self.candidates(left), self.candidates(right)))
            case Or(nodes=nodes):
                return frozenset[int]().union(*map(self.candidates, nodes))
            case Boosted(node=inner):
                return self.candidates(inner)
        return frozenset()

    def positions(self, words: Words, documents: Set[int]) -> WordPositions:
        postings, known = self._of(words), self._positions[words]
        found: WordPositions = {}
        for document in documents & postings.keys():
            if document not in known:
                self._check()
                known[document] = _decoded(postings[document])
            found[document] = known[document]
        return found

    def times(self, words: Words) -> dict[int, int]:
        """How often any of the words stands in each document, if no two of them can stand at one position."""
        often = _FORMAT.decode_frequency
        return {document: sum(map(often, postings)) for document, postings in self._of(words).items()}

    def _of(self, words: Words) -> dict[int, list[bytes]]:
        """The encoded positions of each of the words, by document."""
        if words not in self._postings:
            found: dict[int, list[bytes]] = {}
            count = 0
            for word in words.words:
                for document, value in self._each(words.field, word):
                    found.setdefault(document, []).append(value)
                    count += 1
            self._held += count
            if self._held > _KEPT:
                self._postings.clear()
                self._positions.clear()
                self._held = count
            self._postings[words], self._positions[words] = found, {}
        return self._postings[words]

    def _each(self, field: str, word: str) -> Iterator[tuple[int, bytes]]:
        for segment, base in self._segments:
            self._check()
            try:
                matcher = segment.reader().postings(field, word)
            except TermNotFound:
                continue
            while matcher.is_active():
                self._check()
                yield base + matcher.id(), matcher.value()
                matcher.next()


def _in_all(sets: Iterable[Set[int]]) -> Set[int]:
    first, *rest = sorted(sets, key=len)
    for other in rest:
        first = first & other
    return first


def _decoded(postings: list[bytes]) -> list[int]:
    """The positions of words in one document, each once: 60 and #60 share theirs."""
    decode = _FORMAT.decode_positions
    if len(postings) == 1:
        alone: list[int] = decode(postings[0])
        return alone
    return sorted({position for posting in postings for position in decode(posting)})


class WhooshSearcher(SetSearcher):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._index = _opened(folder)
        self._searcher = self._index.searcher()
        # (a segment's searcher, the number of its first document)
        self._segments: list[tuple[Searcher, int]] = self._searcher.leaf_searchers()
        self._columns: dict[str, list[Any]] = {}
        self._finder = _Held(self._segments, lambda: self.deadline.check())
        self._times: dict[Positional, dict[int, int]] = {}  # a search asks for them twice, to match and to rank
        self._remembered = 0  # documents in it

    def close(self) -> None:
        self._searcher.close()
        self._index.close()

    def live(self) -> Docs:
        return frozenset(
            base + document for segment, base in self._segments for document in segment.reader().all_doc_ids()
        )

    def names(self) -> list[tuple[str, int]]:
        return list(zip(self._column("letter"), self._column("n"), strict=True))

    def lengths(self, field: str) -> list[int]:
        return self._column(_LENGTH + field)

    def _column(self, name: str) -> list[Any]:
        """A value for each document, deleted ones too."""
        if name not in self._columns:
            readers = [segment.reader() for segment, _ in self._segments if segment.doc_count_all()]
            self._columns[name] = [value for reader in readers for value in reader.column_reader(name)]
        return self._columns[name]

    def _by_value(self, name: str, unknown: Any) -> dict[Any, list[int]]:
        """The live documents of each value of a column."""
        found: dict[Any, list[int]] = defaultdict(list)
        column = self._column(name)
        for document in self.documents:
            found[column[document]].append(document)
        found.pop(unknown, None)
        return found

    def record(self, document: int) -> bytes:
        for segment, base in reversed(self._segments):
            if document >= base:
                found: bytes = segment.reader().column_reader(_RECORD)[document - base]
                return found
        raise IndexError(document)

    # The dictionary

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        if any(segment.reader().has_deletions() for segment, _ in self._segments):
            return super().words(field, prefix)
        held = (segment.reader().iter_prefix(field, prefix) for segment, _ in self._segments)
        found = groupby(merge(*held, key=itemgetter(0)), key=itemgetter(0))
        return ((term.decode(), sum(about.doc_frequency() for _, about in same)) for term, same in found)

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, Docs]]:
        row = table().get(field)
        if row is not None and row.valued and _single(row) and not prefix:
            found = self._by_value(field, "")
            yield from ((value, frozenset(found[value])) for value in sorted(found))
            return
        for term in self._lexicon(field, prefix):
            if documents := self._holding(field, term):
                yield term, documents

    def _lexicon(self, field: str, prefix: str = "") -> Iterator[str]:
        """The words or values of a field from `prefix` on, sorted, those of deleted documents too."""
        held = (segment.reader().expand_prefix(field, prefix) for segment, _ in self._segments)
        return (term.decode() for term, _ in groupby(merge(*held)))

    def numbers(self, field: str) -> Iterator[tuple[int, Docs]]:
        if _single(table()[field]):
            yield from ((number, frozenset(held)) for number, held in self._by_value(field, _UNKNOWN).items())
            return
        kind = self._index.schema[field]
        for segment, base in self._segments:
            reader = segment.reader()
            for term in kind.sortable_terms(reader, field):
                self.deadline.check()
                ids = reader.postings(field, term).all_ids()
                yield kind.from_bytes(term), frozenset(base + document for document in ids)

    # Leaves

    def leaf(self, node: Leaf) -> Docs:
        match node:
            case Words(field=field, words=words) | Keyword(field=field, values=words):
                return frozenset[int]().union(*(self._holding(field, word) for word in words))
            case KeywordPrefix(field=field, prefix=prefix) if _single(table()[field]):
                column = self._column(field)
                return frozenset(at for at in self.documents if column[at] and column[at].startswith(prefix))
            case KeywordPrefix(field=field, prefix=prefix):
                return frozenset[int]().union(*(self._holding(field, value) for value in self._lexicon(field, prefix)))
            case Range(field=field) if _single(table()[field]):
                column = self._column(field)
                return frozenset(at for at in self.documents if column[at] != _UNKNOWN and _within(column[at], node))
            case Range(field=field):
                held = (documents for number, documents in self.numbers(field) if _within(number, node))
                return frozenset[int]().union(*held)
        return frozenset(self.occurrences(node))

    def _holding(self, field: str, term: str | bytes) -> Docs:
        """The documents that hold a word, a whole value, or an encoded number."""
        self.deadline.check()
        found: set[int] = set()
        for segment, base in self._segments:
            try:
                found.update(map(base.__add__, segment.reader().postings(field, term).all_ids()))
            except TermNotFound:
                continue
        return frozenset(found)

    def citations(self, field: str, node: Positional | Range | All) -> Citations:
        match node:
            case All():
                asked: Positional = Words(_CITED + field, (_EVERY,))
            case Range():
                pages = [page for page in self._lexicon(_CITED + field) if page != _EVERY and _within(int(page), node)]
                asked = Words(_CITED + field, tuple(pages))
            case _:
                asked = node
        found = self._places(asked)
        return frozenset((document, first // STRIDE) for document, places in found.items() for first, _ in places)

    def occurrences(self, node: Positional) -> dict[int, int]:
        if node not in self._times:
            found = self._counted(node)
            self._remembered += len(found)
            if self._remembered > _REMEMBERED:
                self._times.clear()
                self._remembered = len(found)
            self._times[node] = found
        return self._times[node]

    def _counted(self, node: Positional) -> dict[int, int]:
        match node:
            case Words(words=words) if len({word.strip("#%") for word in words}) == len(words):
                return self._finder.times(node)  # no two of them can stand at one position, as 60 and #60 do
        return {document: len(places) for document, places in self._places(node).items()}

    def _places(self, node: Positional) -> Places:
        return self._finder.places(node, self._finder.candidates(node))


def _within(number: int, asked: Range) -> bool:
    return (asked.low is None or number >= asked.low) and (asked.high is None or number <= asked.high)
