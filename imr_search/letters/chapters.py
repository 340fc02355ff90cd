"""How a citation names its pages, chapters and sections.

Numbers are pages only behind a page cue; years, tables and editions never are. The MTUS and ACOEM print chapter names that are known
beforehand; the ODG is cited freely, so its chapters are looked for only where a citation begins.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from functools import cache

import msgspec

from imr_search import vocabulary
from imr_search.letters.items import lowered

LONGEST_RANGE = 400

_NUMBER = r"\d{1,4}(?![\d%]|\.\d|/\d|\s*(?:st|nd|rd|th)\b)"
_ITEM = rf"{_NUMBER}(?:\s*(?:-|\bto\b|\bthrough\b)\s*{_NUMBER})?"
_CUE = r"\b(?:pages?\s?\(s\)|pages?|pgs?\b\.?|pp\b\.?|p\.|p(?=\s?\d{1,4}(?![\w.%/])))\s?[:.#]?\s?"
_LIST = re.compile(
    rf"{_CUE}({_ITEM}(?:\s?(?:,\s?and\b|,\s?&|,|;|&|\band\b)?\s?(?:{_CUE})?{_ITEM})*)(?:\sof\s\d{{1,4}}\b)?",
    re.IGNORECASE,
)
_MAYBE_PAGES = re.compile(r"[pP](?<!\w.)(?:[aA][gG][eE]|[gGpP.]|\s?\d)")  # in all that has a cue
_RANGE = re.compile(r"(\d{1,4})(?:\s*(?:-|to|through)\s*(\d{1,4}))?", re.IGNORECASE)
_LONE_CUE = re.compile(r"\b(?:pages?\s?\(s\)|pages?|pgs?\.?|pp\.?)\s?[:.]?\s*$", re.IGNORECASE)


class PageList(msgspec.Struct, frozen=True):
    """One run of page numbers; `start` and `end` are offsets of it, cue included. `long` holds ranges that were not expanded."""

    start: int
    end: int
    pages: tuple[int, ...]
    long: tuple[str, ...] = ()


def page_lists(text: str) -> list[PageList]:
    """Every page list of `text` (dashes already plain), in order; lists with nothing between them are one."""
    found: list[PageList] = []
    for match in _LIST.finditer(text) if _MAYBE_PAGES.search(text) else ():
        pages, long = expand(match.group(1))
        if not pages:
            continue
        before = found[-1] if found else None
        if before is not None and not text[before.end : match.start()].strip(" ,;:.&-"):
            pages = tuple(sorted({*before.pages, *pages}))
            found[-1] = PageList(before.start, match.end(), pages, before.long + long)
        else:
            found.append(PageList(match.start(), match.end(), pages, long))
    return found


def expand(numbers: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """ "76-80, 98" as sorted pages, and the ranges over LONGEST_RANGE of which only the ends were kept. Years are left out."""
    pages: set[int] = set()
    long: list[str] = []
    for match in _RANGE.finditer(numbers):  # right behind the cue a range is of pages, whatever its size
        first, last = match.group(1), match.group(2)
        if last is None:
            if not _is_year(first):
                pages.add(int(first))
            continue
        low, high = int(first), int(last)
        if high < low and len(last) < len(first):
            high = int(first[: len(first) - len(last)] + last)  # 111-13 is 111-113
        if _is_year(first) and _is_year(last) and match.start() > 0:
            continue
        low, high = min(low, high), max(low, high)
        if high - low > LONGEST_RANGE:
            long.append(f"{low}-{high}")
            pages.update((low, high))
        else:
            pages.update(range(low, high + 1))
    pages.discard(0)
    return tuple(sorted(pages)), tuple(long)


def without_lone_cue(text: str) -> str:
    """`text` without a page cue at its end that has no number."""
    return _LONE_CUE.sub("", text) if _MAYBE_PAGES.search(text) else text


def _is_year(number: str) -> bool:
    return len(number) == 4 and "1900" <= number <= "2030"


class Part(msgspec.Struct, frozen=True):
    """A chapter (or None) with the text behind it; `start` and `end` are offsets of both."""

    chapter: str | None
    rest: str
    start: int
    end: int


_PREAMBLE = 120  # characters of editions and the like that may stand before the first chapter
_YEAR = r"\(?(?:19|20)\d\d\)?"
_GUIDELINES = r"(?:\s(?:medical\s)?(?:treatment\s)?guidelines?\b)"
_SECTIONS = re.compile(r"[\s,;:.\-/]*(?:sections?\s?\(s\)|sections?\b)\s?:?\s*", re.IGNORECASE)
_MARKED_SECTION = re.compile(r",?\s?sections?\s?\(s\)\s?:", re.IGNORECASE)
_DECOR = re.compile(
    r"\((?:acute|chronic|acute (?:&|and) chronic|online(?: version)?|web(?: version)?|(?:last )?updated? [\d/.-]{4,12}"
    r"|odg|twc|acoem|effective [^()]{4,20})\)"
    r"|\b(?:(?:online|web)[ -]version\b|treatment index\b|(?:last )?updated? \d[\d/.-]{3,11}|procedures? summary\b"
    r"|procedures?$|treatment in workers'? comp(?:ensation)?\b|twc\b|\d{1,2}(?:st|nd|rd|th) ed(?:ition\b|\b\.?)|complaints\b"
    r"|(?:occupational medicine )?practice guidelines?\b|occupational medicine guidelines?\b|guidelines?(?: chapters?)?\b)"
    r"|\(?\b(?:19|20)\d\d\b\)?",
    re.IGNORECASE,
)
_EDGE = " ,;:.-/&*"


# A chapter that no list has, where the form marks it: "COVID-19 2021, Section(s): Vaccines".
_MARKED = rf"(?-i:[A-Z])[\w&'/-]*(?:\s[\w&'/-]+){{0,6}}?(?=(?:,?\s{_YEAR})?\s?,?\s?Sections?\s?\(s\)\s?:)"


@cache
def _heads() -> re.Pattern[str]:
    """A chapter's head where a citation may begin. "Chapter 12 Low Back Complaints 2004" is one head."""
    names = "|".join(re.escape(name) for name in _by_length(vocabulary.split(_table("mtus")["chapters"])))
    return re.compile(
        rf"\s*(?:the\s)?"
        rf"(?:(?:acoem\s(?:guidelines?,?\s)?)?ch(?:apters?|\.)\s?(?P<number>\d{{1,2}})(?!\d)\b[\s,:;.-]{{0,3}}\(?(?P<named>{names})?\)?"
        rf"|(?P<name>(?:{names})(?:\s(?:Disorders|Complaints)\b)?|{_MARKED}))"
        rf"(?P<words>{_GUIDELINES}?)(?:,?\s(?P<year>{_YEAR}))?(?P<after>{_GUIDELINES}?)(?![\w-])",
        re.IGNORECASE,
    )


