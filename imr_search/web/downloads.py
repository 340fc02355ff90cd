"""An answer to take along: every format that the command has, a spreadsheet, and the search record, as files of the browser's."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response

from imr_search.errors import ImrError, UsageError
from imr_search.model import Page
from imr_search.output import charts, data, markdown, safety, wording
from imr_search.searching import records
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.web.pool import Busy
from imr_search.web.site import site_of

BYTE_ORDER_MARK = "\ufeff"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "svg": "image/svg+xml",
    "png": "image/png",
    "record": "application/json",
}
WHOLE = ("csv", "tsv", "xlsx", "json")  # all items; the others are for reading
READ = 200
CELL = 32_000  # characters; a spreadsheet's cell takes 32,767


def download(request: Request) -> Response:
    """`q` in `format`, as a file."""
    site = site_of(request)
    asked = request.query_params
    query, form = asked.get("q", "").strip(), asked.get("format", "")
    try:
        if form not in TYPES or form == "docx":
            raise UsageError(f"an answer cannot be taken along as {form[:20]}")
        with site.pool.borrow() as library:
            made = _made(library, query, form, asked.get("sort", ""))
    except (ImrError, Busy) as error:
        return site.problem(request, error, query)
    return attachment(made, form, "search-record.json" if form == "record" else f"imr-search.{form}")


def record_page(request: Request) -> Response:
    """The search record for reading and printing: what was asked, of what, and what came of it."""
    site = site_of(request)
    query, sort = request.query_params.get("q", "").strip(), request.query_params.get("sort", "")
    try:
        with site.pool.borrow() as library:
            options = Options(limit=READ, sort=sort)
            found = library.record(library.search(query, options), options)
    except (ImrError, Busy) as error:
        return site.problem(request, error, query)
    return site.page(request, "record.html", page_name="record", query=query, sort=sort, record=found)


def attachment(content: bytes, form: str, name: str) -> Response:
    return Response(content, media_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _made(library: Library, query: str, form: str, sort: str) -> bytes:
    options = Options(limit=None if form in WHOLE else READ, sort=sort)
    page = library.search(query, options)
    match form:
        case "csv":
            return (BYTE_ORDER_MARK + "".join(f"{line}\r\n" for line in data.csv(page))).encode()
        case "tsv":
            return "".join(f"{line}\n" for line in data.tsv(page)).encode()
        case "json":
            return "".join(f"{line}\n" for line in data.json_object(page)).encode()
        case "md":
            return "".join(f"{line}\n" for line in markdown.document(page)).encode()
        case "xlsx":
            return workbook(data.rows(page), page)
        case "record":
            return records.to_bytes(library.record(page, options))
    return charts.picture(page, form)


def workbook(rows: Iterable[list[Any]], page: Page | None = None) -> bytes:
    """The rows as a sheet, the first as its heading; texts stay texts, so that no letter can plant a formula. A second sheet says what was asked."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(
        written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = book.add_worksheet("Answer")
        last = 0
        for at, row in enumerate(rows):
            last = max(last, len(row) - 1)
            for column, value in enumerate(row):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(at, column, value)
                elif value not in (None, "", []):
                    sheet.write_string(at, column, safety.clean(wording.value(value))[:CELL], bold if at == 0 else None)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, last, 16)
        if page is not None:
            about = book.add_worksheet("Query")
            for at, (name, told) in enumerate(_about(page)):
                about.write_string(at, 0, name, bold)
                about.write_string(at, 1, safety.clean(told)[:CELL])
            about.set_column(0, 0, 18)
            about.set_column(1, 1, 100)
    return written.getvalue()


def _about(page: Page) -> Iterator[tuple[str, str]]:
    """What a table must say of itself to be believed."""
    yield "Query", page.query
    yield "Read as", page.read_as
    yield "Found", wording.heading(page)
    yield (
        "Index",
        f"{wording.count(page.index.items, 'item')} in {wording.count(page.index.letters, 'letter')}, generation {page.index.generation}",
    )
    for notice in page.notices:
        yield f"Note {notice.code}", notice.text
