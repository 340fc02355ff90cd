"""Raw text to one canonical shape, so that no later step knows which extractor it came from.

Canonical: NFKC, "\\n" only, lines stripped, a page break alone on its line as "\\f", one blank line where the page shows a
gap, no footers, no soft hyphens, no control characters but these two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from imr_search.errors import LetterError
from imr_search.letters.stamps import without_stamps

_T = TypeVar("_T")

_SEEMING_BREAK: Final = "\v"  # a page break that a footer or the spacing tells of, and not the reader
LOST_PAGE: Final = "\ufffc"  # stands alone on a page that could not be read: a picture of a page, as scanners make them

MAX_CHARS: Final = 8_000_000  # of a file's text, as read and after every step that may lengthen it

# A soft hyphen at a line's end joins a word; U+0002 and U+FFFE are what pypdfium2 gives for a hyphen at a line's end.
_SOFT_BREAK = re.compile("\u00ad[ \t]*\n[ \t]*")
# A run that may be combining marks: sorting a run of them takes time that grows with its square.
_MOST_MARKS: Final = 30  # in a row, as in the stream-safe text of UAX #15; no script needs more
_MAYBE_MARKS = re.compile(r"[^\x00-\u02ff]{31,}")
_MOST_EXOTIC: Final = (
    100_000  # characters that may each become eighteen; with more, a text is normalised piece by piece
)
_PIECE = re.compile(r"[^\n]{0,4096}\n?")
_DROPPED = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_CONTROLS = {c: " " for c in [*range(0x20), 0x7F, *range(0x80, 0xA0), 0x1680] if c not in (0x0A, 0x0C)} | {0x85: "\n"}
_ASCII_CONTROLS = bytes([*range(0x0A), 0x0B, *range(0x0E, 0x20), 0x7F])
_ODD = re.compile("[\x00-\x09\x0b\x0e-\x1f\x7f-\x9f\xad\u1680\u200b-\u200d\u2028\u2029\u2060\ufeff]")
_ZERO_WIDTH = str.maketrans(_DROPPED)
_BLANKED = str.maketrans(_CONTROLS)
_LINE_SEPARATORS = str.maketrans({0x2028: "\n", 0x2029: "\n\n"})
_PDF_HYPHENS = re.compile("[\x02\ufffe](?:\n| (?= ))?")

_FOOTER = re.compile(
    r"[ \t]*\n?[ \t]*Final\s+Determination\s+Letter\s+for\s+(?:IMR\s+)?Case\s+(?:Number|No\.?)\s*:?\s*CM\d\d-\d{5,8}"
    r"(?:[ \t]*\n?[ \t]*(?:Page\s*)?\d{1,3}(?![\w/.,-])(?:\s*of\s*\d{1,3})?)?[ \t]*",
    re.IGNORECASE,
)
_FOOTER_CASE = re.compile(
    r"Final\s+Determination\s+Letter\s+for\s+(?:IMR\s+)?Case\s+(?:Number|No\.?)\s*:?\s*(CM\d\d-\d{5,8})"
)
_PAGE_NUMBER = re.compile(r"(?:Page\s+)?\d{1,3}(?:\s+of\s+\d{1,3})?", re.IGNORECASE)
_BLANK: Final = "\n \v"
_PLACEHOLDER: Final = re.compile(
    r"[\W_]{0,4}(?:scanned |embedded |full[- ]page |inline )?(?:image|picture|scan|scanned page|illegible(?: page)?|no text(?: layer| found)?"
    r"|(?:page )?not readable|unreadable(?: page)?|ocr failed)(?:[ :#]{0,3}[\w.-]{1,30}){0,4}[\W_]{0,4}",
    re.IGNORECASE,
)
_LEFT_BLANK: Final = re.compile(
    r"[\W_]{0,4}(?:this )?page (?:is |was )?(?:intentionally )?(?:left )?blank[\W_]{0,4}", re.IGNORECASE
)
_LONGEST_PLACEHOLDER: Final = 80
_DOUBLE = re.compile(r"\n[ \t]*\n")
_FEW_LINES = 20
_LONG_LINE = 200
_GAP = re.compile(r"\n{3,}")


def _pages(raw: str) -> list[str]:
    """The pages of a raw text; one without text between others, or one that its reader marks, is LOST_PAGE."""
    pages = raw.split("\f")
    full = [number for number, page in enumerate(pages) if page.strip()]
    if not full:
        return pages
    return [
        LOST_PAGE if page.strip() == LOST_PAGE or (not page.strip() and full[0] < number < full[-1]) else page
        for number, page in enumerate(pages)
    ]


def canonical(raw: str) -> str:
    """The canonical text, as in `canonical_pages`."""
    return canonical_pages(raw)[0]


def canonical_pages(raw: str) -> tuple[str, list[int]]:
    """The canonical text, and for each of its pages the number of the raw page on which it stands, from 1.

    Linear in `raw`. Raises LetterError (too large) when the text is, or becomes, longer than MAX_CHARS.
    """
    text = raw
    if len(text) > MAX_CHARS:
        raise LetterError("too large", f"{len(text)} characters")
    if "\f" in text:
        text = "\f".join(_pages(text))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x02" in text or "\ufffe" in text:
        text = _PDF_HYPHENS.sub("-\n", text)
    if not text.isascii():
        if _ODD.search(text):
            text = _SOFT_BREAK.sub("", text).translate(_LINE_SEPARATORS).translate(_ZERO_WIDTH).translate(_BLANKED)
        text = _normalized(text)
    elif _has_controls(text):
        text = text.translate(_BLANKED)
    while "  " in text:  # halves the runs, so that no pattern meets a long one
        text = text.replace("  ", " ")
    text = _single_spaced(text)
    if "etermination Letter" in text or "ETERMINATION LETTER" in text or "etermination\nLetter" in text:
        text = _FOOTER.sub(_footer_gap, text)
    inked = [page.strip(_BLANK) for page in text.split("\f")] if "\f" in text else []
    for mark in ("\f", _SEEMING_BREAK):
        if mark in text:
            text = text.replace(mark, f"\n{mark}\n")
    text = _single_spaced("\n".join(without_stamps([line.strip(" \t") for line in text.split("\n")])))
    numbers = [1]
    if "\f" in text or _SEEMING_BREAK in text:
        numbered = [
            (number, _without_placeholder(_without_number(page.strip("\n "))))
            for number, printed in enumerate(text.split("\f"), 1)
            for page in printed.split(_SEEMING_BREAK)
        ]
        full = [number for number, page in numbered if page]
        # nothing but stamps stood there, or nothing at all between two pages
        stamped = {number for number, page in enumerate(inked, 1) if _without_placeholder(_without_number(page))}
        said_blank = {number for number, page in enumerate(inked, 1) if _without_number(page)} - stamped
        empty = (stamped | set(range(full[0], full[-1]))) - set(full) - said_blank if full else set()
        kept = [(number, page or LOST_PAGE) for number, page in numbered if page or number in empty]
        numbers = [number for number, _ in kept]
        text = "\n\f\n".join([page for _, page in kept])
    if "\n\n\n" in text:
        text = _GAP.sub("\n\n", text)
    return text.strip("\n\f "), numbers


def _normalized(text: str) -> str:
    """NFKC, in time and memory that grow with the text's length only. Raises LetterError (too large)."""
    text = _MAYBE_MARKS.sub(_few_marks, text)
    if len(text) - len(text.encode("ascii", errors="ignore")) <= _MOST_EXOTIC:
        return unicodedata.normalize("NFKC", text)
    pieces: list[str] = []
    size = 0
    for found in _PIECE.finditer(text):
        pieces.append(unicodedata.normalize("NFKC", found.group()))
        size += len(pieces[-1])
        if size > MAX_CHARS:
            raise LetterError("too large", f"over {MAX_CHARS} characters when normalized")
    return "".join(pieces)


