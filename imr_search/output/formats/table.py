"""table: one line an item, in columns."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output import lists, report_table, tables
from imr_search.output.formats import ITEMS, TABLES, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    if page.report is not None:
        yield from report_table.report(page, terminal, manner.time)
        return
    yield from lists.summary(page, terminal, manner.time)
    if page.hits:
        yield from tables.items(page, terminal)


FORMAT = Format(
    "one line an item, in columns (-c)",
    write,
    title="Table as text",
    use=TABLES,
    of=(ITEMS,),
    ending="txt",
    people=True,
    timed=True,
    sentences=False,
)
