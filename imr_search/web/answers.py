"""The first page, and the answers: items with their evidence or a report, what the query was read as, and what its items are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from imr_search import stages
from imr_search.errors import ImrError, UsageError
from imr_search.fields import table
from imr_search.plan import Group, LimitRows, Rate, ReportStage, SortRows
from imr_search.query.planner import Plan
from imr_search.query.reports import report_groups
from imr_search.searching.library import Library
from imr_search.searching.report import OTHER
from imr_search.searching.search_options import Options
from imr_search.web import downloads, refine
from imr_search.web.figures import chart
from imr_search.web.narrowing import Facet, facets
from imr_search.web.pool import Busy
from imr_search.web.report_rows import Ways, cross, report_rows
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
        _, typed_stages = refine.parted(query)
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
            "stages": typed_stages,
            "items_query": refine.parted(query)[0],
            "groups": group_names(),
            "report_kinds": report_kinds(),
            "downloads": downloads.offered(page),
            "not_offered": downloads.refused(page),
            "read_items": downloads.READ,
            "generation": library.facts.generation,
            "facets": lambda: counted(library, query, plan.node, texts),
        }
        if page.report is not None:
            ways = row_ways(plan, query)
            values |= {"figure": chart(page), "cross": cross(page, ways), "table": report_rows(page, ways)}
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


def row_ways(plan: Plan, query: str) -> Ways:
    """How the rows of the report lead to their items; not where stages before it have chosen some of them."""
    ending = next((stage for stage in plan.stages if isinstance(stage, ReportStage)), None)
    if ending is None or not all(isinstance(stage, ReportStage | SortRows | LimitRows) for stage in plan.stages):
        return Ways()
    conditions, _ = refine.parted(query)
    either = len(plan.clauses) == 1 and refine.alternative(plan.clauses[0].text)

    def find(values: Sequence[tuple[Group, refine.Value]]) -> str:
        if isinstance(ending, Rate) and ending.minimum and all(value == OTHER for _, value in values):
            return ""  # the line of the groups that are too small
        text = conditions
        for at, (group, value) in enumerate(values):
            text = refine.added(text, refine.clause(group, value), either and at == 0)
        return text

    return Ways(report_groups(ending), find)


def report_kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    """What the form of reports can show, under headings: a report of a field or in a style is a choice for each. What takes another query has a form
    of its own."""
    plain: list[tuple[str, str]] = []
    found = [("Of all items", plain)]
    for row in stages.STAGES:
        chosen = next((argument for argument in row.arguments if argument.kind in ("field", "choice")), None)
        if not row.report or row.takes_query:
            continue
        if chosen is None:
            plain.append((row.name, row.help))
        elif chosen.choices:
            found.append((row.help, [(f"{row.name} {choice}", choice) for choice in chosen.choices]))
        else:
            fields = (field for field in table().of_kind(*chosen.of) if not field.hidden)
            found.append((row.help, [(f"{row.name} {field.key}", f"{field.key}: {field.help}") for field in fields]))
    items = [(f"{row.name} {_OF_ITEMS[row.name]}", row.help) for row in stages.STAGES if row.name in _OF_ITEMS]
    return [*found, ("The items", items)]


_OF_ITEMS = {"unique": "rationale", "sample": "20"}


def group_names() -> list[tuple[str, str]]:
    """What a report may be by: each field's name, with its meaning."""
    found = [(part, f"the {part} of the decision") for part in stages.PARTS]
    found += [(name, meaning) for name, (_, meaning) in stages.GROUPS.items()]
    for row in table().of_kind(*stages.VALUED):
        if not row.hidden and row.key not in ("id", "letter", "case", "file", "decided"):
            found.append((row.key, row.help))
    return found


def build_report(request: Request) -> Response:
    """The form of reports, answered by the query that it stands for: what is seen is always what can be typed."""
    asked = request.query_params
    query, kind = asked.get("q", ""), asked.get("kind", "rate")
    stage = written(kind, list(dict.fromkeys(name for name in (asked.get("by", ""), asked.get("also", "")) if name)))
    if stage is None:
        return site_of(request).problem(request, UsageError("no such report", ", ".join(stages.REPORTS)), query)
    link = site_of(request).context(request, {})["link"]
    return RedirectResponse(link("search", q=refine.reported(query, stage)), 303)


def written(kind: str, by: list[str]) -> str | None:
    """The stage that a choice in the form of reports stands for, None for no choice of it. Each name stands where the report takes it; one that it
    does not take is left out."""
    if kind == "none":
        return ""
    row = stages.named(kind.partition(" ")[0])
    if row is None or kind not in {name for _, choices in report_kinds() for name, _ in choices}:
        return None
    names, words = list(by), [kind]
    for argument in row.arguments:
        taken: list[str] = []
        if argument.kind == "part":
            taken = [name for name in names if name in stages.PARTS][:1] or [str(argument.default)]
        elif argument.kind == "groups":
            taken = list(names) or (["category"] if argument.default is None else [])
        if taken:
            words += filter(None, (argument.word, ", ".join(taken)))
        names = [name for name in names if name not in taken]
    return f"| {' '.join(words)}"


def number(text: str | None, usual: int, least: int, most: int) -> int:
    """A number of the address, within bounds; what is no number is the usual one."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 9:
        return usual
    return min(max(int(text), least), most)
