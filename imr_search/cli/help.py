"""--help and the manual pages of both commands: from the table of options and the table of fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imr_search import __version__
from imr_search.cli.option_table import (
    ABOUT,
    EXAMPLES,
    EXIT_CODES,
    GROUPS,
    INDEX_EXAMPLES,
    INDEX_EXIT_CODES,
    OPTIONS,
    SUBCOMMANDS,
    Option,
)
from imr_search.output.guide import LANGUAGE, REPORTS, configuration, fields, language, two_columns
from imr_search.output.terminal import Terminal

USAGE = "imr-search [OPTIONS] [QUERY]..."
PURPOSE = "Search California's Independent Medical Review decisions. Without a query, a prompt opens."
CONFIGURATION = (
    "~/.config/imr-search/config.toml, or the file that IMR_SEARCH_CONFIG names, in TOML; every key is optional, and an option overrides it. "
    "The keys on how answers look are for terminals only: pipes and files get the same on every machine."
)


ENVIRONMENT = (
    ("IMR_SEARCH_INDEX", "the index, unless --index names one"),
    ("IMR_SEARCH_CONFIG", "the configuration file, if it is not the usual one"),
    ("NO_COLOR", "if set: no colours"),
    ("PAGER", "the pager for long answers (less)"),
    ("PDF_VIEWER", "the viewer that .pdf opens a letter in: okular --page {page} {file}"),
)


def help_text(look: Terminal) -> Iterator[str]:
    yield f"Usage: {USAGE}"
    yield ""
    yield from look.wrap(PURPOSE)
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
        yield from two_columns([(row.shown, row.about) for row in OPTIONS if row.group == group], look)
    yield ""
    yield look.paint("Configuration", "bold")
    yield from look.wrap(CONFIGURATION, "  ")
    yield from two_columns(configuration(), look)
    yield from _exit_codes(EXIT_CODES, look)


def man_page() -> Iterator[str]:
    """roff for man(1)."""
    yield from _man_head("search Independent Medical Review decisions", USAGE, PURPOSE)
    yield roff("Data goes to standard output, everything else to standard error.")
    yield ".SH OPTIONS"
    for group in GROUPS:
        yield f".SS {roff(group)}"
        yield from roff_entries((row.shown, row.about) for row in OPTIONS if row.group == group)
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
    yield from _exit_status(EXIT_CODES)
    yield ".SH ENVIRONMENT"
    yield from roff_entries(ENVIRONMENT)


def _exit_codes(codes: Iterable[tuple[int, str]], look: Terminal) -> Iterator[str]:
    yield ""
    yield look.paint("Exit codes", "bold")
    yield from look.wrap("; ".join(f"{code} {meaning}" for code, meaning in codes), "  ")


def _man_head(what: str, usage: str, purpose: str) -> Iterator[str]:
    """`what` the command of `usage` does, in a few words as `whatis` lists it, then its purpose in sentences."""
    command, _, rest = usage.partition(" ")
    yield f'.TH {command.upper()} 1 "" "imr-search {__version__}" "User Commands"'
    yield ".SH NAME"
    yield rf"{roff(command)} \- {roff(what)}"
    yield ".SH SYNOPSIS"
    yield f".B {roff(command)}"
    yield rest
    yield ".SH DESCRIPTION"
    yield roff(purpose)


def _exit_status(codes: Iterable[tuple[int, str]]) -> Iterator[str]:
    yield ".SH EXIT STATUS"
    yield from roff_entries((str(code), meaning) for code, meaning in codes)


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


INDEX_USAGE = "imr-index COMMAND [OPTIONS] [LETTERS]..."
INDEX_PURPOSE = "Make an index of Independent Medical Review letters, and look after it. imr-search searches it."
PLACE = (
    "--index DIR, else IMR_SEARCH_INDEX, else the configuration, else your data folder. "
    "Only you can read it, unless it is built with --shared."
)


def index_help_text(look: Terminal) -> Iterator[str]:
    yield f"Usage: {INDEX_USAGE}"
    yield ""
    yield from look.wrap(INDEX_PURPOSE)
    yield ""
    yield look.paint("Examples", "bold")
    for command, meaning in INDEX_EXAMPLES:
        yield f"  {command}"
        yield look.paint(f"      {meaning}", "dim")
    for usage, about, options in _commands():
        yield ""
        yield look.paint(usage, "bold")
        yield from look.wrap(about, "  ")
        yield from two_columns(_rows(options), look)
    yield ""
    yield look.paint("Other", "bold")
    yield from two_columns(_rows(ABOUT), look)
    yield ""
    yield look.paint("Where the index is", "bold")
    yield from look.wrap(PLACE, "  ")
    yield from _exit_codes(INDEX_EXIT_CODES, look)


def index_man_page() -> Iterator[str]:
    """roff for man(1)."""
    yield from _man_head(
        "make and look after an index of Independent Medical Review letters", INDEX_USAGE, INDEX_PURPOSE
    )
    yield ".SH COMMANDS"
    for usage, about, options in _commands():
        yield f".SS {roff(usage)}"
        yield roff(about)
        yield from roff_entries(_rows(options))
    yield ".SH OPTIONS"
    yield from roff_entries(_rows(ABOUT))
    yield ".SH EXAMPLES"
    yield from roff_entries(INDEX_EXAMPLES)
    yield ".SH FILES"
    yield roff(PLACE)
    yield from _exit_status(INDEX_EXIT_CODES)


def _commands() -> Iterator[tuple[str, str, tuple[Option, ...]]]:
    """Usage, meaning and options of each command that is shown; its examples stand in its own help."""
    for row in SUBCOMMANDS:
        if not row.hidden:
            paragraphs = [part for part in row.help.split("\n\n") if not part.startswith("\b")]
            yield f"imr-index {row.name} {row.letters}".rstrip(), " ".join(" ".join(paragraphs).split()), row.options


def _rows(options: Iterable[Option]) -> list[tuple[str, str]]:
    return [(row.shown, row.about) for row in options]
