"""The line below the input: the query as it will be read and its count, or what is wrong with it."""

from __future__ import annotations

from prompt_toolkit.formatted_text import StyleAndTextTuples

from imr_search.output import wording
from imr_search.output.terminal import Terminal
from imr_search.repl.background import Reading

RESTING = "Tab completes   Ctrl-R finds earlier queries   .help   Ctrl-D leaves"


MENDING = "mend it and press Enter, or Ctrl-C for an empty line"


def toolbar(text: str, latest: Reading | None, resting: str, look: Terminal, failed: str = "") -> StyleAndTextTuples:
    """At most one line of the screen's width. `failed` is the query that was just refused and given back."""
    width = look.width - 2
    if not text.strip():
        return [("", " " + look.clip(look.clean(resting), width))]
    if text == failed:
        return [("", " " + look.clip(MENDING, width))]
    if text.lstrip().startswith("."):
        from imr_search.repl.commands import command

        row = command(text.split()[0])
        shown = (
            f"{row.name} {row.usage}".strip() + f"   {row.help}"
            if row is not None
            else "no such command; .help lists them"
        )
        return [("", " " + look.clip(look.clean(shown), width))]
    if latest is None or (latest.text != text and not latest.problem and not latest.read_as):
        return [("", " " + look.ellipsis)]
    fresh = latest.text == text
    if latest.problem:
        sign = "" if fresh else f" {look.ellipsis}"
        return [("class:toolbar.wrong", " " + look.clip(look.clean(latest.problem), width - len(sign)) + sign)]
    count = look.ellipsis if latest.count is None or not fresh else wording.count(latest.count, "item")
    room = width - len(count) - 3
    read = look.clip(look.clean(latest.read_as), room) if room > 4 else ""
    return [("", f" {read}   "), ("class:toolbar.count", count)]
