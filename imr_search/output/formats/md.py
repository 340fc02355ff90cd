"""md: Markdown, to paste into a memorandum."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Page
from imr_search.output.formats import READING, Format, Manner
from imr_search.output.markdown import document
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    return document(page, manner.full)


FORMAT = Format(
    "Markdown, to paste into a memorandum",
    write,
    title="Markdown",
    use=READING,
    media_type="text/markdown; charset=utf-8",
    people=True,
    endings=("markdown",),
)
