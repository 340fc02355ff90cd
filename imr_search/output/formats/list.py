"""list: results to read, each with the sentences that say why."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output import lists, report_table
from imr_search.output.formats import READING, Format, Manner
from imr_search.output.lists import whole
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    if page.report is not None:
        yield from report_table.report(page, terminal, manner.time)
    elif not manner.full:
        yield from lists.listing(page, terminal, manner.time)
    else:
        yield from lists.summary(page, terminal, manner.time)
        for number, hit in enumerate(page.hits, page.offset + 1):
            yield ""
            yield from whole(hit, terminal, number)


FORMAT = Format(
    "results to read, with the sentences that say why",
    write,
    title="Text",
    use=READING,
    ending="txt",
    people=True,
    timed=True,
    endings=("txt",),
)
