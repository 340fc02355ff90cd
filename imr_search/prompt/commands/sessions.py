"""The session itself: the index behind it, time, history, the editor, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.output import wording

if TYPE_CHECKING:
    from imr_search.prompt.shell import Shell

_LATEST = 30


def watch_(shell: Shell, argument: str) -> None:
    if argument == "off":
        shell.watched.clear()
        shell.say("nothing is watched")
        return
    if argument:
        raise UsageError(".watch goes with the last query, or takes off", "ask the query first, then .watch")
    if shell.queries:
        text = shell.last_query()
        page = shell.call(lambda: shell.library.search(text, shell.counting()))
        shell.watched[text] = page.total
    for text, total in shell.watched.items():
        shell.say(f"watched: {text} ({wording.count(total, 'item')})")
    if not shell.watched:
        shell.say("nothing is watched: search, then .watch")


def failed_(shell: Shell, argument: str) -> None:
    """Path and reason of every file that gave no letter."""
    from imr_search.indexing import failures

    found = failures(shell.library.opened.folder)
    if not found:
        shell.say("every file was read")
        return
    lines: list[str] = []
    for one in found:
        reason = f"{one.reason} ({one.detail})" if one.detail else one.reason
        lines += shell.look.wrap(shell.look.clean(f"{one.file}: {reason}"), "", "    ", columns=shell.look.width)
    shell.show(lines)


def status_(shell: Shell, argument: str) -> None:
    opened = shell.library.opened
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
        lines += shell.look.wrap(shell.look.clean(value), f"{name:<14}", " " * 14, columns=shell.look.width)
    shell.show(lines)


def timer_(shell: Shell, argument: str) -> None:
    shell.timer = not shell.timer
    shell.say(f"the time of a search is {'shown' if shell.timer else 'not shown'}")


def history_(shell: Shell, argument: str) -> None:
    found = [text for text in shell.past() if argument.lower() in text.lower()][:_LATEST]
    lines: list[str] = []
    for text in reversed(found):
        lines += shell.look.wrap(shell.look.clean(text), "", "    ", columns=shell.look.width)
    shell.show(lines or ["no history yet"])


def private_(shell: Shell, argument: str) -> None:
    shell.say("the history is not written from here on" if shell.toggle_private() else "the history is written again")


def edit_(shell: Shell, argument: str) -> None:
    shell.edit()


def quit_(shell: Shell, argument: str) -> None:
    raise EOFError
