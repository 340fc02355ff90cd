"""What is asked besides the query, and how the answer is to be shown: a command line as it was read, for the command and for the prompt."""

from __future__ import annotations

import msgspec

from imr_search.output.terminal import Terminal, of_terminal
from imr_search.searching.search_options import TIMEOUT


class Request(msgspec.Struct, frozen=True):
    """A command line as read: what is asked, of which index, and how it is to be shown. Names and defaults are those of the table of options."""

    query: tuple[str, ...] = ()
    index: str | None = None
    limit: int | None = None
    offset: int = 0
    all: bool = False
    sort: str = ""
    format: str = "list"
    columns: str = ""
    snippets: int | None = None
    full: bool = False
    count: bool = False
    explain: bool = False
    check: bool = False
    time: bool = False
    literal: bool = False
    strict: bool = False
    letters: bool = False
    as_fields: bool = False
    timeout: int | None = None
    quiet: bool = False
    errors: str = "text"
    color: str = "auto"
    pager: bool | None = None
    output: str | None = None
    raw_csv: bool = False
    batch: str | None = None
    saved: str | None = None
    param: tuple[str, ...] = ()
    record: str | None = None
    replay: str | None = None
    completion: str | None = None
    man: bool = False
    version: bool = False
    help: bool = False


def patience(request: Request) -> float | None:
    """Seconds that a query may take; None for no end."""
    return TIMEOUT if request.timeout is None else request.timeout or None


def look(request: Request) -> Terminal:
    if request.output is not None:
        return Terminal(width=100, color=request.color == "always", screen=False)
    return of_terminal(1, request.color)
