"""The terms of a plan: the positive parts of it that stand somewhere in a text, and what a person would call one term.

A word without a field is planned as one leaf for each default field, each with the inflections that its field holds. To a person these are one
term: they are told to be one by standing as the alternatives of one Or, alike in shape, each in another field.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from imr_search.plan import And, Boosted, Cited, InLetter, Near, Node, Or, Phrase, Range, Similar, Words

Term = Hashable
Leaf = Words | Phrase | Near | Cited | Range

PAGED = {"page": "guideline", "ca_page": "ca_guideline"}


def leaves(node: Node) -> Iterator[tuple[Leaf, frozenset[Term]]]:
    """Each positive leaf with its terms. What is under a Not is passed over; so are numbers but pages, and whole values."""
    match node:
        case Words() | Phrase() | Near() | Cited():
            yield node, terms((node,))
        case Range(field=field):
            if field in PAGED:
                yield node, frozenset((node,))
        case And(nodes=nodes):
            for part in nodes:
                yield from leaves(part)
        case Or(nodes=nodes):
            inner = [leaf for part in nodes for leaf in leaves(part)]
            shared = _shared([leaf for leaf, _ in inner]) if len(inner) == len(nodes) else None
            yield from inner if shared is None else ((leaf, shared) for leaf, _ in inner)
        case Boosted(node=inner_node) | InLetter(node=inner_node):
            yield from leaves(inner_node)
        case Similar(terms=listed):
            for field, word, _ in listed:
                yield Words(field, (word,)), frozenset((word,))


def _shared(parts: Sequence[Leaf]) -> frozenset[Term] | None:
    """The terms that leaves of as many different fields have in common, or None when they are not one condition."""
    if len({part.field for part in parts}) < len(parts):
        return None
    return terms(parts) or None


def terms(parts: Sequence[Node]) -> frozenset[Term]:
    """The terms of one condition, given as its leaf in each field; none when the leaves differ in shape."""
    match parts[0]:
        case Words() if all(isinstance(part, Words) for part in parts):
            return frozenset((frozenset(word for part in parts if isinstance(part, Words) for word in part.words),))
        case Phrase(slots=slots):
            rows = [part.slots for part in parts if isinstance(part, Phrase) and len(part.slots) == len(slots)]
            if len(rows) == len(parts):
                return frozenset((tuple(frozenset().union(*slot) for slot in zip(*rows, strict=True)),))
        case Near():
            near = [part for part in parts if isinstance(part, Near)]
            if len(near) == len(parts):
                return terms([part.left for part in near]) | terms([part.right for part in near])
        case Boosted():
            boosted = [part.node for part in parts if isinstance(part, Boosted)]
            if len(boosted) == len(parts):
                return terms(boosted)
        case Or(nodes=nodes):
            lists = [part.nodes for part in parts if isinstance(part, Or) and len(part.nodes) == len(nodes)]
            if len(lists) == len(parts):
                return frozenset((frozenset().union(*(terms(column) for column in zip(*lists, strict=True))),))
        case Cited(node=inner):
            if len(parts) == 1:
                found: frozenset[Term] = frozenset().union(*(own for _, own in leaves(inner)))
                return found or frozenset(parts)
    return frozenset()
