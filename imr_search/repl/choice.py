"""Which results a command means: `3`, `2-4`, `1,3`, `CM17-0010885 #1`, and in a citation also which sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imr_search.errors import UsageError

MOST = 100  # results that one command takes
_NUMBERS = re.compile(r"\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*(?=\s|$)")
_ITEM = re.compile(r"(?P<letter>[^#,]+?)\s*#\s*(?P<n>\d{1,6})(?=\s|$)")


class Choice(msgspec.Struct, frozen=True):
    """`numbers` of results as they were listed, or the `item` ("letter#n") that is named; `rest` is what stands behind."""

    numbers: tuple[int, ...] = ()
    item: str = ""
    rest: str = ""


def choice(argument: str) -> Choice | None:
    """None where `argument` names neither numbers nor an item. Raises UsageError for a range that cannot be."""
    text = argument.strip()
    if match := _NUMBERS.match(text):
        return Choice(tuple(dict.fromkeys(_numbers(match[0]))), rest=text[match.end() :].strip())
    if match := _ITEM.match(text):
        return Choice(item=f"{' '.join(match['letter'].split())}#{int(match['n'])}", rest=text[match.end() :].strip())
    return None


def _numbers(text: str) -> Iterator[int]:
    count = 0
    for part in text.split(","):
        first, _, last = (side.strip() for side in part.partition("-"))
        if max(len(first), len(last)) > 9:
            raise UsageError(f"there is no result {max(first, last, key=len)[:20]}...")
        low, high = int(first), int(last or first)
        if high < low:
            raise UsageError(f"{low}-{high} runs backwards", f"{high}-{low}")
        count += high - low + 1
        if count > MOST:
            raise UsageError(f"at most {MOST} results at a time")
        yield from range(low, high + 1)
