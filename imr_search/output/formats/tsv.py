"""tsv: a table with tabs between its cells."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output import data
from imr_search.output.formats import Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    for row in data.rows(page):
        yield "\t".join(str(data.cell(value, manner.raw_csv)) for value in row)


FORMAT = Format("a table with tabs between its cells, all items", write, every=True, endings=("tab",))
