"""A query changed by clicks: a clause added or taken out, its report replaced. The result is always a query that a person can read and type."""

from __future__ import annotations

import re

from imr_search.fields import DATE, table
from imr_search.plan import Group

_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._-]*")
_WORDS = frozenset(("and", "or", "not", "but"))

Value = str | int | None


def parted(text: str) -> tuple[str, str]:
    """The conditions of a query, and its stages with their bars: ("a b", "| rate by year | limit 5")."""
    quoted = False
    for at, char in enumerate(text):
        if char in '"“”':
            quoted = not quoted
        elif char == "|" and not quoted:
            return text[:at].strip(), text[at:].strip()
    return text.strip(), ""


def clause(group: Group, value: Value) -> str:
    """The condition that an item stands in the group `value`: outcome:upheld, decided:2015, missing:drug, section:"Drug testing"."""
    field = table()[group.field]
    name = field.key
    if value is None:
        return f"missing:{name}"
    if field.kind == DATE:
        year, quarter, number = str(value).partition("-Q")
        return f"{name}:{year}-{3 * int(number) - 2:02}..{year}-{3 * int(number):02}" if quarter else f"{name}:{value}"
    text = str(value).replace('"', " ")
    bare = _BARE.fullmatch(text) is not None and text.lower() not in _WORDS
    return f"{name}:{text}" if bare else f'{name}:"{text}"'


def added(text: str, condition: str, either: bool) -> str:
    """The query with one more condition, before its stages. `either`: its conditions are parted by OR on the outermost level."""
    conditions, stages = parted(text)
    if conditions in ("", "*"):
        return f"{condition} {stages}".strip()
    held = f"({conditions})" if either else conditions
    return f"{held} {condition} {stages}".strip()


def without(clauses: tuple[str, ...], k: int, stages: str) -> str:
    """The query without its k-th condition, the others as they were read."""
    rest = [one for place, one in enumerate(clauses) if place != k]
    joined = " ".join(f"({one})" if len(rest) > 1 and alternative(one) else one for one in rest) or "*"
    return f"{joined} {stages}".strip()


def alternative(condition: str) -> bool:
    """Is it parted by OR, with no brackets around?"""
    depth = 0
    for word in re.findall(r'"[^"]*"|[()]|[^\s()"]+', condition):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "OR" and depth == 0:
            return True
    return False


def reported(text: str, stages: str) -> str:
    """The query with these stages in the place of its own."""
    conditions, _ = parted(text)
    return f"{conditions or '*'} {stages}".strip()
