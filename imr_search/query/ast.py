"""The syntax tree of a query: what was typed, with its brackets resolved and its places kept.

`str(tree)` is the canonical query, and `parse(str(tree)) == tree`: spans and the other reading take no part in equality.
"""

from __future__ import annotations

from imr_search.model import Notice
from imr_search.plan import Stage
from imr_search.record import part, record

Span = tuple[int, int]


@record
class Term:
    """A bare word, a joined word or a wildcard, as typed. `fuzzy` is 0, 1 or 2 edits."""

    text: str
    fuzzy: int = 0
    boost: float | None = None
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        edits = {0: "", 1: "~", 2: "~2"}[self.fuzzy]
        return f"{self.text}{edits}{_boost(self.boost)}"


@record
class Quoted:
    """A phrase as typed, without its quotes; with `within`, its words within so many words of each other, in this order."""

    text: str
    within: int = 0
    boost: float | None = None
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        within = f"~{self.within}" if self.within else ""
        return f'"{self.text}"{within}{_boost(self.boost)}'


@record
class Everything:
    """`*`: every item, or in a field every item that has it."""

    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return "*"


@record
class Compare:
    """`>=90`: `sign` is one of > >= < <= =."""

    sign: str
    text: str
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.sign}{self.text}"


@record
class Between:
    """`low..high`, both included; an empty end is open."""

    low: str
    high: str
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


@record
class Choice:
    """`a,b,c`: any of at least two values of one field; one clause, however long."""

    values: tuple[Term | Quoted | Between | Everything, ...]
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return ",".join(str(value) for value in self.values)


@record
class Call:
    """`syn( )` or `like( )` with the text between the brackets."""

    name: str
    text: str
    quoted: bool = False
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f'{self.name}("{self.text}")' if self.quoted else f"{self.name}({self.text})"


@record
class Saved:
    """`@name`: a saved query in its place."""

    name: str
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"@{self.name}"


@record
class Fielded:
    """`field:value`; `field` is a key of the table of fields, or "missing"."""

    field: str
    value: Expression
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.field}:{_wrapped(self.value, And, Or, Not, Near, Fielded, InLetter, Saved)}"


@record
class InLetter:
    """`letter:( )`: some item of the same letter satisfies the group."""

    inner: Expression
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"letter:({self.inner})"


@record
class Link:
    """A connector. `kind` is "/" (either order), "+" (this order), "s" (one sentence) or "p" (one field of the item)."""

    kind: str
    distance: int = 0

    def __str__(self) -> str:
        return f"/{self.kind}" if self.kind in "sp" else f"{self.kind}{self.distance}"


@record
class Near:
    """A chain `a /5 b /s c`: operands[k] and operands[k + 1] stand as links[k] says, all in one field."""

    operands: tuple[Expression, ...]
    links: tuple[Link, ...]
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        words = [_wrapped(operand, And, Or, Not, Near) for operand in self.operands]
        return words[0] + "".join(f" {link} {word}" for link, word in zip(self.links, words[1:], strict=True))


@record
class Not:
    node: Expression
    span: Span = part(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"NOT {_wrapped(self.node, And, Or, Not)}"


@record
class And:
    """At least two parts. `spaced` says of each part but the first that a space alone stands before it."""

    nodes: tuple[Expression, ...]
    span: Span = part(default=(0, 0), compare=False, repr=False)
    spaced: tuple[bool, ...] = part(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return " AND ".join(_wrapped(node, And, Or) for node in self.nodes)


@record
class Or:
    """At least two parts. `other` is how half the world's systems would read it: OR bound before AND (None: there is no AND in it)."""

    nodes: tuple[Expression, ...]
    span: Span = part(default=(0, 0), compare=False, repr=False)
    other: Expression | None = part(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return " OR ".join(_wrapped(node, And, Or) for node in self.nodes)


Expression = (
    Term | Quoted | Everything | Compare | Between | Choice | Call | Saved | Fielded | InLetter | Near | Not | And | Or
)


@record
class Query:
    """A whole query. `notices` say what the reading of the characters changed."""

    expression: Expression
    stages: tuple[Stage, ...] = ()
    notices: tuple[Notice, ...] = part(default=(), compare=False)

    def __str__(self) -> str:
        from imr_search.query.reports import stage_text

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
