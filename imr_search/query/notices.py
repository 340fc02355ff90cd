"""Notices that need counting: another reading's hits, unknown quantities, other names, decisions asked as words.

None is waited for (see plan.Counter).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from imr_search import plan
from imr_search.errors import QueryError
from imr_search.fields import CITATION, DATE, NUMBER, TEXT, table
from imr_search.model import Notice
from imr_search.plan import Node
from imr_search.query import ast
from imr_search.query.compile import Compiler
from imr_search.query.positional import other_names

if TYPE_CHECKING:
    from imr_search.query.planner import Clause

Count = Callable[[Node], int | None]
_DECISIONS = frozenset(("upheld", "overturned"))  # not "modified": letters speak of modified work


def notices(
    expression: ast.Expression, clauses: Sequence[Clause], node: Node, compiler: Compiler, count: Count
) -> tuple[Notice, ...]:
    """N03, N10, N15, N22 and N25 for a query that was compiled to `node`."""
    quiet = compiler.quiet()
    return (
        *_mixed(expression, node, quiet, count),
        *_loose(expression, node, quiet, count),
        *_unknown(clauses, count),
        *_other_names(expression, quiet, count),
        *_decisions(expression, node, quiet, count),
    )


def _items(number: int | None) -> str:
    return "" if number is None else f" ({number:,} {'item' if number == 1 else 'items'})"


def _mixed(expression: ast.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N10: AND and OR without brackets, and what half the world's systems would make of it."""
    other = _otherwise(expression)
    if other is None:
        return
    alternative = _compiled(other, compiler)
    there = count(alternative) if alternative is not None else None
    here = count(node)
    yield Notice(
        "N10", f"AND is read before OR: {expression}{_items(here)}; the other way it is {other}{_items(there)}"
    )


def _otherwise(node: ast.Expression) -> ast.Expression | None:
    """The tree with every mixture read the other way, or None if it has none."""
    if isinstance(node, ast.Or) and node.other is not None:
        return node.other
    changed = {id(inner): other for inner in ast.children(node) if (other := _otherwise(inner)) is not None}
    return _exchanged(node, lambda inner: changed.get(id(inner), inner)) if changed else None


def _exchanged(node: ast.Expression, new: Callable[[ast.Expression], ast.Expression]) -> ast.Expression:
    match node:
        case ast.And(parts):
            return msgspec.structs.replace(node, nodes=tuple(map(new, parts)))
        case ast.Or(parts):
            return msgspec.structs.replace(node, nodes=tuple(map(new, parts)))
        case ast.Not(inner):
            return msgspec.structs.replace(node, node=new(inner))
        case ast.InLetter(inner):
            return msgspec.structs.replace(node, inner=new(inner))
        case ast.Fielded(_, inner):
            return msgspec.structs.replace(node, value=new(inner))
        case _:
            return node


def _compiled(expression: ast.Expression, compiler: Compiler) -> Node | None:
    try:
        return compiler.node(expression)
    except QueryError:
        return None


