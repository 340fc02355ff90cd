"""The session itself: the index behind it, time, history, the editor, the way out; formats, columns, settings, and where answers go; saved queries
and search records."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.indexing import failures
from imr_search.output import formats, record_document, wording
from imr_search.query import saved
from imr_search.repl.destination import destination, file_name
from imr_search.repl.highlighting import THEMES
from imr_search.searching.search_options import column_keys, sort_keys

if TYPE_CHECKING:
    from imr_search.repl.session import Session


_LATEST = 30


def watch_(session: Session, argument: str) -> None:
    if argument == "off":
        session.watched.clear()
        session.say("nothing is watched")
        return
    if argument or session.queries:
        text = argument or session.last_query()
        page = session.call(lambda: session.library.search(text, session.counting()))
        session.watched[text] = page.total
    for text, total in session.watched.items():
        session.say(f"watched: {text} ({wording.count(total, 'item')})")
    if not session.watched:
        session.say("nothing is watched: .watch QUERY, or search and then .watch")


def failed_(session: Session, argument: str) -> None:
    """Path and reason of every file that gave no letter."""

    found = failures(session.library.opened.folder)
    if not found:
        session.say("every file was read as a letter")
        return
    lines: list[str] = []
    for one in found:
        reason = f"{one.reason} ({one.detail})" if one.detail else one.reason
        lines += session.look.wrap(session.look.clean(f"{one.file}: {reason}"), "", "    ", columns=session.look.width)
    session.show(lines)


def status_(session: Session, argument: str) -> None:
    opened = session.library.opened
    facts, manifest = opened.facts, opened.manifest
    rows = (
        ("index", str(opened.folder)),
        ("engine", facts.engine),
        ("generation", f"{facts.generation}, built {manifest.created}"),
        ("holds", f"{wording.count(facts.items, 'item')} in {wording.count(facts.letters, 'letter')}"),
        ("failed", f"{wording.count(manifest.failures, 'file')}" + ("   (.failed)" if manifest.failures else "")),
        ("size", f"{manifest.size / 1_000_000:.1f} MB"),
        ("letters from", "; ".join(manifest.roots)),
    )
    lines: list[str] = []
    for name, value in rows:
        lines += session.look.wrap(session.look.clean(value), f"{name:<14}", " " * 14, columns=session.look.width)
    session.show(lines)


def timer_(session: Session, argument: str) -> None:
    session.timer = not session.timer
    session.say(f"search times are {'shown' if session.timer else 'not shown'}")


def history_(session: Session, argument: str) -> None:
    found = [text for text in session.past() if argument.lower() in text.lower()][:_LATEST]
    lines: list[str] = []
    for text in reversed(found):
        lines += session.look.wrap(session.look.clean(text), "", "    ", columns=session.look.width)
    session.show(lines or ["no history yet"])


def private_(session: Session, argument: str) -> None:
    session.say(
        "history off: queries are not written to it from now on"
        if session.toggle_private()
        else "history on: queries are written to it again"
    )


def edit_(session: Session, argument: str) -> None:
    session.edit()


def quit_(session: Session, argument: str) -> None:
    raise EOFError


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
        raise UsageError("which file or command?", ".once notes.txt, or .once | wc -l")
    session.once = destination(argument)
    session.say(f"the next answer goes to {session.once}")


def save_(session: Session, argument: str) -> None:
    name, _, text = argument.partition(" ")
    if not name:
        raise UsageError("save it under which name?", ".save norco_overturned")
    text = text.strip() or session.last_query()
    saved.save(name.lstrip("@"), text)
    session.renew()
    session.say(f"saved: @{name.lstrip('@')} is {text}")


def run_(session: Session, argument: str) -> None:
    name, _, given = argument.partition(" ")
    if not name:
        raise UsageError("run which saved query?", ".saved lists them")
    values = dict(pair.split("=", 1) for pair in _pairs(given))
    session.ask(saved.fill(saved.get(name.lstrip("@"), saved.queries()), values))


def _pairs(text: str) -> list[str]:
    """k=v, where a value in quotes may hold spaces."""

    try:
        found = shlex.split(text)
    except ValueError:
        raise UsageError("a quotation mark is never closed", '.run NAME drug="norco 10"') from None
    for pair in found:
        if "=" not in pair:
            raise UsageError(f"{pair} is not k=v", ".run NAME drug=norco")
    return found


def saved_(session: Session, argument: str) -> None:
    found = saved.queries()
    if not found:
        session.say("no saved queries yet: .save NAME keeps the last one")
        return
    lines: list[str] = []
    for name, text in sorted(found.items()):
        lines += session.look.wrap(session.look.clean(text), f"@{name:<20} ", " " * 22)
    session.show(lines)


def drop_(session: Session, argument: str) -> None:
    if not argument:
        raise UsageError("drop which saved query?", ".saved lists them")
    saved.drop(argument.lstrip("@"))
    session.renew()
    session.say(f"@{argument.lstrip('@')} is forgotten")


def record_(session: Session, argument: str) -> None:
    page, options = session.last_page(), session.options()
    found = session.call(lambda: session.library.record(page, options))
    path = file_name(argument or f"imr-search-{found.time[:19].replace(':', '')}.json")
    record_document.write(path, found, page.hits)
    again = f"imr-search --replay {shlex.quote(str(path))}"
    session.say(f"the record of {wording.count(found.total, 'item')} is in {path}; {again} searches again and compares")
