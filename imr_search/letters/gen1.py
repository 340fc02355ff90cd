"""Generation 1: the verdicts as a numbered list, printed twice, then the details of each number."""

from __future__ import annotations

import re
from typing import Final

from imr_search.letters import headings
from imr_search.letters.doubts import doubt
from imr_search.letters.drafts import Draft, Reading
from imr_search.letters.reviewer import read_reviewer
from imr_search.letters.text import followed, unwrap
from imr_search.letters.titles import disputed_part
from imr_search.letters.verdicts import VERDICT, outcome_of
from imr_search.model import Doubt

_LISTED: Final = re.compile(
    r"(?:(?<=\n)|^)(?:(?P<n>\d{1,2})[.)]\s*)?MAXIMUS\s+Federal\s+Services,?\s+Inc\.?\s+has\s+determined\s+(?:that\s+)?"
    r"(?:the\s+)?request(?:ed|s)?(?:\s+for)?\s+",
    re.IGNORECASE,
)
_DETAIL: Final = re.compile(
    r"(?:(?<=\n)|^)(?:(?P<n>\d{1,2})[.)]\s*)?Regarding\s+the\s+requests?(?:ed)?(?:\s+for)?\s+", re.IGNORECASE
)
_RELIED: Final = re.compile(
    r"Sections?\s+of\s+the\s+(?:MTUS|Medical\s+Treatment\s+Utilization\s+Schedule)(?:\s*\(MTUS\))?\s+Relied\s+Upon"
    r"(?:\s+by\s+the\s+(?:Expert|Physician|Professional|Medical)\s+Reviewer)?(?:\s+to\s+Make\s+His\s*/\s*Her\s+Decision)?\s*:?",
    re.IGNORECASE,
)
_RATIONALE: Final = re.compile(r"Rationale\s+for\s+the\s+Decision\s*:", re.IGNORECASE)
_REVIEWER: Final = re.compile(r"The\s+(?:Expert|Physician|Professional|Medical)\s+Reviewer\s")
# The reviewer then cites what the claims administrator cites: the whole paragraph is the reviewer's guideline.
_ADOPTED: Final = re.compile(
    r"found\s+(?:that\s+)?the\s+(?:guidelines?|criteria|section\S*)\s+(?:used|cited|relied\s+upon)\s+by\s+the\s+Claims\s+Administrator\s+"
    r"(?:(?:is|are|was|were|to\s+be)\s+)?(?:relevant|appropriate|applicable)",
    re.IGNORECASE,
)
_QUALIFICATIONS: Final = re.compile(r"Medical\s+Qualifications\s+of\s+the\s+Expert\s+Reviewer\s*:", re.IGNORECASE)
_SUMMARY: Final = re.compile(r"^(?:Expert\s+Reviewer\s+)?Case\s+Summary\s*:", re.IGNORECASE | re.MULTILINE)
_DOCUMENTS: Final = re.compile(r"^Documents\s+Reviewed\s+for\s+Determination\s*:", re.IGNORECASE | re.MULTILINE)
_SUMMARY_FORM: Final = re.compile(
    r"\s*Disputed\s+Issues?\s*:|\s*The\s+following\s+(?:is\s+a\s+)?case\s+summary[^:\n]{0,160}:", re.IGNORECASE
)
_LONGEST_TITLE: Final = 1_500


def has_marks(text: str) -> bool:
    return (
        headings.REVIEW_DECISION.find(text) is not None
        or (_LISTED.search(text) is not None and "etermin" in text)
        or _DETAIL.search(text) is not None
    )


def read(text: str, decided: str | None) -> Reading:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    details = list(_DETAIL.finditer(text))
    body_at = details[0].start() if details else len(text)
    verdicts, torn = _verdicts(text[:body_at])
    drafts = [
        _draft(text[found.end() : nxt.start() if nxt else len(text)], _number(found, n), verdicts, nxt is None)
        for n, (found, nxt) in enumerate(followed(details), 1)
    ]
    detailed = {_number(found, n) for n, found in enumerate(details, 1)}
    for number, (title, outcome) in sorted(verdicts.items()):
        if number not in detailed:
            missing = (doubt("W03"), doubt("W04"), doubt("W05"))
            drafts.insert(min(number - 1, len(drafts)), _undetailed(title, outcome, missing))
    doubts: list[Doubt] = [doubt("W11", "the list printed twice")] if torn else []
    if headings.REVIEW_DECISION.find(text) is None:
        doubts.append(doubt("W12", headings.REVIEW_DECISION.name))
    summary = _section(text[:body_at], _SUMMARY, (_DOCUMENTS, _QUALIFICATIONS))
    form = _SUMMARY_FORM.match(summary)
    summary = unwrap(summary[form.end() :] if form else summary)
    if not summary:
        doubts.append(doubt("W06"))
    reviewer = read_reviewer(_section(text[:body_at], _QUALIFICATIONS, (_SUMMARY, _DOCUMENTS)))
    if not reviewer.specialty or not reviewer.licensed:
        doubts.append(doubt("W07"))
    return Reading("1", summary, reviewer.specialty, reviewer.licensed, tuple(drafts), tuple(doubts))


