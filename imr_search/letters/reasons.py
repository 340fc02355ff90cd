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
_CONCEDING: Final = frozenset({"although", "though", "while", "despite"})  # one of which is in every concession
# "Failed to document" is no failed treatment, "failed to improve" is one.
_FAILED_TO: Final = re.compile(
    r"fail(?<!\wfail)(?:s|ed)\s+to\b(?!\s+(?:adequately\s+)?(?:improve|respond|progress|benefit|relieve|resolve|help|alleviate|reduce|curtail|diminish|lessen|effect|control|heal|yield|work))"
)
_MAY: Final = re.compile(r"\bMay(?= +\d)")  # the month
_SUPPOSING: Final = (" if ", " when ", " unless ", " where ")  # what follows would hold for anybody
_SO_WORDS: Final = frozenset({"therefore", "so", "thus", "hence"})
_SO: Final = re.compile(r" (?:therefore|so|thus|hence) ")  # amid a sentence: what stands before it is the ground
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
    stronger: int  # grounds of the axes that it gives way to
    any: int  # ground, topic or formula


class _Stance(msgspec.Struct, frozen=True):
    """What a sentence does, before its place in the rationale is looked at."""

    guideline: bool  # it quotes a guideline
    general: bool  # and says what holds for anybody
    surely: bool  # it speaks of this case
    own: bool  # of this worker, or of any
    there: bool  # of this record
    turns: bool
    further: bool
    lacks: bool
    decides: bool
    sums_up: bool
    closes: bool
    because: bool
    ignored: bool
    back: bool
    ties: bool


class _Weighed(msgspec.Struct, frozen=True):
    """A sentence with what it counts: as a topic, and with wording that is a ground by itself."""

    number: int
    span: tuple[int, int]
    said: Said
    topic: float
    ground: float
    does: _Stance
    criterion: bool  # it quotes what the guideline asks for, before the reviewer turns to the worker

    @property
    def back(self) -> bool:
        """It speaks of what the sentence before names: "None of these is in the chart."."""
        return self.does.back and self.does.decides


class _Found(msgspec.Struct, frozen=True):
    """The best sentence for an axis."""

    axis: _Axis
    score: float
    fit: float  # the score, and a little more where the sentence ties the ground to the request
    sentence: _Weighed
    formula: bool = False
    firm: bool = False  # by wording that is a ground by itself


# What the words and phrases of [roles] say of a sentence, each a bit.
_GUIDELINE, _GENERAL, _WORKER, _CASE, _ON_RECORD, _LACK, _AFFIRM, _TURN, _FURTHER = (1 << at for at in range(9))
_CLOSING, _BECAUSE, _IGNORED, _BACK, _LINKS, _APPLIED, _SUPPOSES = (1 << at for at in range(9, 16))
_ROLES: Final = {
    "guideline": _GUIDELINE,
    "general": _GENERAL,
    "worker": _WORKER,
    "case": _CASE,
    "case_phrases": _ON_RECORD,
    "lack": _LACK,
    "lack_phrases": _LACK,
    "affirm": _AFFIRM,
    "turn": _TURN,
    "further": _FURTHER,
    "closing_phrases": _CLOSING,
    "because_phrases": _BECAUSE,
    "ignored_phrases": _IGNORED,
    "back_phrases": _BACK,
    "link_phrases": _LINKS,
    "applied_phrases": _APPLIED,
    "supposes_phrases": _SUPPOSES,
}


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
        common = declared.pop("common")
        self.points = msgspec.convert(declared.pop("points"), _Points)
        self.helps: dict[str, str] = {code: row["help"] for code, row in declared.items()}
        self.thus = tuple(f" {text} " for text in roles["thus"])
        self.so = (*self.thus, *(f" {text} " for text in roles["so"]))
        self.record = tuple(f" {text} " for text in roles["record"])
        self.roles = PatternSet([(text, bit) for name, bit in _ROLES.items() for text in roles[name]], words, common)
        self.axes: list[_Axis] = []
        self.hints: dict[str, list[int]] = {}  # the axes that a word hints at, by their places
        self.begin: dict[str, list[int]] = {}  # the same by what words begin with
        order = list(declared)
        patterns: list[tuple[str, int]] = []
        rest: list[tuple[str, int]] = []
        for at, (code, row) in enumerate(declared.items()):
            stronger = sum(1 << 4 * order.index(other) for other in row.get("gives_way_to", ()))
            ground, topic, formula, not_ = (1 << (4 * at + kind) for kind in range(4))
            axis = _Axis(code, ground, topic, formula, not_, stronger, ground | topic | formula)
            self.axes.append(axis)
            for kind, bit in (
                ("ground", axis.ground),
                ("topic", axis.topic),
                ("formula", axis.formula),
                ("not", axis.not_),
            ):
                patterns += [(text, bit) for text in row.get(kind, ())]
            for word in row.get("hints", ()):
                (self.begin if word.endswith("*") else self.hints).setdefault(word.removesuffix("*"), []).append(at)
            rest += [(text, axis.topic) for text in row.get("rest", ())]
        self.patterns = PatternSet(patterns, words, common)
        self.rest = PatternSet(rest, words, common)

    def hinted(self, said: Said) -> _Axis | None:
        """The axis that most words of the sentence belong to; of equals the first."""
        counts = [0] * len(self.axes)
        for word in said.words:
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
    first, *others = _ranked(kept, granted, _asked_for(weighed))
    chosen = [first, *(row for row in others if row.score >= points.beside)]
    return tuple(
        Reason(row.axis.code, row.sentence.number, rationale[row.sentence.span[0] : row.sentence.span[1]])
        for row in chosen
    )


