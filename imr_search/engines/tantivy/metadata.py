"""What our writer notes beside Tantivy's own files; and Tantivy's failures as the project's own: it raises ValueError for most, and a panic in Rust
arrives as a BaseException of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imr_search.engines.tantivy import schema
from imr_search.errors import ImrError, IndexError_, StorageError


def read_meta(folder: Path) -> dict[str, Any]:
    """`next`: the highest number given to a letter. `most`: the most items that any letter has had. `longest`: by field, the most words that any
    sentence or citation has had."""
    path = folder / schema.META
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        longest = {str(field): int(length) for field, length in found["longest"].items()}
        return {"next": int(found["next"]), "most": int(found["most"]), "longest": longest}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexError_(f"{schema.META} cannot be read", file=str(path)) from error


@contextmanager
def guard(folder: str, writing: bool = False) -> Iterator[None]:
    """IndexError_ for whatever the engine raises inside (StorageError while writing); a user's interrupt and our own errors pass."""
    try:
        yield
    except (ImrError, KeyboardInterrupt, GeneratorExit, SystemExit, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, ValueError | OSError) and type(error).__name__ != "PanicException":
            raise
        if writing:
            raise StorageError(f"the index could not be written: {type(error).__name__}") from error
        raise IndexError_("the index cannot be read: a file of it is damaged or missing", file=folder) from error
