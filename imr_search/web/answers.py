"""The first page, and the answers: items with their evidence or a report, what the query was read as, and what its items are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from imr_search.errors import ImrError, UsageError
from imr_search.fields import DATE, ENUM, KEYWORD, NUMBER, table
from imr_search.query.planner import Plan
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.web import refine
from imr_search.web.figures import chart
from imr_search.web.narrowing import Facet, facets
from imr_search.web.pool import Busy
from imr_search.web.site import Site, site_of

SIZES = (20, 50, 100)
FACETS = 3.0  # seconds that all facets of an answer may take
SORTS = (
    ("", "best match"),
    ("-decided", "newest decision"),
    ("decided", "oldest decision"),
    ("outcome,-decided", "outcome"),
    ("case", "case number"),
)
EXAMPLES = (
    ("treatment:acupuncture outcome:overturned", "acupuncture that was certified"),
    ('guideline:"page 98" outcome:upheld', "denials upheld that cite page 98 of a guideline"),
    ("functional /s improvement", "“functional” and “improvement” in one sentence"),
    ("drug:norco qty:>=90", "Norco, 90 tablets or more"),
    ("category:rehabilitation | rate by category", "how often each kind of therapy is overturned"),
    ("* | trend year", "the rate over the years"),
)


@dataclass(frozen=True)
class Part:
    """One condition of the query as read, and the query without it."""

    text: str
    without: str


def home(request: Request) -> Response:
    site = site_of(request)
    try:
        with site.pool.borrow() as library:
            return site.page(
                request,
                "home.html",
                page_name="search",
                index=library.facts,
                base=library.base,
                saved=dict(library.saved),
                examples=EXAMPLES,
                notices=library.opened.notices,
            )
    except (ImrError, Busy) as error:
        return site.problem(request, error)


def search(request: Request) -> Response:
    """The answer to `q`: streamed, so that the items can be read while the facets are counted."""
    site = site_of(request)
    asked = request.query_params
    query = asked.get("q", "").strip()
    if not query:
        return RedirectResponse(f"{request.scope['root_path']}/", 303)
    parts = answer(site, request, query)
    try:
        first = next(parts)  # errors are told before the first byte, under their status
    except (ImrError, Busy) as error:
        return site.problem(request, error, query)

    def whole() -> Iterator[str]:
        yield first
        yield from parts

    return StreamingResponse(whole(), media_type="text/html")


def answer(site: Site, request: Request, query: str) -> Iterator[str]:
    asked = request.query_params
    size = number(asked.get("n"), SIZES[0], 1, 200)
    at = number(asked.get("page"), 1, 1, 1_000_000)
    sort = asked.get("sort", "")
    with site.pool.borrow() as library:
        options = Options(limit=size, offset=(at - 1) * size, sort=sort)
        plan: Plan | None = None
        with library.within(options.timeout, query, lambda: plan):
            plan = library.read(query)
            page = library.answer(plan, query, options)
        texts = tuple(clause.text for clause in plan.clauses)
        _, stages = refine.parted(query)
        _, read_stages = refine.parted(plan.read_as)
        values: dict[str, Any] = {
            "page_name": "search",
            "query": query,
            "answer": page,
            "number": at,
            "size": size,
            "sizes": SIZES,
            "sort": sort,
            "sorts": SORTS,
            "pages": max(1, -(-page.total // size)),
            "read": [Part(text, refine.without(texts, k, read_stages)) for k, text in enumerate(texts)],
            "stages": stages,
            "items_query": refine.parted(query)[0],
            "decided": any(text.startswith("outcome:") for text in texts),  # its own rate says nothing
            "groups": group_names(),
            "generation": library.facts.generation,
            "facets": lambda: counted(library, query, plan.node, texts),
        }
        if page.report is not None:
            values["figure"] = chart(page)
            yield from site.pieces(request, "report.html", **values)
        else:
            yield from site.pieces(request, "answers.html", **values)


def counted(library: Library, query: str, node: Any, texts: tuple[str, ...]) -> Iterator[Facet]:
    """The facets; where they cannot be counted the page ends without them."""
    try:
        with library.within(FACETS, query):
            yield from facets(library.searcher, node, query, texts, lambda text: library.read(text).node)
    except ImrError:
        return


def group_names() -> list[tuple[str, str]]:
    """What a report may be by: each field's name, with its meaning."""
    found = [
        ("year", "the year of the decision"),
        ("month", "the month of the decision"),
        ("guideline", "what the reviewer cited"),
    ]
    for row in table().of_kind(KEYWORD, ENUM, NUMBER, DATE):
        if not row.hidden and row.key not in ("id", "letter", "case", "file", "decided"):
            found.append((row.key, row.help))
    return found


def build_report(request: Request) -> Response:
    """The form of reports, answered by the query that it stands for: what is seen is always what can be typed."""
    asked = request.query_params
    query, kind, by = asked.get("q", ""), asked.get("kind", "rate"), asked.get("by", "")
    also = asked.get("also", "")
    stage = {
        "rate": "| rate" + (f" by {by}" if by else ""),
        "count": "| count" + (f" by {by}" if by else ""),
        "top": f"| top 20 {by or 'category'}",
        "trend": f"| trend {by if by in ('year', 'month', 'quarter') else 'year'}",
        "none": "",
    }.get(kind)
    if stage is None:
        return site_of(request).problem(request, UsageError("no such report"), query)
    if also and by and kind in ("rate", "count") and also != by:
        stage += f", {also}"
    link = site_of(request).context(request, {})["link"]
    return RedirectResponse(link("search", q=refine.reported(query, stage)), 303)


def number(text: str | None, usual: int, least: int, most: int) -> int:
    """A number of the address, within bounds; what is no number is the usual one."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 9:
        return usual
    return min(max(int(text), least), most)
