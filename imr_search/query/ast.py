"""The syntax tree of a query: what was typed, with its brackets resolved and its places kept.

`str(tree)` is the canonical query, and `parse(str(tree)) == tree`: spans and the other reading take no part in equality.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from imr_search.model import Notice
from imr_search.plan import Stage
from imr_search.query.reports import stage_text

Span = tuple[int, int]

_THOUSANDS = re.compile(r"(?<![\d,])(?:\d(?:,\d{3})+|\d{1,3}(?:,\d{3})*,0\d\d(?:,\d{3})*)(?![\d,])")

_UNCOMPARED = frozenset({"span", "spaced", "other", "notices"})  # where and how it was typed, not what it means


class Node(msgspec.Struct, frozen=True, eq=False):
    """What all nodes share: they are equal when they mean the same, wherever they were typed."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and type(self) is type(other) and self._meaning() == other._meaning()

    def __hash__(self) -> int:
        return hash((type(self), self._meaning()))

    def _meaning(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name not in _UNCOMPARED)


class Term(Node, frozen=True):
    """A bare word, a joined word or a wildcard, as typed. `fuzzy` is 0, 1 or 2 edits."""

    text: str
    fuzzy: int = 0
    boost: float | None = None
    span: Span = (0, 0)

    def __str__(self) -> str:
        edits = {0: "", 1: "~", 2: "~2"}[self.fuzzy]
        return f"{self.text}{edits}{_boost(self.boost)}"


class Quoted(Node, frozen=True):
    """A phrase as typed, without its quotes; with `within`, its words within so many words of each other, in this order."""

    text: str
    within: int = 0
    boost: float | None = None
    span: Span = (0, 0)

    def __str__(self) -> str:
        within = f"~{self.within}" if self.within else ""
        return f'"{self.text}"{within}{_boost(self.boost)}'


class Everything(Node, frozen=True):
    """`*`: every item, or in a field every item that has it."""

    span: Span = (0, 0)

    def __str__(self) -> str:
        return "*"


class Comparison(Node, frozen=True):
    """`>=90`: `sign` is one of > >= < <= =."""

    sign: str
    text: str
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f"{self.sign}{self.text}"


class Between(Node, frozen=True):
    """`low..high`, both included; an empty end is open."""

    low: str
    high: str
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


class Choice(Node, frozen=True):
    """`a,b,c`: any of at least two values of one field; one clause, however long."""

    values: tuple[Term | Quoted | Between | Everything, ...]
    span: Span = (0, 0)

    def __str__(self) -> str:
        typed = ",".join(str(value) for value in self.values)
        # "1,000" would be taken for a thousand, as people write it, and refused; "1, 000" is a list.
        return ", ".join(map(str, self.values)) if _THOUSANDS.search(typed) else typed


class Call(Node, frozen=True):
    """`syn( )` or `like( )` with the text between the brackets."""

    name: str
    text: str
    quoted: bool = False
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f'{self.name}("{self.text}")' if self.quoted else f"{self.name}({self.text})"


class Saved(Node, frozen=True):
    """`@name`: a saved query in its place."""

    name: str
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f"@{self.name}"


class Fielded(Node, frozen=True):
    """`field:value`; `field` is a key of the table of fields, or "missing"."""

    field: str
    value: Expression
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f"{self.field}:{_wrapped(self.value, And, Or, Not, Near, Fielded, InLetter, Saved)}"


class InTier(Node, frozen=True):
    """`tier:disputed,discussed`: the items of these tiers alone. It narrows the whole query (see tiers.py)."""

    names: tuple[str, ...]
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f"tier:{','.join(self.names)}"


class InLetter(Node, frozen=True):
    """`letter:( )`: some item of the same letter satisfies the group."""

    inner: Expression
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f"letter:({self.inner})"


class Link(Node, frozen=True):
    """A connector. `kind` is "/" (either order), "+" (this order), "s" (one sentence) or "p" (one field of the item)."""

    kind: str
    distance: int = 0

    def __str__(self) -> str:
        return f"/{self.kind}" if self.kind in "sp" else f"{self.kind}{self.distance}"


class Near(Node, frozen=True):
    """A chain `a /5 b /s c`: operands[k] and operands[k + 1] stand as links[k] says, all in one field."""

    operands: tuple[Expression, ...]
    links: tuple[Link, ...]
    span: Span = (0, 0)

    def __str__(self) -> str:
        words = [_wrapped(operand, And, Or, Not, Near) for operand in self.operands]
        return words[0] + "".join(f" {link} {word}" for link, word in zip(self.links, words[1:], strict=True))


