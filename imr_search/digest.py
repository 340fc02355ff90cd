"""SHA-256 without the cryptographic library that hashlib brings: loading that takes longer than a search."""

from __future__ import annotations

from functools import cache
from typing import Any


def sha256(data: bytes) -> str:
    """In hexadecimal digits."""
    return str(_function()(data).hexdigest())


@cache
def _function() -> Any:
    """The interpreter's own, as its module `random` takes it; where it has none, hashlib's. Large files are for hashlib.file_digest."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found]  # from 3.12 on
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found]
        except ImportError:
            from hashlib import sha256
    return sha256
