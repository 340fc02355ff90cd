"""Letters a second from text, and pages a second from PDF beside the bare library: python bench/parse_letters.py [LETTERS].

LETTERS is a folder of real letters (the 101 beside the checkout when they are there, else the examples). Texts are repeated
with other numbers (case, dose, count, age) until there are 5,000; parsing is measured on one core, reading files is not part of it. With
--profile the parse is profiled instead.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pypdfium2

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from imr_search.letters import pdf_process, reasons
from imr_search.letters.decoding import read_file, read_text
from imr_search.letters.discovery import LetterFile, find_letters
from imr_search.letters.parse import parse
from imr_search.letters.pdf_reader import PdfReader

REAL = ROOT.parent / "shared" / "letters" / "dwc-2016-2017"
CASE = re.compile(r"CM\d\d-\d{7}")
NUMBER = re.compile(r"(?<=#)\d+|\d+(?=\s?(?:mg|%|visits|sessions|times|year|weeks))")


def texts(folder: Path, count: int) -> list[str]:
    """`count` texts, the folder's again and again, each with a case number of its own."""
    once = [
        read_text(found.path, read_file(found.path))
        for found in find_letters(folder)
        if isinstance(found, LetterFile) and found.name.lower().endswith(".txt")
    ]

    def other(n: int) -> str:
        again = n // len(once)
        changed = NUMBER.sub(lambda found: str(int(found[0]) + again), once[n % len(once)])
        return CASE.sub(f"CM17-{n:07d}", changed)

    return [other(n) for n in range(count)]


def parse_all(letters: list[str]) -> int:
    return sum(
        len(letter.items)
        for n, text in enumerate(letters)
        for letter in parse(text, file=f"{n}.txt", sha256="0" * 64, stem=str(n))
    )


def bare(files: list[bytes]) -> int:
    """What the library itself costs: every page's text, nothing more."""
    pages = 0
    for data in files:
        document = pypdfium2.PdfDocument(data)
        for page in document:
            page.get_textpage().get_text_range()
            pages += 1
        document.close()
    return pages


def rounds(name: str, unit: str, count: int, run: Callable[[], object], times: int, *, here: bool = True) -> None:
    """Prints the best of `times` runs as `unit` a second, by the clock and (when the work is done `here`) by processor time."""
    clock, processor = [], []
    for _ in range(times):
        began = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - began[0])
        processor.append(time.process_time() - began[1])
    by_processor = f" {count / min(processor):9,.0f} by processor time" if here else ""
    print(f"{name:32} {count / min(clock):9,.0f} {unit}/s by the clock{by_processor}")


def pdfs(folder: Path) -> Iterator[bytes]:
    for found in find_letters(folder):
        if isinstance(found, LetterFile) and found.name.lower().endswith(".pdf"):
            yield read_file(found.path)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("letters", nargs="?", type=Path)
    options.add_argument("--count", type=int, default=5_000)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--profile", action="store_true")
    chosen = options.parse_args()
    real = REAL.is_dir() and chosen.letters is None
    folder = REAL / "pypdf" if real else chosen.letters or ROOT / "examples" / "letters"
    letters = texts(folder, chosen.count)
    parse_all(letters[:200])
    if chosen.profile:
        profile = cProfile.Profile()
        profile.runcall(parse_all, letters[:1_000])
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        return
    size = sum(map(len, letters)) / len(letters)
    print(f"{len(letters):,} letters of {size:,.0f} characters, {parse_all(letters[:1_000])} items in the first 1,000")
    rounds("parse, one core", "letters", len(letters), lambda: parse_all(letters), chosen.times)
    with mock.patch.object(reasons, "read", return_value=()):
        rounds("parse without the grounds", "letters", len(letters), lambda: parse_all(letters), chosen.times)
    files = list(pdfs(REAL / "pdf" if real else folder))
    pages = bare(files)
    print(f"{len(files)} PDFs of {pages} pages")
    rounds("pypdfium2 alone", "pages", pages, lambda: bare(files), chosen.times)
    rounds(
        "with gaps, in this process",
        "pages",
        pages,
        lambda: [pdf_process.pdf_text(data) for data in files],
        chosen.times,
    )
    with PdfReader() as reader:
        rounds(
            "with gaps, in its own process",
            "pages",
            pages,
            lambda: [reader.text(data) for data in files],
            chosen.times,
            here=False,
        )


if __name__ == "__main__":
    main()
