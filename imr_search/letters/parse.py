"""Canonical text to letters: which generation, one letter or several, and every item complete with facts and warnings."""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import msgspec
from msgspec.structs import asdict, replace

from imr_search.errors import LetterError
from imr_search.letters import early_forms, facts, front_matter, labelled_forms, limits
from imr_search.letters.canonical import LOST_PAGE, canonical_pages, footer_cases, without_running_heads
from imr_search.letters.header import Header, read_header
from imr_search.letters.items import ParsedItem, ParsedLetter
from imr_search.letters.versions import rank
from imr_search.letters.warnings import warning
from imr_search.model import Item, Letter, ParseWarning


class Form(msgspec.Struct, frozen=True):
    """One family of letters: how to know it, where a letter of it opens, which heading ends its header table, how to read
    it (text, decision date)."""

    name: str
    known_by: Callable[[str], bool]
    opening: re.Pattern[str]
    body: re.Pattern[str]
    read: Callable[[str, str | None], ParsedLetter]


# Newest first: nearly every letter is modern, and the older marks are then not looked for.
_HOW: Final = front_matter.HOW.wrapped
_DECISION: Final = front_matter.REVIEW_DECISION.wrapped
FORMS: Final = (
    Form("3-5", labelled_forms.is_generation_3, _HOW, _HOW, labelled_forms.read_generation_3),
    Form("2", labelled_forms.is_generation_2, _HOW, _HOW, labelled_forms.read_generation_2),
    Form("1", early_forms.is_generation_1, _DECISION, _DECISION, early_forms.read_generation_1),
    Form(
        "0",
        early_forms.is_generation_0,
        early_forms.GENERATION_0,
        re.compile(r"ISSUES?\s+AT\s+DISPUTE|CASE\s+SUMMARY\s*:"),
        early_forms.read_generation_0,
    ),
)
# Without its heading a header table is looked for no further than this.
_LONGEST_HEADER: Final = 2_000
# A letter's first page, when two letters stand in one text: what comes before its opening heading belongs to it.
_COVER: Final = re.compile(
    r"^(?:Case\s+Number\s*:|MAXIMUS\s+FEDERAL\s+SERVICES,\s+INC|Notice\s+of\s+Independent\s+Medical|Date\s+Assigned\s*:|"
    r"(?:IMR|MAXIMUS)\s+Case\s+Number\s*:)",
    re.MULTILINE,
)
# A letter that corrects another of its case, or adds to it, says so over its header, on a line of its own.
_AMENDS: Final = re.compile(
    r"^[^a-z\n]{0,40}\b(?:AMENDED|CORRECTED|REVISED|SUPPLEMENTAL|ADDENDUM|ERRATUM|ERRATA|CORRECTION)\b[^a-z\n]{0,60}$"
    r"|^(?:Amended|Corrected|Revised|Supplemental)\s(?:IMR|Independent|Final|Notice)\b|^(?:Addendum|Errat(?:um|a))\b[^\n.]{0,60}$",
    re.MULTILINE,
)
_OF_A_LOST_PAGE: Final = f"{LOST_PAGE} \t\r\n0123456789PAGEpageof"
MOST_ITEMS: Final = 5_000  # in one file; the most in a real letter are some 30
_PRINTED: Final = re.compile(rf"[^\s{LOST_PAGE}]")
# What every item of some form has.
_ITEM: Final = re.compile(
    r"guidelines?\s*:|rationale\s*:|[Rr]ationale\s+for\s+the\s+[Dd]ecision|Regarding\s+the\s+request|RATIONALE\s+FOR\s+WHY|"
    r"ISSUES?\s+AT\s+DISPUTE|Reviewer\s+based"
)


def parse(text: str, *, file: str, sha256: str, stem: str, paged: bool = False) -> list[Letter]:
    """The letters in one file's raw text, in order. `paged`: its pages are those of the file, as a PDF's are, so that items know theirs.

    Raises LetterError (empty, no known generation, no items, too large, too slow).
    """
    with limits.bounded(len(text)):
        return _parse(text, file, sha256, stem, paged)


def _parse(text: str, file: str, sha256: str, stem: str, paged: bool) -> list[Letter]:
    whole, numbers = canonical_pages(_without_pictures(text) if LOST_PAGE in text else text)
    if "\f" in whole:
        whole = without_running_heads(whole)
    if not whole:
        raise LetterError("empty")
    parts = _split(whole)
    page_of = _page_finder(whole, numbers) if paged else None
    start = end = 0
    lost: deque[int] = deque()
    if LOST_PAGE in whole:
        printed = zip(numbers, whole.split("\f"), strict=True)
        lost.extend(number for number, page in printed if page.strip() == LOST_PAGE)
    letters: list[Letter] = []
    count = 0
    known = False
    for part in parts:
        start, end = end, end + len(part)
        gone = [lost.popleft() for _ in range(part.count(LOST_PAGE))]
        forms = _recognise(part)
        known = known or bool(forms)
        for form in forms:
            header_end = _header_end(part, form)
            header = read_header(part[:header_end], dated=form.name in "012")
            reading = form.read(part, header.decided)
            if reading.items:
                break
        else:
            continue
        if not letters and not header.present:
            gone = [*range(1, numbers[0]), *gone]  # an empty page at the head, where the table would stand
        if gone:
            told = warning("W18", f"page {', '.join(map(str, dict.fromkeys(gone)))}")
            reading = replace(reading, warnings=(*reading.warnings, told))
        if header.case is None and len(parts) == 1 and len(footers := footer_cases(text)) == 1:
            header = replace(header, case=min(footers))
        if any(other is not form and other.read(part, header.decided).items for other in forms):
            reading = replace(reading, warnings=(*reading.warnings, warning("W15")))
        count += len(reading.items)
        if count > MOST_ITEMS:
            raise LetterError("too large", f"over {MOST_ITEMS} items")
        name = header.case or (stem if not letters else f"{stem}~{len(letters) + 1}")
        pages = [page_of(start + item.at) if page_of else None for item in reading.items]
        letter = _letter(name, header, reading, pages, file, sha256)
        letters.append(replace(letter, amends=True) if _AMENDS.search(part, 0, header_end) else letter)
    if not letters:
        raise LetterError("no items" if known else "no known generation")
    return _one_of_each_case(letters)


