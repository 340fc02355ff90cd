"""The user's own saved queries: the one thing that the page writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from imr_search.errors import ImrError, UsageError
from imr_search.query import saved
from imr_search.web.site import site_of

FORM = 64 << 10  # bytes of a form with one query


class Kept(Mapping[str, str]):
    """The saved queries as they are now, for a library that stays open while they change."""

    def __getitem__(self, name: str) -> str:
        return saved.queries()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(saved.queries())

    def __len__(self) -> int:
        return len(saved.queries())


def listed(request: Request) -> Response:
    site = site_of(request)
    try:
        own, every = saved.own(), saved.queries()
    except ImrError as error:
        return site.problem(request, error)
    return site.page(
        request,
        "saved.html",
        page_name="saved",
        own=own,
        configured={name: text for name, text in every.items() if name not in own},
        places={name: saved.places(text) for name, text in every.items()},
        query=request.query_params.get("q", ""),
    )


def run(request: Request) -> Response:
    """A saved query with its places filled, as the search that it stands for."""
    site = site_of(request)
    asked = dict(request.query_params)
    name = asked.pop("name", "")
    try:
        text = saved.fill(saved.get(name, saved.queries()), asked)
    except ImrError as error:
        return site.problem(request, error)
    return RedirectResponse(site.context(request, {})["link"]("search", q=text), 303)


async def change(request: Request) -> Response:
    """Keep a query under a name, or forget one."""
    body = await request.body()
    form = {
        name: values[0] for name, values in parse_qs(body[:FORM].decode("utf-8", "replace"), max_num_fields=10).items()
    }
    return await run_in_threadpool(_changed, request, form)


def _changed(request: Request, form: dict[str, str]) -> Response:
    site = site_of(request)
    name, text = form.get("name", "").strip(), form.get("q", "")
    try:
        match form.get("do"):
            case "save":
                with site.pool.borrow() as library:
                    if not saved.places(text):
                        library.read(text)  # what cannot be read is not kept
                saved.save(name, text)
            case "drop":
                saved.drop(name)
            case _:
                raise UsageError("there is nothing to do")
    except ImrError as error:
        return site.problem(request, error, text)
    return RedirectResponse(site.context(request, {})["link"]("saved"), 303)
