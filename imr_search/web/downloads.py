"""An answer to take along: every format that the command writes to a file, and the search record."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from imr_search.errors import ImrError, UsageError
from imr_search.model import Page
from imr_search.output import formats
from imr_search.output.terminal import Terminal
from imr_search.searching import records
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.web.pool import Busy
from imr_search.web.site import site_of

BYTE_ORDER_MARK = "\ufeff"
READ = 200  # items of a format that is for reading
RECORD = "record"


def offered(page: Page) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The formats that an answer can be exported as, under headings: each with its name and what it is. The richest, which are no lines, come
    first."""
    order = sorted(formats.names(), key=lambda name: not formats.binary(name))
    found = []
    for use in formats.USES:
        kept = [
            (name, held.title, held.help)
            for name in order
            if (held := formats.get(name)).use == use and not formats.lacking(name, page)
        ]
        if kept:
            found.append((use, kept))
    return found


def refused(page: Page) -> list[str]:
    """Why the other formats are not offered."""
    return list(filter(None, (formats.lacking(name, page) for name in formats.names())))


def download(request: Request) -> Response:
    """`q` in `format`, as a file."""
    site = site_of(request)
    asked = request.query_params
    query, form, sort = asked.get("q", "").strip(), asked.get("format", ""), asked.get("sort", "")
    try:
        if form not in (RECORD, *formats.names()):
            raise UsageError(f"an answer cannot be exported as {form[:20]}")
        with site.pool.borrow() as library:
            made = _record(library, query, sort) if form == RECORD else _made(library, query, form, sort)
    except (ImrError, Busy) as error:
        return site.problem(request, error, query)
    if form == RECORD:
        return attachment(made, "json", "search-record.json")
    return attachment(made, form, f"imr-search.{formats.get(form).ending or form}")


def _record(library: Library, query: str, sort: str) -> bytes:
    options = Options(limit=READ, sort=sort)
    return records.to_bytes(library.record(library.search(query, options), options))


def _made(library: Library, query: str, form: str, sort: str) -> bytes:
    found = formats.get(form)
    whole = found.every or found.use != formats.READING
    page = library.search(query, Options(limit=None if whole else READ, sort=sort))
    written = found.write(page, Terminal(), formats.Manner(full=True))
    if isinstance(written, bytes):
        return written
    text = "".join(f"{line}{found.line_end}" for line in written)
    return ((BYTE_ORDER_MARK if found.mark else "") + text).encode()


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
    return Response(
        content,
        media_type=formats.get(form).media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
