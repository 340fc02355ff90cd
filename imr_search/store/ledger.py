"""What the index knows of every file that it looked at: a SQLite file in each generation, copied for the next one.

roots     path                                   what `build` looks at again
files     root, name, size, mtime_ns, sha256, stem, failure, detail
letters   file, k, case, suffix, rank, items, id   the k-th letter of a file; `id` is the name under which it is in the index, NULL for
                                                 a letter that another version or copy of it keeps out
facts     the sum that the manifest's digest is made of
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

_SCHEMA = """
CREATE TABLE roots (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, root INTEGER NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT, stem TEXT NOT NULL, failure TEXT, detail TEXT, UNIQUE (root, name));
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


class Read(msgspec.Struct, frozen=True):
    """One letter as it was read: what decides under which id it stands, and whether it stands at all. `rank` is letters.versions.rank."""

    case: str | None
    suffix: str
    rank: tuple[Any, ...]
    items: int


class Row(msgspec.Struct, frozen=True):
    """One letter in the ledger, with the file that holds it."""

    file: int
    k: int
    case: str | None
    suffix: str
    stem: str
    rank: str
    items: int
    id: str | None
    sha256: str
    root: str
    name: str


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
        return cls._unjournaled(path)

    @classmethod
    def _unjournaled(cls, path: Path) -> Ledger:
        connection = sqlite3.connect(path.absolute().as_uri(), uri=True, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        return cls(connection)

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """A finished generation's ledger: nothing is locked and no file appears beside it."""
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        connection.execute("PRAGMA trusted_schema=OFF")
        return cls(connection)

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

    def roots(self) -> list[str]:
        return [path for (path,) in self.sql.execute("SELECT path FROM roots ORDER BY id")]

    def root_id(self, path: str) -> int:
        self.sql.execute("INSERT OR IGNORE INTO roots (path) VALUES (?)", (path,))
        (number,) = self.sql.execute("SELECT id FROM roots WHERE path = ?", (path,)).fetchone()
        return int(number)

    # files

    def set_file(
        self,
        root: int,
        name: str,
        size: int,
        mtime_ns: int,
        sha256: str | None,
        stem: str,
        failure: str | None,
        detail: str = "",
    ) -> int:
        (number,) = self.sql.execute(
            "INSERT INTO files (root, name, size, mtime_ns, sha256, stem, failure, detail) VALUES (?,?,?,?,?,?,?,?)"
            " ON CONFLICT (root, name) DO UPDATE SET size=excluded.size, mtime_ns=excluded.mtime_ns, sha256=excluded.sha256,"
            " stem=excluded.stem, failure=excluded.failure, detail=excluded.detail RETURNING id",
            (root, name, size, mtime_ns, sha256, stem, failure, detail),
        ).fetchone()
        return int(number)

    def set_letters(self, file: int, stem: str, letters: Iterable[Read]) -> None:
        """The letters of a file whose earlier letters were taken out."""
        self.sql.executemany(
            'INSERT INTO letters (file, k, "case", suffix, stem, rank, items, id) VALUES (?,?,?,?,?,?,?,NULL)',
            ((file, k, one.case, one.suffix, stem, json.dumps(one.rank), one.items) for k, one in enumerate(letters)),
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
                'SELECT l.file, l.k, l."case", l.suffix, l.stem, l.rank, l.items, l.id, f.sha256, r.path, f.name'
                f" FROM letters l JOIN files f ON f.id = l.file JOIN roots r ON r.id = f.root WHERE {where}",
                values,
            )
        ]

    def place(self, row: Row, name: str | None) -> None:
        """From now on the letter stands in the index under `name`, or not at all."""
        if row.id is not None:
            self.count(row.id, row.sha256, -1, row.items)
        if name is not None:
            self.count(name, row.sha256, 1, row.items)
        self.sql.execute("UPDATE letters SET id = ? WHERE file = ? AND k = ?", (name, row.file, row.k))

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
        """(root, name, reason, detail) of every file that gave no letter, in order."""
        yield from self.sql.execute(
            "SELECT r.path, f.name, f.failure, coalesce(f.detail, '') FROM files f JOIN roots r ON r.id = f.root"
            " WHERE f.failure IS NOT NULL ORDER BY r.path, f.name LIMIT ?",
            (limit,),
        )
