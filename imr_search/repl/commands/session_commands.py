"""The session itself: the index behind it, time, history, the editor, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.indexing import failures
from imr_search.output import wording

if TYPE_CHECKING:
    from imr_search.repl.session import Session

_LATEST = 30


def watch_(session: Session, argument: str) -> None:
    if argument == "off":
        session.watched.clear()
        session.say("nothing is watched")
        return
    if argument:
        raise UsageError(".watch goes with the last query, or takes off", "ask the query first, then .watch")
    if session.queries:
        text = session.last_query()
        page = session.call(lambda: session.library.search(text, session.counting()))
        session.watched[text] = page.total
    for text, total in session.watched.items():
        session.say(f"watched: {text} ({wording.count(total, 'item')})")
    if not session.watched:
        session.say("nothing is watched: search, then .watch")


def failed_(session: Session, argument: str) -> None:
    """Path and reason of every file that gave no letter."""

    found = failures(session.library.opened.folder)
    if not found:
        session.say("every file was read")
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
    session.say(f"the time of a search is {'shown' if session.timer else 'not shown'}")


def history_(session: Session, argument: str) -> None:
    found = [text for text in session.past() if argument.lower() in text.lower()][:_LATEST]
    lines: list[str] = []
    for text in reversed(found):
        lines += session.look.wrap(session.look.clean(text), "", "    ", columns=session.look.width)
    session.show(lines or ["no history yet"])


def private_(session: Session, argument: str) -> None:
    session.say(
        "the history is not written from here on" if session.toggle_private() else "the history is written again"
    )


def edit_(session: Session, argument: str) -> None:
    session.edit()


def quit_(session: Session, argument: str) -> None:
    raise EOFError
