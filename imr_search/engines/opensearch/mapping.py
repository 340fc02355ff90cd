"""What an index of the cluster holds: its settings and mapping, made from the table of fields, and a document as the cluster takes it.

One index is one generation. In it lie an item; its letter (the item's parent, on the same shard, so that `letter:( )` and counts of letters are
exact and local); each word of the lexicon with the number of items that hold it; and the store's own files in pieces.

A text goes in already analysed: words joined by spaces, several of one position by `|`, a position without a word as `_`, and one value for each
run of words that no proximity spans; the cluster puts GAP positions between values. So distances within a sentence are ours and exact, and nothing
reaches across two.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from imr_search.analysis import STRIDE, WINDOW, Posting
from imr_search.documents import Document, quarter
from imr_search.engines.opensearch.cluster import Cluster, ClusterError
from imr_search.errors import IndexError_, StorageError, UsageError
from imr_search.fields import CITATION, DATE, FLAG, NUMBER, table

VERSION = "1"
GAP = 2 * STRIDE
_APART = STRIDE - WINDOW  # the least step between two sentences' words
_HALF = (
    1 << 24
)  # a digest is two numbers of 24 bits, so that a cluster's sums (doubles) are exact up to 500 million items
LONGEST = 32_000  # bytes of a whole value; the cluster takes 32,766


def settings(shards: int, replicas: int) -> dict[str, Any]:
    return {
        "index": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",
            "codec": "best_compression",
            "max_regex_length": 1_000_000,
            "mapping.nested_objects.limit": 100_000,
            "merge.policy.expunge_deletes_allowed": 0.0,
        },
        "analysis": {
            "tokenizer": {"pieces": {"type": "whitespace", "max_token_length": 65_536}},
            "filter": {
                "holes": {"type": "stop", "stopwords": ["_"]},
                "beside": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
            },
            "analyzer": {"ours": {"type": "custom", "tokenizer": "pieces", "filter": ["holes", "beside"]}},
        },
    }


def mapping() -> dict[str, Any]:
    words: dict[str, Any] = {}
    cited: dict[str, Any] = {}
    keywords: dict[str, Any] = {}
    numbers: dict[str, Any] = {}
    quarters: dict[str, Any] = {}
    text = {"type": "text", "analyzer": "ours", "position_increment_gap": GAP}
    for field in table():
        if field.positional:
            words[field.key] = text
        if field.kind == CITATION:
            inside = {"w": text, "p": {"type": "long"}}
            cited[field.key] = {"type": "nested", "properties": inside}
        if field.valued or field.kind == FLAG:
            keywords[field.key] = {"type": "keyword"}
        if field.kind in (NUMBER, DATE):
            numbers[field.key] = {"type": "long"}
        if field.kind == DATE:
            quarters[field.key] = {"type": "integer"}
    return {
        "dynamic": "strict",
        "properties": {
            "kind": {"type": "join", "relations": {"letter": "item"}},
            "id": {"type": "keyword"},
            "letter": {"type": "keyword"},
            "n": {"type": "long"},
            "w": {"properties": words},
            "c": {"properties": cited},
            "k": {"properties": keywords},
            "v": {"properties": numbers},
            "q": {"properties": quarters},
            "digest": {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
            "record": {"type": "keyword", "index": False, "doc_values": False},
            "lexicon": {"type": "keyword"},
            "items": {"type": "integer", "index": False},
            "file": {"type": "keyword"},
            "part": {"type": "integer"},
            "data": {"type": "binary"},
        },
    }


def doc_id(kind: str, name: str) -> str:
    """The id of a document of `kind` (one letter); a cluster takes at most 512 bytes."""
    found = kind + name
    if len(found.encode()) <= 500:
        return found
    return f"{kind}{hashlib.sha256(name.encode()).hexdigest()}"


class Prepared(NamedTuple):
    """A document in the form in which it is sent, made in the process that read the letter. Names are those of Document; `w` and `c` are the texts
    of its words and of its citations."""

    id: str
    letter: str
    n: int
    w: dict[str, list[str]]
    c: dict[str, list[dict[str, Any]]]
    keywords: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[int, ...]]
    record: bytes


def prepare(document: Document) -> Prepared:
    return Prepared(
        id=document.id,
        letter=document.letter,
        n=document.n,
        w={key: texts(postings) for key, postings in document.words.items() if postings},
        c={field.key: _windows(document, field.key) for field in table().of_kind(CITATION)},
        keywords={key: values for key, values in document.keywords.items() if values},
        numbers={key: tuple(sorted(set(values))) for key, values in document.numbers.items() if values},
        record=document.record,
    )


def texts(postings: Sequence[Posting]) -> list[str]:
    """(word, position) pairs in order of position as values, each a row of positions; see the module."""
    values: list[str] = []
    row: list[str] = []
    last = -1
    for word, position in postings:
        step = position - last
        last = position
        if not row or step == 1:
            row.append(word)
        elif not step:
            row[-1] += "|" + word
        elif step >= _APART:
            values.append(" ".join(row))
            row = [word]
        else:
            row.extend("_" * (step - 1))
            row.append(word)
    if row:
        values.append(" ".join(row))
    return values


def words(values: Sequence[str]) -> set[str]:
    """The distinct words in texts."""
    return set(" ".join(values).replace("|", " ").split(" ")) - {"_", ""}


def _windows(document: Document, field: str) -> list[dict[str, Any]]:
    """Each citation of `field` with its words and pages, and what stands between them."""
    pages = document.cited_pages.get(field, ())
    held: dict[int, list[Posting]] = {}
    for word, position in document.words.get(field, ()):
        held.setdefault(position // STRIDE, []).append((word, position))
    return [
        {"w": texts(held.get(k, ())), "p": sorted(set(pages[k])) if k < len(pages) else []}
        for k in range(max([len(pages), *(k + 1 for k in held)]))
    ]


def source(item: Prepared) -> tuple[str, tuple[int, int]]:
    """An item as the cluster takes it, as JSON, and its digest. Numbers are distinct: an aggregation would count one twice that stands twice."""
    dates = {field.key for field in table().of_kind(DATE)}
    text = _json(
        {
            "kind": {"name": "item", "parent": doc_id("l", item.letter)},
            "id": item.id,
            "letter": item.letter,
            "n": item.n,
            "w": item.w,
            "c": item.c,
            "k": item.keywords,
            "v": item.numbers,
            "q": {key: sorted(map(quarter, days)) for key, days in item.numbers.items() if key in dates},
            "record": item.record.decode(),
        }
    )
    a, b = _digest(text)
    return f'{text[:-1]},"digest":{{"a":{a},"b":{b}}}}}', (a, b)


def intact(found: dict[str, Any]) -> bool:
    """Is what the cluster gives back what was sent?"""
    held = {key: value for key, value in found.items() if key != "digest"}
    return bool(dict(zip("ab", _digest(_json(held)), strict=True)) == found["digest"])


def _json(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _digest(text: str) -> tuple[int, int]:
    """Two numbers that stand for all that an item's document holds; their sums over all items verify a generation."""
    return divmod(int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]), _HALF)


