"""Writing an index: new segments beside the old ones, which are never changed, and a list of segments written last."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

from imr_search.documents import Document
from imr_search.engines.whoosh.buffer import Buffer, write
from imr_search.engines.whoosh.merging import merged
from imr_search.engines.whoosh.segment import Segment
from imr_search.engines.whoosh.toc import read_toc, write_toc

_FILES = ("trm", "pst", "col", "rec")
_FULL = 16_000_000  # word positions in memory, 8 bytes each, from which a segment is written
_MANY = 6  # segments; with one more, small ones are made into one
_STALE = 0.25  # share of deleted documents from which a segment is written anew


class WhooshWriter:
    """`old` is the folder whose segments the new index begins with, by hard links where the file system has them."""

    def __init__(self, folder: Path, old: Path | None = None) -> None:
        self._folder = folder
        self._buffer = Buffer()
        self._segments: list[Segment] = []
        if old is None:
            return
        for name, deleted in read_toc(old):
            for extension in _FILES:
                _link(old / f"{name}.{extension}", folder / f"{name}.{extension}")
            self._segments.append(Segment(folder, name, deleted))

    def add(self, documents: Iterable[Document]) -> None:
        for document in documents:
            buffer = self._buffer
            if buffer.held >= _FULL and buffer.letters[-1] != document.letter:
                self._write()
            self._buffer.add(document)

    def remove(self, letters: Iterable[str]) -> None:
        gone = set(letters)
        if not gone.isdisjoint(self._buffer.letters):
            self._write()
        for segment in self._segments:
            first = 0
            for letter, length in zip(segment.letters, segment.columns.get("runs"), strict=True):
                if letter in gone:
                    segment.delete(range(first, first + length))
                first += length

    def commit(self) -> None:
        self._write()
        self._merge()
        write_toc(self._folder, ((segment.name, segment.deleted) for segment in self._segments))
        self.cancel()

    def cancel(self) -> None:
        for segment in self._segments:
            segment.close()
        self._segments = []
        self._buffer = Buffer()

    def _write(self) -> None:
        if self._buffer.size:
            self._put(self._buffer)
            self._buffer = Buffer()

    def _put(self, buffer: Buffer) -> None:
        name = f"segment_{uuid.uuid4().hex[:12]}"
        write(buffer, self._folder, name)
        self._segments.append(Segment(self._folder, name, []))

    def _merge(self) -> None:
        """Few segments, and few deleted documents in each; never more in memory than a new segment takes."""
        for segment in self._segments[:]:
            if len(segment.deleted) > segment.size * _STALE:
                self._replace([segment])
        while len(self._segments) > _MANY:
            small = sorted(self._segments, key=lambda segment: segment.held)[: len(self._segments) - _MANY + 2]
            if sum(segment.held for segment in small) > 2 * _FULL:
                return
            self._replace(small)

    def _replace(self, segments: list[Segment]) -> None:
        buffer = merged(segments)
        for segment in segments:
            self._segments.remove(segment)
            segment.close()
            for extension in _FILES:
                (self._folder / f"{segment.name}.{extension}").unlink()
        if buffer.size:
            self._put(buffer)


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
