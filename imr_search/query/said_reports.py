"""Reports as people ask for them: overturn rate by specialty, how many, per month, top 10 drugs, average age, A vs B."""

from __future__ import annotations

from imr_search import vocabulary
from imr_search.query.dates import NUMBERS
from imr_search.query.first_words import listed, names
from imr_search.query.pieces import Clause, Part
from imr_search.query.walk import Walk

_PERIODS = ("year", "month", "quarter")
_ALONE = frozenset(
    (*_PERIODS, "category", "drug", "specialty", "body", "licensed", "source", "reason", "section", "chapter")
)
"""Groups that "by" alone asks a report for: "by hand" asks for none."""
_NUMBER_OF = frozenset(("number", "of", "the", "count"))
_LOOK = 6
_NUMBERED = frozenset(("age",))  # groups whose single values are too many: a distribution is of bands


def report(walk: Walk, at: int) -> int:
    """How many words from `at` on ask for a report, or say what it goes by; 0 for none."""
    if walk.reported:
        return 0
    size = _asked(walk, at)
    if size:
        walk.recognised = True
    return size


def _asked(walk: Walk, at: int) -> int:
    if _crossed(walk) and (held := walk.said(at, names("reports", "by"))):
        walk.report.kind = "count"
        walk.report.by.append(_group(walk, at, held))
        return held
    if size := walk.said(at, listed("reports", "crossed")):
        return size
    for kind in ("rate", "count", "trend", "top"):
        if size := walk.said(at, listed("reports", kind)):
            low = vocabulary.normal(" ".join(walk.words(at, size)))
            if kind == "top" and low == "top" and not _top(walk, at + 1):
                return 0
            if (kind == "rate" and walk.report.kind != "trend") or kind == "trend" or not walk.report.kind:
                walk.report.kind = kind
            if kind == "count" and (of := _number_of(walk, at + size)):
                return size + of
            if kind == "top":
                return size + _top(walk, at + size)
            if kind == "trend":
                walk.report.part = walk.report.part or "year"
            return size + _by(walk, at + size, True)
    number = NUMBERS.get(walk.low(at)[0], walk.low(at)[0])
    if number.isdecimal() and 0 < int(number) <= 1000 and walk.said(at + 1, listed("reports", "top")):
        walk.report.n = int(number)  # ten most common treatments
        return 1
    if period := names("reports", "every").get(walk.low(at)[0]):
        walk.report.kind, walk.report.part = "trend", period
        return 1
    if size := walk.said(at, listed("reports", "who")):
        walk.report.kind = walk.report.kind or "rate"
        walk.report.by.append("specialty")
        return size
    if size := _share(walk, at):
        walk.report.kind = walk.report.kind or "rate"
        return size
    if size := walk.said(at, listed("reports", "why")):
        walk.report.kind = "top"
        walk.report.by.append("reason")
        return size
    if walk.report.kind.startswith("stats days") and (size := walk.said(at, names("reports", "since"))):
        since = names("reports", "since")[vocabulary.normal(" ".join(walk.words(at, size)))]
        walk.report.kind = f"stats {since}"
        return size
    if size := walk.said(at, listed("reports", "days")) or _average(walk, at):
        walk.report.kind = walk.report.kind or "stats days"
        return size + _by(walk, at + size, True)
    return (
        _which(walk, at)
        or _superlative(walk, at)
        or _spread(walk, at)
        or _versus(walk, at)
        or _by(walk, at, bool(walk.report.kind))
    )


def _number_of(walk: Walk, at: int) -> int:
    """Behind "number of" or "how many": `visits`, `items per letter`, whose statistics are meant."""
    size = walk.said(at, names("reports", "of"))
    if size:
        walk.report.kind = "stats " + names("reports", "of")[vocabulary.normal(" ".join(walk.words(at, size)))]
    return size


def _crossed(walk: Walk) -> bool:
    """Is a cross table asked for, wherever the word for it stands?"""
    return any(walk.said(at, listed("reports", "crossed")) for at in range(len(walk.pieces)))


def _share(walk: Walk, at: int) -> int:
    """`90 percent`: no number of anything; but of a cream, a strength."""
    first, *rest = walk.low(at, 2)
    last = walk.last()
    treated = last is not None and last.field in ("drug", "category") and not walk.report.kind
    return 2 if first.isdecimal() and rest in (["percent"], ["percentage"]) and not treated else 0


