"""Why an item was decided as it was: the grounds that its rationale gives, each with the sentence that gives it.

index/reasons.toml declares the axes and the wording of each. Two things are asked of a sentence: what it is about, and what it does. A lack
that is found in the record decides ("However, there is no documentation of ..."); a quotation of the guideline hardly counts; the closing
formula counts only for a ground that it repeats ("Given the functional improvement, ..."). What was granted is decided by what is there, what was
refused by what is not. A ground below `_LEAST` is none, and a rationale without one has the code `other`: nothing is guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from typing import Any, Final

import msgspec

from imr_search import assets, vocabulary
from imr_search.analysis import sentences
from imr_search.letters.wordpatterns import PatternSet, Said, plain

OTHER: Final = "other"

# How much a sentence counts, from 0 to 1, by what it does; found by trial on the letters of the test that are for it.
_LEAST: Final = 0.55
_FIRM: Final = 0.8  # what a ground beside the main one must reach
_CERTAIN: Final = (
    1.0  # and a third one: an item turns on three grounds seldom, and a wrong one is worse than a missing one
)
_MOST: Final = 3  # codes of one item
_TOPIC: Final = 0.9  # a topic beside a ground
_BORROWED: Final = 0.7  # a topic of the sentence before
_TURNING: Final = 1.1  # what follows "however"
_FORMULA: Final = 0.8
_NEARLY: Final = 0.9  # of the best: then what is said first is the main ground
# What a form puts beside other grounds is seldom the main one; what needs special wording seldom is not.
_RANK: Final = {"need": 0.85, "repeat": 0.75, "alternative": 0.7, "risk": 1.3, "monitoring": 1.15}
_BESIDE: Final = 0.6  # the rank of a formula
_BEFORE_ALL: Final = frozenset({"linked-treatment", "ingredient"})
# Grounds that are no lack: the fact itself speaks against the treatment.
_FACTS: Final = frozenset("repeat harm alternative amount recommendation evidence request risk monitoring".split())


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

    @property
    def any(self) -> int:
        return self.ground | self.topic | self.formula


class _Weighed(msgspec.Struct, frozen=True):
    """A sentence with what it counts: as a topic, and with wording that is a ground by itself."""

    number: int
    span: tuple[int, int]
    said: Said
    topic: float
    ground: float
    lacks: bool
    closes: bool
    back: bool  # it speaks of what the sentence before names: "None of these is in the chart."


class _Found(msgspec.Struct, frozen=True):
    """The best sentence for an axis."""

    axis: _Axis
    score: float
    sentence: _Weighed
    formula: bool = False


class _Rules:
    """index/reasons.toml, compiled."""

    def __init__(self) -> None:
        declared: dict[str, Any] = tomllib.loads(assets.text(vocabulary.REASONS))
        words: dict[str, str] = declared.pop("words")
        roles: dict[str, list[str]] = declared.pop("roles")
        common = declared.pop("common")
        self.helps: dict[str, str] = {code: row["help"] for code, row in declared.items()}
        self.words = {
            name: frozenset(roles[name])
            for name in ("guideline", "general", "worker", "case", "lack", "affirm", "turn", "further")
        }
        self.so = tuple(f" {text} " for text in roles["so"])
        self.record = tuple(f" {text} " for text in roles["record"])
        self.bits = {name: 1 << at for at, name in enumerate(("lack", "closing", "because", "ignored", "back"))}
        self.roles = PatternSet(
            [(text, bit) for name, bit in self.bits.items() for text in roles[f"{name}_phrases"]], words, common
        )
        self.case = PatternSet([(text, 1) for text in roles["case_phrases"]], words, common)
        self.axes: list[_Axis] = []
        order = list(declared)
        patterns: list[tuple[str, int]] = []
        rest: list[tuple[str, int]] = []
        for at, (code, row) in enumerate(declared.items()):
            stronger = sum(1 << 4 * order.index(other) for other in row.get("gives_way_to", ()))
            ground, topic, formula, not_ = (1 << (4 * at + kind) for kind in range(4))
            axis = _Axis(code, ground, topic, formula, not_, stronger)
            self.axes.append(axis)
            for kind, bit in (
                ("ground", axis.ground),
                ("topic", axis.topic),
                ("formula", axis.formula),
                ("not", axis.not_),
            ):
                patterns += [(text, bit) for text in row.get(kind, ())]
            rest += [(text, axis.topic) for text in row.get("rest", ())]
        self.patterns = PatternSet(patterns, words, common)
        self.rest = PatternSet(rest, words, common)


@cache
def _rules() -> _Rules:
    return _Rules()


@cache
def codes() -> Mapping[str, str]:
    """Every code with what a decision under it turns on, in the order of the table; `other` last."""
    return _rules().helps | {OTHER: "none of these"}


def read(rationale: str, outcome: str) -> tuple[Reason, ...]:
    """The grounds of one decision, the main one first. Linear in the text; raises nothing."""
    if not rationale:
        return ()
    granted = outcome == "overturned"
    weighed = _weigh(rationale, granted)
    found = _find(weighed, granted, least=_LEAST * 0.9)
    kept = [row for row in found if row.score >= _LEAST]
    if not kept:
        kept = _last_resort(weighed, granted)
    if not kept:
        return (Reason(OTHER, 0),)
    first, *others = _ranked(kept, granted)
    chosen = [first, *(row for row in others if row.score >= _FIRM)]
    if len(chosen) > 2 and chosen[2].score < _CERTAIN:
        del chosen[2:]
    return tuple(
        Reason(row.axis.code, row.sentence.number, rationale[row.sentence.span[0] : row.sentence.span[1]])
        for row in chosen[:_MOST]
    )


def _weigh(rationale: str, granted: bool) -> list[_Weighed]:
    """What each sentence counts."""
    rules = _rules()
    bits = rules.bits
    found: list[_Weighed] = []
    quoted = begun = False  # inside quotation marks; past the first sentence on this worker
    line = plain(rationale)
    marks = '"' in rationale or "“" in rationale or "”" in rationale
    for number, (start, end) in enumerate(sentences(rationale), 1):
        said = Said(line[start:end])
        words = said.words
        role = rules.roles.find(said)
        general = not words.isdisjoint(rules.words["general"])
        guideline = general or not words.isdisjoint(rules.words["guideline"])
        concludes = said.line.startswith(rules.so)
        turns = concludes or not words.isdisjoint(rules.words["turn"])
        further = not words.isdisjoint(rules.words["further"])
        surely = concludes or said.line.startswith(rules.record) or not words.isdisjoint(rules.words["case"])
        own = surely or not words.isdisjoint(rules.words["worker"])
        lacks = bool(role & bits["lack"]) or not words.isdisjoint(rules.words["lack"])
        decides = not words.isdisjoint(rules.words["affirm"]) if granted else lacks
        inside = quoted
        if marks and sum(rationale.count(mark, start, end) for mark in '"“”') % 2:
            quoted = not quoted
        if inside and own and decides and not guideline:
            inside = quoted = False  # the closing mark was lost
        closes = bool(role & bits["closing"])
        if role & bits["ignored"]:
            topic = ground = 0.0
        elif inside:
            topic = ground = 0.1
        elif closes:
            topic = ground = (0.9 if granted else 0.75) if role & bits["because"] and decides else 0.2
        else:
            there = own or bool(role & bits["back"]) or bool(rules.case.find(said))
            if own and not surely and guideline and not begun and not turns:
                topic, ground = 0.4 if decides else 0.3, 0.4  # "if the patient is ..." of a guideline
            else:
                topic, ground = _weight(guideline, general, own, there, decides, turns or further, begun, granted)
            if turns and decides and not granted and topic >= 0.9:
                topic, ground = topic * _TURNING, ground * _TURNING
        if own and topic and not closes and not inside:
            begun = True
        back = decides and bool(role & bits["back"])
        found.append(_Weighed(number, (start, end), said, topic, ground, decides, closes, back))
    return found


def _weight(
    guideline: bool, general: bool, own: bool, there: bool, decides: bool, turns: bool, begun: bool, granted: bool
) -> tuple[float, float]:
    """What a sentence counts that is neither quoted nor closing."""
    if guideline:
        if own:
            topic = (1.0 if granted else 0.9 if turns or not general else 0.75) if decides else 0.3
            return topic, max(topic, 0.7)
        if there and not begun:
            return 0.3, 0.3
        if begun and decides and not granted:
            return (0.9, 0.9) if turns else (0.5, 0.6)
        return 0.2, 0.2
    if there:
        topic = 1.0 if decides else 0.6 if granted else 0.3
        return topic, max(topic, 0.7)
    return ((0.6 if begun and not granted else 0.25) if decides else 0.2), 0.6


def _find(weighed: list[_Weighed], granted: bool, least: float = 0.0) -> list[_Found]:
    """For each axis that is met, its best sentence: the first of equals, but where the item was granted the last, which concludes. Sentences
    that count less than `least` are passed over."""
    rules = _rules()
    best: dict[str, _Found] = {}
    for at, row in enumerate(weighed):
        if max(row.topic, row.ground) < least:
            continue
        bits = rules.patterns.find(row.said)
        borrowed = not bits and row.back and at > 0
        if borrowed:
            bits = rules.patterns.find(weighed[at - 1].said)
        if not bits:
            continue
        for axis in rules.axes:
            if bits & axis.stronger:
                continue
            formula = False
            if borrowed:
                if not bits & (axis.ground | axis.topic) or bits & axis.not_:
                    continue
                score = row.topic * _BORROWED
            elif bits & axis.ground and (row.lacks or granted or axis.code in _FACTS):
                score = row.ground
            elif bits & axis.topic and not bits & axis.not_:
                score = row.topic * _TOPIC
            elif bits & axis.formula:
                score = row.topic * _FORMULA
                formula = True
            else:
                continue
            known = best.get(axis.code)
            if known is None or score > known.score or (granted and score == known.score):
                best[axis.code] = _Found(axis, score, row, formula)
    return list(best.values())


def _last_resort(weighed: list[_Weighed], granted: bool) -> list[_Found]:
    """Nothing firm was said: a lack in the record that is of no other kind, else the best of what hardly counts."""
    rules = _rules()
    for row in weighed:
        if row.topic >= 0.5 and not row.closes:
            bits = rules.rest.find(row.said)
            for axis in rules.axes:
                if bits & axis.topic:
                    return [_Found(axis, _LEAST, row)]
    found = _find(weighed, granted)
    best = max(found, key=lambda row: row.score, default=None)
    return [best] if best is not None and best.score >= 0.15 else []


def _ranked(found: list[_Found], granted: bool) -> list[_Found]:
    patterns = _rules().patterns
    ranks = {row.axis.code: row.score * (_BESIDE if row.formula else _RANK.get(row.axis.code, 1.0)) for row in found}
    best = max(ranks.values())

    def order(row: _Found) -> tuple[float, ...]:
        tier = 2 if row.axis.code in _BEFORE_ALL else 1 if ranks[row.axis.code] >= _NEARLY * best else 0
        if granted:
            return -tier, -round(ranks[row.axis.code], 1), -row.sentence.number
        return -tier, row.sentence.number

    ordered: list[_Found] = []
    for _, equal in groupby(sorted(found, key=order), order):
        rows = list(equal)
        if len(rows) > 1:  # of one sentence: what it says first
            rows.sort(key=lambda row: patterns.place(row.sentence.said, row.axis.any))
        ordered += rows
    return ordered
