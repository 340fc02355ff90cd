"""Our engines beside raw Tantivy, SQLite FTS5 and plain Whoosh: the same items in the same run, twelve shapes of query, equal counts checked.

    python bench/engines.py --items 20000 [--rounds 30] [--no-whoosh] [--out TABLE.md]

Every engine gets the same words, analysed beforehand; the others take them as text parted by spaces. Measured is what answering takes: how many
items match, and the first page of ten. Times are of this process's processor, so that a busy machine disturbs them little. What another engine
cannot say exactly (one citation, one sentence) stands as "-". Expansions of prefixes and fuzzy words are looked up beforehand in ours, as the query's
plan does.
"""

from __future__ import annotations

import argparse
import pickle
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402
from corpus import letters

from imr_search.analysis import SENTENCE
from imr_search.documents import Document, documents
from imr_search.engines import Searcher, engine
from imr_search.letters.parse import parse
from imr_search.nodes import And, Cited, Group, Near, Node, Not, Phrase, Range, SortKey, Words

TEXT = ("treatment", "rationale", "summary", "guideline")
Ask = Callable[[], int]
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
LOW, HIGH = 20150101, 20151231


def held(items: int, folder: Path) -> Iterator[Document]:
    """The documents of made letters until there are so many items; kept in `folder` for the next engine."""
    path = folder / f"documents-{items}.pickle"
    if not path.exists():
        count = 0
        with path.open("wb") as file:
            for made in letters(items, 1, 0):
                for letter in parse(made.text, file=made.name, sha256="0" * 64, stem=Path(made.name).stem):
                    found = documents(letter)
                    pickle.dump(found, file, 5)
                    count += len(found)
                if count >= items:
                    break
    with path.open("rb") as file:
        while True:
            try:
                yield from pickle.load(file)  # written by this program
            except EOFError:
                return


def text(document: Document, field: str) -> str:
    """The words, with one between sentences that no query asks for, so that no phrase reaches across."""
    found, sentence = [], 0
    for word, position in document.words.get(field, ()):
        if position // SENTENCE != sentence:
            sentence = position // SENTENCE
            found.append("zzz")
        found.append(word)
    return " ".join(found)


def day(document: Document) -> int:
    return next(iter(document.numbers.get("decided", ())), 0)


def ours(name: str, items: int, folder: Path) -> tuple[float, dict[str, Ask]]:
    place = folder / f"ours-{name}-{items}"
    place.mkdir()
    made = engine(name)
    prepared = list(held(items, folder))
    start = time.perf_counter()
    writer = made.create(place)
    writer.add(prepared)
    writer.commit()
    seconds = time.perf_counter() - start
    searcher = made.open(place)
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
    return seconds, asks


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


