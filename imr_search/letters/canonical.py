"""Raw text to one canonical shape, so that no later step knows which extractor it came from, and without stamps.

Canonical: NFKC, "\\n" only, lines stripped, a page break alone on its line as "\\f", one blank line where the page shows a
gap, no footers, no soft hyphens, no control characters but these two.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from imr_search.errors import LetterError
from imr_search.letters.stamps import without_stamps

_T = TypeVar("_T")

_SEEMING_BREAK: Final = "\v"  # a page break that a footer or the spacing tells of, and not the reader
_PAGE_BREAK: Final = "\n\f\n"  # of canonical text
LOST_PAGE: Final = "\ufffc"  # stands alone on a page that could not be read: a picture of a page, as scanners make them

MAX_CHARS: Final = 8_000_000  # of a file's text, as read and after every step that may lengthen it

# A soft hyphen at a line's end joins a word; U+0002 and U+FFFE are what pypdfium2 gives for a hyphen at a line's end.
_SOFT_BREAK = re.compile("\u00ad[ \t]*\n[ \t]*")
# A run that may be combining marks: sorting a run of them takes time that grows with its square.
_MOST_MARKS: Final = 30  # in a row, as in the stream-safe text of UAX #15; no script needs more
_MAYBE_MARKS = re.compile(r"[^\x00-\u02ff]{31,}")
# Of characters that may each become eighteen; with more, a text is normalised piece by piece.
_MOST_EXOTIC: Final = 100_000
_PIECE = re.compile(r"[^\n]{0,4096}\n?")
_DROPPED = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_CONTROLS = {c: " " for c in [*range(0x20), 0x7F, *range(0x80, 0xA0), 0x1680] if c not in (0x0A, 0x0C)} | {0x85: "\n"}
_USUAL = b"\n\f\r" + bytes(range(0x20, 0x7F))
_ODD = re.compile("[\x00-\x09\x0b\x0e-\x1f\x7f-\x9f\xad\u1680\u200b-\u200d\u2028\u2029\u2060\ufeff]")
_ZERO_WIDTH = str.maketrans(_DROPPED)
_BLANKED = str.maketrans(_CONTROLS)
_LINE_SEPARATORS = str.maketrans({0x2028: "\n", 0x2029: "\n\n"})
_PDF_HYPHENS = re.compile("[\x02\ufffe](?:\n| (?= ))?")

_FOOTER = re.compile(
    r"[Ff](?i:inal\s+Determination\s+Letter\s+for\s+(?:IMR\s+)?Case\s+(?:Number|No\.?)\s*:?\s*CM\d\d-\d{5,8}"
    r"(?: *\n? *(?:Page\s*)?\d{1,3}(?![\w/.,-])(?:\s*of\s*\d{1,3})?)? *)"
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


def _lost_pages_marked(raw: str) -> str:
    """A raw text where a page without text between others, or one that its reader marks, is LOST_PAGE."""
    pages = raw.split("\f")
    if all(map(str.strip, pages[1:-1])) and LOST_PAGE not in raw:
        return raw
    full = [number for number, page in enumerate(pages) if page.strip()]
    if not full:
        return raw
    return "\f".join(
        LOST_PAGE if page.strip() == LOST_PAGE or (not page.strip() and full[0] < number < full[-1]) else page
        for number, page in enumerate(pages)
    )


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
        text = _lost_pages_marked(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x02" in text or "\ufffe" in text:
        text = _PDF_HYPHENS.sub("-\n", text)
    unusual = text.encode("utf-8", "surrogatepass").translate(None, _USUAL).decode("utf-8", "surrogatepass")
    if unusual:
        if _ODD.search(unusual):
            text = _SOFT_BREAK.sub("", text).translate(_LINE_SEPARATORS).translate(_ZERO_WIDTH).translate(_BLANKED)
        text = _normalized(text, unusual)
    printed = text = _collapsed(text)
    lines = _lines(text)
    if _gaps_prevail(lines.count(""), len(lines) - 1 - 2 * lines.count("\f")):
        text = _single_spaced(text)
    if "etermination Letter" in text or "ETERMINATION LETTER" in text or "etermination\nLetter" in text:
        text = _without_footers(text)
    if text is not printed:
        printed = text
        lines = _lines(text)
    lines = without_stamps(lines)
    text = "\n".join(lines)
    if _gaps_prevail(lines.count(""), len(lines) - 1):
        text = _single_spaced(text)
    numbers = [1]
    if "\f" in text or _SEEMING_BREAK in text:
        numbered = [
            (number, _without_placeholder(_without_number(page.strip("\n "))))
            for number, part in enumerate(text.split("\f"), 1)
            for page in (part.split(_SEEMING_BREAK) if _SEEMING_BREAK in part else (part,))
        ]
        full = {number for number, page in numbered if page}
        lost = _lost_pages(printed, full) if len(full) < numbered[-1][0] else ()
        kept = [(number, page or LOST_PAGE) for number, page in numbered if page or number in lost]
        numbers = [number for number, _ in kept]
        text = _PAGE_BREAK.join([page for _, page in kept])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip("\n\f "), numbers


def _collapsed(text: str) -> str:
    """`text` with one space for each run of them, so that no pattern meets a long one."""
    if "  " not in text:
        return text
    # of a run, what is left of its pairs stands in front of the next piece
    return " ".join([piece.lstrip(" ") for piece in text.split("  ") if piece])


def _lines(text: str) -> list[str]:
    for mark in ("\f", _SEEMING_BREAK):
        if mark in text:
            text = text.replace(mark, f"\n{mark}\n")
    return [line.strip(" ") for line in text.split("\n")]


def _lost_pages(text: str, full: set[int]) -> set[int]:
    """The numbers of the pages of `text`, from 1, that are lost: they are not `full`, and do not say that they are blank."""
    lost: set[int] = set()
    for number, printed in enumerate(text.split("\f"), 1):
        if number in full or not full:
            continue
        page = _without_number(printed.strip(_BLANK))
        # nothing but stamps stood there, or nothing at all between two pages
        if _without_placeholder(page) or (not page and min(full) < number < max(full)):
            lost.add(number)
    return lost


def _normalized(text: str, unusual: str) -> str:
    """NFKC, in time and memory that grow with the text's length only. `unusual`: at least all of it that is not ASCII.

    Raises LetterError (too large).
    """
    if len(unusual) > _MOST_MARKS:
        text = _MAYBE_MARKS.sub(_few_marks, text)
    if len(unusual) <= _MOST_EXOTIC:
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


def footer_cases(raw: str) -> frozenset[str]:
    """The case numbers in the footers, which canonical text no longer has."""
    return frozenset(found[1] for found in _FOOTER_CASE.finditer(raw))


def _gaps_prevail(gaps: int, breaks: int) -> bool:
    """Whether nearly every other line is empty: then a text has nearly half as many gaps as it has ends of lines."""
    return gaps * 20 >= breaks * 9


def _single_spaced(text: str) -> str:
    """Some extractors put a blank line after every line, true blank lines included: take that one away again.

    What is left empty then is a page break (true blank lines of such texts hold a space), so it is marked as one. A text
    whose paragraphs are single long lines has as many blank lines, and they are true.
    """
    breaks = text.count("\n")
    prevail = breaks >= _FEW_LINES and _gaps_prevail(text.count("\n\n"), breaks)
    if not prevail or max(map(len, text.split("\n"))) > _LONG_LINE:
        return text
    halved = _DOUBLE.sub("\n", text)
    return halved.replace("\n\n", f"\n{_SEEMING_BREAK}\n") if " \n" in halved else halved


def _without_footers(text: str) -> str:
    """A footer leaves a page break when it filled its line, and a space when it stood inside a sentence."""
    kept: list[str] = []
    end = 0
    for found in _FOOTER.finditer(text):
        before = text[end : found.start()].rstrip(" ")
        begins_line = before.endswith("\n") if before else end == 0
        end = found.end()
        fills_line = begins_line and text[end : end + 1] in ("\n", "\f", "")
        kept += (
            before.removesuffix("\n").rstrip(" "),
            f"\n{_SEEMING_BREAK}" if fills_line else "\n" if begins_line else " ",
        )
    return "".join(kept) + text[end:]


_HYPHEN_BREAK = re.compile(r"\n(?<=[-\u2010]\n)\s*")


_AROUND: Final = f"\n\f {LOST_PAGE}"


def unwrap(part: str) -> str:
    """A part of canonical text as one line: lines and pages joined, white space collapsed, "98-" / "99" as "98-99"."""
    line = part.strip(_AROUND)
    if "-\n" in line or "\u2010\n" in line:
        line = _HYPHEN_BREAK.sub("", line)
    for mark in ("\n", "\f", LOST_PAGE):
        if mark in line:
            line = line.replace(mark, " ")
    return _collapsed(line)


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


_EDGE_LINES: Final = 2
_LONGEST_EDGE: Final = 70
_OWN: Final = re.compile(
    r"guideline|rationale|upheld|overturned|modified|necessary|date|priority|received|case n|CM\d\d-\d{5}|\bMTUS\b|\bODG\b|\bsection|[:.]\Z"
    # headings, which are at the top of each page where each is a letter
    r"|how the imr|documents reviewed|clinical case|imr issues|imr decision|medical review decision",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+")


def without_running_heads(text: str) -> str:
    """Canonical text without lines that stand at the top or the foot of nearly every page, numbers aside: running heads and stamps."""
    pages = text.split(_PAGE_BREAK)
    printed = [page for page in pages if page != LOST_PAGE] if LOST_PAGE in text else pages
    if len(printed) < 2:
        return text
    edges = [_edges(page) for page in printed]
    most = len(printed) if len(printed) < 3 else max(2, (len(printed) * 2 + 2) // 3)
    counted = Counter(line for lines in edges for line in {_masked(line) for line in lines})
    running = {line for line, count in counted.items() if count >= most and _is_head(line, printed)}
    if running:  # the letter's own lines are none, however often they stand there
        counted = Counter(line for lines in edges for line in {_masked(line) for line in lines if not _is_own(line)})
        running = {line for line in running if counted[line] >= most}
    if not running:
        return text
    return _PAGE_BREAK.join(_without(page, _edges(page), running) for page in pages)


def _is_head(line: str, pages: Sequence[str]) -> bool:
    """A head has a number in it or its longer words in capitals; a sentence that was broken by a page has neither. Of two pages, capitals tell it
    where it stands first on both, or last, and they are not the covers of two letters."""
    return "#" in line or (
        all(word[0].isupper() for word in line.split() if len(word) > 3)
        and (
            len(pages) > 2
            or all(page.endswith(line) for page in pages)
            or (all(page.startswith(line) for page in pages) and not line.startswith("MAXIMUS"))
        )
    )


def _edges(page: str) -> list[str]:
    """The first and last lines of a page, without those that are too long for a head."""
    lines = page.split("\n", 8)
    if len(lines) > 8:
        lines = [*lines[:4], *page.rsplit("\n", 4)[1:]]
    own = [line for line in lines if line]
    return [line for line in (*own[:_EDGE_LINES], *own[-_EDGE_LINES:]) if len(line) <= _LONGEST_EDGE]


def _masked(line: str) -> str:
    """The line with its numbers made alike."""
    return _DIGITS.sub("#", line)


def _is_own(line: str) -> bool:
    """Whether it may be the letter's own."""
    return _OWN.search(line) is not None


def _without(page: str, edges: Collection[str], running: set[str]) -> str:
    gone = {line for line in edges if _masked(line) in running and not _is_own(line)}
    return "\n".join([line for line in page.split("\n") if line not in gone]).strip("\n ")
