"""Many queries, one a line: each answered as if alone, one index opened, the worst exit code at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from imr_search.errors import ImrError, IndexError_, UsageError
from imr_search.output import formats

if TYPE_CHECKING:
    from imr_search.cli.search_main import Request
    from imr_search.searching.library import Library

_LONGEST = 1_000_000  # characters of a line; the language refuses far shorter ones, with a reason


def batch(request: Request) -> int:
    """Empty lines and lines that start with # are passed over. An error of one query is told, with its line, and the rest goes on."""
    from imr_search.cli.answer import write
    from imr_search.searching.library import Library

    if formats.binary(request.format):
        hint = f"one query a file: imr-search -f {request.format} -o FILE QUERY"
        raise UsageError(f"a batch cannot be written as {request.format}", hint)
    worst = [0]
    with Library.open(request.index) as library:
        write(request, _answers(request, library, worst))
    return worst[0]


def queries(source: str) -> Iterator[tuple[int, str]]:
    """Line numbers and queries of the file, or of standard input for "-"."""
    with _opened(source) as stream:
        for number, line in enumerate(iter(lambda: stream.readline(_LONGEST), b""), 1):
            text = line.decode("utf-8", "replace").lstrip("\ufeff").strip()
            if text and not text.startswith("#"):
                yield number, text


def _opened(source: str) -> BinaryIO:
    try:
        return open(0 if source == "-" else source, "rb")
    except OSError as problem:
        raise UsageError(f"the batch cannot be read: {source}: {problem.strerror}") from problem


def _answers(request: Request, library: Library, worst: list[int]) -> Iterator[str]:
    """The lines of every answer. In text formats each begins with its query; in csv and tsv the queries' tables follow each other."""
    from imr_search.cli import say, tell
    from imr_search.cli.answer import Answer, answer, look
    from imr_search.cli.arguments import Typed

    assert request.batch is not None
    first = True
    for number, text in queries(request.batch):
        try:
            if request.check:
                from imr_search.cli.answer import read_as

                found = Answer(iter([read_as(request, library, text)]), 0)
            else:
                found = answer(library, request, Typed(text, text), one_line=True)
        except IndexError_:
            raise
        except ImrError as problem:
            tell(problem, "imr-search", request.errors, request.color, number)
            worst[0] = max(worst[0], problem.exit_code)
            continue
        worst[0] = max(worst[0], found.code)
        assert not isinstance(found.lines, bytes)
        if formats.get(request.format).people and not request.count and not request.check:
            shape = look(request)
            if not first:
                yield ""
            yield shape.paint(f"## {shape.clean(text)}", "bold")
            first = False
        yield from found.lines
        if found.bound:
            say(found.bound)
