"""The work of one build: look at the roots, read what changed, write it beside the index, and swap."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

import imr_search
from imr_search import fields, files, letters, vocabulary
from imr_search.engines import registry
from imr_search.errors import IndexError_, RefusedError, StorageError, UsageError
from imr_search.indexing import scan
from imr_search.indexing.build_options import BuildOptions, Built, Failure, Watch
from imr_search.indexing.dedupe import differing, told_of
from imr_search.indexing.ingest import Ingest
from imr_search.indexing.writer import AUTO, LARGE, SMALL, IndexWriter
from imr_search.letters.discovery import ARCHIVE, SUFFIXES
from imr_search.model import GroupCounts
from imr_search.plan import All
from imr_search.store import generations, manifest, opening
from imr_search.store.generations import Current
from imr_search.store.ledger import Ledger
from imr_search.store.manifest import Manifest
from imr_search.store.opening import Pinned

_LISTED = 1_000  # failures that a Built holds; the ledger holds all


class Run:
    """One build under the writer's lock."""

    def __init__(
        self, wanted: Sequence[Path], folder: Path, options: BuildOptions, progress: Watch | None, started: float
    ) -> None:
        self._wanted = wanted
        self._folder = folder
        self._options = options
        self._watch = progress
        self._started = started
        self._notices: list[str] = []
        self._damaged: Manifest | None = None

    def run(self) -> Built:
        now, old = self._old()
        try:
            generations.clean(self._folder, now)
            self._full = old is None or self._must_be_full(old.manifest)
            built = generations.begin(self._folder)
            try:
                result = self._build(built, old)
            finally:
                generations.end(built)
        finally:
            if old is not None:
                old.close()
        if result.published:
            with suppress(OSError, IndexError_):  # the index is the new one, whatever cannot be cleared away
                after = generations.current(self._folder)
                if after is not None:
                    generations.collect(self._folder, after)
        return result

    def _old(self) -> tuple[Current | None, Pinned | None]:
        """The index as it is. With --full, one that is damaged is as good as none, but for what can still be read of its manifest: how many letters
        it held, who may read it, its engine."""
        try:
            now = generations.current(self._folder)
            if now is None:
                return None, None
            old = opening.pinned(self._folder)
            try:
                opening.require_trust(old)
                manifest.verify(old.path, old.manifest)
            except BaseException:
                old.close()
                raise
            return now, old
        except IndexError_ as error:
            if not self._options.full or not self._wanted:
                raise
            self._damaged = generations.readable(self._folder)
            self._notices.append(f"{error.message}; it is rebuilt from scratch")
            return None, None

    def _must_be_full(self, old: Manifest) -> bool:
        if self._options.full:
            return True
        try:
            opening.require_version(old)
            if registry.engine(old.engine).format == old.format:
                return False
        except IndexError_:
            pass
        self._notices.append("the index was made by another version; it is rebuilt from scratch")
        return True

    def _build(self, built: Path, old: Pinned | None) -> Built:
        found = old.manifest if old is not None else None
        ledger = self._ledger(built, old)
        writer: IndexWriter | None = None
        try:
            outdated = opening.outdated(found) if found is not None else ""
            roots, look, replaced = self._roots(found, everything=self._full or bool(outdated))
            again = self._full or bool(outdated)
            if outdated and look and not self._full:
                self._notices.append(f"{outdated}: all letters are read again")
            scan.prepare(ledger, built / "scratch.sqlite")
            if old is not None and self._full:
                self._note_old(ledger, old)
            for root in roots:
                ledger.root_id(root)
            total = scan.scan(ledger, look, again=again)
            if others := scan.others(ledger):
                self._notices.append(others)
            update = None if self._full or old is None else old.path / manifest.ENGINE
            writer = IndexWriter(ledger, built, self._engine(found), update, self._options.limit)
            ingest = Ingest(ledger, writer, self._options, self._watch)
            ingest.take_out(replaced)
            ingest.read_all(total, again=again)
            wrote = writer.finish(ingest.read_again)
            self._read, self._kept = ingest.read, len(ingest.kept)
            self._say_kept(list(ingest.kept.values()))
            self._refuse(ledger, found)
            if found is not None and not (
                self._full or wrote or ingest.changed or self._worth_publishing(found, roots)
            ):
                return self._report(ledger, found, published=False)
            self._say_engine(writer.engine.name, found, ledger.facts()[2])
            writer.commit()
            whole = self._try(built, writer, ledger)
            report = self._publish(built, ledger, writer, old, roots, whole)
            writer = None
            return report
        finally:
            if writer is not None:
                writer.cancel()
            ledger.close()

    # what is to be done

    def _ledger(self, built: Path, old: Pinned | None) -> Ledger:
        path = built / manifest.LEDGER
        if old is None or self._full:
            return Ledger.create(path)
        files.copy(old.path / manifest.LEDGER, path)
        return Ledger.write(path)

    def _roots(self, found: Manifest | None, *, everything: bool) -> tuple[list[str], list[str], list[str]]:
        """The roots from now on, those to look at, those that go."""
        forgotten = self._options.forget
        known = [root for root in (found.roots if found is not None else ()) if root not in forgotten]
        roots, look, replaced = scan.arrange(known, self._wanted)
        if forgotten and not self._full:
            look = []
        elif everything or not self._wanted:
            look = [root for root in roots if Path(root).exists()]
            stay = "" if self._full else "; its letters stay in the index"
            self._notices += [f"{root} is missing{stay}" for root in roots if root not in look]
        self._all_looked_at = look == roots
        return roots, look, [*replaced, *forgotten]

    def _note_old(self, ledger: Ledger, old: Pinned) -> None:
        """Built from nothing over an index: what stood there may not get lost in silence."""
        same = ledger.attach_old(old.path / manifest.LEDGER, "old")
        marks = ",".join("?" * len(self._options.forget))
        where = f"CAST(r.path AS BLOB) NOT IN ({marks})" if marks else "1"
        gone = tuple(map(os.fsencode, self._options.forget))
        scan.note_vanished(ledger, where, "old", gone, "key" if same else "name")

    def _engine(self, found: Manifest | None) -> str:
        chosen = self._options.engine
        if found is None or (self._full and chosen != AUTO):
            return chosen
        if self._full:
            return AUTO
        if chosen not in (AUTO, found.engine):
            self._notices.append(f"the index stays on {found.engine}; --full would change it to {chosen}")
        return found.engine

    def _say_engine(self, name: str, found: Manifest | None, items: int) -> None:
        fresh = found is None or self._full
        before = found or self._damaged
        if before is not None and name != before.engine and name != self._options.engine:
            self._notices.append(
                f"the engine changes from {before.engine} to {name}; --engine {before.engine} keeps it"
            )
        if fresh and self._options.engine == AUTO and name == LARGE:
            self._notices.append(f"more than {self._options.limit:,} items: the index is made with {LARGE}")
        elif not fresh and self._options.engine == AUTO and name == SMALL and items > self._options.limit:
            self._notices.append(
                f"more than {self._options.limit:,} items: --full would change the engine from {SMALL} to {LARGE}"
            )

    def _say_kept(self, kept: list[tuple[str, str]]) -> None:
        if kept:
            name, reason = kept[0]
            count = "1 file" if len(kept) == 1 else f"{len(kept):,} files"
            self._notices.append(
                f"{count} could not be read this time ({'' if len(kept) == 1 else 'the first: '}{name}: {reason});"
                " the index keeps what it had, and the next build tries again"
            )

    # the end

    def _refuse(self, ledger: Ledger, found: Manifest | None) -> None:
        files = ledger.number("SELECT count(*) FROM files")
        self._notices += told_of(ledger)
        failed = ledger.number("SELECT count(*) FROM files WHERE failure IS NOT NULL")
        if files == 0 and found is None and not self._options.force:
            raise UsageError(
                f"there are no letters ({', '.join((*SUFFIXES, ARCHIVE))}) below " + ", ".join(map(str, self._wanted))
            )
        if not self._options.allow_shrink:
            told = found or self._damaged
            before = max(self._options.expected, told.letters if told is not None else 0)
            lost = scan.lost(ledger) if found is not None else max(0, before - ledger.facts()[1])
            if lost * 10 > before:
                raise RefusedError(
                    f"{lost:,} of {before:,} letters are gone; the index is unchanged",
                    "is a disk missing? to remove these letters from the index: --allow-shrink",
                )
        if failed * 2 > files and not self._options.force:
            named = ", ".join(f"{name!r} ({reason})" for _, name, reason, _ in ledger.failures(_LISTED))
            more = f" and {failed - _LISTED:,} more" if failed > _LISTED else ""
            raise RefusedError(
                f"{failed:,} of {files:,} letters cannot be read; no index was built from the rest: {named}{more}",
                "to build it anyway: --force; imr-index failed then lists them all",
            )

    def _try(self, built: Path, writer: IndexWriter, ledger: Ledger) -> GroupCounts:
        """Nothing is swapped in that does not open and hold what it should. All its items as one row."""
        _, letters, items = ledger.facts()
        with closing(writer.engine.open(built / manifest.ENGINE)) as searcher:
            (whole,) = searcher.table(All(), ())
        if (whole.items, whole.letters) != (items, letters):
            raise StorageError(
                f"{writer.engine.name} holds {whole.items:,} of {items:,} items after writing them",
                "the index is as it was before",
            )
        return whole

    def _worth_publishing(self, found: Manifest, roots: list[str]) -> bool:
        """Is there something to say in a manifest, although no letter changed?"""
        wanted = self._options.shared
        return list(found.roots) != roots or bool(opening.outdated(found)) or wanted not in (None, found.shared)

    def _publish(
        self, built: Path, ledger: Ledger, writer: IndexWriter, old: Pinned | None, roots: list[str], whole: GroupCounts
    ) -> Built:
        found = old.manifest if old is not None else None
        told = found or self._damaged
        report = self._report(ledger, None, published=True)
        digest, count, items = ledger.facts()
        files = ledger.number("SELECT count(*) FROM files")
        apart = differing(ledger)
        ledger.finish()
        (built / "scratch.sqlite").unlink()
        linked = old is not None and not self._full
        contents, known = manifest.describe(
            built,
            old.path if linked and old is not None else None,
            found.contents if linked and found is not None else {},
        )
        new = Manifest(
            generation=1
            + max([0, *generations.generations(self._folder), found.generation if found is not None else 0]),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            engine=writer.engine.name,
            format=writer.engine.format,
            fingerprint=fields.fingerprint(),
            parser=letters.PARSER_VERSION if found is None or self._all_looked_at else found.parser,
            vocabulary=vocabulary.digest() if found is None or self._all_looked_at else found.vocabulary,
            letters=count,
            items=items,
            overturned=whole.overturned,
            modified=whole.modified,
            upheld=whole.upheld,
            files=files,
            failures=report.failed,
            digest=digest,
            roots=tuple(roots),
            shared=told.shared if self._options.shared is None and told is not None else bool(self._options.shared),
            version=imr_search.__version__,
            contents=contents,
            differing=apart,
        )
        generations.publish(self._folder, built, new, known)
        return self._finished(report, new)

    def _report(self, ledger: Ledger, found: Manifest | None, *, published: bool) -> Built:
        failed = ledger.number("SELECT count(*) FROM files WHERE failure IS NOT NULL")
        files = ledger.number("SELECT count(*) FROM files")
        _, count, items = ledger.facts()
        report = Built(
            read=self._read,
            unchanged=files - failed - self._read - self._kept,
            kept=self._kept,
            failed=failed,
            letters=count,
            items=items,
            seconds=0.0,
            generation=0,
            engine="",
            published=published,
            failures=tuple(Failure(*row) for row in ledger.failures(_LISTED)),
            notices=tuple(self._notices),
        )
        return report if found is None else self._finished(report, found)

    def _finished(self, report: Built, new: Manifest) -> Built:
        seconds = time.monotonic() - self._started
        return msgspec.structs.replace(report, seconds=seconds, generation=new.generation, engine=new.engine)
