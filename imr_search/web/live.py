"""While somebody types: what may stand at the cursor, and whether the query can be read and what it finds. Answers are JSON."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from imr_search.errors import ImrError, QueryError
from imr_search.output import safety
from imr_search.query.completion import complete
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.web.answers import number
from imr_search.web.pool import Busy
from imr_search.web.site import site_of

SHOWN = 12


def completions(request: Request) -> Response:
    text = request.query_params.get("q", "")
    cursor = number(request.query_params.get("at"), len(text), 0, len(text))
    try:
        with site_of(request).pool.borrow() as library:
            found = complete(text, cursor, library.searcher, None, library.saved)[:SHOWN]
    except (ImrError, Busy):
        found = []
    return JSONResponse(
        [
            {
                "text": one.text,
                "start": one.start,
                "kind": one.kind,
                "gloss": safety.clean(one.gloss),
                "count": one.count,
            }
            for one in found
            if safety.clean(one.text) == one.text
        ]
    )


def check(request: Request) -> Response:
    """`count`, `read_as` and the reading in fields of a query that can be read; else the error, its place and its corrections."""
    text = request.query_params.get("q", "").strip()
    if not text:
        return JSONResponse({})
    try:
        with site_of(request).pool.borrow() as library:
            return JSONResponse(_checked(library, text))
    except QueryError as error:
        return JSONResponse(
            {
                "code": error.code,
                "message": safety.clean(error.message),
                "start": error.start,
                "end": error.end,
                "try": [{"query": one.query, "count": one.count} for one in error.corrections],
            }
        )
    except ImrError as error:
        return JSONResponse({"code": "", "message": safety.clean(error.message), "try": []})
    except Busy:
        return JSONResponse({})


def _checked(library: Library, text: str) -> dict[str, Any]:
    page = library.search(text, Options(limit=0, snippets=0, counted=True))
    fields = getattr(page, "as_fields", None)
    return {
        "count": page.total,
        "read_as": safety.clean(page.read_as),
        "notices": [{"code": one.code, "text": safety.clean(one.text), "better": one.better} for one in page.notices],
        "as_fields": None if fields is None else {"query": fields.query, "count": fields.total},
    }
