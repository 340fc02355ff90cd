"""Ask an index what costs most, by chance, and show the ten that took longest: time, memory, and how each ended.

    python bench/dear_queries.py INDEX [--queries 10000] [--seed 1] [--timeout 2] [--seconds 600]

Queries are made of what multiplies: wildcards beside wildcards in a sentence, long chains, repeated and negated parts, lists, letter:( ), reports
over everything. Time is on the clock, with the deadline that every query has; memory is what the process grew by at its highest (Linux only). Ends
with 1 when a query took longer than half a second over its deadline, or more than 500 MB.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from imr_search.errors import ImrError, QueryError
from imr_search.searching.library import Library, Options

MOST_MB = 500
SLACK = 0.5
WIDE = ("re*", "*ed", "*a*n*", "*t*o*", "in*", "*ing", "th*", "*al*", "*er*", "pa*", "*s", "me*al", "*on*", "de*")
COMMON = ("the", "of", "and", "to", "is", "pain", "no", "patient", "medical", "for")
PHRASES = ('"of the"', '"medical treatment"', '"not medically necessary"', '"chronic pain"', '"the patient"~20')
OTHER = ("traetment~2", "patiant~2", "syn(norco)", 'syn("physical therapy")', 'like("pain relief with opioids")')
LINKS = ("/s", "/p", "/50", "+50", "/5", "+3", "w/20")
VALUES = ("outcome:upheld", "decided:2015..", "has:page", "page:1..500", "case:CM1*", 'guideline:"chronic page 98"')
STAGES = (
    *("unique rationale", "sample 1000", "count by case, file", "count by drug, specialty, outcome", "rate by category, year"),
    *("top 100 guideline", "trend month by category", "sort -decided, case", "limit 100", "count by page, section", "cite"),
)  # fmt: skip


def queries(count: int, seed: int) -> Iterator[str]:
    """`count` queries, the same for the same number and seed."""
    chance = random.Random(seed)

    def word() -> str:
        return chance.choice(chance.choice((WIDE, WIDE, COMMON, COMMON, PHRASES, OTHER)))

    def operand() -> str:
        if chance.random() < 0.75:
            return chance.choice(chance.choice((WIDE, COMMON, PHRASES[:4])))
        return "(" + " or ".join(chance.choice((*WIDE, *COMMON)) for _ in range(chance.randint(2, 8))) + ")"

    def chain() -> str:
        link = chance.choice(LINKS)
        return f" {link} ".join(operand() for _ in range(chance.choice((2, 2, 2, 3, 3, 5, 8))))

    def atom(depth: int) -> str:
        kind = chance.random()
        if kind < 0.45:
            return f"({chain()})"
        if kind < 0.6:
            return word()
        if kind < 0.7:
            return chance.choice(VALUES)
        inner = group(depth - 1) if depth else chain()
        return f"{chance.choice(('NOT ', 'letter:', 'rationale:', 'guideline:', ''))}({inner})"

    def group(depth: int) -> str:
        parts = [atom(depth) for _ in range(chance.choice((1, 1, 2, 3)))]
        if chance.random() < 0.15:
            parts *= chance.choice((5, 20, 40))
        return chance.choice((" ", " AND ", " OR ", " AND NOT ")).join(parts)

    for _ in range(count):
        stage = f" | {chance.choice(STAGES)}" if chance.random() < 0.3 else ""
        yield group(2) + stage


class Taken(NamedTuple):
    """How long a query took, what memory at most, and how it ended: the number of items, or an error's code."""

    seconds: float
    megabytes: float
    end: str
    query: str


def ask(library: Library, query: str, timeout: float | None) -> Taken:
    gc.collect()
    _forget_peak()
    before = _status("VmRSS")
    start = time.perf_counter()
    try:
        end = f"{library.search(query, Options(limit=10, timeout=timeout)).total:,}"
    except QueryError as problem:
        end = problem.code
    except ImrError as problem:
        end = type(problem).__name__
    return Taken(time.perf_counter() - start, max(0.0, _status("VmHWM") - before) / 1024, end, query)


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _status(name: str) -> int:
    """Kilobytes; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("index", type=Path)
    given.add_argument("--queries", type=int, default=10_000)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--timeout", type=float, default=2.0)
    given.add_argument("--seconds", type=float, default=600.0, help="stop after so long")
    told = given.parse_args()
    taken: list[Taken] = []
    until = time.monotonic() + told.seconds
    with Library.open(told.index, {}) as library:
        facts = library.facts
        for query in queries(told.queries, told.seed):
            taken.append(ask(library, query, told.timeout))
            if time.monotonic() > until:
                break
    refused = sum(one.end == "E135" for one in taken)
    unread = sum(one.end.startswith("E") and one.end != "E135" for one in taken)
    print(
        f"{facts.engine}, {facts.items:,} items: {len(taken):,} queries, {refused:,} refused as too dear, {unread:,} not read\n"
    )
    print("| seconds | MB more | ended | query |\n|---|---|---|---|")
    for one in sorted(taken, reverse=True)[:10]:
        shown = one.query if len(one.query) < 100 else one.query[:97] + "..."
        print(f"| {one.seconds:.2f} | {one.megabytes:.0f} | {one.end} | `{shown.replace('|', chr(92) + '|')}` |")
    most = max(one.megabytes for one in taken)
    print(f"\nmost memory: {most:.0f} MB")
    sys.stdout.flush()
    over = most > MOST_MB or max(one.seconds for one in taken) > told.timeout + SLACK
    os._exit(int(over))  # without waiting for what was given up


if __name__ == "__main__":
    main()
