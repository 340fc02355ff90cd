"""Where an answer's plain words lie: in the disputed treatment, elsewhere in the item, or only in the summary that all items of a letter share.

`acupuncture` finds the items of every letter whose summary speaks of acupuncture; in a few of them acupuncture was disputed. Both are answers, and
only the reader knows which was asked for. So an answer to plain words (words without a field) has three tiers, which add up to it:

    disputed    the words hold when they are asked of the treatment (title included) and of the drugs and the category read from it
    discussed   else: they hold within the item's own text
    mentioned   else: only together with the summary

Of several words only those that the vocabulary knows (treatments, drugs, parts of the body) are asked of the treatment; the others may stand anywhere
in the item: `lumbar MRI "red flags"`. Excluded words, fields and letter:( ) are the same in every tier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from imr_search import plan
from imr_search.fields import table
from imr_search.plan import Node, all_of
from imr_search.query import ast
from imr_search.query.compile import Compiler
from imr_search.query.known_names import Name, longest, words_of
from imr_search.query.parser import TIERS

_TREATMENT = ("treatment", "title")


class Tier(msgspec.Struct, frozen=True):
    """The items of an answer that lie in one tier."""

    name: str
    node: Node


def plain(node: ast.Expression) -> Iterator[ast.Expression]:
    """The leaves of plain words that are asked for, and not excluded."""
    match node:
        case ast.And(nodes) | ast.Or(nodes):
            for inner in nodes:
                yield from plain(inner)
        case ast.Term() | ast.Quoted() | ast.Near() | ast.Call("syn"):
            yield node


def tiers(expression: ast.Expression, answer: Node, compiler: Compiler) -> tuple[Tier, ...]:
    """The tiers of the answer to `expression`; none without plain words."""
    if not any(True for _ in plain(expression)):
        return ()
    quiet = compiler.quiet()
    some = any(_knows(part) for part in _runs(expression))
    own = tuple(row.key for row in table().defaults if row.key != "summary")

    def disputed(leaves: Sequence[ast.Expression]) -> list[Node]:
        return _disputed(leaves, quiet, some)

    def discussed(leaves: Sequence[ast.Expression]) -> list[Node]:
        return [quiet.anywhere(leaf, own) for leaf in leaves]

    first = _unscored(_tiered(expression, quiet, disputed))
    second = _unscored(_tiered(expression, quiet, discussed))
    return (
        Tier(TIERS[0], plan.And((answer, first))),
        Tier(TIERS[1], plan.And((answer, plan.Not(first), second))),
        Tier(TIERS[2], plan.And((answer, plan.Not(first), plan.Not(second)))),
    )


def _unscored(node: Node) -> Node:
    """The same items, without a part in their score: an item scores alike in its tier and in the whole answer."""
    return plan.Not(plan.Not(node))


def _tiered(node: ast.Expression, compiler: Compiler, leaves: Callable[[Sequence[ast.Expression]], list[Node]]) -> Node:
    """The node of `node` with its plain words as `leaves` makes them; words that stand side by side are given to it together."""
    match node:
        case ast.And(nodes):
            parts: list[Node] = []
            run: list[ast.Expression] = []
            for part in nodes:
                if isinstance(part, ast.Term | ast.Quoted | ast.Near) or _is_syn(part):
                    run.append(part)
                    continue
                parts += leaves(run) if run else []
                run = []
                parts.append(_tiered(part, compiler, leaves))
            parts += leaves(run) if run else []
            return all_of(parts)
        case ast.Or(nodes):
            return plan.Or(tuple(_tiered(part, compiler, leaves) for part in nodes))
        case ast.Term() | ast.Quoted() | ast.Near() | ast.Call("syn"):
            return all_of(leaves([node]))
        case _:
            return compiler.node(node)


def _is_syn(node: ast.Expression) -> bool:
    return isinstance(node, ast.Call) and node.name == "syn"


def _runs(node: ast.Expression) -> Iterator[list[ast.Expression]]:
    """The plain words of a query, those together that stand side by side."""
    match node:
        case ast.And(nodes):
            run: list[ast.Expression] = []
            for part in nodes:
                if isinstance(part, ast.Term | ast.Quoted | ast.Near) or _is_syn(part):
                    run.append(part)
                    continue
                if run:
                    yield run
                run = []
                yield from _runs(part)
            if run:
                yield run
        case ast.Or(nodes):
            for part in nodes:
                yield from _runs(part)
        case ast.Term() | ast.Quoted() | ast.Near() | ast.Call("syn"):
            yield [node]


def _knows(run: Sequence[ast.Expression]) -> bool:
    return any(name is not None for _, name in _named(run))


def _named(run: Sequence[ast.Expression]) -> Iterator[tuple[Sequence[ast.Expression], Name | None]]:
    """The leaves of a run in pieces, each with the name that its words are: the longest first; None where the vocabulary knows none."""
    at = 0
    while at < len(run):
        leaf = run[at]
        if isinstance(leaf, ast.Term) and not leaf.fuzzy:
            end = at
            while end < len(run) and isinstance(run[end], ast.Term) and not run[end].fuzzy:  # type: ignore[union-attr]
                end += 1
            texts = [held.text for held in run[at:end] if isinstance(held, ast.Term)]
            found, size = longest(texts)
            yield run[at : at + size], found
            at += size
            continue
        yield run[at : at + 1], _name(leaf)
        at += 1


def _name(leaf: ast.Expression) -> Name | None:
    """A name within a phrase, a chain or a call; None if none is known."""
    match leaf:
        case ast.Quoted(text) | ast.Call(_, text) | ast.Term(text):
            held = words_of(text)
            for k in range(len(held)):
                found, size = longest(held[k:])
                if found is not None:
                    whole = size == len(held)
                    return found if whole else msgspec.structs.replace(found, field="", value="")
            return None
        case ast.Near(operands) | ast.Or(operands):
            found_any = next(filter(None, map(_name, operands)), None)
            return None if found_any is None else msgspec.structs.replace(found_any, field="", value="")
    return None


def _disputed(run: Sequence[ast.Expression], compiler: Compiler, some: bool) -> list[Node]:
    """Each piece of a run as it is asked in the first tier. When the vocabulary knows no word of the query, all are asked of the treatment."""
    everywhere = tuple(row.key for row in table().defaults)
    parts: list[Node] = []
    for piece, name in _named(run):
        if name is None and some:
            parts += [compiler.anywhere(leaf, everywhere) for leaf in piece]
            continue
        stated = all_of([compiler.anywhere(leaf, _TREATMENT) for leaf in piece])
        facts = _facts(name, compiler) if name is not None else []
        parts.append(plan.Or((stated, *facts)) if facts else stated)
    return parts


def _facts(name: Name, compiler: Compiler) -> list[Node]:
    """What was read from the treatment and says the same: the drug, the category."""
    if name.field not in ("drug", "category"):
        return []
    found = compiler.node(
        ast.Fielded(name.field, ast.Quoted(name.value) if " " in name.value else ast.Term(name.value))
    )
    return [] if isinstance(found, plan.Nothing) else [found]
