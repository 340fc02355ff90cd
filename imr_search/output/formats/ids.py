"""ids: the items' ids, one a line, to feed to another program."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.errors import UsageError
from imr_search.model import Page
from imr_search.output import safety
from imr_search.output.formats import ITEMS, PROGRAMS, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    if page.report is not None:
        raise UsageError("a report has no ids", "use -f csv, -f json, or leave the report out of the query")
    return (safety.clean(hit.item.id) for hit in page.hits)


FORMAT = Format(
    "ids, one a line", write, title="Ids", use=PROGRAMS, of=(ITEMS,), ending="txt", every=True, sentences=False
)
