"""Whole answers beside raw Tantivy, SQLite FTS5 and plain Whoosh asked for the same: the same items in the same run, equal counts checked.

    python bench/answers.py --items 30000 [--rounds 20] [--whoosh] [--keep FOLDER] [--out TABLE.md] [--json FIGURES.json]

A whole answer is what a user gets for a query as typed: how many items match, the ten best with all their text, how all that match were decided;
for a report, its table. Ours is `Library.search(query, Options(limit=10, snippets=0))`, reading the query and its notices included. The others get
the same words, analysed beforehand, and queries that are already theirs. What they cannot say exactly (one citation, one sentence, one letter)
stands as "-". Times are of this process's processor, so that a busy machine disturbs them less.

Letters are made by a seed (corpus.py) and read as letters are; beyond BASE items the same letters come again under other numbers. With --keep, the
indexes stay in FOLDER, and another run only asks.
"""

from __future__ import annotations

import argparse
import json
import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from corpus import write
from peers import BOUND, PEERS, TEXT, Ask, Row

from imr_search.documents import Document, documents, from_record, to_record
from imr_search.engines.registry import engine
from imr_search.letters.parse import parse
from imr_search.model import GroupCounts, IndexInfo
from imr_search.plan import All
from imr_search.searching.library import Library, Options

BASE = 30_000
SHAPES = {
    "rare word": "rationale:antalgic",
    "common word": "rationale:pain",
    "two fields AND": "treatment:acupuncture rationale:functional",
    "phrase": 'rationale:"of the"',
    "citation page": 'guideline:"chronic page 95"',
    "prefix": "rationale:therap*",
    "fuzzy": "rationale:acupuncutre~1",
    "range": "decided:2015",
    "boolean with NOT": "rationale:pain -rationale:opioid",
    "same sentence": "rationale:(functional /s improvement)",
    "sort by date": "rationale:pain | sort -decided",
    "two-way report": "rationale:pain | count by outcome, year",
}
OURS = {
    "letter:( ) of few": "letter:(treatment:acupuncture) outcome:overturned",
    "letter:( ) of most": "letter:(rationale:pain)",
    "sample": "rationale:pain | sample 10",
    "phrase near a word": 'rationale:("medical treatment" /s functional)',
}


# the items


def letters(items: int, folder: Path) -> Iterator[list[Document]]:
    """The documents of one letter after another. What was read and analysed is kept: that takes longer than anything else here."""
    read = folder / "documents.pickle"
    if not read.exists():
        write(folder / "letters", min(items, BASE), 1)
        with read.open("wb") as stream:
            for path in sorted((folder / "letters").rglob("*.txt")):
                text = path.read_text(encoding="utf-8")
                for letter in parse(text, file=path.name, sha256="0" * 64, stem=path.stem):
                    pickle.dump(documents(letter), stream)
    made = copy = 0
    while made < items:
        with read.open("rb") as stream:
            while made < items:
                try:
                    found: list[Document] = pickle.load(stream)  # written a moment ago, here
                except EOFError:
                    break
                made += len(found)
                yield _numbered(found, copy)
        copy += 1


def _numbered(found: list[Document], copy: int) -> list[Document]:
    """The documents of the same letter under the number of its copy."""
    if not copy:
        return found
    form, _, number = found[0].letter.rpartition("-")
    name = f"{form}-{int(number) + BASE * copy:07}"
    change = msgspec.structs.replace

    def renamed(document: Document) -> Document:
        item = change(from_record(document.record), id=f"{name}#{document.n}", letter=name, case=name)
        keywords = document.keywords | {"id": (item.id,), "letter": (name,), "case": (name,)}
        return change(document, id=item.id, letter=name, keywords=keywords, record=to_record(item))

    return list(map(renamed, found))


def row(document: Document) -> Row:
    texts = tuple(f" {BOUND} ".join(map(_text, document.words[field].passages)) for field in TEXT)
    outcome = next(iter(document.keywords["outcome"]), "")
    return Row(texts, next(iter(document.numbers["decided"]), 0), outcome, document.record.decode())


def _text(passage: Any) -> str:
    return passage if isinstance(passage, str) else " ".join(word for word, _ in passage)


# ours


def build_ours(name: str, made: Iterable[Document], place: Path) -> None:
    place.mkdir()
    writer = engine(name).create(place)
    for _, letter in groupby(made, key=lambda document: document.letter):
        writer.add(letter)
    writer.commit()


class Clocked:
    """Items as they come, and the seconds that making them took this thread: they are nobody's who takes them."""

    def __init__(self, made: Iterator[Any]) -> None:
        self._made = made
        self.seconds = 0.0
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        while True:
            start = time.thread_time()
            found = next(self._made, None)
            self.seconds += time.thread_time() - start
            if found is None:
                return
            self.count += 1
            yield found


class Held:
    """An index of documents alone, as a Library takes it: no letters, no ledger, no generations."""

    notices = ()

    def __init__(self, name: str, place: Path) -> None:
        self.searcher = engine(name).open(place)
        self.manifest = self._whole()
        self.facts = IndexInfo(name, 1, self.manifest.letters or 0, self.manifest.items)

    def _whole(self) -> GroupCounts:
        return self.searcher.table(All(), ())[0]


