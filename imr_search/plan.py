"""What an engine is asked: the plan of a query, with every name resolved, every word analysed and every expansion made.

A node stands for a set of items. Positional nodes (Words, Phrase, Near, and an Or of those of one field) also stand for places: closed ranges
[first, last] of word positions in one field of one item (see analysis: positions of different sentences, or of different citations, are
at least STRIDE - WINDOW apart).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


class All(msgspec.Struct, frozen=True):
    """Every item."""


class Nothing(msgspec.Struct, frozen=True):
    """No item (an expansion that found no word)."""


class Words(msgspec.Struct, frozen=True):
    """Any of `words` (distinct, sorted) in `field`. Place: [p, p]."""

    field: str
    words: tuple[str, ...]


class Phrase(msgspec.Struct, frozen=True):
    """At p, p+1, ...: any word of each slot (at least two slots). Place: [p, p + len(slots) - 1]."""

    field: str
    slots: tuple[tuple[str, ...], ...]


class Near(msgspec.Struct, frozen=True):
    """A place L of `left` and a place R of `right` in `field` that do not overlap, with at most `distance` from the last word of the first to the
    first word of the second: R.first - L.last in 1..distance or, unless `ordered`, L.first - R.last in 1..distance.

    `left` and `right` are Words, Phrase, or Or of those, all of `field`. Distance 1 is "next to each other". `/s` is distance 400.
    """

    field: str
    left: Node
    right: Node
    distance: int
    ordered: bool


class Keyword(msgspec.Struct, frozen=True):
    """Any of `values`, exactly as printed, among the values of `field`."""

    field: str
    values: tuple[str, ...]


class KeywordPrefix(msgspec.Struct, frozen=True):
    """Some value of `field` starts with `prefix`, exactly as printed."""

    field: str
    prefix: str


class Range(msgspec.Struct, frozen=True):
    """Some number of `field` lies in low..high, both included, None open. Days are numbers too: 20150304."""

    field: str
    low: int | None
    high: int | None


class Cited(msgspec.Struct, frozen=True):
    """One single citation in `field` (guideline, ca_guideline) satisfies `node`, which holds Words, Phrase, Near, And, Or, Not of that field and
    Range of its page field (page, ca_page), meaning that citation's own pages."""

    field: str
    node: Node


class InLetter(msgspec.Struct, frozen=True):
    """Some item of the same letter (this one included) satisfies `node`."""

    node: Node


class Similar(msgspec.Struct, frozen=True):
    """Items that hold at least `at_least` of the `terms` (field, word, weight). Their score is the sum of the weights held, in every engine;
    `without` is the id of the item itself, left out (or "")."""

    terms: tuple[tuple[str, str, float], ...]
    at_least: int
    without: str = ""


class And(msgspec.Struct, frozen=True):
    nodes: tuple[Node, ...]


class Or(msgspec.Struct, frozen=True):
    nodes: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True):
    node: Node


class Boosted(msgspec.Struct, frozen=True):
    """The same items and places; the score of `node` counts `factor` times."""

    node: Node
    factor: float


Node = (
    All
    | Nothing
    | Words
    | Phrase
    | Near
    | Keyword
    | KeywordPrefix
    | Range
    | Cited
    | InLetter
    | Similar
    | And
    | Or
    | Not
    | Boosted
)


def all_of(nodes: Sequence[Node]) -> Node:
    """The items of all of at least one node."""
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


class SortKey(msgspec.Struct, frozen=True):
    """`field` is a key of the table, single-valued (the smallest value of several). Items without a value come last either way."""

    field: str
    descending: bool = False


class Group(msgspec.Struct, frozen=True):
    """What to group by: the values of a keyword or enum `field`; of a date its `part` (year "2015", quarter "2015-Q1", month "2015-03"); of a
    number its value, or with `band` the band's lower end. An item with several values stands in several groups, with none in None."""

    field: str
    part: str = ""
    band: int = 0


# -- stages: what follows a query's `|`, how its items are arranged, and the one report that may end it


class Sort(msgspec.Struct, frozen=True):
    keys: tuple[SortKey, ...]


class Limit(msgspec.Struct, frozen=True):
    n: int


class Show(msgspec.Struct, frozen=True):
    """Columns to print, as JSON keys."""

    columns: tuple[str, ...]


class Unique(msgspec.Struct, frozen=True):
    """One of each group of items whose `field` is nearly the same text; the first in order stays."""

    field: str


class Sample(msgspec.Struct, frozen=True):
    """`n` items drawn by `seed`: the same index, query and seed give the same items."""

    n: int
    seed: int


class ReportStage(msgspec.Struct, frozen=True):
    """A stage whose answer is a table; it ends a query, but for `sort` and `limit` of its rows."""


class Count(ReportStage, frozen=True):
    by: tuple[Group, ...]


class Rate(ReportStage, frozen=True):
    """The share overturned; groups of fewer than `minimum` items go into one line "other"."""

    by: tuple[Group, ...]
    minimum: int = 0


class Trend(ReportStage, frozen=True):
    """Rate by `part` (year, quarter, month) of the decision's date, and by `by` besides."""

    part: str
    by: tuple[Group, ...] = ()


class Top(ReportStage, frozen=True):
    """The `n` commonest combinations of `by`."""

    n: int
    by: tuple[Group, ...]


class Cite(ReportStage, frozen=True):
    """Citations to the letters: `style` is ccc, plain, md or full."""

    style: str


class Stats(ReportStage, frozen=True):
    """What the numbers of `field` are: how many, mean, quartiles, least and most."""

    field: str
    by: tuple[Group, ...] = ()


class Compare(ReportStage, frozen=True):
    """The items found beside those of another query: `query` is its tree, or its text once it is planned, and `node` what an engine is then asked."""

    query: Any
    node: Node = Nothing()


class SortRows(msgspec.Struct, frozen=True):
    """The rows of the report before it in another order; `field` of a key is a column of the report."""

    keys: tuple[SortKey, ...]


class LimitRows(msgspec.Struct, frozen=True):
    """The first `n` rows of the report before it."""

    n: int


Transform = Sort | Limit | Show | Unique | Sample
RowStage = SortRows | LimitRows
Stage = Transform | ReportStage | RowStage
