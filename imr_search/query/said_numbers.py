"""Numbers as people say them, with what they count: tablets, visits, years, items of a letter; strengths, pages, courses of "2x6"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from imr_search import vocabulary
from imr_search.fields import NUMBER, table
from imr_search.query import first_words, known_names
from imr_search.query.dates import NUMBERS
from imr_search.query.first_words import listed, names
from imr_search.query.walk import LONGEST, Walk

_STRENGTH = re.compile(r"\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)+(?:mg)?|\d+(?:\.\d+)?(?:mg|mcg|ml|%)", re.IGNORECASE)
_UNIT = re.compile(r"mg|mcg|ml|milligrams?", re.IGNORECASE)
_NUMBER = re.compile(r"#?(\d{1,6})")
_N = rf"(\d{{1,2}}|once|twice|{'|'.join(NUMBERS)})"
# Compiled by re when first needed: few queries say a course of treatment.
_COURSE = (
    rf"{_N}\s*(?:x|times|visits|sessions)?\s*(?:(?:/|per|a|each)\s*)?(?:wk|week|weekly)\s*(?:(?:x|for|times|over)\s*)?{_N}\s*(?:weeks?|wks?|w)\b"
    rf"|{_N}\s*x\s*{_N}(?:\s*(?:weeks?|wks?|w))?(?!\w)"
)
_THINGS = frozenset("treatment treatments item items request requests service services issue issues".split())
_REVIEWED = frozenset("disputed denied requested reviewed".split())
_FURTHER = frozenset("additional more extra further supervised post-op postoperative initial new".split())
_ADULT = range(16, 101)
_MOST_VISITS = 48  # of a course; from there on a bare number is rather an age
_OLDER = frozenset("over older up more above greater".split())  # behind "and"
_YOUNGER = frozenset("under younger less fewer below".split())


def items(walk: Walk, at: int) -> int:
    """`more than one treatment`, `multiple items`: of a letter."""
    for row, sign in (("over", ">"), ("least", ">=")):
        size = walk.said(at, listed("words", row))
        words = walk.low(at + size, 3)
        end = 3 if words[1:2] and (words[1] in _REVIEWED) else 2
        if size and len(words) >= end and words[end - 1] in _THINGS and (number := _whole(words[0])) is not None:
            walk.add("items", f"{sign}{number}")
            return size + end
    words = walk.low(at, 2)
    if len(words) == 2 and words[0] in ("multiple", "several") and words[1] in _THINGS:
        walk.add("items", ">1")
        return 2
    return 0


def strength(walk: Walk, at: int) -> int:
    """`10/325mg`, `50 mg`, as the index writes it."""
    first, *rest = walk.low(at, 2)
    if not _STRENGTH.fullmatch(first):
        if not (rest and _UNIT.fullmatch(rest[0]) and re.fullmatch(r"\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)?", first)):
            return 0
        walk.add("strength", first if "/" in first else first + ("mg" if rest[0].startswith("mi") else rest[0]))
        return 2
    walk.add("strength", first.removesuffix("mg") if "/" in first else first)
    return 1


def course(walk: Walk, at: int) -> int:
    """`2x6`, `2 times a week for 6 weeks`, `x12` behind a therapy: its visits."""
    low = walk.low(at, 10)
    text = " ".join(low)
    match = re.match(_COURSE, text)
    if match is not None and text[match.end() : match.end() + 1] in ("", " "):
        first, second = (_times(one) for one in match.groups() if one is not None)
        walk.add("visits", str(first * second))
        return len(text[: match.end()].split())
    last = walk.last()
    if last is not None and last.field == "category" and _by_visits(last.value):
        alone = re.fullmatch(r"x\s?(\d{1,3})", " ".join(low[:2])) or re.fullmatch(r"x(\d{1,3})", low[0])
        if alone is not None:
            walk.add("visits", alone[1])
            size = len(alone[0].split())
            return size + (walk.low(at + size)[:1] != [] and walk.low(at + size)[0] in listed("words", "visits"))
    return 0


def _times(word: str) -> int:
    return {"once": 1, "twice": 2}.get(word) or int(NUMBERS.get(word, word))


def number(walk: Walk, at: int) -> int:
    """A number with what it counts, or behind the name of a field of numbers: tablets, visits, years, pages."""
    named = walk.said(at, _named())
    field = _named()[vocabulary.normal(" ".join(walk.words(at, named)))] if named else ""
    aged, start = field == "age", at + named
    while named and walk.low(start) and walk.low(start)[0] in ("of", "is", "was", "s", "number", "no"):
        start += 1
    bound, size = _bound(walk, start)
    start += size
    words = walk.words(start, 4)
    value, taken, bound = _value(words, bound, aged or bool(named))
    if value is None:
        return 0
    end = start + taken
    if field and not aged:
        walk.add(field, bound + value)
        after = walk.low(end)
        return end - at + (1 if after and _unit(after[0]) == field else 0)
    if words[0].startswith("#") and not bound and not aged:
        walk.add("qty", value)
        return end - at
    if not aged and (counted := _counted(walk, end, bound, value)):
        return end + max(counted, 0) - at
    taken = _decade(walk, at, words[0], bound) or _years(walk, at, end, bound, value, aged)
    if not taken and bound and size:  # more than 3 weeks: nothing that a field counts, and no more than words
        for word in walk.words(at, end - at):
            walk.word(word)
        return end - at
    return taken


def _decade(walk: Walk, at: int, word: str, bound: str) -> int:
    """`female 40s`: ages of ten years."""
    match = re.fullmatch(r"([2-9]0)'?s", word.lower())
    if match is None or bound:
        return 0
    walk.add("age", f"{match[1]}..{int(match[1]) + 9}")
    return 1


@cache
def _named() -> dict[str, str]:
    """The names of the fields of numbers that are said before a number."""
    found: dict[str, str] = {}
    for row in table():
        if row.kind == NUMBER and row.key not in ("n", "items") and not row.hidden:
            for name in (row.key, *row.names, f"{row.key} no"):
                for one in vocabulary.numbers(name):
                    found.setdefault(one, row.key)
    return found | dict.fromkeys(("aged", "ages"), "age") | dict.fromkeys(("p", "pg", "pp", "pgs"), "page")


def _value(words: Sequence[str], bound: str, spoken: bool) -> tuple[str | None, int, str]:
    """A number or a range that `words` begin with, how many words it takes, and the sign before it."""
    first = _whole(words[0]) if words else None
    if first is None:
        return None, 0, bound
    low = [word.lower() for word in words]
    if len(low) > 2 and low[1] in ("to", "and", "through", "-") and bound in ("", "between"):
        high = _whole(low[2])
        if high is not None and (low[1] != "and" or bound == "between" or spoken):
            return f"{first}..{high}", 3, ""
    if span := re.fullmatch(r"(\d{1,4})(?:-|\.\.)(\d{1,4})", low[0]):
        return f"{span[1]}..{span[2]}", 1, ""
    if low[0].endswith("+") and not bound:
        return first, 1, ">="
    return first, 1, "" if bound == "between" else bound


def _counted(walk: Walk, at: int, bound: str, value: str) -> int:
    """How many words say what a number counts: `visits`, `additional sessions`; -1 for `PT sessions`, whose words are left; 0 for nothing known."""
    further = at
    while walk.low(further) and walk.low(further)[0] in _FURTHER:
        further += 1
    after = walk.low(further)
    if not after:
        return 0
    if field := _unit(after[0]):
        walk.add(field, bound + value)
        return further + 1 - at
    name, size = known_names.longest(walk.words(further, LONGEST))
    behind = walk.low(further + size)
    if bound and not (behind and _unit(behind[0]) == "visits"):
        return 0  # "women over 50 acupuncture" are not fifty visits
    if name is not None and name.kind == "category" and _by_visits(name.value):
        walk.add("visits", bound + value)
        return further - at or -1
    return 0


def counts(walk: Walk, at: int) -> bool:
    """Does a number right before `at` count what stands there: visits, weeks, milligrams?"""
    word = next(iter(walk.low(at)), "")
    return bool(_unit(word)) or word in listed("words", "weeks") or _UNIT.fullmatch(word) is not None or word == "x"


def _unit(word: str) -> str:
    """The field whose numbers count such things, or ""."""
    for row, field in (("visits", "visits"), ("quantity", "qty"), ("refills", "refills")):
        if word in listed("words", row):
            return field
    return ""


def _by_visits(category: str) -> bool:
    """Is a treatment of this kind given in visits?"""
    path = vocabulary.category(category) or category
    return path.partition("/")[0] in vocabulary.split(vocabulary.table("category")["visits"])


def _years(walk: Walk, at: int, end: int, bound: str, value: str, aged: bool) -> int:
    """An age: `65 years old`, `65 and older`, `over 65` with nothing that it counts."""
    years = walk.said(end, listed("words", "years"))
    behind = walk.low(end, 2)
    old = behind[:1] == ["and"] and behind[-1] in _OLDER
    young = behind[:1] == ["and"] and behind[-1] in _YOUNGER
    first = int(value.partition("..")[0])
    if aged or years or ((old or young) and first in _ADULT):
        if years:  # 65 years and older
            behind = walk.low(end + years, 2)
            old, young = (behind[:1] == ["and"] and behind[-1] in row for row in (_OLDER, _YOUNGER))
        walk.add("age", (">=" if old else "<=" if young else bound) + value)
        return end - at + years + 2 * (old or young)
    unit = next(iter(walk.low(end)), "")
    counts = unit in listed("words", "weeks") or "mg" in unit
    alone = not unit or unit in listed("words", "joining") or _stands_alone(unit)
    if bound and alone and not counts and (field := _asked_of(walk, first)):
        walk.add(field, bound + value)
        return end - at
    if bound and first in _ADULT and alone and not counts:
        walk.add("age", bound + value)
        return end - at
    return 0


def _asked_of(walk: Walk, number: int) -> str:
    """What a bare bound right behind a treatment counts: tablets of a drug, visits of a therapy if they may be so many; "" for anything else."""
    last = walk.last()
    if last is None or last.excluded:
        return ""
    if last.field in ("drug", "strength"):
        return "qty"
    return "visits" if last.field == "category" and _by_visits(last.value) and number <= _MOST_VISITS else ""


def _stands_alone(word: str) -> bool:
    """Is it recognised of its own, and not what a number counts?"""
    return (
        first_words.maybe_decision(word) is not None
        or word in names("people")
        or known_names.named(word) is not None
        or word in names("sources")
    )


def _bound(walk: Walk, at: int) -> tuple[str, int]:
    for row, sign in (("over", ">"), ("under", "<"), ("least", ">="), ("most", "<=")):
        if size := walk.said(at, listed("words", row)):
            return sign, size
    if walk.low(at) and walk.low(at)[0] in ("between", "from"):
        return "between", 1
    return "", 0


def _whole(word: str) -> str | None:
    """The digits of a number, also of a counted one; None for anything else."""
    text = word.lower().replace(",", "").rstrip("+")
    match = _NUMBER.fullmatch(re.sub(r"(?<=[2-9]0)'?s$", "", re.split(r"-|\.\.", text)[0]))
    return match[1] if match else NUMBERS.get(text)
