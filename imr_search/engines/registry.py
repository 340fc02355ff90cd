"""Which engines there are. Nothing of an engine is loaded before it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from imr_search.documents import Document
from imr_search.engines import Engine
from imr_search.errors import UsageError


def _memory() -> Engine:
    from imr_search.engines.memory import MemoryEngine

    return MemoryEngine()


def _whoosh() -> Engine:
    from imr_search.engines.whoosh import WhooshEngine

    return WhooshEngine()


def _tantivy() -> Engine:
    from imr_search.engines.tantivy import TantivyEngine

    return TantivyEngine()


def _opensearch() -> Engine:
    from imr_search.engines.opensearch import OpenSearchEngine

    return OpenSearchEngine()


_ENGINES: dict[str, Callable[[], Engine]] = {
    "memory": _memory,
    "whoosh": _whoosh,
    "tantivy": _tantivy,
    "opensearch": _opensearch,
}
NAMES = tuple(_ENGINES)


def engine(name: str) -> Engine:
    """The engine of that name; its library is loaded now and not before."""
    if name not in _ENGINES:
        raise UsageError(f"no engine is called {name}", f"one of: {', '.join(NAMES)}")
    return _ENGINES[name]()


def preparer(name: str) -> Callable[[Sequence[Document]], list[Any]] | None:
    """What can be done ahead for an engine, in the process that read a letter: a function of the letter's documents, whose results its writer takes
    in their place."""
    if name == "opensearch":
        from imr_search.engines.opensearch import mapping

        return lambda documents: list(map(mapping.prepare, documents))
    if name != "tantivy":
        return None
    from imr_search.engines.tantivy.prepared import prepare

    return prepare


def part(documents: Sequence[Any], items: frozenset[int]) -> list[Any]:
    """Some items of a letter, by their numbers, from its documents or from what was prepared of these."""
    if documents and hasattr(documents[0], "records"):
        from imr_search.engines.tantivy import prepared

        return list(prepared.part(documents, items))
    return [one for one in documents if one.n in items]
