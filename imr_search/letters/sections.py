"""The parts before the items that generations 2 to 5 share: the reviewer, the clinical case summary, where the items begin."""

from __future__ import annotations

import msgspec

from imr_search.letters import headings
from imr_search.letters.doubts import doubt
from imr_search.letters.headings import Heading
from imr_search.letters.reviewer import Reviewer, read_reviewer
from imr_search.letters.text import unwrap
from imr_search.model import Doubt


class Frame(msgspec.Struct, frozen=True):
    """Offsets into the letter: [how] reviewer [summary] summary text [items] items. None: the heading was not found."""

    how: int
    summary: tuple[int, int] | None
    summary_end: int
    body: int
    doubts: tuple[Doubt, ...]


def find_frame(text: str, *issues: Heading) -> Frame:
    """`issues` are the headings that the decisions may have, the usual one first. The form's own sentences stand in for a heading that was lost."""
    doubts: list[Doubt] = []
    how = headings.HOW.find(text)
    at = next((span for heading in issues if (span := heading.find(text))), None)
    form = headings.DECISIONS_FORM.search(text, at[1] if at else 0)
    if at is None:
        doubts.append(doubt("W12", issues[0].name))
        body = form.end() if form else 0
    else:
        body = form.end() if form and form.start() - at[1] < 200 else at[1]
    summary_end = at[0] if at else form.start() if form else len(text)
    summary = headings.SUMMARY.find(text, 0, summary_end)
    if summary is None and (found := headings.SUMMARY_FORM.search(text, 0, summary_end)):
        summary = (found.start(), found.start())
        doubts.append(doubt("W06", headings.SUMMARY.name))
    return Frame(how[1] if how else 0, summary, summary_end, body, tuple(doubts))


def read_front(text: str, frame: Frame, first_item: int) -> tuple[str, Reviewer, tuple[Doubt, ...]]:
    """The summary, the reviewer, and what is doubtful in both; `first_item` bounds a summary whose end was not marked."""
    doubts = list(frame.doubts)
    end = min(frame.summary_end, first_item)
    summary = ""
    if frame.summary:
        section = text[frame.summary[1] : end]
        form = headings.SUMMARY_FORM.search(section, 0, 400)
        summary = unwrap(section[form.end() :] if form else section)
    if not summary and not any(known.code == "W06" for known in doubts):
        doubts.append(doubt("W06"))
    section = text[frame.how : frame.summary[0] if frame.summary else end]
    documents = headings.DOCUMENTS.find(section) if "DOCUMENTS" in section else None
    reviewer = read_reviewer(section[: documents[0]] if documents else section)
    if not reviewer.specialty or not reviewer.licensed:
        doubts.append(doubt("W07"))
    return summary, reviewer, tuple(doubts)
