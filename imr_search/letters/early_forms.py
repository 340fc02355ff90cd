"""Letters of 2013. Generation 0: one heading a part, in capitals that wrap, the outcome inside the rationale's heading.
Generation 1: the verdicts as a numbered list, printed twice, then the details of each number.
"""

from __future__ import annotations

import re
from typing import Final

from imr_search.letters.canonical import followed, unwrap
from imr_search.letters.front_matter import REVIEW_DECISION, before_closing, read_reviewer
from imr_search.letters.items import VERDICT, ParsedItem, ParsedLetter, breaks_off, disputed_part, outcome_of
from imr_search.letters.warnings import warning
from imr_search.model import ParseWarning

_PART: Final = re.compile(
    r"^(?:(?P<issue>ISSUES?\s+(?:AT|IN)\s+DISPUTE\s*:)|"
    r"(?P<summary>CASE\s+SUMMARY\s*:)|"
    r"(?P<documents>DOCUMENTS\s+REVIEWED\s+FOR\s+DETERMINATION\s*:)|"
    r"(?P<guideline>(?:MEDICAL\s+)?(?:TREATMENT\s+)?GUIDELINES?\s?(?:\(S\))?\s+RELIED\s+UPON\s+BY\s+(?:THE\s+)?(?:\w+\s+)?REVIEWER"
    r"(?:\s+(?:AND|&)\s+WHY)?\s*:)|"
    r"(?P<rationale>RATIONALE\s+FOR\s+WHY\s+THE\s+REQUESTED\s+TREATMENTS?\s*/\s*SERVICES?\s+(?P<verdict>[A-Z/()\s]{2,40}?)\s*"
    r"MEDICALLY\s+NECESSARY\s*:)|"
    r"(?P<reviewer>MEDICAL\s+REVIEWER\s+QUALIFICATIONS\s*:))",
    re.IGNORECASE | re.MULTILINE,
)
GENERATION_0: Final = re.compile(r"MEDICAL\s+PROFESSIONAL\s+REVIEW(?!ER)")


def is_generation_0(text: str) -> bool:
    if GENERATION_0.search(text):
        return True
    parts = {_part_name(found) for found in _PART.finditer(text)}
    return len(parts) > 1 and not parts.isdisjoint(("issue", "guideline", "rationale"))


def read_generation_0(text: str, decided: str | None) -> ParsedLetter:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    found = list(_PART.finditer(text))
    parts = [
        (_part_name(heading), heading, text[heading.end() : nxt.start() if nxt else len(text)])
        for heading, nxt in followed(found)
    ]
    warnings: list[ParseWarning] = []
    once = {name: body for name, _, body in reversed(parts)}
    summary = unwrap(once.get("summary", ""))
    if not summary:
        warnings.append(warning("W06"))
    reviewer = read_reviewer(once.get("reviewer", ""))
    if not reviewer.specialty or not reviewer.licensed:
        warnings.append(warning("W07"))
    return ParsedLetter(
        "0", summary, reviewer.specialty, reviewer.licensed, tuple(_items_of_parts(parts)), tuple(warnings)
    )


def _part_name(heading: re.Match[str]) -> str:
    return next(
        name for name in ("issue", "summary", "documents", "guideline", "rationale", "reviewer") if heading[name]
    )


def _items_of_parts(parts: list[tuple[str, re.Match[str], str]]) -> list[ParsedItem]:
    """An item for every rationale, and for every issue that has none; guideline and issue are the last ones before it."""
    items: list[ParsedItem] = []
    issue, guideline, pending, at = "", "", False, 0
    for name, heading, body in parts:
        match name:
            case "issue":
                if pending:
                    items.append(_item_of_parts(issue, guideline, None, "", at))
                issue, guideline, pending, at = unwrap(body), "", True, heading.end()
            case "guideline":
                guideline = unwrap(body)
            case "rationale":
                where = at if issue else heading.start()
                items.append(_item_of_parts(issue, guideline, heading, unwrap(before_closing(body)), where))
                issue, guideline, pending = "", "", False
            case _:
                pass
    if pending:
        items.append(_item_of_parts(issue, guideline, None, "", at))
    return items


