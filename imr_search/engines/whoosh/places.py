"""Places of words in a whole index at once: `document << DOCUMENT | position`, so that phrases and proximities are intersections of sorted
numbers. Documents are so far apart in them that no phrase or distance reaches from one into the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import msgspec

_DEAR = 6  # looking one number up in a sorted list costs as much as taking so many into a set


class Places(msgspec.Struct, frozen=True):
    """Closed ranges, sorted by `firsts`; `lasts` in the same order, which is the same list for single words."""

    firsts: Sequence[int]
    lasts: Sequence[int]

    def __len__(self) -> int:
        return len(self.firsts)


EMPTY = Places((), ())


def of_words(lists: Sequence[Sequence[int]]) -> Places:
    """Any of several words, each with its sorted places."""
    found = lists[0] if len(lists) == 1 else sorted(set().union(*lists))
    return Places(found, found)


def phrase(slots: Sequence[Sequence[int]]) -> Places:
    """One after the other."""
    at, rarest = min(enumerate(slots), key=lambda slot: len(slot[1]))
    starts: Iterable[int] = map((-at).__add__, rarest) if at else rarest
    for offset, slot in enumerate(slots):
        if offset == at:
            continue
        if len(slot) > _DEAR * len(rarest):
            starts = [start for start in starts if _holds(slot, start + offset)]
        else:
            starts = set(starts) & set(map((-offset).__add__, slot) if offset else slot)
    starts = sorted(starts)
    firsts = list(starts)
    return Places(firsts, [first + len(slots) - 1 for first in firsts])


def _holds(numbers: Sequence[int], number: int) -> bool:
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def union(parts: Sequence[Places]) -> Places:
    if all(part.firsts is part.lasts for part in parts):
        return of_words([part.firsts for part in parts])
    pairs = sorted(set().union(*(zip(part.firsts, part.lasts, strict=True) for part in parts)))
    return Places([first for first, _ in pairs], [last for _, last in pairs])


def near(left: Places, right: Places, distance: int, ordered: bool) -> Places:
    """The places of both sides that stand in a pair."""
    pairs = set(_pairs(left, right, distance))
    if not ordered:
        pairs |= set(_pairs(right, left, distance))
    found = sorted(pairs)
    return Places([first for first, _ in found], [last for _, last in found])


def _pairs(first: Places, second: Places, distance: int) -> Iterable[tuple[int, int]]:
    heads, tails = second.firsts, _sorted(first)
    for head, last in zip(first.firsts, first.lasts, strict=True):
        at = bisect_right(heads, last)
        if at < len(heads) and heads[at] - last <= distance:
            yield head, last
    for head, last in zip(second.firsts, second.lasts, strict=True):
        at = bisect_left(tails, head)
        if at and head - tails[at - 1] <= distance:
            yield head, last


def meetings(left: Places, right: Places, distance: int, ordered: bool) -> Iterable[int]:
    """For each pair at least one place of it, found by way of the shorter side: enough to know the documents."""
    yield from _meetings(left, right, distance)
    if not ordered:
        yield from _meetings(right, left, distance)


def _meetings(first: Places, second: Places, distance: int) -> Iterable[int]:
    if len(first) <= len(second):
        heads = second.firsts
        for last in first.lasts:
            at = bisect_right(heads, last)
            if at < len(heads) and heads[at] - last <= distance:
                yield last
    else:
        tails = _sorted(first)
        for head in second.firsts:
            at = bisect_left(tails, head)
            if at and head - tails[at - 1] <= distance:
                yield head


def _sorted(places: Places) -> Sequence[int]:
    """The last words in order. Ranges of unlike length need not end in the order they begin in."""
    return places.lasts if places.firsts is places.lasts else sorted(places.lasts)
