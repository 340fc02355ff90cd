"""The reading in fields that is offered beside an answer or for a refused query, with its count."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from imr_search.model import AsFields
from imr_search.query import as_fields
from imr_search.query.planner import Plan

PLAIN = 500  # characters of a query up to which its plain words are read as fields: nobody types more of them
UNREADABLE = -1  # for a count: the query names a value that this index does not have in any spelling

Told = Callable[[str], int | None]
"""How many items a query finds; None if that is not known in time, UNREADABLE if it cannot be read."""


def in_fields(text: str, today: datetime.date | None, plan: Plan | None = None) -> str | None:
    """The reading in fields, with what the plan of the text found to be misspelt put right."""
    if len(text) > PLAIN:
        return None
    day = today or datetime.date.today()
    if plan is None or not plan.nearest:
        return as_fields.reading(text, day)
    return as_fields.reading(text, day, dict(plan.nearest))


def offer(text: str, today: datetime.date | None, plan: Plan | None, told: Told) -> AsFields | None:
    """The reading in fields with its count; where it finds nothing, and something without the words that no field is for, without these."""
    said = in_fields(text, today, plan)
    if said is None:
        return None
    total = told(said)
    if total == 0 and (found := _without(text, today, plan, told)) is not None:
        return found
    return None if total == UNREADABLE else AsFields(said, total)


def _without(text: str, today: datetime.date | None, plan: Plan | None, told: Told) -> AsFields | None:
    spelt = {} if plan is None else dict(plan.nearest)
    found = as_fields.without_unknown(text, today or datetime.date.today(), spelt)
    total = None if found is None else told(found[0])
    return None if found is None or total in (None, 0, UNREADABLE) else AsFields(found[0], total, found[1])
