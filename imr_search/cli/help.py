"""--help and the manual page, from the table of options and the table of fields."""

from __future__ import annotations

from collections.abc import Iterator

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
        ("FIELDS", tuple(fields())),
        ("EXAMPLES", EXAMPLES),
    ):
        yield f".SH {title}"
        for name, meaning in rows:
            yield ".TP"
            yield rf"\fB{_roff(name)}\fR"
            yield _roff(meaning)
    yield ".SH CONFIGURATION"
    yield _roff(CONFIGURATION)
    for name, meaning in configuration():
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
        ("IMR_SEARCH_CONFIG", "the configuration file, when it is another one"),
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
