"""The file that a letter was read from, as it lies there now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imr_search.model import Item

_KINDS = (".pdf", ".txt")  # nothing else is a letter, whatever an index that came from somebody else may say


def source_file(roots: Iterable[str], item: Item) -> Path | None:
    """Where the letter of `item` lies below one of the index's `roots`; None if it is not there (any more)."""
    for root in map(Path, roots):
        try:
            if root.is_file():
                found, inside = root.resolve(), root.name == item.file
            else:
                found = (root / item.file).resolve()
                inside = found.is_relative_to(root.resolve())
            if inside and found.suffix.lower() in _KINDS and found.is_file():
                return found
        except (OSError, ValueError):
            continue
    return None
