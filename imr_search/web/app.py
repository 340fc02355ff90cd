"""The web application: which address is answered by which view."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from imr_search.errors import ImrError
from imr_search.fields import ENUM, KEYWORD, NUMBER, table
from imr_search.indexing import failures
from imr_search.searching.library import Library
from imr_search.stages import STAGES
from imr_search.web import answers, comparison, downloads, letter_view, live, saved_view, tray
from imr_search.web.pool import Busy, LibraryPool
from imr_search.web.security import Gate, stale
from imr_search.web.site import HERE, Site, site_of

SIGNS = (
    ("acupuncture lumbar", "both words, and their inflections"),
    ('"medically necessary"', "these words as written, side by side"),
    ("acupuncture OR chiropractic", "either"),
    ("acupuncture -lumbar", "the first without the second"),
    ("treatment:mri", "the word in one field"),
    ("treatment:(mri OR ct)", "either word in one field"),
    ("functional /s improvement", "both in one sentence"),
    ("failed /5 therapy", "within five words of each other"),
    ('guideline:"page 98"', "a cited page; ranges count in full"),
    ("decided:2015..2017", "a range of dates or numbers"),
    ("qty:>=90", "at least so much"),
    ("missing:page", "where the field is empty"),
    ("letter:(treatment:mri outcome:upheld)", "where some item of the same letter is such"),
)


def create_app(opener: Callable[[], Library], *, token: str, port: int, entry: str = "") -> ASGIApp:
    """The application behind its gate. `opener` opens the current index, `token` is the first part of every address; `entry` may be used once in its
    place, by the browser that imr-web opens itself."""
    site = Site(LibraryPool(opener))
    inner = Starlette(
        routes=[
            Route("/", answers.home),
            Route("/search", answers.search),
            Route("/report", answers.build_report),
            Route("/compare", comparison.compare),
            Route("/letter/{letter}", letter_view.letter),
            Route("/original/{letter}", letter_view.original_file),
            Route("/download", downloads.download),
            Route("/record", downloads.record_page),
            Route("/tray", tray.tray),
            Route("/tray/take", tray.take, methods=["POST"]),
            Route("/saved", saved_view.listed),
            Route("/saved/run", saved_view.run),
            Route("/saved/change", saved_view.change, methods=["POST"]),
            Route("/complete", live.completions),
            Route("/check", live.check),
            Route("/guide", guide),
        ],
        exception_handlers={HTTPException: refused, Exception: fault},
    )
    inner.state.site = site
    assets = Starlette(routes=[Mount("/static", StaticFiles(directory=HERE / "static"))])
    outer = Starlette(routes=[Route("/{rest:path}", stale_page, methods=["GET", "POST"])])
    inner.state.site = outer.state.site = site
    return Gate(inner, assets, outer, token=token, port=port, entry=entry)


def guide(request: Request) -> Response:
    """The language on one page: signs, reports, fields; and what the index is."""
    site = site_of(request)
    rows = [row for row in table() if not row.hidden]
    try:
        with site.pool.borrow() as library:
            opened = library.opened
            return site.page(
                request,
                "guide.html",
                page_name="guide",
                fields=rows,
                listed=[row.key for row in table().of_kind(KEYWORD, ENUM, NUMBER)],
                signs=SIGNS,
                stages=[(f"{row.found} | {row.example}", row.help) for row in STAGES],
                facts=library.facts,
                folder=str(opened.folder),
                built=opened.manifest.created,
                failed=[(one.file, one.detail or one.reason) for one in failures(opened.folder)],
            )
    except (ImrError, Busy) as error:
        return site.problem(request, error)


async def refused(request: Request, error: Exception) -> Response:
    """What no route answers."""
    assert isinstance(error, HTTPException)
    return site_of(request).page(
        request,
        "message.html",
        error.status_code,
        title="There is no such page",
        message="The address leads nowhere here.",
    )


async def fault(request: Request, error: Exception) -> Response:
    """A fault of the program is told without its text, which may quote a letter."""
    if isinstance(error, ImrError | Busy):
        return site_of(request).problem(request, error)
    return site_of(request).page(
        request,
        "message.html",
        500,
        title="A fault of this program",
        message=f"This page could not be made ({type(error).__name__}). The others still work.",
    )


async def stale_page(request: Request) -> Response:
    """For an address of another run, or one that another page led to: nothing of the index is shown."""
    found = stale(request)
    return site_of(request).page(request, "stale.html", 403, why=found.why if found is not None else "")
