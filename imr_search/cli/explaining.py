"""--explain: the query as it is read, and how many items each of its parts finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imr_search.output.data import dump
from imr_search.output.explanation import as_json, shown
from imr_search.output.request import Request, look, patience

if TYPE_CHECKING:
    from imr_search.searching.library import Library


def explained(library: Library, request: Request, text: str) -> Iterator[str]:
    """Lines for people, or one JSON object for `-f json`."""
    found = library.explain(text, literal=request.literal, timeout=patience(request))
    if request.format in ("json", "jsonl"):
        return iter([dump(as_json(found))])
    return shown(found, look(request))
