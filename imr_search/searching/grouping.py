"""Items told apart in Python as engines tell them apart in their tables: for reports over a chosen few (a sample, one of each rationale)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import product

from imr_search import documents
from imr_search.engines import groups
from imr_search.fields import DATE, NUMBER, table
from imr_search.model import GroupCounts, Item
from imr_search.plan import Group

Value = str | int | None


def values(item: Item, group: Group) -> tuple[Value, ...]:
    """The groups that `item` stands in: at least one, (None,) when it has no value there."""
    field = table()[group.field]
    if field.valued:
        found: Iterable[Value] = documents.keyword_values(item, field)
    else:
        stored = getattr(item, field.json)
        found = stored if isinstance(stored, tuple) else (stored,)
    if group.part == "kind":
        found = [str(value).split("/")[0] for value in found]
    if field.kind == DATE:
        found = [groups.of_number(documents.day_number(str(day)), group, date=True) for day in found if day]
    elif field.kind == NUMBER:
        found = [groups.of_number(value, group, date=False) for value in found if isinstance(value, int)]
    return tuple(dict.fromkeys(value for value in found if value is not None and value != "")) or (None,)


def combinations(item: Item, by: tuple[Group, ...]) -> Iterable[tuple[Value, ...]]:
    """Every row of a table by `by` that `item` counts in; the one empty row for no `by`."""
    return product(*(values(item, group) for group in by))


class Tallies:
    """Counts items into groups; as an engine's `table`, over items that are handed in one by one. An item is held by its id alone."""

    def __init__(self, by: tuple[Group, ...]) -> None:
        self._by = by
        self._members: dict[tuple[Value, ...], dict[str, str]] = {}  # group -> id -> outcome

    def add(self, item: Item) -> None:
        for group in combinations(item, self._by):
            self._members.setdefault(group, {})[item.id] = item.outcome

    def rows(self) -> list[GroupCounts]:
        """The groups in order, None last; one empty row when there is no `by` and nothing was added."""
        if not self._by and not self._members:
            return [GroupCounts((), 0, 0, 0, 0, 0)]
        return [_tally(group, self._members[group]) for group in sorted(self._members, key=groups.last)]

    def merged(self, of: Iterable[tuple[Value, ...]] | None = None) -> GroupCounts:
        """The items of these groups (of all), each counted once however many of them it stands in."""
        members: dict[str, str] = {}
        for group in self._members if of is None else of:
            members |= self._members[group]
        return _tally((), members)


def _tally(group: tuple[Value, ...], members: dict[str, str]) -> GroupCounts:
    outcomes = Counter(members.values())
    letters = {id_.rpartition("#")[0] for id_ in members}
    return GroupCounts(
        group, len(members), len(letters), outcomes["overturned"], outcomes["modified"], outcomes["upheld"]
    )
