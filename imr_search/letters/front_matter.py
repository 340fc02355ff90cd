"""What stands before the items, and the form's fixed phrases: the headings, the reviewer, the clinical case summary.

A heading is found by its literal first (fast), then by its words across lines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from imr_search.letters.canonical import unwrap
from imr_search.letters.warnings import warning
from imr_search.model import ParseWarning

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
    words = r"\s+".join(
        "(?:AND|&)" if word == "AND" else re.escape(word).replace(",", r"\s?,?") for word in name.split()
    )
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

# What may follow the last rationale in the letters that came with their cover and closing pages. It begins a line, behind the end of the one before.
_CLOSING: Final = re.compile(
    r"\n(?i:Effect\s+of\s+the\s+Decision\s*:|(?:Sincerely(?:\s+yours)?|(?:Very\s+)?Truly\s+yours|Yours\s+truly|Best\s+regards|Respectfully(?:\s+submitted)?|Regards),"
    r"|Disclaimer\s*:|cc\s?:\s|(?:Electronically|Digitally|E-?)\s?signed\b|(?:You|The\s+parties|Either\s+party)\s+(?:have|has)\s+(?:the|a)\s+right\s+to\s+appeal"
    r"|MEDICAL\s+REVIEWER\s+QUALIFICATIONS\s*:|-{2,}\s*Original\s+Message|IMR\s?-\s?UHC\b"
    r"|[^\w\n]{0,10}END\s+OF\s+(?:DOCUMENT|DETERMINATION|LETTER|REPORT)\b)"
)
# What may come after a letter in one file: the next one's cover, a fax's, a proof of service. It begins a page or a paragraph, behind the break
# that the pattern begins with.
_NEXT: Final = re.compile(
    r"\n(?:(?<=\n\n)|(?<=\f\n))(?:(?:MAXIMUS\s+(?:FEDERAL|Federal)\s+(?:SERVICES|Services)|Independent\s+Medical\s+Review|INDEPENDENT\s+MEDICAL\s+REVIEW"
    r"|Notice\s+of\s+Independent\s+Medical|P\.\s?O\.\s+Box|Dear\s+[A-Z]|FAX|F\s?A\s?C\s?S\s?I\s?M\s?I\s?L\s?E|Facsimile|Fax\s+(?:Cover|Transmi)"
    r"|PROOF\s+OF\s+SERVICE|Proof\s+of\s+Service|DECLARATION\s+OF|I\s+declare\s+under|LAW\s+OFFICES?|Law\s+Offices?|Enclosures?\s*:|STATE\s+OF\s+CALIFORNIA"
    r"|Final\s+Determination\s*:"
    # a heading in capitals, with lines in small letters below
    r"|(?=[A-Z ,/&'-]{12,70}\n[^a-z\n]{0,3}[A-Z0-9][^\n]*[a-z])[A-Z][A-Z'-]+[ ,/&]+[A-Z]"
    # the office's own papers, and a lawyer's
    r"|State\s+of\s+California(?=\n|,)|Maximus\s+Federal\s+Services|(?:IMR\s+)?Final\s+Determination\s+Letter(?=\n|\Z)|Notice\s+of\s+Determination"
    r"|(?:Copies\s+to|Distribution|Enc\.?|Attachments?)\s*:|(?:Enclosures?|Mailing\s+[Ll]ist|Verification|Right\s+to\s+Appeal)(?=\n|\Z)"
    r"|(?:Attachment|ATTACHMENT)\s[A-Z0-9](?=\n)|If\s+you\s+(?:wish|want)\s+to\s+appeal|(?:If\s+you\s+have\s+|For\s+)(?:any\s+)?questions"
    r"|Signed\s*,|/s/|[A-Z][\w.' -]{2,40},\s*M\.?D\.?[^\n]{0,30}\n(?:Chief\s+)?Medical\s+Director"
    r"|Executed\s+(?:on|at|this)\s|I,\s[A-Z][^\n]{2,60}declare"
    r"|TRANSMISSION\s|CONFIDENTIALITY\s+NOTICE|This\s+(?:message|e-?mail|communication)\s+and\s+any|Sent\s+from\s+my|On\s[^\n]{6,60}\swrote:"
    r"|Begin\s+forwarded|-{2,}\s*Forwarded|(?:Thank\s+you|(?:Kind|Warm)\s+regards|Yours\s+sincerely)\s*,|[-*\s]{1,6}END[-*\s]{1,6}(?=\n|\Z)"
    r"|WORKERS['\u2019]\s+COMPENSATION\s+APPEALS|(?:This\s+)?[Pp]age\s+(?:is\s+)?intentionally"
    r"|Department\s+of\s+Industrial\s+Relations|DEPARTMENT\s+OF\s+INDUSTRIAL|DIVISION\s+OF\s+WORKERS)"
    r"|(?:IMR\s+|MAXIMUS\s+)?(?:Case\s+(?:Number|No\.?)|CASE\s+(?:NUMBER|NO\.?))\s*:|(?:Dated?|DATED?|To|TO|From|FROM|Re|RE|Employee|Claimant|Claim\s+Number|Date\s+Assigned)\s*:\s)"
)


# The heading of what is attached to a letter, on a line of its own: "ATTACHMENT A", "Appendix 1: Documents Reviewed", "ENCLOSURES". A sentence that
# begins with "Appendix D of the guideline" goes on behind it, on this line or in small letters on the next.
_ATTACHED: Final = re.compile(
    r"\n(?:(?<=\n\n)|(?<=\f\n))(?:"
    r"(?i:attachment|exhibit|appendix|addendum|enclosure|annex)(?:\s(?:No\.\s?)?\(?[A-Z0-9]{1,3}\)?)(?:[ ]?[-\u2013\u2014:][ ]?[^\n.]{3,80}|[.:]?)"
    r"|(?:ATTACHMENTS?|EXHIBITS?|APPENDIX|APPENDICES|ENCLOSURES?|Attachments|Exhibits|Appendices|Enclosures|CC|Cc|Copies(?:\sto)?|Copy\sto)[ ]?:?"
    r"|(?:PROOF|Proof|CERTIFICATE|Certificate)\s(?:OF|of)\s(?:SERVICE|Service|MAILING|Mailing)\b[^\n.]{0,60}"
    r")(?=\n(?!(?:\f?\n)?[a-z])|\Z)"
)
_CONCLUDES: Final = re.compile(r"medically\s+necessary", re.IGNORECASE)


# How a rationale ends.
_CONCLUDED: Final = re.compile(
    r"\b(?:necessary|necessity|appropriate|certified|established|authorized|warranted|supported|approved|denied|upheld|overturned|this\s+time)"
    r"[\"'\u201d\u2019)\]]*\.[\"'\u201d\u2019)\]\s]*\Z",
    re.IGNORECASE,
)
# What a rationale speaks of, and a list of what is attached does not.
_REVIEWS: Final = re.compile(r"\b(?:request(?:ed)?|guidelines?|MTUS|ODG|ACOEM|recommend\w*|necess\w*)\b", re.IGNORECASE)
_OF_OTHERS: Final = re.compile(r"proof|certificate|cop(?:y|ies)|cc", re.IGNORECASE)


def _attached(text: str) -> re.Match[str] | None:
    """The heading of what is attached to the letter. Where the rationale has not ended and a conclusion still follows, the heading is its own."""
    for found in _ATTACHED.finditer(text):
        if not _CONCLUDES.search(text, found.end()) or _CONCLUDED.search(
            text, max(0, found.start() - 80), found.start()
        ):
            return found
    return None


def doubtful_attachment(text: str) -> str | None:
    """The heading behind which the letter's last rationale was cut, where what it had not ended or what follows speaks as a reviewer does."""
    found = _attached(text)
    if found is None or _OF_OTHERS.match(heading := unwrap(found.group())):
        return None
    ended = _CONCLUDED.search(text, max(0, found.start() - 80), found.start())
    return heading if not ended or _REVIEWS.search(text, found.end()) else None


