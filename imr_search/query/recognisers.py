"""What a person's words mean in fields: a walk over them that asks each recogniser in turn, and keeps what none of them knows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

import msgspec

from imr_search.query import (
    first_words,
    known_names,
    parser,
    said_numbers,
    said_reasons,
    said_reports,
    said_rows,
    said_things,
)
from imr_search.query.first_words import listed
from imr_search.query.pieces import Clause, Part, Piece
from imr_search.query.tokens import field_called
from imr_search.query.walk import Walk

_IS = frozenset("is was are of = equals equal contains containing includes including like".split())

_Recogniser = Callable[[Walk, int], int]  # how many of the words from a place on it took; 0 for none

_RECOGNISERS: tuple[_Recogniser, ...] = (
    said_things.case,
    said_things.unsaid,
    said_reports.report,
    said_rows.rows,
    said_numbers.items,
    said_things.date,
    said_numbers.course,
    said_numbers.strength,
    said_numbers.number,
    said_things.specialty,
    said_things.source,
    said_things.guideline,
    said_things.treatment,
    said_things.state,
    said_things.decision,
    said_things.person,
    said_things.misspelt,
)


def walked(pieces: Sequence[Piece], today: datetime.date, reported: bool, all_words: bool = True) -> Walk:
    """The walk at its end: its parts, its report, and whether anything was recognised."""
    walk = Walk(pieces, today, reported, all_words)
    at = 0
    while at < len(pieces):
        if pieces[at].comma:
            walk.parts.append(",")
        if pieces[at].kind == "word":
            at += (
                said_reasons.reason(walk, at)
                or _negation(walk, at)
                or _field_named(walk, at)
                or _recognised(walk, at)
                or _rest(walk, at)
            )
        else:
            _other(walk, pieces[at])
            at += 1
    return walk


def _recognised(walk: Walk, at: int) -> int:
    return next(filter(None, (recognise(walk, at) for recognise in _RECOGNISERS)), 0)


def _other(walk: Walk, piece: Piece) -> None:
    """An operator, or what stays as it was typed."""
    if piece.kind == "fixed":
        walk.keep("", piece.text)
    elif piece.kind == "NOT":
        walk.excluding = True
    elif piece.kind == "(" and walk.excluding:
        walk.parts.append("-(")
        walk.excluding = False
    else:
        walk.parts.append(piece.kind)


def _skipped(walk: Walk, at: int, *rows: str) -> int:
    """The first place from `at` on that none of these joining words stands at."""
    while walk.low(at) and any(walk.low(at)[0] in listed("words", row) for row in rows):
        at += 1
    return at


def _tried(walk: Walk, at: int, wanted: Callable[[Sequence[Part]], bool]) -> int:
    """How many words from `at` on are recognised and make parts that are `wanted`; else 0, and all is as it was."""
    parts, report = list(walk.parts), msgspec.structs.replace(walk.report, by=list(walk.report.by))
    recognised, excluding = walk.recognised, walk.excluding
    taken = _recognised(walk, at) if walk.low(at) else 0
    if taken and wanted(walk.parts[len(parts) :]):
        return taken
    walk.parts, walk.report, walk.recognised, walk.excluding = parts, report, recognised, excluding
    return 0


def _negation(walk: Walk, at: int) -> int:
    """not, no, without before a recognised thing exclude it."""
    size = walk.said(at, listed("words", "excluding"))
    if not size or walk.said(at, listed("words", "affirming")):
        return 0
    start = _skipped(walk, at + size, "joining", "licence")
    held, walk.excluding = walk.excluding, True
    if taken := _tried(walk, start, bool):
        return start - at + taken
    walk.excluding = held
    low = walk.low(at)[0]
    if low not in ("not", "no", "without"):
        return 0
    # it is a word only within a phrase: "not medically necessary", "without contrast"
    run = walk.words(at, 1)
    while len(run) < 4 and (word := walk.words(at + len(run), 1)):
        if (
            word[0].lower() in listed("words", "joining")
            or known_names.named(word[0])
            or first_words.maybe_decision(word[0])
        ):
            break
        run += word
    if len(run) > 1:
        walk.parts.append(Clause("", f'"{" ".join(run)}"'))
        return len(run)
    return 1 if low == "not" else 0


def _field_named(walk: Walk, at: int) -> int:
    """A field's name before a value of that field says no more than the value: `category mri`, `drug norco`."""
    word = walk.words(at, 1)[0]
    named, meant = field_called(word), first_words.field_meant(word) or ""
    key = named.key if named is not None else meant
    if not key or ":" in key:  # "since" says more than the field
        return 0
    start = at + 1
    while walk.low(start) and walk.low(start)[0] in _IS:
        start += 1
    held = walk.excluding
    if start > at + 1 and (size := walk.said(start, listed("words", "excluding"))):  # drug is not norco
        walk.excluding, start = not held, start + size
    elif start == at + 1 and not walk.low(start):
        return 0
    fields = ("treatment", "category", "drug") if key == "treatment" else (key,)
    taken = _tried(walk, start, lambda made: len(made) == 1 and isinstance(made[0], Clause) and made[0].field in fields)
    walk.excluding = False if taken else held
    walk.recognised = walk.recognised or taken > 0
    return start - at + taken if taken else 0


def _rest(walk: Walk, at: int) -> int:
    """A word that nothing knows: kept, unless it only joins what stands around it."""
    word = walk.words(at, 1)[0]
    low = word.lower()
    size = walk.said(at, listed("words", "joining"))
    if size == 2 and low == "in" and walk.licensed:
        size = 1  # licensed in California
    if size:
        if low == "and":
            walk.parts.append("&")
        return size
    if low in listed("words", "licence"):
        return 1
    last = walk.last()
    if walk.report.kind.startswith("stats") and low in first_words.names("reports", "of"):
        return 1
    if low in listed("words", "again") and last is not None and last.field in ("category", "drug", "treatment"):
        return 1
    plain = word.isalnum() and low not in ("and", "or", "not")
    walk.word(word if plain or parser.readable(word) else f'"{word}"')
    return 1
