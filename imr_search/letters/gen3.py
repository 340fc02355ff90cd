"""Generations 3a, 3b, 4 and 5: three labelled paragraphs an item, the outcome at the end of its title."""

from __future__ import annotations

import re
from typing import Final

from imr_search.letters import headings
from imr_search.letters.drafts import Draft, Reading
from imr_search.letters.labelled import Labels, read_items, strays
from imr_search.letters.sections import find_frame, read_front
from imr_search.letters.titles import find_outcome, title_start

_LABEL: Final = {
    "ca": r"Claims\s+Administrator\s+guidelines?\s*:",
    "reviewer": r"MAXIMUS\s+guidelines?\s*:",
    "rationale": r"Decision\s+rationale\s*:",
}
# A title of its own with an outcome, or one of the form's headings, where only prose should stand.
_ALIEN: Final = re.compile(
    r"(?:\n\n|\n\f\n)[^\n]{1,300}:[ \n]*(?:Partially\s+)?(?:Upheld|Overturned|Modified)[ .]*(?=\n\n|\n\f|\Z)|"
    r"IMR\s+ISSUES,\s+DECISIONS|HOW\s+THE\s+IMR\s+FINAL|CLINICAL\s+CASE\s+SUMMARY|(?:MAXIMUS|Administrator)\s+guidelines?\b|"
    r"Decision\s+rationale\b|set\s+forth\s+below:|\)\s*/\s*Specialty\s*:|of\s+Licensure\s*:",
)
# What such a thing cannot do without: looked for first, because most prose has none of it.
_HINTS: Final = (
    *("pheld", "PHELD", "verturned", "VERTURNED", "odified", "ODIFIED"),
    *("IMR", "SUMMARY", "MAXIMUS", "Administrator", "rationale", "forth", "Specialty", "Licensure"),
)


def _alien(text: str) -> bool:
    for hint in _HINTS:  # a loop and not any(): this runs thrice an item
        if hint in text:
            return _ALIEN.search(text) is not None
    return False


_LABELS: Final = Labels(
    label={name: re.compile(label) for name, label in _LABEL.items()},
    any_case={name: re.compile(label, re.IGNORECASE) for name, label in _LABEL.items()},
    spoken=False,
    reach=200,
    find_outcome=find_outcome,
    far_outcome=re.compile(r":[ \n]*(?:Partially\s+)?(?:Upheld|Overturned|Modified)[ .]*(?=\n\n|\n\f)", re.IGNORECASE),
    title_start=title_start,
    alien=_alien,
    one_first_title=True,
)
# "MTUS Low Back Complaints 2004, Section(s): ..." came with the MTUS of late 2016, the ACOEM-based one a year later.
_YEAR_OF_MTUS: Final = re.compile(r"(?<!Non-)MTUS\s+(?!Citation)[A-Z][^.;:]{2,90}?\s(20\d\d)(?=[.,;]|\s+and\b|\s*\Z)")


def has_marks(text: str) -> bool:
    return any(label.search(text) for label in _LABELS.label.values()) or headings.ISSUES.find(text) is not None


def read(text: str, decided: str | None) -> Reading:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    frame = find_frame(text, headings.ISSUES)
    drafts, first_item = read_items(text, frame.body, _LABELS)
    summary, reviewer, doubts = read_front(text, frame, first_item)
    doubts += strays(text, frame.body, _LABELS)
    generation = _generation(drafts, reviewer.tabled, decided)
    return Reading(generation, summary, reviewer.specialty, reviewer.licensed, drafts, doubts)


def _generation(drafts: tuple[Draft, ...], tabled: bool, decided: str | None) -> str:
    """3a to 5, by what the guidelines cite and, where nothing is cited, by the decision's date."""
    cited = " ".join(f"{draft.guideline} {draft.ca_guideline}" for draft in drafts)
    years = {found[1] for found in _YEAR_OF_MTUS.finditer(cited)}
    if (decided and decided >= "2018") or (not decided and max(years, default="") >= "2017"):
        return "5"
    if (decided and decided >= "2016-12" and tabled) or "Section(s):" in cited or (years and "Page(s)" not in cited):
        return "4"
    return "3b" if tabled else "3a"
