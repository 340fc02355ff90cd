"""The port: what an engine is. Which engines there are stands in `registry`.

An engine keeps documents and intersects lists; what a query means was decided before (plan.py). All engines give the same items, counts and
tables for every node; only scores may differ between engines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from imr_search.documents import Document
from imr_search.engines.deadline import Deadline
from imr_search.model import GroupCounts, Item
from imr_search.plan import Group, Node, SortKey


class Found(msgspec.Struct, frozen=True):
    """One page of an answer: ids with scores (None when sorted by fields), and how many items match in all."""

    ids: tuple[str, ...]
    scores: tuple[float | None, ...]
    total: int


class Searcher(Protocol):
    """An opened index, pinned to what it held when it was opened. Safe to use from one thread at a time. Every answer heeds the deadline."""

    deadline: Deadline

    def count(self, node: Node) -> int:
        """How many items match."""
        ...

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        """The matching items in order: by score (empty `sort`) or by the keys; ties by (letter, n). `limit` None is all."""
        ...

    def draw(self, node: Node, size: int, start: int) -> list[str]:
        """The matching items whose lots follow `start`, at most `size`, in the order of their lots: see documents.drawn."""
        ...

    def table(self, node: Node, by: tuple[Group, ...], letters: bool = True) -> list[GroupCounts]:
        """The matching items in groups (every combination of the `by` values that occurs; one row for no `by`, also when nothing matches), ordered by
        group with None last. Letters are counted once a group; without `letters`, which takes most of the time in a large index, they are None."""
        ...

    def items(self, ids: Iterable[str]) -> list[Item]:
        """The stored items, in the order of `ids`; an id that is not in the index is left out."""
        ...

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """The lexicon of a text or citation field from `prefix` on, sorted, with the number of items that hold each word."""
        ...

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        """The values of a keyword, enum or flag field from `prefix` on, sorted, with the number of items (of `within`) that bear each."""
        ...

    def interrupt(self) -> None:
        """Make a search that runs in another thread stop soon (it raises KeyboardInterrupt there), if this engine can."""
        ...

    def close(self) -> None: ...


class Writer(Protocol):
    """An index being written. Nothing is visible before `commit`, which leaves every file complete on disk (synced by the store)."""

    def add(self, documents: Iterable[Document]) -> None:
        """The documents of a letter come in a row, and all of them in one run; letters that are there already are removed first."""
        ...

    def remove(self, letters: Iterable[str]) -> None:
        """Take out all items of these letters. Documents of the same letter that are added later stay."""
        ...

    def commit(self) -> None: ...

    def cancel(self) -> None:
        """Let go of files and locks without a commit; what was written is thrown away by the store."""
        ...


class Engine(Protocol):
    """`name` is what users type, `format` what must be equal for an index to be opened ("whoosh 2.7.4/1")."""

    name: str
    format: str

    def create(self, folder: Path) -> Writer:
        """Begin a new index in an empty folder."""
        ...

    def update(self, old: Path, new: Path) -> Writer:
        """Begin an index in the empty folder `new` that holds what `old` holds, by hard links where the file system has them; no file of `old`
        changes, ever."""
        ...

    def open(self, folder: Path) -> Searcher: ...
