"""A document in the form in which Tantivy takes it fastest: plain strings. It is made in the worker that read the letter and travels cheaply.

Words that follow each other are one string, which Tantivy's own whitespace tokenizer gives the same positions as ours, many times faster
than token objects would; only a passage with two words at one position (60 and #60) needs those.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from imr_search.analysis import SENTENCE
from imr_search.documents import Document, Posting
from imr_search.engines.tantivy.schema import EVERY, PAGE

Passage = str | list[Posting]  # words in a row, or words with positions from 0


class Prepared(NamedTuple):
    id: str
    letter: str
    n: int
    words: dict[str, list[Passage]]
    cited: dict[str, list[Passage]]
    keywords: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[int, ...]]
    record: bytes


def prepare(document: Document) -> Prepared:
    words = {
        field: [passage for _, passage in passages(postings)] for field, postings in document.words.items() if postings
    }
    cited = {}
    for field, lists in document.cited_pages.items():
        numbered = [_numbered(passage, window) for window, passage in passages(document.words.get(field, []))]
        windows = max([len(lists), *(window + 1 for window, _ in passages(document.words.get(field, [])))])
        marks = [f"{EVERY}|{window}" for window in range(windows)]
        marks += [f"{PAGE}{page}|{window}" for window, pages in enumerate(lists) for page in pages]
        if marks:
            cited[field] = [*numbered, " ".join(marks)]
    return Prepared(
        id=document.id,
        letter=document.letter,
        n=document.n,
        words=words,
        cited=cited,
        keywords={field: tuple(sorted(values)) for field, values in document.keywords.items() if values},
        numbers={field: tuple(sorted(values)) for field, values in document.numbers.items() if values},
        record=document.record,
    )


def passages(postings: Iterable[Posting]) -> list[tuple[int, Passage]]:
    """(number, words) of each sentence or citation that has words."""
    found: list[tuple[int, Passage]] = []
    row: list[str] = []
    window, start, expected, plain = -1, 0, 0, True
    held: list[Posting] = []
    for word, position in postings:
        if position >= start + SENTENCE or window < 0:
            if row:
                found.append((window, _passage(row, held, plain, start)))
            window = position // SENTENCE
            start = window * SENTENCE
            expected, plain, row, held = start, True, [], []
        if position != expected:
            plain = False
        expected = position + 1
        row.append(word)
        held.append((word, position))
    if row:
        found.append((window, _passage(row, held, plain, start)))
    return found


def _passage(row: list[str], held: list[Posting], plain: bool, start: int) -> Passage:
    return " ".join(row) if plain else [(word, position - start) for word, position in held]


def _numbered(passage: Passage, window: int) -> Passage:
    if isinstance(passage, str):
        return f"{passage} ".replace(" ", f"|{window} ")
    return [(f"{word}|{window}", position) for word, position in passage]
