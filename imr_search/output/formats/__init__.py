"""What an answer can be written as. A format is a module that declares FORMAT, found by its file's name: in this package those that are lines of
text, in `files` those that are bytes and belong in a file. Adding one is adding its module and a test.

Lines come without their ends. Formats for people follow the terminal; those for programs are always UTF-8, and do not. Nothing else makes
output, so nothing else can make it unsafe.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import msgspec

from imr_search import stages
from imr_search.errors import UsageError
from imr_search.model import Page
from imr_search.output.terminal import Terminal

_PACKAGES = ("formats", "files")
READING, TABLES, PROGRAMS, FIGURES = USES = ("To read", "Tables", "For programs", "Figures")
"""What formats are for: the headings under which the page offers them."""
ITEMS, REPORT, CITATIONS = ANSWERS = ("items", "a report", "citations")
"""What an answer may be of."""


class Manner(msgspec.Struct, frozen=True):
    """`full` shows items whole; `time` says how long it took; `raw_csv` lets formulas pass; `one_line` puts a JSON object on one line;
    `style` is that of citations."""

    full: bool = False
    time: bool = False
    raw_csv: bool = False
    one_line: bool = False
    style: str = "ccc"


class Format(msgspec.Struct, frozen=True):
    """`write` gives the lines of an answer, or the bytes of a file. It raises UsageError for an answer that it cannot show.

    `people`: for reading, so that it follows the terminal and may be paged. `every`: all items, unless a number is asked for. `sentences`: does
    it show why an item was found? `timed`: does it say itself how long that took? `mark`: a byte order mark goes in front of a file, for
    spreadsheets. `endings` of file names, besides the format's own name.

    To be downloaded: its `title` and what it is for (`use`, one of USES), what it is made of (`of`, of ANSWERS), its `media_type`, and its file's
    `ending` where that is not the format's name. `needs`: a module, and the extra of the package that installs it.
    """

    help: str
    write: Callable[[Page, Terminal, Manner], Iterator[str] | bytes]
    title: str
    use: str
    media_type: str = "text/plain; charset=utf-8"
    of: tuple[str, ...] = ANSWERS
    ending: str = ""
    needs: tuple[str, str] | None = None
    people: bool = False
    every: bool = False
    sentences: bool = True
    timed: bool = False
    line_end: str = "\n"
    mark: bool = False
    endings: tuple[str, ...] = ()


@cache
def _modules() -> dict[str, str]:
    """The module of each format, by its name."""
    found = {}
    for package in _PACKAGES:
        folder = os.path.join(os.path.dirname(os.path.dirname(__file__)), package)
        for file in sorted(os.listdir(folder)):
            name, ending = os.path.splitext(file)
            if ending == ".py" and not name.startswith("_"):
                found[name] = f"imr_search.output.{package}.{name}"
    return found


def names() -> tuple[str, ...]:
    """All formats; none is loaded for it."""
    return tuple(_modules())


def line_names() -> tuple[str, ...]:
    """Those that can go anywhere: a terminal, a pipe, one answer after the other."""
    return tuple(name for name in names() if not binary(name))


def binary(name: str) -> bool:
    """Is it the bytes of a file?"""
    return _modules().get(name, "").startswith("imr_search.output.files.")


@cache
def get(name: str) -> Format:
    """The format of that name, which is loaded now. Raises UsageError."""
    if name not in _modules():
        raise UsageError(f"no format is called {name[:60]}", f"one of: {', '.join(names())}")
    found: Format = import_module(_modules()[name]).FORMAT
    return found


def every() -> tuple[str, ...]:
    """Those that give all items; all are loaded for it."""
    return tuple(name for name in names() if get(name).every)


def answers(page: Page) -> str:
    """What the answer is of: one of ANSWERS."""
    if page.report is None:
        return ITEMS
    return CITATIONS if stages.reports()[page.report.kind].final else REPORT


def lacking(name: str, page: Page) -> str:
    """Why the answer is not offered in that format; "" where it is."""
    found = get(name)
    if answers(page) not in found.of:
        return f"{found.title} is of {' or '.join(found.of)}"
    if found.needs is not None and find_spec(found.needs[0]) is None:
        return f"{found.title} needs pip install 'imr-search[{found.needs[1]}]'"
    return ""


def of_file(path: str) -> str | None:
    """The format that a file's ending asks for; None for no ending. Raises UsageError for one that no format has."""
    ending = os.path.splitext(path)[1].lower().removeprefix(".")
    if not ending:
        return None
    found = next((name for name in names() if ending == name or ending in get(name).endings), None)
    if found is None:
        raise UsageError(
            f"no format is written to .{ending[:60]} files", f"say which one with -f: {', '.join(names())}"
        )
    return found


def render(page: Page, name: str, terminal: Terminal, manner: Manner | None = None) -> Iterator[str]:
    """The lines of `page` in a format of lines. Raises UsageError for one that cannot show this answer."""
    lines = get(name).write(page, terminal, manner or Manner())
    if isinstance(lines, bytes):
        raise UsageError(f"{name} is written to a file, not to a screen", f"-o FILE.{name}")
    return lines
