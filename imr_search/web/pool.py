"""A few opened indexes for many requests: a Library answers one thread at a time, and is opened anew when a newer generation is current."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from imr_search.errors import IndexError_
from imr_search.searching.library import Library

SIZE = 4  # requests that search at the same time; more wait
PATIENCE = 30.0  # seconds that a request waits for its turn


class Busy(Exception):
    """Every library stays lent out for too long."""


class LibraryPool:
    """Lends libraries. `opener` opens the index that is current now; nothing is opened before it is needed."""

    def __init__(self, opener: Callable[[], Library], size: int = SIZE, patience: float = PATIENCE) -> None:
        self._opener = opener
        self._patience = patience
        self._free: queue.LifoQueue[Library | None] = queue.LifoQueue()
        self._size = size
        for _ in range(size):
            self._free.put(None)

    @contextmanager
    def borrow(self) -> Iterator[Library]:
        """A library over the current generation. Raises Busy, and IndexError_ when there is no index now (another request may find one)."""
        try:
            held = self._free.get(timeout=self._patience)
        except queue.Empty:
            raise Busy from None
        try:
            held = self._current(held)
            try:
                yield held
            except IndexError_:  # a file of it was damaged since: the next request opens what is there then
                held.close()
                held = None
                raise
        finally:
            self._free.put(held)

    def _current(self, held: Library | None) -> Library:
        """The library over the current generation. While none can be opened, the one that was lent last stays in the pool."""
        if held is not None and not held.opened.newer():
            return held
        fresh = self._opener()
        if held is not None:
            held.close()
            self._clear()
        return fresh

    def _clear(self) -> None:
        """Let go of the older generation wherever it still lies open, so that its files can be removed."""
        for _ in range(self._size):
            try:
                idle = self._free.get_nowait()
            except queue.Empty:
                return
            if idle is not None and idle.opened.newer():
                idle.close()
                idle = None
            self._free.put(idle)

    def close(self) -> None:
        """Close what is not lent out."""
        for _ in range(self._size):
            try:
                held = self._free.get(timeout=1)
            except queue.Empty:
                return
            if held is not None:
                held.close()
