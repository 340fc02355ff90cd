"""--help and the manual pages of both commands: from the table of options, the table of fields, and what click knows of imr-index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

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


PROGRAM = "imr-index"
INDEX_EXAMPLES = (
    ("imr-index build letters/", "make the index of a folder; the same again takes in what changed"),
    ("imr-index build more/", "add another folder; build alone looks at all of them again"),
    ("imr-index build --full", "from nothing, with everything that is remembered"),
    ("imr-index status", "what is in it, how old it is, and what could not be read"),
    ("imr-index check --all", "is it whole, and is it what the letters say?"),
    ("imr-index forget old/", "take a folder's letters out of the index; the files stay"),
    ('eval "$(imr-index --completion bash)"', "completion, in your shell's start-up file"),
)
INDEX_EXIT_CODES = (
    (0, "done"),
    (2, "a command or option that cannot be read"),
    (3, "the index is missing, damaged or of another version"),
    (4, "some letters could not be read, or a build refused to shrink the index"),
    (5, "no space, or no right to write"),
    (75, "another build is at work"),
    (130, "interrupted; the index is as it was"),
)
HELP = ("-h, --help", "this help; behind a command, its own")
PLACE = "--index DIR, else IMR_SEARCH_INDEX, else the configuration, else your data folder. Only you can read it, unless it is built with --shared."


def index_help_text(context: click.Context, look: Terminal) -> Iterator[str]:
    yield f"Usage: {PROGRAM} COMMAND [OPTIONS] [ARGUMENTS]..."
    yield ""
    yield from look.wrap(context.command.help or "")
    yield ""
    yield look.paint("Examples", "bold")
    for command, meaning in INDEX_EXAMPLES:
        yield f"  {command}"
        yield look.paint(f"      {meaning}", "dim")
    for usage, about, options in commands(context):
        yield ""
        yield look.paint(usage, "bold")
        yield from look.wrap(about, "  ")
        yield from two_columns(options, look)
    yield ""
    yield look.paint("Other", "bold")
    yield from two_columns([*_options(context.command, context), HELP], look)
    yield ""
    yield look.paint("Where the index lies", "bold")
    yield from look.wrap(PLACE, "  ")
    yield ""
    yield look.paint("Exit codes", "bold")
    yield from look.wrap("; ".join(f"{code} {meaning}" for code, meaning in INDEX_EXIT_CODES), "  ")


def index_man_page(context: click.Context) -> Iterator[str]:
    """roff for man(1)."""
    yield f'.TH IMR-INDEX 1 "" "imr-search {__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"imr\-index \- make and look after an index of Independent Medical Review letters"
    yield ".SH SYNOPSIS"
    yield r".B imr\-index"
    yield "COMMAND [OPTIONS] [ARGUMENTS]..."
    yield ".SH DESCRIPTION"
    yield roff(context.command.help or "")
    yield ".SH COMMANDS"
    for usage, about, options in commands(context):
        yield f".SS {roff(usage)}"
        yield roff(about)
        yield from roff_entries(options)
    yield ".SH OPTIONS"
    yield from roff_entries([*_options(context.command, context), HELP])
    yield ".SH INDEX_EXAMPLES"
    yield from roff_entries(INDEX_EXAMPLES)
    yield ".SH FILES"
    yield roff(PLACE)
    yield ".SH EXIT STATUS"
    yield from roff_entries((str(code), meaning) for code, meaning in INDEX_EXIT_CODES)


def commands(context: click.Context) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Usage, meaning and options of each command that is shown."""
    group = context.command
    assert isinstance(group, click.Group)
    for name, command in group.commands.items():
        if not command.hidden:
            inner = click.Context(command, info_name=name, parent=context)
            arguments = " ".join(
                parameter.make_metavar(inner) for parameter in command.params if isinstance(parameter, click.Argument)
            )
            about = (command.help or "").partition("\n\n\b")[0]
            tail = (command.help or "").rpartition("\n\n")[2] if "\b" in (command.help or "") else ""
            yield (
                f"{PROGRAM} {name} {arguments}".rstrip(),
                " ".join(f"{about} {tail}".split()),
                _options(command, inner),
            )


def _options(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    rows = (parameter.get_help_record(context) for parameter in command.params)  # --help is everywhere and said once
    return [row for row in rows if row is not None]
