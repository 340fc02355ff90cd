"""The reading in fields: of a query with plain words, one structured query that says the same in fields.

It is built over the words by longest match, from the tables of index/first_words.toml and the names of index/vocabulary.toml; it is offered and never
run unasked. `MRI lumbar overturned since 2016` becomes `category:mri body:lumbar outcome:overturned decided:>=2016`. What is not recognised stays as
typed; words that only join others (of, for, the) are dropped, here and only here.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from imr_search.errors import QueryError
from imr_search.fields import ENUM, table
from imr_search.query import parser
from imr_search.query.pieces import Clause, Part, Report
from imr_search.query.pieces import pieces as pieces_of
from imr_search.query.recognisers import Recogniser

_AGAIN = 3


def reading(text: str, today: datetime.date) -> str | None:
    """The reading in fields of a query, which parses, and of which the reading is itself; None if nothing in it is recognised."""
    found = _once(text, today)
    for _ in range(_AGAIN):
        again = None if found is None else _once(found, today)
        if again is None or _same(again, str(found)):
            return found
        found = again  # a sign that was dropped had hidden a word
    return None


def _once(text: str, today: datetime.date) -> str | None:
    pieces, stages = pieces_of(text)
    if not any(piece.kind == "word" for piece in pieces):
        return None
    found = Recogniser(pieces, today, bool(stages))
    parts = found.read()
    if not found.recognised:
        return None
    body, report = _settled(parts, found.report)
    query = body + (stages or report)
    if query == text or not parser.readable(query):
        return None
    return None if _same(query, text) else query


def _same(query: str, text: str) -> bool:
    if query == text:
        return True
    try:
        return str(parser.parse(query)) == str(parser.parse(text))
    except QueryError:
        return False


def _settled(parts: Sequence[Part], report: Report) -> tuple[str, str]:
    """The query of the parts, and the report behind it."""
    clauses = [part for part in parts if isinstance(part, Clause)]
    decided = [part for part in clauses if part.field == "outcome"]
    if report.versus and (field := _compared(clauses)):
        report.kind, report.by = "rate", [field]
        if table()[field].kind == ENUM:
            parts = [part for part in parts if not (isinstance(part, Clause) and part.field == field)]
        else:
            parts = _ored(parts, field)
    if report.kind == "count" and decided:
        report.kind = "rate"
    if report.kind in ("rate", "trend"):
        parts = [part for part in parts if not (isinstance(part, Clause) and part.field == "outcome")]
    body = _joined(parts)
    if not report.kind:
        return body or "*", ""
    by = ", ".join(dict.fromkeys(report.by))
    match report.kind:
        case "trend":
            stage = f"trend {report.part or 'year'}" + (f" by {by}" if by else "")
        case "top":
            stage = f"top {report.n} {by or 'category'}"
        case _:
            stage = report.kind + (f" by {by}" if by else "")
    return body or "*", f" | {stage}"


def _compared(clauses: Sequence[Clause]) -> str:
    """The field of which at least two values are compared."""
    fields = [clause.field for clause in clauses if clause.field and not clause.excluded]
    return next((field for field in fields if fields.count(field) > 1 and table().get(field) is not None), "")


def _ored(parts: Sequence[Part], field: str) -> list[Part]:
    """The parts with all clauses of a field as one list of values."""
    held = [part.value for part in parts if isinstance(part, Clause) and part.field == field]
    rest: list[Part] = []
    for part in parts:
        if isinstance(part, Clause) and part.field == field:
            if held:
                rest.append(Clause(field, ",".join(held)))
            held = []
        else:
            rest.append(part)
    return rest


def _joined(parts: Sequence[Part]) -> str:
    """Parts as text: OR joins its two neighbours, and all else must hold."""
    groups: list[list[str]] = []
    joining = False
    at = 0
    while at < len(parts):
        part = parts[at]
        at += 1
        if part == "OR":
            joining = bool(groups)
            continue
        if part == ")":
            continue
        if part in ("(", "-("):
            depth, end = 1, at
            while end < len(parts) and depth:
                depth += {"(": 1, "-(": 1, ")": -1}.get(str(parts[end]) if isinstance(parts[end], str) else "", 0)
                end += 1
            inner = _joined(parts[at : end - 1 if depth == 0 else end])
            text = f"{'-' if part == '-(' else ''}({inner})" if inner else ""
            at = end
        else:
            text = str(part)
        if not text:
            continue
        if joining:
            groups[-1].append(text)
        else:
            groups.append([text])
        joining = False
    alone = len(groups) == 1
    found = []
    for group in groups:
        kept = list(dict.fromkeys(group))
        found.append(kept[0] if len(kept) == 1 else " OR ".join(kept) if alone else f"({' OR '.join(kept)})")
    return " ".join(dict.fromkeys(found))
