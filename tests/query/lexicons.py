"""Small indexes in memory, of letters read as the build reads them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from imr_search.documents import Document, documents
from imr_search.engines.memory import MemorySearcher
from imr_search.letters import decoding, parse
from imr_search.letters.discovery import LetterFile, find_letters


@cache
def held(folder: Path) -> tuple[Document, ...]:
    """The documents of every letter below `folder`, one of each id."""
    found: dict[str, Document] = {}
    for file in find_letters(folder):
        if isinstance(file, LetterFile):
            data = decoding.read_file(file.path)
            text = decoding.read_text(file.path, data)
            digest = hashlib.sha256(data).hexdigest()
            for letter in parse.parse(text, file=file.name, sha256=digest, stem=file.path.stem):
                found.update((document.id, document) for document in documents(letter))
    return tuple(found.values())


def searcher(folder: Path) -> MemorySearcher:
    return MemorySearcher(list(held(folder)))
