"""csv: a table for spreadsheets and programs, by RFC 4180."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from imr_search.model import Page
from imr_search.output import data, safety
from imr_search.output.formats import TABLES, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> Iterator[str]:
    for row in data.rows(page):
        yield line(row, manner.raw_csv)


def line(row: Iterable[Any], raw: bool = False) -> str:
    """One row, each of its cells safe for a spreadsheet unless `raw`."""
    return ",".join(_quoted(str(data.cell(value, raw))) for value in row)


def _quoted(text: str) -> str:
    """Quoted where a comma or a quotation mark asks for it, and where another separator stands: a spreadsheet that also parts cells at ";" would
    else take what follows it for a cell of its own, which nobody looked at."""
    if any(char in text for char in ',";\t') or text != text.strip():
        return safety.doubled(text)
    return text


FORMAT = Format(
    "a table for spreadsheets, all items",
    write,
    title="CSV",
    use=TABLES,
    media_type="text/csv; charset=utf-8",
    every=True,
    line_end="\r\n",
    mark=True,
)
