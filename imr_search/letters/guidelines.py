"""What an expert or a claims administrator cited, as units of source, chapter, section and pages.

A guideline's text is cut into statements of what was relied on, and each statement into units of one source. A statement that something was
*not* relied on ("outside of the MTUS", "did not cite any medical evidence") cites nothing. A citation of the MTUS's own ACOEM chapters is
one citation of the MTUS, while both count among the sources.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

import msgspec

from imr_search.letters import chapters
from imr_search.letters.items import lowered
from imr_search.letters.warnings import warning
from imr_search.model import Citation, ParseWarning

_SCHEDULE = r"(?:MTUS|Medical Treatment Utilization Schedule(?:\s?\(MTUS\))?)(?: guidelines?)?"
_NOT_CITED = re.compile(
    r"\b(?:did|does|do|has|have) not (?:base|rely|use|cite|provide|reference|indicate|specify)\b"
    rf"(?:[^.]{{0,120}}?\b{_SCHEDULE}|[^.]*)"
    rf"|(?:,? (?:which|that) (?:is|are|was) |\b)(?:recommendations?(?:\(s\))? )?(?:out-?side|not part|not a part)(?: of)?(?: the)? {_SCHEDULE}"
    rf"|\bno section[^.;]{{0,60}}?{_SCHEDULE}[^.;,]*"
    rf"|(?:the )?{_SCHEDULE}[^.;,]{{0,40}}? (?:is|are|was|were|does|do|did) (?:silent|not)\b[^.;,]*"
    r"|\bPer the Strength of Evidence hierarchy[^.]{0,120}?Workers.{0,3}Compensation"
    r"|\b(?:the )?(?:expert|physician|medical|professional) reviewer found (?:the|that)\b[^.]{0,120}?used by the claims administrator[^.]*"
    rf"|\bnot addressed (?:by|in) (?:the )?{_SCHEDULE}",
    re.IGNORECASE,
)
# without one of these _NOT_CITED finds nothing
_NOT_CUES = (" not ", "outside", "out-side", "no section", "silent", "strength of", "used by")
_PART_OF = re.compile(rf",? ?\(?(?:which|that)? ?(?:is|are|was) (?:a )?part of (?:the )?{_SCHEDULE}\)?", re.IGNORECASE)
_ABSENT = re.compile(r"\bnot cite any\b|\bno (?:medical )?evidence\b|\bdid not cite\b", re.IGNORECASE)
_NON_MTUS = re.compile(r"\bnon\s?[-_]?\s?MTUS(?: citations?)?:?", re.IGNORECASE)
_AGENT = r"(?:the )?(?:claims administrator|(?:expert|physician|medical|professional)? ?reviewer|he/she|he|she)\b"
_LEAD = re.compile(
    rf"(?:\b{_AGENT} )?(?:\bdecision (?:is |was )?based (?:up)?on"
    r"|\b(?:also )?based (?:its|their|his/her|his|her|the) decision (?:up)?on"
    r"|\b(?:also )?(?:cited|relied (?:up)?on))\b:?(?: the)?",
    re.IGNORECASE,
)
_USUAL_LEAD = re.compile(r"decision based on(?<![a-z] decision based on)")
# In small letters; a name's first letter stands before all else, because a search for a few letters is fast.
_SOURCE = re.compile(
    r"c(?<!\w.)(?:a[ -]|alifornia )(?:mtus\b|medical treatment utilization schedule(?: \(mtus\))?)"
    r"|m(?<!\w.)(?:tus\b|edical treatment utilization schedule(?: \(mtus\))?)"
    r"|a(?<!\w.)(?:merican college of occupational (?:and|&) environmental medicine(?:'s)?(?: \(acoem\))?|coem\b)(?P<ACOEM>)"
    r"|o(?<!\w.)(?:fficial disabilit(?:y|ies) guidelines?(?: \(odg\))?|dg\b)(?P<ODG>)"
    r"|o(?<!\w.)ther medical treatment guidelines?(?: or medical evidence)?:?(?P<Other>)"
)
_DATE = (
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d"
    r"|\d{1,2}[/-](?:\d{1,2}[/-])?\d{2,4}|(?:19|20)\d\d)"
)
# What an editor adds to a citation, and no part of what is cited: when it was adopted or looked at, where it stands on the web, the law behind it.
_EDITORIAL = re.compile(
    r"[\s,;]{0,3}\(?\b(?:(?:last |date )?(?:effective|revised|accessed|adopted|amended|updated|reviewed|retrieved|visited|viewed)|as of)"
    rf"(?: on| in)?:? {_DATE}\)?"
    r"|[\s,;(]{0,3}(?:\bhttps?://|\bwww\.)[^\s,;)]{3,300}\)?"
    r"|[\s,;(]{0,3}\b(?:8 )?CCR(?: section| \u00a7)? ?9\d{3}[\d.]{0,8}(?: ?- ?9\d{3}[\d.]{0,8})?\)?"
    r"|[\s,;]{0,3}\b(?:(?:19|20)\d\d )?(?:web|online) edition|[\s,;]{0,3}\baccessed online"
    r"|[\s,;]{0,3}\bintegrated treatment ?/ ?disability duration(?: guidelines?)?",
    re.IGNORECASE,
)
_EDITORIAL_CUES = (
    "ffective",
    "evised",
    "ccessed",
    "eviewed",
    "etrieved",
    "isited",
    "iewed",
    "dopted",
    "mended",
    "s of ",
    "pdated",
    "://",
    "www.",
    "CCR",
    "dition",
    "ntegrated",
)
_ADDRESS = re.compile(r"(?:\bhttps?://|\bwww\.)[^\s,;)]{3,300}")
_BESIDE = 24  # characters between two names of sources that stand side by side
_BETWEEN = re.compile(r"[\s,/(&)-]*(?:the|and|guidelines)?[\s,/(&)-]*", re.IGNORECASE)
EDGE = " ,;:.-/&"
# What leads to the next citation, at the end of one.
_JOINTS = ("and", "also", "the")
_JOINT = re.compile(r"\b(?:and|also|the)\s*$")
_JOINT_PRINTED = re.compile(r"\s(?:and|also|the)$")
_JOINT_BEFORE = re.compile(r"\b(?:and|the)\s*$")
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
    bounds = _leads(text)
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


def _leads(text: str) -> list[tuple[int, int]]:
    """[start, end) of all leads. One of three words is in each, and nearly always it is in "Decision based on", with nobody named before."""
    small = lowered(text)
    usual = [found.start() for found in _USUAL_LEAD.finditer(small)]
    if len(usual) < small.count("based") + small.count("cited") + small.count("relied"):
        return [found.span() for found in _LEAD.finditer(text)]
    return [found.span() for at in usual if (found := _LEAD.match(text, at))]


def _is_remnant(text: str) -> bool:
    found = _REMNANT.match(text)
    return found is not None and found.end() == len(text)


def units_of(statement: str, part_of_mtus: bool) -> list[Unit]:
    """The statement cut where a source is named; names side by side ("MTUS ACOEM", "Official ... (ODG)") are one cut."""
    statement, foreign = _NON_MTUS.subn("", statement) if "non" in statement.lower() else (statement, 0)
    statement = statement.strip(EDGE)
    cuts: list[tuple[int, int, list[str]]] = []
    searched = statement
    if "www." in statement or "://" in statement:  # an address names no source
        searched = _ADDRESS.sub(lambda address: "_" * len(address.group()), statement)
    for found in _SOURCE.finditer(lowered(searched)):
        source = found.lastgroup or "MTUS"
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
    before = statement[:first]
    if before.rstrip().endswith(_JOINTS):
        before = _JOINT_BEFORE.sub("", before)
    before = before.strip(EDGE)
    pages_first = _only_pages(before) if cuts else ""  # "page 12 of the ODG"
    if before and not pages_first and not _is_remnant(before):
        source = _unnamed(before, bool(foreign), part_of_mtus, cuts)
        units.append(Unit(source, (source,), "", before, before))
    for i, (start, end, names) in enumerate(cuts):
        stop = cuts[i + 1][0] if i + 1 < len(cuts) else len(statement)
        if len(named := [name for name in names if name != "Other"]) > 0:
            names = named  # "Other Medical Treatment Guideline: ACOEM ..." cites the ACOEM
        sources = tuple(dict.fromkeys(["MTUS", *names] if part_of_mtus and i == 0 else names))
        printed, body = statement[start:stop].strip(EDGE), statement[end:stop]
        if body.rstrip(EDGE).endswith(_JOINTS):
            printed, body = _JOINT_PRINTED.sub("", printed), _JOINT.sub("", body)
        if names != ["Other"] and any(cue in body for cue in _EDITORIAL_CUES):
            body = _EDITORIAL.sub("", body)
        if pages_first and i == 0:
            printed, body = statement[:stop].strip(EDGE), f" {pages_first},{body}"
        units.append(Unit("MTUS" if "MTUS" in sources else sources[0], sources, statement[start:end], body, printed))
    return units


_OF_PAGES = re.compile(r"(?:\b(?:see|at|on|of|in|from|the|and)\b|[\s,;:.()&/-])*", re.IGNORECASE)


def _only_pages(text: str) -> str:
    """The pages in a text that is of nothing else, as "see pages 12-14 of the"; else ""."""
    runs = chapters.page_lists(text)
    return text[runs[0].start : runs[-1].end] if runs and _OF_PAGES.fullmatch(_without_pages(text)) else ""


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


SOURCES = ("MTUS", "ACOEM", "ODG", "Other")
LONGEST = 8_000  # characters; the longest real one has 1,400
MOST = 100  # citations; the most in a real one are 13

_DASHES = MappingProxyType(dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"))
_NUMBERED = re.compile(r"(?:ACOEM )?chapter \d", re.IGNORECASE)
_PROSE = re.compile(
    r"[\s,;.()]*(?:because|as|since|which|that|who|and(?!\s(?-i:[A-Z]))|for|to|in|on|is|are|was|were|they|it|its|this|these|when|where|of)\b"
)


class Cited(msgspec.Struct, frozen=True):
    """Everything that one guideline text says: `sources`, `chapters` and `sections` in order, without doubles; `pages` sorted."""

    citations: tuple[Citation, ...] = ()
    sources: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    chapters: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    warnings: tuple[ParseWarning, ...] = ()


@lru_cache(maxsize=4096)
def read(text: str) -> Cited:
    """The citations in one guideline text, as printed behind "MAXIMUS guideline:". Cached: letters repeat each other."""
    warnings: list[ParseWarning] = []
    if len(text) > LONGEST:
        warnings.append(warning("W20"))
        text = text[:LONGEST]
    printed = " ".join(text.split())
    text = printed if printed.isascii() else printed.translate(_DASHES)
    citations: list[Citation] = []
    sources: set[str] = set()
    long: list[str] = []
    for statement in statements(text):
        said = _read_statement(*statement)
        citations += said.citations
        sources.update(said.sources)
        long += said.long
    unnamed = any(one.source == "Other" and not _without_pages(one.text) for one in citations)
    if unnamed or (not citations and text.strip(EDGE) and not denies(text)):
        warnings.append(warning("W21"))
    warnings.extend(warning("W08", pages_) for pages_ in dict.fromkeys(long))
    if text != printed:
        citations = [msgspec.structs.replace(one, text=_as_printed(one.text, text, printed)) for one in citations]
    citations = list(dict.fromkeys(citations))
    if len(citations) > MOST:
        del citations[MOST:]
        warnings.append(warning("W20"))
    return Cited(
        citations=tuple(citations),
        sources=tuple(source for source in SOURCES if source in sources),
        pages=tuple(sorted({page for one in citations for page in one.pages})),
        chapters=tuple(dict.fromkeys(one.chapter for one in citations if one.chapter)),
        sections=tuple(dict.fromkeys(one.section for one in citations if one.section)),
        warnings=tuple(dict.fromkeys(warnings)),
    )


class _Said(msgspec.Struct, frozen=True):
    citations: tuple[Citation, ...]
    sources: tuple[str, ...]
    long: tuple[str, ...]


@lru_cache(maxsize=8192)
def _read_statement(statement: str, part_of_mtus: bool) -> _Said:
    """One statement's citations; cached by itself, because statements repeat more than the texts that they make up."""
    citations: list[Citation] = []
    sources: list[str] = []
    long: list[str] = []
    for unit in units_of(statement, part_of_mtus):
        sources.extend(unit.sources)
        citations.extend(_read_unit(unit, long))
    return _Said(tuple(citations), tuple(sources), tuple(long))


