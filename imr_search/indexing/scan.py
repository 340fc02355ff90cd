"""Which files have to be read: the roots as they are now, compared with the ledger. The lists lie in SQLite, so that memory stays bounded."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from imr_search.errors import UsageError
from imr_search.indexing.dedupe import stem_of
from imr_search.indexing.workers import Task
from imr_search.letters.discovery import OTHER_KIND, LetterFile, find_letters
from imr_search.store.ledger import Ledger

_RACY_NS = 2_000_000_000  # a file written as lately as this may change again without another time
# Times that no file has.
UNSETTLED = -1  # look at its bytes again the next time
UNREAD = -2  # read it again the next time, whatever its bytes are

_TABLES = """
CREATE TABLE scratch.seen (
    number INTEGER PRIMARY KEY, root INTEGER NOT NULL, key BLOB NOT NULL, name TEXT NOT NULL, path BLOB,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, reason TEXT, racy INTEGER NOT NULL, file INTEGER,
    task INTEGER NOT NULL DEFAULT 0, UNIQUE (root, key));
CREATE TABLE scratch.others (name TEXT NOT NULL);
CREATE TABLE scratch.vanished (root BLOB NOT NULL, key BLOB NOT NULL, sha256 TEXT, "case" TEXT);
"""


class Seen(msgspec.Struct, frozen=True):
    """One file that was found, by its number."""

    root: int
    key: bytes
    name: str
    size: int
    mtime_ns: int
    file: int | None


def arrange(roots: Iterable[str], wanted: Iterable[Path]) -> tuple[list[str], list[str], list[str]]:
    """The roots from now on, those to look at, and those that go because another one holds them. Raises UsageError for a path that is not there."""
    known = list(roots)
    look: list[str] = []
    replaced: list[str] = []
    for path in wanted:
        try:
            root = os.fspath(path.resolve(strict=True))
        except (OSError, RuntimeError):
            raise UsageError(f"{path}: no such file or folder") from None
        above = next((one for one in known if Path(root).is_relative_to(one)), None)
        if above is None:
            below = [one for one in known if Path(one).is_relative_to(root)]
            replaced += below
            known = [one for one in known if one not in below] + [root]
            look = [one for one in look if one not in below] + [root]
        elif above not in look:
            look.append(above)
    return known, look, replaced


def scan(ledger: Ledger, roots: Iterable[str], *, again: bool) -> int:
    """Fill `seen` from the roots, and mark what has to be read (all of it if `again`). How many files have to be read."""
    sql = ledger.sql
    now = time.time_ns()
    looked = []
    for root in roots:
        number = ledger.root_id(root)
        looked.append(number)
        for found in find_letters(Path(root)):
            if isinstance(found, LetterFile):
                racy = found.mtime_ns > now - _RACY_NS
                row: tuple[object, ...] = (
                    number,
                    found.key,
                    found.name,
                    os.fsencode(found.path),
                    found.size,
                    found.mtime_ns,
                    None,
                    racy,
                )
            elif found.reason == OTHER_KIND:
                sql.execute("INSERT INTO scratch.others VALUES (?)", (found.name,))
                continue
            else:
                row = (number, found.key, found.name, None, 0, 0, found.reason, False)
                if found.reason == "unreadable":
                    _keep(ledger, number, found.key)
            sql.execute(
                "INSERT OR REPLACE INTO seen (root, key, name, path, size, mtime_ns, reason, racy) VALUES (?,?,?,?,?,?,?,?)",
                row,
            )
    sql.execute("UPDATE seen SET file = (SELECT id FROM files f WHERE f.root = seen.root AND f.key = seen.key)")
    sql.execute(
        "UPDATE seen SET task = 1 WHERE path IS NOT NULL AND (? OR file IS NULL OR NOT EXISTS (SELECT 1 FROM files f WHERE f.id = seen.file"
        " AND f.size = seen.size AND f.mtime_ns = seen.mtime_ns))",
        (again,),
    )
    sql.execute(
        f"CREATE TABLE scratch.looked AS SELECT id FROM roots WHERE id IN ({','.join(map(str, looked)) or '-1'})"
    )
    return ledger.number("SELECT count(*) FROM seen WHERE task")


def prepare(ledger: Ledger, scratch: Path) -> None:
    """Lay the tables of one build into the file `scratch`."""
    ledger.attach(scratch, "scratch", finished=False)
    for statement in _TABLES.split(";"):
        ledger.sql.execute(statement)


def _keep(ledger: Ledger, root: int, folder: bytes) -> None:
    """What lies below a folder that cannot be listed has not vanished."""
    prefix = b"" if folder == b"." else folder + b"/"
    ledger.sql.execute(
        "INSERT OR IGNORE INTO seen (root, key, name, path, size, mtime_ns, racy) SELECT root, key, name, NULL, size, mtime_ns, 0 FROM files"
        " WHERE root = ? AND substr(key, 1, ?) = ?",
        (root, len(prefix), prefix),
    )


def vanished(ledger: Ledger) -> list[int]:
    """The files that were there and are not, under the roots that were looked at; they are noted in `vanished`."""
    where = "f.root IN (SELECT id FROM looked) AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.root = f.root AND seen.key = f.key)"
    note_vanished(ledger, where)
    return [file for (file,) in ledger.sql.execute(f"SELECT f.id FROM files f WHERE {where}")]


def note_vanished(
    ledger: Ledger, where: str, schema: str = "main", values: Sequence[bytes] = (), key: str = "key"
) -> None:
    """Remember the letters that stood in the index, of the files for which `where` holds (over f, r: files, roots), in `vanished`. `key`: the column
    that tells files apart, which older forms called `name`."""
    ledger.sql.execute(
        f'INSERT INTO vanished SELECT CAST(r.path AS BLOB), CAST(f.{key} AS BLOB), f.sha256, l."case"'
        f" FROM {schema}.letters l JOIN {schema}.files f ON f.id = l.file"
        f" JOIN {schema}.roots r ON r.id = f.root WHERE l.id IS NOT NULL AND ({where})",
        tuple(values),
    )


def others(ledger: Ledger) -> str:
    """A sentence on the files of kinds that are not read; "" if there are none."""
    count = ledger.number("SELECT count(*) FROM scratch.others")
    if not count:
        return ""
    names = [name for (name,) in ledger.sql.execute("SELECT name FROM scratch.others ORDER BY name LIMIT 10")]
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    files = "1 file" if count == 1 else f"{count:,} files"
    return f"{files} of a kind that is not read: {', '.join(names)}{more}"


def lost(ledger: Ledger) -> int:
    """How many letters that stood in the index are under no name any more: neither their file nor its bytes nor another version."""
    return ledger.number(
        "SELECT count(*) FROM vanished v WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.sha256 = v.sha256)"
        " AND NOT EXISTS (SELECT 1 FROM files f JOIN roots r ON r.id = f.root WHERE r.path = v.root AND f.key = v.key)"
        ' AND NOT EXISTS (SELECT 1 FROM letters l WHERE l."case" = v."case")'
    )


def tasks(ledger: Ledger, engine: Callable[[], str], *, again: bool) -> Iterator[tuple[Task, Seen]]:
    """What has to be read, in the order of names, with the time to remember it by. Unless `again`, bytes that are known are not parsed anew. `engine`
    says for which engine documents are prepared; it is asked for each, because it may be settled on the way."""
    rows = ledger.sql.execute(
        f"SELECT s.number, s.path, iif(f.mtime_ns = {UNREAD}, NULL, f.sha256),"
        f" s.root, s.key, s.name, s.size, iif(s.racy, {UNSETTLED}, s.mtime_ns), s.file"
        " FROM seen s LEFT JOIN files f ON f.id = s.file AND f.failure IS NULL"
        " WHERE s.task ORDER BY s.number"
    )
    for number, path, sha256, *row in rows:
        found = Seen(*row)
        yield Task(number, path, found.name, stem_of(found.name), None if again else sha256, engine()), found


def skipped(ledger: Ledger) -> list[tuple[int, bytes, str, str, int | None]]:
    """(root, key, name, reason, file) of what was found under a letter's name and is not read."""
    return list(ledger.sql.execute("SELECT root, key, name, reason, file FROM seen WHERE reason IS NOT NULL"))
