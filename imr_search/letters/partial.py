"""Requests that were allowed in part: what was asked for, and what the claims administrator authorized before the review.

"X was the original request. Y was authorized by the Claims Administrator. The remaining IMR eligible portion of the original request, Z"
"X was the original request. The Claims Administrator authorized Y, leaving the original request IMR eligible. The original request, X"
"""

from __future__ import annotations

import re
from typing import Final

_ORIGINAL: Final = re.compile(r"\b(?:was|were)\s+(?:a\s+part\s+of\s+)?the\s+original\s+request\b", re.IGNORECASE)
_WHO: Final = r"the\s+(?:claims\s+administrator|claims\s+examiner|utilization\s+review(?:er)?|insurer|carrier)\b"
_ALLOWED: Final = r"(?:authorized|certified|approved|allowed)"
_AFTER: Final = re.compile(rf"\b(?:was|were)\s+(?:partially\s+)?{_ALLOWED}\s+by\s+{_WHO}", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"\b{_WHO}\s+(?:has\s+|had\s+)?(?:partially\s+)?{_ALLOWED}\s+", re.IGNORECASE)
_END: Final = re.compile(r",?\s+leaving\s+the\b|\.\s+The\s+(?:remaining|original)\b", re.IGNORECASE)
_AROUND: Final = " \n.,;:"


def approved_part(title: str) -> tuple[str | None, str | None]:
    """The whole request and what of it was authorized; None for what the title does not say. Linear in it."""
    original = _ORIGINAL.search(title)
    requested = title[: original.start()] if original else ""
    rest = title[original.end() :] if original else title
    authorized = ""
    if found := _AFTER.search(rest):
        authorized = rest[: found.start()]
    elif found := _BEFORE.search(rest):
        authorized = rest[found.end() :]
        if end := _END.search(authorized):
            authorized = authorized[: end.start()]
    return requested.strip(_AROUND) or None, authorized.strip(_AROUND) or None
