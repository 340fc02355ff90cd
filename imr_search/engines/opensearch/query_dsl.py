"""Plan nodes to the cluster's queries, item for item what memory.py answers.

Phrases are match_phrase on our own tokens (a slot of several words is one position of a MultiPhraseQuery). Proximity is `intervals`, which keeps
only intervals that hold no other; that is exact as long as all alternatives of one operand have one length, because then none holds another, and
the nearest pair is the narrowest. So an operand with phrases of several lengths is split, and the answer is the union.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
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
