"""Items to documents: what an engine keeps of an item, and the stored record that gives the item back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import blake2b
from heapq import nsmallest
from typing import Any

import msgspec

from imr_search import analysis, fields, vocabulary
from imr_search.analysis import Passage, Postings
from imr_search.fields import Field, table
from imr_search.model import Citation, Item, Letter

_CITED = {"guideline": "citations", "ca_guideline": "ca_citations"}
_SPELT = frozenset(("specialty", "licensed", "chapter", "section"))  # what letters print in several spellings
_FLAGS: dict[str, Callable[[Item], bool]] = {
    "incomplete": lambda item: bool(item.warnings),
    "expedited": lambda item: (item.priority or "").lower() == "expedited",
    "multi": lambda item: item.items > 1,
    "partial": lambda item: bool(item.requested or item.authorized),
}


LOTS = 1 << 63


class Document(msgspec.Struct, frozen=True):
    """One item as an engine sees it; keys are field keys of the table.

    `words`: the words with their positions. A citation field's k-th citation (from 0) starts at position STRIDE*k, and what the text says
    besides its citations follows in windows of its own. `cited_pages`: for a citation field, the pages of its k-th citation.
    `keywords`: whole values, names in one spelling. `numbers`: whole numbers; days as 20150304. `record`: the item as JSON.
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
    """The documents of a letter's items. A text that they share (the summary, mostly a title and its treatment) is analysed once."""
    texts = _Texts()
    return [_document(item, texts) for item in letter.items]


def words_of(item: Item, field: str) -> Postings:
    """The words of one field with positions, as `documents` gives them."""
    if field in _CITED:
        return _Texts().cited(item, field)[0]
    return _Texts().words(getattr(item, field), table()[field].prose)


_Cited = tuple[Postings, list[tuple[int, ...]]]


class _Texts:
    """The texts of one letter's items, analysed once each."""

    def __init__(self) -> None:
        none = Postings([])
        self._words: dict[tuple[str | None, bool], Postings] = {(None, False): none, ("", False): none}
        self._cited: dict[tuple[str, tuple[Citation, ...]], _Cited] = {("", ()): (none, [])}

    def words(self, text: str | None, prose: bool) -> Postings:
        found = self._words.get((text, prose))
        if found is None:
            found = self._words[text, prose] = analysis.postings(text or "", prose)
        return found

    def cited(self, item: Item, field: str) -> _Cited:
        """The words of a guideline text, each citation in a window of its own, then the text between them; and each citation's pages."""
        held = getattr(item, field), getattr(item, _CITED[field])
        found = self._cited.get(held)
        if found is None:
            found = self._cited[held] = _windows(*held)
        return found


def _windows(text: str, citations: Iterable[Citation]) -> _Cited:
    found: list[Passage] = []
    pages: list[tuple[int, ...]] = []
    for piece, citation in cited_pieces(text, citations):
        found += analysis.postings(piece, prose=False).passages
        if citation is not None:  # one of more than WINDOW words fills several windows
            pages += [citation.pages] * (len(found) - len(pages))
    return Postings(found), pages


class _Plan(msgspec.Struct, frozen=True):
    """The fields by what is done with them: keys, each with what it needs."""

    texts: tuple[tuple[str, bool], ...]
    citations: tuple[str, ...]
    values: tuple[Field, ...]
    numbers: tuple[tuple[str, str], ...]
    dates: tuple[tuple[str, str], ...]


@cache
def _plan() -> _Plan:
    rows = table()
    return _Plan(
        texts=tuple((row.key, row.prose) for row in rows.of_kind(fields.TEXT)),
        citations=tuple(row.key for row in rows.of_kind(fields.CITATION)),
        values=rows.of_kind(fields.KEYWORD, fields.ENUM),
        numbers=tuple((row.key, row.json) for row in rows.of_kind(fields.NUMBER)),
        dates=tuple((row.key, row.json) for row in rows.of_kind(fields.DATE)),
    )


