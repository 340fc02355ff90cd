"""A saved query in the place of its @name."""

from __future__ import annotations

import re

import msgspec

from imr_search.query import ast

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")


def moved(node: ast.Expression, span: ast.Span) -> ast.Expression:
    """A saved query's expression, its places all where its @name stands."""
    changes: dict[str, object] = {"span": span}
    match node:
        case ast.And(nodes):
            changes |= {"nodes": tuple(moved(inner, span) for inner in nodes), "spaced": ()}
        case ast.Or(nodes):
            changes |= {"nodes": tuple(moved(inner, span) for inner in nodes), "other": None}
        case ast.Near(operands):
            changes["operands"] = tuple(moved(inner, span) for inner in operands)
        case ast.Choice(values):
            changes["values"] = tuple(moved(inner, span) for inner in values)
        case ast.Not(inner):
            changes["node"] = moved(inner, span)
        case ast.InLetter(inner):
            changes["inner"] = moved(inner, span)
        case ast.Fielded(_, inner):
            changes["value"] = moved(inner, span)
    return msgspec.structs.replace(node, **changes)


def has_field(node: ast.Expression) -> bool:
    return isinstance(node, ast.Fielded | ast.InLetter | ast.Saved) or any(map(has_field, ast.children(node)))


def unfilled(text: str) -> list[str]:
    """The {places} of a saved query."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def terms(node: ast.Expression) -> int:
    """How many words, phrases and values a query has; a list of values counts once."""
    inner = ast.children(node)
    return sum(map(terms, inner)) if inner else 1
