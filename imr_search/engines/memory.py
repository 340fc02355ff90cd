"""The reference: documents in a file of JSON lines, every query a walk over all of them. Slow and obvious; the oracle of every test."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from imr_search import documents
from imr_search.analysis import SENTENCE, Postings
from imr_search.documents import Document
from imr_search.engines import Found, groups, scoring
from imr_search.errors import IndexError_
from imr_search.model import Item, Tally
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    Group,
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
    SortKey,
    Words,
)
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


class MemorySearcher:
    """Items are known by their place in the list; a node's items are a set of places."""

    def __init__(self, held: list[Document]) -> None:
        self._documents = sorted(held, key=lambda document: (document.letter, document.n))
        self._all = frozenset(range(len(held)))

    def count(self, node: Node) -> int:
        return len(self._matching(node))

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        hits = sorted(self._matching(node))
        scores: dict[int, float | None] = dict.fromkeys(hits)
        if sort:
            for key in reversed(sort):
                values = {hit: self._sort_value(hit, key.field) for hit in hits}
                known = [hit for hit in hits if values[hit] is not None]
                known.sort(key=lambda hit: values[hit], reverse=key.descending)
                hits = known + [hit for hit in hits if values[hit] is None]
        else:
            found = self._scores(node)
            scores = {hit: round(found.get(hit, 0.0), scoring.DIGITS) for hit in hits}
            hits.sort(key=lambda hit: -(scores[hit] or 0.0))
        page = hits[offset:] if limit is None else hits[offset : offset + limit]
        return Found(
            ids=tuple(self._documents[hit].id for hit in page),
            scores=tuple(scores[hit] for hit in page),
            total=len(hits),
        )

    def table(self, node: Node, by: tuple[Group, ...]) -> list[Tally]:
        rows: dict[tuple[groups.Key, ...], list[Document]] = defaultdict(list)
        if not by:
            rows[()] = []
        for hit in self._matching(node):
            for group in product(*(self._groups(hit, part) for part in by)):
                rows[group].append(self._documents[hit])
        return [_tally(group, rows[group]) for group in sorted(rows, key=groups.last)]

    def items(self, ids: Iterable[str]) -> list[Item]:
        by_id = {document.id: document for document in self._documents}
        return [documents.from_record(by_id[id_].record) for id_ in ids if id_ in by_id]

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        counts: dict[str, int] = defaultdict(int)
        for document in self._documents:
            for word in {word for word, _ in document.words.get(field, ()) if word.startswith(prefix)}:
                counts[word] += 1
        return iter(sorted(counts.items()))

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        counts: dict[str, int] = defaultdict(int)
        for hit in self._all if within is None else self._matching(within):
            for value in self._documents[hit].keywords.get(field, ()):
                if value.startswith(prefix):
                    counts[value] += 1
        return iter(sorted(counts.items()))

    def interrupt(self) -> None:
        """Nothing to stop: this engine is for tests."""

    def close(self) -> None:
        self._documents = []

    def _sort_value(self, hit: int, field: str) -> Any:
        document = self._documents[hit]
        held = document.numbers if groups.numeric(field) else document.keywords
        return min(held.get(field, ()), default=None)

    def _groups(self, hit: int, group: Group) -> set[groups.Key]:
        document = self._documents[hit]
        if not groups.numeric(group.field):
            return {*document.keywords.get(group.field, ())} or {None}
        date = groups.is_date(group.field)
        return {groups.of_number(value, group, date) for value in document.numbers.get(group.field, ())} or {None}

    def _matching(self, node: Node) -> frozenset[int]:
        match node:
            case And(nodes=nodes):
                found = self._all
                for part in nodes:
                    found &= self._matching(part)
                return found
            case Or(nodes=nodes):
                return frozenset().union(*(self._matching(part) for part in nodes))
            case Not(node=inner):
                return self._all - self._matching(inner)
            case Boosted(node=inner):
                return self._matching(inner)
            case InLetter(node=inner):
                letters = {self._documents[hit].letter for hit in self._matching(inner)}
                return frozenset(hit for hit in self._all if self._documents[hit].letter in letters)
        return frozenset(hit for hit in self._all if _satisfies(self._documents[hit], node))

    def _scores(self, node: Node) -> dict[int, float]:
        """The score of each matching item, 0 for what only filters."""
        match node:
            case Words() | Phrase() | Near():
                return self._bm25(node)
            case Boosted(node=inner, factor=factor):
                return {hit: score * factor for hit, score in self._scores(inner).items()}
            case Or(nodes=nodes) | And(nodes=nodes):
                found = dict.fromkeys(self._matching(node), 0.0)
                for part in nodes:
                    for hit, score in self._scores(part).items():
                        if hit in found:
                            found[hit] += score
                return found
            case Cited(node=inner):
                scores = self._scores(_loosely(inner))
                return {hit: scores.get(hit, 0.0) for hit in self._matching(node)}
            case Similar(terms=terms):
                return {hit: sum(_held(self._documents[hit], terms)) for hit in self._matching(node)}
        return dict.fromkeys(self._matching(node), 0.0)

    def _bm25(self, node: Words | Phrase | Near) -> dict[int, float]:
        words = [document.words.get(node.field, ()) for document in self._documents]
        times = {hit: len(places(node, words[hit])) for hit in self._matching(node)}
        idf = scoring.idf(len(times), len(self._documents))
        mean = sum(map(len, words)) / (len(words) or 1)
        return {hit: scoring.bm25(idf, times[hit], len(words[hit]), mean) for hit in times}


