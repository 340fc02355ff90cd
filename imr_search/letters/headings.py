"""The fixed phrases of the form letters, found by literal first (fast) and by words across lines second."""

from __future__ import annotations

import re
from typing import Final

import msgspec

Span = tuple[int, int]


class Heading(msgspec.Struct, frozen=True):
    """`name` is the phrase as printed; `wrapped` finds it over line and page breaks, `alone` in any case on its own line."""

    name: str
    wrapped: re.Pattern[str]
    alone: re.Pattern[str] | None = None

    def find(self, text: str, start: int = 0, end: int | None = None) -> Span | None:
        """[start, end) of the first one, or None."""
        stop = len(text) if end is None else end
        at = text.find(self.name, start, stop)
        if at >= 0:
            return at, at + len(self.name)
        for pattern in (self.wrapped, self.alone):
            if pattern is not None and (found := pattern.search(text, start, stop)):
                return found.span()
        return None


def _heading(name: str, *, alone: bool = True) -> Heading:
    words = r"\s+".join(re.escape(word) for word in name.split())
    pattern = re.compile(rf"^{words}\s*:?$", re.IGNORECASE | re.MULTILINE) if alone else None
    return Heading(name, re.compile(words), pattern)


HOW: Final = _heading("HOW THE IMR FINAL DETERMINATION WAS MADE")
DOCUMENTS: Final = _heading("DOCUMENTS REVIEWED")
SUMMARY: Final = _heading("CLINICAL CASE SUMMARY")
ISSUES: Final = _heading("IMR ISSUES, DECISIONS AND RATIONALES")
DECISIONS: Final = _heading("IMR DECISION(S) AND RATIONALE(S)")
REVIEW_DECISION: Final = _heading("INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE")

SUMMARY_FORM: Final = re.compile(
    r"The\s+(?:expert|physician|medical|professional)?\s*reviewer\s+developed\s+the\s+following\s+clinical\s+case\s+summary"
    r"(?:\s+based\s+on\s+a\s+review\s+of\s+the\s+case\s+file(?:,\s+including\s+all\s+medical\s+records)?)?\s*[:.]?",
    re.IGNORECASE,
)
DECISIONS_FORM: Final = re.compile(
    r"The\s+Final\s+Determination\s+was\s+based\s+on\s+decisions\s+for\s+the\s+disputed\s+items?\s*/\s*services?"
    r"(?:\s+set\s+forth\s+below)?\s*:?",
    re.IGNORECASE,
)

# What may follow the last rationale in the letters that came with their cover and closing pages.
CLOSING: Final = re.compile(
    r"^(?:Effect\s+of\s+the\s+Decision\s*:|Sincerely,|Disclaimer:\s+MAXIMUS|cc:\s+Department\s+of\s+Industrial|"
    r"MEDICAL\s+REVIEWER\s+QUALIFICATIONS\s*:)",
    re.MULTILINE,
)
_CLOSING_HINTS: Final = ("Effect", "Sincerely", "Disclaimer", "cc:", "QUALIFICATIONS")


def before_closing(text: str) -> str:
    """`text` up to the letter's closing formulas, if it has any."""
    found = CLOSING.search(text) if any(hint in text for hint in _CLOSING_HINTS) else None
    return text[: found.start()] if found else text
