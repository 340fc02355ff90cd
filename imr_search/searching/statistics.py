"""The two reports that weigh numbers: `stats`, what the numbers of a field are, and `compare`, a group of items beside another and whether the
difference between their rates is one. Made of tables by value, so that every engine gives the same without reading an item."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from imr_search.engines import Searcher, groups
from imr_search.fields import table
from imr_search.model import GroupCounts, Notice, Report, Row
from imr_search.plan import And, Compare, Group, Node
from imr_search.query.reports import report_columns
from imr_search.searching.intervals import Cluster, clustered_difference, fisher, newcombe, quantile, rated, share


def of_values(found: Sequence[GroupCounts], field: str, unknown: int) -> tuple[list[Row], tuple[Notice, ...]]:
    """One row a group, of a table whose last grouping is the value: n, mean, median, quartiles, least and most; and N15 for the `unknown` items
    that have no value, and for the groups that are left out because none of theirs has. A field of several numbers (pages) counts each number of
    an item."""
    ordered = sorted(found, key=lambda row: groups.last(row.group))
    rows: list[Row] = []
    empty = 0
    for group, held in groupby(ordered, key=lambda row: row.group[:-1]):
        numbers = _stats(list(held))
        if numbers[0] or not group:
            rows.append((*(group or ("all",)), *numbers))
        else:
            empty += 1
    if not unknown:
        return rows, ()
    text = f"{table()[field].key} unknown in {unknown:,} item{'s' * (unknown != 1)}, left out"
    if empty:
        text += (
            f"; {empty:,} group{'s have' if empty != 1 else ' has'} none and {'are' if empty != 1 else 'is'} not shown"
        )
    return rows, (Notice("N15", text),)


def _stats(held: Sequence[GroupCounts]) -> Row:
    counted = [(value, row.items) for row in held if isinstance(value := row.group[-1], int)]
    n = sum(times for _, times in counted)
    if not n:
        return (0, None, None, None, None, None, None)
    mean = sum(value * times for value, times in counted) / n
    median, first, third = (quantile(counted, part) for part in (0.5, 0.25, 0.75))
    return (n, mean, median, first, third, counted[0][0], counted[-1][0])


DIFFERENCE = "difference"
CLUSTERED = "difference, letters as clusters"
BOTH = "in both groups"


def compared(
    searcher: Searcher, text: str, node: Node, stage: Compare, letters: bool
) -> tuple[Report, tuple[Notice, ...]]:
    """The two groups with their rates; the difference of the first and the second with Newcombe's interval and Fisher's exact p; the interval again
    with letters as clusters, where items share letters; and what stands in both, which counts in each."""
    both_node = And((node, stage.node))
    one, other, both = (searcher.table(asked, (), letters)[0] for asked in (node, stage.node, both_node))
    rows: list[Row] = [(text, *rated(one), None), (str(stage.query), *rated(other), None)]
    said: list[Notice] = []
    first, second = share(one), share(other)
    if first is not None and second is not None:
        counts = (one.overturned, one.items, other.overturned, other.items)
        unknown = (None,) * 5
        rows.append((DIFFERENCE, *unknown, first - second, *newcombe(*counts), fisher(*counts)))
        clusters = _clusters(searcher, node, stage.node) if letters else []
        if 0 < len(clusters) < one.items + other.items - both.items:
            rows += _clustered(clusters, first - second)
            said.append(_alike(one, other, len(clusters), len(rows) > 3))
    if both.items:
        of = "" if both.letters is None else f" of {both.letters:,} letter{'s' * (both.letters != 1)}"
        rows.append((BOTH, *rated(both), None))
        noun = f"{both.items:,} item{'s' * (both.items != 1)}"
        verb = "are" if both.items != 1 else "is"
        text = f"{noun}{of} {verb} in both groups and counted in each"
        said.append(Notice("N31", f"{text}: the interval and p treat the groups as independent"))
    return Report.of("compare", report_columns(stage), rows), tuple(said)


def _clusters(searcher: Searcher, node: Node, other: Node) -> list[Cluster]:
    """Of each letter, how many of its items were overturned and how many there are, in the one group and in the other."""
    by = (Group("letter"),)
    first = {row.group: row for row in searcher.table(node, by, letters=False)}
    second = {row.group: row for row in searcher.table(other, by, letters=False)}
    nothing = GroupCounts((), 0, 0, 0, 0, 0)
    found = []
    for letter in sorted(first.keys() | second.keys(), key=str):
        one, two = first.get(letter, nothing), second.get(letter, nothing)
        found.append((one.overturned, one.items, two.overturned, two.items))
    return found


def _clustered(clusters: list[Cluster], difference: float) -> list[Row]:
    interval = clustered_difference(clusters)
    return [] if interval is None else [(CLUSTERED, *(None,) * 5, difference, *interval, None)]


def _alike(one: GroupCounts, other: GroupCounts, letters: int, interval: bool) -> Notice:
    text = (
        f"the {one.items:,} and {other.items:,} items come from {letters:,} letters, and items of one letter are often "
        "decided alike: the first interval and p treat each item as independent"
    )
    more = "; the second treats each letter as one unit" if interval else ""
    return Notice("N30", text + more)