def _satisfies(document: Document, node: Node) -> bool:
    match node:
        case All():
            return True
        case Nothing():
            return False
        case Words(field=field) | Phrase(field=field) | Near(field=field):
            return bool(places(node, document.words.get(field, ())))
        case Keyword(field=field, values=values):
            return not set(values).isdisjoint(document.keywords.get(field, ()))
        case KeywordPrefix(field=field, prefix=prefix):
            return any(value.startswith(prefix) for value in document.keywords.get(field, ()))
        case Range(field=field):
            return any(_in(value, node) for value in document.numbers.get(field, ()))
        case Cited(field=field, node=inner):
            words, pages = document.words.get(field, ()), document.cited_pages.get(field, ())
            windows = max([len(pages), *(position // SENTENCE + 1 for _, position in words)])
            return any(
                _cites(
                    inner,
                    [(word, position) for word, position in words if position // SENTENCE == window],
                    pages[window] if window < len(pages) else (),
                )
                for window in range(windows)
            )
        case Similar(terms=terms, at_least=at_least, without=without):
            return document.id != without and len(_held(document, terms)) >= at_least
    raise TypeError(f"{type(node).__name__} is no node")


def _in(value: int, range_: Range) -> bool:
    return (range_.low is None or value >= range_.low) and (range_.high is None or value <= range_.high)


def _cites(node: Node, words: list[tuple[str, int]], pages: tuple[int, ...]) -> bool:
    """Does one citation, of these words and pages, satisfy `node`?"""
    match node:
        case All():
            return True
        case And(nodes=nodes):
            return all(_cites(part, words, pages) for part in nodes)
        case Or(nodes=nodes):
            return any(_cites(part, words, pages) for part in nodes)
        case Not(node=inner):
            return not _cites(inner, words, pages)
        case Boosted(node=inner):
            return _cites(inner, words, pages)
        case Range():
            return any(_in(page, node) for page in pages)
    return bool(places(node, words))


def _loosely(node: Node) -> Node:
    """What of a Cited's condition can be scored: any of its words, phrases and proximities, wherever they stand in the field."""
    match node:
        case And(nodes=nodes) | Or(nodes=nodes):
            return Or(tuple(_loosely(part) for part in nodes))
        case Boosted(node=inner, factor=factor):
            return Boosted(_loosely(inner), factor)
        case Words() | Phrase() | Near():
            return node
    return Nothing()


def _held(document: Document, terms: Iterable[tuple[str, str, float]]) -> list[float]:
    """The weights of the terms that the document holds."""
    return [weight for field, word, weight in terms if any(word == other for other, _ in document.words.get(field, ()))]


def _tally(group: tuple[groups.Key, ...], rows: list[Document]) -> Tally:
    outcomes = [row.keywords.get("outcome", ()) for row in rows]
    return Tally(
        group=group,
        items=len(rows),
        letters=len({row.letter for row in rows}),
        overturned=sum("overturned" in values for values in outcomes),
        modified=sum("modified" in values for values in outcomes),
        upheld=sum("upheld" in values for values in outcomes),
    )
