"""Query errors with their corrections: what is wrong in one line, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable

from imr_search.errors import Correction, QueryError


def fault(code: str, message: str, query: str, start: int, end: int | None = None, *corrections: str) -> QueryError:
    """An error at query[start:end]. `corrections` are whole queries; those that cannot be read are dropped when the error is caught (`checked`)."""
    kept = dict.fromkeys(" ".join(correction.split()) for correction in corrections if correction.strip())
    return QueryError(code, message, query, start, start + 1 if end is None else end, (), tuple(map(Correction, kept)))


def replaced(query: str, start: int, end: int, new: str) -> str:
    """The query with query[start:end] replaced."""
    return query[:start] + new + query[end:]


def quoted(words: str) -> str:
    return '"' + words.replace('"', " ").strip() + '"'


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The names in `known` that `word` may have been meant for, best first."""
    from difflib import get_close_matches

    return get_close_matches(word.lower(), list(known), count, 0.6)


def listed(names: Iterable[str], most: int = 7) -> str:
    """ "a, b, c": at most seven, because a longer list is not read."""
    held = list(names)
    return ", ".join(held[:most]) + (" ..." if len(held) > most else "")
