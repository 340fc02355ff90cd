"""cite: one citation a line, to the best sentence, or to the one that gives the main ground."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output import report_table
from imr_search.output.formats import ITEMS, READING, Format, Manner
from imr_search.output.terminal import Terminal
from imr_search.searching.cite_styles import cite


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    if page.report is not None:
        yield from report_table.report(page, terminal, manner.time)
        return
    for hit in page.hits:
        best = hit.evidence[0] if hit.evidence else hit.deciding
        sentence = (best.field, best.sentence) if best else None
        yield terminal.clean(cite(hit.item, "full" if manner.full else manner.style, sentence))


FORMAT = Format(
    "citations to the letters, one a line",
    write,
    title="Citations",
    use=READING,
    of=(ITEMS,),
    ending="txt",
    people=True,
)
