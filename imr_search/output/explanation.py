"""--explain: the query as it is read, how many items each of its parts finds, and of a few items why they were decided so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imr_search.letters.reasons import read
from imr_search.model import Item
from imr_search.output import wording
from imr_search.output.lists import grounds, opening
from imr_search.output.messages import notice
from imr_search.output.terminal import Terminal

if TYPE_CHECKING:
    from imr_search.searching.library import Explanation


def shown(found: Explanation, look: Terminal) -> Iterator[str]:
    yield from look.wrap(look.clean(found.read_as), "read as  ", " " * 9, columns=look.width)
    yield f"finds    {wording.count(found.total, 'item')}"
    if found.tiers:
        yield f"tiers    {', '.join(f'{name} {wording.number(items)}' for name, items in found.tiers)}"
    if found.as_fields is not None:
        without = f", leaving out {' '.join(found.as_fields.left_out)}" if found.as_fields.left_out else ""
        count = "" if found.as_fields.total is None else f" ({wording.count(found.as_fields.total, 'item')})"
        yield from look.wrap(
            look.clean(found.as_fields.query + count + without), "fields   ", " " * 9, columns=look.width
        )
    for said in found.notices:
        yield from notice(said, look, whole=True)
    if len(found.clauses) > 1:
        yield ""
        digits = max(len(wording.number(clause.items)) for clause in found.clauses)
        for clause in found.clauses:
            without = "" if clause.without is None else f"   (without it: {wording.number(clause.without)})"
            text = look.clip(look.clean(clause.text), max(12, look.width - digits - len(without) - 4))
            yield f"  {wording.number(clause.items):>{digits}}  {text}{look.paint(without, 'dim')}"
    for item in found.items:
        yield ""
        yield from opening(item, look)
        yield from grounds(item, look, text=True)


def _grounds(item: Item) -> dict[str, object]:
    rows = [
        {"code": found.code, "sentence": found.sentence or None, "text": found.text}
        for found in read(item.rationale, item.outcome)
    ]
    return {"id": item.id, "outcome": item.outcome, "reasons": rows}


def as_json(found: Explanation) -> dict[str, object]:
    return {
        "query": found.query,
        "read_as": found.read_as,
        "notices": [{"code": said.code, "text": said.text} for said in found.notices],
        "clauses": [{"text": one.text, "items": one.items, "without": one.without} for one in found.clauses],
        "total": found.total,
        "tiers": [{"tier": name, "items": items} for name, items in found.tiers],
        "as_fields": None
        if found.as_fields is None
        else {"query": found.as_fields.query, "total": found.as_fields.total},
        "grounds": [_grounds(item) for item in found.items],
    }