def _item_of_parts(issue: str, guideline: str, heading: re.Match[str] | None, rationale: str, at: int) -> ParsedItem:
    """These letters quote no claims administrator's guideline: that one is empty without a doubt."""
    warnings: list[ParseWarning] = []
    outcome = _outcome_in_heading(heading, rationale) if heading is not None else ""
    issue = _request_in(issue)
    checks = (("W01", outcome), ("W02", issue), ("W04", guideline), ("W05", rationale))
    warnings += [warning(code) for code, part in checks if not part]
    if breaks_off(rationale):
        warnings.append(warning("W19"))
    if re.search(r"MEDICALLY\s+NECESSARY\s*:|RELIED\s+UPON\s+BY|AT\s+DISPUTE", f"{issue} {guideline} {rationale}"):
        warnings.append(warning("W13"))
    treatment, marked = disputed_part(issue)
    if not marked:
        warnings.append(warning("W16"))
    return ParsedItem(issue, treatment, outcome, "", guideline, rationale, at, tuple(warnings))


_VERBS: Final = re.compile(r"\b(?:IS|WAS|ARE|WERE|WILL|HAS|HAVE)\b")
_DENIES: Final = re.compile(
    r"\bnot\s+(?:considered\s+|deemed\s+)?medically\s+(?:necessary|appropriate|indicated)", re.IGNORECASE
)
_WHETHER: Final = re.compile(
    r"(?:\d{1,2}[.)]\s+)?(?:The\s+issue\s+(?:at\s+dispute\s+)?is\s+)?(?:Whether\s+(?:or\s+not\s+)?|(?P<question>(?:Is|Are|Was|Were)\s+))"
    r"(?:the\s+)?(?:(?:requested|proposed)\s+|request(?:ed|s)?\s+for\s+(?:the\s+)?)?"
    r"(?P<request>.{2,1500}?)\s+(?(question)|(?:is|are|was|were)\s+)(?:or\s+(?:is|are|was|were)\s+not\s+)?medically\s+necessary"
    r"(?:\s+and\s+appropriate)?(?:\s+(?:on|for|at)\s[^.?]{2,80})?\s*[.?]?\Z"
    r"|(?:The\s+)?Medical\s+necessity\s+(?:of|for)\s+(?:the\s+)?(?:request(?:ed|s)?\s+(?:for\s+)?(?:the\s+)?)?(?P<need>.{2,1500}?)\.?\Z"
    r"|\d{1,2}[.)]\s+(?P<numbered>[^\s\d].{2,1500})\Z",
    re.IGNORECASE | re.DOTALL,
)


def _outcome_in_heading(heading: re.Match[str], rationale: str) -> str:
    """ "IS NOT", "WAS" or "IS/WAS NOT": the word NOT decides, and the verb only tells the time. "IS/IS NOT" decides nothing."""
    verdict = heading["verdict"].upper()
    verbs = _VERBS.findall(verdict)
    if len(verbs) != len(set(verbs)):
        return ""
    if "PARTIALLY" in verdict:
        return "modified"
    if re.search(r"\bNOT\b", verdict):
        return "upheld"
    return "" if not verbs or (len(verbs) > 1 and _DENIES.search(rationale)) else "overturned"


def _request_in(issue: str) -> str:
    """ "Whether the request for an MRI is medically necessary" as "an MRI"."""
    found = _WHETHER.match(issue)
    return found["request"] or found["need"] or found["numbered"] if found else issue


