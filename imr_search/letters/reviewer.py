"""The reviewer's specialties and states of licensure, from the table (3b on) or from the sentence (before)."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from imr_search.letters.text import unwrap

_LICENSURE: Final = re.compile(
    r"State\(?s?\)?\s+of\s+Licensure\s*:(.*?)(?=Certification\(?s?\)?\s*/\s*Specialty\s*:|\n\n|\Z)", re.DOTALL
)
_SPECIALTY: Final = re.compile(
    r"Certification\(?s?\)?\s*/\s*Specialty\s*:(.*?)(?=State\(?s?\)?\s+of\s+Lic|\n\n|\Z)", re.DOTALL
)
_SENTENCE: Final = re.compile(
    r"\b(?:is|are)\s+(?:a\s+)?(?:board[-\s]+certified\s+in\s+)(?P<specialty>.{2,300}?),?\s+"
    r"(?:and\s+)?(?:(?:is|are|who\s+is)\s+)?licensed\s+to\s+practice\s+in\s+(?P<states>[^.]{2,200})",
    re.IGNORECASE | re.DOTALL,
)
_LICENSED_ONLY: Final = re.compile(
    r"\bis\s+a\s+licensed\s+(?P<specialty>[^,.]{2,80}?),?\s+(?:and\s+is\s+)?licensed\s+to\s+practice\s+in\s+(?P<states>[^.]{2,200})",
    re.IGNORECASE,
)
_JOINTS: Final = re.compile(
    r",?\s*(?:and\s+)?(?:has|have|with)\s+(?:a\s+)?(?:sub-?\s*special(?:ty|ization)|fellowship(?:\s+training)?|certificates?)"
    r"(?:\s+(?:in|of))\s+|,?\s*(?:and\s+)?(?:is\s+)?fellowship[-\s]+trained\s+in\s+|\s*[,;]\s*(?:and\s+)?",
    re.IGNORECASE,
)
_STATES: Final = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)


class Reviewer(msgspec.Struct, frozen=True):
    """`tabled` tells 3b and later (a table) from earlier letters (a sentence)."""

    specialty: tuple[str, ...]
    licensed: tuple[str, ...]
    tabled: bool


def read_reviewer(section: str) -> Reviewer:
    """`section` is canonical text between the credentials' heading and the summary; what is not there stays ()."""
    if ":" in section and ("icensure" in section or "/Specialty" in section or "/\nSpecialty" in section):
        states = _LICENSURE.search(section)
        specialty = _SPECIALTY.search(section)
        if states or specialty:
            return Reviewer(
                _listed(specialty.group(1) if specialty else "", _JOINTS),
                _listed(states.group(1) if states else "", _STATES),
                tabled=True,
            )
    line = unwrap(section)
    found = _SENTENCE.search(line) or _LICENSED_ONLY.search(line)
    if not found:
        return Reviewer((), (), tabled=False)
    return Reviewer(_listed(found["specialty"], _JOINTS), _listed(found["states"], _STATES), tabled=False)


def _listed(text: str, joints: re.Pattern[str]) -> tuple[str, ...]:
    """ "Texas,New York" -> ("Texas", "New York"); order kept, each once."""
    parts = (part.strip(" .") for part in joints.split(unwrap(text)))
    return tuple(dict.fromkeys(part for part in parts if part))
