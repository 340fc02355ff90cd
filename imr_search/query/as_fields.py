"""The reading in fields: of a query with plain words, one structured query that says the same in fields.

It is built over the words by longest match, from the tables of index/first_words.toml and the names of index/vocabulary.toml; it is offered and never
run unasked. `MRI lumbar overturned since 2016` becomes `category:mri body:lumbar outcome:overturned decided:>=2016`. What is not recognised stays as
typed; words that only join others (of, for, the) are dropped, here and only here.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from types import MappingProxyType

import msgspec

from imr_search.errors import QueryError
from imr_search.fields import DATE, ENUM, NUMBER, table
from imr_search.query import first_words, parser
from imr_search.query.pieces import Clause, Part, Piece, Report
from imr_search.query.pieces import pieces as pieces_of
from imr_search.query.recognisers import walked
from imr_search.query.spanish import in_english

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


_CIRCUMSTANCES = frozenset(("", "outcome", "decided", "received", "assigned", "denied", "injured", "age", "sex"))
"""Fields that say how, when and for whom, and not what: where nothing else is left, what was asked for has been left out."""


def without_unknown(
    text: str, today: datetime.date, spelt: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, tuple[str, ...]] | None:
    """The reading in fields without the words that nothing knows, and these words; None where there are none, or nothing else."""
    typed, stages = pieces_of(text)
    walk = walked(_put_right(typed, spelt), today, bool(stages), all_words=False)
    named = {part.field for part in walk.parts if isinstance(part, Clause)} - _CIRCUMSTANCES
    if not walk.recognised or not walk.left_out or not named:
        return None
    body, report = _settled(walk.parts, walk.report)
    query = body + (stages or report)
    return None if query == "*" or _canonical(query) is None else (query, tuple(walk.left_out))


def _once(text: str, today: datetime.date, spelt: Mapping[str, str]) -> str | None:
    typed, stages = pieces_of(text)
    pieces = _put_right(typed, spelt)
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


def _put_right(typed: Sequence[Piece], spelt: Mapping[str, str]) -> Sequence[Piece]:
    """The pieces in English, and with what is misspelt put right."""
    pieces = in_english(typed)
    return [msgspec.structs.replace(piece, text=_spelt(piece.text, spelt)) for piece in pieces] if spelt else pieces


def _spelt(word: str, spelt: Mapping[str, str]) -> str:
    """The word, put right if no table knows it as it is."""
    return word if first_words.known(word) else spelt.get(word, spelt.get(word.lower(), word))


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
    """The query of the parts, and the stages behind it."""
    parts = _merged(parts)
    clauses = [part for part in parts if isinstance(part, Clause)]
    decided = [part for part in clauses if part.field == "outcome"]
    other = ""
    if report.versus and (field := _compared(clauses)):
        report.kind = report.kind if report.kind.startswith(("stats", "trend")) else "rate"
        report.by = [_grouped(field, clauses)]
        if table()[field].kind == ENUM:
            parts = [part for part in parts if not (isinstance(part, Clause) and part.field == field)]
        else:
            parts = _ored(parts, field)
    elif report.versus and (pair := _pair(parts, report.apart)) is not None:
        parts, other = pair
        report.kind = "compare"
    if report.kind == "count" and decided:
        report.kind = "rate"
    if report.kind in ("rate", "trend"):
        parts = [part for part in parts if not (isinstance(part, Clause) and part.field == "outcome")]
    body = (_joined(parts) or "*") + "".join(f" | {stage}" for stage in report.rows)
    by = ", ".join(dict.fromkeys(report.by))
    match report.kind:
        case "":
            return body, ""
        case "compare":
            stage = f"compare {other}"
        case "trend":
            stage = f"trend {report.part or 'year'}" + (f" by {by}" if by else "")
        case "top":
            stage = f"top {report.n} {by or 'category'}"
        case _:
            stage = report.kind + (f" by {by}" if by else "")
    return body, f" | {stage}"


_MIXED = re.compile(r"topical|compound|cream|gel\b|ointment|patch")


_TREATED = ("category", "drug", "treatment")


def _merged(parts: Sequence[Part]) -> list[Part]:
    """The parts with what no item has two of joined by OR, though "and" or a comma stood between: cases, and treatments of which each is an item of
    its own. Drugs beside a cream may be several in it."""
    mixed = any(isinstance(part, Clause) and _MIXED.search(part.value) for part in parts)
    found: list[Part] = []
    for at, part in enumerate(parts):
        apart = bool(found) and found[-1] in (",", "&")
        last = next((one for one in reversed(found) if one not in (",", "&")), None)
        if not isinstance(part, Clause) or not isinstance(last, Clause) or part.excluded or last.excluded:
            found.append(part)
        elif part.field == last.field and (part.field in ("case", "id") or (apart and part.field == "category")):
            found = _before(found, last)
            found.append(_either(last, part))
        elif part.field == last.field == "drug" and apart:
            found = _before(found, last)
            found += [last, part] if mixed else [_either(last, part)]
        elif apart and last.field in _TREATED and _treats(parts[at:]) and part.field != last.field:
            found = [*_before(found, last), last, "OR", part]
        else:
            found.append(part)
    return [part for part in found if part != "&"]


def _treats(parts: Sequence[Part]) -> bool:
    """Do the parts begin with a treatment, perhaps behind its part of the body?"""
    clauses = [part for part in parts[:2] if isinstance(part, Clause) and not part.excluded]
    fields = [clause.field for clause in clauses]
    return fields[0] in _TREATED or (fields[0] == "body" and fields[1:2] != [] and fields[1] in _TREATED)


def _before(parts: Sequence[Part], last: Clause) -> list[Part]:
    """What stands before the last of the parts that is that clause."""
    return list(parts[: next(k for k in range(len(parts) - 1, -1, -1) if parts[k] is last)])


def _either(first: Clause, second: Clause) -> Clause:
    values = dict.fromkeys((*first.value.split(","), second.value))
    return Clause(first.field, ",".join(values))


def _compared(clauses: Sequence[Clause]) -> str:
    """The one field of which at least two values are compared; "" where none or several are, or where a value is excluded or a bound."""
    values: dict[str, dict[str, None]] = {}
    for clause in clauses:
        values.setdefault(clause.field, {})[str(clause)] = None
    fields = [field for field, held in values.items() if field and len(held) > 1 and table().get(field) is not None]
    if len(fields) != 1 or table()[fields[0]].kind == NUMBER:
        return ""
    held = [clause for clause in clauses if clause.field == fields[0]]
    bounded = table()[fields[0]].kind == DATE and _part(held) == ""
    return "" if bounded or any(clause.excluded for clause in held) else fields[0]


def _grouped(field: str, clauses: Sequence[Clause]) -> str:
    """What a report of the values goes by: the field, or the part of a date that they are."""
    if table()[field].kind != DATE:
        return field
    part = _part([clause for clause in clauses if clause.field == field])
    return part if field == "decided" else f"{field} {part}"


def _part(held: Sequence[Clause]) -> str:
    """The part of a date that all values are: year or month; "" for anything else."""
    for part, pattern in (("year", r"\d{4}"), ("month", r"\d{4}-\d\d")):
        if all(re.fullmatch(pattern, clause.value) for clause in held):
            return part
    return ""


def _pair(parts: Sequence[Part], apart: int) -> tuple[list[Part], str] | None:
    """The parts of the first of two that are compared, and the query of the second; what stands on one side alone and is of no field of the other
    side holds for both. None where no two stand apart."""
    clauses = [part for part in parts if isinstance(part, Clause) and part.field != "outcome"]
    if len(clauses) != sum(not (isinstance(part, Clause) and part.field == "outcome") for part in parts):
        return None
    gone = sum(isinstance(part, Clause) and part.field == "outcome" for part in parts[:apart])
    left, right = clauses[: apart - gone], clauses[apart - gone :]
    if not left or not right:
        return None
    fields = [{clause.field for clause in side} for side in (left, right)]
    both = fields[0] & fields[1]
    shared = [part for part in clauses if part.field not in both] if both else [*left[:-1], *right[1:]]
    first = [part for part in left if part not in shared]
    second = [part for part in right if part not in shared]
    if not first or not second or first == second:
        return None
    return [*shared, *first], _joined([*shared, *second])


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