_LISTED: Final = re.compile(
    r"(?:(?<=\n)|^)(?:(?P<n>\d{1,2})\s?[.)]\s*)?MAXIMUS\s+Federal\s+Services,?(?:\s+Inc\.?)?,?\s+(?:has\s+)?determined\s+(?:that\s+)?"
    r"(?:the\s+)?request(?:ed|s)?(?:\s+for)?\s+",
    re.IGNORECASE,
)
_DETAIL: Final = re.compile(
    r"(?:(?<=\n)|^)(?:(?P<n>\d{1,2})\s?[.)]\s*)?(?:Regarding|(?:In|With)\s+regards?\s+to|Concerning)\s+(?:the\s+)?requests?(?:ed)?(?:\s+for)?\s+",
    re.IGNORECASE,
)
_RELIED: Final = re.compile(
    r"(?:(?:(?:Sections?|Parts?|Pages?)(?:\(s\))?\s+of\s+the\s+)?(?:MTUS|(?:Medical\s+)?(?:Treatment\s+)?(?:Utilization\s+Schedule|Guidelines?(?:\(s\))?))"
    r"(?:\s*\(MTUS\))?(?:\s+Guidelines?)?\s+)?\bRelied\s+Upon(?:\s+by\s+(?:the\s+)?(?:\w+\s+)?Reviewer\b(?:\s+to\s+Make\s+(?:His\s*/\s*Her|His|Her|Their)\s+Decision)?"
    r"\s*:?|\s*:)",
    re.IGNORECASE,
)
_RATIONALE: Final = re.compile(
    r"(?:(?:\b\w{1,20}\s+)?\bReviewer[’'?]?s?\s+)?Rationale\s+for\s+(?:the\s+)?(?:Decision|Determination)\s*(?::|[-\u2013\u2014](?=\s))"
    r"|^Rationale(?:\s+for\s+(?:the\s+)?(?:Decision|Determination))?\s*(?::|(?=\n))",
    re.IGNORECASE | re.MULTILINE,
)
_REVIEWER: Final = re.compile(r"The\s+(?:Expert|Physician|Professional|Medical)\s+Reviewer\s")
# The reviewer then cites what the claims administrator cites: the whole paragraph is the reviewer's guideline.
_ADOPTED: Final = re.compile(
    r"found\s+(?:that\s+)?the\s+(?:guidelines?|criteria|section\S*)\s+(?:used|cited|relied\s+upon)\s+by\s+the\s+Claims\s+Administrator\s+"
    r"(?:(?:is|are|was|were|to\s+be)\s+)?(?:relevant|appropriate|applicable)",
    re.IGNORECASE,
)
_QUALIFICATIONS: Final = re.compile(
    r"(?:Medical\s+)?Qualifications\s+of\s+the\s+(?:\w+\s+)?Reviewer\s*(?::|(?=\n))", re.IGNORECASE
)
_SUMMARY: Final = re.compile(
    r"^(?:(?:\w+\s+)?Reviewer\s+)?(?:Clinical\s+)?Case\s+Summary\s*(?::|(?=\n))", re.IGNORECASE | re.MULTILINE
)
_DOCUMENTS: Final = re.compile(
    r"^Documents\s+Reviewed\s+for\s+Determination\s*(?::|(?=\n))", re.IGNORECASE | re.MULTILINE
)
_SUMMARY_FORM: Final = re.compile(
    r"(?:\s*(?:Disputed\s+Issues?\s*:|The\s+following\s+(?:is\s+)?(?:a\s+|the\s+)?(?:clinical\s+)?(?:case\s+)?summary[^:.]{0,240}[:.]"
    r"|(?:The\s+)?(?:[\w/]+\s+){0,3}reviewer\s+(?:has\s+)?(?:developed|prepared|provided|made)\s+(?:the\s+following|this|a)\s+"
    r"(?:clinical\s+)?(?:case\s+)?summary[^:.]{0,240}[:.]))+",
    re.IGNORECASE,
)
_LONGEST_TITLE: Final = 1_500


def is_generation_1(text: str) -> bool:
    return (
        REVIEW_DECISION.find(text) is not None
        or (_LISTED.search(text) is not None and "etermin" in text)
        or _DETAIL.search(text) is not None
    )


def read_generation_1(text: str, decided: str | None) -> ParsedLetter:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    details = list(_DETAIL.finditer(text))
    body_at = details[0].start() if details else len(text)
    verdicts, torn = _verdicts(text[:body_at])
    items = [
        _detailed(text, found.end(), nxt.start() if nxt else None, _number(found, n), verdicts)
        for n, (found, nxt) in enumerate(followed(details), 1)
    ]
    detailed = {_number(found, n) for n, found in enumerate(details, 1)}
    for number, (title, outcome, at) in sorted(verdicts.items()):
        if number not in detailed:
            missing = (warning("W03"), warning("W04"), warning("W05"))
            items.insert(min(number - 1, len(items)), _undetailed(title, outcome, at, missing))
    warnings: list[ParseWarning] = [warning("W11", "the list printed twice")] if torn else []
    if REVIEW_DECISION.find(text) is None:
        warnings.append(warning("W12", REVIEW_DECISION.name))
    summary = _section(text[:body_at], _SUMMARY, (_DOCUMENTS, _QUALIFICATIONS))
    form = _SUMMARY_FORM.match(summary)
    summary = unwrap(summary[form.end() :] if form else summary)
    if not summary:
        warnings.append(warning("W06"))
    reviewer = read_reviewer(_section(text[:body_at], _QUALIFICATIONS, (_SUMMARY, _DOCUMENTS)))
    if not reviewer.specialty or not reviewer.licensed:
        warnings.append(warning("W07"))
    return ParsedLetter("1", summary, reviewer.specialty, reviewer.licensed, tuple(items), tuple(warnings))


