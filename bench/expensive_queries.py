"""Ask an index what costs most, by chance, and show the ten that took longest: time, memory, and how each ended.

    python bench/expensive_queries.py INDEX_OR_ADDRESS [--queries 10000] [--seed 1] [--timeout 2] [--cut] [--seconds 600] [--out TAKEN.jsonl]

Queries are made of what multiplies: wildcards beside wildcards in a sentence, long chains, repeated and negated parts, lists, letter:( ), reports
over everything. With the deadline that every query has, time is shown on the clock and on the processor: a machine that has no processor for it gives
a query up to three times as long on the clock. With --cut each has another deadline, from 0.01 s to --timeout, so that all steps of the work are met
by one; what counts is how long it went on. Memory is what the process grew by at its highest (Linux only). Ends with 1 when a query took longer
than half a second over its deadline, on the clock and on the processor, or more than 500 MB. A cluster's queries are judged by the clock.
With --out each query is a line of that file as soon as it has ended, and a run that finds the file goes on where it stopped.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from imr_search.errors import ImrError, QueryError
from imr_search.searching.library import Library, Options

MOST_MB = 500
SLACK = 0.5
WIDE = (
    "re*",
    "*ed",
    "*an*",
    "*t*n",
    "in*",
    "*ing",
    "th*",
    "*al*",
    "*er*",
    "pa*",
    "*es",
    "me*al",
    "*on*",
    "de*",
    "?e*n",
    "c*e!",
)
COMMON = ("the", "of", "with", "to", "is", "pain", "no", "patient", "medical", "for")
PHRASES = ('"of the"', '"medical treatment"', '"not medically necessary"', '"chronic pain"', '"the patient"~20')
OTHER = (
    "traetment~2",
    "patiant~2",
    "medicl~",
    "syn(norco)",
    'syn("physical therapy")',
    'like("pain relief with opioids")',
    "like(CM15-0000003#1)",
)
LINKS = ("/s", "/p", "/50", "+50", "/5", "+3", "w/20")
VALUES = (
    "outcome:upheld",
    "decided:2015..",
    "has:page",
    "page:1..500",
    "case:CM1*",
    'guideline:"chronic page 98"',
    "id:*#1",
    "age:1..99",
)
STAGES = (
    *("unique rationale", "sample 1000", "count by case, file", "count by drug, specialty, outcome", "rate by category, year"),
    *("top 100 guideline", "trend month by category", "sort -decided, case", "limit 100", "count by page, section", "cite"),
    *("sample 500 seed 3 | sort -age, decided", "count by case, page, drug", "rate by file | sort -rate", "stats age by case", "unique summary"),
    *("compare outcome:upheld the", "top 1000 case", "sort specialty, -qty | limit 50"),
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

    def tower() -> str:
        """What multiplies by being repeated or stacked."""
        kind = chance.randrange(6)
        if kind == 0:
            return " ".join([chance.choice(COMMON)] * chance.choice((20, 60, 199)))
        if kind == 1:
            return f" {chance.choice(LINKS)} ".join([chance.choice((*COMMON, *WIDE))] * chance.choice((4, 8, 20)))
        if kind == 2:
            return "NOT (" * (high := chance.choice((3, 10, 30))) + chain() + ")" * high
        if kind == 3:
            return " ".join(f"letter:({chain()})" for _ in range(chance.choice((2, 6, 12))))
        if kind == 4:
            return f"{chance.choice(('NOT ', ''))}({' OR '.join(f'({chain()})' for _ in range(chance.choice((3, 8))))})"
        return f"guideline:({chain()}) " * chance.choice((1, 4))

    def atom(depth: int) -> str:
        kind = chance.random()
        if kind < 0.45:
            return f"({chain()})"
        if kind < 0.6:
            return word()
        if kind < 0.7:
            return chance.choice(VALUES)
        if kind < 0.8:
            return f"{chance.choice(('rationale:', 'guideline:', 'summary:', 'letter:'))}({chain()})"
        inner = group(depth - 1) if depth else chain()
        return f"{chance.choice(('NOT ', ''))}({inner})"

    def group(depth: int) -> str:
        parts = [atom(depth) for _ in range(chance.choice((1, 1, 2, 3)))]
        if chance.random() < 0.15:
            parts *= chance.choice((5, 20, 40))
        return chance.choice((" ", " AND ", " OR ", " AND NOT ")).join(parts)

    for _ in range(count):
        stage = f" | {chance.choice(STAGES)}" if chance.random() < 0.3 else ""
        yield (tower() if chance.random() < 0.15 else group(2)) + stage


class Taken(NamedTuple):
    """Of a query: which of the fuzz it is, from 0; how long it took, and how much of that on a processor (of a cluster, which works elsewhere, the
    same); its deadline; what memory at most (0: not measured); how it ended: the number of items, or an error's code."""

    number: int
    seconds: float
    worked: float
    timeout: float
    megabytes: float
    end: str
    query: str


