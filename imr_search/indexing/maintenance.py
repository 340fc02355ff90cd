"""Looking after an index: what it is, what it could not read, whether it is whole, and making it whole again."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from imr_search import files
from imr_search.errors import ImrError, IndexError_, UsageError
from imr_search.indexing import mirror
from imr_search.indexing.build import run
from imr_search.indexing.build_options import BuildOptions, Built, Failure, Watch
from imr_search.indexing.dedupe import items_of, stem_of, told_of
from imr_search.indexing.spool import restored
from imr_search.indexing.workers import Outcome, Task, read_one
from imr_search.letters.warnings import DIFFERS
from imr_search.model import Item
from imr_search.plan import All, SortKey
from imr_search.settings import is_address
from imr_search.store import generations, manifest, opening
from imr_search.store.ledger import Ledger, Row
from imr_search.store.manifest import Manifest

SAMPLE = 100  # letters that `check` reads again


class Status(msgspec.Struct, frozen=True):
    """`first` and `last`: when the earliest and the latest letter was decided. `size` in bytes. `problem`: why it cannot be searched, or ""."""

    folder: Path | str
    manifest: Manifest
    first: str | None
    last: str | None
    size: int
    missing: tuple[str, ...]
    outdated: str
    problem: str
    hint: str
    notes: tuple[str, ...] = ()


def status(folder: Path) -> Status:
    """Raises IndexError_ when there is no telling even what it is."""
    if is_address(folder):
        with mirror.looked_at(folder) as local:
            return msgspec.structs.replace(status(local), folder=mirror.shown(folder), size=mirror.size(folder))
    with closing(opening.pinned(folder)) as pin:
        found = pin.manifest
        notes: tuple[str, ...] = ()
        # a ledger that is not ours may hold ranks of any shape
        with suppress(ImrError, TypeError, ValueError, LookupError):
            opening.require_trust(pin)
            _require_ledger(pin.path, found)
            with Ledger.read(pin.path / manifest.LEDGER) as ledger:
                notes = tuple(told_of(ledger))
    first = last = None
    problem = hint = ""
    try:
        with opening.open_index(folder) as opened:
            first = _decided(opened, SortKey("decided"))
            last = _decided(opened, SortKey("decided", descending=True))
    except IndexError_ as error:
        problem, hint = error.message, error.hint
    missing = tuple(root for root in found.roots if not Path(root).exists())
    return Status(folder, found, first, last, found.size, missing, opening.outdated(found), problem, hint, notes)


def _decided(opened: opening.Opened, first: SortKey) -> str | None:
    items = opened.searcher.items(opened.searcher.search(All(), (first,), 1).ids)
    return items[0].decided if items else None


def failures(folder: Path) -> list[Failure]:
    """Every file that gave no letter, with the reason, in the order of paths."""
    with mirror.looked_at(folder) as local, closing(opening.pinned(local)) as pin:
        if not is_address(folder):
            opening.require_trust(pin)
        _require_ledger(pin.path, pin.manifest)
        with Ledger.read(pin.path / manifest.LEDGER) as ledger:
            return [Failure(*row) for row in ledger.failures()]


def _require_ledger(path: Path, found: Manifest) -> None:
    entry = found.contents.get(manifest.LEDGER)
    if entry is None or not (path / manifest.LEDGER).is_file() or files.digest(path / manifest.LEDGER) != entry.sha256:
        raise manifest.damaged(f"{path.name}/{manifest.LEDGER}", "has changed since the index was built")


class Checked(msgspec.Struct, frozen=True):
    """`files` were hashed. Of the letters, `read` were read again and compared; `changed` could not be, because their files have changed since or are
    not there. `faults` are what is wrong: nothing if the index is whole."""

    files: int
    read: int
    changed: int
    faults: tuple[str, ...]


def check(folder: Path, sample: int | None = SAMPLE, seed: int = 0) -> Checked:
    """Hash every file, and compare what is stored of some letters (`sample`; None: of all) with what their files give now."""
    if is_address(folder):
        with mirror.looked_at(folder) as local:
            found = check(local, sample, seed)
            return msgspec.structs.replace(found, faults=(*found.faults, *mirror.faults(folder)))
    with closing(opening.pinned(folder)) as pin:
        faults = manifest.verify(pin.path, pin.manifest, thorough=True)
        if faults:
            faults = [f"{pin.current.name}/{fault}" for fault in faults]
            return Checked(len(pin.manifest.contents), 0, 0, tuple(faults))
        if opening.outdated(pin.manifest):
            sample = 0
    with opening.open_index(folder) as opened, Ledger.read(opened.path / manifest.LEDGER) as ledger:
        faults = list(_counted(opened, ledger))
        read = changed = 0
        for name, items in _again(ledger, sample, seed):
            if items is None:
                changed += 1
                continue
            read += 1
            if [_by_itself(item) for item in opened.searcher.items([item.id for item in items])] != items:
                faults.append(f"letter {name}: its items differ from those in its file")
        return Checked(len(opened.manifest.contents), read, changed, tuple(faults))


def _counted(opened: opening.Opened, ledger: Ledger) -> Iterator[str]:
    _, letters, items = ledger.facts()
    (found,) = opened.searcher.table(All(), ())
    if (letters, items) != (opened.manifest.letters, opened.manifest.items):
        about = opened.manifest
        yield f"{manifest.LEDGER} lists {letters:,} letters and {items:,} items, the manifest {about.letters:,} and {about.items:,}"
    if (found.letters, found.items) != (letters, items):
        yield f"the engine holds {found.letters:,} letters and {found.items:,} items, and should hold {letters:,} and {items:,}"


def _again(ledger: Ledger, sample: int | None, seed: int) -> Iterator[tuple[str, list[Item] | None]]:
    """(id, items as read now) of a sample of the letters; None for a file that is not as it was."""
    files = [
        file for (file,) in ledger.sql.execute("SELECT DISTINCT file FROM letters WHERE id IS NOT NULL ORDER BY file")
    ]
    if sample is not None and sample < len(files):
        files = random.Random(seed).sample(files, sample)
    for file in files:
        rows = ledger.rows("l.file = ? AND l.id IS NOT NULL", file)
        outcome = _outcome(rows[0])
        for row in rows:
            assert row.id is not None
            yield row.id, None if outcome is None else _items(outcome, row.k, row.id, items_of(ledger, row))


def _by_itself(item: Item) -> Item:
    """The item without what is known of other letters of its case."""
    own = tuple(warning for warning in item.warnings if warning.code != DIFFERS)
    return msgspec.structs.replace(item, warnings=own)


def _outcome(row: Row) -> Outcome | None:
    outcome = read_one(Task(0, os.fsencode(row.path), row.name, stem_of(row.name), None))
    return outcome if outcome.sha256 == row.sha256 and outcome.failure is None else None


def _items(outcome: Outcome, k: int, name: str, items: frozenset[int]) -> list[Item]:
    return restored(outcome.documents[k], name, items) if k < len(outcome.documents) else []


def forget(paths: Iterable[Path], folder: Path, progress: Watch | None = None) -> Built:
    """Take these roots, and the letters below them, out of the index. Raises UsageError for what is no root."""
    with mirror.looked_at(folder) as local, closing(opening.pinned(local)) as pin:
        roots = pin.manifest.roots
    chosen = []
    for path in paths:
        names = {str(path), str(path.absolute())}
        with suppress(OSError, RuntimeError):
            names.add(str(path.resolve()))
        found = [root for root in roots if root in names]
        if not found:
            raise UsageError(f"{path} is not one of the index's roots", "its roots: " + (", ".join(roots) or "none"))
        chosen += found
    return run([], folder, BuildOptions(forget=tuple(chosen)), progress)


class Repair(msgspec.Struct, frozen=True):
    """What mending an index comes to: `faults` as found; it is built from nothing from `roots`; `missing` are not there now; `letters` it had."""

    faults: tuple[str, ...]
    roots: tuple[str, ...]
    missing: tuple[str, ...]
    letters: int
    engine: str


def plan_repair(folder: Path, letters: Sequence[Path] = ()) -> Repair:
    """Terminal what is wrong, and at what can still be read of it: the roots, from the newest manifest that can be understood."""
    faults: tuple[str, ...]
    try:
        with opening.open_index(folder):
            pass
        faults = check(folder).faults
    except ImrError as error:
        faults = (error.message,)
    found = _readable_of(folder)
    roots = tuple(str(path) for path in letters) or (found.roots if found is not None else ())
    return Repair(
        faults=faults,
        roots=roots,
        missing=tuple(root for root in roots if not Path(root).exists()),
        letters=found.letters if found is not None else 0,
        engine=found.engine if found is not None else "auto",
    )


def repair(
    folder: Path, plan: Repair, *, allow_shrink: bool = False, force: bool = False, progress: Watch | None = None
) -> Built:
    """Carry out a plan: build from nothing beside what is there. The damaged index stays until the new one is whole."""
    if not plan.roots:
        raise UsageError(
            f"the index in {folder} cannot be read at all, not even to find out where its letters are",
            "name their folder:  imr-index repair LETTERS",
        )
    if plan.missing and not allow_shrink:
        raise UsageError(
            f"{plan.missing[0]} is missing, and its letters would be removed from the index",
            "restore it, or name the letters' folder:  imr-index repair LETTERS, or: --allow-shrink",
        )
    roots = [Path(root) for root in plan.roots if root not in plan.missing]
    engine = plan.engine if plan.engine in ("whoosh", "tantivy", "memory") else "auto"
    if is_address(folder):
        engine = "opensearch"
    options = BuildOptions(full=True, engine=engine, allow_shrink=allow_shrink, force=force, expected=plan.letters)
    return run(roots, folder, options, progress)


def _readable_of(index: Path) -> Manifest | None:
    try:
        with mirror.looked_at(index) as folder:
            return generations.readable(folder)
    except ImrError:
        return None
