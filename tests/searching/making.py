"""Items, letters and searchers for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from imr_search.documents import documents
from imr_search.engines.memory import MemorySearcher
from imr_search.model import Item, Letter


def item(letter: str, n: int, **given: Any) -> Item:
    known: dict[str, Any] = {
        "id": f"{letter}#{n}",
        "letter": letter,
        "case": letter,
        "n": n,
        "treatment": "Acupuncture",
        "title": "Acupuncture",
        "outcome": "upheld",
        "guideline": "",
        "ca_guideline": "",
        "decided": "2015-03-04",
    }
    return Item(**(known | given))


def searcher(items: Iterable[Item]) -> MemorySearcher:
    """An index in memory; items of one letter stand together."""
    found = []
    for name, group in groupby(items, key=lambda one: one.letter):
        rows = tuple(group)
        found += documents(Letter(name, name, "", "", "", None, rows))
    return MemorySearcher(found)


def letters_of(folder: Path) -> list[Item]:
    """The items of every text letter in a folder."""
    from imr_search.letters.parse import parse

    found = []
    for path in sorted(folder.glob("*.txt")):
        data = path.read_bytes()
        for letter in parse(data.decode(), file=path.name, sha256=hashlib.sha256(data).hexdigest(), stem=path.stem):
            found += letter.items
    return found
