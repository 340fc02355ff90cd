"""Numbers and dates: as they are read, and as people say them (never read so, but offered in the form that is)."""

from __future__ import annotations

import datetime
import re

import msgspec

_MONTHS = tuple("January February March April May June July August September October November December".split())
_WHOLE = re.compile(r"\d{1,9}")
_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_AMERICAN = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_TIME = r"[T ]\d\d:\d\d(?::\d\d)?.*"
_SHORT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})")
_SPANNED = r"\d{4}-\d{2}-\d{2}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/\d{4}|\d{8}|\d{4}"
_LAST = re.compile(r"last-?(\d{1,5})-?([dwmy])(?:ays?|eeks?|onths?|ears?)?", re.IGNORECASE)


class Unreadable(Exception):
    """No number or date. `better` are values to write instead."""

    def __init__(self, message: str, *better: str) -> None:
        super().__init__(message)
        self.message = message
        self.better = better


class Days(msgspec.Struct, frozen=True):
    """The days from `low` to `high` as ISO dates; `text` is how to write them so that they mean the same tomorrow; `note` is for notice N21."""

    low: str
    high: str
    text: str
    note: str = ""


def whole(text: str) -> int:
    """A whole number. Raises Unreadable."""
    if not _WHOLE.fullmatch(text) or not text.isascii():
        raise Unreadable("takes a whole number", *_meant(text))
    return int(text)


NUMBERS = {
    name: str(number)
    for number, name in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split(), 1
    )
} | {
    name: str(10 * tens) for tens, name in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
"""Numbers in words, as digits."""


def _meant(text: str) -> list[str]:
    """What a number that is none was meant for: "60-90" is a range, "65+" has no upper end, "1,000" and "60.0" are whole, "sixty" is 60."""
    if text.lower() in NUMBERS:
        return [NUMBERS[text.lower()]]
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", text, re.ASCII):
        return [text.replace(",", "")]
    if match := re.fullmatch(r"(\d{1,9})-(\d{1,9})", text, re.ASCII):
        return [f"{match[1]}..{match[2]}"]
    if match := re.fullmatch(r"(\d{1,9})\+", text, re.ASCII):
        return [f"{match[1]}.."]
    digits = re.match(r"\D*?(\d{1,9})", text, re.ASCII)
    return [digits[1]] if digits else []


def days(text: str, today: datetime.date) -> Days:
    """What `2015`, `2015-03`, `2015-03-04`, `3/4/2015` or `last-90d` covers. Raises Unreadable."""
    if not text.isascii():
        raise Unreadable("not a date: write 2015, 2015-03, 2015-03-04 or 3/4/2015")
    if (start := text.rstrip("*").rstrip("-/")) != text and _ISO.fullmatch(start):
        raise Unreadable("a year or a month takes no *", start)
    if (month := month_called(text)) is not None:
        raise Unreadable("a month needs its year", f"{today.year - (month > today.month)}-{month:02}")
    if match := _LAST.fullmatch(text):
        return _last(int(match[1]), match[2].lower(), today)
    if text.lower() in ("today", "yesterday"):
        day = (today - datetime.timedelta(days=text.lower() == "yesterday")).isoformat()
        return Days(day, day, day)
    if (stamp := re.search(_TIME, text)) and _ISO.fullmatch(text[: stamp.start()]):
        text = text[: stamp.start()]  # the day of a time
    if compact := _COMPACT.fullmatch(text):
        return _iso(int(compact[1]), int(compact[2]), int(compact[3]), compact[2], compact[3])
    if short := _SHORT.fullmatch(text):
        century = (2000, 1900) if 2000 + int(short[3]) <= today.year else (1900, 2000)
        raise Unreadable(
            "the year has four digits", *(f"{short[1]}/{short[2]}/{first + int(short[3])}" for first in century)
        )
    if match := _AMERICAN.fullmatch(text):
        return _american(*map(int, match.groups()))
    if match := _ISO.fullmatch(text):
        return _iso(int(match[1]), int(match[2] or 0), int(match[3] or 0), match[2], match[3])
    span = re.fullmatch(rf"({_SPANNED})-({_SPANNED})", text)
    raise Unreadable(
        "not a date: write 2015, 2015-03, 2015-03-04 or 3/4/2015",
        *([f"{span[1]}..{span[2]}"] if span else []),
        *([found.text] if (found := _named(text)) else []),
    )


def _named(text: str) -> Days | None:
    """A date whose month is a name, the year whole: `14-Feb-2017`, `Feb-2017`, `March 4, 2017`, `2017-Feb-14`."""
    parts = [part for part in re.split(r"[-/.,\s]+", text.strip('"')) if part]
    names = [part for part in parts if part[0].isalpha()]
    if len(names) != 1 or not 2 <= len(parts) <= 3 or (month := month_called(names[0])) is None:
        return None
    numbers = [re.sub(r"(?i)(?<=\d)(?:st|nd|rd|th)$", "", part) for part in parts if part != names[0]]
    years = [number for number in numbers if re.fullmatch(r"\d{4}", number)]
    days_ = [number for number in numbers if re.fullmatch(r"\d{1,2}", number)]
    if len(years) != 1 or len(days_) != len(numbers) - 1:
        return None
    day = int(days_[0]) if days_ else 0
    return _iso(int(years[0]), month, day, str(month), str(day) if days_ else None)


def month_called(name: str) -> int | None:
    """The number of the month that a whole or a short name means."""
    short = name.lower().rstrip(".")
    found = [k for k, month in enumerate(_MONTHS, 1) if (short == "sept" and k == 9) or month.lower() == short]
    found = found or [k for k, month in enumerate(_MONTHS, 1) if len(short) == 3 and month.lower().startswith(short)]
    return found[0] if found else None


def _iso(year: int, month: int, day: int, has_month: str | None, has_day: str | None) -> Days:
    if not 1000 <= year <= 9999:
        raise Unreadable(f"not a date (year {year})")
    if has_month is None:
        return Days(f"{year}-01-01", f"{year}-12-31", f"{year}")
    if not 1 <= month <= 12:
        better = [f"{year}-{day:02}-{month:02}"] if has_day and 1 <= day <= 12 and month <= _length(year, day) else []
        raise Unreadable(f"not a date (month {month})", *better, f"{year}")
    last = _length(year, month)
    if has_day is None:
        return Days(f"{year}-{month:02}-01", f"{year}-{month:02}-{last}", f"{year}-{month:02}")
    if not 1 <= day <= last:
        problem = f"not a date (day {day}: {_MONTHS[month - 1]} {year} has {last})"
        raise Unreadable(problem, f"{year}-{month:02}-{last}", f"{year}-{month:02}")
    iso = f"{year}-{month:02}-{day:02}"
    return Days(iso, iso, iso)


def _american(month: int, day: int, year: int) -> Days:
    if year < 1000:
        raise Unreadable(f"not a date (year {year})")
    if month > 12 and 1 <= day <= 12:
        swapped = min(month, _length(year, day))
        better = (f"{day}/{swapped}/{year}", f"{year}-{day:02}-{swapped:02}")
        raise Unreadable(f"month {month}: the month comes first; write {better[0]} or {better[1]}", *better)
    found = _iso(year, month, day, str(month), str(day))
    if month == day or day > 12:
        return found
    note = f"{month}/{day}/{year} is read month first: {_MONTHS[month - 1]} {day}, {year}"
    return Days(found.low, found.high, found.text, note)


def _last(count: int, unit: str, today: datetime.date) -> Days:
    try:
        if unit in "dw":
            start = today - datetime.timedelta(days=count * (7 if unit == "w" else 1))
        else:
            months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
            year, month = divmod(months, 12)
            start = datetime.date(year, month + 1, min(today.day, _length(year, month + 1)))
        if start.year < 1000:
            raise ValueError
    except (ValueError, OverflowError):
        raise Unreadable("not a date: that is too long ago", "last-10y") from None
    return Days(start.isoformat(), today.isoformat(), f"{start.isoformat()}..{today.isoformat()}")


def _length(year: int, month: int) -> int:
    """The days of a month."""
    if month == 12 or year < 1:
        return 31
    return (datetime.date(year, month + 1, 1) - datetime.timedelta(days=1)).day


_SIGNS = {
    **dict.fromkeys(("over", "above", "more than", "greater than", "after"), ">"),
    **dict.fromkeys(("under", "below", "less than", "fewer than", "before"), "<"),
    **dict.fromkeys(("at least", "since"), ">="),
    "at most": "<=",
    "up to": "<=",
}
# Compiled by re when first needed: few queries say a date or a number in words.
_BOUND = rf"(?i)\"?({'|'.join(_SIGNS)})\s+"
_BETWEEN = r"(?i)\"?(?:between|from)\s+(\d{1,9})\s+(?:and|to|through)\s+(\d{1,9})\b\"?"
_COUNT = rf"(?i)(\d{{1,9}}|{'|'.join(NUMBERS)})\b\"?"
_NAMED = (
    r"(?i)\"?(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[\s-]*"
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\b,?\s*)?(?P<year>\d{4})\b\"?"
)
_MONTH_YEAR = r"\"?(?P<month>\d{1,2})[-/](?P<year>\d{4})\b\"?"
_PLAIN = r"\"?([\d/-]*\d{4}[\d/-]*)\"?(?=[\s)]|$)"


