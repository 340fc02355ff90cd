"""cite: one citation a line, to the best sentence where there is one."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output import report_table
from imr_search.output.formats import Format, Manner
from imr_search.output.terminal import Terminal
from imr_search.searching.cite_styles import cite


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    if page.report is not None:
        yield from report_table.report(page, terminal, manner.time)
        return
    for hit in page.hits:
        sentence = (hit.evidence[0].field, hit.evidence[0].sentence) if hit.evidence else None
        yield terminal.clean(cite(hit.item, "full" if manner.full else manner.style, sentence))


FORMAT = Format("citations to the letters, one a line", write, people=True)
