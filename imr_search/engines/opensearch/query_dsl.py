"""Plan nodes to the cluster's queries, and reports to its aggregations, item for item what memory.py answers.

Phrases are match_phrase on our own tokens (a slot of several words is one position of a MultiPhraseQuery). Proximity is `intervals`, which keeps
only intervals that hold no other; that is exact as long as all alternatives of one operand have one length, because then none holds another, and
the nearest pair is the narrowest. So an operand with phrases of several lengths is split, and the answer is the union. A table of groups is exact
in items and in distinct letters, however many groups there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from imr_search.engines import groups
from imr_search.engines.opensearch.cluster import number
from imr_search.fields import table as fields
from imr_search.model import GroupCounts
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    Group,
    InLetter,
    Keyword,
    KeywordPrefix,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Range,
    Similar,
    Words,
)

Query = dict[str, Any]
Slots = tuple[tuple[str, ...], ...]

ITEM: Query = {"term": {"kind": "item"}}
NONE: Query = {"match_none": {}}
NOWHERE = "·"  # no word of ours
_LARGEST = (1 << 63) - 1
_TERMS = 60_000  # values in one `terms`; a cluster takes 65,536
_PATTERN = 3_000  # characters of one pattern: below what a cluster makes an automaton of
_SYNONYMS = 500  # words that are scored as one; beyond that their count alone is asked


class Compiler(msgspec.Struct, frozen=True):
    """`compact` spends as few clauses as can be, for queries that are above a cluster's limit otherwise; items are the same, scores are flat.
    `inside` is the citation field whose nested documents are asked, or ""."""

    compact: bool = False
    inside: str = ""

    def items(self, node: Node) -> Query:
        """The items that satisfy `node`, scored."""
        return {"bool": {"filter": [ITEM], "must": [self.query(node)]}}

    def query(self, node: Node) -> Query:
        match node:
            case All():
                return {"match_all": {"boost": 0.0}}
            case Nothing():
                return NONE
            case Words(field=field, words=words):
                return self._words(self._text(field), words)
            case Phrase(field=field, slots=slots):
                text = _row(slots)
                return {"match_phrase": {self._text(field): {"query": text}}} if text else NONE
            case Near():
                return self._near(node)
            case Keyword(field=field, values=values):
                return _any([_flat({"terms": {f"k.{field}": part}}) for part in _chunks(values, _TERMS)])
            case KeywordPrefix(field=field, prefix=prefix):
                return _flat({"prefix": {f"k.{field}": {"value": prefix}}})
            case Range():
                return _flat(self._range(node))
            case Cited(field=field, node=inner):
                condition = Compiler(self.compact, field).query(inner)
                return {"nested": {"path": f"c.{field}", "query": condition, "score_mode": "max"}}
            case InLetter(node=inner):
                some = {"has_child": {"type": "item", "query": self.items(inner)}}
                return {"has_parent": {"parent_type": "letter", "query": some, "score": False}}
            case Similar(terms=terms, at_least=at_least, without=without):
                return _similar(terms, at_least, without)
            case And(nodes=nodes):
                return {"bool": {"must": [self.query(part) for part in nodes]}} if nodes else self.query(All())
            case Or(nodes=nodes):
                return _any([self.query(part) for part in nodes])
            case Not(node=inner):
                return _flat({"bool": {"must_not": [self.query(inner)]}})
            case Boosted(node=inner, factor=factor):
                return {"bool": {"must": [self.query(inner)], "boost": factor}}
        raise TypeError(f"{type(node).__name__} is no node")

    def _text(self, field: str) -> str:
        return f"c.{field}.w" if self.inside else f"w.{field}"

    def _words(self, path: str, words: tuple[str, ...]) -> Query:
        if not words:
            return NONE
        if self.compact or len(words) > _SYNONYMS:
            return _any([_flat({"terms": {path: part}}) for part in _chunks(words, _TERMS)])
        return {"match": {path: {"query": "|".join(words)}}}

    def _range(self, node: Range) -> Query:
        path = f"c.{self.inside}.p" if self.inside else f"v.{node.field}"
        bounds = {}
        if node.low is not None:
            if node.low > _LARGEST:
                return NONE
            bounds["gte"] = max(node.low, -_LARGEST)
        if node.high is not None:
            if node.high < -_LARGEST:
                return NONE
            bounds["lte"] = min(node.high, _LARGEST)
        return {"range": {path: bounds}} if bounds else {"exists": {"field": path}}

    def _near(self, node: Near) -> Query:
        rules = []
        for left in _by_length(node.left):
            for right in _by_length(node.right):
                rules.append(self._before(left, right, node.distance))
                if not node.ordered:
                    rules.append(self._before(right, left, node.distance))
        return {"intervals": {self._text(node.field): _either(rules)}} if rules else NONE

    def _before(self, first: list[Slots], second: list[Slots], distance: int) -> Query:
        """`second` begins at most `distance` words after the end of `first`."""
        one, two = ([self._rule(slots) for slots in operand] for operand in (first, second))
        if first == second:
            two.append(
                {"match": {"query": NOWHERE}}
            )  # equal sources would be read as one that repeats, which may overlap itself
        return {"all_of": {"intervals": [_either(one), _either(two)], "mode": "ordered", "max_gaps": distance - 1}}

    def _rule(self, slots: Slots) -> Query:
        if not self.compact and sum(map(len, slots)) <= _SYNONYMS:
            return {"match": {"query": _row(slots), "mode": "ordered", "max_gaps": 0}}
        parts = [_either([_pattern(chunk) for chunk in _by_size(slot)]) for slot in slots]
        return parts[0] if len(parts) == 1 else {"all_of": {"intervals": parts, "mode": "ordered", "max_gaps": 0}}


def _flat(query: Query) -> Query:
    """The same items, with no score: what only filters."""
    return {"constant_score": {"filter": query, "boost": 0.0}}


def _any(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": queries, "minimum_should_match": 1}} if queries else NONE


def _either(rules: list[Query]) -> Query:
    return rules[0] if len(rules) == 1 else {"any_of": {"intervals": rules}}


def _row(slots: Slots) -> str:
    """Slots as our analyser reads them; "" when one is empty, for then nothing matches."""
    return " ".join("|".join(slot) for slot in slots) if all(slots) else ""


def _similar(terms: tuple[tuple[str, str, float], ...], at_least: int, without: str) -> Query:
    held = [
        {"constant_score": {"filter": {"term": {f"w.{field}": word}}, "boost": weight, "_name": str(number)}}
        for number, (field, word, weight) in enumerate(terms)
    ]
    found: Query = {"should": held, "minimum_should_match": at_least}
    if at_least <= 0:
        found = {"should": held, "must": [{"match_all": {"boost": 0.0}}]}
    if without:
        found["must_not"] = [{"term": {"id": without}}]
    return {"bool": found} if held or at_least <= 0 else NONE


def _by_length(operand: Node) -> list[list[Slots]]:
    """The phrases of an operand (a word is one of one slot), those of one length together."""
    found: dict[int, list[Slots]] = defaultdict(list)
    for slots in _alternatives(operand):
        found[len(slots)].append(slots)
    return list(found.values())


def _alternatives(operand: Node) -> Iterator[Slots]:
    match operand:
        case Words(words=words):
            if words:
                yield (words,)
        case Phrase(slots=slots):
            if all(slots):
                yield slots
        case Or(nodes=nodes):
            for part in nodes:
                yield from _alternatives(part)
        case Boosted(node=inner):
            yield from _alternatives(inner)
        case Nothing():
            return
        case _:
            raise TypeError(f"{type(operand).__name__} cannot stand in a Near")


def _pattern(words: list[str]) -> Query:
    return {
        "regexp": {
            "pattern": "|".join(re.escape(word) for word in words),
            "max_expansions": len(words),
        }
    }


def _by_size(words: Iterable[str]) -> Iterator[list[str]]:
    """Words in chunks that a pattern takes."""
    chunk: list[str] = []
    size = 0
    for word in words:
        if chunk and (size + len(word) > _PATTERN or len(chunk) >= 500):
            yield chunk
            chunk, size = [], 0
        chunk.append(word)
        size += len(word)
    if chunk:
        yield chunk


def _chunks(values: tuple[str, ...], size: int) -> Iterator[list[str]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, size)):
        yield chunk


Ask = Callable[[Node, Callable[[dict[str, Any]], dict[str, Any]]], dict[str, Any]]

_PAGE = 2_000  # groups in one answer
_OUTCOMES = ("overturned", "modified", "upheld")
_TALLY: dict[str, Any] = {
    "letters": {"parent": {"type": "item"}},
    **{outcome: {"filter": {"term": {"k.outcome": outcome}}} for outcome in _OUTCOMES},
}


def rows(ask: Ask, node: Node, by: tuple[Group, ...]) -> Iterator[GroupCounts]:
    """One row for every combination that occurs, in no order; one for all when there is no `by`."""
    if not by:
        found = ask(node, lambda query: {"query": query, "size": 0, "track_total_hits": True, "aggs": _TALLY})
        yield _tally((), found["hits"]["total"]["value"], found["aggregations"])
        return
    for place, group in enumerate(by):
        if group.band and fields()[group.field].many:
            yield from _banded(ask, node, by, place)
            return
    yield from _composite(ask, node, by)


def _banded(ask: Ask, node: Node, by: tuple[Group, ...], place: int) -> Iterator[GroupCounts]:
    """Bands of a field of many numbers, one question each: an aggregation would count an item twice that has two numbers in one band."""
    group = by[place]
    rest = by[:place] + by[place + 1 :]
    found = {
        groups.of_number(int(row.group[0]), group, False)
        for row in _composite(ask, node, (Group(group.field),))
        if row.group[0] is not None
    }
    parts: list[tuple[groups.Key, Node]] = [
        (band, Range(group.field, int(band), int(band) + group.band - 1)) for band in found
    ]
    parts.append((None, Not(Range(group.field, None, None))))
    for band, condition in parts:
        for row in rows(ask, And((node, condition)), rest):
            if row.items:
                key = (*row.group[:place], band, *row.group[place:])
                yield GroupCounts(key, row.items, row.letters, row.overturned, row.modified, row.upheld)


def _composite(ask: Ask, node: Node, by: tuple[Group, ...]) -> Iterator[GroupCounts]:
    sources = [{str(place): _source(group)} for place, group in enumerate(by)]
    after: dict[str, Any] = {}
    while True:
        composite: dict[str, Any] = {"size": _PAGE, "sources": sources} | ({"after": after} if after else {})
        aggregations = {"groups": {"composite": composite, "aggs": _TALLY}}
        found = ask(node, lambda query, a=aggregations: {"query": query, "size": 0, "aggs": a})  # type: ignore[misc]
        buckets = found["aggregations"]["groups"]["buckets"]
        for bucket in buckets:
            key = tuple(_key(bucket["key"][str(place)], group) for place, group in enumerate(by))
            yield _tally(key, bucket["doc_count"], bucket)
        if len(buckets) < _PAGE:
            return
        after = found["aggregations"]["groups"]["after_key"]


def _source(group: Group) -> dict[str, Any]:
    """Where a group's value is read: dates as numbers fall into years and months by their digits; their quarters are stored."""
    if not groups.numeric(group.field):
        return {"terms": {"field": f"k.{group.field}", "missing_bucket": True}}
    width = group.band
    if groups.is_date(group.field):
        if group.part == "quarter":
            return {"terms": {"field": f"q.{group.field}", "missing_bucket": True}}
        width = {"year": 10_000, "month": 100}.get(group.part, 0)
    held = {"field": f"v.{group.field}", "missing_bucket": True}
    return {"histogram": held | {"interval": width}} if width else {"terms": held}


def _key(value: Any, group: Group) -> groups.Key:
    if value is None or not groups.numeric(group.field):
        return None if value is None else str(value)
    number = int(value)
    if groups.is_date(group.field) and group.part == "quarter":
        return f"{number // 10:04}-Q{number % 10}"
    return groups.of_number(number, group, groups.is_date(group.field))


def _tally(key: tuple[groups.Key, ...], items: int, held: dict[str, Any]) -> GroupCounts:
    counts = {outcome: number(held[outcome]["doc_count"]) for outcome in _OUTCOMES}
    return GroupCounts(key, number(items), number(held["letters"]["doc_count"]), **counts)
