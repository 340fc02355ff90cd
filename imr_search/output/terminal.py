"""How a text format is to look: the width, the colours and the letters that the screen can show."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from imr_search.model import Item
from imr_search.output import safety

# Only what reads well on light and on dark; every style stands beside a word or a sign, so nothing is said by colour alone.
_STYLES = {
    "bold": "1",
    "dim": "2",
    "mark": "1;31",
    "error": "1;31",
    "overturned": "1;32",
    "modified": "1;35",
    "upheld": "0",
    "heading": "1;4",
}
_WIDEST = 1_000  # columns; a COLUMNS beyond that is no screen
_OPEN, _CLOSE = "\x01", "\x02"  # marks inside a text that is being wrapped; clean text holds no control character


class Terminal(msgspec.Struct, frozen=True):
    """`width` in columns; `color` allows escape sequences; `unicode` allows more than ASCII; `wide` is how long a line of prose may get; `target`
    says where a link to an item's letter leads, on a terminal that has links. `screen`: tables are fitted to the width; in a file or a pipe nobody
    would see what was cut, and they are as wide as they are."""

    width: int = 80
    color: bool = False
    unicode: bool = True
    wide: int = 110
    target: Callable[[Item], str] | None = None
    screen: bool = True

    @property
    def columns(self) -> int:
        """How wide a table may get."""
        return self.width if self.screen else 1_000_000

    def clean(self, text: str) -> str:
        """A text of a letter, safe and showable here."""
        text = safety.clean(text)
        return text if self.unicode else safety.ascii_only(text)

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text and style != "upheld" else text

    def linked(self, shown: str, item: Item) -> str:
        """`shown` as a link (OSC 8) to the letter of `item`, where the terminal has links and the letter lies there."""
        address = self.target(item) if self.target is not None else ""
        return f"\x1b]8;;{address}\x1b\\{shown}\x1b]8;;\x1b\\" if address else shown

    @property
    def ellipsis(self) -> str:
        return "…" if self.unicode else "..."

    @property
    def measure(self) -> int:
        """The columns that prose may fill: a line that spans a wide screen cannot be read."""
        return max(20, min(self.width, self.wide))

    def clip(self, text: str, columns: int) -> str:
        """Clean text cut to `columns`, with an ellipsis where it was cut."""
        if safety.width(text) <= columns:
            return text
        room = columns - len(self.ellipsis)
        if room <= 0:
            return text[:columns] if text.isascii() else ""
        taken = 0
        for index, char in enumerate(text):
            taken += safety.width(char)
            if taken > room:
                return text[:index].rstrip() + self.ellipsis
        return text

    def marked(self, text: str, marks: Sequence[tuple[int, int]]) -> str:
        """Raw text, cleaned, with the marks that `wrap` turns into colour or <angle brackets>."""
        pieces: list[str] = []
        at = 0
        for start, end in marks:
            if start < at or end <= start:
                continue
            pieces += [self.clean(text[at:start]), _OPEN, self.clean(text[start:end]), _CLOSE]
            at = end
        pieces.append(self.clean(text[at:]))
        return "".join(pieces)

    def wrap(
        self, text: str, first: str = "", rest: str | None = None, columns: int = 0, whole: bool = False
    ) -> list[str]:
        """Clean (and perhaps marked) text as lines of at most `columns`, behind `first` and then `rest`. With `whole`, a word that is wider than a
        line, such as a path in a command that is to be copied, is not cut."""
        columns = columns or self.measure
        rest = first if rest is None else rest
        lines: list[str] = []
        head, line, taken = first, "", 0
        room = max(8, columns - safety.width(first))
        for word in text.split():
            for piece in [word] if whole else self._pieces(word, max(8, columns - safety.width(rest))):
                size = self._width(piece)
                if line and taken + 1 + size > room:
                    lines.append(head + line)
                    head, line, taken, room = rest, "", 0, max(8, columns - safety.width(rest))
                line, taken = (f"{line} {piece}", taken + 1 + size) if line else (piece, size)
        if line:
            lines.append(head + line)
        return list(self._show(lines))

    def _width(self, piece: str) -> int:
        marks = piece.count(_OPEN) + piece.count(_CLOSE)
        if not marks:
            return safety.width(piece)
        return safety.width(piece.replace(_OPEN, "").replace(_CLOSE, "")) + (0 if self.color else marks)

    def _pieces(self, word: str, columns: int) -> Iterator[str]:
        """A word, in pieces if it is wider than a whole line."""
        if self._width(word) <= columns:
            yield word
            return
        piece, taken = "", 0
        for char in word:
            size = self._width(char)
            if taken + size > columns:
                yield piece
                piece, taken = "", 0
            piece, taken = piece + char, taken + size
        yield piece

    def _show(self, lines: list[str]) -> Iterator[str]:
        """The marks as colour, closed at each line's end and opened again, or as angle brackets."""
        if not self.color:
            for line in lines:
                yield line.replace(_OPEN, "<").replace(_CLOSE, ">")
            return
        inside = False
        begin, end = f"\x1b[{_STYLES['mark']}m", "\x1b[0m"
        for line in lines:
            if _OPEN not in line and _CLOSE not in line and not inside:
                yield line
                continue
            bare = line.lstrip(" ")
            shown = line[: len(line) - len(bare)] + (begin if inside else "")
            inside = (line.rfind(_OPEN) > line.rfind(_CLOSE)) or (inside and _CLOSE not in line and _OPEN not in line)
            yield shown + bare.replace(_OPEN, begin).replace(_CLOSE, end) + (end if inside else "")


def of_terminal(descriptor: int, color: str = "auto", environment: Mapping[str, str] = os.environ) -> Terminal:
    """The look for what is written to `descriptor`. `color` is auto, always or never; auto heeds NO_COLOR and TERM=dumb."""
    terminal = os.isatty(descriptor)
    able = terminal and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"
    paint = able if color == "auto" else color == "always"
    return Terminal(
        width=_columns(descriptor, environment),
        color=paint,
        unicode=_unicode(environment) or not terminal,
        screen=terminal,
    )


def has_links(environment: Mapping[str, str] = os.environ) -> bool:
    """Does the terminal show OSC 8 links? Known ones say who they are; inside screen and tmux nobody knows who is behind."""
    if environment.get("TERM", "dumb").startswith(("dumb", "screen", "tmux")) or environment.get("TMUX"):
        return False
    if environment.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"):
        return True
    if environment.get("TERM") in ("xterm-kitty", "xterm-ghostty", "foot", "alacritty", "contour"):
        return True
    version = environment.get("VTE_VERSION", "")
    return bool(environment.get("WT_SESSION") or environment.get("KONSOLE_VERSION")) or (
        version.isascii() and version.isdecimal() and len(version) < 9 and int(version) >= 5000
    )


def _columns(descriptor: int, environment: Mapping[str, str]) -> int:
    """The terminal is asked first: COLUMNS is often a leftover of the window's size at the start. A pipe has no size but COLUMNS."""
    try:
        found = os.get_terminal_size(descriptor).columns
    except OSError:
        found = 0
    given = environment.get("COLUMNS", "")
    wanted = int(given) if given.isascii() and given.isdecimal() and len(given) <= 6 else 0
    return found or min(wanted, _WIDEST) or 100


def _unicode(environment: Mapping[str, str]) -> bool:
    """Does the locale say that the terminal shows UTF-8? (Python itself writes UTF-8 even in the C locale.)"""
    if os.name == "nt":
        return True
    spoken = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    return "utf-8" in spoken.lower() or "utf8" in spoken.lower()
