"""Our engines beside raw Tantivy, SQLite FTS5 and plain Whoosh: the same items in the same run, twelve shapes of query, equal counts checked.

    python bench/engines.py --items 20000 [--rounds 30] [--no-whoosh] [--keep FOLDER] [--out TABLE.md] [--json FIGURES.json]

Made letters (corpus.py) are built into ours as a user builds them, from text files, with all cores. The others get the same words, analysed
beforehand, as text parted by spaces, in one thread. Measured of a query is what answering takes: how many items match, and the first page of ten.
Times are of this process's processor, so that a busy machine disturbs them little. What another engine cannot say exactly (one citation, one
sentence) stands as "-". Expansions of prefixes and fuzzy words are looked up beforehand in ours, as the query's plan does. With --keep, letters
and indexes stay in FOLDER, and another run only asks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from corpus import write
from peers import BOUND, HIGH, LOW, PEERS, TEXT, Ask, Row

from imr_search.documents import Document, documents
from imr_search.engines import Searcher
from imr_search.letters.parse import parse
from imr_search.plan import And, Cited, Group, Near, Node, Not, Phrase, Range, SortKey, Words
from imr_search.store import open_index

SHAPES = (
    "rare word",
    "common word",
    "two fields AND",
    "phrase",
    "citation page",
    "prefix",
    "fuzzy",
    "range",
    "boolean with NOT",
    "same sentence",
    "sort by date",
    "two-way report",
)


# the same items for the others


def rows_of(paths: list[Path]) -> list[Row]:
    return [
        row(document)
        for path in paths
        for letter in parse(path.read_text(encoding="utf-8"), file=path.name, sha256="0" * 64, stem=path.stem)
        for document in documents(letter)
    ]


def row(document: Document) -> Row:
    texts = tuple(f" {BOUND} ".join(map(_text, document.words[field].passages)) for field in TEXT)
    return Row(
        texts, next(iter(document.numbers["decided"]), 0), next(iter(document.keywords["outcome"]), ""), document.id
    )


def _text(passage: Any) -> str:
    return passage if isinstance(passage, str) else " ".join(word for word, _ in passage)


def rows(folder: Path) -> Iterator[Row]:
    paths = sorted(folder.rglob("*.txt"))
    with ProcessPoolExecutor() as pool:
        for found in pool.map(rows_of, [paths[at : at + 500] for at in range(0, len(paths), 500)]):
            yield from found


# ours


def build_ours(engine: str, letters: Path, place: Path) -> float:
    """Seconds, the whole process."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "imr_search.cli.index_main", "build", str(letters), "--index", str(place)]
    subprocess.run([*command, "--engine", engine], check=True, cwd=ROOT, capture_output=True)
    return time.perf_counter() - start


def ask_ours(place: Path) -> dict[str, Ask]:
    searcher = open_index(place).searcher
    reason = "rationale"
    therap = tuple(sorted(word for word, _ in searcher.words(reason, "therap")))
    fuzzy = tuple(sorted(word for word, _ in searcher.words(reason, "a") if near("acupuncutre", word)))
    nodes: dict[str, Node] = {
        "rare word": Words(reason, ("antalgic",)),
        "common word": Words(reason, ("pain",)),
        "two fields AND": And((Words("treatment", ("acupuncture",)), Words(reason, ("functional",)))),
        "phrase": Phrase(reason, (("of",), ("the",))),
        "citation page": Cited("guideline", And((Words("guideline", ("chronic",)), Range("page", 90, 100)))),
        "prefix": Words(reason, therap),
        "fuzzy": Words(reason, fuzzy),
        "range": Range("decided", LOW, HIGH),
        "boolean with NOT": And((Words(reason, ("pain",)), Not(Words(reason, ("opioid",))))),
        "same sentence": Near(reason, Words(reason, ("functional",)), Words(reason, ("improvement",)), 400, False),
        "sort by date": Words(reason, ("pain",)),
    }
    asks = {shape: asking(searcher, node, shape) for shape, node in nodes.items()}
    by = (Group("outcome"), Group("decided", "year"))
    asks["two-way report"] = lambda: sum(row.items for row in searcher.table(Words(reason, ("pain",)), by))
    return asks


