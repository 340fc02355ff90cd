"""A document in the form in which Tantivy takes it fastest: plain strings. It is made in the worker that read the letter and travels cheaply.

Words that follow each other are one string, which Tantivy's own whitespace tokenizer gives the same positions as ours, many times faster
than token objects would; only a passage with two words at one position (60 and #60) needs those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imr_search.analysis import Passage, Postings
from imr_search.documents import Document
from imr_search.engines.tantivy.packing import pack
from imr_search.engines.tantivy.schema import EVERY, PAGE


class Prepared(NamedTuple):
    """`n` is the item's number in its letter, which has `items`. `words` and `cited` leave out passages without words. `longest`: by field of words,
    the most words of a passage. `records`: those of all items of the letter, packed, on its first document; on the others nothing. Who the item
    is stands in `id` and `letter`, whatever its record says."""

    id: str
    letter: str
    n: int
    items: int
    words: dict[str, list[Passage]]
    cited: dict[str, list[Passage]]
    longest: dict[str, int]
    keywords: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[int, ...]]
    records: bytes


def prepare(documents: Sequence[Document]) -> list[Prepared]:
    """The documents of one letter."""
    records = pack({document.n: document.record for document in documents})
    shared: dict[int, tuple[list[Passage], int]] = {}  # by identity: a letter's items share the words of their summary
    return [_prepare(document, len(documents), b"" if at else records, shared) for at, document in enumerate(documents)]


def _prepare(document: Document, items: int, records: bytes, shared: dict[int, tuple[list[Passage], int]]) -> Prepared:
    words: dict[str, list[Passage]] = {}
    longest: dict[str, int] = {}
    for field, held in document.words.items():
        if id(held) not in shared:
            shared[id(held)] = _worded(held)
        if shared[id(held)][0]:
            words[field], longest[field] = shared[id(held)]
    cited = {}
    for field, lists in document.cited_pages.items():
        passages = document.words.get(field, Postings([])).passages
        marks = [f"{EVERY}|{window}" for window in range(max(len(lists), len(passages)))]
        marks += [f"{PAGE}{page}|{window}" for window, pages in enumerate(lists) for page in pages]
        if marks:
            cited[field] = [_numbered(passage, window) for window, passage in enumerate(passages) if passage]
            cited[field].append(" ".join(marks))
    return Prepared(
        id=document.id,
        letter=document.letter,
        n=document.n,
        items=items,
        words=words,
        cited=cited,
        longest=longest,
        keywords={field: tuple(sorted(values)) for field, values in document.keywords.items() if values},
        numbers={field: tuple(sorted(values)) for field, values in document.numbers.items() if values},
        records=records,
    )


def _numbered(passage: Passage, window: int) -> Passage:
    if isinstance(passage, str):
        return f"{passage} ".replace(" ", f"|{window} ")
    return [(f"{word}|{window}", position) for word, position in passage]


def _worded(held: Postings) -> tuple[list[Passage], int]:
    """The passages that have words, and the most words of one."""
    found = [passage for passage in held.passages if passage]
    last = [passage.count(" ") if isinstance(passage, str) else passage[-1][1] for passage in found]
    return found, max(last, default=-1) + 1