def _which(walk: Walk, at: int) -> int:
    """`which guideline is cited most` counts, `which specialty overturns most` asks how often."""
    if walk.low(at)[0] not in ("which", "what", "whose"):
        return 0
    held = walk.said(at + 1, names("reports", "by"))
    if not held:
        return 0
    counted = any(walk.said(k, listed("reports", "asked")) for k in range(at + 1 + held, len(walk.pieces)))
    walk.report.kind = walk.report.kind or ("top" if counted else "rate")
    walk.report.by.append(_group(walk, at + 1, held, walk.report.kind == "top"))
    return 1 + held


def _superlative(walk: Walk, at: int) -> int:
    """`most cited guidelines`, `most often denied drugs`; behind `which guideline is`, also without a group of its own."""
    size = walk.said(at, listed("reports", "superlative"))
    if not size:
        return 0
    end = at + size
    while walk.low(end) and walk.low(end)[0] in ("often", "commonly", "frequently"):
        end += 1
    verb = walk.said(end, listed("reports", "asked"))
    decided = 0 if verb else _decision(walk, end)
    group = walk.said(end + (verb or decided), names("reports", "by"))
    if not (verb or decided) or not group:
        return 0
    walk.report.kind = walk.report.kind or ("top" if verb else "rate")
    walk.report.by.append(_group(walk, end + (verb or decided), group, walk.report.kind == "top"))
    return end + (verb or decided) + group - at


def _decision(walk: Walk, at: int) -> int:
    return next(filter(None, (walk.said(at, names("decisions", row)) for row in ("read", "words", "said"))), 0)


def _outcome(walk: Walk, at: int, size: int) -> str:
    word = vocabulary.normal(" ".join(walk.words(at, size)))
    return next(names("decisions", row)[word] for row in ("read", "words", "said") if word in names("decisions", row))


def _spread(walk: Walk, at: int) -> int:
    """`age distribution`, `distribution of age`, `sex differences`."""
    for row, kind in (("spread", "count"), ("differ", "rate")):
        words = listed("reports", row)
        first = walk.said(at, names("reports", "by"))
        size = walk.said(at + first, words)
        if not size:
            continue
        start = at if first else at + size
        while not first and walk.low(start) and walk.low(start)[0] in ("of", "by", "the", "in"):
            start += 1
        held = first or walk.said(start, names("reports", "by"))
        if not held:
            continue
        group = _group(walk, start, held)
        walk.report.kind = kind
        walk.report.by.append("age band 10" if group in _NUMBERED else group)
        return (first + size) if first else start + held - at
    return 0


def _versus(walk: Walk, at: int) -> int:
    """What stands between two things that are compared, or before both."""
    size = walk.said(at, listed("reports", "compare"))
    if not size and (size := walk.said(at, listed("reports", "rather"))):
        after = walk.low(at + size)
        size = 0 if not after or not after[0].isalpha() or after[0] in NUMBERS else size
    if size:
        walk.report.versus = True
    elif walk.report.versus and not walk.report.apart and walk.parts:
        size = walk.said(at, listed("reports", "apart"))
    if size and walk.parts:
        walk.report.apart = walk.report.apart or len(walk.parts)
    return size


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
    number = NUMBERS.get(words[0].lower(), words[0]) if words else ""
    if number.isdecimal() and 0 < int(number) <= 1000:
        walk.report.n = int(number)
        size = 1
    outcome: list[Part] = []
    while beside := walk.said(at + size, listed("reports", "asked")) or _decision(walk, at + size):
        if _decision(walk, at + size):
            outcome = [Clause("outcome", _outcome(walk, at + size, beside))]
        size += beside
    held = walk.said(at + size, names("reports", "by"))
    if held:
        walk.report.by.append(_group(walk, at + size, held, True))
        walk.parts += outcome
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


def _group(walk: Walk, at: int, size: int, counted: bool = False) -> str:
    """What a report goes by; `drug class` narrows the answer too. Guidelines that are `counted` are citations, and not only whose they are."""
    found = names("reports", "by")[vocabulary.normal(" ".join(walk.words(at, size)))]
    if counted and found == "source" and walk.low(at)[0].startswith("guideline"):
        return "guideline"
    field, _, value = found.partition(":")
    if value:
        walk.parts.append(Clause(field, value))
    return field