def _stance(said: Said, conceded: bool, granted: bool) -> _Stance:
    rules = _rules()
    role = rules.roles.find(said)
    applied = bool(role & _APPLIED) and not role & _SUPPOSES  # the guideline is held against this request
    general = said.line.startswith(_SUPPOSING) or (bool(role & _GENERAL) and not applied)
    concludes = said.line.startswith(rules.so)
    surely = concludes or applied or said.line.startswith(rules.record) or bool(role & _CASE)
    own = surely or bool(role & _WORKER)
    return _Stance(
        guideline=general or (bool(role & _GUIDELINE) and not applied),
        general=general,
        surely=surely,
        own=own,
        there=own or bool(role & (_BACK | _ON_RECORD)),
        turns=concludes or conceded or bool(role & _TURN),
        further=bool(role & _FURTHER),
        lacks=bool(role & _LACK),
        decides=bool(role & (_AFFIRM if granted else _LACK)),
        sums_up=said.line.startswith(rules.thus),
        closes=bool(role & _CLOSING) and not role & _TURN,
        because=bool(role & _BECAUSE)
        or (not said.words.isdisjoint(_SO_WORDS) and _SO.search(said.line, 2) is not None),
        ignored=bool(role & _IGNORED),
        back=bool(role & _BACK),
        ties=bool(role & _LINKS) and not role & _CLOSING and not granted,
    )


def _weigh(rationale: str, granted: bool) -> list[_Weighed]:
    """What each sentence counts."""
    found: list[_Weighed] = []
    quoted = begun = False  # inside quotation marks; past the first sentence on this worker
    line = plain(_MAY.sub("Mai", rationale) if "May " in rationale else rationale)
    if "fail" in line:
        line = _FAILED_TO.sub(lambda match: "did not".ljust(len(match[0])), line)
    marks = '"' in rationale or "“" in rationale or "”" in rationale
    for number, (start, end) in enumerate(sentences(rationale), 1):
        whole = said = Said(line[start:end])
        conceded = None if said.words.isdisjoint(_CONCEDING) else _CONCESSION.match(rationale, start, end)
        if conceded:
            said = Said(line[conceded.end() : end])
            if not _rules().patterns.find(said):
                said = whole  # "While ... had findings of a tear, the reading does not support this."
        does = _stance(said, conceded is not None, granted)
        inside = quoted
        if marks and sum(rationale.count(mark, start, end) for mark in '"“”') % 2:
            quoted = not quoted
        if inside and does.own and does.decides and not does.guideline:
            inside = quoted = False  # the closing mark was lost
        if does.ignored:
            topic = ground = 0.0
        elif inside:
            topic = ground = 0.1
        elif does.closes:
            topic = ground = (0.9 if granted else 0.85) if does.because and does.decides else 0.2
        else:
            topic, ground = _weight(does, begun, granted)
        begun = begun or (
            does.own and topic > 0 and not does.closes and not inside and (does.surely or not does.guideline)
        )
        criterion = does.guideline and not does.surely and not begun
        found.append(_Weighed(number, (start, end), said, topic, ground, does, criterion))
    return found


