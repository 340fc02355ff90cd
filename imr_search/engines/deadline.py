"""How long a query may take: a deadline that engines look at while they work, an interrupt from another thread, and a query's most expensive part."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, process_time
from typing import TypeVar

from imr_search.errors import TooExpensiveError
from imr_search.plan import And, Boosted, Cited, InLetter, Near, Node, Not, Or, Phrase, Similar, Words

_T = TypeVar("_T")
_TICK = 0.05  # seconds between two looks at an interrupt, while another thread works


class _Limit:
    """So many seconds on the clock. On a machine that has no processor for us they are more, as long as a quarter of them was not worked: what is
    bounded is what a query costs, and a busy machine must not refuse what is cheap."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until = monotonic() + seconds
        self._worked = process_time() + seconds / 4

    @property
    def over(self) -> bool:
        now = monotonic()
        return now > self.until and (process_time() > self._worked or now > self.until + 2 * self.seconds)


class Deadline:
    """One for each searcher. Without `start` a query may take for ever."""

    def __init__(self) -> None:
        self._limit: _Limit | None = None
        self._interrupted = False
        self._own = threading.local()  # the limit of a thread that works for a query which may have been given up
        self._given_up: threading.Thread | None = None

    def start(self, seconds: float | None) -> None:
        """From now on the queries together may take so many seconds; None is no end."""
        self._limit = None if seconds is None else _Limit(seconds)

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """A shorter deadline for what may be left out of an answer, such as a count beside a notice."""
        before, left = self._limit, self.left
        if left is None or seconds < left:
            self._limit = _Limit(seconds)
        try:
            yield
        finally:
            self._limit = before

    @property
    def left(self) -> float | None:
        """Seconds until the deadline, at least 0."""
        return None if self._limit is None else max(0.0, self._limit.until - monotonic())

    def interrupt(self) -> None:
        """Let the query that runs in another thread end with a KeyboardInterrupt there."""
        self._interrupted = True

    def check(self) -> None:
        """Raise KeyboardInterrupt after an interrupt, and TooExpensiveError after the deadline."""
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt
        limit: _Limit | None = getattr(self._own, "limit", self._limit)
        if limit is not None and limit.over:
            raise TooExpensiveError

    def run(self, act: Callable[[], _T]) -> _T:
        """What `act` gives, done in another thread, so that this one can give it up: for calls into an engine that nothing stops. What was given up
        runs to its end unseen, and only one at a time: the next expensive query waits for it first."""
        if self._given_up is not None:
            self._wait(self._given_up)
            self._given_up = None
        done: list[_T] = []
        failed: list[BaseException] = []
        limit = self._limit

        def work() -> None:
            self._own.limit = limit
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
            thread.join(min(_TICK, left + 0.001) if left else _TICK)
            if thread.is_alive():
                self.check()


def cost(node: Node) -> int:
    """About how many lists of postings answering a node walks through: to tell expensive queries, and the most expensive part of one."""
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
