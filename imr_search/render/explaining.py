"""--explain: the query as it is read, and how many items each of its parts finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imr_search.render import words
from imr_search.render.look import Look
from imr_search.render.messages import notice

if TYPE_CHECKING:
    from imr_search.library import Explanation


def shown(found: Explanation, look: Look) -> Iterator[str]:
    yield from look.wrap(look.clean(found.read_as), "read as  ", " " * 9, columns=look.width)
    yield f"finds    {words.count(found.total, 'item')}"
    for said in found.notices:
        yield from notice(said, look)
    if len(found.clauses) > 1:
        yield ""
        digits = max(len(words.number(clause.items)) for clause in found.clauses)
        for clause in found.clauses:
            without = "" if clause.without is None else f"   (without it: {words.number(clause.without)})"
            text = look.clip(look.clean(clause.text), max(12, look.width - digits - len(without) - 4))
            yield f"  {words.number(clause.items):>{digits}}  {text}{look.paint(without, 'dim')}"


def as_json(found: Explanation) -> dict[str, object]:
    return {
        "query": found.query,
        "read_as": found.read_as,
        "notices": [{"code": said.code, "text": said.text} for said in found.notices],
        "clauses": [{"text": one.text, "items": one.items, "without": one.without} for one in found.clauses],
        "total": found.total,
    }
