"""The words of treatment, as index/vocabulary.toml lists them: read when first asked for, because most queries never ask."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from typing import Any

from imr_search import assets

_FILE = "index/vocabulary.toml"


@cache
def digest() -> str:
    """Which vocabulary this is: 12 hexadecimal digits over the file's bytes, for an index to remember."""
    return hashlib.sha256(assets.path(_FILE).read_bytes()).hexdigest()[:12]


@cache
def table(name: str) -> Any:
    """A table of the file, as TOML gives it. Only for the modules that compile it."""
    return _whole()[name]


@cache
def _whole() -> dict[str, Any]:
    return tomllib.loads(assets.text(_FILE))


def split(words: str) -> tuple[str, ...]:
    """ "a | b | c" as its parts."""
    return tuple(part.strip() for part in words.split("|") if part.strip())
