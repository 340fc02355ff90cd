"""Formats, columns, settings, and where answers go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.output import formats
from imr_search.repl.destination import destination
from imr_search.repl.highlighting import THEMES
from imr_search.searching.search_options import column_keys, sort_keys

if TYPE_CHECKING:
    from imr_search.repl.session import Session

VALUES = {"keys": ("emacs", "vi"), "theme": tuple(THEMES), "pager": ("on", "off")}
SETTINGS = {
    "limit": "how many results at a time",
    "snippets": "how many sentences of each result",
    "timeout": "how many seconds a query may take; 0: no end",
    "sort": "relevance, or fields: -decided,case",
    "keys": "emacs or vi",
    "theme": "auto, dark, light or plain",
    "pager": "on or off",
}


def format_(session: Session, argument: str) -> None:
    known = list(formats.line_names())
    if not argument:
        session.say(f"format: {session.format}   (one of: {', '.join(known)})")
    elif argument.lower() in known:
        session.format = argument.lower()
        session.again()
    else:
        raise UsageError(f"no format is called {argument}", f"one of: {', '.join(known)}")


def columns_(session: Session, argument: str) -> None:

    column_keys(argument)
    session.columns = argument
    session.again()


def set_(session: Session, argument: str) -> None:
    name, _, value = (argument.replace("=", " ", 1)).partition(" ")
    value = value.strip()
    if not name:
        session.show(_all(session))
        return
    match name:
        case "limit" | "snippets" if value.isdecimal() and 0 < int(value) + (name == "snippets") <= 10_000:
            setattr(session, name, int(value))
        case "timeout" if value.isdecimal() and len(value) <= 6:
            session.timeout = int(value)
        case "sort":
            sort_keys(value)
            session.sort = value
        case "keys" if value in VALUES["keys"]:
            session.vi = value == "vi"
        case "theme" if value in THEMES:
            session.theme = value
        case "pager" if value in VALUES["pager"]:
            session.pager = value == "on"
        case _ if name in SETTINGS:
            raise UsageError(f"{name} takes: {SETTINGS[name]}", f".set {name} {session.setting(name)}")
        case _:
            raise UsageError(f"no setting is called {name}", f"one of: {', '.join(SETTINGS)}")
    session.say(f"{name}: {session.setting(name)}")


def _all(session: Session) -> Iterator[str]:
    for name, meaning in SETTINGS.items():
        yield from session.look.wrap(
            meaning, f"{name:<10}{session.setting(name):<12}", " " * 22, columns=session.look.width
        )


def out_(session: Session, argument: str) -> None:
    if not argument:
        session.out = None
        session.say("answers go to the screen")
        return
    there = destination(argument)
    if formats.binary(there.format):
        raise UsageError(f"a .{there.format} file holds one answer", f".once {argument}")
    session.out = there
    session.say(f"answers go to {there} (.out alone: to the screen)")


def once_(session: Session, argument: str) -> None:
    if not argument:
        raise UsageError("once to which file or command?", ".once notes.txt, or .once | wc -l")
    session.once = destination(argument)
    session.say("the next answer goes there")
