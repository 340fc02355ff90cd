"""The reading in fields: of a query with plain words, one structured query that says the same in fields.

It is built over the words by longest match, from the tables of index/first_words.toml and the names of index/vocabulary.toml; it is offered and never
run unasked. `MRI lumbar overturned since 2016` becomes `category:mri body:lumbar outcome:overturned decided:>=2016`. What is not recognised stays as
typed; words that only join others (of, for, the) are dropped, here and only here.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from types import MappingProxyType

import msgspec

from imr_search.errors import QueryError
from imr_search.fields import ENUM, table
from imr_search.query import parser
from imr_search.query.pieces import Clause, Part, Report
from imr_search.query.pieces import pieces as pieces_of
from imr_search.query.recognisers import walked

_AGAIN = 3


def reading(text: str, today: datetime.date, spelt: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The reading in fields of a query, which parses, and of which the reading is itself; None if nothing in it is recognised. `spelt`: words that
    occur nowhere, each with the word that is read for it."""
    found = _once(text, today, spelt)
    for _ in range(_AGAIN):
        again = None if found is None else _once(found, today, {})
        if again is None or _same(again, str(found)):
            return found
        found = again  # a sign that was dropped had hidden a word
    return None


def _once(text: str, today: datetime.date, spelt: Mapping[str, str]) -> str | None:
    pieces, stages = pieces_of(text)
    if spelt:
        pieces = [
            msgspec.structs.replace(piece, text=spelt.get(piece.text, spelt.get(piece.text.lower(), piece.text)))
            for piece in pieces
        ]
    if not any(piece.kind == "word" for piece in pieces):
        return None
    found = walked(pieces, today, bool(stages))
    if not found.recognised:
        return None
    body, report = _settled(found.parts, found.report)
    query = body + (stages or report)
    if query == text or _canonical(query) is None:
        return None
    return None if _same(query, text) else query


def _same(query: str, text: str) -> bool:
    return query == text or (_canonical(query) is not None and _canonical(query) == _canonical(text))


@lru_cache(64)
def _canonical(query: str) -> str | None:
    """The query as its tree is printed; None for one that is refused."""
    try:
        return str(parser.read(query))
    except QueryError:
        return None


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


class _Operand(msgspec.Struct, frozen=True):
    """A clause or a bracket as text, with the clause's field."""

    text: str
    field: str = ""


_NOUN = frozenset(("category", "drug", "treatment", "body", "strength"))
"""The fields of clauses that together name one treatment: the MRI and the knee, the drug and its strength."""


def _joined(parts: Sequence[Part]) -> str:
    """Parts as text: OR joins what stands beside it, and all else must hold."""
    runs: list[list[_Operand]] = [[]]  # what stands between two ORs
    commas: list[set[int]] = [set()]  # where in a run a comma stands before the operand
    at = 0
    while at < len(parts):
        part = parts[at]
        at += 1
        if part == "OR":
            if runs[-1]:
                runs.append([])
                commas.append(set())
            continue
        if part == ",":
            commas[-1].add(len(runs[-1]))
            continue
        if part == ")":
            continue
        if isinstance(part, Clause):
            made = _Operand(str(part), part.field)
        else:
            end = _bracket_end(parts, at)
            inner = _joined(parts[at : end - 1])
            made = _Operand(f"{'-' if part == '-(' else ''}({inner})" if inner else "")
            at = end
        if made.text:
            runs[-1].append(made)
    return _text([run for run in _listed(runs, commas) if run])


def _bracket_end(parts: Sequence[Part], at: int) -> int:
    """Where the bracket ends whose inside begins at `at`: behind its ), or one past the end."""
    depth = 1
    for end in range(at, len(parts)):
        depth += {"(": 1, "-(": 1, ")": -1}.get(str(parts[end]) if isinstance(parts[end], str) else "", 0)
        if depth == 0:
            return end + 1
    return len(parts) + 1


def _listed(runs: Sequence[list[_Operand]], commas: Sequence[set[int]]) -> list[list[_Operand]]:
    """The runs with `A, B or C` taken apart at its comma too, where all are of one field."""
    found: list[list[_Operand]] = []
    for k, run in enumerate(runs):
        cut = len(run)
        pieces: list[list[_Operand]] = []
        field = runs[k + 1][0].field if k + 1 < len(runs) and runs[k + 1] else ""
        while field and cut > 1 and cut - 1 in commas[k] and run[cut - 1].field == run[cut - 2].field == field:
            pieces.insert(0, run[cut - 1 : cut])
            cut -= 1
        found += [run[:cut], *pieces]
    return found


def _text(runs: Sequence[list[_Operand]]) -> str:
    """What stands in each run holds, and of what OR joins one: its neighbours, or the two treatments that stand beside it."""
    groups: list[list[str]] = []
    left = 0  # operands of the run before that an OR has taken
    for k, run in enumerate(runs):
        right = follows = 0
        if k + 1 < len(runs):
            right, follows = _taken(run, runs[k + 1])
        both = left and right and left + right > len(run)
        alone = [] if both else run[left : len(run) - right]
        if left:
            groups[-1].append(_all(run[:left] if not both else run))
        groups += [[operand.text] for operand in alone]
        if right and not both:
            groups.append([_all(run[len(run) - right :])])
        left = follows
    single = len(groups) == 1
    found = []
    for group in groups:
        kept = list(dict.fromkeys(group))
        found.append(kept[0] if len(kept) == 1 else " OR ".join(kept) if single else f"({' OR '.join(kept)})")
    return " ".join(dict.fromkeys(found))


def _taken(left: Sequence[_Operand], right: Sequence[_Operand]) -> tuple[int, int]:
    """How many operands an OR takes on its left, and how many on its right."""
    before = len(list(takewhile(lambda one: one.field in _NOUN, reversed(left))))
    behind = len(list(takewhile(lambda one: one.field in _NOUN, right)))
    fields = [{one.field for one in side} for side in (left[len(left) - before :], right[:behind])]
    if min(before, behind) > 1 and fields[0] == fields[1]:
        return before, behind
    if before > 1 and behind and left[-1].field != right[0].field and right[0].field in fields[0]:
        return before, behind
    return 1, 1


def _all(operands: Sequence[_Operand]) -> str:
    return operands[0].text if len(operands) == 1 else f"({' '.join(operand.text for operand in operands)})"
