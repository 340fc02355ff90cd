"""Why an item was decided as it was: the grounds that its rationale gives, each with the sentence that gives it.

index/reasons.toml declares the axes and the wording of each. Two things are asked of a sentence: what it is about, and what it does. A lack
that is found in the record decides ("However, there is no documentation of ..."); a quotation of the guideline hardly counts; the closing
formula counts only for a ground that it repeats ("Given the functional improvement, ..."). What was granted is decided by what is there, what was
refused by what is not. A ground below the least of [points] is none, and a rationale without one has the code `other`: nothing is guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, Final

import msgspec

from imr_search import assets, vocabulary
from imr_search.analysis import sentences
from imr_search.letters.wordpatterns import PatternSet, Said, plain

OTHER: Final = "other"

_BEFORE_ALL: Final = frozenset({"linked-treatment", "ingredient"})
# What a sentence concedes before it says what decides: "Although there is weakness, the record shows no ..."
_CONCESSION: Final = re.compile(
    r"(?:[^,;]{0,60},\s+)?(?:even\s+though|although|though|while|despite\s+the\s+fact)\b.*?[,)]\s+"
    r"(?=(?:here|however|there|the|it|this|these|he|she|his|her|no|an?)\b)",
    re.IGNORECASE | re.DOTALL,
)
_CONCEDING: Final = "although|though|while|despite"  # one of which is in every concession
# "Failed to document" is no failed treatment, "failed to improve" is one.
_FAILED_TO: Final = re.compile(
    r"fail(?<!\wfail)(?:s|ed)\s+to\b(?!\s+(?:adequately\s+)?(?:improve|respond|progress|benefit|relieve|resolve|help|alleviate|reduce|curtail|diminish|lessen|effect|control|heal|yield|work))"
)
_MAY: Final = re.compile(r"\bMay(?= +\d)")  # the month
_IF: Final = ("if", "when", "unless", "where")  # what follows would hold for anybody
_SO: Final = "therefore|so|thus|hence"  # amid a sentence: what stands before it is the ground
_AMID: Final = re.compile(rf" (?:{_SO}) ")
# Grounds that are no lack: the fact itself speaks against the treatment.
_FACTS: Final = frozenset(
    "functional-improvement repeat harm alternative amount recommendation evidence request risk monitoring".split()
)


class Reason(msgspec.Struct, frozen=True):
    """A ground: its code, and the sentence that gives it, counted from 1 in the rationale (0 and "": none)."""

    code: str
    sentence: int
    text: str = ""


class _Axis(msgspec.Struct, frozen=True):
    """One axis with the bits that its patterns set."""

    code: str
    ground: int
    topic: int
    formula: int
    not_: int
    rest: int
    stronger: int  # grounds of the axes that it gives way to
    any: int  # ground, topic or formula
    rank: float
    fact: bool
    before_all: bool


class _Weighed(msgspec.Struct, frozen=True):
    """A sentence with what it counts: as a topic, and with wording that is a ground by itself."""

    number: int
    span: tuple[int, int]
    said: Said
    topic: float
    ground: float
    does: int  # the bits of what it does
    criterion: bool  # it quotes what the guideline asks for, before the reviewer turns to the worker


class _Found(msgspec.Struct, frozen=True):
    """The best sentence for an axis."""

    axis: _Axis
    score: float
    fit: float  # the score, and a little more where the sentence ties the ground to the request
    sentence: _Weighed
    formula: bool = False
    firm: bool = False  # by wording that is a ground by itself


# What a sentence does, each a bit.
_GUIDELINE, _GENERAL = 1 << 0, 1 << 1  # it quotes a guideline; and says what holds for anybody
_SURELY, _OWN, _THERE = 1 << 2, 1 << 3, 1 << 4  # it speaks of this case; of this worker, or of any; of this record
_LACK, _AFFIRM, _DECIDES = 1 << 5, 1 << 6, 1 << 7  # _DECIDES: the one of the others that fits the outcome
_TURN, _TURNS, _FURTHER = 1 << 8, 1 << 9, 1 << 10  # it has a word that turns; it turns
_CLOSING, _CLOSES, _BECAUSE = 1 << 11, 1 << 12, 1 << 13
_IGNORED, _BACK, _LINKS, _APPLIED, _SUPPOSES, _SUPPOSING, _SUMS_UP, _CONCEDES, _SO_WORD = (
    1 << at for at in range(14, 23)
)
_AXES: Final = 23  # the bits of the axes begin here
_DOES: Final = (1 << _AXES) - 1
_OF_CASE: Final = _SURELY | _OWN | _THERE
# What the words and phrases of [roles] say of a sentence that has them,
_ROLES: Final = {
    "guideline": _GUIDELINE,
    "general": _GENERAL | _GUIDELINE,
    "worker": _OWN | _THERE,
    "case": _OF_CASE,
    "case_phrases": _THERE,
    "lack": _LACK,
    "lack_phrases": _LACK,
    "affirm": _AFFIRM,
    "turn": _TURN | _TURNS,
    "further": _FURTHER,
    "closing_phrases": _CLOSING,
    "because_phrases": _BECAUSE,
    "ignored_phrases": _IGNORED,
    "back_phrases": _BACK | _THERE,
    "link_phrases": _LINKS,
    "applied_phrases": _APPLIED,
    "supposes_phrases": _SUPPOSES,
}
# or begins with them.
_OPENINGS: Final = {"thus": _SUMS_UP | _TURNS | _OF_CASE, "so": _TURNS | _OF_CASE, "record": _OF_CASE}


_KINDS: Final = ("ground", "topic", "formula", "not", "rest")


def _axis_bit(at: int) -> int:
    """The place of the first bit of an axis, its ground's."""
    return _AXES + len(_KINDS) * at


