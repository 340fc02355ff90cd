"""Counting the items and letters of groups: by intersecting bits while groups are few, document by document when they are many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from imr_search.engines import groups
from imr_search.engines.groups import Key
from imr_search.engines.whoosh import bits
from imr_search.engines.whoosh.buffer import VALUE
from imr_search.engines.whoosh.reader import Reader
from imr_search.model import Tally
from imr_search.plan import Group

_FEW = 1_000  # values of a field whose posting lists are read one by one; beyond, the column of bearers is read
_PRODUCT = 4_000  # combinations of values that are intersected one by one


def table(reader: Reader, hits: int, by: tuple[Group, ...]) -> list[Tally]:
    outcomes = {value: reader.bits(VALUE + "outcome", value) & hits for value in ("overturned", "modified", "upheld")}
    rows = {(): hits} if not by else _rows(reader, hits, by)
    found = []
    for group, members in rows.items():
        if members or not by:
            found.append(
                Tally(
                    group=group,
                    items=members.bit_count(),
                    letters=bits.any_in_run(members, reader.ends).bit_count(),
                    **{outcome: (members & holding).bit_count() for outcome, holding in outcomes.items()},
                )
            )
    return sorted(found, key=lambda row: groups.last(row.group))


def _rows(reader: Reader, hits: int, by: tuple[Group, ...]) -> dict[tuple[Key, ...], int]:
    parts = [_partition(reader, hits, group) for group in by]
    combinations = 1
    for part in parts:
        combinations *= len(part)
    if combinations <= _PRODUCT:
        found: dict[tuple[Key, ...], int] = {(): hits}
        for part in parts:
            found = {
                (*group, key): members & further
                for group, members in found.items()
                for key, further in part.items()
                if members & further
            }
        return found
    keys: list[dict[int, list[Key]]] = []
    for part in parts:
        of: dict[int, list[Key]] = defaultdict(list)
        for key, members in part.items():
            for document in bits.ids(members):
                of[document].append(key)
        keys.append(of)
    documents: dict[tuple[Key, ...], list[int]] = defaultdict(list)
    for document in bits.ids(hits):
        for group in product(*(of[document] for of in keys)):
            documents[group].append(document)
    return {group: bits.of_ids(held, held[-1] + 1) for group, held in documents.items()}


def _partition(reader: Reader, hits: int, group: Group) -> dict[Key, int]:
    """The hits of each value; those without one under None."""
    found: dict[Key, int] = dict(
        _numbers(reader, hits, group) if groups.numeric(group.field) else _values(reader, hits, group.field)
    )
    rest = hits
    for members in found.values():
        rest &= ~members
    if rest:
        found[None] = rest
    return found


def _numbers(reader: Reader, hits: int, group: Group) -> Iterator[tuple[Key, int]]:
    date = groups.is_date(group.field)
    wanted = bits.flags(hits, reader.size)
    owners: dict[int, list[int]] = defaultdict(list)
    for document, number in reader.numbers(group.field):
        if wanted[document]:
            owners[number].append(document)
    merged: dict[Key, list[int]] = defaultdict(list)
    for number, documents in owners.items():
        merged[groups.of_number(number, group, date)] += documents
    for key, documents in merged.items():
        yield key, bits.of_ids(documents, reader.size)


def _values(reader: Reader, hits: int, field: str) -> Iterator[tuple[Key, int]]:
    if sum(segment.number_of(VALUE + field) for segment in reader.segments) <= _FEW:
        for value, _ in reader.terms(VALUE + field):
            members = reader.bits(VALUE + field, value) & hits
            if members:
                yield value, members
        return
    wanted = bits.flags(hits, reader.size)
    owners: dict[str, list[int]] = defaultdict(list)
    for value, documents in reader.bearers(field, VALUE + field):
        for document in documents:
            if wanted[document]:
                owners[value].append(document)
    for value, documents in owners.items():
        yield value, bits.of_ids(documents, reader.size)
