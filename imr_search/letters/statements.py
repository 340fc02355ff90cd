"""A guideline text as statements of what was relied on, and each statement as units of one source.

What a text says was *not* relied on is taken out here, so that nothing behind can mistake it for a citation.
"""

from __future__ import annotations

import re

import msgspec

from imr_search.letters import chapters

_SCHEDULE = r"(?:MTUS|Medical Treatment Utilization Schedule(?:\s?\(MTUS\))?)(?: guidelines?)?"
_NOT_CITED = re.compile(
    r"\b(?:did|does|do|has|have) not (?:base|rely|use|cite|provide|reference|indicate|specify)\b"
    rf"(?:[^.]{{0,120}}?\b{_SCHEDULE}|[^.]*)"
    rf"|(?:,? (?:which|that) (?:is|are|was) |\b)(?:recommendations?(?:\(s\))? )?(?:outside|not part|not a part)(?: of)?(?: the)? {_SCHEDULE}"
    rf"|\bno section[^.;]{{0,60}}?{_SCHEDULE}[^.;,]*"
    rf"|(?:the )?{_SCHEDULE}[^.;,]{{0,40}}? (?:is|are|was|were|does|do|did) (?:silent|not)\b[^.;,]*"
    r"|\bPer the Strength of Evidence hierarchy[^.]{0,120}?Workers.{0,3}Compensation"
    r"|\b(?:the )?(?:expert|physician|medical|professional) reviewer found (?:the|that)\b[^.]{0,120}?used by the claims administrator[^.]*"
    rf"|\bnot addressed (?:by|in) (?:the )?{_SCHEDULE}",
    re.IGNORECASE,
)
# without one of these _NOT_CITED finds nothing
_NOT_CUES = (" not ", "outside", "no section", "silent", "strength of", "used by")
_PART_OF = re.compile(rf",? ?\(?(?:which|that)? ?(?:is|are|was) (?:a )?part of (?:the )?{_SCHEDULE}\)?", re.IGNORECASE)
_ABSENT = re.compile(r"\bnot cite any\b|\bno (?:medical )?evidence\b|\bdid not cite\b", re.IGNORECASE)
_NON_MTUS = re.compile(r"\bnon[- ]?MTUS(?: citations?)?:?", re.IGNORECASE)
_AGENT = r"(?:the )?(?:claims administrator|(?:expert|physician|medical|professional)? ?reviewer|he/she|he|she)\b"
_LEAD = re.compile(
    rf"(?:\b{_AGENT} )?(?:\bdecision (?:is |was )?based (?:up)?on"
    r"|\b(?:also )?based (?:its|their|his/her|his|her|the) decision (?:up)?on"
    r"|\b(?:also )?(?:cited|relied (?:up)?on))\b:?(?: the)?",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"(?P<MTUS>(?:\bCA[ -]|\bCalifornia )?(?:\bMTUS\b|\bMedical Treatment Utilization Schedule(?: \(MTUS\))?))"
    r"|(?P<ACOEM>\bAmerican College of Occupational (?:and|&) Environmental Medicine(?:'s)?(?: \(ACOEM\))?|\bACOEM\b)"
    r"|(?P<ODG>\bOfficial Disabilit(?:y|ies) Guidelines?(?: \(ODG\))?|\bODG\b)"
    r"|(?P<Other>\bOther Medical Treatment Guidelines?(?: or Medical Evidence)?:?)",
    re.IGNORECASE,
)
_BESIDE = 24  # characters between two names of sources that stand side by side
_BETWEEN = re.compile(r"[\s,/(&)-]*(?:the|and|guidelines)?[\s,/(&)-]*", re.IGNORECASE)
EDGE = " ,;:.-/&"
_REMNANT = re.compile(
    rf"(?:{_AGENT}|based (?:its|their|his/her|his|her) decision on|also|and|but|on|the|of|which|that|is|found|sections?|guidelines?"
    r"|following|n/a|none|not applicable|,|;|\.|:|\s)*",
    re.IGNORECASE,
)


class Unit(msgspec.Struct, frozen=True):
    """One source's part of a statement. `source` is the citation's, `sources` all that are named in `name`; `text` as printed."""

    source: str
    sources: tuple[str, ...]
    name: str
    body: str
    text: str


