"""An item as printed: where its title begins, what is in dispute, what was authorized before, and how it was decided.

A title is read backwards from its outcome, because between it and the rationale before there may be no mark at all. Requests that were allowed in
part read so:

"X was the original request. Y was authorized by the Claims Administrator. The remaining IMR eligible portion of the original request, Z"
"X was the original request. The Claims Administrator authorized Y, leaving the original request IMR eligible. The original request, X"
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from imr_search.letters.canonical import last_of, unwrap
from imr_search.model import ParseWarning


class ParsedItem(msgspec.Struct, frozen=True):
    """One item as printed. `at` is where its title (where that is lost, what is left of it) begins in the letter's text.

    `outcome` is upheld, overturned, modified, or "" with W01 when it could not be read.
    """

    title: str
    treatment: str
    outcome: str
    ca_guideline: str
    guideline: str
    rationale: str
    at: int
    warnings: tuple[ParseWarning, ...] = ()


class ParsedLetter(msgspec.Struct, frozen=True):
    """One letter as printed, without its header table. `warnings` are on the letter as a whole."""

    generation: str
    summary: str
    specialty: tuple[str, ...]
    licensed: tuple[str, ...]
    items: tuple[ParsedItem, ...]
    warnings: tuple[ParseWarning, ...] = ()


_AFTER_THE_END: Final = " \n\f\"'\u201d\u2019)]*_"


def breaks_off(rationale: str) -> bool:
    """Whether a rationale ends in mid-sentence: what followed was lost, or stands where nobody looks for it."""
    end = rationale.rstrip(_AFTER_THE_END)
    return bool(end) and not end.endswith((".", "?", "!", ":", ";"))


def lowered(text: str) -> str:
    """`text` in small letters, each at its old offset, for patterns without IGNORECASE; as for one with it, the Turkish i's are an i."""
    if not text.isascii():
        text = text.replace("\u0130", "I").replace("\u0131", "i")
    return text.lower()


# Also "notmedically", and "necessaryand" where an extractor lost the space.
_VERDICT: Final = r"\b(?P<verb>is|are|was|were)\s+(?P<kind>not|partially|modified\s+and\s+is|only)?\s*medically\s*necessary(?:\s*and\s*appropriate)?"
VERDICT: Final = re.compile(_VERDICT, re.IGNORECASE)
_AT_END: Final = re.compile(_VERDICT + r"[\s.:]*\Z", re.IGNORECASE)


def outcome_of(found: re.Match[str]) -> str:
    kind = (found["kind"] or "").lower()
    return "upheld" if kind == "not" else "modified" if kind else "overturned"


def verdict_at_end(text: str, _only_sure: bool = False) -> tuple[str, int, bool] | None:
    """(outcome, where the title ends, sure) when `text` ends in a verdict, which is always sure."""
    found = _AT_END.search(text, max(0, len(text) - 120))
    return (outcome_of(found), found.start(), True) if found else None


def count_verdict(cover: str, outcomes: list[str]) -> bool:
    """Whether the cover's UPHOLD, OVERTURN or PARTIAL OVERTURN fits the items' outcomes."""
    word = cover.lower()
    if word.startswith("partial"):
        return len(set(outcomes)) > 1 or set(outcomes) == {"modified"}
    return set(outcomes) == ({"upheld"} if word.startswith("uph") else {"overturned"})


