"""A document in the form in which Tantivy takes it fastest: plain strings. It is made in the worker that read the letter and travels cheaply.

Words that follow each other are one string, which Tantivy's own whitespace tokenizer gives the same positions as ours, many times faster
than token objects would; only a passage with two words at one position (60 and #60) needs those.
"""

from __future__ import annotations

from typing import NamedTuple

from imr_search.analysis import Passage, Postings
from imr_search.documents import Document
from imr_search.engines.tantivy.schema import EVERY, PAGE


class Prepared(NamedTuple):
    """`words` and `cited` leave out passages without words. `longest`: by field of words, the most words of a passage."""

    id: str
    letter: str
    n: int
    words: dict[str, list[Passage]]
    cited: dict[str, list[Passage]]
    longest: dict[str, int]
    keywords: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[int, ...]]
    record: bytes


def prepare(document: Document) -> Prepared:
    words: dict[str, list[Passage]] = {
        field: [passage for passage in held.passages if passage] for field, held in document.words.items() if held
    }
    cited = {}
    for field, lists in document.cited_pages.items():
        passages = document.words.get(field, Postings([])).passages
        marks = [f"{EVERY}|{window}" for window in range(max(len(lists), len(passages)))]
        marks += [f"{PAGE}{page}|{window}" for window, pages in enumerate(lists) for page in pages]
        if marks:
            numbered = [_numbered(passage, window) for window, passage in enumerate(passages) if passage]
            cited[field] = [*numbered, " ".join(marks)]
    return Prepared(
        id=document.id,
        letter=document.letter,
        n=document.n,
        words=words,
        cited=cited,
        longest={field: max(map(_length, passages)) for field, passages in words.items()},
        keywords={field: tuple(sorted(values)) for field, values in document.keywords.items() if values},
        numbers={field: tuple(sorted(values)) for field, values in document.numbers.items() if values},
        record=document.record,
    )


def _numbered(passage: Passage, window: int) -> Passage:
    if isinstance(passage, str):
        return f"{passage} ".replace(" ", f"|{window} ")
    return [(f"{word}|{window}", position) for word, position in passage]


def _length(passage: Passage) -> int:
    return passage.count(" ") + 1 if isinstance(passage, str) else passage[-1][1] + 1
