"""The dot-commands: one table, read by dispatch, completion, the toolbar and .help."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from imr_search.errors import UsageError
from imr_search.output import formats

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
        "this help; of one command or field; of queries, fields, reports or settings",
        HELP,
        "inspecting",
        "command",
    ),
    Command(".fields", "", "the fields of an item", HELP, "inspecting"),
    Command(".values", "FIELD [PREFIX]", "a field's values, with counts", HELP, "inspecting", "field"),
    Command(
        ".explain", "[QUERY]", "how a query is read, and how many items each part finds", HELP, "inspecting", "query"
    ),
    Command(".why", "N", "why result N was found, term by term, and the grounds of its decision", HELP, "inspecting"),
    Command(".open", "N | N-M | CASE #N", "whole results (the number of one alone does the same)", READ, "reading"),
    Command(".letter", "N | CASE", "the whole letter of a result", READ, "reading"),
    Command(
        ".pdf", "N", "the letter's file in your viewer, at its page (PDF_VIEWER names another viewer)", READ, "reading"
    ),
    Command(
        ".cite",
        "N | N-M [SENTENCE] [ccc|plain|md|full]",
        "citations of results: to the best sentence, or to the sentence of that number",
        READ,
        "reading",
        "style",
    ),
    Command(
        ".copy",
        "N | N-M [SENTENCE] [STYLE]",
        "copy the sentence and its citation to the clipboard",
        READ,
        "reading",
        "style",
    ),
    Command(".like", "N|TEXT", "the items most similar to result N, or to a text", READ, "reading"),
    Command(".dups", "N", "items with nearly the same rationale as result N", READ, "reading"),
    Command(".compare", "N M", "two results side by side", READ, "reading"),
    Command(".more", "", "the next results", READ, "reading"),
    Command(".narrow", "QUERY", "search within the last query's results", REFINE, "reading", "query"),
    Command(".back", "", "go back to the query before", REFINE, "reading"),
    Command(
        ".format",
        "[F]",
        f"how answers are shown: {', '.join(formats.line_names())}",
        OUTPUT,
        "session_commands",
        "format",
    ),
    Command(
        ".columns", "[a,b]", "the columns of tables; without names: the usual ones", OUTPUT, "session_commands", "field"
    ),
    Command(
        ".set",
        "[NAME VALUE]",
        "change a setting: limit, snippets, timeout, sort, keys, theme, pager",
        OUTPUT,
        "session_commands",
        "setting",
    ),
    Command(
        ".out", "[FILE]", "write every answer to FILE; without FILE: to the screen again", OUTPUT, "session_commands"
    ),
    Command(
        ".once",
        "FILE | '| CMD'",
        "write the next answer to FILE, or send it to the command CMD",
        OUTPUT,
        "session_commands",
    ),
    Command(
        ".save",
        "NAME [QUERY]",
        "save the last query as @NAME; {x} is filled in by .run NAME x=...",
        SAVED,
        "session_commands",
        "saved",
    ),
    Command(".run", "NAME [x=value]...", "run a saved query", SAVED, "session_commands", "saved"),
    Command(".saved", "", "the saved queries", SAVED, "session_commands"),
    Command(".drop", "NAME", "delete a saved query", SAVED, "session_commands", "saved"),
    Command(
        ".record",
        "[FILE]",
        "write a search record of the last answer, to attach to a declaration (.html, .md, .json)",
        SAVED,
        "session_commands",
    ),
    Command(
        ".watch",
        "[QUERY | off]",
        "watch this or the last query: when the index is updated, say what it now finds",
        SESSION,
        "session_commands",
    ),
    Command(".failed", "", "the files that could not be read as letters", SESSION, "session_commands"),
    Command(".status", "", "the index: where it is, what it holds, how old it is", SESSION, "session_commands"),
    Command(".timer", "", "show or hide how long searches take", SESSION, "session_commands"),
    Command(".history", "[WORD]", "the latest queries", SESSION, "session_commands"),
    Command(".private", "", "stop or resume keeping queries in the history", SESSION, "session_commands"),
    Command(".edit", "", "edit the last query in your editor (EDITOR)", SESSION, "session_commands"),
    Command(".quit", "", "leave (as quit, exit and Ctrl-D do)", SESSION, "session_commands"),
)


_ELSEWHERE = {  # how sqlite3, DuckDB and litecli call it
    ".mode": ".format",
    ".output": ".out",
    ".tables": ".fields",
    ".schema": ".fields",
    ".indexes": ".status",
    ".show": ".set",
    ".timing": ".timer",
    ".favorites": ".saved",
    ".read": ".run",
    ".pager": ".set",
    ".exit": ".quit",
}


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
        near = get_close_matches(name.lower(), [*(other.name for other in COMMANDS), *_ELSEWHERE], 1, 0.6)
        meant = [_ELSEWHERE.get(found, found) for found in near]
        raise UsageError(f"no command is called {name}", f"did you mean {meant[0]}?" if meant else ".help lists them")
    row.run(session, argument.strip())
