"""The desktop's own programs: its viewer for a letter's file, at a page where the viewer can be told one, and its clipboard, or the terminal's."""

from __future__ import annotations

import base64
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from imr_search.errors import UsageError

# What each is called with; {page} counts from 1.
_VIEWERS = (
    ("evince", ("--page-index={page}", "{file}")),
    ("atril", ("--page-index={page}", "{file}")),
    ("xreader", ("--page-index={page}", "{file}")),
    ("okular", ("--page", "{page}", "{file}")),
    ("zathura", ("--page={page}", "{file}")),
    ("qpdfview", ("{file}#{page}",)),
    ("mupdf", ("{file}", "{page}")),
    ("xpdf", ("{file}", "{page}")),
)
_ANY = (("xdg-open", ("{file}",)), ("wslview", ("{file}",)))


def view(file: Path, page: int | None) -> str:
    """Open the file and go on; the program's name, "" where there is none. PDF_VIEWER names one of your own, as in "okular --page {page} {file}"."""
    command = _command(file, page)
    if not command:
        return ""
    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError as problem:
        raise UsageError(f"{command[0]} cannot be run: {problem.strerror}", "set PDF_VIEWER") from problem
    return command[0]


def _command(file: Path, page: int | None) -> list[str]:
    given = os.environ.get("PDF_VIEWER", "")
    if given:
        try:
            words = shlex.split(given)
        except ValueError:
            raise UsageError(
                "PDF_VIEWER has a quotation mark that is never closed", "okular --page {page} {file}"
            ) from None
        return _filled(words if any("{file}" in word for word in words) else [*words, "{file}"], file, page)
    if sys.platform == "darwin":
        return ["open", str(file)]
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return []
    known = _VIEWERS if file.suffix.lower() == ".pdf" else ()
    for name, words in (*known, *_ANY):
        if shutil.which(name):
            return [name, *_filled(list(words), file, page)]
    return []


def _filled(words: list[str], file: Path, page: int | None) -> list[str]:
    return [word.replace("{page}", str(page or 1)).replace("{file}", str(file)) for word in words]


_PROGRAMS = (
    ("WAYLAND_DISPLAY", ["wl-copy"]),
    ("DISPLAY", ["xclip", "-selection", "clipboard"]),
    ("DISPLAY", ["xsel", "--clipboard", "--input"]),
    ("", ["pbcopy"]),
    ("", ["clip.exe"]),
)


def copy(text: str) -> str:
    """Copy, and say by what. Raises UsageError when there is no way."""
    for variable, command in _PROGRAMS:
        if (not variable or os.environ.get(variable)) and shutil.which(command[0]):
            try:
                subprocess.run(command, input=text.encode(), check=True, timeout=5, capture_output=True)
            except (OSError, subprocess.SubprocessError):
                continue
            return command[0]
    if os.environ.get("TERM", "dumb") == "dumb" or not sys.stdout.isatty():
        raise UsageError("there is no clipboard to copy to", ".cite prints the citation")
    payload = base64.b64encode(text.encode()).decode()
    sys.stdout.write(f"\x1b]52;c;{payload}\x07")  # OSC 52: many terminals, tmux and ssh sessions hand it on
    sys.stdout.flush()
    return "the terminal"