# How an item was decided, and how one was left undecided; in small letters, for a text in small letters or for IGNORECASE.
UNDECIDED: Final = (
    r"(?:(?:request\s+(?:was\s+)?)?(?:withdrawn|dismissed|cancell?ed|deferred|terminated|moot|void|ineligible|no\s+longer\s+(?:in\s+dispute|at\s+issue|requested)"
    r"|not\s+(?:eligible|reviewed|decided|upheld|overturned|applicable|(?:in\s+dispute|at\s+issue)(?:\s+here)?)|resolved)"
    r"(?:\s+(?:by|on|per|at|as(?:\s+of)?|prior\s+to|for|due\s+to|from)\s[^\n.:]{2,60}|\s+\(?[\d/-]{6,10}\)?)?)"
)
_HE: Final = r"\s?h\s?e\s?[l1i|]\s?d"  # letters that OCR takes for others, or prints apart
_IN_PART: Final = (
    r"(?:,?\s+\(?in[\s-]+part\)?|\s\((?:partial(?:ly)?|modified|partially\s+overturned)\)"
    r"|\s+(?:in\s+full|in\s+its\s+entirety|as\s+modified|with\s+modifications?))?"
)
# "Modified - 6 visits", "Modified to #60": what was allowed stands behind.
_ALLOWED: Final = r"(?:\s*(?:[-\u2013\u2014(,]|\bto\b|\bfor\b)[^\n:]{0,20}?#?\d[^\n:]{0,40})?"
_DECIDED: Final = (
    rf"(?:(?:part(?:ial)?(?:ly)?|conditionally)[\s-]+)?(?:u\s?p-?{_HE}|uphold|[o0]ver-?\s?tu(?:rn|m)(?:ed)?|modif(?:ied|y){_ALLOWED}|reversed|affirmed|sustained"
    rf"|denied|approved|granted|(?:non|not)?[\s-]?(?:certified|authorized)|(?:not\s+)?medically\s+necessary|not\s+approved|disallowed|allowed){_IN_PART}"
)
_OUTCOME: Final = re.compile(
    rf"(?P<colon>:|\bis(?=\s)|\s[-\u2010-\u2015]+|-)?[\s*_]*(?P<word>{UNDECIDED}|{_DECIDED}(?:\s*(?:/|,|;|&|\band\b|[-\u2013\u2014(])\s*{_DECIDED}\)?)?)[\s.*_-]*\Z",
    re.IGNORECASE,
)
# How one begins behind its mark or on a line of its own, in small letters: what no outcome ends is told from a title so.
_AHEAD: Final = re.compile(rf"[:\n\u2010-\u2015-][\s*_]*+(?:{UNDECIDED}|{_DECIDED})")
_NOT_DECIDED: Final = re.compile(UNDECIDED, re.IGNORECASE)
_UPHELD: Final = re.compile("uph|affirm|sustain|denied|disallowed|no[nt](?:certified|authorized|approved|medically)")
_OVERTURNED: Final = re.compile(
    "vertu|revers|(?<!not)approved|granted|(?<!dis)allowed|(?<!non)(?<!not)(?:certified|authorized|medically)"
)
_FIRM: Final = re.compile("(?:Partially )?(?:Upheld|Overturned|Modified)|UPHELD|OVERTURNED")
_FIRM_AHEAD: Final = re.compile(rf"[iI][sS]\s[\s*_]*(?:{_FIRM.pattern})")  # the only ones that "is" brings
_OUTCOME_REACH: Final = 120
# As nearly all of them are printed: no pattern is asked.
_USUAL: Final = {"Upheld": "upheld", "Overturned": "overturned", "Modified": "modified"}

_GAP: Final = re.compile(r"\n(?:\f\n)?(?=\n)|\n\f\n")
_SENTENCE_BREAK: Final = re.compile(r"[.?!][\"'”’)\]]*\n(?:\f\n)?")
_CONCLUSION: Final = re.compile(
    r"\b(?:necessary|necessity|appropriate|certified|certification|supported|established|authorized|warranted|indicated|"
    r"recommended|approved|denied|upheld|overturned|this time|patient|worker|guidelines?|criteria)[\"'”’)\]]*\.[\"'”’)\]]*\s*\Z",
    re.IGNORECASE,
)
_GLUED: Final = re.compile(r"\b(?:necessary|appropriate|certified|supported|at this time)\s*\.[ \n]{0,3}(?=[A-Z0-9(])")
_STOP_IN_A_LINE: Final = re.compile(r"(?<=[a-z]{4})[\"'”’)\]]{0,4}\.[\"'”’)\]]{0,4}[ \n](?=[A-Z(])")
_ORIGINAL: Final = re.compile(r"was\s+the\s+original\s+request|were\s+the\s+original\s+request")
_MID_FORM: Final = re.compile(
    r"IMR\s+eligible|original\s+request,|authorized\s+by\s+the\s+Claims|Claims\s+Administrator\s+(?:has\s+)?authorized"
)
_DISPUTED: Final = re.compile(
    r"(?:\bportion\s+of\s+the\s+original\s+request|\bThe\s+original\s+request)\s*[,:]?\s+(?=\S)"
)
_LINES_OF_A_TITLE: Final = 5
_LONG_FOR_A_TITLE: Final = 250
_LONGEST_TITLE: Final = 3_000


