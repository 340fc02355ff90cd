"""Which parts of the body a treatment is for, and on which side."""

from __future__ import annotations

import re
from functools import cache

from imr_search import vocabulary
from imr_search.letters import lexicons

_LEVEL = re.compile(r"(?<![\w/.-])([ctls])(\d{1,2})(?:\s?[-/]\s?([ctls])?(\d{1,2}))*(?![\w])")
_LEVEL_PART = re.compile(r"([ctls])(\d{1,2})")
_STOP = re.compile(r"[,;:.()]")
_LOOK_BACK = 2


@cache
def _sided() -> frozenset[str]:
    return frozenset(vocabulary.split(vocabulary.table("body")["sides"]))


def read(found: lexicons.Tokens) -> tuple[str, ...]:
    """The parts in the order of the text, each followed by itself with its side: ("knee", "left knee")."""
    words, spans, text = found.words, found.spans, found.text
    matches = lexicons.parts().find(words)
    placed: list[tuple[int, tuple[str, ...]]] = []
    starts = {match.start for match in matches}
    before: lexicons.Match[str] | None = None
    sides_before: tuple[str, ...] = ()
    for match in matches:
        if not match.value:
            before = None
            continue
        side, _, part = match.value.partition(" ")
        sides: tuple[str, ...]
        if side in vocabulary.SIDES and part:
            sides = vocabulary.SIDES[side]
        else:
            part = match.value
            sides = ()
            if part in _sided():
                sides = _side(match, before, sides_before, words, spans, text, starts)
        placed.append((spans[match.start][0], (part, *(f"{one} {part}" for one in sides))))
        before, sides_before = match, sides
    if len(placed) == 1 and len(placed[0][1]) == 1 and placed[0][1][0] in _sided():
        placed = [_with_lone_side(placed[0], words)]
    for level in _LEVEL.finditer(text):
        for letter, number in _LEVEL_PART.findall(level.group()):
            region, highest = vocabulary.SPINE[letter]
            if 1 <= int(number) <= highest:
                placed.append((level.start(), (region,)))
    placed.sort(key=lambda row: row[0])
    return tuple(dict.fromkeys(name for _, names in placed for name in names))


def _with_lone_side(placed: tuple[int, tuple[str, ...]], words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """One part and one side, however far apart, belong together: "knee brace, right"."""
    at, (part, *_) = placed
    said = {word for word in words if len(word) > 1 and word in vocabulary.SIDES}
    sides = vocabulary.SIDES[said.pop()] if len(said) == 1 else ()
    return at, (part, *(f"{side} {part}" for side in sides))


def _side(
    match: lexicons.Match[str],
    before: lexicons.Match[str] | None,
    sides_before: tuple[str, ...],
    words: tuple[str, ...],
    spans: tuple[tuple[int, int], ...],
    text: str,
    starts: set[int],
) -> tuple[str, ...]:
    """The side before a part ("left medial knee"), behind it ("knee, left"), or that of a part joined by "and" or "/"."""
    floor = before.end if before is not None else 0
    for at in range(match.start - 1, max(floor, match.start - 2 - _LOOK_BACK) - 1, -1):
        if _STOP.search(text, spans[at][1], spans[at + 1][0]):
            break
        sides = vocabulary.SIDES.get(words[at], ())
        if sides and (len(words[at]) > 1 or at == match.start - 1):
            return sides
    after = match.end
    if after < len(words) and len(words[after]) > 1 and words[after] in vocabulary.SIDES and after + 1 not in starts:
        return vocabulary.SIDES[words[after]]
    if before is not None and sides_before:
        between = text[spans[before.end - 1][1] : spans[match.start][0]].strip()
        if between in ("and", "/", "&", "-"):
            return sides_before
    return ()
