"""What an expert or a claims administrator cited, as units of source, chapter, section and pages.

A statement that something was *not* relied on ("outside of the MTUS", "did not cite any medical evidence") cites nothing.
A citation of the MTUS's own ACOEM chapters is one citation of the MTUS, while both count among the sources.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType

import msgspec

from imr_search.letters import chapters, pages, statements
from imr_search.letters.doubts import doubt
from imr_search.letters.statements import EDGE, Unit
from imr_search.model import Citation, Doubt

SOURCES = ("MTUS", "ACOEM", "ODG", "Other")
LONGEST = 8_000  # characters; the longest real one has 1,400
MOST = 100  # citations; the most in a real one are 13

_DASHES = MappingProxyType(dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"))
_NUMBERED = re.compile(r"(?:ACOEM )?chapter \d", re.IGNORECASE)
_PROSE = re.compile(
    r"[\s,;.()]*(?:because|as|since|which|that|who|and|for|to|in|on|is|are|was|were|they|it|its|this|these|when|where|of)\b"
)


class Cited(msgspec.Struct, frozen=True):
    """Everything that one guideline text says: `sources`, `chapters` and `sections` in order, without doubles; `pages` sorted."""

    citations: tuple[Citation, ...] = ()
    sources: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    chapters: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@lru_cache(maxsize=4096)
def read(text: str) -> Cited:
    """The citations in one guideline text, as printed behind "MAXIMUS guideline:". Cached: letters repeat each other."""
    doubts: list[Doubt] = []
    if len(text) > LONGEST:
        doubts.append(doubt("W20"))
        text = text[:LONGEST]
    printed = " ".join(text.split())
    text = printed if printed.isascii() else printed.translate(_DASHES)
    citations: list[Citation] = []
    sources: set[str] = set()
    long: list[str] = []
    for statement in statements.statements(text):
        said = _read_statement(*statement)
        citations += said.citations
        sources.update(said.sources)
        long += said.long
    unnamed = any(one.source == "Other" and not _without_pages(one.text) for one in citations)
    if unnamed or (not citations and text.strip(EDGE) and not statements.denies(text)):
        doubts.append(doubt("W21"))
    doubts.extend(doubt("W08", pages_) for pages_ in dict.fromkeys(long))
    if text != printed:
        citations = [msgspec.structs.replace(one, text=_as_printed(one.text, text, printed)) for one in citations]
    citations = list(dict.fromkeys(citations))
    if len(citations) > MOST:
        del citations[MOST:]
        doubts.append(doubt("W20"))
    return Cited(
        citations=tuple(citations),
        sources=tuple(source for source in SOURCES if source in sources),
        pages=tuple(sorted({page for one in citations for page in one.pages})),
        chapters=tuple(dict.fromkeys(one.chapter for one in citations if one.chapter)),
        sections=tuple(dict.fromkeys(one.section for one in citations if one.section)),
        doubts=tuple(dict.fromkeys(doubts)),
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
    for unit in statements.units_of(statement, part_of_mtus):
        sources.extend(unit.sources)
        citations.extend(_read_unit(unit, long))
    return _Said(tuple(citations), tuple(sources), tuple(long))


def _read_unit(unit: Unit, long: list[str]) -> list[Citation]:
    """The citations of one unit, one for each chapter and section, each with the pages that stand behind it."""
    if unit.source == "Other":
        return [Citation("Other", None, None, _all_pages(unit.body, long), unit.text)] if unit.body.strip(EDGE) else []
    parts = chapters.odg(unit.body) if unit.source == "ODG" else chapters.known(unit.body)
    parts = [part for part in parts if part.chapter or chapters.plain(part.rest)]
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


def _strip_guidelines(text: str) -> str:
    return re.sub(
        r"^[\s,;:.()-]*(?:(?:treatment )?guidelines?\b|\((?:effective|revised)[^()]{0,40}\))[\s,;:.)-]*",
        "",
        text,
        flags=re.IGNORECASE,
    )


def _by_pages(rest: str, chapter: str | None, long: list[str]) -> list[tuple[str, tuple[int, ...], str]]:
    """ "Opioids Page(s): 78, Topicals Page(s): 111" as section, pages and text printed; text behind the last pages stands alone."""
    found: list[tuple[str, tuple[int, ...], str]] = []
    at = 0
    for run in pages.find(rest):
        found.append((rest[at : run.start], run.pages, rest[at : run.end]))
        long.extend(run.long)
        at = run.end
    tail = pages.without_lone_cue(rest[at:])
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
    for run in reversed(pages.find(text)):
        text = text[: run.start] + text[run.end :]
    return text.strip(EDGE)


def _all_pages(text: str, long: list[str]) -> tuple[int, ...]:
    numbers: set[int] = set()
    for run in pages.find(text):
        numbers.update(run.pages)
        long.extend(run.long)
    return tuple(sorted(numbers))