def _read_unit(unit: Unit, long: list[str]) -> list[Citation]:
    """The citations of one unit, one for each chapter and section, each with the pages that stand behind it."""
    if unit.source == "Other":
        return [Citation("Other", None, None, _all_pages(unit.body, long), unit.text)] if unit.body.strip(EDGE) else []
    read_parts = chapters.odg if unit.source == "ODG" else chapters.known
    unit = msgspec.structs.replace(unit, body=_pages_last(unit.body, read_parts))
    parts = read_parts(unit.body)
    parts = [part for part in parts if part.chapter or chapters.plain(part.rest) or chapters.page_lists(part.rest)]
    if not parts:
        return [Citation(unit.source, None, None, (), unit.text)]
    shared_text = len({part.start for part in parts}) == 1
    found: list[Citation] = []
    for part in parts:
        runs = _by_pages(part.rest, part.chapter, long)
        for section_text, numbers, printed in runs:
            text = unit.text if shared_text and len(runs) == 1 else _named(unit, part, printed)
            names: list[str | None] = [*_section_names(unit.source, section_text, part.chapter)]
            found.extend(Citation(unit.source, part.chapter, name, numbers, text) for name in names or [None])
    return found


_OF_THEM = re.compile(r"\A[\s,;:.)]*(?:(?:of|in|from|at)\s(?:the\s)?)?", re.IGNORECASE)


