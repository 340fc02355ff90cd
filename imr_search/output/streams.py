"""An answer as UTF-8, to standard output or for a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice

_BATCH = 200  # lines written at a time


def to_stdout(lines: Iterable[str], end: str = "\n") -> None:
    """UTF-8 whatever the locale: the lines are made for the screen already."""
    for batch in _batches(_encoded(lines, end)):
        sys.stdout.buffer.write(batch)
    sys.stdout.buffer.flush()


def encoded(lines: Iterable[str], end: str = "\n", mark: bool = False) -> Iterator[bytes]:
    """Lines as UTF-8, in batches; `mark` puts a byte order mark in front, for spreadsheets."""
    if mark:
        yield b"\xef\xbb\xbf"
    yield from _batches(_encoded(lines, end))


def _encoded(lines: Iterable[str], end: str) -> Iterator[bytes]:
    return ((line + end).encode("utf-8", "replace") for line in lines)


def _batches(lines: Iterator[bytes]) -> Iterator[bytes]:
    while batch := list(islice(lines, _BATCH)):
        yield b"".join(batch)
