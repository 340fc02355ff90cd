"""What the index knows of every file that it looked at: a SQLite file in each generation, copied for the next one.

roots     path                                   what `build` looks at again, in bytes
files     root, key, name, size, mtime_ns, sha256, stem, failure, detail
                                                 `key` is the name below the root in bytes, which tells files apart; `name` the same to be printed
letters   file, k, case, suffix, rank, items, id   the k-th letter of a file; `id` is the name under which it is in the index, NULL for
                                                 a letter that another version or copy of it keeps out; `items` is how many of its
                                                 items stand there, or could
facts     the sum that the manifest's digest is made of
"""

from __future__ import annotations

import functools
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from imr_search import files
from imr_search.store import manifest

_SCHEMA = """
CREATE TABLE roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, root INTEGER NOT NULL, key BLOB NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT, stem TEXT NOT NULL, failure TEXT, detail TEXT, UNIQUE (root, key));
CREATE INDEX files_sha256 ON files (sha256);
CREATE INDEX files_failure ON files (failure) WHERE failure IS NOT NULL;
CREATE TABLE letters (
    file INTEGER NOT NULL, k INTEGER NOT NULL, "case" TEXT, suffix TEXT NOT NULL, stem TEXT NOT NULL, rank TEXT NOT NULL,
    items INTEGER NOT NULL, id TEXT, PRIMARY KEY (file, k)) WITHOUT ROWID;
CREATE INDEX letters_case ON letters ("case") WHERE "case" IS NOT NULL;
CREATE INDEX letters_stem ON letters (stem) WHERE "case" IS NULL;
CREATE INDEX letters_id ON letters (id) WHERE id IS NOT NULL;
CREATE TABLE facts (digest TEXT NOT NULL, letters INTEGER NOT NULL, items INTEGER NOT NULL);
INSERT INTO facts VALUES ('0', 0, 0);
"""
_MODULUS = 1 << 256
# What is of another type than it should be: a ledger that somebody else made may hold anything under these names.
_ILL_TYPED = """
SELECT EXISTS (SELECT 1 FROM {0}.roots WHERE typeof(path) <> 'blob')
    OR EXISTS (SELECT 1 FROM {0}.files WHERE typeof(root) <> 'integer' OR typeof(key) <> 'blob' OR typeof(name) <> 'text'
        OR typeof(size) <> 'integer' OR typeof(mtime_ns) <> 'integer' OR typeof(stem) <> 'text'
        OR typeof(sha256) NOT IN ('text', 'null') OR typeof(failure) NOT IN ('text', 'null') OR typeof(detail) NOT IN ('text', 'null'))
    OR EXISTS (SELECT 1 FROM {0}.letters WHERE typeof(file) <> 'integer' OR typeof(k) <> 'integer' OR typeof(suffix) <> 'text'
        OR typeof(stem) <> 'text' OR typeof(items) <> 'integer' OR NOT json_valid(rank)
        OR json_array_length(rank) <> 7
        OR (SELECT group_concat(type) FROM json_each(rank)) NOT LIKE 'integer,integer,integer,%e,integer,text,array'
        OR EXISTS (SELECT 1 FROM json_each(rank, '$[6]') e WHERE e.type IS NOT 'array' OR json_array_length(e.value) <> 2
            OR json_type(e.value, '$[0]') IS NOT 'text' OR json_type(e.value, '$[1]') IS NOT 'text')
        OR typeof("case") NOT IN ('text', 'null') OR typeof(id) NOT IN ('text', 'null'))
    OR EXISTS (SELECT 1 FROM {0}.letters l LEFT JOIN {0}.files f ON f.id = l.file WHERE typeof(f.sha256) IS NOT 'text')
    OR (SELECT count(*) <> 1 FROM {0}.facts)
    OR EXISTS (SELECT 1 FROM {0}.facts WHERE typeof(digest) <> 'text' OR digest GLOB '*[^0-9a-f]*' OR length(digest) NOT BETWEEN 1 AND 64
        OR typeof(letters) <> 'integer' OR typeof(items) <> 'integer')
"""


class Read(msgspec.Struct, frozen=True):
    """One letter as it was read: what decides under which id it stands, and whether it stands at all. `rank` is letters.versions.rank."""

    case: str | None
    suffix: str
    rank: tuple[Any, ...]
    items: int


