"""From outcomes to an engine: every letter that stands is written once, under its id, and what no longer stands is taken out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from imr_search import files
from imr_search.engines import Engine, Writer, registry
from imr_search.indexing.dedupe import Touched, settle, stem_key
from imr_search.indexing.spool import Key, Spool
from imr_search.indexing.workers import Outcome
from imr_search.store.ledger import Ledger, Row

AUTO, SMALL, LARGE = "auto", "whoosh", "tantivy"
_AT_ONCE = 500  # items settled and written at once when the engine is known: the readers go on meanwhile


class IndexWriter:
    """One build's writer. `engine` is a name or "auto"; `old` the engine's folder of the index that is updated, None when it is made from nothing.

    Outcomes are spooled. When the spool holds more than `limit` items, or at the end, it is settled who stands, and that is written. A letter
    written earlier in the same run that loses its place later on is taken out in a second pass, over the committed first one.
    """

    def __init__(self, ledger: Ledger, folder: Path, engine: str, old: Path | None, limit: int) -> None:
        self._ledger = ledger
        self._folder = folder
        self._old = old
        self._limit = limit
        self._name = engine
        self._engine: Engine | None = None
        self._writer: Writer | None = None
        self._touched = Touched()
        self._spool = Spool(folder / "spool")
        self._late_spool: Spool | None = None
        self._gone: set[str] = set()  # ids to take out of the old index
        self._placed: set[str] = set()  # ids written in this run, over an old index
        self._late_gone: set[str] = set()
        self._late: dict[str, tuple[Key, frozenset[int]]] = {}

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = registry.engine(SMALL if self._name == AUTO else self._name)
        return self._engine

    @property
    def settled(self) -> str:
        """The engine's name, or "" while it is open which one it will be."""
        return "" if self._name == AUTO else self._name

    def drop(self, file: int) -> None:
        """The letters of a file are not in it any more."""
        rows = self._ledger.drop_letters(file)
        self._touched.add_rows(rows)
        for row in rows:
            if row.id is not None:
                self._ledger.count(row.id, row.sha256, -1, row.items)
                self._take_out(row.id)

    def forget_waiting(self, file: int) -> bool:
        """The letters of a file that do not stand are not known any more. Does another of its letters stand?"""
        rows = self._ledger.rows("l.file = ?", file)
        if all(row.id is None for row in rows):
            return False
        self._touched.add_rows(row for row in rows if row.id is None)
        self._ledger.sql.execute("DELETE FROM letters WHERE file = ? AND id IS NULL", (file,))
        return True

    def put(self, file: int, stem: str, outcome: Outcome) -> None:
        """The letters that a file, whose earlier ones were dropped, holds now."""
        assert outcome.sha256 is not None
        key = stem_key(stem)
        self._ledger.set_letters(file, key, outcome.letters)
        for k, (letter, blob) in enumerate(zip(outcome.letters, outcome.documents, strict=True)):
            self._touched.add(letter.case, key, outcome.sha256)
            self._spool.put((file, k), blob, letter.items)

    def relieve(self) -> None:
        """Write what is settled so far, if there is much of it."""
        if self._spool.items > (self._limit if self._name == AUTO else min(self._limit, _AT_ONCE)):
            if self._name == AUTO:
                self._name = LARGE
            self._settle(final=False)
            self._spool.clear()

    def finish(self, reread: Callable[[Iterable[int]], None]) -> bool:
        """Write the rest. `reread(files)` has to drop and put files again whose letters have come to stand. Was anything written?"""
        while waiting := self._settle(final=True):
            reread(sorted({row.file for row in waiting}))
        if self._writer is None and not self._gone:
            return False
        self._write(())
        return True

    def commit(self) -> None:
        """Leave the engine's files complete in its folder."""
        writer = self._open()
        writer.commit()
        self._writer = None
        if self._late_gone:
            self._second_pass()
        self._close_spools()

    def cancel(self) -> None:
        if self._writer is not None:
            with suppress(Exception):
                self._writer.cancel()
        with suppress(OSError):
            self._close_spools()

    def _close_spools(self) -> None:
        self._spool.close()
        if self._late_spool is not None:
            self._late_spool.close()

    def _settle(self, *, final: bool) -> list[Row]:
        """Write the letters that stand and are at hand. What stands and is not at hand is given back, once nothing else is left to be read."""
        waiting: list[Row] = []
        ready: list[tuple[Row, str, frozenset[int]]] = []
        touched, self._touched = self._touched, Touched()
        for row, name, items in list(settle(self._ledger, touched)):
            if row.id == name:
                continue
            if row.id is not None:
                self._take_out(row.id)
                self._ledger.unplace(row)
            if name is None:
                continue
            if (row.file, row.k) in self._spool:
                ready.append((row, name, items))
            else:
                waiting.append(row)
                self._touched.add_rows((row,))
        if waiting and final:
            for row, *_ in ready:
                self._touched.add_rows((row,))
            return waiting
        self._write(ready)
        return []

    def _take_out(self, name: str) -> None:
        if name in self._late:
            del self._late[name]
        elif self._old is None or name in self._placed:
            self._late_gone.add(name)
        else:
            self._gone.add(name)

    def _write(self, ready: Iterable[tuple[Row, str, frozenset[int]]]) -> None:
        now: list[tuple[Key, str, frozenset[int]]] = []
        for row, name, items in ready:
            key = (row.file, row.k)
            self._ledger.place(row, name, len(items))
            if name in self._late_gone:
                self._keep(name, key, items)
            else:
                now.append((key, name, items))
        if not now and not self._gone:
            return
        writer = self._open()
        if self._gone:
            writer.remove(sorted(self._gone))
            self._gone.clear()
        if now:
            writer.add(self._documents(now))
            if self._old is not None:
                self._placed.update(name for _, name, _ in now)

    def _documents(self, letters: Iterable[tuple[Key, str, frozenset[int]]]) -> Iterator[Any]:
        for key, name, items in letters:
            yield from self._spool.documents(key, name, items)

    def _keep(self, name: str, key: Key, items: frozenset[int]) -> None:
        if self._late_spool is None:
            self._late_spool = Spool(self._folder / "late")
        self._late_spool.put(key, self._spool.blob(key), 1)
        self._late[name] = key, items

    def _open(self) -> Writer:
        if self._writer is None:
            target = self._folder / "engine"
            os.mkdir(target, 0o700)
            self._writer = self.engine.create(target) if self._old is None else self.engine.update(self._old, target)
        return self._writer

    def _second_pass(self) -> None:
        first, second = self._folder / "engine", self._folder / "second"
        os.mkdir(second, 0o700)
        self._writer = self.engine.update(first, second)
        self._writer.remove(sorted(self._late_gone))
        if self._late_spool is not None:
            spool = self._late_spool
            self._writer.add(
                document
                for name, (key, items) in sorted(self._late.items())
                for document in spool.documents(key, name, items)
            )
        self._writer.commit()
        self._writer = None
        files.remove_tree(first)
        os.rename(second, first)
