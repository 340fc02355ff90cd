"""A saved query in the place of its @name."""

from __future__ import annotations

from imr_search.pattern import pattern
from imr_search.query import tree
from imr_search.record import replace

_PLACE = pattern(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")


def moved(node: tree.Expression, span: tree.Span) -> tree.Expression:
    """A saved query's expression, its places all where its @name stands."""
    changes: dict[str, object] = {"span": span}
    match node:
        case tree.And(nodes):
            changes |= {"nodes": tuple(moved(inner, span) for inner in nodes), "spaced": ()}
        case tree.Or(nodes):
            changes |= {"nodes": tuple(moved(inner, span) for inner in nodes), "other": None}
        case tree.Near(operands):
            changes["operands"] = tuple(moved(inner, span) for inner in operands)
        case tree.Choice(values):
            changes["values"] = tuple(moved(inner, span) for inner in values)
        case tree.Not(inner):
            changes["node"] = moved(inner, span)
        case tree.InLetter(inner):
            changes["inner"] = moved(inner, span)
        case tree.Fielded(_, inner):
            changes["value"] = moved(inner, span)
    return replace(node, **changes)


def has_field(node: tree.Expression) -> bool:
    return isinstance(node, tree.Fielded | tree.InLetter | tree.Saved) or any(map(has_field, tree.children(node)))


def unfilled(text: str) -> list[str]:
    """The {places} of a saved query."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def terms(node: tree.Expression) -> int:
    """How many words, phrases and values a query has; a list of values counts once."""
    inner = tree.children(node)
    return sum(map(terms, inner)) if inner else 1
