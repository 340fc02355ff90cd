"""OpenSearch beside Tantivy in one run: how fast each takes in the same items, and the median time of each shape of query, with equal counts checked.

    python bench/opensearch.py --items 100000

Starts three real nodes in one process on loopback (tests/opensearch; needs java and mvn) unless --cluster names a running one. Both engines get the
same documents, made by a seed, analysed beforehand and kept on disk; the time to read them back is measured alone and taken off.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "opensearch")]

import cluster  # noqa: E402
from corpus import CHAPTERS, PARTS, SPECIALTIES, Prose  # noqa: E402

from imr_search.documents import Document, documents  # noqa: E402
from imr_search.engines import Searcher  # noqa: E402
from imr_search.engines.opensearch.address import parse  # noqa: E402
from imr_search.engines.opensearch.cluster import Cluster  # noqa: E402
from imr_search.engines.registry import engine  # noqa: E402
from imr_search.model import Citation, Item, Letter  # noqa: E402
from imr_search.plan import (  # noqa: E402
    And,
    Cited,
    Group,
    InLetter,
    Keyword,
    Near,
    Node,
    Not,
    Phrase,
    Range,
    Similar,
    SortKey,
    Words,
)

DRUGS = ("hydrocodone/acetaminophen", "tramadol", "gabapentin", "cyclobenzaprine", "omeprazole")


def made(items: int, seed: int) -> Iterator[list[Document]]:
    """The documents of letters of 1 to 4 items, about 435 words an item, until there are so many."""
    chance, prose, count, number = random.Random(seed), Prose(), 0, 0
    while count < items:
        size = min(chance.choice((1, 1, 2, 2, 4)), items - count)
        yield documents(_letter(chance, prose, f"CM{13 + number % 5}-{number:07}", size))
        count += size
        number += 1


def _letter(chance: random.Random, prose: Prose, name: str, size: int) -> Letter:
    summary = prose.text(chance, chance.randrange(150, 300))
    decided = f"{chance.randrange(2013, 2018)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    items = []
    for n in range(1, size + 1):
        chapter, sections = chance.choice(CHAPTERS)
        section, page, drug = chance.choice(sections), chance.randrange(1, 120), chance.choice(DRUGS)
        cited = Citation(
            "MTUS", chapter, section, (page, page + 1), f"MTUS {chapter}, {section}, page {page}-{page + 1}"
        )
        items.append(
            Item(
                id=f"{name}#{n}", letter=name, case=name, n=n, treatment=f"{drug} 10mg #{chance.choice((30, 60, 90))} for the {chance.choice(PARTS)}",
                title="", outcome=chance.choices(("upheld", "overturned", "modified"), (88, 11, 1))[0], guideline=cited.text, ca_guideline="",
                sources=("MTUS",), pages=cited.pages, chapters=(chapter,), sections=(section,), citations=(cited,),
                rationale=prose.text(chance, chance.randrange(110, 280)), summary=summary, specialty=(chance.choice(SPECIALTIES),),
                age=chance.randrange(20, 75), sex=chance.choice(("male", "female")), decided=decided, drugs=(drug,),
                quantity=chance.choice((30, 60, 90)), category="pharmaceutical", generation="3", file=f"{name}.txt", items=size,
            )
        )  # fmt: skip
    return Letter(name, name, f"{name}.txt", "", "3", decided, tuple(items))


Ask = Callable[[Searcher], object]


def shapes(searcher: Searcher, rounds: int) -> dict[str, list[Ask]]:
    """For each shape `rounds` questions, all different, so that no cache answers them."""
    common = "pain treatment patient medical back guidelines evidence therapy improvement records left right spine shoulder knee weeks".split()
    rare = [word for word, count in searcher.words("rationale", "") if 5 <= count <= 200]
    rare = rare[:: max(1, len(rare) // 100)][:100]
    chance = random.Random(3)

    def word(field: str = "rationale") -> Words:
        return Words(field, (chance.choice(common),))

    def many(count: int) -> Words:
        return Words("rationale", tuple(sorted(chance.sample(common + rare, count))))

    def found(node: Node, sort: tuple[SortKey, ...] = ()) -> Ask:
        return lambda searcher: searcher.search(node, sort, 20).total

    def table(node: Node, *by: Group) -> Ask:
        return lambda searcher: [(row.group, row.items, row.letters) for row in searcher.table(node, by)]

    days = [20130101 + 10_000 * k for k in range(5)]
    return {
        "common word": [found(Words("rationale", (common[k % len(common)], f"never{k}"))) for k in range(rounds)],
        "rare word": [found(Words("rationale", (rare[k % len(rare)],))) for k in range(rounds)],
        "inflections (6 words)": [found(many(6)) for _ in range(rounds)],
        "expansion (30 words)": [found(many(30)) for _ in range(rounds)],
        "two fields AND": [
            found(And((word(), word("summary"), Not(Words("summary", (rare[k % len(rare)],)))))) for k in range(rounds)
        ],
        "phrase": [
            found(Phrase("rationale", ((chance.choice(common),), (chance.choice(common),)))) for _ in range(rounds)
        ],
        "phrase of inflections": [found(Phrase("rationale", (many(4).words, many(4).words))) for _ in range(rounds)],
        "near /5": [found(Near("rationale", word(), many(2), 5, False)) for _ in range(rounds)],
        "same sentence /s": [found(Near("rationale", word(), many(2), 400, False)) for _ in range(rounds)],
        "cited page": [
            found(Cited("guideline", And((Words("guideline", ("opioids", "physical")), Range("page", k + 1, k + 2)))))
            for k in range(rounds)
        ],
        "letter:( )": [
            found(And((InLetter(And((Keyword("drug", (DRUGS[k % 5],)), Keyword("outcome", ("overturned",))))), word())))
            for k in range(rounds)
        ],
        "date range, sorted": [
            found(
                And((Range("decided", chance.choice(days), chance.choice(days) + 40_000), word())),
                (SortKey("decided", True),),
            )
            for _ in range(rounds)
        ],
        "like( ), 25 terms": [
            found(Similar(tuple(("rationale", w, 1.0 + k / 8) for k, w in enumerate(chance.sample(rare, 25))), 2))
            for _ in range(rounds)
        ],
        "table by outcome, year": [table(word(), Group("outcome"), Group("decided", "year")) for _ in range(rounds)],
        "table by specialty, drug": [table(word(), Group("specialty"), Group("drug")) for _ in range(rounds)],
        "completion": [
            lambda searcher, k=k: [
                pair
                for pair, _ in zip(searcher.words("rationale", common[k % len(common)][:3]), range(50), strict=False)
            ]
            for k in range(rounds)
        ],
    }


def read(spool: Path) -> Iterator[list[Document]]:
    with spool.open("rb") as opened:
        while True:
            try:
                yield pickle.load(opened)
            except EOFError:
                return


def build(name: str, folder: Path, spool: Path) -> tuple[Searcher, float]:
    made_by = engine(name)
    start = time.perf_counter()
    writer = made_by.create(folder)
    for batch in read(spool):
        writer.add(batch)
    writer.commit()
    seconds = time.perf_counter() - start
    return made_by.open(folder), seconds


def size(place: Path) -> float:
    """Megabytes, copies included."""
    if place.is_dir():
        return sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e6
    connection = Cluster(parse(place))
    found = connection.call("GET", connection.path(connection.address.name, "_stats", "store"))
    connection.close()
    return float(found["_all"]["total"]["store"]["size_in_bytes"]) / 1e6


def built(searchers: dict[str, Searcher], places: dict[str, tuple[str, Path, int]], spool: Path, items: int) -> None:
    start = time.perf_counter()
    for _ in read(spool):
        pass
    reading = time.perf_counter() - start
    for name, (kind, place, shards) in places.items():
        os.environ["IMR_SEARCH_OPENSEARCH_SHARDS"] = str(shards)
        searchers[name], seconds = build(kind, place, spool)
        own = max(seconds - reading, 0.1)
        print(f"{name}: built in {own:.0f} s, {items / own:,.0f} analysed items/s, {size(place):,.0f} MB", flush=True)


def timed(searchers: dict[str, Searcher], rounds: int) -> None:
    asked = shapes(next(iter(searchers.values())), rounds)
    heads = "".join(f"{name:>14}" for name in searchers)
    print(f"{'p50 of ' + str(rounds) + ', ms':<28}{heads}   load {os.getloadavg()[0]:.1f}")
    wrong = 0
    for shape, questions in asked.items():
        times: dict[str, list[float]] = {name: [] for name in searchers}
        for question in questions:
            answers = []
            for name, searcher in searchers.items():
                start = time.perf_counter()
                answers.append(question(searcher))
                times[name].append(1_000 * (time.perf_counter() - start))
            wrong += any(answer != answers[0] for answer in answers)
        print(f"{shape:<28}" + "".join(f"{statistics.median(times[name]):>14.1f}" for name in searchers), flush=True)
    print(f"questions with answers that differ: {wrong} of {len(asked) * rounds}")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--items", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--shards", default="3", help="how many, or several numbers to compare: 1,3,6")
    options.add_argument("--cluster", default="", help="a running cluster, as http://host:9200")
    given = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = given.cluster or stack.enter_context(cluster.Nodes(folder / "cluster", heap="2g")).hosts
        start = time.perf_counter()
        with (folder / "documents").open("wb") as spool:
            for batch in made(given.items, given.seed):
                pickle.dump(batch, spool)
        making = time.perf_counter() - start
        print(
            f"{given.items:,} items, made and analysed in {making:.0f} s; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        (folder / "tantivy").mkdir()
        places = {"tantivy": ("tantivy", folder / "tantivy", 1)}
        for shards in map(int, given.shards.split(",")):
            place = Path(f"{hosts}/bench{given.seed}-{given.items}-{shards}")
            places[f"opensearch/{shards}"] = ("opensearch", place, shards)
        searchers: dict[str, Searcher] = {}
        built(searchers, places, folder / "documents", given.items)
        timed(searchers, given.rounds)
        for searcher in searchers.values():
            searcher.close()


if __name__ == "__main__":
    main()
