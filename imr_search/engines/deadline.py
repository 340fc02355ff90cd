"""How long a query may take: a deadline that engines look at while they work, an interrupt from another thread, and what was dear."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from imr_search.errors import TooDearError
from imr_search.plan import And, Boosted, Cited, InLetter, Near, Node, Not, Or, Phrase, Similar, Words

_T = TypeVar("_T")
_TICK = 0.05  # seconds between two looks at an interrupt, while another thread works


class Deadline:
    """One for each searcher. Without `start` a query may take for ever."""

    def __init__(self) -> None:
        self._until: float | None = None
        self._interrupted = False
        self._own = threading.local()  # the deadline of a thread that works for a query which may have been given up
        self._given_up: threading.Thread | None = None

    def start(self, seconds: float | None) -> None:
        """From now on the queries together may take so many seconds; None is no end."""
        self._until = None if seconds is None else monotonic() + seconds

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """A shorter deadline for what may be left out of an answer, such as a count beside a notice."""
        before, mine = self._until, monotonic() + seconds
        self._until = mine if before is None else min(before, mine)
        try:
            yield
        finally:
            self._until = before

    @property
    def left(self) -> float | None:
        """Seconds until the deadline, at least 0."""
        return None if self._until is None else max(0.0, self._until - monotonic())

    def interrupt(self) -> None:
        """Let the query that runs in another thread end with a KeyboardInterrupt there."""
        self._interrupted = True

    def check(self) -> None:
        """Raise KeyboardInterrupt after an interrupt, and TooDearError after the deadline."""
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt
        until = getattr(self._own, "until", self._until)
        if until is not None and monotonic() > until:
            raise TooDearError

    def run(self, act: Callable[[], _T]) -> _T:
        """What `act` gives, done in another thread, so that this one can give it up: for calls into an engine that nothing stops. What was given up
        runs to its end unseen, and only one at a time: the next dear query waits for it first."""
        if self._given_up is not None:
            self._wait(self._given_up)
            self._given_up = None
        done: list[_T] = []
        failed: list[BaseException] = []
        until = self._until

        def work() -> None:
            self._own.until = until
            try:
                done.append(act())
            except BaseException as problem:
                failed.append(problem)

        thread = threading.Thread(target=work, name="query", daemon=True)
        thread.start()
        try:
            self._wait(thread)
        except BaseException:
            self._given_up = thread
            raise
        if failed:
            raise failed[0]
        return done[0]

    def _wait(self, thread: threading.Thread) -> None:
        while thread.is_alive():
            left = self.left
            thread.join(_TICK if left is None else min(_TICK, left + 0.001))
            if thread.is_alive():
                self.check()


def cost(node: Node) -> int:
    """About how many lists of postings answering a node walks through: to tell dear queries, and the dearest part of one."""
    match node:
        case Words(words=words):
            return len(words)
        case Phrase(slots=slots):
            return 5 * sum(map(len, slots))
        case Near(left=left, right=right, distance=distance, ordered=ordered):
            single = isinstance(left, Words) and isinstance(right, Words) and not ordered
            return (cost(left) + cost(right)) * (10 if single else 10 + 2 * min(distance, 100))
        case And(nodes=nodes) | Or(nodes=nodes):
            return sum(map(cost, nodes))
        case Cited(node=inner) | InLetter(node=inner):
            return 20 * (1 + cost(inner))
        case Not(node=inner) | Boosted(node=inner):
            return cost(inner)
        case Similar(terms=terms):
            return len(terms)
    return 1
