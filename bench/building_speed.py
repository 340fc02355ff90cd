"""How many items a second of the processor are taken in: from letters as text, from documents, and by raw Tantivy given the same items' ready words.

    python bench/building_speed.py [--items 6000] [--rounds 3] [LETTERS]

"From text" is `imr-index build` as a user runs it, its start and all its processes counted, in one worker and in two; "from documents" is the
engine's part of it, once a letter is read and its items are analysed; "raw Tantivy" is its library given four fields of words, a date, an outcome
and a stored text (peers.py). They take turns, and of each the least time of the rounds stands. LETTERS is a folder of real ones; without it, they
are made by a seed.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from answers import build_ours, row
from corpus import write
from peers import PEERS

from imr_search.documents import Document, documents
from imr_search.errors import LetterError
from imr_search.letters.decoding import read_file, read_text
from imr_search.letters.discovery import LetterFile, find_letters
from imr_search.letters.parse import parse

WORKERS = (1, 2)


def read(folder: Path) -> list[Document]:
    """The documents of all letters below `folder`."""
    found: list[Document] = []
    for file in find_letters(folder):
        if isinstance(file, LetterFile):
            try:
                text = read_text(file.path, read_file(file.path))
                letters = parse(text, file=file.name, sha256="0" * 64, stem=file.path.stem)
            except LetterError:
                continue
            found += [document for letter in letters for document in documents(letter)]
    return found


def here(work: Callable[[], None]) -> float:
    """Seconds of this process's processor, its threads included."""
    start = time.process_time()
    work()
    return time.process_time() - start


def build(letters: Path, index: Path, workers: int) -> float:
    """Seconds of the processor of `imr-index build` and all its processes."""
    command = [
        sys.executable,
        "-m",
        "imr_search.cli.index_main",
        "build",
        str(letters),
        "--index",
        str(index),
        "--force",
    ]
    command += ["--engine", "tantivy", "--workers", str(workers)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(letters: Path, rounds: int, place: Path) -> tuple[int, dict[str, float]]:
    """How many items there are, and the least seconds by way of taking them in."""
    made = read(letters)
    rows = list(map(row, made))
    ways: dict[str, Callable[[Path], float]] = {
        f"from text, {workers} worker{'s' * (workers > 1)}": lambda at, workers=workers: build(letters, at, workers)
        for workers in WORKERS
    }
    ways["from documents"] = lambda at: here(lambda: build_ours("tantivy", made, at))
    ways["raw Tantivy"] = lambda at: here(lambda: PEERS["raw Tantivy"].build(rows, at))
    times: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(rounds):
        for number, (way, take) in enumerate(ways.items()):
            times[way].append(take(place / f"{turn}-{number}"))
    return len(made), {way: min(found) for way, found in times.items()}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("letters", type=Path, nargs="?")
    ask.add_argument("--items", type=int, default=6_000)
    ask.add_argument("--rounds", type=int, default=3)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if given.letters is None:
            write(place / "letters", given.items, 1)
        items, seconds = measured(given.letters or place / "letters", given.rounds, place)
    raw = seconds["raw Tantivy"]
    print(f"{items:,} items, the least of {given.rounds} rounds\n")
    print("| | items a second of the processor | of raw Tantivy |\n|---|---|---|")
    for way, spent in seconds.items():
        print(f"| {way} | {items / spent:,.0f} | {raw / spent:.2f} |")


if __name__ == "__main__":
    main()
