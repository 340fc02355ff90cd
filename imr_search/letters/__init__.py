"""Letters in: files found, bytes to text, text to letters with their items.

Importing this package is cheap; the names below load what they need at first use. `parse.parse` keeps the name of its
module and is imported from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from imr_search.letters.read import LetterFile, Skipped, find_letters, read_file, read_text
    from imr_search.letters.versions import better

# Changed whenever the same bytes would give other items: the next build then reads every letter again.
PARSER_VERSION: Final = "1"

_HOME: Final = {
    "LetterFile": "read",
    "Skipped": "read",
    "find_letters": "read",
    "read_file": "read",
    "read_text": "read",
    "better": "versions",
}
__all__ = ["PARSER_VERSION", "LetterFile", "Skipped", "better", "find_letters", "read_file", "read_text"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"imr_search.letters.{_HOME[name]}"), name)
