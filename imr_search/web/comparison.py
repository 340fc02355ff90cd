"""Two queries beside each other: how many items each finds, how often they are overturned, and what the language's own comparison says."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from imr_search.errors import ImrError, QueryError
from imr_search.model import GroupCounts, Notice, Report
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.web import refine
from imr_search.web.pool import Busy
from imr_search.web.site import site_of


@dataclass(frozen=True)
class Side:
    """One query of the two and what it finds."""

    name: str
    query: str
    read_as: str
    counts: GroupCounts


def compare(request: Request) -> Response:
    """`q` beside `with`; the form alone where one of them is missing."""
    site = site_of(request)
    asked = request.query_params
    queries = [refine.parted(asked.get(name, ""))[0] for name in ("q", "with")]
    sides: list[Side] = []
    report: Report | None = None
    notices: tuple[Notice, ...] = ()
    problem: tuple[str, QueryError] | None = None
    base = None
    try:
        with site.pool.borrow() as library:
            base = library.base
            for name, query in zip(("first", "second"), queries, strict=True):
                if not query:
                    continue
                try:
                    sides.append(_side(library, name, query))
                except QueryError as error:
                    problem = problem or (name, error)
            if len(sides) == 2:
                report, notices = _report(library, *queries)
    except (ImrError, Busy) as error:
        return site.problem(request, error)
    return site.page(
        request,
        "compare.html",
        400 if problem else 200,
        page_name="compare",
        first=queries[0],
        second=queries[1],
        sides=sides,
        report=report,
        notices=notices,
        problem=problem,
        base=base,
    )


def _side(library: Library, name: str, query: str) -> Side:
    page = library.search(query, Options(limit=1, snippets=0))
    return Side(name, query, page.read_as, page.tally or GroupCounts((), 0, 0, 0, 0, 0))


def _report(library: Library, one: str, other: str) -> tuple[Report | None, tuple[Notice, ...]]:
    """The difference with its interval, by `| compare`."""
    try:
        page = library.search(f"{one} | compare {other}", Options(limit=1, snippets=0))
    except QueryError:
        return None, ()
    report = page.report
    if report is None:
        return None, page.notices
    # The two groups stand above; what is left are the difference and what both hold.
    keep = [report.columns.index(name) for name in ("group", "rate", "low", "high", "p")]
    rows = tuple(tuple(row[at] for at in keep) for row in report.shown if row[report.columns.index("items")] is None)
    return Report.of("compare", tuple(report.columns[at] for at in keep), rows), page.notices
