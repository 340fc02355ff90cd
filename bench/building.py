"""Build an index, or bring it up to date, as a user does, and say what it took: time, memory of all processes together, disk.

    python bench/building.py LETTERS INDEX [--engine tantivy]

Memory is what the processes hold for themselves (anonymous pages; Linux only), sampled ten times a second: pages of files that are mapped can be
had back at any moment. Text is the letters' own bytes, and beside it the bytes of the items' texts (an index keeps a summary once for each item).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from stat import S_ISREG

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from imr_search.plan import All
from imr_search.searching.library import Library

FIELDS = ("treatment", "title", "rationale", "summary", "guideline", "ca_guideline")
SAMPLE = 2_000


def processes(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for one in found:
        try:
            for thread in os.listdir(f"/proc/{one}/task"):
                found += map(int, Path(f"/proc/{one}/task/{thread}/children").read_text().split())
        except OSError:
            continue
    return found


def anonymous(pid: int) -> int:
    """Bytes that the process holds for itself."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def bytes_below(folder: Path) -> int:
    """A file of several names (generations share what did not change) counts once."""
    return sum(
        {found.st_ino: found.st_size for found in map(Path.stat, folder.rglob("*")) if S_ISREG(found.st_mode)}.values()
    )


def text_of(library: Library, items: int) -> float:
    """Bytes of all items' texts, by a sample."""
    ids = library.searcher.search(All(), (), None).ids
    step = max(1, len(ids) // SAMPLE)
    sample = library.searcher.items(ids[::step])
    return items * sum(len((getattr(item, field) or "").encode()) for item in sample for field in FIELDS) / len(sample)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("letters", type=Path)
    ask.add_argument("index", type=Path)
    ask.add_argument("--engine", default="tantivy")
    given = ask.parse_args()
    command = [
        sys.executable,
        "-m",
        "imr_search.cli.index_main",
        "build",
        str(given.letters),
        "--index",
        str(given.index),
    ]
    start = time.perf_counter()
    with subprocess.Popen([*command, "--engine", given.engine], cwd=ROOT) as running:
        peak = 0
        while running.poll() is None:
            peak = max(peak, sum(map(anonymous, processes(running.pid))))
            time.sleep(0.1)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Library.open(given.index) as library:
        items = library.facts.items
        text = text_of(library, items)
    disk = bytes_below(given.index)
    print(
        f"{items:,} items; {seconds:,.0f} s ({used.ru_utime + used.ru_stime:,.0f} s of processors); {peak / 1e6:,.0f} MB of memory at most;"
        f" {disk / 1e6:,.0f} MB on disk, {disk / text:.2f} of the items' texts, {disk / max(bytes_below(given.letters), 1):.2f} of the letters"
    )


if __name__ == "__main__":
    main()