def raw_tantivy(items: int, folder: Path) -> tuple[float, dict[str, Ask]]:
    import tantivy

    query, occur = tantivy.Query, tantivy.Occur
    builder = tantivy.SchemaBuilder()
    for field in TEXT:
        builder.add_text_field(field, tokenizer_name="whitespace")
    builder.add_text_field("outcome", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("decided", fast=True)
    builder.add_text_field("stored", stored=True, tokenizer_name="raw", index_option="basic")
    schema = builder.build()
    place = folder / f"raw-tantivy-{items}"
    place.mkdir()
    index = tantivy.Index(schema, str(place))
    writer = index.writer(200_000_000, 1)
    rows = [({field: text(document, field) for field in TEXT}, document) for document in held(items, folder)]
    start = time.perf_counter()
    for texts, document in rows:
        row = tantivy.Document()
        for field, words in texts.items():
            row.add_text(field, words)
        row.add_text("outcome", document.keywords["outcome"][0])
        row.add_integer("decided", day(document))
        row.add_text("stored", document.id)
        writer.add_document(row)
    writer.commit()
    writer.wait_merging_threads()
    seconds = time.perf_counter() - start
    index.reload()
    searcher: Any = index.searcher()

    def term(field: str, word: str) -> Any:
        return query.term_query(schema, field, word)

    reason = "rationale"
    pain = term(reason, "pain")
    asked = {
        "rare word": term(reason, "antalgic"),
        "common word": pain,
        "two fields AND": query.boolean_query(
            [(occur.Must, term("treatment", "acupuncture")), (occur.Must, term(reason, "functional"))]
        ),
        "phrase": query.phrase_query(schema, reason, ["of", "the"]),
        "prefix": query.regex_query(schema, reason, "therap.*"),
        "fuzzy": query.fuzzy_term_query(schema, reason, "acupuncutre", 1),
        "range": query.range_query(schema, "decided", tantivy.FieldType.Integer, LOW, HIGH),
        "boolean with NOT": query.boolean_query([(occur.Must, pain), (occur.MustNot, term(reason, "opioid"))]),
    }
    asks: dict[str, Ask] = {
        shape: (lambda wanted=wanted: searcher.search(wanted, 10, True).count) for shape, wanted in asked.items()
    }
    asks["sort by date"] = lambda: searcher.search(pain, 10, True, "decided").count
    years = {"years": {"histogram": {"field": "decided", "interval": 10_000, "min_doc_count": 1}}}
    report = {"outcomes": {"terms": {"field": "outcome"}, "aggs": years}}
    asks["two-way report"] = lambda: sum(
        bucket["doc_count"] for bucket in searcher.aggregate(pain, report)["outcomes"]["buckets"]
    )
    return seconds, asks


def fts5(items: int, folder: Path) -> tuple[float, dict[str, Ask]]:
    base = sqlite3.connect(folder / f"fts5-{items}.db")
    base.execute("pragma synchronous=off")
    base.execute(f"create virtual table t using fts5({','.join(TEXT)})")
    base.execute("create table m(id integer primary key, decided integer, outcome text)")
    rows = [(tuple(text(document, field) for field in TEXT), document) for document in held(items, folder)]
    start = time.perf_counter()
    for at, (texts, document) in enumerate(rows):
        base.execute("insert into t(rowid,treatment,rationale,summary,guideline) values(?,?,?,?,?)", (at, *texts))
        base.execute("insert into m values(?,?,?)", (at, day(document), document.keywords["outcome"][0]))
    base.execute("create index d on m(decided)")
    base.commit()
    seconds = time.perf_counter() - start

    def matching(words: str) -> Ask:
        def ask() -> int:
            base.execute("select rowid from t where t match ? order by rank limit 10", (words,)).fetchall()
            return int(base.execute("select count(*) from t where t match ?", (words,)).fetchone()[0])

        return ask

    def ranged() -> int:
        base.execute("select id from m where decided between ? and ? limit 10", (LOW, HIGH)).fetchall()
        return int(base.execute("select count(*) from m where decided between ? and ?", (LOW, HIGH)).fetchone()[0])

    def dated() -> int:
        base.execute(
            "select m.id from t join m on m.id=t.rowid where t match 'rationale:pain' order by decided desc limit 10"
        ).fetchall()
        return int(base.execute("select count(*) from t where t match 'rationale:pain'").fetchone()[0])

    def report() -> int:
        wanted = "select outcome, decided/10000, count(*) from t join m on m.id=t.rowid where t match 'rationale:pain' group by 1,2"
        return sum(row[2] for row in base.execute(wanted))

    return seconds, {
        "rare word": matching("rationale:antalgic"),
        "common word": matching("rationale:pain"),
        "two fields AND": matching("treatment:acupuncture AND rationale:functional"),
        "phrase": matching('rationale:"of the"'),
        "prefix": matching("rationale:therap*"),
        "range": ranged,
        "boolean with NOT": matching("rationale:pain NOT rationale:opioid"),
        "sort by date": dated,
        "two-way report": report,
    }


def plain_whoosh(items: int, folder: Path) -> tuple[float, dict[str, Ask]]:
    from whoosh import analysis, fields, index, query, sorting

    split = analysis.SpaceSeparatedTokenizer()
    schema = fields.Schema(
        **{field: fields.TEXT(analyzer=split) for field in TEXT},
        outcome=fields.ID(sortable=True),
        decided=fields.NUMERIC(sortable=True),
        stored=fields.STORED,
    )
    place = folder / f"plain-whoosh-{items}"
    place.mkdir()
    made = index.create_in(str(place), schema)
    rows = [({field: text(document, field) for field in TEXT}, document) for document in held(items, folder)]
    start = time.perf_counter()
    writer = made.writer(limitmb=200)
    for texts, document in rows:
        writer.add_document(**texts, outcome=document.keywords["outcome"][0], decided=day(document), stored=document.id)
    writer.commit()
    seconds = time.perf_counter() - start
    searcher = made.searcher()
    reason = "rationale"
    pain = query.Term(reason, "pain")

    def asking(wanted: Any, **options: Any) -> Ask:
        return lambda: len(searcher.search(wanted, limit=None, **options))

    asks = {
        "rare word": asking(query.Term(reason, "antalgic")),
        "common word": asking(pain),
        "two fields AND": asking(query.And([query.Term("treatment", "acupuncture"), query.Term(reason, "functional")])),
        "phrase": asking(query.Phrase(reason, ["of", "the"])),
        "prefix": asking(query.Prefix(reason, "therap")),
        "range": asking(query.NumericRange("decided", LOW, HIGH)),
        "boolean with NOT": asking(query.And([pain, query.Not(query.Term(reason, "opioid"))])),
        "sort by date": asking(pain, sortedby=sorting.FieldFacet("decided", reverse=True)),
        "two-way report": asking(pain, groupedby=["outcome", "decided"]),
    }
    return seconds, asks


def measured(ask: Ask, rounds: int) -> tuple[int, float, float]:
    """The count, and median and 95th percentile in milliseconds."""
    count, times = ask(), []
    for _ in range(rounds):
        start = time.process_time()
        ask()
        times.append((time.process_time() - start) * 1_000)
    times.sort()
    return count, statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.95))]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--items", type=int, default=5_000)
    ask.add_argument("--rounds", type=int, default=20)
    ask.add_argument(
        "--no-whoosh", action="store_true", help="leave both Whooshes out: they are slow to build beyond 20,000 items"
    )
    ask.add_argument("--out", type=Path)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        makers: dict[str, Callable[[], tuple[float, dict[str, Ask]]]] = {
            "raw Tantivy": lambda: raw_tantivy(given.items, folder),
            "ours, Tantivy": lambda: ours("tantivy", given.items, folder),
            "FTS5": lambda: fts5(given.items, folder),
        }
        if not given.no_whoosh:
            makers["plain Whoosh"] = lambda: plain_whoosh(given.items, folder)
            makers["ours, Whoosh"] = lambda: ours("whoosh", given.items, folder)
        items = sum(1 for _ in held(given.items, folder))
        lines = [
            f"{items:,} items, {given.rounds} rounds: median / 95th percentile in ms of processor time (x raw Tantivy)",
            "",
        ]
        built, asks = {}, {}
        for engine_name, make in makers.items():
            built[engine_name], asks[engine_name] = make()
        lines.append("| | " + " | ".join(makers) + " |")
        lines.append("|---" * (len(makers) + 1) + "|")
        lines.append(
            "| built, items/s | " + " | ".join(f"{items / built[engine_name]:,.0f}" for engine_name in makers) + " |"
        )
        different = []
        for shape in SHAPES:
            cells, base, counts = [], 0.0, set()
            for engine_name in makers:
                if shape not in asks[engine_name]:
                    cells.append("-")
                    continue
                count, middle, late = measured(asks[engine_name][shape], given.rounds)
                base = base or middle
                counts.add(count)
                cells.append(f"{middle:.2f} / {late:.2f} ({middle / base:.1f}x)")
            if len(counts) > 1:
                different.append(f"{shape}: {sorted(counts)}")
            lines.append(f"| {shape} ({max(counts):,}) | " + " | ".join(cells) + " |")
        lines += ["", "counts differ: " + "; ".join(different) if different else "all counts agree"]
        table = "\n".join(lines) + "\n"
        sys.stdout.write(table)
        if given.out:
            given.out.write_text(table, encoding="utf-8")
        if different:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
