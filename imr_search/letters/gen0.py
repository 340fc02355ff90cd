"""Generation 0: one heading a part, in capitals that wrap; the outcome stands inside the rationale's heading."""

from __future__ import annotations

import re
from typing import Final

from imr_search.letters import headings
from imr_search.letters.doubts import doubt
from imr_search.letters.drafts import Draft, Reading
from imr_search.letters.reviewer import read_reviewer
from imr_search.letters.text import followed, unwrap
from imr_search.letters.titles import disputed_part
from imr_search.model import Doubt

_HEADING: Final = re.compile(
    r"(?P<issue>ISSUES?\s+AT\s+DISPUTE\s*:)|"
    r"(?P<summary>CASE\s+SUMMARY\s*:)|"
    r"(?P<documents>DOCUMENTS\s+REVIEWED\s+FOR\s+DETERMINATION\s*:)|"
    r"(?P<guideline>MEDICAL\s+TREATMENT\s+GUIDELINE\(?S?\)?\s+RELIED\s+UPON\s+BY\s+PROFESSIONAL\s+REVIEWER(?:\s+AND\s+WHY)?\s*:)|"
    r"(?P<rationale>RATIONALE\s+FOR\s+WHY\s+THE\s+REQUESTED\s+TREATMENT\s*/\s*SERVICE\s+"
    r"(?P<verb>IS|WAS|IS\s*/\s*WAS)\s+(?P<kind>NOT\s+|PARTIALLY\s+)?MEDICALLY\s+NECESSARY\s*:)|"
    r"(?P<reviewer>MEDICAL\s+REVIEWER\s+QUALIFICATIONS\s*:)"
)
MARK: Final = re.compile(r"MEDICAL\s+PROFESSIONAL\s+REVIEW(?!ER)")


def has_marks(text: str) -> bool:
    return bool(MARK.search(text)) or len({found.lastgroup for found in _HEADING.finditer(text)}) > 1


def read(text: str, decided: str | None) -> Reading:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    found = list(_HEADING.finditer(text))
    parts = [
        (_name(heading), heading, text[heading.end() : nxt.start() if nxt else len(text)])
        for heading, nxt in followed(found)
    ]
    doubts: list[Doubt] = []
    once = {name: body for name, _, body in reversed(parts)}
    summary = unwrap(once.get("summary", ""))
    if not summary:
        doubts.append(doubt("W06"))
    reviewer = read_reviewer(once.get("reviewer", ""))
    if not reviewer.specialty or not reviewer.licensed:
        doubts.append(doubt("W07"))
    return Reading("0", summary, reviewer.specialty, reviewer.licensed, tuple(_drafts(parts)), tuple(doubts))


def _name(heading: re.Match[str]) -> str:
    return next(
        name for name in ("issue", "summary", "documents", "guideline", "rationale", "reviewer") if heading[name]
    )


def _drafts(parts: list[tuple[str, re.Match[str], str]]) -> list[Draft]:
    """An item for every rationale, and for every issue that has none; guideline and issue are the last ones before it."""
    drafts: list[Draft] = []
    issue, guideline, pending = "", "", False
    for name, heading, body in parts:
        match name:
            case "issue":
                if pending:
                    drafts.append(_draft(issue, guideline, None, ""))
                issue, guideline, pending = unwrap(body), "", True
            case "guideline":
                guideline = unwrap(body)
            case "rationale":
                drafts.append(_draft(issue, guideline, heading, unwrap(headings.before_closing(body))))
                issue, guideline, pending = "", "", False
            case _:
                pass
    if pending:
        drafts.append(_draft(issue, guideline, None, ""))
    return drafts


def _draft(issue: str, guideline: str, heading: re.Match[str] | None, rationale: str) -> Draft:
    """These letters quote no claims administrator's guideline: that one is empty without a doubt."""
    doubts: list[Doubt] = []
    outcome = ""
    if heading is not None and "/" not in heading["verb"]:
        kind = (heading["kind"] or "").strip()
        outcome = {"NOT": "upheld", "PARTIALLY": "modified"}.get(kind, "overturned")
    checks = (("W01", outcome), ("W02", issue), ("W04", guideline), ("W05", rationale))
    doubts += [doubt(code) for code, part in checks if not part]
    if re.search(r"MEDICALLY\s+NECESSARY\s*:|RELIED\s+UPON\s+BY|AT\s+DISPUTE", f"{issue} {guideline} {rationale}"):
        doubts.append(doubt("W13"))
    treatment, marked = disputed_part(issue)
    if not marked:
        doubts.append(doubt("W16"))
    return Draft(issue, treatment, outcome, "", guideline, rationale, tuple(doubts))
