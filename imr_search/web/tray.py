"""The tray: items that were ticked, with notes. The browser keeps it and sends it along; the server writes nothing down."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from imr_search.errors import ImrError, QueryError, UsageError
from imr_search.model import Item
from imr_search.output import brief
from imr_search.output.brief import Decision, Search
from imr_search.output.files.xlsx import workbook
from imr_search.output.formats.csv import line as csv_line
from imr_search.plan import Node
from imr_search.searching.evidence import evidence, sentence
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.web.downloads import BYTE_ORDER_MARK, attachment
from imr_search.web.pool import Busy
from imr_search.web.site import site_of

MOST = 500
NOTE = 4_000


def tray(request: Request) -> Response:
    """The items of the address, in its order."""
    site = site_of(request)
    query = request.query_params.get("q", "").strip()
    wanted = list(dict.fromkeys(request.query_params.getlist("id")))[:MOST]
    try:
        with site.pool.borrow() as library:
            node = _node(library, query)
            entries = [_entry(item, "", node) for item in _items(library, wanted)]
    except (ImrError, Busy) as error:
        return site.problem(request, error, query)
    gone = [id_ for id_ in wanted if id_ not in {entry.item.id for entry in entries}]
    return site.page(request, "tray.html", page_name="tray", entries=entries, gone=gone, query=query)


async def take(request: Request) -> Response:
    """The tray as a file: a brief (docx, md) or a table with citations (csv, xlsx)."""
    form = await request.form(max_fields=3 * MOST, max_files=0)
    ids = [str(one) for one in form.getlist("id")][:MOST]
    notes = {id_: str(form.get(f"note {id_}", ""))[:NOTE] for id_ in ids}
    made = str(form.get("format", "docx"))
    return await run_in_threadpool(_taken, request, ids, notes, made, str(form.get("q", "")).strip())


def _taken(request: Request, ids: list[str], notes: dict[str, str], form: str, query: str) -> Response:
    site = site_of(request)
    try:
        if form not in ("docx", "md", "csv", "xlsx"):
            raise UsageError(f"a tray cannot be exported as {form[:20]}")
        with site.pool.borrow() as library:
            node = _node(library, query)
            entries = [_entry(item, notes.get(item.id, ""), node) for item in _items(library, ids)]
            search = _search(library, query)
        if not entries:
            raise UsageError("the tray is empty", "tick items in an answer first")
    except (ImrError, Busy) as error:
        return site.problem(request, error, query)
    match form:
        case "docx":
            content = brief.word(entries, search)
        case "md":
            content = "\n".join(brief.markdown(entries, search)).encode()
        case "csv":
            content = (BYTE_ORDER_MARK + "".join(f"{line}\r\n" for line in map(csv_line, _table(entries)))).encode()
        case _:
            content = workbook(_table(entries))
    return attachment(content, form, f"imr-brief.{form}")


def _items(library: Library, ids: Iterable[str]) -> list[Item]:
    found = {item.id: item for item in library.searcher.items(list(ids))}
    return [found[id_] for id_ in ids if id_ in found]


def _node(library: Library, query: str) -> Node | None:
    """What the items were found by, for the sentences that are quoted."""
    try:
        return library.read(query).node if query else None
    except QueryError:
        return None


def _search(library: Library, query: str) -> Search | None:
    if not query:
        return None
    try:
        page = library.search(query, Options(limit=1, snippets=0))
    except QueryError:
        return None
    if page.tally is None or page.base is None:
        return None
    return Search(page.query, page.read_as, page.tally, page.base)


def _entry(item: Item, note: str, node: Node | None) -> Decision:
    """An item with the sentence to quote: the best of its rationale for the query, else the one that decides."""
    found = [one for one in evidence(item, node, 5) if one.field == "rationale"] if node is not None else []
    if found:
        return Decision(item, found[0].text, ("rationale", found[0].sentence), note)
    deciding = item.deciding
    place = ("rationale", deciding.sentence) if deciding is not None else None
    return Decision(item, (sentence(item, *place) or "") if place else "", place, note)


COLUMNS = ("citation", "case", "item", "decided", "outcome", "treatment", "quote", "note")


def _table(entries: list[Decision]) -> list[list[str | int]]:
    rows: list[list[str | int]] = [list(COLUMNS)]
    for entry in entries:
        item = entry.item
        title = item.disputed
        rows.append(
            [
                entry.citation,
                item.case or item.letter,
                item.n,
                item.decided or "",
                item.outcome,
                title,
                entry.quote,
                entry.note,
            ]
        )
    return rows
