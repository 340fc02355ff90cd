"""Where a positional node stands in one field of one item: the plain reading that engines are checked against and evidence is marked by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from imr_search.plan import Boosted, Near, Node, Nothing, Or, Phrase, Words

Place = tuple[int, int]  # first and last word position, both included


def places(node: Node, words: Sequence[tuple[str, int]]) -> list[Place]:
    """The places of `node` in one field's (word, position) list, sorted and distinct; for Near those of its operands that take part.

    `node` is Words, Phrase, Near, Nothing, Boosted or an Or of those, and of the field that `words` was read from; anything else is a TypeError.
    """
    match node:
        case Nothing():
            return []
        case Words(words=wanted):
            among = frozenset(wanted)
            return [(position, position) for position in sorted({p for word, p in words if word in among})]
        case Phrase(slots=slots):
            return _phrase(slots, words)
        case Near():
            return meeting(places(node.left, words), places(node.right, words), node.distance, node.ordered)
        case Or(nodes=nodes):
            return sorted({place for part in nodes for place in places(part, words)})
        case Boosted(node=inner):
            return places(inner, words)
    raise TypeError(f"{type(node).__name__} has no places")


def _phrase(slots: Sequence[Sequence[str]], words: Sequence[tuple[str, int]]) -> list[Place]:
    starts: set[int] | None = None
    for offset, slot in enumerate(slots):
        among = frozenset(slot)
        found = {position - offset for word, position in words if word in among}
        starts = found if starts is None else starts & found
    return [(start, start + len(slots) - 1) for start in sorted(starts or ())]


def meeting(left: Sequence[Place], right: Sequence[Place], distance: int, ordered: bool) -> list[Place]:
    """The places of both lists, which are sorted, that are near one of the other, as Near means it."""
    found = _before(left, right, distance)
    if not ordered:
        found |= _before(right, left, distance)
    return sorted(found)


def _before(first: Sequence[Place], second: Sequence[Place], distance: int) -> set[Place]:
    """The places of both lists that stand in a pair (a, b) with b's first word 1..distance after a's last: those whose nearest is near enough."""
    starts, ends = [place[0] for place in second], sorted([place[1] for place in first])
    found: set[Place] = set()
    for place in first:
        next_ = bisect_right(starts, place[1])
        if next_ < len(starts) and starts[next_] <= place[1] + distance:
            found.add(place)
    for place in second:
        last = bisect_left(ends, place[0]) - 1
        if last >= 0 and ends[last] >= place[0] - distance:
            found.add(place)
    return found
