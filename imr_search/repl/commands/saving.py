"""Saved queries and search records."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.output import record_document
from imr_search.query import saved
from imr_search.repl.destination import file_name

if TYPE_CHECKING:
    from imr_search.repl.session import Session


def save_(session: Session, argument: str) -> None:

    name, _, text = argument.partition(" ")
    if not name:
        raise UsageError("save it as what?", ".save norco_overturned")
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
    record_document.write(path, found)
    session.say(f"the record of {found.total:,} items is in {path}; imr-search --replay {path} asks again")
