"""The table at a letter's head: case number, five dates, priority, whatever order the extractor gave its cells."""

from __future__ import annotations

import itertools
import re
from collections import deque
from datetime import date
from typing import Final

import msgspec

from imr_search.letters.warnings import warning
from imr_search.model import ParseWarning

# Labels by field, of all generations; longer ones first where one ends in another.
_LABELS: Final = {
    "case": r"(?:MAXIMUS\s+|IMR\s+)?Case\s+(?:Number|No\.?)",
    "assigned": r"Date\s+Assigned",
    "injured": r"Date\s+of\s+Injury",
    "denied": r"UR\s+Denial\s+Date|Date\s+of\s+UR\s+(?:Decision|Denial)|UR\s+Decision\s+Date",
    "decided": r"Decision\s+Date|Dated?(?=\s*:\s*\w)",
    "priority": r"Priority",
    "received": r"(?:IMR\s+)?Application(?:\s+(?P<between>\d{1,2}[/-]\d{1,2}[/-]\d{2,4}))?\s+Received",
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERIC: Final = r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}(?!\d)"
_LONG: Final = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+\d{1,2},\s*\d{4}"
)
_CELL: Final = re.compile(
    r"(?=[A-Z\d])(?:"
    + "|".join(rf"(?P<{name}>(?<!\w)(?:{label})\s*:)" for name, label in _LABELS.items())
    + rf"|(?P<number>\bCM\d\d-\d{{5,8}}\b)|(?P<day>(?<![\w/-])(?:{_NUMERIC}|{_LONG}))"
    + r"|(?P<urgency>\b(?:Standard|Expedited|Regular|STANDARD|EXPEDITED|REGULAR)\b))"
)
_KIND: Final = {"case": "number", "priority": "urgency"}
# In the order in which they must have happened.
_ORDER: Final = ("injured", "denied", "received", "assigned", "decided")
_LONGEST: Final = 6_000


class Header(msgspec.Struct, frozen=True):
    """ISO dates and the case number, None where the table has none. `present`: there was a table at all."""

    case: str | None = None
    assigned: str | None = None
    injured: str | None = None
    denied: str | None = None
    decided: str | None = None
    received: str | None = None
    priority: str | None = None
    present: bool = False
    warnings: tuple[ParseWarning, ...] = ()


def read_header(region: str) -> Header:
    """`region` is the canonical text before the letter's first heading."""
    cells, impossible = _assign(region[:_LONGEST])
    found = {name: value for name, value in cells.items() if value is not None}
    if not cells:
        return Header()
    missing = [name for name in ("case", "decided") if name not in found]
    missing += sorted(name for name in cells if name not in found and name not in missing)
    warnings = [warning("W09", ", ".join(missing))] if missing else []
    warnings += [warning("W10", name) for name in impossible]
    days = [(name, found[name]) for name in _ORDER if name in found]
    warnings += [
        warning("W10", f"{earlier} {a}, {later} {b}") for (earlier, a), (later, b) in itertools.pairwise(days) if a > b
    ]
    return Header(
        case=found.get("case"),
        assigned=found.get("assigned"),
        injured=found.get("injured"),
        denied=found.get("denied"),
        decided=found.get("decided"),
        received=found.get("received"),
        priority=found.get("priority"),
        present=True,
        warnings=tuple(warnings),
    )


def _assign(region: str) -> tuple[dict[str, str | None], list[str]]:
    """Labels to values. A value goes to the first open label of its kind; one that comes too early waits for its label.

    Rows give label, value; columns give all labels, then all values; some extractors give a value before its label.
    """
    cells: dict[str, str | None] = {}
    impossible: list[str] = []
    open_labels: list[str] = []
    waiting: dict[str, deque[str]] = {"number": deque(), "day": deque(), "urgency": deque()}
    found = list(_CELL.finditer(region))
    for at, cell in enumerate(found):
        name = str(cell.lastgroup)
        if name not in waiting:
            if cells.get(name) is not None:
                continue
            cells.setdefault(name, None)
            kind = _KIND.get(name, "day")
            if name == "received" and (between := cell["between"]):
                cells[name] = _value(kind, between, name, impossible)
            elif waiting[kind] and not _value_follows(found, at, kind):
                cells[name] = _value(kind, waiting[kind].popleft(), name, impossible)
            elif name not in open_labels:
                open_labels.append(name)
            continue
        taker = next((label for label in open_labels if _KIND.get(label, "day") == name), None)
        if taker is None:
            waiting[name].append(cell.group(0))
        else:
            open_labels.remove(taker)
            cells[taker] = _value(name, cell.group(0), taker, impossible)
    return cells, impossible


def _value_follows(found: list[re.Match[str]], at: int, kind: str) -> bool:
    return at + 1 < len(found) and found[at + 1].lastgroup == kind


def _value(kind: str, text: str, name: str, impossible: list[str]) -> str | None:
    if kind == "number":
        return text
    if kind == "urgency":
        return text.capitalize()
    day = iso_day(text)
    if day is None:
        impossible.append(name)
    return day


def iso_day(text: str) -> str | None:
    """ "12/07/2016", "12-7-16" or "December 7, 2016" as "2016-12-07"; None when there is no such day."""
    parts = (
        text.replace(",", " ").replace("-", "/").split() if text[:1].isalpha() else text.replace("-", "/").split("/")
    )
    try:
        month = _MONTHS.index(parts[0][:3].lower()) + 1 if parts[0].isalpha() else int(parts[0])
        year = int(parts[2])
        if len(parts[2]) == 2:
            year += 2000 if year < 50 else 1900
        elif len(parts[2]) == 3:
            return None
        return date(year, month, int(parts[1])).isoformat()
    except (ValueError, IndexError):
        return None