class _Points(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[points] of index/reasons.toml, which says what each is."""

    least: float
    beside: float
    topic: float
    back: float
    formula: float
    hints: float
    turn: float
    link: float
    asked: float
    clearly: float
    nearly: float
    rank_formula: float
    rank: dict[str, float]


class _Rules:
    """index/reasons.toml, compiled."""

    def __init__(self, declared: dict[str, Any]) -> None:
        words: dict[str, str] = declared.pop("words")
        roles: dict[str, list[str]] = declared.pop("roles")
        self.points = msgspec.convert(declared.pop("points"), _Points)
        self.helps: dict[str, str] = {code: row["help"] for code, row in declared.items()}
        self.axes: list[_Axis] = []
        self.hints: dict[str, list[int]] = {}  # the axes that a word hints at, by their places
        self.begin: dict[str, list[int]] = {}  # the same by what words begin with
        patterns = [(text, bit) for name, bit in _ROLES.items() for text in roles[name]]
        patterns += [(f"^{text}", bit) for name, bit in _OPENINGS.items() for text in roles[name]]
        patterns += [(f"^{word}", _SUPPOSING | _GENERAL | _GUIDELINE) for word in _IF]
        patterns += [(_CONCEDING, _CONCEDES), (_SO, _SO_WORD)]
        order = list(declared)
        for at, (code, row) in enumerate(declared.items()):
            ground, topic, formula, not_, rest = bits = [1 << _axis_bit(at) + kind for kind in range(len(_KINDS))]
            self.axes.append(
                _Axis(
                    code,
                    ground,
                    topic,
                    formula,
                    not_,
                    rest,
                    stronger=sum(1 << _axis_bit(order.index(other)) for other in row.get("gives_way_to", ())),
                    any=ground | topic | formula,
                    rank=self.points.rank.get(code, 1.0),
                    fact=code in _FACTS,
                    before_all=code in _BEFORE_ALL,
                )
            )
            patterns += [(text, bit) for kind, bit in zip(_KINDS, bits, strict=True) for text in row.get(kind, ())]
            for word in row.get("hints", ()):
                (self.begin if word.endswith("*") else self.hints).setdefault(word.removesuffix("*"), []).append(at)
        self.patterns = PatternSet(patterns, words)
        self.any = sum(axis.any for axis in self.axes)
        self.axis_bits = self.any | sum(axis.not_ for axis in self.axes)
        finder = self.patterns.finder
        self.about = finder(self.axis_bits)
        self.rest = finder(sum(axis.rest for axis in self.axes))
        self.does = finder(
            _DOES & ~(_THERE | _BACK | _BECAUSE | _LINKS)
        )  # of every sentence; the others where they count
        self.there = finder(_THERE)
        self.because = finder(_BECAUSE)
        self.links = finder(_LINKS)

    def hinted(self, said: Said) -> _Axis | None:
        """The axis that most words of the sentence belong to; of equals the first."""
        counts = [0] * len(self.axes)
        for word in set(said.line.split()):
            for at in self.hints.get(word, ()):
                counts[at] += 1
            for length in range(3, len(word) + 1):
                for at in self.begin.get(word[:length], ()):
                    counts[at] += 1
        most = max(counts)
        return self.axes[counts.index(most)] if most else None


@cache
def _rules() -> _Rules:
    return _Rules(tomllib.loads(assets.text(vocabulary.REASONS)))


@cache
def codes() -> Mapping[str, str]:
    """Every code with what a decision under it turns on, in the order of the table; `other` last."""
    return _rules().helps | {OTHER: "none of these"}


@lru_cache(maxsize=64)
def read(rationale: str, outcome: str) -> tuple[Reason, ...]:
    """The grounds of one decision, the main one first. Linear in the text; raises nothing.

    Cached: items of one letter often share their rationale.
    """
    if not rationale:
        return ()
    granted = outcome == "overturned"
    weighed = _weigh(rationale, granted)
    points = _rules().points
    kept = [row for row in _find(weighed, granted, least=points.least * 0.9) if row.score >= points.least]
    if not kept:
        kept = _last_resort(weighed, granted)
    if not kept:
        return (_unnamed(weighed, rationale, granted),)
    first, *others = kept if len(kept) == 1 else _ranked(kept, granted, _asked_for(weighed))
    chosen = [first, *(row for row in others if row.score >= points.beside)]
    return tuple(
        Reason(row.axis.code, row.sentence.number, rationale[row.sentence.span[0] : row.sentence.span[1]])
        for row in chosen
    )


def _does(said: Said, granted: bool) -> int:
    """What a sentence does, before its place in the rationale is looked at."""
    rules = _rules()
    does = rules.does(said) & _DOES
    if does & _APPLIED and not does & _SUPPOSES:  # the guideline is held against this request
        does |= _OF_CASE
        if not does & _SUPPOSING:
            does &= ~(_GENERAL | _GUIDELINE)
    if not does & _THERE:
        does |= rules.there(said) & _THERE
    if does & (_AFFIRM if granted else _LACK):
        does |= _DECIDES
    if does & (_CLOSING | _TURN) == _CLOSING:
        does |= _CLOSES
    return does


def _gives_ground(said: Said) -> bool:
    """Does a closing sentence say from what it follows?"""
    found = _rules().because(said)
    return bool(found & _BECAUSE) or (bool(found & _SO_WORD) and _AMID.search(said.line, 2) is not None)


def _weigh(rationale: str, granted: bool) -> list[_Weighed]:
    """What each sentence counts."""
    rules = _rules()
    found: list[_Weighed] = []
    quoted = begun = False  # inside quotation marks; past the first sentence on this worker
    line = plain(_MAY.sub("Mai", rationale) if "May " in rationale else rationale)
    if "fail" in line:
        line = _FAILED_TO.sub(lambda match: "did not".ljust(len(match[0])), line)
    quotes = rationale.replace("“", '"').replace("”", '"')
    marks = '"' in quotes
    for number, (start, end) in enumerate(sentences(rationale), 1):
        said = rules.patterns.said(line[start:end])
        conceded = said.found & _CONCEDES and _CONCESSION.match(rationale, start, end)
        if conceded:
            rest = rules.patterns.said(line[conceded.end() : end])
            if rules.about(rest) & rules.axis_bits:
                said = rest  # if not: "While ... had findings of a tear, the reading does not support this."
        does = _does(said, granted)
        if conceded:
            does |= _TURNS
        inside = quoted
        if marks and quotes.count('"', start, end) % 2:
            quoted = not quoted
        if inside and does & _OWN and does & _DECIDES and not does & _GUIDELINE:
            inside = quoted = False  # the closing mark was lost
        if does & _IGNORED:
            topic = ground = 0.0
        elif inside:
            topic = ground = 0.1
        elif does & _CLOSES:
            topic = ground = (0.9 if granted else 0.85) if does & _DECIDES and _gives_ground(said) else 0.2
        else:
            topic, ground = _weight(does, begun, granted)
        sure = bool(does & _SURELY) or not does & _GUIDELINE
        if not begun and sure and does & _OWN and topic > 0 and not inside and not does & _CLOSES:
            begun = True
        found.append(_Weighed(number, (start, end), said, topic, ground, does, not sure and not begun))
    return found


def _weight(does: int, begun: bool, granted: bool) -> tuple[float, float]:
    """What a sentence counts that is neither quoted nor closing: as a topic, and as a ground."""
    if does & _GUIDELINE and does & _OWN and not (does & _SURELY or begun or does & _TURNS):
        return (0.4 if does & _DECIDES else 0.3), 0.4  # "if the patient is ..." of a guideline
    if does & _GUIDELINE and not does & _OWN:
        if does & _THERE and not begun:
            return 0.3, 0.3
        if begun and does & _DECIDES and not granted:
            return _turned(does, 0.9, 0.9) if does & _TURNS or does & _FURTHER else (0.5, 0.6)
        return 0.2, 0.2
    if does & _GUIDELINE:
        firm = granted or does & _TURNS or does & _FURTHER or not does & _GENERAL
        topic = 0.3 if not does & _DECIDES else 1.0 if granted else 0.9 if firm else 0.75
        return _turned(does, topic, max(topic, 0.7), granted)
    if does & _THERE:
        topic = 1.0 if does & _DECIDES else 0.65 if granted else 0.3
        return _turned(does, topic, max(topic, 0.7), granted)
    if does & _DECIDES and begun and not granted:
        return 0.9, 0.9
    return (0.25 if does & _DECIDES else 0.2), 0.6


def _turned(does: int, topic: float, ground: float, granted: bool = False) -> tuple[float, float]:
    """A little more for what the reviewer turns to: "However, ..."."""
    if does & _TURNS and does & _DECIDES and not granted and topic >= 0.9:
        more = _rules().points.turn
        return topic * more, ground * more
    return topic, ground


def _find(weighed: list[_Weighed], granted: bool, *, least: float = 0.0, hints: bool = False) -> list[_Found]:
    """For each axis that is met, its best sentence: the first of about equals, but where the item was granted the last, which concludes.
    Sentences that count less than `least` are passed over. `hints`: go by single words where no wording is known."""
    rules = _rules()
    points = rules.points
    best: dict[str, _Found] = {}
    for at, row in enumerate(weighed):
        if max(row.topic, row.ground) < least:
            continue
        does = row.does
        bits = rules.about(row.said) & rules.axis_bits
        # It speaks of what the sentence before names: "None of these is in the chart."
        borrowed = not bits and does & _DECIDES and at > 0 and rules.there(row.said) & _BACK
        if borrowed:
            bits = rules.about(weighed[at - 1].said) & rules.axis_bits
        met = False
        left = bits & rules.any
        while left:
            axis = rules.axes[((left & -left).bit_length() - 1 - _AXES) // len(_KINDS)]
            left &= ~axis.any
            if bits & axis.stronger:
                continue
            formula = firm = False
            if borrowed:
                if not bits & (axis.ground | axis.topic) or bits & axis.not_:
                    continue
                score = row.topic * points.back
            elif bits & axis.ground and (does & _LACK or granted or axis.fact):
                score = row.ground
                firm = True
            elif bits & axis.topic and not bits & axis.not_:
                score = row.topic * points.topic
            elif bits & axis.formula:
                score = row.ground * points.formula
                formula = True
            else:
                continue
            met = True
            ties = not granted and not does & _CLOSING and rules.links(row.said) & _LINKS
            fit = score * points.link if ties else score
            known = best.get(axis.code)
            if known is not None and known.firm and not granted and does & _SUMS_UP:
                continue  # "As such, it would be redundant.": what it follows from was said
            if known is None or fit > known.fit * (1 if granted else points.clearly) or (granted and fit == known.fit):
                best[axis.code] = _Found(axis, score, fit, row, formula, firm)
        if (
            hints
            and not met
            and not does & _CLOSES
            and does & (_THERE | _DECIDES)
            and (hinted := rules.hinted(row.said)) is not None
        ):
            score = row.topic * points.hints
            known = best.get(hinted.code)
            if known is None or score > known.fit or (granted and score == known.fit):
                best[hinted.code] = _Found(hinted, score, score, row)
    return list(best.values())


def _last_resort(weighed: list[_Weighed], granted: bool) -> list[_Found]:
    """Nothing firm was said: a lack in the record that is of no other kind, else the best of what hardly counts."""
    rules = _rules()
    found = _find(weighed, granted, hints=True)
    best = max(found, key=lambda row: row.score, default=None)
    least = rules.points.least
    if best is not None and best.score >= least:
        return [best]
    for row in weighed:
        if row.topic >= 0.5 and not row.does & _CLOSES:
            bits = rules.rest(row.said)
            for axis in rules.axes:
                if bits & axis.rest:
                    return [_Found(axis, least, least, row)]
    if granted and _supporting(weighed) is not None:
        return []
    return [best] if best is not None and best.score >= 0.15 else []


def _supporting(weighed: list[_Weighed]) -> _Weighed | None:
    """The last sentence that tells what speaks for this request."""
    least = _rules().points.beside
    return next(
        (row for row in reversed(weighed) if row.does & _SURELY and row.topic >= least and not row.does & _CLOSES), None
    )


def _unnamed(weighed: list[_Weighed], rationale: str, granted: bool) -> Reason:
    """No ground that is known: of what was granted, still the sentence that tells why."""
    row = _supporting(weighed) if granted else None
    return Reason(OTHER, 0) if row is None else Reason(OTHER, row.number, rationale[slice(*row.span)])


def _asked_for(weighed: list[_Weighed]) -> int:
    """The bits of what the guideline asks for, as the reviewer quotes it."""
    rules = _rules()
    asked = 0
    for row in weighed:
        if row.criterion:
            asked |= rules.about(row.said)
    return asked


def _ranked(found: list[_Found], granted: bool, asked: int) -> list[_Found]:
    rules = _rules()
    points = rules.points
    ranks = [
        row.score
        * (points.rank_formula if row.formula else row.axis.rank)
        * (points.asked if asked & row.axis.any else 1.0)
        for row in found
    ]
    nearly = points.nearly * max(ranks)
    keys: list[tuple[float, ...]] = []
    for row, rank in zip(found, ranks, strict=True):
        tier = -2 if row.axis.before_all else -1 if rank >= nearly else 0
        keys.append((tier, -round(rank, 1), -row.sentence.number) if granted else (tier, row.sentence.number))
    ordered = [row for _, row in sorted(zip(keys, found, strict=True), key=itemgetter(0))]
    # Of one sentence: what it says first.
    leading = [row for row in ordered if row.sentence is ordered[0].sentence]
    if not granted and len(leading) > 1:
        places = rules.patterns.places(leading[0].sentence.said, *(row.axis.any for row in leading))
        begin = {row.axis.code: place for row, place in zip(leading, places, strict=True)}
        leading.sort(
            key=lambda row: (not row.axis.before_all, not (row.firm and row.axis.rank > 1), begin[row.axis.code])
        )
    return leading + [row for row in ordered if row.sentence is not leading[0].sentence]
