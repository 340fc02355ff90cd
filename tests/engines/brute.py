"""A second reading of every node, on the items' own text: it shares no code with the engines, nor with the positions that they index.

A field is a list of passages (sentences, or citations), a passage a list of word places, each a set of the words that stand there.
"""

from __future__ import annotations

from dataclasses import dataclass

from imr_search import analysis
from imr_search.fields import DATE, NUMBER, TEXT, table
from imr_search.model import Citation, Item
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    InLetter,
    Keyword,
    KeywordPrefix,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Range,
    Similar,
    Words,
)
from imr_search.vocabulary import one_spelling

Passage = list[frozenset[str]]
LONGEST = 400  # words; a longer passage goes on as another

# Which attribute of an item a field holds is the table's to say; what it makes of it is read here anew.
KEYWORDS = {row.key: row.json for row in table() if row.valued and row.key not in ("cited", "main_reason")}
NUMBERS = {row.key: row.json for row in table() if row.kind == NUMBER}
DATES = tuple(row.key for row in table() if row.kind == DATE)
SPELT = ("specialty", "licensed", "chapter", "section")  # what letters print in several spellings
TEXTS = {row.key: row.prose for row in table() if row.kind == TEXT}


@dataclass(frozen=True)
class Read:
    """An item, read: passages by field; `cited` gives each citation's passage and pages."""

    item: Item
    passages: dict[str, list[Passage]]
    cited: dict[str, list[tuple[Passage, tuple[int, ...]]]]
    keywords: dict[str, list[str]]
    numbers: dict[str, list[int]]


def read(item: Item) -> Read:
    passages: dict[str, list[Passage]] = {}
    for field, prose in TEXTS.items():
        text = getattr(item, field) or ""
        pieces = [text[start:end] for start, end in analysis.sentences(text)] if prose else [text]
        passages[field] = [passage for piece in pieces for passage in _cut(piece)]
    cited = {
        "guideline": _citations(item.guideline, item.citations),
        "ca_guideline": _citations(item.ca_guideline, item.ca_citations),
    }
    for field, found in cited.items():
        passages[field] = [passage for passage, _ in found]
    keywords = {field: _listed(getattr(item, name)) for field, name in KEYWORDS.items()}
    for field in SPELT:
        keywords[field] = [_spelt(field, value) for value in keywords[field]]
    keywords["main_reason"] = list(item.reasons[:1])
    keywords["cited"] = [_label(citation) for citation in item.citations]
    numbers = {field: _listed(getattr(item, name)) for field, name in NUMBERS.items()}
    for field in DATES:
        day = getattr(item, field)
        numbers[field] = [int("".join(day.split("-")))] if day else []
    held = {field: any(any(passage) for passage in found) for field, found in passages.items()}
    held |= {field: bool(found) for field, found in (*keywords.items(), *numbers.items())}
    keywords["has"] = [field for field, holds in held.items() if holds]
    keywords["is"] = [
        *["incomplete"] * bool(item.warnings),
        *["expedited"] * (item.priority == "Expedited"),
        *["multi"] * (item.items > 1),
        *["partial"] * bool(item.requested or item.authorized),
    ]
    return Read(item, passages, cited, keywords, numbers)


def _cut(text: str) -> list[Passage]:
    row = [frozenset(slot) for slot in analysis.slots(text)]
    return [row[start : start + LONGEST] for start in range(0, len(row), LONGEST)]


def _citations(text: str, citations: tuple[Citation, ...]) -> list[tuple[Passage, tuple[int, ...]]]:
    """Each citation, then what the text says between them, which has no page."""
    found: list[tuple[Passage, tuple[int, ...]]] = []
    for citation in citations:
        found += [(passage, citation.pages) for passage in _cut(citation.text) or [[]]]
    between = [text]
    for (
        citation
    ) in citations:  # as printed: a source that the letter does not repeat stands before the citation, not in the text
        words = citation.text.split(" ")
        tails = [" ".join(words[start:]) for start in range(len(words))]
        printed = next((tail for tail in tails if tail and tail in text), "")
        if printed:
            between = [part for piece in between for part in piece.split(printed)]
    return found + [(passage, ()) for piece in between for passage in _cut(piece)]


