"""Dates and bounds as people say them: never read so, only offered in the form that is read."""

from __future__ import annotations

import re

_MONTHS = {name: k for k, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_SIGNS = {
    **dict.fromkeys(("over", "above", "more than", "greater than", "after"), ">"),
    **dict.fromkeys(("under", "below", "less than", "fewer than", "before"), "<"),
    **dict.fromkeys(("at least", "since"), ">="),
    "at most": "<=",
    "up to": "<=",
}
_BOUND = re.compile(rf"\"?({'|'.join(_SIGNS)})\s+", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,9})\b\"?")
_NAMED = re.compile(
    rf"\"?(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?[\s-]*(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b,?\s*)?(?P<year>\d{{4}})\b\"?",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(r"\"?(?P<month>\d{1,2})[-/](?P<year>\d{4})\b\"?")
_PLAIN = re.compile(r"\"?([\d/-]*\d{4}[\d/-]*)\"?(?=[\s)]|$)")


def number(text: str) -> tuple[str, str] | None:
    """What `text` begins with, and how it is written: ("over 65", ">65"). None if that is no bound."""
    bound = _BOUND.match(text)
    value = _NUMBER.match(text, bound.end()) if bound else None
    if bound is None or value is None:
        return None
    return text[: value.end()], _sign(bound) + value[1]


def date(text: str) -> tuple[str, str] | None:
    """The same of a date, perhaps behind a bound: ("March 4, 2017", "2017-03-04"), ("after 2016", ">2016")."""
    bound = _BOUND.match(text)
    at = bound.end() if bound else 0
    sign = _sign(bound) if bound else ""
    match = _NAMED.match(text, at) or _MONTH_YEAR.match(text, at)
    if match is not None:
        held = match.groupdict()
        month = int(held["month"]) if held["month"].isdigit() else _MONTHS[held["month"].lower()]
        day = f"-{int(held['day']):02}" if held.get("day") else ""
        return text[: match.end()], f"{sign}{held['year']}-{month:02}{day}"
    plain = _PLAIN.match(text, at) if bound else None
    return None if plain is None else (text[: plain.end()], sign + plain[1])


def _sign(bound: re.Match[str]) -> str:
    return _SIGNS[" ".join(bound[1].lower().split())]
