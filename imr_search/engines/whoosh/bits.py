"""Sets of documents as whole numbers, one bit a document: intersecting, counting and complementing are one machine pass each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

_DIGITS = bytes([48, 49]) + bytes(254)  # 0 and 1 to the digits "0" and "1"
_TRUTH = bytes(49) + b"\x01" + bytes(206)  # the digit "1" to 1, everything else to 0
_SPARSE = 64


def of_ids(ids: Sequence[int], size: int) -> int:
    """The set of `ids`, all below `size`."""
    if len(ids) < 8:
        found = 0
        for id_ in ids:
            found |= 1 << id_
        return found
    flags = bytearray(size)
    for id_ in ids:
        flags[id_] = 1
    return of_flags(flags)


def of_flags(flags: Iterable[int] | bytes | bytearray) -> int:
    """The set of places where `flags` (0 or 1 each) holds 1. A base of two is read in linear time."""
    row = flags if isinstance(flags, bytes | bytearray) else bytes(flags)
    return int(row[::-1].translate(_DIGITS), 2) if row else 0


def ids(found: int) -> Iterator[int]:
    """The members of a set, rising."""
    digits = bin(found)[:1:-1]
    if found.bit_count() * _SPARSE > len(digits):
        return compress(range(len(digits)), digits.encode().translate(_TRUTH))
    return _sparse(digits)


def _sparse(digits: str) -> Iterator[int]:
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def flags(found: int, size: int) -> bytes:
    """One byte a document, 1 for members: the quickest thing to ask about many documents one by one."""
    return bin(found)[:1:-1].encode().translate(_TRUTH).ljust(size, b"\0")


def any_in_run(found: int, ends: int) -> int:
    """Runs are consecutive documents (the items of a letter); `ends` holds the last of each. The ends of the runs that have a member in `found`.

    Adding all-ones below each end carries into the end when anything below it is set, and never beyond: every run is answered by one addition.
    """
    return (((found & ~ends) + (_full(ends) & ~ends)) | found) & ends


def whole_runs(found: int, ends: int) -> int:
    """All documents of the runs that have a member in `found`."""
    spread = any_in_run(found, ends)
    while True:
        further = spread | ((spread >> 1) & ~ends)
        if further == spread:
            return spread
        spread = further


def _full(ends: int) -> int:
    return (1 << ends.bit_length()) - 1
