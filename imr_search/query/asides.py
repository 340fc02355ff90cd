"""Notices that need counting: another reading's hits, unknown quantities, other names, decisions asked as words.

None is waited for (see plan.Counter).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from imr_search import nodes
from imr_search.errors import QueryError
from imr_search.fields import CITATION, DATE, NUMBER, TEXT, table
from imr_search.model import Notice
from imr_search.nodes import Node
from imr_search.query import tree
from imr_search.query.compiling import Compiler
from imr_search.query.placing import other_names
from imr_search.record import replace

if TYPE_CHECKING:
    from imr_search.query.plan import Clause

Count = Callable[[Node], int | None]
_DECISIONS = frozenset(("upheld", "overturned"))  # not "modified": letters speak of modified work


def notices(
    expression: tree.Expression, clauses: Sequence[Clause], node: Node, compiler: Compiler, count: Count
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


def _mixed(expression: tree.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
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


def _otherwise(node: tree.Expression) -> tree.Expression | None:
    """The tree with every mixture read the other way, or None if it has none."""
    if isinstance(node, tree.Or) and node.other is not None:
        return node.other
    changed = {id(inner): other for inner in tree.children(node) if (other := _otherwise(inner)) is not None}
    return _exchanged(node, lambda inner: changed.get(id(inner), inner)) if changed else None


def _exchanged(node: tree.Expression, new: Callable[[tree.Expression], tree.Expression]) -> tree.Expression:
    match node:
        case tree.And(parts):
            return replace(node, nodes=tuple(map(new, parts)))
        case tree.Or(parts):
            return replace(node, nodes=tuple(map(new, parts)))
        case tree.Not(inner):
            return replace(node, node=new(inner))
        case tree.InLetter(inner):
            return replace(node, inner=new(inner))
        case tree.Fielded(_, inner):
            return replace(node, value=new(inner))
        case _:
            return node


def _compiled(expression: tree.Expression, compiler: Compiler) -> Node | None:
    try:
        return compiler.node(expression)
    except QueryError:
        return None


def _loose(expression: tree.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N03: `treatment:physical therapy` looks for "therapy" anywhere."""
    for found, parts, phrase in _runs(expression):
        quoted = tree.Fielded(found.field, phrase, found.span)
        tight = _swapped(expression, parts, quoted)
        alternative = _compiled(tight, compiler)
        there = count(alternative) if alternative is not None else None
        loose = " ".join(f'"{part}"' for part in parts[1:])
        yield Notice(
            "N03",
            f"{found} takes the next word only: {loose} {'is' if len(parts) == 2 else 'are'} looked for anywhere{_items(count(node))}; "
            f"for the phrase write {quoted}{_items(there)}",
        )


def _runs(node: tree.Expression) -> Iterator[tuple[tree.Fielded, tuple[tree.Expression, ...], tree.Quoted]]:
    """Each text field's bare value with the bare words right behind it, and the phrase that they may have been meant as."""
    if isinstance(node, tree.And) and len(node.spaced) == len(node.nodes) - 1:
        for k, part in enumerate(node.nodes):
            if not _takes_one_word(part):
                continue
            assert isinstance(part, tree.Fielded)
            end = k + 1
            while end < len(node.nodes) and node.spaced[end - 1] and _plain(node.nodes[end]):
                end += 1
            if end > k + 1:
                run = node.nodes[k + 1 : end]
                words = " ".join(inner.text for inner in (part.value, *run) if isinstance(inner, tree.Term))
                yield part, (part, *run), tree.Quoted(words, span=part.span)
    for inner in tree.children(node):
        yield from _runs(inner)


def _takes_one_word(part: tree.Expression) -> bool:
    """Is this `field:word`, of a field of text and without brackets?"""
    if (
        not isinstance(part, tree.Fielded)
        or part.field == "missing"
        or table()[part.field].kind not in (TEXT, CITATION)
    ):
        return False
    return _plain(part.value) and part.span[1] == part.value.span[1]


def _plain(part: tree.Expression) -> bool:
    return (
        isinstance(part, tree.Term)
        and not part.fuzzy
        and part.boost is None
        and not any(mark in part.text for mark in "*?!")
    )


def _swapped(node: tree.Expression, parts: Sequence[tree.Expression], quoted: tree.Expression) -> tree.Expression:
    """`node` with the run `parts` of one of its ANDs replaced by `quoted`."""
    if isinstance(node, tree.And) and any(part is parts[0] for part in node.nodes):
        gone = {id(part) for part in parts[1:]}
        kept = tuple(quoted if part is parts[0] else part for part in node.nodes if id(part) not in gone)
        return kept[0] if len(kept) == 1 else tree.And(kept, node.span)
    return _exchanged(node, lambda inner: _swapped(inner, parts, quoted))


def _unknown(clauses: Sequence[Clause], count: Count) -> Iterator[Notice]:
    """N15: items that all other clauses find, and whose number or date is not known."""
    for k, clause in enumerate(clauses):
        key = _numbered(clause.node)
        if key is None:
            continue
        others = tuple(other.node for other in (*clauses[:k], *clauses[k + 1 :]))
        left_out = count(nodes.And((*others, nodes.Not(nodes.Keyword("has", (key,))))))
        if left_out is None or left_out:
            number = "items" if left_out is None else f"{left_out:,} {'item' if left_out == 1 else 'items'}"
            yield Notice("N15", f"{key} is unknown in {number} that the rest of the query finds; left out")


def _numbered(node: Node) -> str | None:
    """The one-valued field of numbers or dates that a clause is about, if it is about nothing else."""
    match node:
        case nodes.Range(key) if (
            table()[key].kind in (NUMBER, DATE) and not table()[key].many and key not in ("n", "items")
        ):
            return key
        case nodes.Or(parts) | nodes.And(parts):
            asked = [part for part in parts if isinstance(node, nodes.Or) or not isinstance(part, nodes.Not)]
            keys = {_numbered(part) for part in asked}
            return keys.pop() if len(keys) == 1 else None
        case _:
            return None


def _other_names(expression: tree.Expression, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N22: a treatment asked by one of several names."""
    for part in expression.nodes if isinstance(expression, tree.And) else (expression,):
        if not (isinstance(part, tree.Fielded) and part.field in ("treatment", "title")):
            continue
        value = part.value
        if (not isinstance(value, tree.Quoted) and not _plain(value)) or (
            isinstance(value, tree.Quoted) and value.within
        ):
            continue
        assert isinstance(value, tree.Term | tree.Quoted)
        if not other_names(value.text):
            continue
        typed = f'"{value.text}"' if " " in value.text else value.text
        wider = compiler.node(tree.Fielded(part.field, tree.Call("syn", value.text)))
        more = count(nodes.And((wider, nodes.Not(compiler.node(part)))))
        if more:
            yield Notice("N22", f"other names exist: {part.field}:syn({typed}) finds {more:,} more")


def _decisions(expression: tree.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N25: how an item was decided, asked as a word of its text."""
    for part in expression.nodes if isinstance(expression, tree.And) else (expression,):
        if not (isinstance(part, tree.Term) and _plain(part) and part.text.lower() in _DECISIONS):
            continue
        meant = tree.Fielded("outcome", tree.Term(part.text.lower()), part.span)
        other = meant if part is expression else _swapped(expression, (part,), meant)
        alternative = _compiled(other, compiler)
        there = count(alternative) if alternative is not None else None
        if there == 0 and count(node):
            continue
        yield Notice(
            "N25", f"{part} is looked for as a word{_items(count(node))}; for the decision write {meant}{_items(there)}"
        )
