"""The dot-commands: one table, read by dispatch, completion, the toolbar and .help."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from imr_search.errors import UsageError

if TYPE_CHECKING:
    from imr_search.repl.session import Session

HELP, READ, REFINE, OUTPUT, SAVED, SESSION = (
    "Help and inspection",
    "Reading",
    "Refining",
    "Settings and output",
    "Saved work",
    "The session",
)
GROUPS = (HELP, READ, REFINE, OUTPUT, SAVED, SESSION)


class Command(msgspec.Struct, frozen=True):
    """`module` is the module that holds the function of that name; `takes` is what may be completed behind it."""

    name: str
    usage: str
    help: str
    group: str
    module: str
    takes: str = ""

    @property
    def run(self) -> Callable[[Session, str], None]:
        function: Callable[[Session, str], None] = getattr(
            import_module(f"imr_search.repl.commands.{self.module}"), self.name.lstrip(".") + "_"
        )
        return function


COMMANDS = (
    Command(
        ".help",
        "[TOPIC]",
        "this list; one command; or queries, fields, reports, settings",
        HELP,
        "inspecting",
        "command",
    ),
    Command(".fields", "", "the fields of an item", HELP, "inspecting"),
    Command(".values", "FIELD [PREFIX]", "a field's values, with counts", HELP, "inspecting", "field"),
    Command(".explain", "[QUERY]", "a query as it is read, with the count of each part", HELP, "inspecting", "query"),
    Command(".why", "N", "why result N was found, term by term, and why it was decided so", HELP, "inspecting"),
    Command(".open", "N | N-M | CASE #N", "results whole (or just the number of one)", READ, "reading"),
    Command(".letter", "N | CASE", "the whole letter of a result", READ, "reading"),
    Command(
        ".pdf", "N", "the letter's file in your viewer, at its page (PDF_VIEWER names another viewer)", READ, "reading"
    ),
    Command(
        ".cite",
        "N | N-M [SENTENCE] [ccc|plain|md|full]",
        "citations of results, to the best sentence or to the one of that number",
        READ,
        "reading",
        "style",
    ),
    Command(
        ".copy",
        "N | N-M [SENTENCE] [STYLE]",
        "citations and their sentences to the clipboard",
        READ,
        "reading",
        "style",
    ),
    Command(".like", "N|TEXT", "items most similar to result N, or to a text", READ, "reading"),
    Command(".dups", "N", "items whose rationale is nearly that of result N", READ, "reading"),
    Command(".compare", "N M", "two results side by side", READ, "reading"),
    Command(".more", "", "the next results", READ, "reading"),
    Command(".narrow", "QUERY", "search within the last query's results", REFINE, "reading", "query"),
    Command(".back", "", "the query before", REFINE, "reading"),
    Command(
        ".format", "[F]", "list, table, md, cite, json, jsonl, csv, tsv, ids", OUTPUT, "session_commands", "format"
    ),
    Command(".columns", "[a,b]", "the columns to show; alone: the usual ones", OUTPUT, "session_commands", "field"),
    Command(
        ".set",
        "[NAME VALUE]",
        "settings: limit, snippets, timeout, sort, keys, theme, pager",
        OUTPUT,
        "session_commands",
        "setting",
    ),
    Command(".out", "[FILE]", "write all answers to FILE; alone: to the screen again", OUTPUT, "session_commands"),
    Command(".once", "FILE | '| CMD'", "the next answer to FILE, or through CMD", OUTPUT, "session_commands"),
    Command(
        ".save",
        "NAME [QUERY]",
        "keep the last query as @NAME; {place} is filled by .run",
        SAVED,
        "session_commands",
        "saved",
    ),
    Command(".run", "NAME [k=v]...", "run a saved query", SAVED, "session_commands", "saved"),
    Command(".saved", "", "the saved queries", SAVED, "session_commands"),
    Command(".drop", "NAME", "forget a saved query", SAVED, "session_commands", "saved"),
    Command(".record", "[FILE]", "a search record of the last answer, for a declaration", SAVED, "session_commands"),
    Command(".watch", "[off]", "watch the last query: say what a newer index adds to it", SESSION, "session_commands"),
    Command(".failed", "", "the letters that could not be read", SESSION, "session_commands"),
    Command(".status", "", "the index: where, how many, how old", SESSION, "session_commands"),
    Command(".timer", "", "show or hide how long a search took", SESSION, "session_commands"),
    Command(".history", "[WORD]", "the latest queries", SESSION, "session_commands"),
    Command(".private", "", "stop (or go on) writing the history", SESSION, "session_commands"),
    Command(".edit", "", "edit the last query in your editor", SESSION, "session_commands"),
    Command(".quit", "", "leave (so do quit, exit and Ctrl-D)", SESSION, "session_commands"),
)


def command(name: str) -> Command | None:
    """The command of that name, or the only one that begins so."""
    for row in COMMANDS:
        if row.name == name.lower():
            return row
    begun = [row for row in COMMANDS if row.name.startswith(name.lower())]
    return begun[0] if len(begun) == 1 and len(name) > 1 else None


def dispatch(session: Session, line: str) -> None:
    """Run a line that begins with a dot. Raises UsageError with the nearest name, and what the command raises."""
    name, _, argument = line.strip().partition(" ")
    row = command(name)
    if row is None:
        near = get_close_matches(name.lower(), [other.name for other in COMMANDS], 1, 0.6)
        raise UsageError(f"no command is called {name}", f"did you mean {near[0]}?" if near else ".help lists them")
    row.run(session, argument.strip())
