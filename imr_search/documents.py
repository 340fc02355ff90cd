"""Items to documents: what an engine keeps of an item, and the stored record that gives the item back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from imr_search import analysis
from imr_search.analysis import Passage, Postings
from imr_search.fields import table
from imr_search.model import Citation, Doubt, Item, Letter
from imr_search.record import names, record

_DATES = ("decided", "received", "assigned", "injured", "denied")
_NAMES = names(Item)
_TUPLES = frozenset(
    (
        "sources",
        "ca_sources",
        "pages",
        "ca_pages",
        "chapters",
        "sections",
        "specialty",
        "licensed",
        "drugs",
        "strengths",
        "body",
    )
)


@record
class Document:
    """One item as an engine sees it; keys are field keys of the table.

    `words`: the words with their positions. A citation field's k-th citation (from 0) starts at position SENTENCE*k, and what the text says
    besides its citations follows in windows of its own. `cited_pages`: for a citation field, the pages of its k-th citation.
    `keywords`: whole values as printed. `numbers`: whole numbers; days as 20150304. `record`: the item as JSON.
    """

    id: str
    letter: str
    n: int
    words: dict[str, Postings]
    cited_pages: dict[str, list[tuple[int, ...]]]
    keywords: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[int, ...]]
    record: bytes


def documents(letter: Letter) -> list[Document]:
    """The documents of a letter's items. The summary, which its items share, is analysed once."""
    shared: dict[str, Postings] = {}
    return [_document(item, shared) for item in letter.items]


def words_of(item: Item, field: str) -> Postings:
    """The words of one field with positions, as `documents` gives them."""
    match field:
        case "guideline":
            return _cited(item.guideline, item.citations)[0]
        case "ca_guideline":
            return _cited(item.ca_guideline, item.ca_citations)[0]
    text: str = getattr(item, field)
    return analysis.postings(text, prose=table()[field].prose)


def _document(item: Item, shared: dict[str, Postings]) -> Document:
    if item.summary not in shared:
        shared[item.summary] = words_of(item, "summary")
    guideline, pages = _cited(item.guideline, item.citations)
    ca_guideline, ca_pages = _cited(item.ca_guideline, item.ca_citations)
    words = {
        "treatment": words_of(item, "treatment"),
        "title": words_of(item, "title"),
        "rationale": words_of(item, "rationale"),
        "summary": shared[item.summary],
        "guideline": guideline,
        "ca_guideline": ca_guideline,
    }
    numbers: dict[str, tuple[int, ...]] = {
        "page": item.pages,
        "ca_page": item.ca_pages,
        "n": (item.n,),
        "items": (item.items,),
    }
    for key, number in (("qty", item.quantity), ("refills", item.refills), ("visits", item.visits), ("age", item.age)):
        numbers[key] = () if number is None else (number,)
    for key in _DATES:
        day = getattr(item, key)
        numbers[key] = (day_number(day),) if day else ()
    keywords = {
        "source": item.sources,
        "ca_source": item.ca_sources,
        "chapter": item.chapters,
        "section": item.sections,
        "outcome": (item.outcome,),
        "drug": item.drugs,
        "strength": item.strengths,
        "category": _one(item.category),
        "body": item.body,
        "case": _one(item.case),
        "letter": (item.letter,),
        "id": (item.id,),
        "file": _one(item.file),
        "specialty": item.specialty,
        "licensed": item.licensed,
        "sex": _one(item.sex),
        "priority": _one(item.priority),
        "generation": _one(item.generation),
        "cited": tuple(dict.fromkeys(label(citation) for citation in item.citations)),
    }
    keywords = {key: tuple(dict.fromkeys(values)) for key, values in keywords.items()}
    has = [key for table in (words, keywords, numbers) for key, values in table.items() if values]
    keywords["has"] = tuple(has)
    keywords["is"] = tuple(
        flag
        for flag, holds in (
            ("incomplete", bool(item.warnings)),
            ("expedited", (item.priority or "").lower() == "expedited"),
            ("multi", item.items > 1),
        )
        if holds
    )
    return Document(
        id=item.id,
        letter=item.letter,
        n=item.n,
        words=words,
        cited_pages={"guideline": pages, "ca_guideline": ca_pages},
        keywords=keywords,
        numbers=numbers,
        record=to_record(item),
    )


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _cited(text: str, citations: Iterable[Citation]) -> tuple[Postings, list[tuple[int, ...]]]:
    """The words of a guideline text, each citation in a window of its own, then the text between them; and each citation's pages."""
    found: list[Passage] = []
    pages: list[tuple[int, ...]] = []
    for piece, citation in cited_pieces(text, citations):
        found += analysis.postings(piece, prose=False).passages
        if citation is not None:  # one of more than WINDOW words fills several windows
            pages += [citation.pages] * (len(found) - len(pages))
    return Postings(found), pages


def cited_pieces(text: str, citations: Iterable[Citation]) -> list[tuple[str, Citation | None]]:
    """A guideline text in the order of its windows: each citation's text, then what the text says besides them (with None)."""
    found: list[tuple[str, Citation | None]] = []
    rest = [text]
    for citation in citations:
        found.append((citation.text, citation))
        printed = _as_printed(citation.text, text)
        rest = [part for piece in rest for part in piece.split(printed)] if printed else rest
    return found + [(piece, None) for piece in rest if analysis.slots(piece)]


def _as_printed(citation: str, text: str) -> str:
    """The longest end of `citation` that stands in `text`: the second of "MTUS A, Section(s): a, and B, Section(s): b" bears in its text
    the source that the letter does not repeat. "" when not even its last word stands there."""
    start = 0
    while citation[start:] not in text:
        space = citation.find(" ", start)
        if space < 0:
            return ""
        start = space + 1
    return citation[start:]


def label(citation: Citation) -> str:
    """A citation's name in reports: source, chapter and section, without pages."""
    head = " ".join(part for part in (citation.source, citation.chapter) if part)
    return ", ".join(part for part in (head, citation.section) if part)


def day_number(day: str) -> int:
    """ "2015-03-04" is 20150304: days as numbers that keep their order."""
    return int(day.replace("-", ""))


def to_json(item: Item) -> dict[str, Any]:
    """The item under the keys of the JSON contract, in its order, with `items` besides (last)."""
    found: dict[str, Any] = {name: getattr(item, name) for name in _NAMES}
    for name in _TUPLES:
        found[name] = list(found[name])
    for name in ("citations", "ca_citations"):
        found[name] = [
            {"source": c.source, "chapter": c.chapter, "section": c.section, "pages": list(c.pages), "text": c.text}
            for c in found[name]
        ]
    found["warnings"] = [{"code": doubt.code, "text": doubt.text} for doubt in item.warnings]
    return found


def to_record(item: Item) -> bytes:
    return json.dumps(to_json(item), ensure_ascii=False, separators=(",", ":")).encode()


def from_record(record: bytes) -> Item:
    """The item that `to_record` stored, field by field."""
    found = json.loads(record)
    for name in _TUPLES:
        found[name] = tuple(found[name])
    for name in ("citations", "ca_citations"):
        found[name] = tuple(
            Citation(c["source"], c["chapter"], c["section"], tuple(c["pages"]), c["text"]) for c in found[name]
        )
    found["warnings"] = tuple(Doubt(w["code"], w["text"]) for w in found["warnings"])
    return Item(**found)