def _weight(does: _Stance, begun: bool, granted: bool) -> tuple[float, float]:
    """What a sentence counts that is neither quoted nor closing: as a topic, and as a ground."""
    if does.guideline and does.own and not (does.surely or begun or does.turns):
        return (0.4 if does.decides else 0.3), 0.4  # "if the patient is ..." of a guideline
    if does.guideline and not does.own:
        if does.there and not begun:
            return 0.3, 0.3
        if begun and does.decides and not granted:
            return _turned(does, 0.9, 0.9) if does.turns or does.further else (0.5, 0.6)
        return 0.2, 0.2
    if does.guideline:
        firm = granted or does.turns or does.further or not does.general
        topic = 0.3 if not does.decides else 1.0 if granted else 0.9 if firm else 0.75
        return _turned(does, topic, max(topic, 0.7), granted)
    if does.there:
        topic = 1.0 if does.decides else 0.65 if granted else 0.3
        return _turned(does, topic, max(topic, 0.7), granted)
    if does.decides and begun and not granted:
        return 0.9, 0.9
    return (0.25 if does.decides else 0.2), 0.6


def _turned(does: _Stance, topic: float, ground: float, granted: bool = False) -> tuple[float, float]:
    """A little more for what the reviewer turns to: "However, ..."."""
    if does.turns and does.decides and not granted and topic >= 0.9:
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
        bits = rules.patterns.find(row.said)
        borrowed = not bits and row.back and at > 0
        if borrowed:
            bits = rules.patterns.find(weighed[at - 1].said)
        met = False
        for axis in rules.axes if bits else ():
            if not bits & axis.any or bits & axis.stronger:
                continue
            formula = firm = False
            if borrowed:
                if not bits & (axis.ground | axis.topic) or bits & axis.not_:
                    continue
                score = row.topic * points.back
            elif bits & axis.ground and (row.does.lacks or granted or axis.code in _FACTS):
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
            fit = score * points.link if row.does.ties else score
            known = best.get(axis.code)
            if known is not None and known.firm and not granted and row.does.sums_up:
                continue  # "As such, it would be redundant.": what it follows from was said
            if known is None or fit > known.fit * (1 if granted else points.clearly) or (granted and fit == known.fit):
                best[axis.code] = _Found(axis, score, fit, row, formula, firm)
        if (
            hints
            and not met
            and not row.does.closes
            and (row.does.there or row.does.decides)
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
        if row.topic >= 0.5 and not row.does.closes:
            bits = rules.rest.find(row.said)
            for axis in rules.axes:
                if bits & axis.topic:
                    return [_Found(axis, least, least, row)]
    if granted and _supporting(weighed) is not None:
        return []
    return [best] if best is not None and best.score >= 0.15 else []


def _supporting(weighed: list[_Weighed]) -> _Weighed | None:
    """The last sentence that tells what speaks for this request."""
    least = _rules().points.beside
    return next(
        (row for row in reversed(weighed) if row.does.surely and row.topic >= least and not row.does.closes), None
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
            asked |= rules.patterns.find(row.said)
    return asked


def _ranked(found: list[_Found], granted: bool, asked: int) -> list[_Found]:
    patterns, points = _rules().patterns, _rules().points
    ranks = {
        row.axis.code: row.score
        * (points.rank_formula if row.formula else points.rank.get(row.axis.code, 1.0))
        * (points.asked if asked & row.axis.any else 1.0)
        for row in found
    }
    best = max(ranks.values())

    def order(row: _Found) -> tuple[float, ...]:
        tier = 2 if row.axis.code in _BEFORE_ALL else 1 if ranks[row.axis.code] >= points.nearly * best else 0
        if granted:
            return -tier, -round(ranks[row.axis.code], 1), -row.sentence.number
        return -tier, row.sentence.number

    ordered = sorted(found, key=order)
    # Of one sentence: what it says first.
    leading = [row for row in ordered if row.sentence is ordered[0].sentence]
    if not granted and len(leading) > 1:
        leading.sort(
            key=lambda row: (
                row.axis.code not in _BEFORE_ALL,
                not (row.firm and points.rank.get(row.axis.code, 1.0) > 1),
                patterns.place(row.sentence.said, row.axis.any),
            )
        )
    return leading + [row for row in ordered if row.sentence is not leading[0].sentence]
