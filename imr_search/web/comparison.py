"""Two queries beside each other: how many items each finds, how often they are overturned, and what the language's own comparison says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from imr_search.errors import ImrError, QueryError
from imr_search.model import Cell, GroupCounts, Notice
from imr_search.output import report_table
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.searching.statistics import BOTH, CLUSTERED, DIFFERENCE
from imr_search.web import refine
from imr_search.web.pool import Busy
from imr_search.web.site import site_of


@dataclass(frozen=True)
class Difference:
    """How far the shares of the two are apart, in percentage points, as texts. `clustered`: the interval with each letter taken for one."""

    points: str
    ends: str
    clustered: str
    p: str
    verdict: str


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
    difference: Difference | None = None
    both = 0
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
                difference, both, notices = _compared(library, *queries)
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
        difference=difference,
        both=both,
        notices=notices,
        problem=problem,
        base=base,
    )


def _side(library: Library, name: str, query: str) -> Side:
    page = library.search(query, Options(limit=1, snippets=0))
    return Side(name, query, page.read_as, page.tally or GroupCounts((), 0, 0, 0, 0, 0))


def _compared(library: Library, one: str, other: str) -> tuple[Difference | None, int, tuple[Notice, ...]]:
    """By `| compare`: the difference with its interval, how many items both hold, and what is to be said of it."""
    try:
        page = library.search(f"{one} | compare {other}", Options(limit=1, snippets=0))
    except QueryError:
        return None, 0, ()
    report = page.report
    if report is None:
        return None, 0, page.notices
    rows = {str(row[0]): dict(zip(report.columns, row, strict=True)) for row in report.shown}
    both = rows.get(BOTH, {}).get("items")
    return _difference(rows), both if isinstance(both, int) else 0, page.notices


def _difference(rows: Mapping[str, Mapping[str, Cell]]) -> Difference | None:
    row = rows.get(DIFFERENCE)
    if row is None or not isinstance(row["rate"], int | float):
        return None
    clustered = rows.get(CLUSTERED, {})
    deciding = clustered or row
    low, high = deciding["low"], deciding["high"]
    if isinstance(low, int | float) and isinstance(high, int | float) and low <= 0 <= high:
        verdict = "The interval reaches across 0: these decisions do not show that the two differ."
    else:
        more = "first" if row["rate"] > 0 else "second"
        verdict = f"The {more} group is overturned more often, by more than chance would easily make."
    return Difference(_points(row["rate"]), _ends(row), _ends(clustered), report_table.cell("p", row["p"]), verdict)


def _points(share: Cell) -> str:
    return f"{100 * share:+.1f}".replace("-", "\u2212") if isinstance(share, int | float) else ""


def _ends(row: Mapping[str, Cell]) -> str:
    low, high = _points(row.get("low")), _points(row.get("high"))
    return f"{low} to {high}" if low and high else ""
