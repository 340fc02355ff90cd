"""The documents of one segment to be, as posting lists and columns in memory; a full one becomes a segment on disk."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from pathlib import Path

from imr_search.analysis import SENTENCE
from imr_search.documents import Document
from imr_search.engines.whoosh.segment import DOCUMENT, pack_records, write_columns

WORD, PAGE, VALUE = "w:", "p:", "v:"  # before a field's name among the fields of a terms file


class Buffer:
    """The documents of one segment to be."""

    def __init__(self) -> None:
        self.size = 0
        self.held = 0
        self.words: dict[str, dict[str, array[int]]] = defaultdict(dict)
        self.pages: dict[str, dict[str, array[int]]] = defaultdict(dict)
        self.values: dict[str, dict[str, array[int]]] = defaultdict(dict)
        self.numbers: dict[str, tuple[array[int], array[int]]] = {}
        self.lengths: dict[str, array[int]] = {}
        self.windows: dict[str, array[int]] = {}
        self.n = array("i")
        self.ids: list[str] = []
        self.letters: list[str] = []
        self.runs = array("I")
        self.offsets = array("Q", [0])
        self.records: list[bytes] = []  # compressed, one a letter
        self._open: list[bytes] = []  # of the letter that is being added
        self._seen: set[str] = set()

    def add(self, document: Document) -> None:
        at = self.size
        self.size += 1
        if not self.letters or self.letters[-1] != document.letter:
            if document.letter in self._seen:
                raise ValueError("the documents of a letter must come in a row")
            self.close()
            self._seen.add(document.letter)
            self.letters.append(document.letter)
            self.runs.append(0)
        self.runs[-1] += 1
        self.ids.append(document.id)
        self.n.append(document.n)
        self._open.append(document.record)
        base = at << DOCUMENT
        for field, postings in document.words.items():
            table = self.words[field]
            for word, position in postings:
                try:
                    table[word].append(base | position)
                except KeyError:
                    table[word] = array("Q", (base | position,))
            self.held += len(postings)
            column_at(self.lengths, field, "I", at).append(len(postings))
        for field, lists in document.cited_pages.items():
            table = self.pages[field]
            for window, pages in enumerate(lists):
                for page in pages:
                    table.setdefault(str(page), array("Q")).append(base | window)
            last = max((position for _, position in document.words.get(field, ())), default=-1)
            column_at(self.windows, field, "H", at).append(max(len(lists), last // SENTENCE + 1))
        for field, values in document.keywords.items():
            table = self.values[field]
            for value in values:
                table.setdefault(value, array("I")).append(at)
        for field, numbers in document.numbers.items():
            if numbers:
                owners, held = self.number(field)
                for number in sorted(numbers):
                    owners.append(at)
                    held.append(number)

    def close(self) -> None:
        """The letter that was being added has no further document."""
        if self._open:
            self.record(pack_records(self._open))
            self._open = []

    def record(self, packed: bytes) -> None:
        self.records.append(packed)
        self.offsets.append(self.offsets[-1] + len(packed))

    def number(self, field: str) -> tuple[array[int], array[int]]:
        if field not in self.numbers:
            self.numbers[field] = (array("I"), array("q"))
        return self.numbers[field]


def column_at(columns: dict[str, array[int]], field: str, code: str, size: int) -> array[int]:
    """The column of `field`, with zeros for documents before this one that lacked it."""
    column = columns.setdefault(field, array(code))
    column.extend([0] * (size - len(column)))
    return column


def write(buffer: Buffer, folder: Path, name: str) -> None:
    """Four new files in `folder`; nothing else is touched."""
    from imr_search.engines.whoosh.codec import TermsWriter

    buffer.close()
    columns: dict[str, array[int]] = {"runs": buffer.runs, "n": buffer.n, "records": buffer.offsets}
    for title, strings in (("ids", buffer.ids), ("letters", buffer.letters)):
        columns[title] = array("B", json.dumps(strings).encode())
    for kind, held in (("length", buffer.lengths), ("windows", buffer.windows)):
        for field in held:
            columns[f"{kind}.{field}"] = _small(column_at(held, field, "I", buffer.size))
    for field, (owners, numbers) in buffer.numbers.items():
        columns[f"owner.{field}"], columns[f"number.{field}"] = _small(owners), _small(numbers)
    terms = TermsWriter(folder, name, buffer.size)
    try:
        for kind, tables in ((WORD, buffer.words), (PAGE, buffer.pages)):
            for field, table in sorted(tables.items()):
                terms.start(kind + field)
                for word in sorted(table):
                    terms.words(word.encode(), table[word])
                terms.finish(kind + field)
        for field, table in sorted(buffer.values.items()):
            terms.start(VALUE + field)
            owners, shares = array("I"), array("I")
            for value in sorted(table):
                terms.values(value.encode(), table[value])
                owners.extend(table[value])
                shares.append(len(table[value]))
            terms.finish(VALUE + field)
            columns[f"bearer.{field}"], columns[f"share.{field}"] = _small(owners), _small(shares)
        total, code = terms.close()
    except BaseException:
        terms.abandon()
        raise
    with (folder / f"{name}.rec").open("wb") as file:
        file.writelines(buffer.records)
    head = {
        "size": buffer.size,
        "held": buffer.held,
        "fields": terms.fields,
        "terms": total,
        "index": code,
    }
    write_columns(folder / f"{name}.col", head, columns)


def _small(numbers: array[int]) -> array[int]:
    """The same numbers in as few bytes as they need."""
    low, high = min(numbers, default=0), max(numbers, default=0)
    for code, bottom, top in (("B", 0, 2**8), ("H", 0, 2**16), ("i", -(2**31), 2**31)):
        if bottom <= low and high < top:
            return array(code, numbers)
    return numbers