def statements(text: str) -> list[tuple[str, bool]]:
    """What was relied on, one statement each, with "which is part of the MTUS" taken out and said by the flag."""
    bounds = [found.span() for found in _LEAD.finditer(text)]
    pieces = [text[: bounds[0][0]]] if bounds else [text]
    pieces += [text[end : bounds[i + 1][0] if i + 1 < len(bounds) else len(text)] for i, (_, end) in enumerate(bounds)]
    kept: list[tuple[str, bool]] = []
    for piece in pieces:
        small = piece.casefold()
        positive = _NOT_CITED.sub(" ", piece) if any(cue in small for cue in _NOT_CUES) else piece
        within, count = _PART_OF.subn(" ", positive) if "part of" in small else (positive, 0)
        within = " ".join(within.split())
        if within.strip(EDGE) and not _is_remnant(within):
            kept.append((within, bool(count)))
    return kept


def _is_remnant(text: str) -> bool:
    found = _REMNANT.match(text)
    return found is not None and found.end() == len(text)


def units_of(statement: str, part_of_mtus: bool) -> list[Unit]:
    """The statement cut where a source is named; names side by side ("MTUS ACOEM", "Official ... (ODG)") are one cut."""
    foreign = _NON_MTUS.search(statement) is not None
    statement = _NON_MTUS.sub("", statement).strip(EDGE)
    cuts: list[tuple[int, int, list[str]]] = []
    for found in _SOURCE.finditer(statement):
        source = found.lastgroup or "Other"
        if cuts and found.start() - cuts[-1][1] < _BESIDE and _BETWEEN.fullmatch(statement, cuts[-1][1], found.start()):
            start, _, names = cuts[-1]
            cuts[-1] = (start, found.end(), [*names, source])
        else:
            cuts.append((found.start(), found.end(), [source]))
    units: list[Unit] = []
    inside = _in_brackets(statement, cuts, part_of_mtus)
    if inside is not None:
        return [inside]
    first = cuts[0][0] if cuts else len(statement)
    before = re.sub(r"\b(?:and|the)\s*$", "", statement[:first]).strip(EDGE)
    if before and not _is_remnant(before):
        source = _unnamed(before, foreign, part_of_mtus, cuts)
        units.append(Unit(source, (source,), "", before, before))
    for i, (start, end, names) in enumerate(cuts):
        stop = cuts[i + 1][0] if i + 1 < len(cuts) else len(statement)
        sources = tuple(dict.fromkeys(["MTUS", *names] if part_of_mtus and i == 0 else names))
        printed = re.sub(r"\s(?:and|also|the)$", "", statement[start:stop].strip(EDGE))
        body = re.sub(r"\b(?:and|also|the)\s*$", "", statement[end:stop])
        units.append(Unit("MTUS" if "MTUS" in sources else sources[0], sources, statement[start:end], body, printed))
    return units


def _in_brackets(statement: str, cuts: list[tuple[int, int, list[str]]], part_of_mtus: bool) -> Unit | None:
    """ "Low Back Complaints (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 12) pg. 303" is one unit, its source in brackets."""
    if len(cuts) != 1 or cuts[0][0] == 0 or statement[cuts[0][0] - 1] != "(":
        return None
    start, end, names = cuts[0]
    before = statement[: start - 1]
    if not any(part.chapter for part in chapters.known(before)):
        return None
    sources = tuple(dict.fromkeys(["MTUS", *names] if part_of_mtus else names))
    return Unit("MTUS" if "MTUS" in sources else sources[0], sources, "", before + statement[end:], statement)


def _unnamed(text: str, foreign: bool, part_of_mtus: bool, cuts: list[tuple[int, int, list[str]]]) -> str:
    """Whose guideline a text is that stands before any source's name."""
    if part_of_mtus:
        return "MTUS"
    if re.search(r"\bOccupational Medicine Practice Guidelines", text, re.IGNORECASE):
        return "ACOEM"
    if any("ODG" in names for _, _, names in cuts) and any(part.chapter for part in chapters.odg(text)):
        return "ODG"
    if not foreign and any(part.chapter for part in chapters.known(text)):
        return "MTUS"
    return "Other"


def denies(text: str) -> bool:
    """Whether the text says that something was not relied on: then citing nothing is no doubt."""
    return bool(_ABSENT.search(text) or _NOT_CITED.search(text))