@cache
def _canonical() -> Mapping[str, str]:
    return {name.casefold(): name for name in vocabulary.split(_table("mtus")["chapters"])}


def _table(source: str) -> dict[str, str]:
    found: dict[str, str] = vocabulary.table("guideline")[source]
    return found


def _by_length(names: tuple[str, ...]) -> list[str]:
    return sorted(names, key=len, reverse=True)


_BEFORE_HEAD = re.compile(r"[,;.:)/&]|[aA](?<!\w.)[nN][dD]")


def _find_heads(body: str) -> list[re.Match[str]]:
    """All heads, none inside another."""
    pattern = _heads()
    heads: list[re.Match[str]] = []
    at = 0
    for start in (0, *[mark.end() for mark in _BEFORE_HEAD.finditer(body)]):
        if start >= at and (head := pattern.match(body, start)):
            heads.append(head)
            at = head.end()
    return heads


def known(body: str) -> list[Part]:
    """The parts of an MTUS or ACOEM citation. Text before the first chapter is a part without one."""
    heads = [found for found in _find_heads(body) if _begins_part(found, body)]
    parts: list[Part] = []
    first = heads[0].start() if heads else len(body)
    if body[:first].strip(_EDGE):
        parts.append(Part(None, body[:first], 0, first))
    for i, head in enumerate(heads):
        end = heads[i + 1].start() if i + 1 < len(heads) else len(body)
        chapter = _head_name(head)
        before = parts[-1] if parts else None
        if (
            before is not None
            and before.chapter
            and chapter.endswith(f" {before.chapter}")
            and plain(before.rest) is None
        ):
            parts[-1] = Part(
                chapter, body[head.end() : end], before.start, end
            )  # "Low Back Complaints (..., Chapter 12)"
        else:
            parts.append(Part(chapter, body[head.end() : end], head.start(), end))
    return parts


