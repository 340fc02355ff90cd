"""A letter, item by item: what was asked, decided and why, the evidence marked, beside the file that it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from imr_search import analysis
from imr_search.errors import ImrError, LetterError, QueryError, UsageError
from imr_search.fields import DATE, table
from imr_search.letters import reasons
from imr_search.letters.decoding import read_text
from imr_search.model import Hit, Item
from imr_search.output import safety
from imr_search.plan import Group, Node
from imr_search.searching.cite_styles import cite
from imr_search.searching.evidence import evidence, title_marks
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.searching.similar import THRESHOLD, jaccard, runs
from imr_search.store.originals import Original, original
from imr_search.web.answers import number
from imr_search.web.pool import Busy
from imr_search.web.refine import clause
from imr_search.web.security import framed
from imr_search.web.site import Site, marked, site_of

ALIKE = 200  # most similar items among which near-identical rationales are looked for
SHOWN_ALIKE = 20


@dataclass(frozen=True)
class Sentence:
    """One sentence with its number in its field, in pieces that say whether the query's words stand there."""

    number: int
    pieces: list[tuple[str, bool]]
    hit: bool
    deciding: bool
    citation: str


@dataclass(frozen=True)
class Shown:
    """One item as it is shown. `cited`: each citation of the reviewer's, with whether the query found it; `grounds`: each with its meaning and the
    sentence of the rationale that gives it, 0 for none."""

    item: Item
    title: list[tuple[str, bool]]
    rationale: list[Sentence]
    cited: list[tuple[Any, bool]]
    facts: list[tuple[str, list[tuple[str, str]]]]
    citation: str
    grounds: list[tuple[str, str, int]]


def letter(request: Request) -> Response:
    site = site_of(request)
    parts = _letter(site, request)
    try:
        first = next(parts)
    except (ImrError, Busy) as error:
        return site.problem(request, error, request.query_params.get("q", ""))
    except LookupError:
        return _unknown(site, request)

    def whole() -> Iterator[str]:
        yield first
        yield from parts

    return StreamingResponse(whole(), media_type="text/html")


def _unknown(site: Site, request: Request) -> Response:
    return site.page(
        request,
        "message.html",
        404,
        title="No such letter",
        message="This index holds no letter of that name. Letters are named as in CM15-0012345.",
        query=request.query_params.get("q", ""),
    )


def _letter(site: Site, request: Request) -> Iterator[str]:
    asked = request.query_params
    query, sort = asked.get("q", "").strip(), asked.get("sort", "")
    with site.pool.borrow() as library:
        items = library.letter(request.path_params["letter"])
        if not items:
            raise LookupError
        node = None
        if query:
            try:
                node = library.read(query).node
            except QueryError:
                query = ""
        chosen = number(asked.get("item"), items[0].n, 1, 10_000)
        focus = next((item for item in items if item.n == chosen), items[0])
        found = _file(library, items[0].letter)
        yield from site.pieces(
            request,
            "letter.html",
            page_name="letter",
            query=query,
            sort=sort,
            letter=items[0],
            shown=[_shown(item, node) for item in items],
            summary=_sentences(items[0], "summary", _evidence(items[0], node)),
            focus=focus,
            original=found,
            pdf_page=focus.pdf_page,
            text=_text(found) if found is not None and not found.is_pdf else None,
            neighbours=_neighbours(library, query, sort, asked.get("at")),
            warnings=list(dict.fromkeys(warning for item in items for warning in item.warnings)),
            alike=lambda: _alike(library, focus),
        )


def _file(library: Library, letter: str) -> Original | None:
    try:
        return original(library.opened, letter)
    except UsageError:
        return None


def _text(found: Original) -> list[str] | None:
    """The lines of a letter that was read from text; None when its file is not there any more."""
    try:
        return [safety.clean(line) for line in read_text(found.path, found.read()).replace("\f", "\n").splitlines()]
    except (UsageError, LetterError):
        return None


def _evidence(item: Item, node: Node | None) -> Mapping[tuple[str, int], tuple[tuple[int, int], ...]]:
    """The marks of every sentence and citation in which something of the query stands."""
    if node is None:
        return {}
    return {(found.field, found.sentence): found.marks for found in evidence(item, node, None)}


def _sentences(item: Item, name: str, marks: Mapping[tuple[str, int], tuple[tuple[int, int], ...]]) -> list[Sentence]:
    text = str(getattr(item, name))
    deciding = item.deciding
    at = deciding.sentence if deciding is not None and name == "rationale" else None
    found = []
    for k, (start, end) in enumerate(analysis.sentences(text), 1):
        sentence = text[start:end].strip()
        hit = marks.get((name, k))
        found.append(Sentence(k, marked(sentence, hit or ()), hit is not None, k == at, cite(item, "ccc", (name, k))))
    return found


def _shown(item: Item, node: Node | None) -> Shown:
    marks = _evidence(item, node)
    title = item.disputed
    return Shown(
        item,
        marked(title, title_marks(item, node) if node is not None else ()),
        _sentences(item, "rationale", marks),
        [(one, ("guideline", k) in marks) for k, one in enumerate(item.citations, 1)],
        list(_facts(item)),
        cite(item),
        [
            (one.code, reasons.codes().get(one.code, ""), one.sentence)
            for one in reasons.read(item.rationale, item.outcome)
        ],
    )


def _facts(item: Item) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each fact with its values, and for each value the condition that finds others of the kind."""
    for row in table():
        if (
            not row.fact or row.positional or row.kind == DATE or row.key == "file"
        ):  # dates and the file stand in the letter's heading
            continue
        value = getattr(item, row.json)
        values = value if isinstance(value, tuple) else () if value in (None, "") else (value,)
        if values:
            yield row.fact.capitalize(), [(str(one), clause(Group(row.key), one)) for one in values]


@dataclass(frozen=True)
class Neighbours:
    """Where in the answer the reader is, and the hits before and after."""

    at: int
    total: int
    before: Hit | None
    after: Hit | None


def _neighbours(library: Library, query: str, sort: str, at: str | None) -> Neighbours | None:
    place = number(at, 0, 0, 10_000_000)
    if not query or not place:
        return None
    begin = max(1, place - 1)
    try:
        page = library.search(query, Options(limit=3, offset=begin - 1, sort=sort, snippets=0))
    except ImrError:
        return None
    hits = dict(enumerate(page.hits, begin))
    return Neighbours(place, page.total, hits.get(place - 1), hits.get(place + 1))


def _alike(library: Library, item: Item) -> list[Item]:
    """Items whose rationale is nearly this one's, among those most like it."""
    own = runs(item.rationale)
    if not own:
        return []
    try:
        page = library.search(f"like({item.id})", Options(limit=ALIKE, snippets=0))
    except ImrError:
        return []
    same = [hit.item for hit in page.hits if jaccard(own, runs(hit.item.rationale)) >= THRESHOLD]
    return same[:SHOWN_ALIKE]


def original_file(request: Request) -> Response:
    """The letter's PDF, by its id alone: no name of a file is ever taken from an address."""
    site = site_of(request)
    try:
        with site.pool.borrow() as library:
            found = original(library.opened, request.path_params["letter"])
        if found is None:
            return _unknown(site, request)
        data = found.read()
    except (ImrError, Busy) as error:
        return site.problem(request, error)
    if data[:1024].find(b"%PDF-") < 0:
        return framed(Response(data, media_type="text/plain; charset=utf-8"))
    headers = {"Content-Disposition": "inline"}
    return framed(Response(data, media_type="application/pdf", headers=headers))
