"""The fast engine: Tantivy, in Rust, for millions of items on one machine.

Meaning stays ours: words come analysed (prepared.py), queries are built from plan nodes and never parsed (query_compiler.py), ties and letters are
counted exactly (ordering.py, facets.py). Only this package names the library.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imr_search.engines.tantivy.document_writer import TantivyWriter
    from imr_search.engines.tantivy.searcher import TantivySearcher


class TantivyEngine:
    name = "tantivy"
    format = "tantivy 0.27/3"

    def create(self, folder: Path) -> TantivyWriter:
        from imr_search.engines.tantivy.document_writer import TantivyWriter

        return TantivyWriter(folder)

    def update(self, old: Path, new: Path) -> TantivyWriter:
        from imr_search.engines.tantivy.document_writer import TantivyWriter

        return TantivyWriter(new, old)

    def open(self, folder: Path) -> TantivySearcher:
        from imr_search.engines.tantivy.searcher import TantivySearcher

        return TantivySearcher(folder)
