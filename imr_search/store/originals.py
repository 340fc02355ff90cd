"""The file that a letter was read from: as it lies there now, or by the letter's id from the ledger, given out only while it is the one indexed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from imr_search.errors import LetterError, UsageError
from imr_search.letters.decoding import read_file
from imr_search.letters.discovery import SUFFIXES
from imr_search.model import Item
from imr_search.store import manifest
from imr_search.store.ledger import Ledger
from imr_search.store.opening import Opened


@dataclass(frozen=True)
class Original:
    """`path` is where the file lay when it was indexed; `sha256` is of its bytes."""

    path: Path
    sha256: str

    @property
    def is_pdf(self) -> bool:
        return self.path.suffix.lower() == ".pdf"

    def read(self) -> bytes:
        """The bytes that were indexed. Raises UsageError: the file is gone, cannot be read, or is another one now.

        The hash is compared on the bytes that are given out, so that it does not matter what stands at the path, or by which link.
        """
        try:
            data = read_file(self.path)
        except LetterError as error:
            raise UsageError(f"the letter's file can no longer be read: {error.reason}", str(self.path)) from None
        if sha256(data).hexdigest() != self.sha256:
            raise UsageError("the letter's file has changed since it was indexed", "imr-index build updates the index")
        return data


def original(opened: Opened, letter: str) -> Original | None:
    """The file of a letter of this index, None for a letter that it does not hold. Raises IndexError_ where the ledger cannot be read."""
    with Ledger.read(opened.path / manifest.LEDGER) as ledger:
        rows = ledger.rows("l.id = ?", letter)
    return Original(rows[0].path, rows[0].sha256) if rows else None


def source_file(roots: Iterable[str], item: Item) -> Path | None:
    """Where the letter of `item` lies below one of the index's `roots`, or the .zip that holds it; None if it is not there (any more).

    Nothing but a kind of file that letters are read from is given out, whatever an index that came from somebody else may say.
    """
    archive, zipped, _ = item.file.partition(".zip/")
    name, kinds = (f"{archive}.zip", (".zip",)) if zipped else (item.file, SUFFIXES)
    for root in map(Path, roots):
        try:
            if root.is_file():
                found, inside = root.resolve(), root.name == name
            else:
                found = (root / name).resolve()
                inside = found.is_relative_to(root.resolve())
            if inside and found.suffix.lower() in kinds and found.is_file():
                return found
        except (OSError, ValueError):
            continue
    return None
