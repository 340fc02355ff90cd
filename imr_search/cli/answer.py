"""One query answered for the command line: searched or explained, rendered, sent where it belongs, recorded and replayed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from imr_search import files
from imr_search.cli.command_line import joined
from imr_search.errors import IndexError_, UsageError
from imr_search.model import Page
from imr_search.output import data, formats, record_document, streams
from imr_search.output.data import dump
from imr_search.output.explanation import as_json, shown
from imr_search.output.formats import Manner
from imr_search.output.messages import notice, say
from imr_search.output.request import Request, look, patience
from imr_search.output.streams import to_stdout
from imr_search.output.terminal import of_terminal
from imr_search.query import saved
from imr_search.query.parser import literal, parse
from imr_search.searching import records
from imr_search.searching.library import Library
from imr_search.searching.search_options import LIMIT, SNIPPETS, Options
from imr_search.settings import user_path

if TYPE_CHECKING:
    from imr_search.searching.records import Replay
    from imr_search.searching.search_options import Options


Show = Callable[[Iterable[str], bool], None]
"""How a terminal is shown lines: these, and whether they are paged if need be."""


def one_shot(request: Request, show: Show | None) -> int:
    """Answer the request's query; the exit code. Opens the index, once. `show` is None where the answer goes to no terminal."""
    if request.check:
        return check(request, joined(request.query))

    with Library.open(request.index) as library:
        text = filled(library, request) if request.saved is not None else joined(request.query)
        found = answer(library, request, text)
        write(request, found.lines, show)
        if found.bound:
            say(found.bound)  # last, where it is seen
        return found.code


class Answer(msgspec.Struct, frozen=True):
    """`lines` (or a picture's bytes) to print, the exit code, and `bound`: how much of the answer that is, if it is not all."""

    lines: Iterator[str] | bytes
    code: int
    bound: str = ""


def answer(library: Library, request: Request, text: str, one_line: bool = False) -> Answer:
    """What to print. Notices are said on standard error at once. Raises ImrError."""

    began = perf_counter()
    if request.explain:
        return Answer(explained(library, request, text), 0)
    page = library.search(text, settings(request))
    if request.time:
        page = msgspec.structs.replace(page, took_ms=(perf_counter() - began) * 1000)
    if request.record:
        record(library, request, page, settings(request))
    code = 0 if page.total else 1
    if request.format != "json" or request.count:
        tell(request, page)
    if request.count:
        if request.time:
            say(f"{page.took_ms / 1000:.2f} s")
        return Answer(iter([str(page.total)]), code)
    shape = formats.get(request.format)
    shown, bound = len(page.hits), ""
    if not shape.every and page.report is None and shown < page.total and not request.quiet:
        first = f"{page.offset + 1:,}-{page.offset + shown:,}" if page.offset and shown else f"{shown:,}"
        bound = f"{first} of {page.total:,} (--all)"
    manner = Manner(request.full, request.time, request.raw_csv, one_line)
    if request.time and not shape.timed:
        say(f"{page.took_ms / 1000:.2f} s")
    return Answer(shape.write(page, look(request), manner), code, bound)


def settings(request: Request) -> Options:
    limit = request.limit
    if limit is None and not request.all and not formats.get(request.format).every:
        limit = LIMIT
    snippets = request.snippets
    if snippets is None:
        snippets = _snippets(request, SNIPPETS)
    return Options(
        limit=0 if request.count else limit,
        counted=request.count,
        offset=request.offset,
        sort=request.sort,
        columns=request.columns,
        snippets=snippets,
        literal=request.literal,
        strict=request.strict,
        letters=request.letters,
        as_fields=request.as_fields,
        timeout=patience(request),
    )


def _snippets(request: Request, usual: int) -> int | None:
    """Sentences are looked for only where they are shown: every one for whole items, none for ids and tables."""
    if request.full:
        return None
    if request.count or not formats.get(request.format).sentences:
        return 0
    return usual


def tell(request: Request, page: Page) -> None:
    if request.quiet:
        return

    shape = of_terminal(2, request.color)
    for said in page.notices:
        for line in notice(said, shape, fold=sys.stderr.isatty()):
            say(line)


def write(request: Request, lines: Iterator[str] | bytes, show: Show | None) -> None:
    shape = formats.get("list" if request.count or request.explain else request.format)
    if request.output is not None and request.output != "-":
        path = user_path(request.output)
        mark = shape.mark and not files.is_stream(path)
        files.write(path, [lines] if isinstance(lines, bytes) else streams.encoded(lines, shape.line_end, mark=mark))
    elif isinstance(lines, bytes):
        sys.stdout.buffer.write(lines)
    elif show is not None:
        paged = request.pager is not False and (shape.people or request.pager is True)
        show(lines, paged)
    else:
        streams.to_stdout(lines, shape.line_end)


def check(request: Request, text: str) -> int:
    """The query as read, without searching; with an index at hand, names and values are checked against it."""

    try:
        with Library.open(request.index) as library:
            shown = read_as(request, library, text)
    except IndexError_:
        shown = read_as(request, None, text)
        if not request.quiet:
            say("there is no index: only the form of the query was checked, and not its fields' values")
    streams.to_stdout([shown])
    return 0


def read_as(request: Request, library: Library | None, text: str) -> str:
    """The canonical query, safe to print. Raises QueryError."""

    shape = of_terminal(1, request.color)
    if library is not None:
        return shape.clean(library.read(text, literal=request.literal).read_as)
    return shape.clean(str(literal(text) if request.literal else parse(text)))


def explained(library: Library, request: Request, text: str) -> Iterator[str]:
    """Lines for people, or one JSON object for `-f json`."""
    found = library.explain(text, literal=request.literal, timeout=patience(request))
    if request.format in ("json", "jsonl"):
        return iter([dump(as_json(found))])
    return shown(found, look(request))


def filled(library: Library, request: Request) -> str:
    """The text of --saved NAME with its places filled by --param."""

    assert request.saved is not None
    values: dict[str, str] = {}
    for given in request.param:
        name, equals, value = given.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--param takes name=value, not {given}", "--param drug=norco")
        values[name.strip()] = value
    return saved.fill(saved.get(request.saved, library.saved), values)


def record(library: Library, request: Request, page: Page, options: Options) -> None:
    """Write the record that --record asks for."""

    assert request.record is not None
    record_document.write(user_path(request.record), library.record(page, options), page.hits)


def replay(request: Request) -> int:
    """Search again what a record holds; 0 when the answer is the same, 1 when it differs."""

    assert request.replay is not None
    before = records.read(user_path(request.replay))
    with Library.open(request.index) as library:
        found = library.replay(before, patience(request))
    if request.format in ("json", "jsonl"):
        answer = {"same": found.same, "changes": list(found.changes), "context": list(found.context)}
        to_stdout([data.dump(answer)])
    else:
        look = of_terminal(1, request.color)
        to_stdout(look.clean(line) for line in told(found))
    return 0 if found.same else 1


def told(found: Replay) -> list[str]:
    verdict = "the answer is the same" if found.same else "the answer differs"
    lines = [f"{verdict}: {found.before.total:,} items on {found.before.time[:10]}, {found.now.total:,} today"]
    return lines + [f"  {line}" for line in (*found.changes, *found.context)]