def _few_marks(found: re.Match[str]) -> str:
    """The run with at most `_MOST_MARKS` combining marks in a row."""
    kept: list[str] = []
    marks = 0
    for character in found.group():
        marks = marks + 1 if _is_mark(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    """Whether normalising gives combining marks and nothing else, as of U+0301, and of U+FF9E, which is none itself."""
    return all(unicodedata.combining(part) for part in unicodedata.normalize("NFKD", character))


def _without_placeholder(page: str) -> str:
    """LOST_PAGE for what a program writes in the place of a picture, and nothing for a page that says that it is blank."""
    if not page or len(page) > _LONGEST_PLACEHOLDER:
        return page
    if _LEFT_BLANK.fullmatch(page):
        return ""
    return LOST_PAGE if _PLACEHOLDER.fullmatch(page) else page


def _without_number(page: str) -> str:
    """A page without its number, alone on the last line, or with the word "Page" on the first."""
    rest, _, last = page.rpartition("\n")
    if len(last) < 16 and _PAGE_NUMBER.fullmatch(last):
        page = rest.rstrip("\n ")
    if page.startswith(("Page ", "PAGE ", "page ")):
        first, _, rest = page.partition("\n")
        if _PAGE_NUMBER.fullmatch(first):
            page = rest.lstrip("\n ")
    return page


def _has_controls(text: str) -> bool:
    data = text.encode("ascii")
    return len(data.translate(None, _ASCII_CONTROLS)) != len(data)


def footer_cases(raw: str) -> frozenset[str]:
    """The case numbers in the footers, which canonical text no longer has."""
    return frozenset(found[1] for found in _FOOTER_CASE.finditer(raw))


def _single_spaced(text: str) -> str:
    """Some extractors put a blank line after every line, true blank lines included: take that one away again.

    What is left empty then is a page break (true blank lines of such texts hold a space), so it is marked as one. A text
    whose paragraphs are single long lines has as many blank lines, and they are true.
    """
    lines = text.count("\n")
    if lines < _FEW_LINES or text.count("\n\n") * 20 < lines * 9 or max(map(len, text.split("\n"))) > _LONG_LINE:
        return text
    halved = _DOUBLE.sub("\n", text)
    return halved.replace("\n\n", f"\n{_SEEMING_BREAK}\n") if " \n" in halved else halved


def _footer_gap(found: re.Match[str]) -> str:
    """A footer leaves a page break when it filled its line, and a space when it stood inside a sentence."""
    after = found.string[found.end() : found.end() + 1]
    begins_line = "\n" in found.group(0)[:2] or found.start() == 0 or found.string[found.start() - 1] == "\n"
    if begins_line and after in ("\n", "\f", ""):
        return "\n" + _SEEMING_BREAK
    return "\n" if begins_line else " "


_HYPHEN_BREAK = re.compile(r"\n(?<=[-\u2010]\n)\s*")


def unwrap(part: str) -> str:
    """A part of canonical text as one line: lines and pages joined, white space collapsed, "98-" / "99" as "98-99"."""
    if "-\n" in part or "\u2010\n" in part:
        part = _HYPHEN_BREAK.sub("", part)
    return " ".join(part.replace(LOST_PAGE, " ").split())


def last_of(pattern: re.Pattern[str], text: str, start: int = 0) -> re.Match[str] | None:
    """The last match from `start` on, or None."""
    found = None
    for match in pattern.finditer(text, start):
        found = match
    return found


def followed(found: Sequence[_T]) -> Iterator[tuple[_T, _T | None]]:
    """Each with the one after it; the last with None."""
    for at, this in enumerate(found):
        yield this, found[at + 1] if at + 1 < len(found) else None
