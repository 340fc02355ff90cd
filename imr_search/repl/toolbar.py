"""The line below the input: the query as it will be read and its count, or what is wrong with it."""

from __future__ import annotations

from prompt_toolkit.formatted_text import StyleAndTextTuples

from imr_search.output import wording
from imr_search.output.terminal import Terminal
from imr_search.repl.background import Reading
from imr_search.repl.commands import command

RESTING = "Tab completes   Ctrl-R finds earlier queries   .help   Ctrl-D leaves"


MENDING = "mend it and press Enter, Ctrl-C for an empty line"
OFFERED = "Ctrl-T takes what is offered"
_OFFERED_TOO = "Ctrl-T: what is offered"


def toolbar(
    text: str,
    latest: Reading | None,
    resting: str,
    look: Terminal,
    failed: str = "",
    mode: str = "",
    offered: bool = False,
) -> StyleAndTextTuples:
    """At most one line of the screen's width. `failed` is the query that was just refused and given back; `mode` is that of vi's keys; `offered`
    says that a better query is at hand."""
    front = f" {mode} " if mode else ""
    width = max(8, look.width - 2 - len(front))
    shown = _shown(text, latest, resting, look, failed, width, offered)
    return [("class:toolbar.mode", front), *shown] if front else shown


def _shown(
    text: str, latest: Reading | None, resting: str, look: Terminal, failed: str, width: int, offered: bool
) -> StyleAndTextTuples:
    if not text.strip():
        return [("", " " + look.clip(look.clean(f"{OFFERED}   {resting}" if offered else resting), width))]
    if text == failed:
        return [("", " " + look.clip(f"{MENDING}, {_OFFERED_TOO}" if offered else MENDING, width))]
    if text.lstrip().startswith("."):
        row = command(text.split()[0])
        about = (
            f"{row.name} {row.usage}".strip() + f"   {row.help}"
            if row is not None
            else "no such command; .help lists them"
        )
        return [("", " " + look.clip(look.clean(about), width))]
    if latest is None or (latest.text != text and not latest.problem and not latest.read_as):
        return [("", " " + look.ellipsis)]
    fresh = latest.text == text
    if latest.problem and latest.pending:
        return [("", " " + look.ellipsis)]  # what is not typed to its end is no mistake yet
    if latest.problem:
        sign = f"   {OFFERED}" if fresh and offered else "" if fresh else f" {look.ellipsis}"
        sign = sign if len(sign) < width // 2 else ""
        return [("class:toolbar.wrong", " " + look.clip(look.clean(latest.problem), width - len(sign)) + sign)]
    count = look.ellipsis if latest.count is None or not fresh else wording.count(latest.count, "item")
    fields = (
        look.clip(look.clean(f"   Ctrl-T: {latest.fields}"), width - len(count) - 3) if fresh and latest.fields else ""
    )
    room = width - len(count) - 3 - len(fields)
    read = look.clip(look.clean(latest.read_as), room) if room > 4 else ""
    return [("", f" {read}   "), ("class:toolbar.count", count), ("", fields)]
