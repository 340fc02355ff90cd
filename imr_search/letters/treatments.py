"""What one disputed treatment asks for: drugs, strengths, numbers, the kind of treatment and the part of the body."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise

import msgspec

from imr_search import vocabulary
from imr_search.letters import lexicons, numbers
from imr_search.letters.warnings import warning
from imr_search.model import ParseWarning

LONGEST = 4_000  # characters; the longest real title has 450

_TOPICAL_FORM = frozenset(
    {"cream", "gel", "ointment", "lotion", "patch", "patches", "topical", "topically", "pad", "pads", "balm", "roll"}
    | {"liniment", "spray", "foam"}
)
_COMPOUNDED = frozenset(("compound", "compounded", "compounding", "cmpd", "base"))
_INJECTED = frozenset(("injection", "injections", "injected", "im", "intramuscular", "inj", "intraarticular"))
_SWALLOWED = frozenset(
    ("tab", "tabs", "tablet", "tablets", "capsule", "capsules", "cap", "caps", "po", "oral", "orally", "mouth")
)
_JOINED_WITH = frozenset(
    {"325", "300", "500", "650", "750", "660"}
)  # mg of acetaminophen beside hydrocodone or oxycodone
_APART = re.compile(r"[,;+&:]|\band\b|\bwith\b|\bthen\b|\bfor\b|\bor\b")
_DIGIT = re.compile(r"\d")
_REFINED = frozenset({"dmepos", "injection", "visit", "diagnostic"})


class Asked(msgspec.Struct, frozen=True):
    """What a treatment's words say; None and () for what they do not say."""

    drugs: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    quantity: int | None = None
    refills: int | None = None
    visits: int | None = None
    category: str | None = None
    categories: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    warnings: tuple[ParseWarning, ...] = ()


def read(treatment: str, title: str) -> Asked:
    """The facts in `treatment`; drugs, category and body also from `title` where the treatment names none."""
    long = len(treatment) > LONGEST
    asked = _read(treatment[:LONGEST], "" if title == treatment else title[:LONGEST])
    if not long:
        return asked
    return Asked(
        asked.drugs,
        asked.strengths,
        asked.quantity,
        asked.refills,
        asked.visits,
        asked.category,
        asked.categories,
        asked.body,
        (*asked.warnings, warning("W24")),
    )


@lru_cache(maxsize=4096)
def _read(treatment: str, title: str) -> Asked:
    found = lexicons.Tokens(treatment)
    text = numbers.plain(found)
    drugs = _drugs(found)
    kinds = _kinds(found, text)
    combined = any("/" in match.value.substance for match in drugs)
    strengths = numbers.strengths(text, combined=combined) if drugs else ()
    substances = _substances(drugs, strengths)
    kind = _category(found, kinds, drugs, strengths)
    body = lexicons.body_parts(found)
    if title and not (substances and kind and body):
        whole = lexicons.Tokens(title)
        title_drugs = _drugs(whole)
        kind = kind or _category(whole, _kinds(whole, numbers.plain(whole)), title_drugs, ())
        if not substances and kind is not None and kind.startswith("pharmaceutical"):
            substances = _substances(title_drugs, ())
        body = body or lexicons.body_parts(whole)
    with_visits = _with_visits()
    if kind in with_visits and numbers.in_sessions(text):
        kind = with_visits[kind]
    if not strengths and (kind.startswith("pharmaceutical") if kind is not None else "mg" in text):
        strengths = numbers.strengths(text)
    counted = _counted(kind, text, found, drugs)
    further = _further(found, kinds, drugs, kind) if kind is not None else []
    if not with_visits.keys().isdisjoint(further) and numbers.in_sessions(text):
        further = [with_visits.get(one, one) for one in further]
    categories = tuple(dict.fromkeys((kind, *further))) if kind is not None else ()
    return Asked(
        substances,
        strengths,
        counted.quantity,
        counted.refills,
        counted.visits,
        kind,
        categories,
        body,
        counted.warnings,
    )