def _begins_part(head: re.Match[str], body: str) -> bool:
    """Inside a text only what cannot be a section's name begins a new part: a number, a year, "Guidelines" or "Complaints"."""
    if head.start() < _PREAMBLE and plain(body[: head.start()]) is None:
        return True
    parted = head["year"] and body[head.end("words") : head.start("year")].strip(
        " "
    )  # "Opioids, 2009" is a section and its year
    if head["number"] or (head["year"] and not (parted and head["year"].isdigit()) and "(" not in head["year"]):
        return True
    name = (head["name"] or "").casefold()
    if name in _canonical() and _MARKED_SECTION.match(body, head.end()):
        return True
    return bool(head["words"] or head["after"]) or name.endswith(("complaints", "disorders"))


def _head_name(head: re.Match[str]) -> str:
    printed = head["name"] or head["named"] or ""
    name = _canonical().get(printed.casefold(), printed)
    words = " " + head["words"].strip().title() if head["words"] else ""
    year = " " + head["year"].strip("()") if head["year"] else ""
    number = head["number"]
    if number:
        name = f"Chapter {number} {name or _table('acoem').get(number, '')}".rstrip()
    if not year and not words and head["after"]:
        words = " " + head["after"].strip().title()
    return f"{name}{words}{year}"


@cache
def _odg_pieces() -> re.Pattern[str]:
    """Where a new chapter begins inside an ODG citation: behind ";", or behind "," when its section follows a slash."""
    several = [name for row in _table("odg").values() for name in vocabulary.split(row) if " " in name]
    names = "|".join(re.escape(name) for name in _by_length(tuple(several)))
    return re.compile(rf"(?<=;)|(?<=,)(?=\s(?:{names})\s?/)", re.IGNORECASE)


@cache
def _odg_names() -> tuple[re.Pattern[str], Mapping[str, str]]:
    spelled = {
        spelling.casefold(): chapter
        for chapter, spellings in _table("odg").items()
        for spelling in vocabulary.split(spellings)
    }
    names = "|".join(re.escape(name) for name in _by_length(tuple(spelled)))
    return re.compile(rf"[\s,;:./&-]*(?:\band\s)?(?:the\s)?({names})(?!\w)(?:'s)?", re.IGNORECASE), spelled


_BODY_PARTS = ("Elbow", "Knee", "Shoulder", "Hip", "Neck", "Ankle", "Low Back", "Hand", "Wrist")


@cache
def _late_chapter() -> re.Pattern[str]:
    """A chapter behind its section: "physical therapy, elbow chapter", "Physical therapy/Preface", "MRI Elbow"."""
    names = "|".join(re.escape(name) for name in _by_length(tuple(_odg_names()[1])))
    return re.compile(
        rf"(?:^|[,;:(]?\s|\()(?:the\s)?(?P<name>{names})\s?(?:chapter|section)s?$|/\s?(?P<slash>{names})$"
        rf"|(?<=\w)(?<!of)(?<!for)(?<!to)(?<!the)(?<!and)(?<!or)(?<!left)(?<!right)\s(?-i:(?P<joint>{'|'.join(_BODY_PARTS)}))$",
        re.IGNORECASE,
    )