def asking(searcher: Searcher, node: Node, shape: str) -> Ask:
    sort = (SortKey("decided", True),) if shape == "sort by date" else ()
    return lambda: searcher.search(node, sort, 10).total


def near(word: str, other: str) -> bool:
    """Is `other` one edit away, the first letter kept?"""
    if other == word or abs(len(other) - len(word)) > 1 or other[0] != word[0]:
        return other == word
    swaps = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)}
    longer, shorter = (word, other) if len(word) >= len(other) else (other, word)
    if len(longer) == len(shorter):
        return other in swaps or sum(a != b for a, b in zip(word, other, strict=True)) == 1
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(1, len(longer)))


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
    """How many items there are, and by engine the seconds to build it; what is in `folder` already is not made again."""
    letters = folder / "letters"
    if not letters.exists():
        write(letters, items, 1)
    record = folder / "built.json"
    seconds: dict[str, float] = json.loads(record.read_text()) if record.exists() else {}
    missing = [name for name in names if name not in seconds]
    for name in missing:
        if name.startswith("ours"):
            seconds[name] = build_ours(name.removeprefix("ours, ").lower(), letters, folder / name)
            record.write_text(json.dumps(seconds))
    held = list(rows(letters)) if set(missing) & set(PEERS) else []
    for name in missing:
        if name in PEERS:
            seconds[name] = PEERS[name].build(held, folder / name)
            record.write_text(json.dumps(seconds))
    with open_index(folder / "ours, Tantivy") as opened:
        return opened.manifest.items, seconds


def asks_of(name: str, folder: Path) -> dict[str, Ask]:
    return PEERS[name].asks(folder / name) if name in PEERS else ask_ours(folder / name)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--items", type=int, default=5_000)
    ask.add_argument("--rounds", type=int, default=20)
    ask.add_argument(
        "--no-whoosh", action="store_true", help="leave both Whooshes out: they are slow to build when large"
    )
    ask.add_argument("--keep", type=Path)
    ask.add_argument("--out", type=Path)
    ask.add_argument("--json", type=Path)
    given = ask.parse_args()
    names = ["raw Tantivy", "ours, Tantivy", "FTS5"]
    if not given.no_whoosh:
        names += ["plain Whoosh", "ours, Whoosh"]
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory() as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        items, seconds = built(names, given.items, Path(folder))
        figures, different = asked(names, given.rounds, Path(folder))
    table = written(names, items, given.rounds, seconds, figures)
    table += f"\n{'counts differ: ' + '; '.join(different) if different else 'all counts agree'}\n"
    sys.stdout.write(table)
    if given.out:
        given.out.write_text(table, encoding="utf-8")
    if given.json:
        given.json.write_text(json.dumps({"items": items, "seconds": seconds, "ms": figures}), encoding="utf-8")
    if different:
        raise SystemExit(1)


Figures = dict[str, dict[str, tuple[int, float, float]]]  # by shape and engine: count, median, 95th percentile


def asked(names: list[str], rounds: int, folder: Path) -> tuple[Figures, list[str]]:
    asks = {name: asks_of(name, folder) for name in names}
    figures: Figures = {}
    different = []
    for shape in SHAPES:
        figures[shape] = {name: measured(asks[name][shape], rounds) for name in names if shape in asks[name]}
        counts = {count for count, _, _ in figures[shape].values()}
        if len(counts) > 1:
            different.append(f"{shape}: {sorted(counts)}")
    return figures, different


def written(names: list[str], items: int, rounds: int, seconds: dict[str, float], figures: Figures) -> str:
    lines = [
        f"{items:,} items, {rounds} rounds: median / 95th percentile in ms of processor time (x raw Tantivy)",
        "",
        "| | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
        "| built, items/s | " + " | ".join(f"{items / seconds[name]:,.0f}" for name in names) + " |",
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


if __name__ == "__main__":
    main()
