"""Generation 2: numbered items whose verdict is a sentence, and guidelines as sentences too."""

from __future__ import annotations

import re
from typing import Final

from imr_search.letters import headings
from imr_search.letters.doubts import doubt
from imr_search.letters.drafts import Reading
from imr_search.letters.labelled import Labels, read_items, strays
from imr_search.letters.sections import find_frame, read_front
from imr_search.letters.titles import title_start
from imr_search.letters.verdicts import count_verdict, verdict_at_end

_LABEL: Final = {
    "ca": r"The\s+Claims\s+Administrator\s+(?:based\s+(?:its|their|his|her|the)|did\s+not\s+(?:base|cite)|cited|used)\b",
    "reviewer": r"The\s+(?:Physician|Expert|Professional)\s+Reviewer\s+"
    r"(?:based\s+(?:his|her|their|its|the)|did\s+not\s+(?:base|cite)|cited|used|found)\b",
    "rationale": r"The\s+(?:Physician|Expert|Professional)\s+Reviewer[’'?]?s?\s+decision\s+rationale\s*:?",
}
# Another numbered verdict in a paragraph of its own, or one of the form's headings, where only prose should stand.
_ALIEN: Final = re.compile(
    r"(?:\n\n|\n\f\n)\d{1,2}[.)]\s(?:[^.\n]|\.\d|\n(?!\n)){3,400}\b(?:is|are)\s+(?:not\s*)?medically\s*necessary\s+and\s+appropriate"
    r"\.?\s*(?=\n\n|\n\f|\Z)|IMR\s+DECISION\(S\)|HOW\s+THE\s+IMR\s+FINAL|CLINICAL\s+CASE\s+SUMMARY|"
    r"Reviewer[’'?]?s?\s+decision\s+rationale|Reviewer\s+based\s+his/her"
)
_NUMBER: Final = re.compile(r"^(\d{1,2})[.)][ \n]+(?=\S)", re.MULTILINE)
# Some letters have the next generation's heading over this one's items.
_MARK: Final = re.compile(
    r"IMR\s+DECISION\(S\)\s+AND\s+RATIONALE\(S\)|The\s+Physician\s+Reviewer\s+based\s+his/her\s+decision"
)
_COVER: Final = re.compile(
    r"Final\s+Determination\s*:\s*(PARTIAL(?:LY)?\s+OVERTURN|UPHOLD|OVERTURN|UPHELD)", re.IGNORECASE
)
_LONGEST_TITLE: Final = 1_500


def _alien(text: str) -> bool:
    return _ALIEN.search(text) is not None


def _title_start(text: str) -> tuple[int, bool]:
    """After the last number that begins a line; a number inside a rationale's list is followed by a gap, a title's is not."""
    numbers = list(_NUMBER.finditer(text, max(0, len(text) - _LONGEST_TITLE)))
    if not numbers:
        start, _ = title_start(text)
        return start, False
    last = numbers[-1]
    return last.start(), "\n\n" not in text[last.end() :]


_LABELS: Final = Labels(
    label={name: re.compile(label) for name, label in _LABEL.items()},
    any_case={name: re.compile(label, re.IGNORECASE) for name, label in _LABEL.items()},
    spoken=True,
    reach=300,
    find_outcome=verdict_at_end,
    far_outcome=re.compile(
        r"(?:\n\n|\n\f\n)\d{1,2}[.)]\s(?:[^.\n]|\.\d|\n(?!\n)){3,400}\b(?:is|are)\s+(?:not\s*)?medically\s*necessary\s+and\s+"
        r"appropriate\.?[ ]*(?=\n\n|\n\f)"
    ),
    title_start=_title_start,
    alien=_alien,
    one_first_title=False,
    numbering=re.compile(r"\A\d{1,2}[.)]\s+"),
)


def has_marks(text: str) -> bool:
    return ("DECISION(S)" in text or "Physician" in text) and _MARK.search(text) is not None


def read(text: str, decided: str | None) -> Reading:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    frame = find_frame(text, headings.DECISIONS, headings.ISSUES)
    drafts, first_item = read_items(text, frame.body, _LABELS)
    summary, reviewer, doubts = read_front(text, frame, first_item)
    doubts += strays(text, frame.body, _LABELS)
    cover = _COVER.search(text[: frame.body])
    if cover and drafts and not count_verdict(cover.group(1), [draft.outcome for draft in drafts]):
        doubts = (*doubts, doubt("W11", "the cover's Final Determination"))
    return Reading("2", summary, reviewer.specialty, reviewer.licensed, drafts, doubts)