def _find_late_chapter(text: str) -> re.Match[str] | None:
    if "/" in text or text.endswith(_BODY_PARTS) or text.lower().rstrip("s").endswith(("chapter", "section")):
        return _late_chapter().search(text)
    return None


_HOLES = re.compile(r"(?:\s?,){2,}")
_CHAPTER_WORD = re.compile(r"\s*(?:chapters?|sections?|topics?)\b", re.IGNORECASE)


def odg(body: str) -> list[Part]:
    """The parts of an ODG citation: chapters at its head share what follows; a chapter behind ";" begins a new part."""
    parts: list[Part] = []
    offset = 0
    for piece in _odg_pieces().split(body) if ";" in body or "/" in body else (body,):
        found = _odg_piece(piece, offset)
        if parts and found and found[0].chapter is None:  # "EMG; NCS": a second section of the same chapter
            last = parts[-1]
            parts[-1] = Part(last.chapter, last.rest + found[0].rest, last.start, found[0].end)
        else:
            parts.extend(found)
        offset += len(piece)
    return parts


def _odg_piece(piece: str, offset: int) -> list[Part]:
    pattern, spelled = _odg_names()
    blanked = _blank_decor(piece)
    chapters: list[str] = []
    at = 0
    while (found := pattern.match(blanked, at)) is not None:
        behind = _CHAPTER_WORD.match(blanked, found.end())
        end = behind.end() if behind else found.end()
        if not (behind or " " in found.group(1) or blanked[end : end + 1].strip(_EDGE + "()") == ""):
            break
        if blanked[end : end + 1] == " " and not behind and _goes_on(blanked, end, found.group(1)):
            break
        chapters.append(spelled[found.group(1).casefold()])
        at = end
    rest = blanked[at:]
    whole = (offset, offset + len(piece))
    if not chapters:
        late = _find_late_chapter(rest.strip(_EDGE + ")"))
        if late:
            name = late["name"] or late["slash"] or late["joint"]
            return [Part(spelled[name.casefold()], rest.strip(_EDGE)[: late.start()], *whole)]
        return [Part(None, rest, *whole)] if rest.strip(_EDGE) else []
    return [Part(chapter, rest, *whole) for chapter in dict.fromkeys(chapters)]


def _goes_on(text: str, end: int, name: str) -> bool:
    """Whether a one-word chapter is only the first word of something else ("Pain management", "Hand surgery")."""
    after = text[end:].lstrip(" ")
    if " " in name or not after or not after[0].isalnum():
        return False
    return len(text[end:]) - len(after) < 3  # blanked decor leaves a wide gap: "Pain (Chronic) Acupuncture"


# One of these, a digit or a bracket is in all decor.
_DECOR_CUES = ("version", "index", "update", "procedure", "comp", "twc", "guideline")
_DIGIT_OR_BRACKET = re.compile(r"[\d(]")


def _blank_decor(text: str) -> str:
    small = lowered(text)
    if not _DIGIT_OR_BRACKET.search(text) and not any(cue in small for cue in _DECOR_CUES):
        return text
    return _DECOR.sub(lambda found: " " * len(found.group()), text)


_LONE_WORDS = re.compile(r"^(?:chapter|section|and|the)\b\s*(?=$|\W)|\s(?:and|chapter)$", re.IGNORECASE)


def _without_section_cue(text: str) -> str:
    found = _SECTIONS.match(text)
    return text[found.end() :] if found else text


def plain(section: str) -> str | None:
    """A freely cited section without editions, dates and edges; None when nothing is left."""
    if not section.strip(_EDGE):
        return None
    words = " ".join(_blank_decor(section).split())
    words = words.replace("( ", "(").replace(" )", ")").replace("()", "").replace(" :", ":")
    if words.count(",") > 1:
        words = _HOLES.sub(",", words)
    words = _without_section_cue(words).strip(_EDGE)
    if words.startswith("(") and words.endswith(")") and words.count("(") <= 2:
        words = words[1:-1].strip(_EDGE)
    small = lowered(words)
    if small.startswith(("chapter", "section", "and", "the")) or small.endswith((" and", " chapter")):
        words = _LONE_WORDS.sub("", words)
    return as_section(words.strip(_EDGE))


