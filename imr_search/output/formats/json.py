"""json: the answer as one object, the contract for programs."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output.data import json_object
from imr_search.output.formats import PROGRAMS, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    return json_object(page, manner.time, manner.one_line)


FORMAT = Format(
    "the answer as one object", write, title="JSON", use=PROGRAMS, media_type="application/json", timed=True
)
