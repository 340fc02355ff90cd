"""An answer to plain words, tier by tier: in order, counted, and the tier of each item (see query/tiers.py)."""

from __future__ import annotations

from collections.abc import Sequence

from imr_search.engines import Found, Searcher
from imr_search.plan import And, Keyword, Node, SortKey
from imr_search.query.tiers import Tier

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