def find_outcome(text: str, only_sure: bool = False) -> tuple[str, int, bool] | None:
    """The outcome that `text` ends in: (outcome, where the title ends, sure). Not sure, and maybe not found when `only_sure`: it had no colon."""
    colon = text.rfind(":", max(0, len(text) - _OUTCOME_REACH))
    if colon >= 0 and (usual := _USUAL.get(text[colon + 1 :].strip())):
        return usual, colon, True
    tail = text[-_OUTCOME_REACH:]
    # without a colon the last character, which begins none
    if not _AHEAD.search(lowered(text[colon:] if only_sure else "\n" + tail)) and not _FIRM_AHEAD.search(tail):
        return None  # as before most labels
    found = _OUTCOME.search(text, max(0, len(text) - _OUTCOME_REACH))
    if not found:
        return None
    outcome = _outcome_named(found["word"].lower())
    on_own_line = text[: found.start("word")].rstrip(" ").endswith("\n") or not text[: found.start("word")].strip()
    mark = (found["colon"] or "").lower()
    if mark == "is" and not _FIRM.match(found["word"]):
        return None
    if mark in (":", "is"):
        return outcome, found.start(), True
    if found["word"][0].isupper() and (mark or on_own_line):
        return outcome, found.start(), False
    return None


def _outcome_named(word: str) -> str:
    letters = "".join(filter(str.isalpha, word))
    if _NOT_DECIDED.match(word):
        return ""
    upheld, overturned = _UPHELD.search(letters) is not None, _OVERTURNED.search(letters) is not None
    if "part" in letters or "modif" in letters or "condit" in letters:
        return "modified"
    if upheld and overturned:
        return (
            "" if "/" in word else "modified"
        )  # "Upheld / Overturned": the form's two words, of which none was chosen
    return "upheld" if upheld else "overturned" if overturned else ""


def title_start(text: str) -> tuple[int, bool]:
    """Where the title that ends `text` begins, and whether that is sure. `text` starts inside the rationale before."""
    last = _last_break(text)
    start = _block_start(text, last)
    if _tells_of_a_part(text[start:]):
        return _form_start(text)
    return _plain_start(text, last, start)


def _tells_of_a_part(block: str) -> bool:
    if "original" in block or "eligible" in block or "Claims" in block:  # one of them is in all that the patterns find
        return _MID_FORM.search(block) is not None or _ORIGINAL.search(block) is not None
    return False


def _last_break(text: str) -> re.Match[str] | None:
    """The last gap or page break within a title's reach. It is looked for from behind, because a long rationale may stand before it."""
    low = max(0, len(text) - _LONGEST_TITLE)
    at = max(text.rfind("\n\n", low), text.rfind("\n\f\n", low))
    while at > low and text[at - 1] in "\n\f":
        at -= 1
    return last_of(_GAP, text, at) if at >= 0 else None


def _block_start(text: str, last: re.Match[str] | None) -> int:
    """The start of the last block: what stands after the `last` gap or page break."""
    start = last.end() if last else max(0, len(text) - _LONGEST_TITLE)
    return len(text) - len(text[start:].lstrip("\n\f "))


def _plain_start(text: str, last: re.Match[str] | None, start: int) -> tuple[int, bool]:
    gap_before = last is not None and "\f" not in last.group(0)
    inner, sure = _inside(text[start:], whole=gap_before)
    if inner:
        return start + inner, sure
    if last is None:
        return start, False
    if not gap_before and not _ends_sentence(text[: last.start()]):
        return _over_page(text, start)
    return start, sure


