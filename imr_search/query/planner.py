"""Tree to plan: what an engine is asked, and what is said about how the query was read."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from imr_search.errors import QueryError, TooExpensiveError
from imr_search.model import Notice
from imr_search.plan import Compare, Node, Nothing, Or, Stage, all_of
from imr_search.query import ast, notices, tiers
from imr_search.query.ast import terms
from imr_search.query.compile import Clause, Compiler
from imr_search.query.parser import TIERS
from imr_search.query.reports import stage_text
from imr_search.query.resolve import positive, resolve
from imr_search.query.syntax_errors import fault
from imr_search.query.terms import Lexicon
from imr_search.query.tiers import Tier

Count = Callable[[Node], int]

BUDGET = 0.2
"""Seconds that all side counts of one query may take together."""

STARRED = frozenset(("N03", "N10"))
"""The notices that --strict makes errors."""


class Plan(msgspec.Struct, frozen=True):
    """A query, ready for an engine. `positive` is False when it only says what to leave out; `terms` counts words, phrases and values; without
    `worded` no word stands outside of fields, and so there is nothing to be read in fields.

    `nearest`: words and values that occur nowhere, each with the one that it may have been meant for."""

    node: Node
    stages: tuple[Stage, ...]
    read_as: str
    notices: tuple[Notice, ...]
    clauses: tuple[Clause, ...]
    terms: int
    positive: bool
    worded: bool = True
    starred: frozenset[str] = STARRED
    nearest: tuple[tuple[str, str], ...] = ()
    tiers: tuple[Tier, ...] = ()
    untiered: str = (
        ""  # the query without its report and without tier:, for what is said about the disputed items alone
    )


class Counter:
    """Counts while there is time: what is not counted within the budget is left out, never waited for."""

    def __init__(self, count: Count, seconds: float = BUDGET) -> None:
        self._count = count
        self._end = time.monotonic() + seconds

    @property
    def spent(self) -> bool:
        return time.monotonic() > self._end

    def __call__(self, node: Node) -> int | None:
        if self.spent:
            return None
        try:
            return self._count(node)
        except TooExpensiveError:
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
    (else the index does), and may raise TooExpensiveError."""
    resolved, said = resolve(query, text, today, saved or {})
    compiler = Compiler(index, text)
    expression = resolved.expression
    parts = expression.nodes if isinstance(expression, ast.And) else (expression,)
    narrowing = tuple(part for part in parts if _narrows(part))
    asked = _without(expression, narrowing, text)
    clauses = tuple(
        Clause(str(part), compiler.node(part), *part.span)
        for part in parts
        if not any(part is one for one in narrowing)
    )
    node = all_of([clause.node for clause in clauses])
    found_tiers = tiers.tiers(asked, node, compiler)

    def compile_typed(typed: ast.Expression) -> Node | None:
        try:
            again, _ = resolve(ast.Query(typed), text, today, saved or {})
            tree = again.expression
            apart = tuple(part for part in (tree.nodes if isinstance(tree, ast.And) else ()) if _narrows(part))
            return compiler.quiet().node(_without(tree, apart, text))
        except QueryError:
            return None

    aside = notices.notices(
        query.expression, asked, clauses, node, compiler, Counter(count or index.count), compile_typed
    )
    if narrowing:
        if not found_tiers:
            message = "tier: narrows plain words (words without a field), and this query has none"
            raise fault("E137", message, text, *narrowing[0].span, f"{asked}{_stages(resolved.stages)}")
        narrowed = tuple(Clause(str(part), _of_tiers(part, found_tiers), *part.span) for part in narrowing)
        clauses = (*clauses, *narrowed)
        node = all_of([clause.node for clause in clauses])
        kept = set(TIERS).intersection(*map(_kept, narrowing))
        found_tiers = tuple(tier for tier in found_tiers if tier.name in kept)
    return Plan(
        node=node,
        stages=tuple(
            Compare(str(stage.query), compiler.node(stage.query)) if isinstance(stage, Compare) else stage
            for stage in resolved.stages
        ),
        read_as=str(resolved),
        notices=tuple(dict.fromkeys((*query.notices, *said, *compiler.notices, *aside))),
        clauses=clauses,
        terms=terms(expression),
        positive=positive(expression),
        worded=ast.worded(query.expression),
        nearest=tuple(compiler.positional.nearest.items()),
        tiers=found_tiers,
        untiered=f"({asked})" if isinstance(asked, ast.Or) else str(asked),
    )


def _narrows(part: ast.Expression) -> bool:
    return isinstance(part.node if isinstance(part, ast.Not) else part, ast.InTier)


def _kept(part: ast.Expression) -> set[str]:
    """The tiers that a tier: clause, perhaps an excluding one, leaves."""
    if isinstance(part, ast.Not):
        return set(TIERS) - _kept(part.node)
    assert isinstance(part, ast.InTier)
    return set(part.names)


def _of_tiers(part: ast.Expression, found: Sequence[Tier]) -> Node:
    nodes = tuple(tier.node for tier in found if tier.name in _kept(part))
    return Nothing() if not nodes else nodes[0] if len(nodes) == 1 else Or(nodes)


def _without(expression: ast.Expression, narrowing: Sequence[ast.Expression], text: str) -> ast.Expression:
    """The query without its tier: clauses. Raises E137 if nothing else stands there."""
    if not narrowing:
        return expression
    rest = tuple(
        part
        for part in (expression.nodes if isinstance(expression, ast.And) else ())
        if not any(part is one for one in narrowing)
    )
    if not rest:
        message = "tier: narrows plain words (words without a field), and this query has none"
        raise fault("E137", message, text, *narrowing[0].span)
    return rest[0] if len(rest) == 1 else ast.And(rest, expression.span)


def _stages(stages: Sequence[Stage]) -> str:
    return "".join(f" | {stage_text(stage)}" for stage in stages)
