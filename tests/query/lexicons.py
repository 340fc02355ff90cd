"""Small indexes in memory, of letters read as the build reads them."""

from __future__ import annotations

import datetime
import hashlib
from functools import cache
from pathlib import Path

from imr_search.documents import Document, documents
from imr_search.engines.memory import MemorySearcher
from imr_search.errors import QueryError
from imr_search.letters import decoding, parse
from imr_search.letters.discovery import LetterFile, find_letters
from imr_search.query.parser import parse as parse_query
from imr_search.query.planner import Plan, plan


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


def planned(text: str, index: MemorySearcher, today: datetime.date) -> Plan:
    """The plan of a query for that index. Raises QueryError."""
    return plan(parse_query(text), index, text=text, today=today, saved={})


def answered(text: str, index: MemorySearcher, today: datetime.date) -> Plan | QueryError:
    """The plan of a query, or what it is refused with."""
    try:
        return planned(text, index, today)
    except QueryError as error:
        return error
