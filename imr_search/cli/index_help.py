"""imr-index --help and its manual page: what click knows of the commands, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator

import click

from imr_search import __version__
from imr_search.cli.help import roff, roff_entries
from imr_search.output.guide import two_columns
from imr_search.output.terminal import Terminal

PROGRAM = "imr-index"
EXAMPLES = (
    ("imr-index build letters/", "make the index of a folder; the same again takes in what changed"),
    ("imr-index build more/", "add another folder; build alone looks at all of them again"),
    ("imr-index build --full", "from nothing, with everything that is remembered"),
    ("imr-index status", "what is in it, how old it is, and what could not be read"),
    ("imr-index check --all", "is it whole, and is it what the letters say?"),
    ("imr-index forget old/", "take a folder's letters out of the index; the files stay"),
    ('eval "$(imr-index --completion bash)"', "completion, in your shell's start-up file"),
)
EXIT_CODES = (
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


def help_text(context: click.Context, look: Terminal) -> Iterator[str]:
    yield f"Usage: {PROGRAM} COMMAND [OPTIONS] [ARGUMENTS]..."
    yield ""
    yield from look.wrap(context.command.help or "")
    yield ""
    yield look.paint("Examples", "bold")
    for command, meaning in EXAMPLES:
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
    yield from look.wrap("; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES), "  ")


def man_page(context: click.Context) -> Iterator[str]:
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
    yield ".SH EXAMPLES"
    yield from roff_entries(EXAMPLES)
    yield ".SH FILES"
    yield roff(PLACE)
    yield ".SH EXIT STATUS"
    yield from roff_entries((str(code), meaning) for code, meaning in EXIT_CODES)


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
