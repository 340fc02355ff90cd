"""From an answer to what is shown: one function for every format. Nothing else makes output, so nothing else can make it unsafe.

Lines come without their ends. Text formats (list, table, md, cite) are for people and follow the look; data formats (json, jsonl, csv, tsv, ids)
are for programs, always UTF-8, and do not.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imr_search.errors import UsageError
from imr_search.model import Page
from imr_search.output.terminal import Terminal

TEXT = ("list", "table", "md", "cite")
DATA = ("json", "jsonl", "csv", "tsv", "ids")
PICTURES = ("svg", "png")
FORMATS = TEXT + DATA + PICTURES
UNBOUNDED = ("jsonl", "csv", "tsv", "ids")  # all items, unless a number is asked for


class Manner(msgspec.Struct, frozen=True):
    """`full` shows items whole; `time` says how long it took; `raw_csv` lets formulas pass; `one_line` puts a JSON object on one line;
    `style` is that of citations."""

    full: bool = False
    time: bool = False
    raw_csv: bool = False
    one_line: bool = False
    style: str = "ccc"


def render(page: Page, format: str, look: Terminal, manner: Manner | None = None) -> Iterator[str]:
    """The lines of `page` in `format`. Raises UsageError for a format that cannot show this answer."""
    manner = manner or Manner()
    match format:
        case "list" | "table" | "cite" if page.report is not None:
            from imr_search.output.report_table import report

            return report(page, look, manner.time)
        case "list" if manner.full:
            return _whole(page, look, manner)
        case "list":
            from imr_search.output.lists import listing

            return listing(page, look, manner.time)
        case "table":
            return _table(page, look, manner)
        case "md":
            from imr_search.output.markdown import document

            return document(page)
        case "cite":
            return _cite(page, look, manner)
        case "json":
            from imr_search.output.data import json_object

            return json_object(page, manner.time, manner.one_line)
        case "jsonl":
            from imr_search.output.data import jsonl

            return jsonl(page)
        case "ids":
            if page.report is not None:
                raise UsageError("a report has no ids", "use -f csv, -f json, or leave the report out of the query")
            from imr_search.output.data import ids

            return ids(page)
        case "csv":
            from imr_search.output.data import csv

            return csv(page, manner.raw_csv)
        case "tsv":
            from imr_search.output.data import tsv

            return tsv(page, manner.raw_csv)
    raise UsageError(f"no format is called {format}", f"one of: {', '.join(FORMATS)}")


def _whole(page: Page, look: Terminal, manner: Manner) -> Iterator[str]:
    from imr_search.output.item_view import whole
    from imr_search.output.lists import summary

    yield from summary(page, look, manner.time)
    for number, hit in enumerate(page.hits, page.offset + 1):
        yield ""
        yield from whole(hit, look, number)


def _table(page: Page, look: Terminal, manner: Manner) -> Iterator[str]:
    from imr_search.output.lists import summary
    from imr_search.output.tables import items

    yield from summary(page, look, manner.time)
    if page.hits:
        yield from items(page, look)


def _cite(page: Page, look: Terminal, manner: Manner) -> Iterator[str]:
    """One citation a line, to the best sentence where there is one."""
    from imr_search.searching.cite_styles import cite

    for hit in page.hits:
        sentence = (hit.evidence[0].field, hit.evidence[0].sentence) if hit.evidence else None
        yield look.clean(cite(hit.item, "full" if manner.full else manner.style, sentence))
