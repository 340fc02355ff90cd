"""tsv: a table with tabs between its cells."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output import data, safety
from imr_search.output.formats import TABLES, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    for row in data.rows(page):
        yield "\t".join(_quoted(str(data.cell(value, manner.raw_csv))) for value in row)


def _quoted(text: str) -> str:
    """Quoted only where a spreadsheet would else take the text for the beginning of something quoted, and the cells behind it for its end; and where
    one that parts cells at commas, too, would find a formula."""
    return safety.doubled(text) if text.startswith('"') or safety.holds_formula(text, ",") else text


FORMAT = Format(
    "a table with tabs between its cells, all items",
    write,
    title="TSV",
    use=TABLES,
    media_type="text/tab-separated-values; charset=utf-8",
    every=True,
    endings=("tab",),
)
