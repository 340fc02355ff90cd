"""What a user could take instead, given the same words: raw Tantivy, SQLite FTS5 and plain Whoosh. Each is built from rows, and asked for a
whole answer: the count, the ten best with their stored text, and how all that match were decided."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

Ask = Callable[[], int]
TEXT = ("treatment", "rationale", "summary", "guideline")
BOUND = "zzz"  # stands between sentences, so that no phrase reaches across; no query asks for it
LOW, HIGH = 20150101, 20151231


class Row(NamedTuple):
    """An item analysed: the words of each field of TEXT, parted by spaces; `decided` as 20150304, 0 for none; `record`: all of it, as text."""

    texts: tuple[str, ...]
    decided: int
    outcome: str
    record: str


class Peer(NamedTuple):
    """`build(rows, place)` makes an index at `place`; `asks(place)` a closure by shape, each answering with a count."""

    build: Callable[[Iterable[Row], Path], None]
    asks: Callable[[Path], dict[str, Ask]]


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for field in TEXT:
        builder.add_text_field(field, tokenizer_name="whitespace")
    builder.add_text_field("outcome", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("decided", fast=True)
    builder.add_bytes_field("stored", stored=True)
    return builder.build()


def _build_tantivy(rows: Iterable[Row], place: Path) -> None:
    import tantivy

    place.mkdir()
    writer = tantivy.Index(_schema(), str(place)).writer(200_000_000, 1)
    for row in rows:
        document = tantivy.Document()
        for field, words in zip(TEXT, row.texts, strict=True):
            document.add_text(field, words)
        document.add_text("outcome", row.outcome)
        document.add_integer("decided", row.decided)
        document.add_bytes("stored", row.record.encode())
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def _ask_tantivy(place: Path) -> dict[str, Ask]:
    import tantivy

    query, occur, schema = tantivy.Query, tantivy.Occur, _schema()
    searcher: Any = tantivy.Index.open(str(place)).searcher()

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
    outcomes = {"outcomes": {"terms": {"field": "outcome"}}}

    def answer(wanted: Any, *order: str) -> int:
        found = searcher.search(wanted, 10, True, *order)
        texts = [bytes(searcher.doc(address).get_first("stored")) for _, address in found.hits]
        assert all(texts)
        searcher.aggregate(wanted, outcomes)
        return int(found.count)

    asks: dict[str, Ask] = {shape: (lambda wanted=wanted: answer(wanted)) for shape, wanted in asked.items()}
    asks["sort by date"] = lambda: answer(pain, "decided")
    years = {"years": {"histogram": {"field": "decided", "interval": 10_000, "min_doc_count": 1}}}
    report = {"outcomes": {"terms": {"field": "outcome"}, "aggs": years}}
    asks["two-way report"] = lambda: sum(
        bucket["doc_count"] for bucket in searcher.aggregate(pain, report)["outcomes"]["buckets"]
    )
    return asks


def _build_fts5(rows: Iterable[Row], place: Path) -> None:
    base = sqlite3.connect(place)
    base.execute("pragma synchronous=off")
    base.execute(f"create virtual table t using fts5({','.join(TEXT)}, content='')")
    base.execute("create table m(id integer primary key, decided integer, outcome text, record text)")
    words = f"insert into t(rowid,{','.join(TEXT)}) values(?,?,?,?,?)"
    for at, row in enumerate(rows):
        base.execute(words, (at, *row.texts))
        base.execute("insert into m values(?,?,?,?)", (at, row.decided, row.outcome, row.record))
    base.execute("create index d on m(decided)")
    base.commit()
    base.close()


def _ask_fts5(place: Path) -> dict[str, Ask]:
    base = sqlite3.connect(place)
    joined = "from t join m on m.id=t.rowid where t match ?"

    def answer(words: str, order: str = "t.rank") -> int:
        best = f"select m.record from (select t.rowid as k {joined} order by {order} limit 10) join m on m.id=k"
        assert all(text for (text,) in base.execute(best, (words,)))
        return sum(count for _, count in base.execute(f"select outcome, count(*) {joined} group by 1", (words,)))

    def matching(words: str) -> Ask:
        return lambda: answer(words)

    def ranged() -> int:
        between = "from m where decided between ? and ?"
        base.execute(f"select record {between} limit 10", (LOW, HIGH)).fetchall()
        return sum(count for _, count in base.execute(f"select outcome, count(*) {between} group by 1", (LOW, HIGH)))

    def report() -> int:
        wanted = f"select outcome, decided/10000, count(*) {joined} group by 1,2"
        return sum(row[2] for row in base.execute(wanted, ("rationale:pain",)))

    return {
        "rare word": matching("rationale:antalgic"),
        "common word": matching("rationale:pain"),
        "two fields AND": matching("treatment:acupuncture AND rationale:functional"),
        "phrase": matching('rationale:"of the"'),
        "prefix": matching("rationale:therap*"),
        "range": ranged,
        "boolean with NOT": matching("rationale:pain NOT rationale:opioid"),
        "sort by date": lambda: answer("rationale:pain", "m.decided desc"),
        "two-way report": report,
    }


def _build_whoosh(rows: Iterable[Row], place: Path) -> None:
    from whoosh import analysis, fields, index

    split = analysis.SpaceSeparatedTokenizer()
    schema = fields.Schema(
        **{field: fields.TEXT(analyzer=split) for field in TEXT},
        outcome=fields.ID(sortable=True),
        decided=fields.NUMERIC(sortable=True),
        stored=fields.STORED,
    )
    place.mkdir()
    writer = index.create_in(str(place), schema).writer(limitmb=200)
    for row in rows:
        texts = dict(zip(TEXT, row.texts, strict=True))
        writer.add_document(**texts, outcome=row.outcome, decided=row.decided, stored=row.record)
    writer.commit()


def _ask_whoosh(place: Path) -> dict[str, Ask]:
    from whoosh import index, query, sorting

    searcher = index.open_dir(str(place)).searcher()
    reason = "rationale"
    pain = query.Term(reason, "pain")

    def asking(wanted: Any, **options: Any) -> Ask:
        def answer() -> int:
            found = searcher.search(wanted, limit=None, groupedby="outcome", **options)
            assert all(hit["stored"] for hit in found[:10])
            return len(found)

        return answer

    return {
        "rare word": asking(query.Term(reason, "antalgic")),
        "common word": asking(pain),
        "two fields AND": asking(query.And([query.Term("treatment", "acupuncture"), query.Term(reason, "functional")])),
        "phrase": asking(query.Phrase(reason, ["of", "the"])),
        "prefix": asking(query.Prefix(reason, "therap")),
        "range": asking(query.NumericRange("decided", LOW, HIGH)),
        "boolean with NOT": asking(query.And([pain, query.Not(query.Term(reason, "opioid"))])),
        "sort by date": asking(pain, sortedby=sorting.FieldFacet("decided", reverse=True)),
        "two-way report": lambda: len(searcher.search(pain, limit=None, groupedby=["outcome", "decided"])),
    }


PEERS = {
    "raw Tantivy": Peer(_build_tantivy, _ask_tantivy),
    "FTS5": Peer(_build_fts5, _ask_fts5),
    "plain Whoosh": Peer(_build_whoosh, _ask_whoosh),
}
