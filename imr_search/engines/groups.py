"""What engines must agree on when they sort and group: the group of a value, and the order of rows and results."""

from __future__ import annotations

from collections.abc import Iterable

from imr_search.errors import UsageError
from imr_search.fields import DATE, FLAG, NUMBER, Field, table
from imr_search.plan import Group

Value = str | int
Key = Value | None


def numeric(key: str) -> bool:
    """Does the field hold numbers (days too) rather than whole values? UsageError for a field of words, which has neither."""
    field = _field(key)
    if field.kind in (NUMBER, DATE):
        return True
    if field.valued or field.kind == FLAG:
        return False
    raise UsageError(f"{key} holds text: it can be neither sorted nor grouped by")


def _field(key: str) -> Field:
    field = table().get(key)
    if field is None:
        raise UsageError(f"no field is called {key}")
    return field


def of_number(value: int, group: Group, date: bool) -> Value:
    """The group of a number or day: 20150304 is "2015", "2015-Q1", "2015-03" or, with no part, "2015-03-04"; 47 in bands of 10 is 40."""
    if not date:
        return value // group.band * group.band if group.band else value
    year, month, day = value // 10_000, value // 100 % 100, value % 100
    match group.part:
        case "year":
            return f"{year:04}"
        case "quarter":
            return f"{year:04}-Q{(month + 2) // 3}"
        case "month":
            return f"{year:04}-{month:02}"
        case "":
            return f"{year:04}-{month:02}-{day:02}"
    raise UsageError(f"a date has no {group.part}: year, quarter or month")


def is_date(key: str) -> bool:
    return _field(key).kind == DATE


def last(group: Iterable[Key]) -> tuple[tuple[bool, Key], ...]:
    """The sort key of a row: by value, None last in each column."""
    return tuple((part is None, part) for part in group)
