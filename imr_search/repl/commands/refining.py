"""Narrowing an answer, and going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.query.ast import Query
from imr_search.query.parser import parse

if TYPE_CHECKING:
    from imr_search.repl.session import Session


def narrow_(session: Session, argument: str) -> None:
    """Both queries' conditions; the report of the new one, else that of the old."""

    if not argument:
        raise UsageError("narrow by what?", ".narrow outcome:overturned")
    before, added = parse(session.last_query()), parse(argument)
    stages = added.stages or before.stages
    tail = str(Query(before.expression, stages)).removeprefix(str(before.expression))
    session.ask(f"({before.expression}) AND ({added.expression}){tail}")


def back_(session: Session, argument: str) -> None:
    if len(session.queries) < 2:
        raise UsageError("there is no query before this one")
    session.queries.pop()
    session.ask(session.queries.pop())
