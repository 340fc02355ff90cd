"""Work beside the typing: a second handle on the index, used by one thread at a time, given up at once when something newer is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

import msgspec

from imr_search.errors import ImrError, QueryError, TooExpensiveError
from imr_search.query.completion import complete
from imr_search.repl.partial_query import may_become_right
from imr_search.searching.library import Library

if TYPE_CHECKING:
    from imr_search.query.planner import Plan

_PARTS = 12  # of a query, that are looked up one by one
_TIME = 0.5  # seconds for a reading and its count; an expensive query shows no count until it is asked
_TRIES = 5  # times that a reading which was interrupted for a completion is begun anew


class BackgroundSearcher:
    """The prompt's second Library, for counts and completion; the first one belongs to the answers."""

    def __init__(self, opener: Callable[[], Library]) -> None:
        self._opener = opener
        self._library: Library | None = None
        self._lock = Lock()
        self._busy = False

    @contextmanager
    def use(self) -> Iterator[Library]:
        """The library, by turns. Raises ImrError when it cannot be opened."""
        with self._lock:
            if self._library is None:
                self._library = self._opener()
            self._busy = True
            try:
                yield self._library
            finally:
                self._busy = False

    def interrupt(self) -> None:
        """Stop what is running, if anything is."""
        library = self._library
        if library is not None and self._busy:
            library.searcher.interrupt()

    def warm(self) -> None:
        """Do once, before the first key, what is slow the first time."""
        with suppress(KeyboardInterrupt, Exception), self.use() as library:
            complete("outcome:", 8, library.searcher, library.read("outcome:upheld").node)

    def renew(self) -> None:
        """Let go of the handle; the next use opens the generation that is then current."""
        self.interrupt()
        with self._lock:
            if self._library is not None:
                self._library.close()
            self._library = None


class Reading(msgspec.Struct, frozen=True):
    """What the toolbar knows of a text: as it will be read and its count, or what is wrong with it. `pending`: more typing may still mend it.
    `unknown`: where it names what no item has. `offers`: what may be typed instead. `fields`: plain words as fields."""

    text: str
    read_as: str = ""
    count: int | None = None
    problem: str = ""
    pending: bool = False
    unknown: tuple[tuple[int, int], ...] = ()
    offers: tuple[str, ...] = ()
    fields: str = ""


class Reader:
    """A thread that reads the newest text once the fingers rest, and tells when it is done."""

    def __init__(self, background: BackgroundSearcher, done: Callable[[], None], rest: float = 0.15) -> None:
        self._background = background
        self._done = done
        self._rest = rest  # seconds without a key before anything is counted
        self._wanted: str | None = None
        self._asked = 0.0
        self._tries = 0
        self._changed = Condition()
        self._open = True
        self.latest: Reading | None = None
        self._thread = Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def ask(self, text: str) -> None:
        """Read this text next; what was being read is given up. Returns at once."""
        with self._changed:
            self._wanted, self._asked, self._tries = text, monotonic(), 0
            self._changed.notify()
        self._background.interrupt()

    def close(self) -> None:
        with self._changed:
            self._open = False
            self._changed.notify()
        self._background.interrupt()

    def _run(self) -> None:
        self._background.warm()
        while True:
            with self._changed:
                while self._wanted is None and self._open:
                    self._changed.wait()
                if not self._open:
                    return
                pause = self._asked + self._rest - monotonic()
                text = self._wanted if pause <= 0 else None
                if text is not None:
                    self._wanted = None
            if text is None:
                sleep(max(0.0, pause))
                continue
            found = self._read(text)
            if found is None:
                with self._changed:
                    if self._wanted is None and self._tries < _TRIES:  # completion went first: try again
                        self._wanted, self._asked, self._tries = text, monotonic(), self._tries + 1
                continue
            if self._wanted is None:
                self.latest = found
                with suppress(Exception):
                    self._done()

    def _read(self, text: str) -> Reading | None:
        try:
            with self._background.use() as library, library.within(_TIME, text):
                plan = library.read(text)
                self.latest = found = Reading(text, plan.read_as)
                with suppress(TooExpensiveError):
                    count = library.searcher.count(plan.node)
                    self.latest = found = msgspec.structs.replace(found, count=count)
                    found = msgspec.structs.replace(found, unknown=self._unknown(library, plan, count))
                    return _in_fields(library, plan, found)
                return found
        except QueryError as problem:
            return Reading(
                text,
                problem=f"{problem.code}: {problem.message}",
                pending=may_become_right(problem, text),
                offers=tuple(correction.query for correction in problem.corrections),
            )
        except ImrError as problem:
            return Reading(text, problem=problem.message)
        except (KeyboardInterrupt, Exception):
            return None  # given up, or the index went away: the answer itself will say what is wrong

    def _unknown(self, library: Library, plan: Plan, count: int) -> tuple[tuple[int, int], ...]:
        """Where the query names what no item of the index has; the total is shown while that is looked up."""
        with suppress(Exception):
            self._done()
        if count and len(plan.clauses) == 1:
            return ()
        parts = plan.clauses[:_PARTS]
        return tuple((part.start, part.end) for part in parts if not library.searcher.count(part.node))


def _in_fields(library: Library, plan: Plan, found: Reading) -> Reading:
    """With what the plain words say in fields, which a key takes."""
    offered = library.as_fields(found.text, plan=plan) if plan.worded else None
    if offered is None:
        return found
    count = "" if offered.total is None else f" ({offered.total:,})"
    without = f", leaving out {' '.join(offered.left_out)}" if offered.left_out else ""
    return msgspec.structs.replace(found, offers=(offered.query,), fields=offered.query + count + without)