def _counted(kind: str | None, text: str, found: lexicons.Tokens, drugs: list[lexicons.Match[lexicons.Drug]]) -> Asked:
    """The numbers alone: a therapy's are visits, a drug's quantity and refills, anything else's how many of it."""
    if not _DIGIT.search(text):
        return Asked(refills=numbers.refills(text) if drugs else None)
    if kind is not None and kind.partition("/")[0] in _visiting():
        visits = numbers.visits(text)
        return Asked(visits=visits.value, warnings=(warning("W23"),) if visits.doubtful else ())
    medical = kind is None or kind.startswith("pharmaceutical") or bool(drugs)
    number = numbers.quantity(text) if medical else numbers.things(text)
    return Asked(
        quantity=number.value if number.value is not None else _before_drug(found, drugs),
        refills=numbers.refills(text) if medical else None,
        warnings=(warning("W22"),) if number.doubtful else (),
    )


@cache
def _visiting() -> frozenset[str]:
    return frozenset(vocabulary.split(vocabulary.table("category")["visits"]))


@cache
def _with_visits() -> dict[str, str]:
    found: dict[str, str] = vocabulary.table("category")["with_visits"]
    return found


def _drugs(found: lexicons.Tokens) -> list[lexicons.Match[lexicons.Drug]]:
    """Drug names, found among the words that are not salts, at their places among all words."""
    if lexicons.drugs().names.keys().isdisjoint(found.words):
        return []
    salts = vocabulary.salts()
    kept = [i for i, word in enumerate(found.words) if word not in salts]
    words = found.words if len(kept) == len(found.words) else tuple(found.words[i] for i in kept)
    return [
        lexicons.Match(kept[match.start], kept[match.end - 1] + 1, match.value)
        for match in lexicons.drugs().find(words)
    ]


def _before_drug(found: lexicons.Tokens, drugs: list[lexicons.Match[lexicons.Drug]]) -> int | None:
    """The number right before a drug's name, as in "30 Tramadol 50mg": ten and more, because fewer are prescriptions."""
    if not drugs or drugs[0].start == 0:
        return None
    word = found.words[drugs[0].start - 1]
    return int(word) if word.isdigit() and 10 <= int(word) <= 9999 else None


def _substances(drugs: list[lexicons.Match[lexicons.Drug]], strengths: tuple[str, ...]) -> tuple[str, ...]:
    if not drugs:
        return ()
    names = list(dict.fromkeys(match.value.substance for match in drugs))
    with_acetaminophen = any(strength.partition("/")[2].partition("mg")[0] in _JOINED_WITH for strength in strengths)
    if with_acetaminophen and len(names) == 1 and names[0] in ("hydrocodone", "oxycodone", "tramadol"):
        return (f"{names[0]}/acetaminophen",)
    return tuple(names)


def _kinds(found: lexicons.Tokens, text: str) -> list[lexicons.Match[lexicons.Kind]]:
    """The kinds of treatment that are named; `text` is `found`'s with digits for number words. A word with two meanings is read only with its
    company, and never in the wrong one."""
    named = lexicons.kinds().find(found.words)
    if not [match for match in named if match.value.guard is not None]:
        return named
    words = frozenset(found.words)
    return [match for match in named if match.value.guard is None or _may_be_read(match.value.guard, words, text)]


def _may_be_read(guard: vocabulary.Guard, words: frozenset[str], text: str) -> bool:
    if guard.unless & words:
        return False
    return not guard.near or bool(guard.near & words) or ("*visits" in guard.near and numbers.in_sessions(text))


def _category(
    found: lexicons.Tokens,
    named: list[lexicons.Match[lexicons.Kind]],
    drugs: list[lexicons.Match[lexicons.Drug]],
    strengths: tuple[str, ...],
) -> str | None:
    """The kind of treatment: of all that is named, the first of the weightiest; None when nothing is known."""
    strongest = [match for match in named if match.value.weight >= 2]
    drug_kind = _drug_kind(found, drugs, strengths) if drugs else None
    first = strongest[0] if strongest else None
    if drug_kind is not None and (
        first is None or drugs[0].start <= first.start or first.value.path.startswith("pharm")
    ):
        injected = _injected(found, named)
        return injected if injected is not None else drug_kind
    if first is None:
        return named[0].value.path if named else None
    first = _headed(first, strongest, found)
    if first.value.path.startswith("visit") and first.value.weight == 2:
        programs = [
            match for match in strongest if match.value.weight == 3 and not match.value.path.startswith("visit")
        ]
        first = programs[0] if programs else first
    if first.value.path in _REFINED:
        for other in strongest:
            if other.value.path.startswith(first.value.path + "/"):
                return other.value.path
    return first.value.path