def said_number(text: str) -> tuple[str, str] | None:
    """What `text` begins with, and how it is written: ("over 65", ">65"), ("between 50 and 60", "50..60"). None if that is no bound."""
    if span := re.match(_BETWEEN, text):
        return span[0], f"{span[1]}..{span[2]}"
    bound = re.match(_BOUND, text)
    value = re.compile(_COUNT).match(text, bound.end()) if bound else None
    if bound is None or value is None:
        return None
    return text[: value.end()], _sign(bound) + NUMBERS.get(value[1].lower(), value[1])


def said_date(text: str) -> tuple[str, str] | None:
    """The same of a date, perhaps behind a bound: ("March 4, 2017", "2017-03-04"), ("after 2016", ">2016")."""
    bound = re.match(_BOUND, text)
    at = bound.end() if bound else 0
    sign = _sign(bound) if bound else ""
    match = re.compile(_NAMED).match(text, at) or re.compile(_MONTH_YEAR).match(text, at)
    if match is not None:
        held = match.groupdict()
        month = int(held["month"]) if held["month"].isdigit() else month_called(held["month"])
        day = f"-{int(held['day']):02}" if held.get("day") else ""
        return text[: match.end()], f"{sign}{held['year']}-{month:02}{day}"
    plain = re.compile(_PLAIN).match(text, at) if bound else None
    return None if plain is None else (text[: plain.end()], sign + plain[1])


def _sign(bound: re.Match[str]) -> str:
    return _SIGNS[" ".join(bound[1].lower().split())]