def _without_pictures(text: str) -> str:
    """The sign for a lost page is also one for a picture among words; it stays where nothing but a page's number is beside it."""
    return "\f".join(
        page if not page.strip(_OF_A_LOST_PAGE) else page.replace(LOST_PAGE, " ") for page in text.split("\f")
    )


def _page_finder(whole: str, numbers: Sequence[int]) -> Callable[[int], int]:
    """From an offset into the whole text to the number of the page with the first printed character from there on."""
    breaks = [found.start() for found in re.finditer("\f", whole)]

    def page(at: int) -> int:
        printed = _PRINTED.search(whole, at)
        return numbers[bisect(breaks, printed.start() if printed else at)]

    return page


def _recognise(text: str) -> list[Form]:
    """The forms whose marks are in `text`. More than one is rare: a heading of another form, or damage.

    Forms 1 and 0 are not looked for in a letter of a later form: their marks are slow to miss.
    """
    later = [form for form in FORMS[:2] if form.known_by(text)]
    return later or [form for form in FORMS[2:] if form.known_by(text)]


def _header_end(text: str, form: Form) -> int:
    body = form.body.search(text)
    if body:
        return body.start()
    summary = front_matter.SUMMARY.find(text, 0, _LONGEST_HEADER)
    return summary[0] if summary else _LONGEST_HEADER


def _split(text: str) -> list[str]:
    """The letters of one text. A further opening heading starts a further letter only when both sides have items."""
    patterns = {form.opening for form in FORMS} if "MEDICAL" in text else {_HOW}  # that word is in all others
    openings = sorted(found.start() for pattern in patterns for found in pattern.finditer(text))
    if len(openings) < 2:
        return [text]
    items = [found.start() for found in _ITEM.finditer(text)]
    parts: list[str] = []
    start = 0
    for opening in openings[1:]:
        after = bisect_left(items, opening)
        if after == len(items) or after == bisect_left(items, start):
            continue
        cover = _COVER.search(text, items[after - 1], opening)
        cut = cover.start() if cover else opening
        parts.append(text[start:cut])
        start = cut
    return [*parts, text[start:]]


def _letter(
    name: str, header: Header, reading: ParsedLetter, pages: Sequence[int | None], file: str, sha256: str
) -> Letter:
    on_letter = tuple(dict.fromkeys(header.warnings + reading.warnings))
    age, sex = facts.worker(reading.summary)
    if "injured" not in header.labels:
        header = replace(header, injured=facts.injury_day(reading.summary))
    of_letter = {
        **asdict(header),
        **asdict(reading),
        "letter": name,
        "age": age,
        "sex": sex,
        "file": file,
        "sha256": sha256,
        "items": len(reading.items),
    }
    items = tuple(
        _item(n, item, header, on_letter, page, of_letter)
        for n, (item, page) in enumerate(zip(reading.items, pages, strict=True), 1)
    )
    return Letter(name, header.case, file, sha256, reading.generation, header.decided, items, on_letter)


def _item(
    n: int,
    item: ParsedItem,
    header: Header,
    on_letter: tuple[ParseWarning, ...],
    page: int | None,
    of_letter: Mapping[str, Any],
) -> Item:
    """The `n`th item of a letter, `of_letter`: what all its items have in common, by the names of an item's fields and of more."""
    derived = facts.derive(
        title=item.title,
        treatment=item.treatment,
        guideline=item.guideline,
        ca_guideline=item.ca_guideline,
        rationale=item.rationale,
    )
    known = {
        **of_letter,
        **asdict(item),
        **asdict(derived),
        **facts.decided(item.title, item.rationale, item.outcome, header),
        "id": f"{of_letter['letter']}#{n}",
        "n": n,
        "pdf_page": page,
        "warnings": tuple(dict.fromkeys((*item.warnings, *derived.warnings, *on_letter))),
    }
    return Item(*_IN_ORDER(known))


_IN_ORDER: Final = itemgetter(*Item.__struct_fields__)  # by position they are taken many times faster than by name


def _one_of_each_case(letters: list[Letter]) -> list[Letter]:
    """A file that holds one case twice gives its better reading, with a warning on it."""
    versions: dict[str, list[Letter]] = {}
    for letter in letters:
        versions.setdefault(letter.id, []).append(letter)
    return [_best(several) if len(several) > 1 else several[0] for several in versions.values()]


def _best(several: list[Letter]) -> Letter:
    winner = min(several, key=rank)
    again = warning("W14")
    items = tuple(replace(item, warnings=(*item.warnings, again)) for item in winner.items)
    return replace(winner, items=items, warnings=(*winner.warnings, again))
