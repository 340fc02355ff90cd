"""Which pages a citation names: numbers count only behind a page cue, and years, tables and editions never do."""

from __future__ import annotations

import re

import msgspec

LONGEST_RANGE = 400

_NUMBER = r"\d{1,4}(?![\d%]|\.\d|/\d|\s*(?:st|nd|rd|th)\b)"
_ITEM = rf"{_NUMBER}(?:\s*(?:-|\bto\b|\bthrough\b)\s*{_NUMBER})?"
_CUE = r"\b(?:pages?\s?\(s\)|pages?|pgs?\b\.?|pp\b\.?|p\.)\s?[:.#]?\s?"
_LIST = re.compile(
    rf"{_CUE}({_ITEM}(?:\s?(?:,\s?and\b|,\s?&|,|;|&|\band\b)?\s?(?:{_CUE})?{_ITEM})*)(?:\sof\s\d{{1,4}}\b)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d{1,4})(?:\s*(?:-|to|through)\s*(\d{1,4}))?", re.IGNORECASE)
_LONE_CUE = re.compile(r"\b(?:pages?\s?\(s\)|pages?|pgs?\.?|pp\.?)\s?[:.]?\s*$", re.IGNORECASE)


class PageList(msgspec.Struct, frozen=True):
    """One run of page numbers; `start` and `end` are offsets of it, cue included. `long` holds ranges that were not expanded."""

    start: int
    end: int
    pages: tuple[int, ...]
    long: tuple[str, ...] = ()


def find(text: str) -> list[PageList]:
    """Every page list of `text` (dashes already plain), in order; lists with nothing between them are one."""
    found: list[PageList] = []
    for match in _LIST.finditer(text):
        pages, long = expand(match.group(1))
        if not pages:
            continue
        before = found[-1] if found else None
        if before is not None and not text[before.end : match.start()].strip(" ,;:.&-"):
            pages = tuple(sorted({*before.pages, *pages}))
            found[-1] = PageList(before.start, match.end(), pages, before.long + long)
        else:
            found.append(PageList(match.start(), match.end(), pages, long))
    return found


def expand(numbers: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """ "76-80, 98" as sorted pages, and the ranges over LONGEST_RANGE of which only the ends were kept. Years are left out."""
    pages: set[int] = set()
    long: list[str] = []
    for match in _RANGE.finditer(numbers):
        first, last = match.group(1), match.group(2)
        if last is None:
            if not _is_year(first):
                pages.add(int(first))
            continue
        low, high = int(first), int(last)
        if high < low and len(last) < len(first):
            high = int(first[: len(first) - len(last)] + last)  # 111-13 is 111-113
        if _is_year(first) and _is_year(last):
            continue
        low, high = min(low, high), max(low, high)
        if high - low > LONGEST_RANGE:
            long.append(f"{low}-{high}")
            pages.update((low, high))
        else:
            pages.update(range(low, high + 1))
    pages.discard(0)
    return tuple(sorted(pages)), tuple(long)


def without_lone_cue(text: str) -> str:
    """`text` without a page cue at its end that has no number."""
    return _LONE_CUE.sub("", text)


def _is_year(number: str) -> bool:
    return len(number) == 4 and number[:2] in ("19", "20")
