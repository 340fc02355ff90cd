"""The injured worker's age and sex, from the clinical case summary's first sentences."""

from __future__ import annotations

import re

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


def read(summary: str) -> tuple[int | None, str | None]:
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