def _loose(expression: ast.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N03: `treatment:physical therapy` looks for "therapy" anywhere."""
    for found, parts, phrase in _runs(expression):
        quoted = ast.Fielded(found.field, phrase, found.span)
        tight = _swapped(expression, parts, quoted)
        alternative = _compiled(tight, compiler)
        there = count(alternative) if alternative is not None else None
        loose = " ".join(f'"{part}"' for part in parts[1:])
        yield Notice(
            "N03",
            f"{found} takes the next word only: {loose} {'is' if len(parts) == 2 else 'are'} looked for anywhere{_items(count(node))}; "
            f"for the phrase write {quoted}{_items(there)}",
        )


def _runs(node: ast.Expression) -> Iterator[tuple[ast.Fielded, tuple[ast.Expression, ...], ast.Quoted]]:
    """Each text field's bare value with the bare words right behind it, and the phrase that they may have been meant as."""
    if isinstance(node, ast.And) and len(node.spaced) == len(node.nodes) - 1:
        for k, part in enumerate(node.nodes):
            if not _takes_one_word(part):
                continue
            assert isinstance(part, ast.Fielded)
            end = k + 1
            while end < len(node.nodes) and node.spaced[end - 1] and _plain(node.nodes[end]):
                end += 1
            if end > k + 1:
                run = node.nodes[k + 1 : end]
                words = " ".join(inner.text for inner in (part.value, *run) if isinstance(inner, ast.Term))
                yield part, (part, *run), ast.Quoted(words, span=part.span)
    for inner in ast.children(node):
        yield from _runs(inner)


def _takes_one_word(part: ast.Expression) -> bool:
    """Is this `field:word`, of a field of text and without brackets?"""
    if not isinstance(part, ast.Fielded) or part.field == "missing" or table()[part.field].kind not in (TEXT, CITATION):
        return False
    return _plain(part.value) and part.span[1] == part.value.span[1]


def _plain(part: ast.Expression) -> bool:
    return (
        isinstance(part, ast.Term)
        and not part.fuzzy
        and part.boost is None
        and not any(mark in part.text for mark in "*?!")
    )


def _swapped(node: ast.Expression, parts: Sequence[ast.Expression], quoted: ast.Expression) -> ast.Expression:
    """`node` with the run `parts` of one of its ANDs replaced by `quoted`."""
    if isinstance(node, ast.And) and any(part is parts[0] for part in node.nodes):
        gone = {id(part) for part in parts[1:]}
        kept = tuple(quoted if part is parts[0] else part for part in node.nodes if id(part) not in gone)
        return kept[0] if len(kept) == 1 else ast.And(kept, node.span)
    return _exchanged(node, lambda inner: _swapped(inner, parts, quoted))


def _unknown(clauses: Sequence[Clause], count: Count) -> Iterator[Notice]:
    """N15: items that all other clauses find, and whose number or date is not known."""
    for k, clause in enumerate(clauses):
        key = _numbered(clause.node)
        if key is None:
            continue
        others = tuple(other.node for other in (*clauses[:k], *clauses[k + 1 :]))
        left_out = count(plan.And((*others, plan.Not(plan.Keyword("has", (key,))))))
        if left_out is None or left_out:
            number = "items" if left_out is None else f"{left_out:,} {'item' if left_out == 1 else 'items'}"
            yield Notice("N15", f"{key} is unknown in {number} that the rest of the query finds; left out")


def _numbered(node: Node) -> str | None:
    """The one-valued field of numbers or dates that a clause is about, if it is about nothing else."""
    match node:
        case plan.Range(key) if (
            table()[key].kind in (NUMBER, DATE) and not table()[key].many and key not in ("n", "items")
        ):
            return key
        case plan.Or(parts) | plan.And(parts):
            asked = [part for part in parts if isinstance(node, plan.Or) or not isinstance(part, plan.Not)]
            keys = {_numbered(part) for part in asked}
            return keys.pop() if len(keys) == 1 else None
        case _:
            return None


def _other_names(expression: ast.Expression, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N22: a treatment asked by one of several names."""
    for part in expression.nodes if isinstance(expression, ast.And) else (expression,):
        if not (isinstance(part, ast.Fielded) and part.field in ("treatment", "title")):
            continue
        value = part.value
        if (not isinstance(value, ast.Quoted) and not _plain(value)) or (
            isinstance(value, ast.Quoted) and value.within
        ):
            continue
        assert isinstance(value, ast.Term | ast.Quoted)
        if not other_names(value.text):
            continue
        typed = f'"{value.text}"' if " " in value.text else value.text
        wider = compiler.node(ast.Fielded(part.field, ast.Call("syn", value.text)))
        more = count(plan.And((wider, plan.Not(compiler.node(part)))))
        if more:
            yield Notice("N22", f"other names exist: {part.field}:syn({typed}) finds {more:,} more")


def _decisions(expression: ast.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N25: how an item was decided, asked as a word of its text."""
    for part in expression.nodes if isinstance(expression, ast.And) else (expression,):
        if not (isinstance(part, ast.Term) and _plain(part) and part.text.lower() in _DECISIONS):
            continue
        meant = ast.Fielded("outcome", ast.Term(part.text.lower()), part.span)
        other = meant if part is expression else _swapped(expression, (part,), meant)
        alternative = _compiled(other, compiler)
        there = count(alternative) if alternative is not None else None
        if there == 0 and count(node):
            continue
        yield Notice(
            "N25", f"{part} is looked for as a word{_items(count(node))}; for the decision write {meant}{_items(there)}"
        )
