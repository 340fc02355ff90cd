"""xlsx: a workbook whose texts stay texts, by XlsxWriter. Its second sheet says what was asked."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from imr_search.errors import UsageError
from imr_search.model import Page
from imr_search.output import data, safety, wording
from imr_search.output.formats import TABLES, Format, Manner
from imr_search.output.terminal import Terminal

try:
    import xlsxwriter
except ModuleNotFoundError:  # the extra is not installed
    xlsxwriter = None

CELL = 32_000  # characters; a spreadsheet's cell takes 32,767


def write(page: Page, terminal: Terminal, manner: Manner) -> bytes:
    return workbook(data.rows(page), about(page))


def workbook(rows: Iterable[list[Any]], told: Iterable[tuple[str, str]] = ()) -> bytes:
    """The rows as a sheet, the first as its heading, and what is to be told of them on a second one. Raises UsageError without XlsxWriter."""
    if xlsxwriter is None:
        raise UsageError("a workbook needs XlsxWriter", "pip install 'imr-search[xlsx]'")
    written = io.BytesIO()
    # Both off, or a letter's "=1+1" would be a formula and its "https://..." a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = book.add_worksheet("Answer")
        last = 0
        for at, row in enumerate(rows):
            last = max(last, len(row) - 1)
            for column, value in enumerate(row):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(at, column, value)
                elif value not in (None, "", []):
                    sheet.write_string(at, column, _text(wording.value(value)), bold if at == 0 else None)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, last, 16)
        second = None
        for at, (name, value) in enumerate(told):
            second = second or book.add_worksheet("Query")
            second.write_string(at, 0, _text(name), bold)
            second.write_string(at, 1, _text(value))
        if second is not None:
            second.set_column(0, 0, 18)
            second.set_column(1, 1, 100)
    return written.getvalue()


def about(page: Page) -> Iterator[tuple[str, str]]:
    """What a table must say of itself to be believed."""
    index = page.index
    yield "Query", page.query
    yield "Read as", page.read_as
    yield "Found", wording.heading(page)
    letters = f"{wording.count(index.items, 'item')} in {wording.count(index.letters, 'letter')}"
    yield "Index", f"{letters}, generation {index.generation}"
    for notice in page.notices:
        yield f"Note {notice.code}", notice.text


def _text(text: str) -> str:
    return safety.clean(text)[:CELL]


FORMAT = Format(
    "a workbook for Excel and its like, all items",
    write,
    title="Excel",
    use=TABLES,
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    needs=("xlsxwriter", "xlsx"),
    every=True,
    sentences=False,
)
