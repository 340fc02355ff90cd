"""Lines on a terminal, through a pager where they do not fit on it. Loaded for terminals alone: it brings what starts programs."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterable
from itertools import chain, islice

from imr_search.output.streams import encoded, to_stdout

_LESS = "-FRX -Psspace goes on, / searches, q leaves$"  # s: the short prompt, which else is a colon and tells nobody the way out


def to_screen(lines: Iterable[str], paged: bool) -> None:
    """To the terminal, through a pager when the lines do not fit on it."""
    if not paged:
        to_stdout(lines)
        return
    try:
        height = os.get_terminal_size(1).lines
    except OSError:
        height = 24
    stream = iter(lines)
    first = list(islice(stream, max(2, height - 1)))
    command = _pager()
    if len(first) < height - 1 or not command:
        to_stdout(chain(first, stream))
    else:
        _page(command, chain(first, stream))


def _pager() -> list[str]:
    """The pager's command: PAGER, else less if there is one; [] for none."""
    if os.environ.get("TERM", "dumb") == "dumb":
        return []
    given = os.environ.get("PAGER")
    if given is not None:
        try:
            command = shlex.split(given)
        except ValueError:  # a quotation mark that is never closed
            command = []
        return command if command and command[0] != "cat" and shutil.which(command[0]) else []
    return ["less"] if shutil.which("less") else []


def _page(command: list[str], lines: Iterable[str]) -> None:
    environment = {"LESS": _LESS, "LESSCHARSET": "utf-8", **os.environ}
    if os.path.basename(command[0]) == "less":
        command = [*command, "-R"]  # a LESS of one's own, as "-S", would show our colours as codes
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    assert process.stdin is not None
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the pager while it is up
    try:
        for batch in encoded(lines):
            process.stdin.write(batch)
        process.stdin.close()
    except BrokenPipeError:
        pass  # left before the end
    finally:
        process.wait()
        signal.signal(signal.SIGINT, before)
