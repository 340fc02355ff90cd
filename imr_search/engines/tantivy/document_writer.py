"""Writing with one Tantivy writer of one indexing thread and bounded memory; merging goes on beside it."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from imr_search.documents import Document, lot
from imr_search.engines.tantivy import schema
from imr_search.engines.tantivy.prepared import Prepared, prepare
from imr_search.engines.tantivy.schema import guard, read_meta
from imr_search.errors import IndexError_

if TYPE_CHECKING:
    import tantivy

_HEAP = 200_000_000  # bytes, in which documents are indexed before a segment is written
_CHANGING = ("meta.json", ".managed.json", schema.META)  # replaced by a commit: copied, not linked
_LOCKS = (".tantivy-writer.lock", ".tantivy-meta.lock")


class TantivyWriter:
    """`old` is the folder whose files the new index begins with, by hard links where the file system has them."""

    def __init__(self, folder: Path, old: Path | None = None) -> None:
        import tantivy

        self._folder = folder
        self._next = self._most = 0
        self._longest: dict[str, int] = {}
        with guard(str(folder), writing=True):
            if old is None:
                self._index = tantivy.Index(schema.build(), str(folder))
            else:
                self._take(old)
                self._index = tantivy.Index.open(str(folder))
            self._writer: tantivy.IndexWriter | None = self._index.writer(_HEAP, 1)
        self._letter = self._of_letter = ""
        self._items = 0
        self._even = True

    def _take(self, old: Path) -> None:
        meta = read_meta(old)
        self._next, self._most, self._longest = meta["next"], meta["most"], meta["longest"]
        for path in sorted(old.iterdir()):
            if path.name in _LOCKS or not path.is_file():
                continue
            if path.name in _CHANGING:
                shutil.copyfile(path, self._folder / path.name)
                continue
            try:
                os.link(path, self._folder / path.name)
            except OSError:
                shutil.copyfile(path, self._folder / path.name)

    @property
    def _open(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise IndexError_("this index is no longer being written", file=str(self._folder))
        return self._writer

    def add(self, documents: Iterable[Document | Prepared]) -> None:
        writer = self._open
        for prepared in _prepared(documents):
            if prepared.letter != self._letter:
                self._begin(prepared)
            self._items += 1
            self._most = max(self._most, self._items)
            for field, length in prepared.longest.items():
                if length > self._longest.get(field, 0):
                    self._longest[field] = length
            number = prepared.n | (0 if self._even else schema.ODD)
            who = f'"{schema.ID}":{_text(prepared.id)},"{schema.ITEM}":{number},"{schema.LOT}":{lot(prepared.id)}'
            if prepared.records:
                who += f',"{schema.RECORDS}":"{b64encode(prepared.records).decode()}"'
            with guard(str(self._folder), writing=True):
                writer.add_json(f"{{{prepared.members}{self._of_letter},{who}}}")

    def _begin(self, prepared: Prepared) -> None:
        """What stands in each document of a letter."""
        self._letter, self._items = prepared.letter, 0
        self._next += 1
        order = schema.order(prepared.letter)
        self._even = schema.letter(order) == prepared.letter
        numbers = {schema.NUMBER_OF_LETTER: self._next, schema.ORDER: order, schema.SIZE: prepared.items}
        numbers |= {schema.letter_of(several): self._next for several in schema.OF_SEVERAL if prepared.items >= several}
        members = [f'"{name}":{number}' for name, number in numbers.items()]
        self._of_letter = ",".join((f'"{schema.LETTER}":{_text(prepared.letter)}', *members))

    def remove(self, letters: Iterable[str]) -> None:
        self._letter = ""
        with guard(str(self._folder), writing=True):
            for letter in letters:
                self._open.delete_documents_by_term(schema.LETTER, letter)

    def commit(self) -> None:
        with guard(str(self._folder), writing=True):
            self._open.commit()
            self._open.wait_merging_threads()
        self._writer = None
        del self._index
        meta = {"next": self._next, "most": self._most, "longest": self._longest}
        (self._folder / schema.META).write_text(json.dumps(meta), encoding="utf-8")
        for name in _LOCKS:
            (self._folder / name).unlink(missing_ok=True)

    def cancel(self) -> None:
        if self._writer is not None:
            with guard(str(self._folder), writing=True):
                self._writer.rollback()
                self._writer.wait_merging_threads()
            self._writer = None
            del self._index


def _prepared(documents: Iterable[Document | Prepared]) -> Iterator[Prepared]:
    for _, part in groupby(documents, key=attrgetter("letter")):
        letter = list(part)
        raw = [document for document in letter if isinstance(document, Document)]
        yield from prepare(raw) if raw else letter  # type: ignore[misc]  # a letter comes prepared or not at all


def _text(value: str) -> str:
    """A string of JSON."""
    return msgspec.json.encode(value).decode()
