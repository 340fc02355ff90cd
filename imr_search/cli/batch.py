"""Many queries, one a line: each answered as if alone, one index opened, the worst exit code at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from imr_search.cli.answer import Answer, Show, answer, read_as, write
from imr_search.errors import ImrError, IndexError_, QueryError, UsageError
from imr_search.output import data, formats, messages
from imr_search.output.messages import say, tell
from imr_search.output.request import Request
from imr_search.output.request import look as answer_look
from imr_search.searching.library import Library
from imr_search.settings import user_path

if TYPE_CHECKING:
    from imr_search.searching.library import Library

_LONGEST = 1_000_000  # characters of a line; the language refuses far shorter ones, with a reason


def batch(request: Request, show: Show | None) -> int:
    """Empty lines and lines that start with # are passed over. An error of one query is told, with its line, and the rest goes on."""

    if formats.binary(request.format):
        hint = f"one query a file: imr-search -f {request.format} -o FILE QUERY"
        raise UsageError(f"a batch cannot be written as {request.format}", hint)
    worst = [0]
    with Library.open(request.index) as library:
        write(request, _answers(request, library, worst), show)
    return worst[0]


def queries(source: str) -> Iterator[tuple[int, str | UsageError]]:
    """Line numbers and queries of the file, or of standard input for "-"; in place of a query, why its line cannot be read."""
    with _opened(source) as stream:
        for number, line in enumerate(iter(lambda: stream.readline(_LONGEST), b""), 1):
            if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise UsageError(
                    f"the batch is not UTF-8 but UTF-16: {source}",
                    "save it as UTF-8 (in Windows: as CSV UTF-8 or text UTF-8)",
                )
            try:
                text = line.decode("utf-8").lstrip("\ufeff").strip()
            except UnicodeDecodeError:
                yield (
                    number,
                    UsageError("the line is not UTF-8", "save the batch as UTF-8: iconv -f latin1 -t utf-8 FILE"),
                )
                continue
            if "\0" in text:
                yield number, UsageError("the line holds a NUL character", "a batch is text, one query a line")
            elif text and not text.startswith("#"):
                yield number, text


def _opened(source: str) -> BinaryIO:
    try:
        return open(0 if source == "-" else user_path(source), "rb")
    except OSError as problem:
        raise UsageError(f"the batch cannot be read: {source}: {problem.strerror}") from problem


def _answers(request: Request, library: Library, worst: list[int]) -> Iterator[str]:
    """The lines of every answer. In text formats each begins with its query; in csv and tsv the queries' tables follow each other. A line that
    cannot be answered has its error in the place of its answer, so that answers and lines can be counted against each other."""
    assert request.batch is not None
    look = answer_look(request)
    readable = formats.get(request.format).people and not (request.count or request.check)
    first = True
    for number, text in queries(request.batch):
        try:
            if isinstance(text, UsageError):
                raise text
            found = _answer(request, library, text)
        except IndexError_:
            raise
        except ImrError as problem:
            tell(problem, "imr-search", request.errors, request.color, number)
            worst[0] = max(worst[0], problem.exit_code)
            found = Answer(iter(_in_place(request, problem, number)), problem.exit_code)
        worst[0] = max(worst[0], found.code)
        assert not isinstance(found.lines, bytes)
        if readable:
            if not first:
                yield ""
            yield look.paint(f"## {look.clean(text if isinstance(text, str) else f'line {number}')}", "bold")
            first = False
        yield from found.lines
        if found.bound:
            say(found.bound)


def _answer(request: Request, library: Library, text: str) -> Answer:
    if request.check:
        return Answer(iter([read_as(request, library, text)]), 0)
    return answer(library, request, text, one_line=True)


def _in_place(request: Request, problem: ImrError, number: int) -> list[str]:
    """What stands on standard output for a line with an error: nothing in tables and lists of ids, where it would be taken for data."""
    if request.format in ("json", "jsonl") and not (request.count or request.check):
        return [data.dump({**messages.error_json(problem), "line": number})]
    if formats.get(request.format).people or request.count or request.check:
        code = f" {problem.code}" if isinstance(problem, QueryError) else ""
        return [answer_look(request).clean(f"error{code}: {problem.message}")]
    return []