class Not(Node, frozen=True):
    node: Expression
    span: Span = (0, 0)

    def __str__(self) -> str:
        return f"NOT {_wrapped(self.node, And, Or, Not)}"


class And(Node, frozen=True):
    """At least two parts. `spaced` says of each part but the first that a space alone stands before it."""

    nodes: tuple[Expression, ...]
    span: Span = (0, 0)
    spaced: tuple[bool, ...] = ()

    def __str__(self) -> str:
        return " AND ".join(_wrapped(node, And, Or) for node in self.nodes)


class Or(Node, frozen=True):
    """At least two parts. `other` is how half the world's systems would read it: OR bound before AND (None: there is no AND in it)."""

    nodes: tuple[Expression, ...]
    span: Span = (0, 0)
    other: Expression | None = None

    def __str__(self) -> str:
        return " OR ".join(_wrapped(node, And, Or) for node in self.nodes)


Expression = (
    Term
    | Quoted
    | Everything
    | Comparison
    | Between
    | Choice
    | Call
    | Saved
    | Fielded
    | InTier
    | InLetter
    | Near
    | Not
    | And
    | Or
)


class Query(Node, frozen=True):
    """A whole query. `notices` say what the reading of the characters changed."""

    expression: Expression
    stages: tuple[Stage, ...] = ()
    notices: tuple[Notice, ...] = ()

    def __str__(self) -> str:
        return " | ".join((str(self.expression), *map(stage_text, self.stages)))


def _boost(boost: float | None) -> str:
    return "" if boost is None else f"^{boost:g}"


def _wrapped(node: Expression, *kinds: type) -> str:
    return f"({node})" if isinstance(node, kinds) else str(node)


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions right inside, in order; a leaf has none."""
    match node:
        case And(nodes) | Or(nodes) | Near(nodes):
            return nodes
        case Not(inner) | InLetter(inner) | Fielded(_, inner):
            return (inner,)
        case _:
            return ()


def moved(node: Expression, span: Span) -> Expression:
    """A saved query's expression, its places all where its @name stands."""
    changes: dict[str, object] = {"span": span}
    match node:
        case And(nodes):
            changes |= {"nodes": tuple(moved(inner, span) for inner in nodes), "spaced": ()}
        case Or(nodes):
            changes |= {"nodes": tuple(moved(inner, span) for inner in nodes), "other": None}
        case Near(operands):
            changes["operands"] = tuple(moved(inner, span) for inner in operands)
        case Choice(values):
            changes["values"] = tuple(moved(inner, span) for inner in values)
        case Not(inner):
            changes["node"] = moved(inner, span)
        case InLetter(inner):
            changes["inner"] = moved(inner, span)
        case Fielded(_, inner):
            changes["value"] = moved(inner, span)
    return msgspec.structs.replace(node, **changes)


def has_field(node: Expression) -> bool:
    return isinstance(node, Fielded | InTier | InLetter | Saved) or any(map(has_field, children(node)))


def worded(node: Expression) -> bool:
    """Does a word stand outside of fields, quotes and calls?"""
    if isinstance(node, Fielded | InLetter):
        return False
    return isinstance(node, Term) or any(map(worded, children(node)))


def terms(node: Expression) -> int:
    """How many words, phrases and values a query has; a list of values counts once."""
    inner = children(node)
    return sum(map(terms, inner)) if inner else 1


def exchanged(node: Expression, new: Callable[[Expression], Expression]) -> Expression:
    """`node` with each expression right inside it replaced by what `new` makes of it."""
    match node:
        case And(parts) | Or(parts):
            return msgspec.structs.replace(node, nodes=tuple(map(new, parts)))
        case Not(inner):
            return msgspec.structs.replace(node, node=new(inner))
        case InLetter(inner):
            return msgspec.structs.replace(node, inner=new(inner))
        case Fielded(_, inner):
            return msgspec.structs.replace(node, value=new(inner))
        case Near(operands):
            return msgspec.structs.replace(node, operands=tuple(map(new, operands)))
        case _:
            return node


def swapped(node: Expression, old: Expression, new: Expression) -> Expression:
    """`node` with `new` in the place of `old`, the very node that stands in it."""
    return new if node is old else exchanged(node, lambda inner: swapped(inner, old, new))


def plain_word(node: Expression) -> bool:
    """A bare word without wildcard, edits or weight."""
    return (
        isinstance(node, Term)
        and not node.fuzzy
        and node.boost is None
        and not any(mark in node.text for mark in "*?!")
    )
