"""The embedded engine: Whoosh's files on disk, evaluated with whole-index set operations of our own.

Whoosh 2.7.4 writes the terms files (its third codec, with posting lists of our own); its matchers, its query classes, its parser and analysers
are not used at all, nor is it loaded for searching: nothing of an index is unpickled. Why: its matchers walk one posting at a time in Python,
and several of its query classes are wrong. Segments are write-once, an update links them and adds to them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imr_search.engines.whoosh.searcher import WhooshSearcher
    from imr_search.engines.whoosh.writing import WhooshWriter


class WhooshEngine:
    name = "whoosh"
    format = "whoosh 2.7.4/1"

    def create(self, folder: Path) -> WhooshWriter:
        from imr_search.engines.whoosh.writing import WhooshWriter

        return WhooshWriter(folder)

    def update(self, old: Path, new: Path) -> WhooshWriter:
        from imr_search.engines.whoosh.writing import WhooshWriter

        return WhooshWriter(new, old)

    def open(self, folder: Path) -> WhooshSearcher:
        from imr_search.engines.whoosh.searcher import WhooshSearcher

        return WhooshSearcher(folder)