def before_closing(text: str) -> str:
    """`text`, the letter's last, up to its closing formulas and to what is not of this letter any more."""
    attached = _attached(text)
    text = text[: attached.start() + 1] if attached else text
    found = _CLOSING.search(f"\n{text}")
    text = text[: found.start()] if found else text
    following = _NEXT.search(text)
    return text[: following.start() + 1] if following else text


_LICENSURE: Final = re.compile(
    r"State\s?\(?s?\)?\s+of\s+Licensure\s*:(.*?)(?=Certification\s?\(?s?\)?\s*/\s*Specialty\s*:|\n\n|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_SPECIALTY: Final = re.compile(
    r"Certification\s?\(?s?\)?\s*/\s*Specialty\s*:(.*?)(?=State\s?\(?s?\)?\s+of\s+Lic|\n\n|\Z)",
    re.DOTALL | re.IGNORECASE,
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


@lru_cache(maxsize=1_024)
def read_reviewer(section: str) -> Reviewer:
    """`section` is canonical text between the credentials' heading and the summary; what is not there stays ().

    Cached: reviewers write many letters.
    """
    small = section.lower()
    if "licensure" in small or "specialty" in small:
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


class Frame(msgspec.Struct, frozen=True):
    """Offsets into the letter: [how] reviewer [summary] summary text [items] items. None: the heading was not found."""

    how: int
    summary: tuple[int, int] | None
    summary_end: int
    body: int
    warnings: tuple[ParseWarning, ...]


def find_frame(text: str, *issues: Heading) -> Frame:
    """`issues` are the headings that the decisions may have, the usual one first. The form's own sentences stand in for a heading that was lost."""
    warnings: list[ParseWarning] = []
    how = HOW.find(text)
    at = next((span for heading in issues if (span := heading.find(text))), None)
    form = DECISIONS_FORM.search(text, at[1] if at else 0)
    if at is None:
        warnings.append(warning("W12", issues[0].name))
        body = form.end() if form else 0
    else:
        body = form.end() if form and form.start() - at[1] < 200 else at[1]
    summary_end = at[0] if at else form.start() if form else len(text)
    summary = SUMMARY.find(text, 0, summary_end)
    if summary is None and (found := SUMMARY_FORM.search(text, 0, summary_end)):
        summary = (found.start(), found.start())
        warnings.append(warning("W06", SUMMARY.name))
    return Frame(how[1] if how else 0, summary, summary_end, body, tuple(warnings))


def read_front(text: str, frame: Frame, first_item: int) -> tuple[str, Reviewer, tuple[ParseWarning, ...]]:
    """The summary, the reviewer, and what is doubtful in both; `first_item` bounds a summary whose end was not marked."""
    warnings = list(frame.warnings)
    end = min(frame.summary_end, first_item)
    summary = ""
    if frame.summary:
        section = text[frame.summary[1] : end]
        form = SUMMARY_FORM.search(section, 0, 400)
        summary = unwrap(section[form.end() :] if form else section)
    if not summary and not any(known.code == "W06" for known in warnings):
        warnings.append(warning("W06"))
    section = text[frame.how : frame.summary[0] if frame.summary else end]
    documents = DOCUMENTS.find(section) if "DOCUMENTS" in section else None
    reviewer = read_reviewer(section[: documents[0]] if documents else section)
    if not reviewer.specialty or not reviewer.licensed:
        warnings.append(warning("W07"))
    return summary, reviewer, tuple(warnings)
