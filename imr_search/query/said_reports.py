"""Reports as people ask for them: overturn rate by specialty, how many, per month, top 10 drugs, average age, A vs B."""

from __future__ import annotations

from imr_search import vocabulary
from imr_search.query.first_words import listed, names
from imr_search.query.pieces import Clause
from imr_search.query.walk import Walk

_PERIODS = ("year", "month", "quarter")
_ALONE = frozenset(
    (*_PERIODS, "category", "drug", "specialty", "body", "licensed", "source", "reason", "section", "chapter")
)
"""Groups that "by" alone asks a report for: "by hand" asks for none."""
_NUMBER_OF = frozenset(("number", "of", "the", "count"))
_LOOK = 6
_BESIDE_TOP = frozenset(("cited", "requested", "denied", "reviewed"))


def report(walk: Walk, at: int) -> int:
    """How many words from `at` on ask for a report, or say what it goes by; 0 for none."""
    if walk.reported:
        return 0
    size = _asked(walk, at)
    if size:
        walk.recognised = True
    return size


def _asked(walk: Walk, at: int) -> int:
    for kind in ("rate", "count", "trend", "top"):
        if size := walk.said(at, listed("reports", kind)):
            low = vocabulary.normal(" ".join(walk.words(at, size)))
            if kind == "top" and low == "top" and not _top(walk, at + 1):
                return 0
            if not walk.report.kind or kind == "rate":
                walk.report.kind = kind
            if kind == "top":
                return size + _top(walk, at + size)
            if kind == "trend":
                walk.report.part = walk.report.part or "year"
            return size + _by(walk, at + size, True)
    if size := walk.said(at, listed("reports", "why")):
        walk.report.kind = "top"
        walk.report.by.append("reason")
        return size
    if size := walk.said(at, listed("reports", "days")) or _average(walk, at):
        walk.report.kind = walk.report.kind or "stats days"
        return size + _by(walk, at + size, True)
    if walk.low(at)[0] in ("which", "what") and (held := walk.said(at + 1, names("reports", "by"))):
        walk.report.kind = "rate"
        walk.report.by.append(_group(walk, at + 1, held))
        return 1 + held
    if size := walk.said(at, listed("reports", "compare")):
        walk.report.versus = True
        return size
    return _by(walk, at, bool(walk.report.kind))


def _average(walk: Walk, at: int) -> int:
    """`average age`, `median number of visits`: the statistics of a field of numbers."""
    start = at + walk.said(at, listed("reports", "average"))
    if start == at and not walk.said(at, listed("reports", "old")):
        return 0
    if start == at:
        walk.report.kind = "stats age"
        return walk.said(at, listed("reports", "old"))
    for end in range(start, start + _LOOK):  # average number of PT visits
        if size := walk.said(end, names("reports", "of")):
            walk.report.kind = "stats " + names("reports", "of")[vocabulary.normal(" ".join(walk.words(end, size)))]
            joining = all(word in _NUMBER_OF for word in walk.low(start, end - start))
            return end + size - at if joining else start - at + (2 if walk.low(start, 2) == ["number", "of"] else 0)
    return 0


def _top(walk: Walk, at: int) -> int:
    """`10 guidelines`, `drugs`."""
    words = walk.words(at, 1)
    size = 0
    if words and words[0].isdigit() and 0 < int(words[0]) <= 1000:
        walk.report.n = int(words[0])
        size = 1
    while walk.low(at + size) and walk.low(at + size)[0] in _BESIDE_TOP:
        size += 1
    held = walk.said(at + size, names("reports", "by"))
    if held:
        walk.report.by.append(_group(walk, at + size, held))
    return size + held if size or held else 0


def _by(walk: Walk, at: int, reported: bool) -> int:
    """`by category`, `per month`."""
    size = walk.said(at, listed("reports", "per"))
    held = walk.said(at + size, names("reports", "by")) if size else 0
    if not held:
        return 0
    kept = list(walk.parts)
    group = _group(walk, at + size, held)
    if not reported and group not in _ALONE:
        walk.parts = kept
        return 0
    if group in _PERIODS and walk.report.kind in ("", "count", "trend"):
        walk.report.kind, walk.report.part = "trend", group
    else:
        walk.report.kind = walk.report.kind or "rate"
        walk.report.by.append(group)
    end = at + size + held
    if walk.low(end) == ["and"] and (again := walk.said(end + 1, names("reports", "by"))):
        walk.report.by.append(_group(walk, end + 1, again))
        end += 1 + again
    return end - at


def _group(walk: Walk, at: int, size: int) -> str:
    """What a report goes by; `drug class` narrows the answer too."""
    found = names("reports", "by")[vocabulary.normal(" ".join(walk.words(at, size)))]
    field, _, value = found.partition(":")
    if value:
        walk.parts.append(Clause(field, value))
    return field