def _further(
    found: lexicons.Tokens,
    kinds: list[lexicons.Match[lexicons.Kind]],
    drugs: list[lexicons.Match[lexicons.Drug]],
    main: str,
) -> list[str]:
    """What is asked for besides, as in "physical therapy and acupuncture": other kinds that a joint parts from each other, but not what belongs
    to the main one (a brace's "supplies", the parts of a compound, the consultation before a surgery)."""
    if main in _MIXED or len(kinds) + len(drugs) < 2:
        return []
    named = [(match.start, match.end, match.value.path) for match in kinds if match.value.weight >= 2]
    for match in drugs:
        kind = match.value.kind
        named.append((match.start, match.end, kind if "/" in kind else f"pharmaceutical/{kind}"))
    named.sort()
    further: list[str] = []
    for (_, end, before), (start, _, path) in pairwise(named):
        joint = found.text[found.spans[end - 1][1] : found.spans[start][0]] if start >= end else ""
        if not _JOINED.fullmatch(joint):
            continue
        for one in (before, path):
            related = any(one.startswith(other) or other.startswith(one) for other in (main, *further))
            related = related or (
                one.startswith("visit") and main.startswith("visit")
            )  # "follow-up with a spine surgeon"
            incidental = one == "surgery" and main.startswith("injection")  # its anesthesia
            if not (related or incidental or one in _MIXED):
                further.append(one)
    return further[:_MOST_KINDS]


_MIXED = frozenset({"pharmaceutical/compound", "pharmaceutical/topical"})
_MOST_KINDS = 3
# What parts two things that are asked for: "and", "/", ",", with a few words of the one before ("12 visits of physical therapy, 2x6, and ...").
_JOINED = re.compile(
    r"(?!.{0,60}\b(?:for|before|after|prior|status|post|under|during|via|using|guidance)\b).{0,60}?(?:[,;/+&]|\band\b|\bwith\b|\bor\b|\bplus\b).{0,40}"
)


def _headed(
    first: lexicons.Match[lexicons.Kind], strongest: list[lexicons.Match[lexicons.Kind]], found: lexicons.Tokens
) -> lexicons.Match[lexicons.Kind]:
    """ "Hip replacement consultation" is a consultation: a strong name right behind the first one is the head of both."""
    if first.value.path == "psychological":
        return first
    for other in strongest:
        if other.value.weight == 3 and first.value.weight == 2 and 0 <= other.start - first.end <= 1:
            between = found.text[found.spans[first.end - 1][1] : found.spans[other.start][0]]
            if not _APART.search(between):
                return other
    return first


def _drug_kind(found: lexicons.Tokens, drugs: list[lexicons.Match[lexicons.Drug]], strengths: tuple[str, ...]) -> str:
    words = set(found.words)
    kind = drugs[0].value.kind
    percents = sum(strength.endswith("%") for strength in strengths)
    ingredients = len({match.value.substance for match in drugs})
    if kind != "opioid" or percents:
        if words & _COMPOUNDED or (ingredients > 1 and percents > 1):
            return "pharmaceutical/compound"
        if (words & _TOPICAL_FORM or percents) and kind != "compound":
            return "pharmaceutical/topical"
    return kind if "/" in kind else f"pharmaceutical/{kind}"


def _injected(found: lexicons.Tokens, named: list[lexicons.Match[lexicons.Kind]]) -> str | None:
    """The kind of injection when a drug is injected, unless the text says that it is swallowed."""
    words = set(found.words)
    if not words & _INJECTED or words & _SWALLOWED:
        return None
    for match in named:
        if match.value.path.startswith("injection/"):
            return match.value.path
    return "injection"
