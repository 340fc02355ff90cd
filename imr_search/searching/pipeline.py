"""The stages before a report, in the order written: which of the matching items are looked at, and in which order; and the answer to plain words,
tier by tier: in order, counted, and the tier of each item (see query/tiers.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from heapq import nsmallest

import msgspec

from imr_search.documents import drawn, lot
from imr_search.engines import Found, Searcher
from imr_search.fields import table
from imr_search.model import Item
from imr_search.plan import And, Group, Keyword, Limit, Node, Nothing, Sample, Sort, SortKey, Stage, Unique
from imr_search.query.tiers import Tier
from imr_search.searching.report import values
from imr_search.searching.similar import Groups

BATCH = 500
POOL = 5_000  # items at least that a sample is drawn from
NAMED = 10_000


class Selection(msgspec.Struct, frozen=True):
    """`order` is what the engine sorts by (empty: by score). `ids` are all chosen items in order, None while every matching item is; `scores` theirs
    where they are ordered by it. `alike`: how many near-identical items were left out for a kept id."""

    order: tuple[SortKey, ...] = ()
    ids: tuple[str, ...] | None = None
    scores: Mapping[str, float | None] = msgspec.field(default_factory=dict)
    alike: Mapping[str, int] = msgspec.field(default_factory=dict)


class Stored:
    """The stored items of these ids, read anew in batches each time they are walked through."""

    def __init__(self, searcher: Searcher, ids: Sequence[str]) -> None:
        self._searcher = searcher
        self._ids = ids

    def __iter__(self) -> Iterator[Item]:
        for start in range(0, len(self._ids), BATCH):
            self._searcher.count(Nothing())  # where an interrupted engine stops
            yield from self._searcher.items(self._ids[start : start + BATCH])


def arrange(
    searcher: Searcher,
    node: Node,
    stages: Iterable[Stage],
    order: tuple[SortKey, ...] = (),
    tiers: Sequence[Tier] = (),
) -> Selection:
    """Run the arrangement stages over the items of `node`, from `order` on, the sorting asked for outside the query; what is ordered by score
    comes tier by tier. Reports and `show` are passed over."""
    ids: list[str] | None = None
    scores: dict[str, float | None] = {}
    alike: dict[str, int] = {}

    def held(limit: int | None = None) -> list[str]:
        """The ids so far, asked of the engine when nothing was held yet."""
        if ids is not None:
            return ids
        answer = search(searcher, node, tiers, order, limit)
        scores.update(zip(answer.ids, answer.scores, strict=True))
        return list(answer.ids)

    for stage in stages:
        match stage:
            case Sort(keys):
                order = _sorted_by(keys, order)
                if ids is not None:
                    chosen = set(ids)
                    among = named(ids) if len(ids) <= NAMED else None
                    found = search(searcher, node, tiers, order, None, among=among)
                    scores = {id_: score for id_, score in zip(found.ids, found.scores, strict=True) if id_ in chosen}
                    ids = list(scores)
            case Limit(n):
                ids = held(n)[:n]
            case Sample(n, seed):
                if ids is None:
                    pool = searcher.draw(node, _pool(n), _start(seed))
                    answer = search(searcher, node, tiers, order, None, among=named(sample(pool, n, seed)))
                    scores.update(zip(answer.ids, answer.scores, strict=True))
                    ids = list(answer.ids)
                else:
                    ids = sample(ids, n, seed)
            case Unique(name):
                ids, left_out = unique(searcher, held(), name)
                for id_, count in left_out.items():
                    alike[id_] = alike.get(id_, 0) + count
    return Selection(order, None if ids is None else tuple(ids), scores, alike)


def _sorted_by(keys: tuple[SortKey, ...], before: tuple[SortKey, ...]) -> tuple[SortKey, ...]:
    """A later sort decides, the earlier one breaks its ties; sorting by relevance forgets the earlier ones."""
    named = {key.field for key in keys}
    if not keys:
        return ()
    return keys + tuple(key for key in before if key.field not in named)


def sample(ids: Sequence[str], n: int, seed: int) -> list[str]:
    """`n` of `ids`, in their order: of a pool, those whose hash with the seed is smallest. So an item's chance is fair, and the choice depends on
    nothing but the set of ids and the seed: not on their order, the engine or the machine. The pool is all of them as long as they are few, and else
    those whose lots follow a place on the circle that depends on the seed: an engine finds it without looking at every item."""

    def place(id_: str) -> tuple[bytes, str]:
        return blake2b(f"{seed}\n{id_}".encode(), digest_size=16).digest(), id_

    pool = drawn(ids, _pool(n), _start(seed)) if len(ids) > _pool(n) else ids
    chosen = set(nsmallest(n, pool, key=place))
    return [id_ for id_ in ids if id_ in chosen]


def _pool(n: int) -> int:
    """How many items are looked at for a sample of `n`."""
    return max(POOL, 10 * n)


def _start(seed: int) -> int:
    return lot(f"seed {seed}")


def unique(searcher: Searcher, ids: Sequence[str], name: str) -> tuple[list[str], dict[str, int]]:
    """The first of each group of items whose field `name` is near-identical (of a text) or equal (of anything else), and how many each stands for.

    Items without a value are each their own. Rationales of different outcomes are never near-identical: a single "not" may tell them apart.
    """
    row = table()[name]
    kept: list[str] = []
    alike: dict[str, int] = {}
    texts = Groups()
    seen: dict[tuple[object, ...], str] = {}
    for item in Stored(searcher, ids):
        if row.positional:
            number = texts.add(str(getattr(item, row.json)), item.outcome if row.key == "rationale" else None)
            first = None if number is None else kept[number]
        else:
            key = tuple(sorted(str(value).casefold() for value in values(item, Group(name)) if value is not None))
            first = seen.setdefault(key, item.id) if key else None
            first = None if first == item.id else first
        if first is None:
            kept.append(item.id)
        else:
            alike[first] = alike.get(first, 0) + 1
    return kept, alike


def named(ids: Sequence[str]) -> Node:
    """The items of these ids, for an engine to count: much quicker than reading them, as long as they are no more than NAMED."""
    return Keyword("id", tuple(ids)) if ids else Nothing()


_NAMED = 10_000


def search(
    searcher: Searcher,
    node: Node,
    tiers: Sequence[Tier],
    order: tuple[SortKey, ...],
    limit: int | None,
    offset: int = 0,
    among: Node | None = None,
) -> Found:
    """The items of `node` (only those of `among`): tier by tier and then by score, unless an order is asked for."""

    def narrowed(held: Node) -> Node:
        return held if among is None else And((held, among))

    if not tiers or order:
        return searcher.search(narrowed(node), order, limit, offset)
    ids: list[str] = []
    scores: list[float | None] = []
    total = 0
    for tier in tiers:
        left = None if limit is None else limit - len(ids)
        if left == 0:
            total += searcher.count(narrowed(tier.node))
            continue
        found = searcher.search(narrowed(tier.node), (), left, max(0, offset - total))
        ids += found.ids
        scores += found.scores
        total += found.total
    return Found(tuple(ids), tuple(scores), total)


def tier_of(searcher: Searcher, tiers: Sequence[Tier], ids: Sequence[str]) -> dict[str, str]:
    """The tier of each of these items of an answer; {} for an answer without tiers."""
    found: dict[str, str] = {}
    for at in range(0, len(ids) if tiers else 0, _NAMED):
        some = ids[at : at + _NAMED]
        for tier in tiers[:-1]:
            held = searcher.search(And((Keyword("id", tuple(sorted(some))), tier.node)), (), None).ids
            found.update(dict.fromkeys(held, tier.name))
        for id_ in some:
            found.setdefault(id_, tiers[-1].name)
    return found