def _form_start(text: str) -> tuple[int, bool]:
    """The start of "X was the original request. ...", which may hold full stops, gaps and page breaks."""
    original = last_of(_ORIGINAL, text, max(0, len(text) - _LONGEST_TITLE))
    if original is None:
        return _block_start(text, _last_break(text)), False
    before = text[: original.start()].rstrip("\n\f ")
    last = _last_break(before)
    return _plain_start(before, last, _block_start(before, last))


def _inside(block: str, *, whole: bool) -> tuple[int, bool]:
    """A title glued to the rationale before it: after the last line that ends a sentence, or after a conclusion.

    `whole`: a gap stands before the block, so that a short sentence in it is rather the title's own.
    """
    start, sure = 0, True
    for found in _SENTENCE_BREAK.finditer(block) if "\n" in block else ():
        concluded = bool(_CONCLUSION.search(block, max(0, found.start() - 40), found.end()))
        if concluded or not whole or block.count("\n", 0, found.end()) >= _LINES_OF_A_TITLE:
            start, sure = found.end(), concluded
        else:
            sure = False
    for found in _GLUED.finditer(block, start) if "." in block else ():
        start, sure = found.end(), True
    if len(block) - start > _LONG_FOR_A_TITLE and (stop := last_of(_STOP_IN_A_LINE, block, start)):
        return stop.end(), False
    return start, sure


def _over_page(text: str, start: int) -> tuple[int, bool]:
    """The page ended without a full stop: either a title's first lines stood there, or a rationale lacks its stop."""
    breaks = list(_GAP.finditer(text, max(0, len(text) - _LONGEST_TITLE)))
    head = text[: breaks[-1].start()].rstrip("\n\f ")
    head_at = _block_start(head, _last_break(head))
    after_gap = len(breaks) > 1 and "\f" not in breaks[-2].group(0)
    inner, sure = _inside(head[head_at:], whole=after_gap)
    head_at += inner
    short = head.count("\n", head_at) < _LINES_OF_A_TITLE
    starts_anew = text[start : start + 1].isupper() or text[start : start + 1].isdigit()
    if _is_prose(head[head_at:]) and starts_anew:
        return start, False
    if (after_gap or inner) and short:
        return head_at, sure
    return start, starts_anew and not short


def _is_prose(text: str) -> bool:
    line = unwrap(text)
    return bool(
        re.match(
            r"(?:As such|Therefore|Thus|Given|Based on|In (?:this|light)|The (?:request|patient|injured)|There|However)\b",
            line,
        )
        or re.search(r"\b(?:necessary|appropriate|certified|supported|recommended)\Z", line)
    )


def _ends_sentence(text: str) -> bool:
    return text.rstrip(" \n\f\"'”’)]").endswith((".", "?", "!"))


def disputed_part(title: str) -> tuple[str, bool]:
    """What is in dispute: the title, or the part of a partly approved request that is left. False: not marked."""
    if not _tells_of_a_part(title):
        return title, True
    found = last_of(_DISPUTED, title)
    return (title[found.end() :], True) if found else (title, False)


_WHOLE_REQUEST: Final = re.compile(r"\b(?:was|were)\s+(?:a\s+part\s+of\s+)?the\s+original\s+request\b", re.IGNORECASE)
_WHO: Final = r"the\s+(?:claims\s+administrator|claims\s+examiner|utilization\s+review(?:er)?|insurer|carrier)\b"
_GRANTED: Final = r"(?:authorized|certified|approved|allowed)"
_AFTER: Final = re.compile(rf"\b(?:was|were)\s+(?:partially\s+)?{_GRANTED}\s+by\s+{_WHO}", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"\b{_WHO}\s+(?:has\s+|had\s+)?(?:partially\s+)?{_GRANTED}\s+", re.IGNORECASE)
_END: Final = re.compile(r",?\s+leaving\s+the\b|\.\s+The\s+(?:remaining|original)\b", re.IGNORECASE)
_AROUND: Final = " \n.,;:"


def approved_part(title: str) -> tuple[str | None, str | None]:
    """The whole request and what of it was authorized; None for what the title does not say. Linear in it."""
    small = title.lower()
    if not ("request" in small or "author" in small or "cert" in small or "approved" in small or "allowed" in small):
        return None, None  # one of these is in all that the patterns find
    original = _WHOLE_REQUEST.search(title)
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
