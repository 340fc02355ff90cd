"""Very many hits as a sequence that holds ids: items are read and evidence is looked for when a hit is asked for, in batches while it is walked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import eq
from typing import overload

from imr_search.engines import Searcher
from imr_search.fields import table
from imr_search.model import Hit
from imr_search.plan import Node
from imr_search.query.tiers import Tier
from imr_search.searching import pipeline
from imr_search.searching.evidence import deciding, evidence, title_marks

BATCH = 500


class Hits(Sequence[Hit]):
    """The hits of `scored` (ids in order, with their scores), equal to a tuple of them. Usable as long as the index is open."""

    def __init__(
        self,
        searcher: Searcher,
        node: Node,
        scored: Mapping[str, float | None],
        snippets: int | None,
        alike: Mapping[str, int],
        tiers: Sequence[Tier] = (),
    ) -> None:
        self._searcher = searcher
        self._node = node
        self._ids = tuple(scored)
        self._scored = scored
        self._snippets = snippets
        self._alike = alike
        self._tiers = tiers

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Hit]:
        for start in range(0, len(self._ids), BATCH):
            yield from self._read(self._ids[start : start + BATCH])

    @overload
    def __getitem__(self, at: int) -> Hit: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, at: int | slice) -> Hit | tuple[Hit, ...]:
        if isinstance(at, slice):
            return tuple(self._read(self._ids[at]))
        return next(self._read((self._ids[at],)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def _read(self, ids: Sequence[str]) -> Iterator[Hit]:
        tiers = pipeline.tier_of(self._searcher, self._tiers, ids)
        for item in self._searcher.items(ids):
            score, alike, tier = self._scored[item.id], self._alike.get(item.id, 0), tiers.get(item.id)
            if self._snippets == 0:
                yield Hit(item, score, (), alike, tier=tier)
            else:
                found = evidence(item, self._node, self._snippets)
                pointed = any(table()[one.field].prose for one in found)
                ground = None if pointed else deciding(item)
                yield Hit(item, score, found, alike, title_marks(item, self._node), ground, tier)