def _number(found: re.Match[str], position: int) -> int:
    return int(found["n"]) if found["n"] else position


def _verdicts(text: str) -> tuple[dict[int, tuple[str, str]], bool]:
    """Number -> (title, outcome), each once although the list is printed twice; True when the two printings disagree."""
    heading = headings.REVIEW_DECISION.find(text)
    second_at = heading[0] if heading else len(text)
    listed: dict[int, tuple[str, str]] = {}
    torn = False
    found = list(_LISTED.finditer(text))
    positions = {False: 0, True: 0}
    for entry, nxt in followed(found):
        again = entry.start() >= second_at
        positions[again] += 1
        body = text[entry.end() : min(nxt.start() if nxt else len(text), entry.end() + _LONGEST_TITLE)]
        verdict = VERDICT.search(body)
        title = unwrap(body[: verdict.start()] if verdict else body.split("\n\n")[0])
        reading = (title, outcome_of(verdict) if verdict else "")
        number = _number(entry, positions[again])
        known = listed.setdefault(number, reading)
        if known != reading:
            torn = True
            if not known[1]:
                listed[number] = reading
    return listed, torn


def _section(text: str, heading: re.Pattern[str], ends: tuple[re.Pattern[str], ...]) -> str:
    found = heading.search(text)
    if not found:
        return ""
    stops = [end.start() for pattern in ends if (end := pattern.search(text, found.end()))]
    return text[found.end() : min(stops, default=len(text))]


def _draft(chunk: str, number: int, verdicts: dict[int, tuple[str, str]], last: bool) -> Draft:
    """One item's details; its outcome stands in the list at the head of the letter, under the same number."""
    doubts: list[Doubt] = []
    relied = _RELIED.search(chunk)
    rationale = _RATIONALE.search(chunk)
    title_end = relied.start() if relied else rationale.start() if rationale else len(chunk)
    title, sure = _title(chunk[:title_end])
    if not sure or not title:
        doubts.append(doubt("W02"))
    listed = verdicts.get(number)
    if listed is None:
        doubts.append(doubt("W01"))
    else:
        if not listed[1]:
            doubts.append(doubt("W01"))
        if _letters_of(listed[0]) != _letters_of(title):
            doubts.append(doubt("W11", "title"))
    guidelines = chunk[relied.end() if relied else title_end : rationale.start() if rationale else len(chunk)]
    split = _REVIEWER.search(guidelines)
    ca, reviewer = (guidelines[: split.start()], guidelines[split.start() :]) if split else (guidelines, "")
    if _ADOPTED.search(reviewer):
        reviewer = guidelines
    reasons = chunk[rationale.end() :] if rationale else ""
    if last:
        reasons = headings.before_closing(reasons)
    checks = (("W03", ca), ("W04", reviewer), ("W05", reasons))
    doubts += [doubt(code) for code, part in checks if not part.strip()]
    if not relied and not any(d.code == "W03" for d in doubts):
        doubts.append(doubt("W03"))
    if _LISTED.search(reasons) or _RATIONALE.search(reasons) or _RELIED.search(reasons):
        doubts.append(doubt("W13", "rationale"))
    treatment, marked = disputed_part(title)
    if not marked:
        doubts.append(doubt("W16"))
    return Draft(
        title, treatment, listed[1] if listed else "", unwrap(ca), unwrap(reviewer), unwrap(reasons), tuple(doubts)
    )


def _title(text: str) -> tuple[str, bool]:
    """Up to the colon that ends it; a colon inside stays. False when there is none, or when more than a title stood there."""
    line = unwrap(text)
    return (line[:-1].rstrip(), len(line) < _LONGEST_TITLE) if line.endswith(":") else (line[:_LONGEST_TITLE], False)


def _letters_of(title: str) -> str:
    return "".join(filter(str.isalnum, title.lower()))


def _undetailed(title: str, outcome: str, doubts: tuple[Doubt, ...]) -> Draft:
    treatment, _ = disputed_part(title)
    lost = (*(() if outcome else (doubt("W01"),)), *(() if title else (doubt("W02"),)), *doubts)
    return Draft(title, treatment, outcome, "", "", "", lost)
