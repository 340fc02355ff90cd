"""The reference: documents in a file of JSON lines, every query a walk over all of them. Slow and obvious; the oracle of every test."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import msgspec

from imr_search.analysis import STRIDE, Posting, Postings
from imr_search.documents import Document
from imr_search.engines.sets import Citations, Docs, Leaf, Positional, SetSearcher
from imr_search.errors import IndexError_
from imr_search.plan import All, Keyword, KeywordPrefix, Near, Phrase, Range, Words
from imr_search.spans import places

_FILE = "documents.jsonl"


class MemoryEngine:
    name = "memory"
    format = "memory/1"

    def create(self, folder: Path) -> MemoryWriter:
        return MemoryWriter(folder, [])

    def update(self, old: Path, new: Path) -> MemoryWriter:
        return MemoryWriter(new, _load(old))

    def open(self, folder: Path) -> MemorySearcher:
        return MemorySearcher(_load(folder))


def _load(folder: Path) -> list[Document]:
    path = folder / _FILE
    try:
        with path.open(encoding="utf-8") as lines:
            return [_document(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexError_(f"{_FILE} cannot be read", file=str(path)) from error


def _document(found: dict[str, Any]) -> Document:
    return Document(
        id=found["id"],
        letter=found["letter"],
        n=found["n"],
        words={key: Postings(passages) for key, passages in found["words"].items()},
        cited_pages={key: [tuple(pages) for pages in lists] for key, lists in found["cited_pages"].items()},
        keywords={key: tuple(values) for key, values in found["keywords"].items()},
        numbers={key: tuple(values) for key, values in found["numbers"].items()},
        record=found["record"].encode(),
    )


class MemoryWriter:
    def __init__(self, folder: Path, held: list[Document]) -> None:
        self._folder = folder
        self._documents = held

    def add(self, documents: Iterable[Document]) -> None:
        self._documents.extend(documents)

    def remove(self, letters: Iterable[str]) -> None:
        gone = set(letters)
        self._documents = [document for document in self._documents if document.letter not in gone]

    def commit(self) -> None:
        with (self._folder / _FILE).open("w", encoding="utf-8") as lines:
            for document in self._documents:
                words = {field: words.passages for field, words in document.words.items()}
                row = msgspec.structs.asdict(document) | {"words": words, "record": document.record.decode()}
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")

    def cancel(self) -> None:
        self._documents = []


class MemorySearcher(SetSearcher):
    """Documents are known by their place in the list."""

    def __init__(self, held: list[Document]) -> None:
        super().__init__()
        self._documents = sorted(held, key=lambda document: (document.letter, document.n))
        self._terms: dict[str, list[tuple[str, Docs]]] = {}  # the lexicon of each field that was asked for

    def close(self) -> None:
        self._documents = []

    def live(self) -> Docs:
        return frozenset(range(len(self._documents)))

    def names(self) -> list[tuple[str, int]]:
        return [(document.letter, document.n) for document in self._documents]

    def record(self, document: int) -> bytes:
        return self._documents[document].record

    def lengths(self, field: str) -> list[int]:
        return [len(document.words.get(field, ())) for document in self._documents]

    def leaf(self, node: Leaf) -> Docs:
        return frozenset(at for at, document in enumerate(self._documents) if _satisfies(document, node))

    def occurrences(self, node: Positional) -> dict[int, int]:
        held = (document.words.get(node.field, ()) for document in self._documents)
        return {at: times for at, words in enumerate(held) if (times := len(places(node, words)))}

    def citations(self, field: str, node: Positional | Range | All) -> Citations:
        return frozenset(
            (at, number)
            for at, document in enumerate(self._documents)
            for number, (words, pages) in enumerate(_cited(document, field))
            if isinstance(node, All)
            or (any(_in(page, node) for page in pages) if isinstance(node, Range) else places(node, words))
        )

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, Docs]]:
        if field not in self._terms:
            found: dict[str, set[int]] = defaultdict(set)
            for at, document in enumerate(self._documents):
                words = (word for word, _ in document.words.get(field, ()))
                for value in (*words, *document.keywords.get(field, ())):
                    found[value].add(at)
            self._terms[field] = [(value, frozenset(found[value])) for value in sorted(found)]
        held = self._terms[field]
        first = bisect_left(held, prefix, key=lambda row: row[0])
        return takewhile(lambda row: row[0].startswith(prefix), islice(held, first, None))

    def numbers(self, field: str) -> Iterator[tuple[int, Docs]]:
        for at, document in enumerate(self._documents):
            yield from ((number, frozenset((at,))) for number in document.numbers.get(field, ()))


def _satisfies(document: Document, node: Leaf) -> bool:
    match node:
        case Words(field=field) | Phrase(field=field) | Near(field=field):
            return bool(places(node, document.words.get(field, ())))
        case Keyword(field=field, values=values):
            return not set(values).isdisjoint(document.keywords.get(field, ()))
        case KeywordPrefix(field=field, prefix=prefix):
            return any(value.startswith(prefix) for value in document.keywords.get(field, ()))
        case Range(field=field):
            return any(_in(value, node) for value in document.numbers.get(field, ()))
    raise TypeError(f"{type(node).__name__} is no leaf of a query")


def _in(value: int, range_: Range) -> bool:
    return (range_.low is None or value >= range_.low) and (range_.high is None or value <= range_.high)


def _cited(document: Document, field: str) -> Iterator[tuple[list[Posting], tuple[int, ...]]]:
    """The words and the pages of each citation."""
    words, pages = document.words.get(field, ()), document.cited_pages.get(field, ())
    for number in range(max([len(pages), *(position // STRIDE + 1 for _, position in words)])):
        of_it = [(word, position) for word, position in words if position // STRIDE == number]
        yield of_it, pages[number] if number < len(pages) else ()
