"""Documents set aside until it is known whether they stand, under which id, and in which engine. On disk: memory stays bounded."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import msgspec

from imr_search.documents import Document, from_record, to_record
from imr_search.model import Item

Key = tuple[int, int]  # a letter in the ledger: file, k


class Spool:
    """A file of pickled documents that this process wrote into the private folder of its build, and takes away again."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._path = path
        self._places: dict[Key, tuple[int, int]] = {}
        self._end = 0
        self.items = 0

    def put(self, key: Key, blob: bytes, items: int) -> None:
        self._file.seek(self._end)
        self._file.write(blob)
        self._places[key] = (self._end, len(blob))
        self._end += len(blob)
        self.items += items

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def blob(self, key: Key) -> bytes:
        start, length = self._places[key]
        self._file.seek(start)
        return self._file.read(length)

    def documents(self, key: Key, letter: str) -> list[Any]:
        """The letter's documents (or what was prepared of them for an engine), under the id `letter`."""
        found: list[Any] = pickle.loads(self.blob(key))
        return [document if document.letter == letter else _renamed(document, letter) for document in found]

    def clear(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._places.clear()
        self._end = self.items = 0

    def close(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def restored(blob: bytes, letter: str) -> list[Item]:
    """The items in documents that `reading` pickled just now, under the id `letter`."""
    found: list[Document] = pickle.loads(blob)
    return [from_record((one if one.letter == letter else _renamed(one, letter)).record) for one in found]


def _renamed(document: Any, letter: str) -> Any:
    """The document under another letter's name, also in its record, if it bears one of its own."""
    name = f"{letter}#{document.n}"
    changed: dict[str, Any] = {
        "id": name,
        "letter": letter,
        "keywords": {**document.keywords, "id": (name,), "letter": (letter,)},
    }
    if hasattr(document, "record"):
        changed["record"] = to_record(msgspec.structs.replace(from_record(document.record), id=name, letter=letter))
    return (
        msgspec.structs.replace(document, **changed) if isinstance(document, Document) else document._replace(**changed)
    )
