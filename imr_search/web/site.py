"""What every view needs: the libraries, the templates, addresses, and one way to tell an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from imr_search import __version__
from imr_search.errors import ImrError, IndexError_, QueryError, StorageError
from imr_search.model import Page
from imr_search.output import safety, wording
from imr_search.searching.cite_styles import cite, written
from imr_search.searching.intervals import wilson
from imr_search.stages import STYLES
from imr_search.tabular import percent
from imr_search.web.pool import Busy, LibraryPool

HERE = Path(__file__).parent
OUTCOMES = {
    "upheld": "the denial stands",
    "overturned": "the treatment is certified",
    "modified": "certified in part",
}
TIERS = {
    "disputed": "in the disputed treatment",
    "discussed": "elsewhere in the item",
    "mentioned": "partly in the letter’s summary alone",
}


def _shown(value: Any) -> Any:
    """What a template prints: letters are strangers' text, so no control or bidirectional character of theirs reaches the page."""
    return safety.clean(value) if type(value) is str else value


def environment() -> jinja2.Environment:
    """Templates that escape everything they are given."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": lambda value: "–" if value is None else f"{value:,}",  # None: not counted
        "count": wording.count,
        "percent": lambda share: "–" if share is None else percent(share),
        "day": written,
        "pages": wording.pages,
        "citation": wording.citation,
        "place": wording.place,
        "heading": wording.title,
        "cite": cite,
        "marked": marked,
    }
    made.globals |= {
        "outcomes": OUTCOMES,
        "version": __version__,
        "wilson": wilson,
        "cite_styles": STYLES,
        "today": lambda: written(date.today().isoformat()),
        "column_rows": column_rows,
        "tier_names": TIERS,
    }
    return made


def marked(text: str, marks: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether the query's words stand in it."""
    pieces, at = [], 0
    for start, end in marks:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [(piece, hit) for piece, hit in [*pieces, (text[at:], False)] if piece]


def column_rows(page: Page) -> list[list[tuple[str, float | None]]]:
    """The cells of the columns that the query asked for, an item a row; with its number what is to be sorted as one."""
    rows = []
    for hit in page.hits:
        record = wording.record(hit)
        values = [record.get(name) for name in page.columns]
        rows.append([(wording.value(value), value if isinstance(value, int | float) else None) for value in values])
    return rows


@dataclass(frozen=True)
class Links:
    """Addresses below the run's token. `None` leaves a parameter out."""

    root: str

    def __call__(self, path: str, **parameters: Any) -> str:
        pairs: list[tuple[str, str]] = []
        for name, value in parameters.items():
            for one in value if isinstance(value, list | tuple) else [value]:
                if one is not None and one != "":
                    pairs.append((name, str(one)))
        query = f"?{urlencode(pairs)}" if pairs else ""
        return f"{self.root}/{quote(path)}{query}"


@dataclass
class Site:
    """`pool` lends the libraries; `templates` make pages of what was found there."""

    pool: LibraryPool
    templates: jinja2.Environment = field(default_factory=environment)

    def context(self, request: Request, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"link": Links(request.scope.get("root_path", "")), "query": "", "page_name": "", "hint": "", **values}

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        made = self.templates.get_template(template).render(self.context(request, values))
        return HTMLResponse(made, status)

    def pieces(self, request: Request, template: str, **values: Any) -> Iterator[str]:
        """A page bit by bit: what stands before a slow part of the template can be read while that is counted."""
        held: list[str] = []
        size = 0
        for piece in self.templates.get_template(template).generate(self.context(request, values)):
            held.append(piece)
            size += len(piece)
            if size > 16_000 or "<!-- shown -->" in piece:
                yield "".join(held)
                held, size = [], 0
        yield "".join(held)

    def problem(self, request: Request, error: Exception, query: str = "", **values: Any) -> Response:
        """The page that tells an error, with its place and its corrections to click."""
        match error:
            case QueryError():
                return self.page(
                    request, "error.html", 400, error=error, query=query, title="The query cannot be read", **values
                )
            case IndexError_():
                title, status = "The index cannot be searched", 503
            case StorageError():
                title, status = "It cannot be written", 500
            case Busy():
                return self.page(
                    request,
                    "message.html",
                    503,
                    title="All is busy",
                    message="Several long searches are running: try again in a moment.",
                    query=query,
                )
            case _:
                title, status = "That cannot be done", 400
        assert isinstance(error, ImrError)
        return self.page(
            request, "message.html", status, title=title, message=error.message, hint=error.hint, query=query
        )


def site_of(request: Request) -> Site:
    found = request.app.state.site
    assert isinstance(found, Site)
    return found
