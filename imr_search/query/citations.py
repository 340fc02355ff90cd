"""Pages in a quoted citation: `"chronic pain page 98"` asks for words and for a page of one citation."""

from __future__ import annotations

import re

# page 98, p. 98, Page(s): 98-99, pages 98 to 99, pp. 76-80, 98 and 105
_CUE = re.compile(
    r"\b(?:pages?|pgs?|pp?)(?![a-z])\.?\s*(?:\(s\))?\s*[:.#]?\s*(?P<pages>\d{1,6}(?:\s*(?:-|to|through|,|&|and)\s*\d{1,6})*)(?!\w|[./]\d)",
    re.IGNORECASE,
)
_PART = re.compile(r"(\d{1,6})(?:\s*(?:-|to|through)\s*(\d{1,6}))?", re.IGNORECASE)


def cut(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """What a quoted citation says besides its pages, and the pages as (low, high), either of which may be empty. "p. 98-9" is 98 to 99."""
    pages: list[tuple[int, int]] = []

    def take(match: re.Match[str]) -> str:
        for part in _PART.finditer(match["pages"]):
            low, high = part[1], part[2] or part[1]
            if len(high) < len(low):
                high = low[: len(low) - len(high)] + high
            pages.append((min(int(low), int(high)), max(int(low), int(high))))
        return " "

    rest = _CUE.sub(take, text)
    return " ".join(rest.split()), tuple(dict.fromkeys(pages))