class Row(msgspec.Struct, frozen=True):
    """One letter in the ledger, with the file that holds it. `items`: how many of its items are in the index, or, while `id` is None, could be."""

    file: int
    k: int
    case: str | None
    suffix: str
    stem: str
    rank: str
    items: int
    id: str | None
    sha256: str
    root: bytes
    key: bytes
    name: str

    @property
    def printed(self) -> int:
        """How many items the letter has, wherever they stand."""
        return len(msgspec.json.decode(self.rank)[-1])

    @property
    def whole(self) -> bool:
        """Whether none of its items is kept out."""
        return self.items == self.printed

    @property
    def path(self) -> Path:
        """Where the file lay."""
        return path_of(os.fsdecode(self.root), self.key)


def path_of(root: str, key: bytes) -> Path:
    """Where a file lies that has the name `key` below `root`; a root may be the file itself."""
    folder = Path(root)
    return folder if folder.is_file() else folder / os.fsdecode(key)


class Ledger:
    """An open ledger. Errors are sqlite3.Error. Writing is not journaled: a ledger is built aside and thrown away when that fails."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection
        self._facts: tuple[int, int, int] | None = None

    @classmethod
    def create(cls, path: Path) -> Ledger:
        ledger = cls._unjournaled(path)
        for statement in _SCHEMA.split(";"):
            ledger.sql.execute(statement)
        return ledger

    @classmethod
    def write(cls, path: Path) -> Ledger:
        """A copy of a finished generation's ledger. Raises IndexError_ when it is none of ours."""
        with _told(path):
            ledger = cls._unjournaled(path)
            ledger._check("main")
            return ledger

    @classmethod
    def _unjournaled(cls, path: Path) -> Ledger:
        ledger = cls(_connect(path.absolute().as_uri()))
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            ledger.sql.execute(f"PRAGMA {pragma}")
        ledger.sql.execute("BEGIN")
        return ledger

    @classmethod
    @contextmanager
    def read(cls, path: Path) -> Iterator[Ledger]:
        """A finished generation's ledger: nothing is locked and no file appears beside it. Raises IndexError_ when it is none of ours, or when what
        is read of it is damaged."""
        with _told(path), closing(cls(_connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1"))) as ledger:
            ledger._check("main")
            yield ledger

    def _check(self, schema: str, *, older: bool = False) -> None:
        """Raise sqlite3.DatabaseError unless it holds our tables alone, and in them what belongs there. Of an `older` form, no more is asked than
        that nothing in it could run."""
        found = set(self.sql.execute(f"SELECT type, name, tbl_name, sql FROM {schema}.sqlite_schema"))
        if older and found != _schema():
            if all(kind in ("table", "index") and "VIRTUAL" not in str(sql).upper() for kind, _, _, sql in found):
                return
            raise sqlite3.DatabaseError("views or triggers")
        if found != _schema():
            raise sqlite3.DatabaseError("other tables")
        if self.number(_ILL_TYPED.format(schema)):
            raise sqlite3.DatabaseError("values of another type")

    def attach_old(self, path: Path, name: str) -> bool:
        """Bring in a finished generation's ledger, of this form or an older one, to read. Is it of this form? Raises IndexError_."""
        with _told(path):
            self.attach(path, name, finished=True)
            self._check(name, older=True)
            return bool(
                self.number(f"SELECT count(*) FROM {name}.sqlite_schema WHERE name = 'roots' AND sql LIKE '%BLOB%'")
            )

    def attach(self, path: Path, name: str, *, finished: bool) -> None:
        """Bring in another database under `name`: a finished generation's ledger to read, or a scratch file."""
        self.sql.execute("COMMIT")
        self.sql.execute(
            f"ATTACH ? AS {name}", (path.absolute().as_uri() + ("?mode=ro&immutable=1" if finished else ""),)
        )
        if not finished:
            self.sql.execute(f"PRAGMA {name}.journal_mode=OFF")
            self.sql.execute(f"PRAGMA {name}.synchronous=OFF")
        self.sql.execute("BEGIN")

    def finish(self) -> None:
        """Everything is in the file when this returns (and synced by the store)."""
        if self._facts is not None:
            digest, letters, items = self._facts
            self.sql.execute("UPDATE facts SET digest = ?, letters = ?, items = ?", (f"{digest:x}", letters, items))
        self.sql.execute("COMMIT")
        self.sql.close()

    def close(self) -> None:
        self.sql.close()

    # roots

    def root_id(self, path: str) -> int:
        key = os.fsencode(path)
        self.sql.execute("INSERT OR IGNORE INTO roots (path) VALUES (?)", (key,))
        (number,) = self.sql.execute("SELECT id FROM roots WHERE path = ?", (key,)).fetchone()
        return int(number)

    # files

    def set_file(
        self,
        root: int,
        key: bytes,
        name: str,
        size: int,
        mtime_ns: int,
        sha256: str | None,
        stem: str,
        failure: str | None,
        detail: str = "",
    ) -> int:
        (number,) = self.sql.execute(
            "INSERT INTO files (root, key, name, size, mtime_ns, sha256, stem, failure, detail) VALUES (?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT (root, key) DO UPDATE SET size=excluded.size, mtime_ns=excluded.mtime_ns, sha256=excluded.sha256,"
            " stem=excluded.stem, failure=excluded.failure, detail=excluded.detail RETURNING id",
            (root, key, name, size, mtime_ns, sha256, stem, failure, detail),
        ).fetchone()
        return int(number)

    def set_letters(self, file: int, stem: str, letters: Iterable[Read]) -> None:
        """The letters of a file whose earlier letters were taken out."""
        self.sql.executemany(
            'INSERT INTO letters (file, k, "case", suffix, stem, rank, items, id) VALUES (?,?,?,?,?,?,?,NULL)',
            (
                (file, k, one.case, one.suffix, stem, msgspec.json.encode(one.rank).decode(), one.items)
                for k, one in enumerate(letters)
            ),
        )

    def drop_letters(self, file: int) -> list[Row]:
        """Take out the letters of a file; what they were."""
        rows = self.rows("l.file = ?", file)
        self.sql.execute("DELETE FROM letters WHERE file = ?", (file,))
        return rows

    def rows(self, where: str, *values: object) -> list[Row]:
        """The letters for which `where` (over l, f, r: letters, files, roots) holds."""
        return [
            Row(*row)
            for row in self.sql.execute(
                'SELECT l.file, l.k, l."case", l.suffix, l.stem, l.rank, l.items, l.id, f.sha256, r.path, f.key, f.name'
                f" FROM letters l JOIN files f ON f.id = l.file JOIN roots r ON r.id = f.root WHERE {where}",
                values,
            )
        ]

    def place(self, row: Row, name: str, items: int) -> None:
        """From now on so many items of the letter stand in the index, under `name`."""
        self.count(name, row.sha256, 1, items)
        self.sql.execute(
            "UPDATE letters SET id = ?, items = ? WHERE file = ? AND k = ?", (name, items, row.file, row.k)
        )

    def unplace(self, row: Row) -> None:
        """From now on the letter, which stood, does not."""
        assert row.id is not None
        self.count(row.id, row.sha256, -1, row.items)
        self.sql.execute(
            "UPDATE letters SET id = NULL, items = ? WHERE file = ? AND k = ?", (row.printed, row.file, row.k)
        )

    def count(self, name: str, sha256: str, sign: int, items: int) -> None:
        """Keep the sums: a sum of hashes changes with what changed, and does not depend on the order in which letters came."""
        one = int.from_bytes(hashlib.sha256(f"{name}\0{sha256}".encode()).digest(), "big")
        digest, letters, all_items = self._summed()
        self._facts = ((digest + sign * one) % _MODULUS, letters + sign, all_items + sign * items)

    def _summed(self) -> tuple[int, int, int]:
        if self._facts is None:
            digest, letters, items = self.sql.execute("SELECT digest, letters, items FROM facts").fetchone()
            self._facts = (int(digest, 16), int(letters), int(items))
        return self._facts

    def facts(self) -> tuple[str, int, int]:
        """Digest of the letters that stand in the index, how many they are, and how many items they have."""
        digest, letters, items = self._summed()
        return f"{digest:x}", letters, items

    def number(self, sql: str, *values: object) -> int:
        return int(self.sql.execute(sql, values).fetchone()[0])

    def failures(self, limit: int = -1) -> Iterator[tuple[str, str, str, str]]:
        """(root, name, reason, detail) of every file that gave no letter, in order, as they can be printed."""
        rows = self.sql.execute(
            "SELECT r.path, f.name, f.failure, coalesce(f.detail, '') FROM files f JOIN roots r ON r.id = f.root"
            " WHERE f.failure IS NOT NULL ORDER BY r.path, f.key LIMIT ?",
            (limit,),
        )
        for root, name, failure, detail in rows:
            yield files.printable(os.fsdecode(root)), name, failure, detail


def _connect(uri: str) -> sqlite3.Connection:
    """Nothing that a file's own schema says is run with more rights than reading a table needs."""
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@functools.cache
def _schema() -> frozenset[tuple[str, str, str, str | None]]:
    """What the schema of a ledger says, word for word."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(_SCHEMA)
        return frozenset(made.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A ledger that cannot be read is a damaged index."""
    try:
        yield
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        raise manifest.damaged(f"{path.parent.name}/{path.name}", "was not written by imr-search") from error
