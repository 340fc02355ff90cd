"""Formats, columns, settings, and where answers go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.output import formats
from imr_search.prompt.colours import THEMES

if TYPE_CHECKING:
    from imr_search.prompt.shell import Shell

VALUES = {"keys": ("emacs", "vi"), "theme": tuple(THEMES), "pager": ("on", "off")}
SETTINGS = {
    "limit": "how many results at a time",
    "snippets": "how many sentences of each result",
    "sort": "relevance, or fields: -decided,case",
    "keys": "emacs or vi",
    "theme": "auto, dark, light or plain",
    "pager": "on or off",
}


def format_(shell: Shell, argument: str) -> None:
    known = list(formats.line_names())
    if not argument:
        shell.say(f"format: {shell.format}   (one of: {', '.join(known)})")
    elif argument.lower() in known:
        shell.format = argument.lower()
        shell.again()
    else:
        raise UsageError(f"no format is called {argument}", f"one of: {', '.join(known)}")


def columns_(shell: Shell, argument: str) -> None:
    from imr_search.searching.search_options import column_keys

    column_keys(argument)
    shell.columns = argument
    shell.again()


def set_(shell: Shell, argument: str) -> None:
    name, _, value = (argument.replace("=", " ", 1)).partition(" ")
    value = value.strip()
    if not name:
        shell.show(_all(shell))
        return
    match name:
        case "limit" | "snippets" if value.isdecimal() and 0 < int(value) + (name == "snippets") <= 10_000:
            setattr(shell, name, int(value))
        case "sort":
            from imr_search.searching.search_options import sort_keys

            sort_keys(value)
            shell.sort = value
        case "keys" if value in VALUES["keys"]:
            shell.vi = value == "vi"
        case "theme" if value in THEMES:
            shell.theme = value
        case "pager" if value in VALUES["pager"]:
            shell.pager = value == "on"
        case _ if name in SETTINGS:
            raise UsageError(f"{name} takes: {SETTINGS[name]}", f".set {name} {shell.setting(name)}")
        case _:
            raise UsageError(f"no setting is called {name}", f"one of: {', '.join(SETTINGS)}")
    shell.say(f"{name}: {shell.setting(name)}")


def _all(shell: Shell) -> Iterator[str]:
    for name, meaning in SETTINGS.items():
        yield from shell.look.wrap(meaning, f"{name:<10}{shell.setting(name):<12}", " " * 22, columns=shell.look.width)


def out_(shell: Shell, argument: str) -> None:
    if not argument:
        shell.out = None
        shell.say("answers go to the screen")
        return
    path = Path(argument).expanduser()
    shell.append(path, [])
    shell.out = path
    shell.say(f"answers go to {path} (.out alone: to the screen)")


def once_(shell: Shell, argument: str) -> None:
    if not argument or argument == "|":
        raise UsageError("once to which file or command?", ".once notes.txt, or .once | wc -l")
    shell.once = argument
    shell.say("the next answer goes there")
