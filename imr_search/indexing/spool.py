"""Documents set aside until it is known whether they stand, under which id, and in which engine. On disk: memory stays bounded."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import msgspec

from imr_search.documents import Document, from_record, to_record
from imr_search.engines import registry
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

    def documents(self, key: Key, letter: str, items: frozenset[int]) -> list[Any]:
        """The documents of these items of a letter (or what was prepared of them for an engine), under the id `letter`."""
        found: list[Any] = pickle.loads(self.blob(key))
        if len(items) < len(found):
            found = registry.part(found, items)
        return [_named(document, letter) for document in found]

    def clear(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._places.clear()
        self._end = self.items = 0

    def close(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def restored(blob: bytes, letter: str, items: frozenset[int]) -> list[Item]:
    """These items of a letter from documents that `reading` pickled just now, under the id `letter`."""
    return [from_record(_named(one, letter).record) for one in pickle.loads(blob) if one.n in items]


def _named(document: Any, letter: str) -> Any:
    """The document under this letter's name, also in its values and its record, if it bears them itself."""
    if document.letter == letter:
        return document
    name = f"{letter}#{document.n}"
    changed: dict[str, Any] = {"id": name, "letter": letter}
    if hasattr(document, "keywords"):
        changed["keywords"] = {**document.keywords, "id": (name,), "letter": (letter,)}
    if hasattr(document, "record"):
        changed["record"] = to_record(msgspec.structs.replace(from_record(document.record), id=name, letter=letter))
    return (
        msgspec.structs.replace(document, **changed) if isinstance(document, Document) else document._replace(**changed)
    )