def _pages_last(body: str, read_parts: Callable[[str], list[chapters.Part]]) -> str:
    """Pages that stand before their chapter behind it: "page 12, Low Back Chapter, MRI" as "Low Back Chapter, MRI, page 12"."""
    runs = chapters.page_lists(body)
    if not runs or chapters.plain(body[: runs[0].start]) is not None or read_parts(body)[0].chapter:
        return body
    bounds = [*(run.start for run in runs[1:]), len(body)]
    moved: list[str] = []
    for run, end in zip(runs, bounds, strict=True):
        text = _OF_THEM.sub("", body[run.end : end])
        parts = read_parts(text)
        if not parts or not parts[0].chapter:
            break
        own = _JOINT.sub("", text[: parts[0].end]).strip(EDGE)
        moved.append(f"{own}, {body[run.start : run.end]}; {text[parts[0].end :]}")
    if not moved:
        return body
    if len(moved) < len(runs):  # not all stand before a chapter: the first do
        del moved[1:]
    return f"{' '.join(moved)} {body[bounds[len(moved) - 1] :]}"


def _named(unit: Unit, part: chapters.Part, printed: str) -> str:
    """A part's own words, behind its source's name and its chapter, because those are printed once for all that follows."""
    head = unit.body[part.start : part.end - len(part.rest)]
    whole = printed == part.rest
    own = unit.body[part.start : part.end] if whole else f"{head}{printed}"
    own = re.sub(r",?\sand$", "", own.strip(EDGE))
    borrowed = part.start > 0 and unit.source == "MTUS" and not _NUMBERED.match(own)
    return f"{unit.source if borrowed else unit.name} {own}".lstrip()


