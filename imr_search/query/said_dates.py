"""Dates as people say them, as values of a date field: `in January 2017`, `before 1/1/2013`, `last month`, `between 2015 and 2016`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import msgspec

from imr_search.query.dates import Unreadable, days, month_called
from imr_search.query.first_words import listed

# Compiled by re when first needed: few queries say a date in words.
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19[5-9]|20[0-4])\d"
_DAY = r"(?i)(\d{1,2})(?:st|nd|rd|th)?,?"
_QUARTER = r"(?i)q([1-4])"
_SHORT = r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})"
_WHOLE = r"\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}"
_PERIODS = ("day", "week", "month", "quarter", "year")


class Said(msgspec.Struct, frozen=True):
    """A date field's value, and how many words said it."""

    value: str
    words: int


def read(words: Sequence[str], today: datetime.date, bound_needed: bool) -> Said | None:
    """What `words` begin with, if that is a date. With `bound_needed` a number alone is one only as a whole date, or as a year of these decades."""
    low = [word.lower().strip(",") for word in words]
    at = 0
    while at < len(low) and low[at] in ("in", "on", "during", "dated", "of", "for", "year", "the"):
        at += 1
    for row, sign in (("after", ">"), ("before", "<"), ("since", ">="), ("until", "<=")):
        if size := _said(low[at:], listed("words", row)):
            found = _date(low[at + size :], today)
            return None if found is None else Said(_bounded(sign, found.value), at + size + found.words)
    low = _with_year(low, at)
    if low[at : at + 2] == ["week", "of"] and (day := _date(low[at + 2 :], today)) is not None:
        return _week(day, at + 2)
    if low[at : at + 1] in (["from"], ["between"]):
        first = _date(low[at + 1 :], today)
        if first is None:
            return None
        end = at + 1 + first.words
        if low[end : end + 1] in (["to"], ["and"], ["through"], ["until"]):
            second = _date(low[end + 1 :], today)
            if second is not None:
                return Said(f"{_low(first.value)}..{_high(second.value)}", end + 1 + second.words)
        return Said(f">={_low(first.value)}", end) if low[at] == "from" else None
    found = _date(low[at:], today)
    if found is None:
        return None
    end = at + found.words
    if low[end : end + 1] in (["to"], ["through"], ["until"], [".."], ["-"]):
        second = _date(low[end + 1 :], today)
        if second is not None:
            return Said(f"{_low(found.value)}..{_high(second.value)}", end + 1 + second.words)
    if (
        bound_needed
        and found.words == 1
        and at == 0
        and re.fullmatch(_YEAR, low[0])
        and not 2013 <= int(low[0]) <= today.year
    ):
        return None
    return Said(found.value, end)


_TO = ("to", "and", "through", "until", "thru", "-")


def _with_year(low: list[str], at: int) -> list[str]:
    """The words with the second date's year behind the first, joined to it: "January and March 2017", "jan 15 to feb 15 2017"; as many words as
    before."""
    start = at + (low[at : at + 1] in (["from"], ["between"]))
    first = _yearless(low[start:])
    end = start + len(first)
    second = _yearless(low[end + 1 :])
    year = low[end + 1 + len(second) :][:1]
    if not (first and second and low[end] in _TO and year and re.fullmatch(_YEAR, year[0])):
        return low
    between = low[end] if start > at else "to"
    return [*low[:start], *_dated(first, year[0]), between, *low[end + 1 :]]


def _yearless(low: Sequence[str]) -> list[str]:
    """The month, perhaps with a day, that `low` begins with."""
    if not low or not re.fullmatch(_MONTH, low[0]):
        return []
    return list(low[: 1 + (len(low) > 1 and re.fullmatch(_DAY, low[1]) is not None)])


def _dated(words: Sequence[str], year: str) -> list[str]:
    """A month, perhaps with a day, and its year, in as many words as it has without that."""
    return [*words[:-1], f"{words[-1]}-{year}"] if len(words) == 1 else [words[0], f"{words[1]}-{year}"]


def _week(day: Said, at: int) -> Said | None:
    """The seven days from a day on."""
    try:
        first = datetime.date.fromisoformat(day.value)
        return Said(f"{first}..{first + datetime.timedelta(days=6)}", at + day.words)
    except (ValueError, OverflowError):
        return None


def latest(words: Sequence[str], today: datetime.date) -> Said | None:
    """A month without a year, behind what says which date is meant ("received in December"): the latest that has begun."""
    low = [word.lower().strip(",") for word in words]
    at = next((k for k, word in enumerate(low) if word not in ("in", "on", "during", "of", "the")), len(low))
    month = _yearless(low[at:])
    if not month:
        return None
    number = month_called(month[0].rstrip(".")) or 1
    found = _date(_dated(month, str(today.year - (number > today.month))), today)
    return None if found is None else Said(found.value, at + len(month))


def _said(low: Sequence[str], held: frozenset[str]) -> int:
    return next((size for size in (2, 1) if len(low) >= size and " ".join(low[:size]) in held), 0)


