"""--help and the manual page, from the table of options and the table of fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imr_search import __version__
from imr_search.cli.option_table import EXAMPLES, EXIT_CODES, GROUPS, OPTIONS
from imr_search.output.guide import LANGUAGE, REPORTS, configuration, fields, language, two_columns
from imr_search.output.terminal import Terminal

USAGE = "imr-search [OPTIONS] [QUERY]..."
ABOUT = "Search California's Independent Medical Review decisions. Without a query, a prompt opens."
CONFIGURATION = (
    "~/.config/imr-search/config.toml, or the file that IMR_SEARCH_CONFIG names: TOML, every key optional. An option goes before it. "
    "How answers look is set for terminals alone: pipes and files get the same everywhere."
)


ENVIRONMENT = (
    ("IMR_SEARCH_INDEX", "the index, when --index does not name one"),
    ("IMR_SEARCH_CONFIG", "the configuration file, when it is another one"),
    ("NO_COLOR", "no colours, when set to anything"),
    ("PAGER", "the program that pages long answers (less)"),
    ("PDF_VIEWER", "what .pdf opens a letter with, as in okular --page {page} {file}"),
)


def help_text(look: Terminal) -> Iterator[str]:
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
    yield from language(look)
    yield look.paint("Fields", "bold")
    yield from two_columns(fields(), look)
    for group in GROUPS:
        yield ""
        yield look.paint(group, "bold")
        yield from two_columns([(row.shown, row.help) for row in OPTIONS if row.group == group], look)
    yield ""
    yield look.paint("Configuration", "bold")
    yield from look.wrap(CONFIGURATION, "  ")
    yield from two_columns(configuration(), look)
    yield ""
    yield look.paint("Exit codes", "bold")
    yield from look.wrap("; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES), "  ")


def man_page() -> Iterator[str]:
    """roff for man(1)."""
    yield f'.TH IMR-SEARCH 1 "" "imr-search {__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"imr\-search \- search Independent Medical Review decisions"
    yield ".SH SYNOPSIS"
    yield r".B imr\-search"
    yield "[OPTIONS] [QUERY]..."
    yield ".SH DESCRIPTION"
    yield roff(ABOUT)
    yield roff("Data goes to standard output, everything else to standard error.")
    yield ".SH OPTIONS"
    for group in GROUPS:
        yield f".SS {roff(group)}"
        yield from roff_entries((row.shown, row.help) for row in OPTIONS if row.group == group)
    for title, rows in (
        ("QUERIES", LANGUAGE),
        ("REPORTS", REPORTS),
        ("FIELDS", tuple(fields())),
        ("EXAMPLES", EXAMPLES),
    ):
        yield f".SH {title}"
        yield from roff_entries(rows)
    yield ".SH CONFIGURATION"
    yield roff(CONFIGURATION)
    yield from roff_entries(configuration())
    yield ".SH EXIT STATUS"
    yield from roff_entries((str(code), meaning) for code, meaning in EXIT_CODES)
    yield ".SH ENVIRONMENT"
    yield from roff_entries(ENVIRONMENT)


def roff_entries(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Terms and what they mean."""
    for name, meaning in rows:
        yield ".TP"
        yield rf"\fB{roff(name)}\fR"
        yield roff(meaning)


def roff(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-")
    text = (
        text.replace("'", r"\(aq")
        .replace('"', r"\(dq")
        .replace("~", r"\(ti")
        .replace("^", r"\(ha")
        .replace("`", r"\(ga")
    )
    return r"\&" + text if text.startswith((".", r"\(aq")) else text