_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?"
# What no section is: a conjunction, a cue, a number, a date.
_NO_SECTION = re.compile(
    r"(?:and|or|of|the|for|to|in|on|at|by|with|see|also|per|as|etc|et al|ibid|none|n/?a|not applicable|(?:which is )?part(?: of)?|which is)"
    r"|(?:sections?(?:\s?\(s\))?|chapters?|topics?|pages?(?:\s?\(s\))?|pp?|pgs?|tables?|figures?|volumes?|editions?|updated?|guidelines?|treatments?"
    r"|evidence|index|web|online|version)(?!\w)[\s.:]*[\d ,.-]*"
    rf"|{_MONTH}(?:[\s,]+\d{{1,2}}(?:st|nd|rd|th)?)?(?:[\s,]+\d{{4}})?|\d{{1,2}}\s{_MONTH}(?:[\s,]+\d{{4}})?"
    r"|[\W\d_]*|\d+(?:st|nd|rd|th)(?: ed(?:ition|\.)?)?|et seq|vol(?:ume|\.)? ?\d{1,3}|(?:web|online) (?:version|edition)",
    re.IGNORECASE,
)
# In small letters.
_BEFORE_SECTION = re.compile(
    r"(?:(?:and|or|see|also|part of|which is part of|topics?\s?:|sections?\s?:|under|re:)\s+)+"
)
_BEHIND_SECTION = re.compile(
    r"(?:[\s,;:]+(?:(?:which is )?part of|which is part|part|and|or|of|the|n/a|none"
    r"|topics?|sections?(?:\s?\(s\))?|chapters?|pages?(?:\s?\(s\))?|pp?\.?|pgs?\.?|see p\.?|see (?:above|below)|ibid\.?|supra|infra|et seq\.?|etc\.?"
    r"|\(?(?:web|online)(?: (?:version|edition))?\)?))+$"
)
_LONGEST_SECTION = 400  # characters
_MARGIN = re.compile(r"[\s,;(]{0,4}\bsee\s(?:p|pg|pp|pages?)\.?\s?\d{0,4}\)?$", re.IGNORECASE)
_DATE_IN_BRACKETS = re.compile(
    rf"\s?\((?:(?:effective|revised|updated|dated)[\s:]*)?(?:{_MONTH}[\s,]*)?(?:\d{{1,2}},?\s?)?(?:19|20)\d\d\)",
    re.IGNORECASE,
)


def as_section(name: str) -> str | None:
    """`name` as a section's: without cues and conjunctions around it, and with every bracket closed; None for what cannot be one."""
    if len(name) > _LONGEST_SECTION:  # no section's name, and too long to be tidied again and again
        return name.strip(_EDGE) or None
    words = _DATE_IN_BRACKETS.sub("", name) if "(" in name else name
    if "see" in lowered(words):
        words = _MARGIN.sub("", words)
    words = words.strip(_EDGE)
    if words.count("(") != words.count(")"):
        words = _closed(words)
    while (shorter := _without_edge_words(words)) != words:
        words = shorter
    return None if not words or _NO_SECTION.fullmatch(words) else words


def _without_edge_words(words: str) -> str:
    small = lowered(words)
    first = _BEFORE_SECTION.match(small)
    start = first.end() if first else 0
    last = _BEHIND_SECTION.search(small, start)
    return words[start : last.start() if last else len(words)].strip(_EDGE)


def _closed(words: str) -> str:
    """The words without a bracket that is not closed, and without one that was not opened."""
    depth, opened = 0, 0
    kept: list[str] = []
    for character in words:
        if character == ")" and not depth:
            continue
        if character == "(" and not depth:
            opened = len(kept)
        depth += (character == "(") - (character == ")")
        kept.append(character)
    text = "".join(kept)
    return (text[:opened] if depth else text).strip(_EDGE)