def _date(low: Sequence[str], today: datetime.date) -> Said | None:
    if not low:
        return None
    if low[0] in ("today", "yesterday"):
        return Said((today - datetime.timedelta(days=low[0] == "yesterday")).isoformat(), 1)
    if low[0] in ("last", "past", "previous", "this", "current") and low[2:3] != ["of"]:
        return _relative(low, today)
    if match := re.fullmatch(_MONTH, low[0]):
        month = month_called(match[1]) or 0
        rest = list(low[1:])
        if rest and (day := re.fullmatch(rf"{_DAY}-({_YEAR})", rest[0])):
            return _checked(f"{day[2]}-{month:02}-{int(day[1]):02}", 2, today)
        if rest and re.fullmatch(_YEAR, rest[0]):
            return Said(f"{rest[0]}-{month:02}", 2)
        if (
            len(rest) > 1
            and (days_ := re.fullmatch(r"(\d{1,2})-(\d{1,2}),?", rest[0]))
            and re.fullmatch(_YEAR, rest[1])
        ):
            ends = [_checked(f"{rest[1]}-{month:02}-{int(day):02}", 3, today) for day in days_.groups()]
            return None if None in ends else Said("..".join(end.value for end in ends if end is not None), 3)
        if len(rest) > 1 and (day := re.fullmatch(_DAY, rest[0])) and re.fullmatch(_YEAR, rest[1]):
            return _checked(f"{rest[1]}-{month:02}-{int(day[1]):02}", 3, today)
        return None
    if quarter := _quarter(low):
        return quarter
    if (
        len(low) > 2
        and (day := re.fullmatch(_DAY, low[0]))
        and (match := re.fullmatch(_MONTH, low[1]))
        and re.fullmatch(_YEAR, low[2])
    ):
        return _checked(f"{low[2]}-{month_called(match[1]):02}-{int(day[1]):02}", 3, today)
    if re.fullmatch(_YEAR, low[0]):
        return Said(low[0], 1)
    if (joined := re.fullmatch(rf"({_MONTH})-({_YEAR})", low[0])) is not None:
        return Said(f"{joined[3]}-{month_called(joined[2]):02}", 1)
    if short := re.fullmatch(_SHORT, low[0]):
        year = int(short[3])
        century = 2000 if year <= today.year % 100 + 1 else 1900
        return _checked(f"{short[1]}/{short[2]}/{century + year}", 1, today)
    if month_year := re.fullmatch(rf"(\d{{1,2}})[-/]({_YEAR})", low[0]):
        return _checked(f"{month_year[2]}-{int(month_year[1]):02}", 1, today)
    if span := re.fullmatch(rf"({_YEAR}|{_WHOLE})-({_YEAR}|{_WHOLE})", low[0]):
        ends = [_date([end], today) for end in span.groups()]
        return None if None in ends else Said("..".join(end.value for end in ends if end is not None), 1)
    if re.fullmatch(r"\d{8}", low[0]):
        return _checked(f"{low[0][:4]}-{low[0][4:6]}-{low[0][6:]}", 1, today)
    if re.fullmatch(r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?", low[0]) and re.search(rf"(?<!\d){_YEAR}(?!\d)", low[0]):
        return _checked(low[0], 1, today)
    return None


_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


def _quarter(low: Sequence[str]) -> Said | None:
    """Q1 2017, 2017 Q1, first quarter of 2017."""
    number, rest = 0, 0
    if match := re.fullmatch(_QUARTER, low[0]):
        number, rest = int(match[1]), 1
    elif low[0] in _ORDINALS and low[1:2] == ["quarter"]:
        number, rest = _ORDINALS[low[0]], 2
    elif re.fullmatch(_YEAR, low[0]) and len(low) > 1 and (match := re.fullmatch(_QUARTER, low[1])):
        number, rest, low = int(match[1]), 1, [low[1], low[0]]
    rest += low[rest : rest + 1] == ["of"]
    if not number or not (low[rest:] and re.fullmatch(_YEAR, low[rest])):
        return None
    first = 3 * number - 2
    return Said(f"{low[rest]}-{first:02}..{low[rest]}-{first + 2:02}", rest + 1)


def _checked(text: str, words: int, today: datetime.date) -> Said | None:
    """The date as it is read for good; None if there is no such day."""
    try:
        return Said(days(text, today).text, words)
    except Unreadable:
        return None


def _relative(low: Sequence[str], today: datetime.date) -> Said | None:
    """last month, this year, the last 90 days."""
    this = low[0] in ("this", "current")
    if (
        len(low) > 2
        and low[1].isdigit()
        and low[2].rstrip("s") in _PERIODS
        and not this
        and low[2].rstrip("s") != "quarter"
    ):
        return _checked(f"last-{low[1]}{low[2][0]}", 3, today)
    if len(low) < 2 or low[1] not in _PERIODS:
        return None
    match low[1]:
        case "year":
            return Said(str(today.year - (not this)), 2)
        case "month":
            first = today.replace(day=1)
            day = first if this else first - datetime.timedelta(days=1)
            return Said(f"{day.year}-{day.month:02}", 2)
        case "quarter":
            index = today.year * 4 + (today.month - 1) // 3 - (not this)
            year, quarter = divmod(index, 4)
            return Said(f"{year}-{3 * quarter + 1:02}..{year}-{3 * quarter + 3:02}", 2)
        case "week":
            monday = today - datetime.timedelta(days=today.weekday() + (0 if this else 7))
            return Said(f"{monday.isoformat()}..{(monday + datetime.timedelta(days=6)).isoformat()}", 2)
        case _:
            return Said((today - datetime.timedelta(days=not this)).isoformat(), 2)


def _bounded(sign: str, value: str) -> str:
    """A comparison with a date; with a span, with the end that it means."""
    return sign + (_high(value) if sign in (">", "<=") else _low(value))


def _low(value: str) -> str:
    return value.partition("..")[0]


def _high(value: str) -> str:
    return value.rpartition("..")[2]
