"""Which letters stand in the index, and under which id: a function of all letters that are known, and of nothing else.

Letters with one case number are versions of one letter, and the best stands. A letter without a number is known by its file's stem; its copies
(the same bytes elsewhere) are one letter. Where two stems are alike, or a stem is another letter's number, the shortest path that
tells the files apart takes the stem's place.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

import msgspec

from imr_search.files import printable
from imr_search.letters import versions
from imr_search.store.ledger import Ledger, Row

_TAIL = re.compile(r"(?:\.(?:txt|pdf|docx|html?)|~\d+)+$")


def stem_key(stem: str) -> str:
    """Stems with one key can be mistaken for each other ("a", "A", "a~2", "a.txt")."""
    folded = stem.casefold()
    return _TAIL.sub("", folded) or folded


def stem_of(name: str) -> str:
    """A file's name without folders and ending: "a/b.pdf" is "b"."""
    last = name.rpartition("/")[2]
    if last in ("", "."):
        return PurePosixPath(name).stem
    stem, _, ending = last.rpartition(".")
    return stem if stem and ending else last


class Touched:
    """The cases and stems whose letters have changed, so that who stands has to be asked again."""

    def __init__(self) -> None:
        self.cases: set[str] = set()
        self.stems: set[str] = set()
        self.hashes: set[str] = set()

    def add(self, case: str | None, stem: str, sha256: str) -> None:
        if case is not None:
            self.cases.add(case)
        else:
            self.stems.add(stem)
            self.hashes.add(sha256)

    def add_rows(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.add(row.case, row.stem, row.sha256)


# A letter, the id under which it stands, and the numbers of its items that do.
Place = tuple[Row, str | None, frozenset[int]]


def settle(ledger: Ledger, touched: Touched) -> Iterator[Place]:
    """Every touched letter with the id under which it has to stand (None: not at all), those that stay as they are included. One that keeps its id,
    and may stand with other items than before, comes twice: to be taken out, and to be put back."""
    stems = set(touched.stems)
    for case in sorted(touched.cases):
        yield from _settle_case(case, ledger.rows('l."case" = ?', case))
    if ledger.number('SELECT EXISTS (SELECT 1 FROM letters WHERE "case" IS NULL)'):
        stems.update(map(stem_key, touched.cases))
    for sha256 in touched.hashes:
        stems.update(row.stem for row in ledger.rows('f.sha256 = ? AND l."case" IS NULL', sha256))
    for stem in sorted(stems):
        yield from _settle_stem(ledger, stem)


def _settle_case(case: str, rows: Iterable[Row]) -> Iterator[Place]:
    changed = False
    for row, name, items in places(case, rows):
        if name is not None:
            if changed and row.id == name:
                yield row, None, frozenset()
                row = msgspec.structs.replace(row, id=None)
            changed = changed or row.id != name
        yield row, name, items


def places(case: str, rows: Iterable[Row]) -> Iterator[Place]:
    """The best version stands under the case's number. A letter of another day about others adds to it, and of one that is about more, those items
    stay: it stands as "CASE~2"."""
    standing: list[list[Any]] = []
    for ranked, row in _ranked(rows):
        items = versions.left(ranked, standing)
        if not standing or (items and all(versions.adds(ranked, better) for better in standing)):
            standing.append(ranked)
            yield row, case if len(standing) == 1 else f"{case}~{len(standing)}", items
        else:
            yield row, None, frozenset()


def items_of(ledger: Ledger, row: Row) -> frozenset[int]:
    """The numbers of the items with which a letter stands."""
    if row.case is None or row.whole:
        return frozenset(range(1, row.items + 1))
    of_case = places(row.case, ledger.rows('l."case" = ?', row.case))
    return next(items for other, _, items in of_case if (other.file, other.k) == (row.file, row.k))


def _ranked(rows: Iterable[Row]) -> list[tuple[list[Any], Row]]:
    return sorted(
        ((msgspec.json.decode(row.rank), row) for row in rows),
        key=lambda found: (found[0], found[1].root, found[1].key),
    )


def _differing(ledger: Ledger) -> Iterator[tuple[str, Row, Row]]:
    """Each case whose letters decide differently or hold different items: the case, the letter that stands, one that differs from it."""
    several = 'SELECT "case" FROM letters WHERE "case" IS NOT NULL GROUP BY "case" HAVING count(*) > 1 ORDER BY "case"'
    for (case,) in list(ledger.sql.execute(several)):
        ranked = _ranked(ledger.rows('l."case" = ?', case))
        best, first = ranked[0]
        for other, row in ranked[1:]:
            if row.id is not None or (row.sha256 != first.sha256 and versions.disagree(other, best)):
                yield case, first, row


def differing(ledger: Ledger) -> tuple[str, ...]:
    """The ids of the letters that stand although another of their case differs from them, and of those that add to them."""
    names = {row.id for _, first, other in _differing(ledger) for row in (first, other)}
    return tuple(sorted(name for name in names if name is not None))


def disagreements(ledger: Ledger) -> list[str]:
    """A sentence on each letter that differs from the one of its case that stands."""
    return [_told(*found) for found in _differing(ledger)]


def _told(case: str, first: Row, row: Row) -> str:
    if row.id is None:
        return f"{case}: {first.name} is used; {row.name} has a different outcome or different items"
    if row.whole:
        return f"{case}: {row.name} adds to {first.name} and is indexed as {row.id}"
    return f"{case}: {first.name} is used; items of {row.name} that it does not have are indexed as {row.id}"


def _settle_stem(ledger: Ledger, stem: str) -> Iterator[Place]:
    rows = ledger.rows('l.stem = ? AND l."case" IS NULL', stem)
    kept = []
    for row in sorted(rows, key=lambda row: (row.key, row.root, row.k)):
        if _is_first_copy(ledger, row):
            kept.append(row)
        else:
            yield row, None, frozenset()
    files = {row.file: row for row in kept}
    names = {file: list(_names(row)) for file, row in files.items()}
    shared = Counter(name.casefold() for several in names.values() for name in several)
    taken: set[str] = set()
    for file in sorted(files, key=lambda file: (files[file].key, files[file].root)):
        letters = [row for row in kept if row.file == file]
        for name in names[file]:
            ids = {(name + row.suffix).casefold() for row in letters}
            if shared[name.casefold()] == 1 and not ids & taken and not any(_is_a_case(ledger, one) for one in ids):
                break
        taken |= ids
        for row in letters:
            yield row, name + row.suffix, items_of(ledger, row)


def _is_first_copy(ledger: Ledger, row: Row) -> bool:
    """Of the files with the same bytes, the one whose path sorts first stands."""
    (first,) = ledger.sql.execute(
        "SELECT f.id FROM files f JOIN roots r ON r.id = f.root WHERE f.sha256 = ? AND f.failure IS NULL ORDER BY f.key, r.path LIMIT 1",
        (row.sha256,),
    ).fetchone()
    return bool(first == row.file)


def _is_a_case(ledger: Ledger, name: str) -> bool:
    return bool(ledger.number('SELECT EXISTS (SELECT 1 FROM letters WHERE "case" IN (?, ?))', name, name.upper()))


def _names(row: Row) -> Iterator[str]:
    """What a file may be called: its stem, then longer and longer ends of its path, then the same with its ending. The last is always unique."""
    root = printable(os.fsdecode(row.root))
    name = PurePosixPath(root.replace("\\", "/"), row.name)
    parts = [part for part in name.parts if part != "/"]
    for last in (name.stem, name.name):
        path = [*parts[:-1], last]
        for depth in range(1, len(path) + 1):
            yield "/".join(path[-depth:])
    yield f"{name.stem}~{hashlib.sha256(row.root + b'/' + row.key).hexdigest()[:16]}"


def lost_pages(ledger: Ledger) -> list[str]:
    """A sentence on each file of which pages could not be read."""
    found = ledger.sql.execute(
        "SELECT name, detail FROM files WHERE failure IS NULL AND coalesce(detail, '') <> '' ORDER BY name"
    )
    return [f"{name}: {detail}" for name, detail in found]


def told_of(ledger: Ledger, most: int = 10) -> list[str]:
    """What is to be told of the letters that were read: pages that were lost, letters of one case that differ. At most `most` of each."""
    told: list[str] = []
    for found in (lost_pages(ledger), disagreements(ledger)):
        told += found[:most]
        if len(found) > most:
            told.append(f"and {len(found) - most:,} more like these")
    return told