def _number(found: re.Match[str], position: int) -> int:
    return int(found["n"]) if found["n"] else position


def _verdicts(text: str) -> tuple[dict[int, tuple[str, str, int]], bool]:
    """Number -> (title, outcome, where it stands), each once although the list is printed twice; True when the two printings disagree."""
    heading = REVIEW_DECISION.find(text)
    second_at = heading[0] if heading else len(text)
    listed: dict[int, tuple[str, str, int]] = {}
    torn = False
    found = list(_LISTED.finditer(text))
    positions = {False: 0, True: 0}
    for entry, nxt in followed(found):
        again = entry.start() >= second_at
        positions[again] += 1
        body = text[entry.end() : min(nxt.start() if nxt else len(text), entry.end() + _LONGEST_TITLE)]
        verdict = VERDICT.search(body)
        title = unwrap(body[: verdict.start()] if verdict else body.split("\n\n")[0])
        reading = (title, outcome_of(verdict) if verdict else "", entry.end())
        number = _number(entry, positions[again])
        known = listed.setdefault(number, reading)
        if known[:2] != reading[:2]:
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


def _detailed(
    text: str, at: int, end: int | None, number: int, verdicts: dict[int, tuple[str, str, int]]
) -> ParsedItem:
    """One item's details, from `at` to `end` (None: the end); its outcome stands in the list at the head of the letter, under the same number."""
    chunk = text[at:end]
    warnings: list[ParseWarning] = []
    relied = _RELIED.search(chunk)
    rationale = _RATIONALE.search(chunk)
    title_end = relied.start() if relied else rationale.start() if rationale else len(chunk)
    title, sure = _title(chunk[:title_end])
    if not sure or not title:
        warnings.append(warning("W02"))
    listed = verdicts.get(number)
    if listed is None:
        warnings.append(warning("W01"))
    else:
        if not listed[1]:
            warnings.append(warning("W01"))
        if _letters_of(listed[0]) != _letters_of(title):
            warnings.append(warning("W11", "title"))
    guidelines = chunk[relied.end() if relied else title_end : rationale.start() if rationale else len(chunk)]
    split = _REVIEWER.search(guidelines)
    ca, reviewer = (guidelines[: split.start()], guidelines[split.start() :]) if split else (guidelines, "")
    if _ADOPTED.search(reviewer):
        reviewer = guidelines
    reasons = chunk[rationale.end() :] if rationale else ""
    if end is None:
        reasons = before_closing(reasons)
    checks = (("W03", ca), ("W04", reviewer), ("W05", reasons))
    warnings += [warning(code) for code, part in checks if not part.strip()]
    if breaks_off(reasons):
        warnings.append(warning("W19"))
    if not relied and not any(d.code == "W03" for d in warnings):
        warnings.append(warning("W03"))
    small = reasons.lower()
    signs = (("determined", _LISTED), ("rationale", _RATIONALE), ("relied", _RELIED))
    if any(word in small and sign.search(reasons) for word, sign in signs):
        warnings.append(warning("W13", "rationale"))
    treatment, marked = disputed_part(title)
    if not marked:
        warnings.append(warning("W16"))
    return ParsedItem(
        title,
        treatment,
        listed[1] if listed else "",
        unwrap(ca),
        unwrap(reviewer),
        unwrap(reasons),
        at,
        tuple(warnings),
    )


def _title(text: str) -> tuple[str, bool]:
    """Up to the colon that ends it; a colon inside stays. False when there is none, or when more than a title stood there."""
    line = unwrap(text)
    return (line[:-1].rstrip(), len(line) < _LONGEST_TITLE) if line.endswith(":") else (line[:_LONGEST_TITLE], False)


def _letters_of(title: str) -> str:
    return "".join(filter(str.isalnum, title.lower()))


def _undetailed(title: str, outcome: str, at: int, warnings: tuple[ParseWarning, ...]) -> ParsedItem:
    treatment, _ = disputed_part(title)
    lost = (*(() if outcome else (warning("W01"),)), *(() if title else (warning("W02"),)), *warnings)
    return ParsedItem(title, treatment, outcome, "", "", "", at, lost)
