"""Full-text search of California's Independent Medical Review decisions.

    import imr_search
    imr_search.build(["letters"])
    page = imr_search.search("treatment:acupuncture outcome:upheld")

Nothing is loaded before it is used, so that a one-shot command starts quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imr_search.indexing.build import build
    from imr_search.searching.library import Library, search

__version__ = "0.1.0"
__all__ = ["Library", "__version__", "build", "search"]

_ROOMS = {
    "build": "imr_search.indexing",
    "Library": "imr_search.searching.library",
    "search": "imr_search.searching.library",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