def _listed(value: object) -> list[object]:
    if isinstance(value, tuple):
        return list(value)
    return [] if value is None or value == "" else [value]


def _spelt(field: str, value: object) -> str:
    """Names are one value in whatever spelling they are printed; the text of a section begins with a capital."""
    return one_spelling(str(value), field == "section")


def _label(citation: Citation) -> str:
    first = citation.source + (" " + _spelt("chapter", citation.chapter) if citation.chapter else "")
    return first + (", " + _spelt("section", citation.section) if citation.section else "")


def matching(node: Node, reads: list[Read]) -> set[str]:
    """The ids of the items that satisfy `node`."""
    return {read.item.id for read in reads if satisfies(node, read, reads)}


def satisfies(node: Node, read: Read, reads: list[Read]) -> bool:
    if isinstance(node, All):
        return True
    if isinstance(node, Nothing):
        return False
    if isinstance(node, And):
        return all(satisfies(part, read, reads) for part in node.nodes)
    if isinstance(node, Or):
        return any(satisfies(part, read, reads) for part in node.nodes)
    if isinstance(node, Not):
        return not satisfies(node.node, read, reads)
    if isinstance(node, Boosted):
        return satisfies(node.node, read, reads)
    if isinstance(node, InLetter):
        return any(satisfies(node.node, other, reads) for other in reads if other.item.letter == read.item.letter)
    if isinstance(node, Keyword):
        return any(value in node.values for value in read.keywords[node.field])
    if isinstance(node, KeywordPrefix):
        return any(value[: len(node.prefix)] == node.prefix for value in read.keywords[node.field])
    if isinstance(node, Range):
        return any(_within(number, node) for number in read.numbers[node.field])
    if isinstance(node, Cited):
        return any(_cites(node.node, passage, pages) for passage, pages in read.cited[node.field])
    if isinstance(node, Similar):
        held = [
            any(word in place for passage in read.passages[field] for place in passage) for field, word, _ in node.terms
        ]
        return read.item.id != node.without and sum(held) >= node.at_least
    return any(_stands(node, passage) for passage in read.passages[node.field])


def _within(number: int, node: Range) -> bool:
    return not (node.low is not None and number < node.low) and not (node.high is not None and number > node.high)


def _cites(node: Node, passage: Passage, pages: tuple[int, ...]) -> bool:
    if isinstance(node, And):
        return all(_cites(part, passage, pages) for part in node.nodes)
    if isinstance(node, Or):
        return any(_cites(part, passage, pages) for part in node.nodes)
    if isinstance(node, Not):
        return not _cites(node.node, passage, pages)
    if isinstance(node, Boosted):
        return _cites(node.node, passage, pages)
    if isinstance(node, Range):
        return any(_within(page, node) for page in pages)
    if isinstance(node, All):
        return True
    return _stands(node, passage)


def _stands(node: Node, passage: Passage) -> bool:
    if isinstance(node, Near):
        for left_first, left_last in _ranges(node.left, passage):
            for right_first, right_last in _ranges(node.right, passage):
                if left_last < right_first <= left_last + node.distance:
                    return True
                if not node.ordered and right_last < left_first <= right_last + node.distance:
                    return True
        return False
    return bool(_ranges(node, passage))


def _ranges(node: Node, passage: Passage) -> list[tuple[int, int]]:
    """First and last place of every occurrence."""
    if isinstance(node, Words):
        return [(at, at) for at, place in enumerate(passage) if any(word in place for word in node.words)]
    if isinstance(node, Phrase):
        size = len(node.slots)
        return [
            (at, at + size - 1)
            for at in range(len(passage) - size + 1)
            if all(any(word in passage[at + offset] for word in slot) for offset, slot in enumerate(node.slots))
        ]
    if isinstance(node, Or):
        return [found for part in node.nodes for found in _ranges(part, passage)]
    if isinstance(node, Boosted):
        return _ranges(node.node, passage)
    return []
