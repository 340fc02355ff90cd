"""Tantivy's failures as the project's own: it raises ValueError for most, and a panic in Rust arrives as a BaseException of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imr_search.errors import ImrError, IndexError_, StorageError


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
