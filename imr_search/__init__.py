"""Full-text search of California's Independent Medical Review decisions.

    import imr_search
    imr_search.build(["letters"])
    page = imr_search.search("treatment:acupuncture outcome:upheld")

Nothing is loaded before it is used, so that a one-shot command starts quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imr_search.errors import ImrError, IndexError_, QueryError, UsageError
    from imr_search.indexing.build import build
    from imr_search.model import Hit, Item, Notice, Page, Report
    from imr_search.searching.library import Library, search
    from imr_search.searching.search_options import Options

__version__ = "0.1.0"
__all__ = [
    "Hit",
    "ImrError",
    "IndexError_",
    "Item",
    "Library",
    "Notice",
    "Options",
    "Page",
    "QueryError",
    "Report",
    "UsageError",
    "__version__",
    "build",
    "search",
]

_MODULES = {
    **dict.fromkeys(("ImrError", "IndexError_", "QueryError", "UsageError"), "imr_search.errors"),
    **dict.fromkeys(("Hit", "Item", "Notice", "Page", "Report"), "imr_search.model"),
    **dict.fromkeys(("Library", "search"), "imr_search.searching.library"),
    "Options": "imr_search.searching.search_options",
    "build": "imr_search.indexing.build",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
