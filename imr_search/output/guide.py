"""The language in brief, for --help, the manual page and .help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imr_search import settings, stages
from imr_search.fields import table
from imr_search.output.terminal import Terminal

LANGUAGE = (
    ("acupuncture chiropractic", "both words, in any inflection (a space means AND)"),
    ("a or b    a -b    a but not b", "either; the first without the second"),
    ('"functional improvement"', "this phrase, exactly"),
    ("treatment:acupuncture", "in one field; FIELD:(a b) for several words of it"),
    ("acupunctur*  document!  tramdol~", "any ending (* or !); a misspelling (~)"),
    ("functional /s improvement", "in one sentence; /5: within five words"),
    ("decided:2015-03..2015-06  qty:>=90", "between two dates; a number or more"),
    ('guideline:"page 98"', "page 98, also inside a cited range (94-99)"),
    ("letter:(outcome:overturned) norco", "norco, in letters with an item that was overturned"),
)
REPORTS = tuple((f"... | {row.example}", row.help) for row in stages.STAGES)


def fields() -> list[tuple[str, str]]:
    rows = []
    for field in table():
        if not field.hidden:
            rows.append((", ".join((field.key, *field.names)), field.help))
    return rows


def language(look: Terminal) -> Iterator[str]:
    """The chapters on queries and on reports, as help shows them."""
    yield look.paint("Queries", "bold")
    yield from two_columns(LANGUAGE, look)
    yield ""
    yield look.paint("Reports", "bold")
    yield from two_columns(REPORTS, look)
    yield ""


def configuration() -> list[tuple[str, str]]:
    """The keys of the configuration file, each with its meaning and what it takes."""

    return [
        ("[saved]" if row.kind is dict else row.key, f"{row.help}: {settings.takes(row)}") for row in settings.table()
    ]


def two_columns(rows: Iterable[tuple[str, str]], look: Terminal) -> Iterator[str]:
    """A name and its meaning; a long name stands on a line of its own."""
    for name, meaning in rows:
        if look.width < 60:
            yield from look.wrap(name, "  ", "    ")
            yield from look.wrap(meaning, " " * 6)
        elif len(name) > 24:
            yield f"  {name}"
            yield from look.wrap(meaning, " " * 28)
        else:
            yield from look.wrap(meaning, f"  {name:<26}", " " * 28)
