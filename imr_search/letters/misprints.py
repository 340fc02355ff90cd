"""Labels of a letter's header as OCR prints them and as other forms word them: "Dccision Datc:", "Date 0f Injury:", "Date of Loss:"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

# The labels of the letters since 2014, each with other wordings for it. Only where one is not found are words like these taken for it, as OCR prints
# them ("Dccision Datc:", "Date 0f Injury:") and other forms say them.
USUAL: Final = {
    "case": ("Case Number", "IMR Number", "IMR No", "IMR"),
    "assigned": ("Date Assigned", "Assigned On", "Assigned"),
    "injured": ("Date of Injury", "Date of Loss", "Date of Accident", "Date of Incident", "Injured On"),
    "decided": ("Decision Date", "Date Decided", "Decided On", "Date of Determination", "Date of Final Determination"),
    "denied": (
        "UR Denial Date",
        "Denial Date",
        "Date of Denial",
        "UR Date",
        "Date of UR",
        "Utilization Review Denial Date",
        "Utilization Review Date",
    ),
    "priority": ("Priority", "Review Type"),
    "received": (
        "Application Received",
        "Date IMR Application Received",
        "Application Received Date",
        "Application Received On",
        "Application Rcvd",
        "IMR Received",
        "IMR Application Date",
    ),
}
_LIKE: Final = 0.8  # of two labels' letters
_BEFORE_COLON: Final = re.compile(r"(?P<words>[A-Za-z][\w|!.#/ \n]{1,34}?)(?P<end>\s?[:;=])")
_SPACES: Final = re.compile(r"\s+")
_NO_LETTER: Final = re.compile(r"[\W_]+")


def with_usual_labels(region: str, known: Iterable[str]) -> str:
    """`region` with the usual label in the place of words that are like one which is not `known` to stand there."""
    wanted = {name: [_letters(label) for label in labels] for name, labels in USUAL.items() if name not in known}

    def mended(found: re.Match[str]) -> str:
        words = found["words"]
        for start in (0, *(space.end() for space in _SPACES.finditer(words))):
            tail = _letters(words[start:])
            for name, labels in wanted.items():
                if any(_are_alike(tail, label) for label in labels):
                    return words[:start] + USUAL[name][0] + found["end"]
        return found.group()

    return _BEFORE_COLON.sub(mended, region) if wanted else region


def _letters(words: str) -> str:
    return _NO_LETTER.sub("", words).casefold()


def _are_alike(words: str, label: str) -> bool:
    if abs(len(words) - len(label)) > 3 or len(label) < 8:
        return words == label
    return SequenceMatcher(None, words, label).ratio() >= _LIKE