@cache
def _section_names() -> tuple[re.Pattern[str], Mapping[str, str]]:
    names = vocabulary.split(_table("mtus")["sections"])
    commaed = "|".join(re.escape(name) for name in _by_length(names) if "," in name)
    return re.compile(rf"(?:{commaed})(?![\w])", re.IGNORECASE), {name.casefold(): name for name in names}


_SECTION_CUE = re.compile(r"[\s,;]{0,6}(?:\band\s)?(?:\bfor\s)?\bSections?\s?\(s\)\s?:?\s*", re.IGNORECASE)
_TRAILING_AND = re.compile(r"[,;]?\sand$", re.IGNORECASE)
_COMMA = re.compile(r"[,;]\s*|[()]")
_FOLLOWS = re.compile(r"[\s,;]*(?:\band\s)?")
_JOINED = re.compile(r"and\s", re.IGNORECASE)
_NUMBERED = re.compile(r"\d+(?:\.\d+)+\.?\s|\d\.\s")
_NUMBERED_OR_APPENDED = re.compile(rf"(?:and\s)?(?:{_NUMBERED.pattern}|Appendix\s[A-Z]\b)")


def sections(rest: str) -> list[str]:
    """ "NSAIDs, GI symptoms & cardiovascular risk, Proton Pump Inhibitors (PPIs)" as its sections, known ones as listed."""
    text = _without_section_cue(rest)
    if "section" in lowered(text):
        text = _SECTION_CUE.sub(", ", text)
    text = text.strip(_EDGE)
    if text[-3:].lower() == "and":
        text = _TRAILING_AND.sub("", text)
    if not text:
        return []
    commaed, listed = _section_names()
    numbered = _NUMBERED.match(text) is not None
    cuts = deque(_cuts(text, numbered))
    found: list[str] = []
    at = 0
    while at < len(text):
        known_name = commaed.match(text, at)
        if known_name is not None:
            found.append(known_name.group())
            at = known_name.end()
            follows = _FOLLOWS.match(text, at)
            at = follows.end() if follows else at
            continue
        while cuts and cuts[0][0] < at:
            cuts.popleft()
        end, after = cuts.popleft() if cuts else (len(text), len(text))
        found.append(text[at:end])
        at = after
    names = [part for raw in found for part in _several(raw.strip(_EDGE), listed)]
    kept = [name for raw in names if (name := as_section(raw))]
    return list(dict.fromkeys(listed.get(name.casefold(), name) for name in kept))


def _cuts(text: str, numbered: bool) -> list[tuple[int, int]]:
    """Where one section ends and the next begins. What begins in small letters belongs to the section before, and so does
    what a bracket holds."""
    found: list[tuple[int, int]] = []
    waiting: list[tuple[int, int]] = []  # inside a bracket if the next one closes
    for mark in _COMMA.finditer(text):
        if mark.group() in ("(", ")"):
            found += waiting if mark.group() == "(" else ()
            waiting = []
            continue
        after = mark.end()
        if after >= len(text):
            break
        if numbered:
            if _NUMBERED_OR_APPENDED.match(text, after):
                waiting.append((mark.start(), after))
        elif not (text[after].islower() or text[after] in "&("):
            joined = _JOINED.match(text, after)
            waiting.append((mark.start(), joined.end() if joined else after))
    return found + waiting


def _several(name: str, listed: Mapping[str, str]) -> list[str]:
    """Two listed sections with "and" or nothing between them are two; any other "and" is part of a name."""
    if len(name) > _LONGEST_SECTION or name.casefold() in listed:
        return [name]
    for joint in _JOINTS.finditer(name):
        left, right = name[: joint.start()], name[joint.end() :]
        if left.casefold() in listed and (right.casefold() in listed or (joint["and"] and right[:1].isupper())):
            return [left, *_several(right, listed)]
    return [name]


_JOINTS = re.compile(r"\s(?:(?P<and>and|&)\s)?", re.IGNORECASE)