def letter_source(letter: str) -> dict[str, Any]:
    return {"kind": {"name": "letter"}, "letter": letter}


def too_long(item: Prepared) -> str:
    """The field that holds a value longer than a cluster takes, or ""."""
    for key, values in item.keywords.items():
        if any(len(value) > LONGEST // 4 and len(value.encode()) > LONGEST for value in values):
            return key
    return ""


MARK = "made_by_imr_search"  # in the mapping's _meta of every index that a build makes
_COPYING = 30  # seconds that are waited for the copies of a new index


def create_index(cluster: Cluster) -> None:
    """A new, empty index of the address's name; what lay there unpublished under that name is thrown away.

    IMR_SEARCH_OPENSEARCH_SHARDS and _REPLICAS; else a shard for each node that holds data, and one replica where there are two nodes.
    """
    name = cluster.address.name
    nodes = _data_nodes(cluster)
    shards = _number("IMR_SEARCH_OPENSEARCH_SHARDS", nodes, 1)
    replicas = _number("IMR_SEARCH_OPENSEARCH_REPLICAS", 1 if nodes > 1 else 0, 0)
    _clear(cluster, name)
    wanted = settings(shards, replicas)
    try:
        cluster.call(
            "PUT",
            cluster.path(name),
            {"settings": wanted, "mappings": mapping() | {"_meta": {MARK: True}}},
            timeout=120,
        )
    except ClusterError as error:
        if error.kind != "resource_already_exists_exception":  # a first attempt whose answer was lost
            raise StorageError(f"the cluster cannot make the index {name}: {error.status} {error.kind}") from None
    _started(cluster, name)


def clone_index(cluster: Cluster, old: str) -> None:
    """A new index of the address's name that holds what `old` holds, by hard links on each node; `old` does not change."""
    name = cluster.address.name
    _clear(cluster, name)
    settings = {"index.blocks.write": None, "index.refresh_interval": "-1"}
    try:
        cluster.call("PUT", cluster.path(old, "_clone", name), {"settings": settings}, timeout=600)
    except ClusterError as error:
        if error.kind != "resource_already_exists_exception":
            raise StorageError(f"the cluster cannot copy {old}: {error.status} {error.kind}") from None
    _started(cluster, name)


def _clear(cluster: Cluster, name: str) -> None:
    """Throw away an index of that name, unless readers could hold it."""
    if not cluster.exists(name):
        return
    if not is_ours(cluster, name):
        raise UsageError(f"there is an index {name} that imr-search did not make", "choose another name in the address")
    if aliases(cluster, name):
        raise UsageError(f"{name} is in use; a build goes into a generation of its own")
    cluster.call("DELETE", cluster.path(name), None, {"ignore_unavailable": "true"})


def _started(cluster: Cluster, name: str) -> None:
    """Wait until every primary shard runs, and its copies too, if they do soon: from then on the loss of a node loses nothing."""
    copied(cluster, name)
    params = {"wait_for_status": "yellow", "timeout": "60s"}
    try:
        cluster.call("GET", cluster.path("_cluster", "health", name), None, params, timeout=90)
    except ClusterError as error:
        raise StorageError(f"the shards of {name} do not start: {error.status} {error.kind}") from None


def copied(cluster: Cluster, name: str) -> None:
    """Give the copies of the shards time to be made. A cluster that lost a node before may never get there."""
    params = {"wait_for_status": "green", "timeout": f"{_COPYING}s"}
    try:
        cluster.call("GET", cluster.path("_cluster", "health", name), None, params, timeout=_COPYING + 30)
    except ClusterError as error:
        if error.status != 408:
            raise IndexError_(f"the cluster does not tell its health: {error.status} {error.kind}") from None


def _data_nodes(cluster: Cluster) -> int:
    return max(1, int(cluster.call("GET", "/_cluster/health")["number_of_data_nodes"]))


def _number(variable: str, default: int, least: int) -> int:
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= 1024:
        raise UsageError(f"{variable} takes a number from {least} to 1024")
    return int(text)


def facts(cluster: Cluster, name: str, format_: str) -> dict[str, Any]:
    """What the committed index behind `name` (an alias or an index) says of itself: name, items, letters, digest. IndexError_ when there is none,
    when it was never committed, or when another version wrote it."""
    try:
        found = cluster.call("GET", cluster.path(name, "_mapping"))
    except ClusterError as error:
        if error.status == 404:
            raise IndexError_(
                f"there is no index at {cluster.address.of(name)}", "imr-index build LETTERS --index ADDRESS"
            ) from None
        raise IndexError_(f"the index cannot be opened: {error.status} {error.kind}") from None
    if len(found) != 1:
        raise IndexError_(f"{name} stands for {len(found)} indices of the cluster", "imr-index build --full")
    index, told = next(iter(found.items()))
    meta = told["mappings"].get("_meta", {})
    if meta.get("name") != index:
        raise IndexError_(f"the index {index} was never finished", "imr-index build LETTERS --index ADDRESS")
    if meta.get("format") != format_:
        raise IndexError_(
            f"the index {index} is of another version ({meta.get('format')}; this is {format_})",
            "imr-index build --full",
        )
    return dict(meta)


def is_ours(cluster: Cluster, index: str) -> bool:
    """Did a build of ours make it? What a cluster calls its indices says nothing of whose they are."""
    return index in ours(cluster, index)


def ours(cluster: Cluster, pattern: str) -> set[str]:
    """The indices of that name that builds of ours made: they bear our mark, or (of an older version) all that a finished one says of itself."""
    try:
        found = cluster.call("GET", cluster.path(pattern, "_mapping"))
    except ClusterError as error:
        if error.status == 404:
            return set()
        raise IndexError_(f"the cluster does not tell what {pattern} is: {error.status} {error.kind}") from None
    metas = {index: told["mappings"].get("_meta", {}) for index, told in found.items()}
    return {
        index
        for index, meta in metas.items()
        if meta.get(MARK) is True
        or (str(meta.get("format", "")).startswith("opensearch ") and {"name", "digest"} <= meta.keys())
    }


def aliases(cluster: Cluster, index: str) -> list[str]:
    found = cluster.call("GET", cluster.path(index, "_alias"))
    return [alias for told in found.values() for alias in told.get("aliases", {})]
