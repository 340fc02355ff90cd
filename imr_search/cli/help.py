"""--help and the manual page, from the table of options and the table of fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imr_search import __version__
from imr_search.cli.options import EXAMPLES, EXIT_CODES, GROUPS, OPTIONS
from imr_search.render.look import Look

USAGE = "imr-search [OPTIONS] [QUERY]..."
ABOUT = "Search California's Independent Medical Review decisions. Without a query, a prompt opens."
LANGUAGE = (
    ("acupuncture chiropractic", "both words, in any form (a space is AND)"),
    ("a or b    a -b    a but not b", "either; the first without the second"),
    ('"functional improvement"', "exactly this"),
    ("treatment:acupuncture", "in one field; FIELD:(a b) for several words"),
    ("acupunctur*  document!  tramdol~", "any ending; misspelt"),
    ("functional /s improvement", "in one sentence; /5 within five words"),
    ("decided:2015-03..2015-06  qty:>=90", "dates and numbers"),
    ('guideline:"page 98"', "inside a cited range too"),
    ("letter:(outcome:overturned) norco", "another item of the same letter"),
)
REPORTS = (
    ("... | rate by category", "how many were overturned; by year, by specialty, ... [min 30]"),
    ("... | trend quarter", "the rate over time: year, quarter, month"),
    ("... | top 10 guideline", "the commonest; also page, drug, specialty, ..."),
    ("... | count by outcome, year", "a cross table"),
    ("... | sort -decided | limit 20", "also unique rationale, sample 100 seed 7, show case, qty"),
    ("... | cite", "citations to the letters"),
)


def help_text(look: Look) -> Iterator[str]:
    yield f"Usage: {USAGE}"
    yield ""
    yield from look.wrap(ABOUT)
    yield ""
    yield look.paint("Examples", "bold")
    for command, meaning in EXAMPLES:
        yield f"  {command}"
        if meaning:
            yield look.paint(f"      {meaning}", "dim")
    yield ""
    yield look.paint("Queries", "bold")
    yield from _two(LANGUAGE, look)
    yield ""
    yield look.paint("Reports", "bold")
    yield from _two(REPORTS, look)
    yield ""
    yield look.paint("Fields", "bold")
    yield from _two(_fields(), look)
    for group in GROUPS:
        yield ""
        yield look.paint(group, "bold")
        yield from _two([(row.shown, row.help) for row in OPTIONS if row.group == group], look)
    yield ""
    yield look.paint("Exit codes", "bold")
    yield from look.wrap("; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES), "  ")


def _fields() -> list[tuple[str, str]]:
    from imr_search.fields import table

    rows = []
    for field in table():
        if not field.hidden:
            rows.append((", ".join((field.key, *field.names)), field.help))
    return rows


def _two(rows: Iterable[tuple[str, str]], look: Look) -> Iterator[str]:
    """A name and its meaning; a long name stands on a line of its own."""
    for name, meaning in rows:
        if len(name) > 24:
            yield f"  {name}"
            yield from look.wrap(meaning, " " * 28)
        else:
            yield from look.wrap(meaning, f"  {name:<26}", " " * 28)


def man_page() -> Iterator[str]:
    """roff for man(1)."""
    yield f'.TH IMR-SEARCH 1 "" "imr-search {__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"imr\-search \- search Independent Medical Review decisions"
    yield ".SH SYNOPSIS"
    yield r".B imr\-search"
    yield "[OPTIONS] [QUERY]..."
    yield ".SH DESCRIPTION"
    yield _roff(ABOUT)
    yield _roff("Data goes to standard output, everything else to standard error.")
    yield ".SH OPTIONS"
    for group in GROUPS:
        yield f".SS {_roff(group)}"
        for row in OPTIONS:
            if row.group == group:
                yield ".TP"
                yield rf"\fB{_roff(row.shown)}\fR"
                yield _roff(row.help)
    for title, rows in (
        ("QUERIES", LANGUAGE),
        ("REPORTS", REPORTS),
        ("FIELDS", tuple(_fields())),
        ("EXAMPLES", EXAMPLES),
    ):
        yield f".SH {title}"
        for name, meaning in rows:
            yield ".TP"
            yield rf"\fB{_roff(name)}\fR"
            yield _roff(meaning)
    yield ".SH EXIT STATUS"
    for code, meaning in EXIT_CODES:
        yield ".TP"
        yield rf"\fB{code}\fR"
        yield _roff(meaning)
    yield ".SH ENVIRONMENT"
    for name, meaning in (
        ("IMR_SEARCH_INDEX", "the index, when --index does not name one"),
        ("NO_COLOR", "no colours, when set to anything"),
        ("PAGER", "the program that pages long answers (less)"),
    ):
        yield ".TP"
        yield rf"\fB{name}\fR"
        yield _roff(meaning)


def _roff(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-")
    text = (
        text.replace("'", r"\(aq")
        .replace('"', r"\(dq")
        .replace("~", r"\(ti")
        .replace("^", r"\(ha")
        .replace("`", r"\(ga")
    )
    return r"\&" + text if text.startswith((".", r"\(aq")) else text