def _document(item: Item, texts: _Texts) -> Document:
    plan = _plan()
    words = {key: texts.words(getattr(item, key), prose) for key, prose in plan.texts}
    cited_pages: dict[str, list[tuple[int, ...]]] = {}
    for key in plan.citations:
        words[key], cited_pages[key] = texts.cited(item, key)
    keywords: dict[str, tuple[str, ...]] = {}
    for row in plan.values:
        values = keyword_values(item, row)
        keywords[row.key] = values if len(values) < 2 else tuple(dict.fromkeys(values))
    numbers: dict[str, tuple[int, ...]] = {key: _values(getattr(item, name)) for key, name in plan.numbers}
    for key, name in plan.dates:
        day = getattr(item, name)
        numbers[key] = (day_number(day),) if day else ()
    keywords["has"] = tuple([key for found in (words, keywords, numbers) for key, held in found.items() if held])
    keywords["is"] = tuple([flag for flag, holds in _FLAGS.items() if holds(item)])
    return Document(
        id=item.id,
        letter=item.letter,
        n=item.n,
        words=words,
        cited_pages=cited_pages,
        keywords=keywords,
        numbers=numbers,
        record=to_record(item),
    )


def keyword_values(item: Item, row: Field) -> tuple[str, ...]:
    """The whole values of an item in a field, as engines index and group by them: names in one spelling, whatever the letter prints."""
    key = row.key
    if key in _SPELT:
        sentence = key == "section"
        return tuple([vocabulary.one_spelling(value, sentence) for value in _values(getattr(item, row.json))])
    if key == "cited":
        return tuple([label(_spelt(citation)) for citation in item.citations])
    if key == "category":
        return item.categories or _values(item.category)
    if key == "main_reason":
        return item.reasons[:1]
    return _values(getattr(item, row.json))


def _spelt(citation: Citation) -> Citation:
    return msgspec.structs.replace(
        citation,
        chapter=citation.chapter and vocabulary.one_spelling(citation.chapter),
        section=citation.section and vocabulary.one_spelling(citation.section, True),
    )


def _values(value: Any) -> tuple[Any, ...]:
    """One value or several as a tuple; an unknown one is ()."""
    if isinstance(value, tuple):
        return value
    return () if value is None or value == "" else (value,)


def cited_pieces(text: str, citations: Iterable[Citation]) -> list[tuple[str, Citation | None]]:
    """A guideline text in the order of its windows: each citation's text, then what the text says besides them (with None)."""
    found: list[tuple[str, Citation | None]] = []
    rest = [text]
    for citation in citations:
        found.append((citation.text, citation))
        printed = _as_printed(citation.text, text)
        rest = [part for piece in rest for part in piece.split(printed)] if printed else rest
    return found + [(piece, None) for piece in rest if piece and analysis.slots(piece)]


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


def lot(id_: str) -> int:
    """A number of 63 bits as if drawn by lot, which is always the same for an id: samples are drawn by it."""
    return int.from_bytes(blake2b(id_.encode(), digest_size=8).digest()) >> 1


def drawn(ids: Iterable[str], size: int, start: int) -> list[str]:
    """The `size` of the ids whose lots follow `start`, where the lots are a circle."""
    return nsmallest(size, ids, key=lambda id_: ((lot(id_) - start) % LOTS, id_))


def day_number(day: str) -> int:
    """ "2015-03-04" is 20150304: days as numbers that keep their order."""
    return int(day.replace("-", ""))


def quarter(day: int) -> int:
    """20150304 is 20151: the first quarter of 2015."""
    return day // 10_000 * 10 + (day // 100 % 100 + 2) // 3


def to_json(item: Item) -> dict[str, Any]:
    """The item under the keys of the JSON contract, in its order, with `items` besides (last)."""
    found: dict[str, Any] = _lists(msgspec.to_builtins(item))
    return found


def _lists(value: Any) -> Any:
    """Tuples as lists, as JSON gives them back."""
    if isinstance(value, dict):
        return {key: _lists(inner) for key, inner in value.items()}
    return [_lists(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def to_record(item: Item) -> bytes:
    return msgspec.json.encode(item)


def from_record(record: bytes) -> Item:
    """The item that `to_record` stored, field by field."""
    return msgspec.json.decode(record, type=Item)
