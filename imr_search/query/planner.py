"""Tree to plan: what an engine is asked, and what is said about how the query was read."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping

import msgspec

from imr_search.errors import TooDearError
from imr_search.model import Notice
from imr_search.plan import And, Node, Stage
from imr_search.query import ast
from imr_search.query.ast import terms
from imr_search.query.compile import Compiler
from imr_search.query.resolve import positive, resolve
from imr_search.query.terms import Lexicon

Count = Callable[[Node], int]

BUDGET = 0.2
"""Seconds that all side counts of one query may take together."""

STARRED = frozenset(("N03", "N10"))
"""The notices that --strict makes errors."""


class Clause(msgspec.Struct, frozen=True):
    """One of the parts that must all hold, as read: for --explain and for an answer without hits. It was typed at query[start:end]."""

    text: str
    node: Node
    start: int
    end: int


class Plan(msgspec.Struct, frozen=True):
    """A query, ready for an engine. `positive` is False when it only says what to leave out; `terms` counts words, phrases and values.

    `nearest`: words and values that occur nowhere, each with the one that it may have been meant for."""

    node: Node
    stages: tuple[Stage, ...]
    read_as: str
    notices: tuple[Notice, ...]
    clauses: tuple[Clause, ...]
    terms: int
    positive: bool
    starred: frozenset[str] = STARRED
    nearest: tuple[tuple[str, str], ...] = ()


class Counter:
    """Counts while there is time: what is not counted within the budget is left out, never waited for."""

    def __init__(self, count: Count, seconds: float = BUDGET) -> None:
        self._count = count
        self._end = time.monotonic() + seconds

    def __call__(self, node: Node) -> int | None:
        if time.monotonic() > self._end:
            return None
        try:
            return self._count(node)
        except TooDearError:
            return None


def plan(
    query: ast.Query,
    index: Lexicon,
    *,
    text: str,
    today: datetime.date,
    saved: Mapping[str, str] | None = None,
    count: Count | None = None,
) -> Plan:
    """The plan of a parsed query for one index. Raises QueryError with places in `text`, and corrections that can be read. `count` counts for notices
    (else the index does), and may raise TooDearError."""
    from imr_search.query import notices

    resolved, said = resolve(query, text, today, saved or {})
    compiler = Compiler(index, text)
    expression = resolved.expression
    parts = expression.nodes if isinstance(expression, ast.And) else (expression,)
    clauses = tuple(Clause(str(part), compiler.node(part), *part.span) for part in parts)
    node = clauses[0].node if len(clauses) == 1 else And(tuple(clause.node for clause in clauses))
    aside = notices.notices(expression, clauses, node, compiler, Counter(count or index.count))
    return Plan(
        node=node,
        stages=resolved.stages,
        read_as=str(resolved),
        notices=tuple(dict.fromkeys((*query.notices, *said, *compiler.notices, *aside))),
        clauses=clauses,
        terms=terms(expression),
        positive=positive(expression),
        nearest=tuple(compiler.placer.nearest.items()),
    )