def ask_ours(name: str, place: Path) -> dict[str, Ask]:
    library = Library(Held(name, place), {})  # type: ignore[arg-type]

    def asking(query: str, snippets: int = 0) -> Ask:
        options = Options(limit=10, snippets=snippets, timeout=60)
        return lambda: library.search(query, options).total

    asks = {shape: asking(query) for shape, query in (SHAPES | OURS).items()}
    asks["common word, two sentences an item"] = asking(SHAPES["common word"], 2)
    return asks


# the run


def measured(ask: Ask, rounds: int) -> tuple[int, float, float]:
    """The count, and median and 95th percentile in milliseconds."""
    count, times = ask(), []
    for _ in range(rounds):
        start = time.process_time()
        ask()
        times.append((time.process_time() - start) * 1_000)
    times.sort()
    return count, statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.95))]


def built(names: list[str], items: int, folder: Path) -> tuple[int, dict[str, float]]:
    """How many items there are, and by engine the seconds of the processor to build it; what is in `folder` already is not made again."""
    record = folder / "built.json"
    known: dict[str, Any] = json.loads(record.read_text()) if record.exists() else {"items": 0, "seconds": {}}
    seconds: dict[str, float] = known["seconds"]
    for name in names:
        if name in seconds:
            continue
        made = (document for letter in letters(items, folder) for document in letter)
        clocked = Clocked(map(row, made) if name in PEERS else made)
        start = time.process_time()
        if name in PEERS:
            PEERS[name].build(clocked, folder / name)
        else:
            build_ours(name.removeprefix("ours, ").lower(), clocked, folder / name)
        seconds[name] = time.process_time() - start - clocked.seconds
        known["items"] = clocked.count
        record.write_text(json.dumps(known))
    return known["items"], seconds


def asks_of(name: str, folder: Path) -> dict[str, Ask]:
    if name in PEERS:
        return PEERS[name].asks(folder / name)
    return ask_ours(name.removeprefix("ours, ").lower(), folder / name)


Figures = dict[str, dict[str, tuple[int, float, float]]]  # by shape and engine: count, median, 95th percentile


def asked(names: list[str], rounds: int, folder: Path) -> tuple[Figures, list[str]]:
    asks = {name: asks_of(name, folder) for name in names}
    figures: Figures = {}
    different = []
    for shape in dict.fromkeys(shape for found in asks.values() for shape in found):
        figures[shape] = {name: measured(asks[name][shape], rounds) for name in names if shape in asks[name]}
        counts = {count for count, _, _ in figures[shape].values()}
        if len(counts) > 1:
            different.append(f"{shape}: {sorted(counts)}")
    return {
        shape: figures[shape] for shape in (*SHAPES, *(other for other in figures if other not in SHAPES))
    }, different


def written(names: list[str], items: int, rounds: int, seconds: dict[str, float], figures: Figures) -> str:
    lines = [
        f"{items:,} items, {rounds} rounds: median / 95th percentile in ms of processor time (x raw Tantivy)",
        "",
        "| | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
        "| taken in, items a second of the processor | "
        + " | ".join(f"{items / seconds[name]:,.0f}" for name in names)
        + " |",
    ]
    for shape, row in figures.items():
        base = row.get("raw Tantivy", (0, 0.0, 0.0))[1]
        cells = []
        for name in names:
            if name not in row:
                cells.append("-")
                continue
            _, middle, late = row[name]
            cells.append(f"{middle:.2f} / {late:.2f}" + (f" ({middle / base:.1f}x)" if base else ""))
        lines.append(f"| {shape} ({next(iter(row.values()))[0]:,}) | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def beyond(figures: Figures, bound: Callable[[float], float], names: tuple[str, str]) -> list[str]:
    """The shapes whose whole answer takes longer than `bound` of the other's."""
    ours, other = names
    return [
        f"{shape}: {row[ours][1]:.1f} ms, bound {bound(row[other][1]):.1f}"
        for shape, row in figures.items()
        if {ours, other} <= row.keys() and row[ours][1] > bound(row[other][1])
    ]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--items", type=int, default=5_000)
    ask.add_argument("--rounds", type=int, default=20)
    ask.add_argument("--whoosh", action="store_true", help="both Whooshes too: they are slow to build when large")
    ask.add_argument("--keep", type=Path)
    ask.add_argument("--out", type=Path)
    ask.add_argument("--json", type=Path)
    given = ask.parse_args()
    names = ["raw Tantivy", "ours, Tantivy", "FTS5"]
    if given.whoosh:
        names += ["plain Whoosh", "ours, Whoosh"]
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory() as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        items, seconds = built(names, given.items, Path(folder))
        figures, different = asked(names, given.rounds, Path(folder))
    table = written(names, items, given.rounds, seconds, figures)
    table += f"\n{'counts differ: ' + '; '.join(different) if different else 'all counts agree'}\n"
    slow = beyond(figures, lambda raw: 3 * raw + 2, ("ours, Tantivy", "raw Tantivy"))
    slow += beyond(figures, lambda fts: fts, ("ours, Tantivy", "FTS5"))
    table += f"{'beyond 3 x raw Tantivy + 2 ms, or FTS5: ' + '; '.join(slow) if slow else 'every shape within 3 x raw Tantivy + 2 ms, and FTS5'}\n"
    sys.stdout.write(table)
    if given.out:
        given.out.write_text(table, encoding="utf-8")
    if given.json:
        given.json.write_text(json.dumps({"items": items, "seconds": seconds, "ms": figures}), encoding="utf-8")
    if different:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
