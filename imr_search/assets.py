"""Where the declarations lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """`name` as in the repository ("grammar/query.lark"). The installed copy wins: a wheel must work with no checkout near."""
    for base in (_HERE, _HERE.parent):
        found = base / name
        if found.is_file():
            return found
    raise FileNotFoundError(f"{name} is missing from this installation")


def text(name: str) -> str:
    return path(name).read_text(encoding="utf-8")