def ask(library: Library, query: str, timeout: float, memory: bool = True, number: int = 0) -> Taken:
    if memory:
        gc.collect()
        gc.freeze()  # so that the next collection need not look at what stays
        _forget_peak()
    before = _status("VmRSS") if memory else 0
    start, worked = time.perf_counter(), time.process_time()
    try:
        end = f"{library.search(query, Options(limit=10, timeout=timeout)).total:,}"
    except QueryError as problem:
        end = problem.code
    except ImrError as problem:
        end = type(problem).__name__
    seconds = time.perf_counter() - start
    took = seconds, seconds if library.facts.engine == "opensearch" else time.process_time() - worked
    for thread in threading.enumerate() if memory else ():
        if (
            thread.name == "query"
        ):  # given up, and still at it: its memory is this query's, and its work not the next one's
            thread.join()
    return Taken(number, *took, timeout, max(0.0, _status("VmHWM") - before) / 1024 if memory else 0.0, end, query)


def answered(
    library: Library,
    count: int,
    seed: int,
    timeout: float,
    *,
    cut: bool = False,
    until: float = float("inf"),
    before: Sequence[Taken] = (),
) -> Iterator[Taken]:
    """`count` queries that can be read; those that cannot are no queries. No more after `until`, on the monotonic clock. `cut`: each with a deadline
    of its own, up to `timeout`, and without a look at memory. `before`: what the same has given already, which comes first."""
    yield from before
    done, chance, first = len(before), random.Random(seed), before[-1].number + 1 if before else 0
    for number, query in enumerate(queries(3 * count, seed)):
        own = 0.01 * (100 * timeout) ** chance.random() if cut else timeout
        if number < first:
            continue
        if done >= count or time.monotonic() > until:
            return
        taken = ask(library, query, own, memory=not cut, number=number)
        if taken.end == "E135" or not taken.end.startswith("E"):
            yield taken
            done += 1


def span(taken: Taken) -> float:
    """What counts as its time: on a machine with enough processors, clock and processor agree."""
    return min(taken.seconds, taken.worked)


def beyond(taken: Taken) -> float:
    """How long it went on after its deadline."""
    return span(taken) - taken.timeout


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
    given.add_argument(
        "--cut", action="store_true", help="deadlines of all lengths up to --timeout; memory is not looked at"
    )
    given.add_argument("--seconds", type=float, default=600.0, help="stop after so long")
    given.add_argument("--out", type=Path, help="each query as a line, from which a later run goes on")
    told = given.parse_args()
    until = time.monotonic() + told.seconds
    kept: Path | None = told.out
    lines = kept.read_text(encoding="utf-8").splitlines() if kept and kept.exists() else []
    before = [Taken(*json.loads(line)) for line in lines]
    taken: list[Taken] = []
    with Library.open(told.index, {}) as library, open(kept or os.devnull, "a", encoding="utf-8") as out:
        facts = library.facts
        for one in answered(library, told.queries, told.seed, told.timeout, cut=told.cut, until=until, before=before):
            taken.append(one)
            if len(taken) > len(before):
                print(json.dumps(one), file=out, flush=True)
    refused = sum(one.end == "E135" for one in taken)
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else 0.0
    print(
        f"{facts.engine}, {facts.items:,} items: {len(taken):,} queries, {refused:,} too expensive; load {load:.1f} on {os.cpu_count()} cores\n"
    )
    print("| deadline | seconds | on the processor | MB more | ended | query |\n|---|---|---|---|---|---|")
    for one in sorted(taken, key=beyond, reverse=True)[:10]:
        shown = one.query if len(one.query) < 100 else one.query[:97] + "..."
        shown = shown.replace("|", chr(92) + "|")
        print(
            f"| {one.timeout:.2f} | {one.seconds:.2f} | {one.worked:.2f} | {one.megabytes:.0f} | {one.end} | `{shown}` |"
        )
    most = max(one.megabytes for one in taken)
    print(f"\nmost memory: {most:.0f} MB")
    sys.stdout.flush()
    over = most > MOST_MB or max(map(beyond, taken)) > SLACK
    os._exit(int(over))  # without waiting for what was given up


if __name__ == "__main__":
    main()
