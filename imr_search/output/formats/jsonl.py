"""jsonl: one item (or row of a report) a line, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output import data
from imr_search.output.formats import PROGRAMS, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    return map(data.dump, data.objects(page))


FORMAT = Format(
    "one JSON object an item",
    write,
    title="JSON lines",
    use=PROGRAMS,
    media_type="application/jsonl",
    every=True,
    endings=("ndjson",),
)
