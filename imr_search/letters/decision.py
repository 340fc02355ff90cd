"""The facts of a decision under the names of `model.Item`: what it turned on, what was allowed before it, how long it took."""

from __future__ import annotations

from datetime import date
from typing import Any

from imr_search.letters import reasons
from imr_search.letters.header import Header
from imr_search.letters.partial import approved_part
from imr_search.model import Deciding


def facts(title: str, rationale: str, outcome: str, header: Header) -> dict[str, Any]:
    """Each fact under its name; unknown is None or ()."""
    requested, authorized = approved_part(title)
    grounds = reasons.read(rationale, outcome)
    return {
        "requested": requested,
        "authorized": authorized,
        "reasons": tuple(reason.code for reason in grounds),
        "deciding": Deciding(grounds[0].sentence, grounds[0].text) if grounds and grounds[0].sentence else None,
        "days": days_between(header.received, header.decided),
        "days_denied": days_between(header.denied, header.decided),
        "days_injured": days_between(header.injured, header.decided),
    }


def days_between(earlier: str | None, later: str | None) -> int | None:
    """Days from one ISO date to the other; None where one is unknown, or where they stand in the wrong order, which is no duration."""
    if earlier is None or later is None or earlier > later:
        return None
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days
