"""Take in what was read and take out what is gone: from files to the ledger and the writer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import msgspec

from imr_search.indexing import scan
from imr_search.indexing.build_options import BuildOptions, Progress, Watch
from imr_search.indexing.dedupe import stem_of
from imr_search.indexing.workers import Outcome, Task, read_all, read_one
from imr_search.indexing.writer import IndexWriter
from imr_search.store.ledger import Ledger, path_of

_QUIET = 1_000  # so many files whose times alone changed are no reason for a new generation


class Ingest:
    """`read` counts the files that were read and understood; `changed`: does the index have to know of it?

    `kept`: by their numbers, (name, reason) of the files that could not be read just now, and of which the index keeps what it had.
    """

    def __init__(self, ledger: Ledger, writer: IndexWriter, options: BuildOptions, watch: Watch | None) -> None:
        self._ledger = ledger
        self._writer = writer
        self._options = options
        self._watch = watch
        self._changed = False
        self._times = 0
        self.read = 0
        self.kept: dict[int, tuple[str, str]] = {}

    @property
    def changed(self) -> bool:
        return self._changed or self._times > _QUIET

    def take_out(self, roots: Iterable[str]) -> None:
        """The letters of `roots`, which go, and those that vanished from the roots that were looked at."""
        for root in roots:
            if root not in self._options.forget:
                scan.note_vanished(self._ledger, "r.path = ?", "main", (os.fsencode(root),))
            files = "SELECT f.id FROM files f JOIN roots r ON r.id = f.root WHERE r.path = ?"
            self._forget([file for (file,) in self._ledger.sql.execute(files, (os.fsencode(root),))])
            self._ledger.sql.execute("DELETE FROM roots WHERE path = ?", (os.fsencode(root),))
            self._changed = True
        self._forget(scan.vanished(self._ledger))

    def _forget(self, files: Iterable[int]) -> None:
        for file in files:
            self._writer.drop(file)
            self._ledger.sql.execute("DELETE FROM files WHERE id = ?", (file,))
            self._changed = True

    def read_all(self, total: int, *, again: bool) -> None:
        """Read the `total` files that have to be read (parse all of them, if `again`)."""
        self._take_skipped()
        failed = 0
        if self._watch is not None:
            self._watch(Progress(0, total, 0))
        under_way: dict[int, scan.Seen] = {}
        tasks = self._tasks(under_way, again)
        for done, outcome in enumerate(read_all(tasks, total, self._options.workers), 1):
            failed += outcome.failure is not None
            seen = under_way.pop(outcome.number)
            if not (
                outcome.passing and seen.file is not None and self._keep(seen.file, seen.name, outcome.failure or "")
            ):
                self._take_in(seen, outcome)
            self._writer.relieve()
            if self._watch is not None:
                self._watch(Progress(done, total, failed))

    def _tasks(self, under_way: dict[int, scan.Seen], again: bool) -> Iterator[Task]:
        """The tasks one after the other; the file of each that was taken stands in `under_way`."""
        for task, seen in scan.tasks(self._ledger, lambda: self._writer.settled, again=again):
            under_way[task.number] = seen
            yield task

    def read_again(self, files: Iterable[int]) -> None:
        """Letters that come to stand because another went: their files are read again, wherever they were found."""
        read = self.read
        for file in files:
            root, root_path, key, name, size, mtime_ns, seen = self._ledger.sql.execute(
                "SELECT f.root, r.path, f.key, f.name, f.size, f.mtime_ns, s.path FROM files f JOIN roots r ON r.id = f.root"
                " LEFT JOIN seen s ON s.root = f.root AND s.key = f.key WHERE f.id = ?",
                (file,),
            ).fetchone()
            path = seen if seen is not None else os.fsencode(path_of(os.fsdecode(root_path), key))
            outcome = read_one(Task(file, path, name, stem_of(name), None, self._writer.settled))
            if outcome.passing and self._writer.forget_waiting(file):  # what stands of it stays, as in `_keep`
                self._keep(file, name, outcome.failure or "")
                continue
            kept = mtime_ns if outcome.failure is None else scan.UNSETTLED
            self._take_in(scan.Seen(root, key, name, size, kept, file), outcome)
        self.read = read

    def _take_skipped(self) -> None:
        for root, key, name, reason, file in scan.skipped(self._ledger):
            if file is not None and reason == "unreadable" and self._keep(file, name, reason):
                continue
            if file is not None:
                self._writer.drop(file)
            known = "SELECT count(*) FROM files WHERE root = ? AND key = ? AND failure = ?"
            self._changed = self._changed or not self._ledger.number(known, root, key, reason)
            self._ledger.set_file(root, key, name, 0, 0, None, stem_of(name), reason)

    def _keep(self, file: int, name: str, reason: str) -> bool:
        """A want of this machine takes no letter out of the index: what it holds of the file stays until that can be read. Does it hold any?"""
        if not self._ledger.number("SELECT failure IS NULL FROM files WHERE id = ?", file):
            return False
        self._ledger.sql.execute("UPDATE files SET mtime_ns = ? WHERE id = ?", (scan.UNREAD, file))
        self.kept[file] = name, reason
        return True

    def _take_in(self, seen: scan.Seen, outcome: Outcome) -> None:
        if outcome.passing:  # looked at again the next time, whatever its size and time are
            seen = msgspec.structs.replace(seen, mtime_ns=scan.UNSETTLED)
        if seen.file is not None and (outcome.same or self._failed_so_before(seen.file, outcome)):
            times = "UPDATE files SET size = ?, mtime_ns = ? WHERE id = ?"
            self._ledger.sql.execute(times, (seen.size, seen.mtime_ns, seen.file))
            self._times += 1
            return
        self._changed = True
        if seen.file is not None:
            self._writer.drop(seen.file)
        stem = stem_of(seen.name)
        file = self._ledger.set_file(
            seen.root,
            seen.key,
            seen.name,
            seen.size,
            seen.mtime_ns,
            outcome.sha256,
            stem,
            outcome.failure,
            outcome.detail,
        )
        if outcome.failure is None:
            self._writer.put(file, stem, outcome)
            self.read += 1

    def _failed_so_before(self, file: int, outcome: Outcome) -> bool:
        before = self._ledger.sql.execute("SELECT failure, sha256, detail FROM files WHERE id = ?", (file,)).fetchone()
        return outcome.failure is not None and before == (outcome.failure, outcome.sha256, outcome.detail)
