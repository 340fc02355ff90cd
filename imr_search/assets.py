"""Where the declarations lie: inside the installed package, or beside it in a checkout; and what their tables say.

Only the tables that are asked for are parsed: most queries ask for few, and the whole vocabulary costs 12 ms.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_HEADER = re.compile(r"\n\[([^\]\n]+)\]\n")
_KEY = re.compile(r'"([^"]+)"|([\w-]+)')
_ROW = re.compile(r'(?m)^(?:"([^"\n]+)"|([\w-]+)) = "([^"\n]*)"$')


def path(name: str) -> Path:
    """`name` as in the repository ("grammar/query.lark"). The installed copy wins: a wheel must work with no checkout near."""
    for base in (_HERE, _HERE.parent):
        found = base / name
        if found.is_file():
            return found
    raise FileNotFoundError(f"{name} is missing from this installation")


def text(name: str) -> str:
    return path(name).read_text(encoding="utf-8")


@cache
def table(file: str, name: str) -> Any:
    """A top-level table of the file, as TOML gives it. Rows of plain strings are read by one pattern, ten times as fast."""
    found: dict[str, Any] = {}
    for keys, rows in _parts(file):
        if keys[0] == name:
            into = found
            for key in keys[1:]:
                into = into.setdefault(key, {})
            into.update(_rows(rows))
    return found


def _rows(text: str) -> dict[str, Any]:
    rows = _ROW.findall(text)
    if "\\" in text or len(rows) != sum(1 for line in text.splitlines() if line and line[0] != "#"):
        return tomllib.loads(text)
    return {quoted or bare: value for quoted, bare, value in rows}


@cache
def _parts(file: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Each table's header as its keys, and its rows."""
    pieces = _HEADER.split("\n" + text(file))
    headers, bodies = pieces[1::2], pieces[2::2]
    return tuple(
        (tuple(quoted or bare for quoted, bare in _KEY.findall(header)), body)
        for header, body in zip(headers, bodies, strict=True)
    )
