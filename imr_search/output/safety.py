"""Letters are strangers' text: what of it may reach a terminal, a spreadsheet or a JSON reader.

No control character and no bidirectional or invisible format character passes `clean`; the only control character in what this package
prints is the newline (and, with colours, its own escape sequences). Data formats keep such characters as escapes.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"
_FORMULA = frozenset(
    "=+-@\u2212"
)  # as NFKC folds them: a full-width or small sign starts a formula in some spreadsheets too
_SPACE_STARTS = ("\t", "\r", "\n", "\v", "\f", "\x85", "\u2028", "\u2029")
# Printable by Unicode's categories, and yet shown as nothing: fillers, the Braille blank.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_UNSEEN_MARK = re.compile(
    "[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)  # joiners of marks, selectors of variants
_PLAIN = {
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "•": "*",
    "·": "*",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
    "®": "(R)",
    "™": "(TM)",
    "§": "S.",
    "→": "->",
    "█": "#",
    "│": "|",
    "─": "-",
}


def clean(text: str) -> str:
    """`text` as one line that is safe to print: white space of any kind is a space, invisible format characters go, other control
    characters, lone surrogates and unassigned characters become U+FFFD. Piecewise: clean(a + b) == clean(a) + clean(b)."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _instead(char) for char in text)


def insertable(text: str) -> str | None:
    """`text` as it may be put into an input line, the prompt's or a shell's; None where it holds characters that no one should type unseen."""
    found = clean(text)
    unseen = REPLACEMENT in found or (not found.isascii() and (_BLANK & set(found) or _UNSEEN_MARK.search(found)))
    return None if unseen else found


def _instead(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f\x85":
        return " "
    return "" if category == "Cf" else REPLACEMENT


def ascii_only(text: str) -> str:
    """Safe text for a terminal that knows nothing but ASCII; what has no likeness there becomes a question mark."""
    if text.isascii():
        return text
    text = "".join(_PLAIN.get(char, char) for char in text)
    return (
        "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
        .encode("ascii", "replace")
        .decode()
    )


def width(text: str) -> int:
    """How many columns clean text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    """Of one character: none for a mark over or under the one before it and for the vowels that join a Korean syllable, two for a wide one."""
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7fb":
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def escape_json(text: str) -> str:
    """JSON text whose invisible characters are written as escapes: the same value for a program, harmless to a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char == "\n" or char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def cell(text: str, raw: bool = False) -> str:
    """A text for a spreadsheet's cell: one line, and never read as a formula (unless `raw`).

    Cleaned first and judged then: what `clean` takes away may be all that hides a sign ("\\u200e=1+1"). Only a spreadsheet knows what it passes
    over before it looks for a sign, so that everything is passed over which a reader would not see, and quotation marks, which are taken for the
    cell's own. What stands behind a semicolon is judged likewise: where that is the separator, it starts a cell.
    """
    cleaned = clean(text)
    if not raw and ";" in cleaned:
        first, *rest = cleaned.split(";")
        cleaned = ";".join([first, *("'" + part if _starts_formula(part) else part for part in rest)])
    guarded = not raw and (text.startswith(_SPACE_STARTS) or _starts_formula(cleaned))
    return ("'" if guarded else "") + cleaned


def holds_formula(text: str, separator: str) -> bool:
    """Would a spreadsheet that parts a cell at `separator`, too, find a formula in it?"""
    return any(map(_starts_formula, text.split(separator)[1:]))


def doubled(text: str) -> str:
    """In quotation marks, as RFC 4180 has them."""
    return '"' + text.replace('"', '""') + '"'


def _starts_formula(text: str) -> bool:
    for char in text:
        if char in '"\u201c\u201d' or _unseen(char):
            continue
        return _sign(char)
    return False


def _sign(char: str) -> bool:
    return unicodedata.normalize("NFKC", char)[:1] in _FORMULA


def _unseen(char: str) -> bool:
    return char.isspace() or char == REPLACEMENT or char in _BLANK or unicodedata.category(char) in ("Mn", "Me", "Mc")


def markdown(text: str) -> str:
    """Clean text that Markdown shows as it is: nothing in a letter becomes a link, a heading or HTML."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join("\\" + char if char in "\\`*_[]|#~!" else char for char in text)