def _section_names(source: str, text: str, chapter: str | None) -> list[str]:
    if source == "MTUS":
        return chapters.sections(_strip_guidelines(text))
    names = [name for piece in text.split(";") if (name := chapters.plain(piece))]
    return [name for name in names if chapter is None or name.casefold() not in chapter.casefold()]


_GUIDELINES_FIRST = re.compile(
    r"[\s,;:.()-]*(?:(?:treatment )?guidelines?\b|\((?:effective|revised)[^()]{0,40}\))[\s,;:.)-]*", re.IGNORECASE
)


def _strip_guidelines(text: str) -> str:
    found = _GUIDELINES_FIRST.match(text)
    return text[found.end() :] if found else text


def _by_pages(rest: str, chapter: str | None, long: list[str]) -> list[tuple[str, tuple[int, ...], str]]:
    """ "Opioids Page(s): 78, Topicals Page(s): 111" as section, pages and text printed; text behind the last pages stands alone."""
    found: list[tuple[str, tuple[int, ...], str]] = []
    at = 0
    for run in chapters.page_lists(rest):
        found.append((rest[at : run.start], run.pages, rest[at : run.end]))
        long.extend(run.long)
        at = run.end
    tail = chapters.without_lone_cue(rest[at:])
    if not found:
        return [(tail, (), rest)]
    if _PROSE.match(tail):
        tail = ""
    section, numbers, printed = found[-1]
    if chapter is not None and tail.strip(EDGE).casefold() in chapter.casefold():
        found[-1] = (section, numbers, printed + rest[at:])  # "Chapter 7, page 127, Independent Medical Examinations"
    elif section.strip(EDGE) and tail.strip(EDGE + "()"):
        found.append((tail, (), rest[at:]))
    elif tail.strip(EDGE + "()"):
        found[-1] = (tail, numbers, printed + rest[at:])  # "page 303, Table 12-8"
    return found


def _as_printed(words: str, plain: str, printed: str) -> str:
    """`words` of `plain` with the dashes that `printed` has at the same places."""
    at = plain.find(words)
    return printed[at : at + len(words)] if at >= 0 else words


def _without_pages(text: str) -> str:
    for run in reversed(chapters.page_lists(text)):
        text = text[: run.start] + text[run.end :]
    return text.strip(EDGE)


def _all_pages(text: str, long: list[str]) -> tuple[int, ...]:
    numbers: set[int] = set()
    for run in chapters.page_lists(text):
        numbers.update(run.pages)
        long.extend(run.long)
    return tuple(sorted(numbers))
