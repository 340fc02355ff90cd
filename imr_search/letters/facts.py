"""What an item's texts say in a form that can be counted: citations, drugs, doses, visits, the kind of treatment, the body.

Nothing is guessed: what a text does not say is None or (), and what it says twice in two ways is a doubt.
"""

from __future__ import annotations

import re

import msgspec

from imr_search.letters import guidelines, treatments
from imr_search.model import Citation, ParseWarning


class Derived(msgspec.Struct, frozen=True):
    """The derived fields of one item, named as in `model.Item`."""

    sources: tuple[str, ...]
    ca_sources: tuple[str, ...]
    pages: tuple[int, ...]
    ca_pages: tuple[int, ...]
    chapters: tuple[str, ...]
    sections: tuple[str, ...]
    citations: tuple[Citation, ...]
    ca_citations: tuple[Citation, ...]
    drugs: tuple[str, ...]
    strengths: tuple[str, ...]
    quantity: int | None
    refills: int | None
    visits: int | None
    category: str | None
    body: tuple[str, ...]
    warnings: tuple[ParseWarning, ...]


def derive(*, title: str, treatment: str, guideline: str, ca_guideline: str, summary: str, rationale: str) -> Derived:
    """The facts of one item from its unwrapped texts. Linear in their length; raises nothing.

    `summary` and `rationale` are not read today: what was asked for stands in the treatment, and a number in the prose may be
    what the guideline allows or what was given before.
    """
    cited = guidelines.read(guideline)
    ca_cited = guidelines.read(ca_guideline)
    asked = treatments.read(treatment, title)
    return Derived(
        sources=cited.sources,
        ca_sources=ca_cited.sources,
        pages=cited.pages,
        ca_pages=ca_cited.pages,
        chapters=cited.chapters,
        sections=cited.sections,
        citations=cited.citations,
        ca_citations=ca_cited.citations,
        drugs=asked.drugs,
        strengths=asked.strengths,
        quantity=asked.quantity,
        refills=asked.refills,
        visits=asked.visits,
        category=asked.category,
        body=asked.body,
        warnings=tuple(dict.fromkeys(cited.warnings + ca_cited.warnings + asked.warnings)),
    )


_READ = 1_500  # characters; the worker is introduced at the start, and later ages are of relatives and of injuries
_AGE = re.compile(
    r"\b(?P<age>\d{1,3})[- ]?(?:years?|yrs?\.?|yo\b|y/o\b|y\.o\.)(?:[- ]?(?:old|of[- ]age)\b)?"
    r"[,\s-]*(?:(?:right|left)[- ](?:hand(?:ed)?[- ])?(?:dominant|handed)?[,\s]*)?"
    r"(?P<sex>\b(?:fe)?male\b|\b(?:wo)?man\b|\bgentleman\b|\blady\b)?",
    re.IGNORECASE,
)
_CUED = re.compile(r"old\b|age\b|yo\b|y/o|y\.o|male|man\b|lady", re.IGNORECASE)
_IS_A = re.compile(r"\b(?:is|was|involves|a|an|a\(n\)|now)\s+(?P<sex>(?:fe)?male|(?:wo)?man)\b", re.IGNORECASE)
_NOUN = re.compile(
    r"\b(?P<sex>(?:fe)?male)\s+(?:injured\s+worker|worker|patient|employee|applicant|claimant)\b"
    r"|\b(?:injured\s+worker|worker|patient|employee|applicant|claimant)[,\s]+(?:an?\s+)?(?P<sex2>(?:fe)?male)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(he|she|his|her|him|hers)\b(?!/)(?<!/he)(?<!/she)", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:s?he/s?he|his/her|her/his|him/her|he or she|his or her)\b", re.IGNORECASE)
_FEMALE = frozenset({"female", "woman", "lady", "she", "her", "hers"})


def worker(summary: str) -> tuple[int | None, str | None]:
    """Age in years and "female" or "male"; None for what the summary does not say. Pronouns count only when they agree."""
    start = summary[:_READ]
    age: int | None = None
    sex: str | None = None
    for found in _AGE.finditer(start):
        years = int(found["age"])
        if not (10 <= years <= 110 and _CUED.search(found.group())):
            continue
        if age is None:
            age = years
            sex = _sex(found["sex"])
        break
    if sex is None:
        noun = _NOUN.search(start) or _IS_A.search(start)
        if noun is not None:
            sex = _sex(noun["sex"] or (noun.groupdict().get("sex2")))
    if sex is None:
        said = {_sex(found.group(1)) for found in _PRONOUN.finditer(_BOTH.sub(" ", summary[: 4 * _READ]))}
        sex = said.pop() if len(said) == 1 else None
    return age, sex


def _sex(word: str | None) -> str | None:
    if not word:
        return None
    return "female" if word.casefold() in _FEMALE else "male"
