"""What an item says in a form that can be counted: citations, drugs, doses, visits, the kind of treatment, the body; why and how fast it was decided.

Nothing is guessed: what a text does not say is None or (), and what it says twice in two ways is a doubt. The worker and the day of the injury are
read from the letter's summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec

from imr_search.letters import guidelines, lexicons, numbers, reasons, treatments
from imr_search.letters.header import DAY, Header, iso_day
from imr_search.letters.items import approved_part
from imr_search.model import Citation, Deciding, ParseWarning


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
    categories: tuple[str, ...]
    body: tuple[str, ...]
    warnings: tuple[ParseWarning, ...]


def derive(*, title: str, treatment: str, guideline: str, ca_guideline: str, rationale: str) -> Derived:
    """The facts of one item from its unwrapped texts. Linear in their length; raises nothing.

    `rationale` is read for one fact only, the part of the body, where the title is silent: what was asked for stands in the treatment, and a
    number in the prose may be what the guideline allows or what was given before.
    """
    cited = guidelines.read(guideline)
    ca_cited = guidelines.read(ca_guideline)
    asked = treatments.read(treatment, title)
    body = asked.body or _body_of(rationale)
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
        categories=asked.categories,
        body=body,
        warnings=tuple(dict.fromkeys(cited.warnings + ca_cited.warnings + asked.warnings)),
    )


# What a reviewer concludes on: "the request for X is not medically necessary", "medical necessity of X is not established". Asked of small
# letters, where one of the words stands that a conclusion is known by.
_NECESSARY = (
    r"(?:is|are|was|were) (?:(?:therefore|thus|hence|also|not|deemed|found|considered|determined|to|be"
    r"|(?:supported|recommended|established|indicated|justified|shown|seen) (?:as|to be)) )*"
)
_BEFORE = tuple(f" {word} " for word in re.findall("[a-z]+", _NECESSARY))
_VERDICTS = ("medically ", "clinically ", "certified", "authorized")
_VERDICT = rf"{_NECESSARY}(?:(?:medically|clinically) (?:necessary|appropriate|indicated|supported|warranted)|certified\b|authorized\b)"
_LONGEST = len("medically appropriate ")
_REACH = 160  # characters, back from a verdict to what it is on
_DECIDED = (
    re.compile(rf"\b(?:for|of|to|on|in) (?:the |his |her |their |a |an )?(?P<part>[^.;:]{{3,80}}?),? {_VERDICT}"),
    re.compile(
        rf"(?:^|[.;:?!]\s|,\s)(?:(?:therefore|thus|hence|as such|accordingly),? )?(?P<part>[^.;:,]{{3,90}}?),? {_VERDICT}"
    ),
)
_NECESSARY_FOR = re.compile(
    r"medically (?<!\wmedically )(?:necessary|appropriate) (?:for|to) (?:the |his |her )(?P<part>[^.;:]{3,40})"
)
_NECESSITY = re.compile(
    r"medical necessity (?<!\wmedical necessity )(?:of|for) (?P<part>[^.;:,]{3,90}?) (?:is|are|was|were|has|have|cannot|could) (?:not )?"
    r"(?:been |be )?(?:established|supported|substantiated|documented|justified|demonstrated|met|shown)"
)


def _concluded(small: str) -> set[str]:
    """What the conclusions of a rationale in small letters are on."""
    found = [*_NECESSARY_FOR.finditer(small), *_NECESSITY.finditer(small)]
    for verdict in _VERDICTS:
        for at in _places(verdict, small):
            if small.endswith(_BEFORE, 0, at):
                reach = max(at - _REACH, 0)
                start = max(reach, *(small.rfind(mark, reach, at) for mark in ".;:"))  # no part goes over these
                for pattern in _DECIDED if lexicons.may_name_parts(small[start:at]) else ():
                    found += pattern.finditer(small, start, at + _LONGEST)
    return {one["part"] for one in found}


def _places(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


# Where the conclusion says "it", what it is on is the request, but for an earlier one.
_REQUESTED = re.compile(
    r"requests? for (?P<part>[^.;:]{3,90}?),? (?:is|are|was|were) (?:not )?"
    r"(?:supported|recommended|established|indicated|warranted|justified|approved)\b"
)
_ANOTHER = ("concurrent ", "prior ", "previous ", "original ")


@lru_cache(maxsize=64)
def _body_of(rationale: str) -> tuple[str, ...]:
    """The part of the body that the reviewer's conclusion names ("for the lumbar spine is not medically necessary"), if it is one.

    Cached: items of one letter often share their rationale.
    """
    small = rationale.lower()
    named = {lexicons.body_parts(lexicons.Tokens(part)) for part in _concluded(small)} - {()}
    if not named:
        said = (found for found in _REQUESTED.finditer(small) if not small.endswith(_ANOTHER, 0, found.start()))
        named = {lexicons.body_parts(lexicons.Tokens(found["part"])) for found in said} - {()}
    parts = named.pop() if len(named) == 1 else ()
    return parts if sum(" " not in part or part.split()[0] not in ("left", "right") for part in parts) == 1 else ()


_READ = 1_500  # characters; the worker is introduced at the start, and later ages are of relatives and of injuries
# A digit first, and that no word goes on there after: a search passes over all that is no digit quickly.
_AGE = re.compile(
    r"(?P<age>\d(?<!\w.)\d{0,2})[- ]?(?:years?|yrs?\.?|yo\b|y/o\b|y\.o\.)(?:[- ]?(?:old|of[- ]age)\b)?"
    r"[,\s-]*(?:(?:right|left)[- ](?:hand(?:ed)?[- ])?(?:dominant|handed)?[,\s]*)?"
    r"(?P<sex>\b(?:fe)?male\b|\b(?:wo)?man\b|\bgentleman\b|\blady\b|(?-i:\b[FM]\b)(?!\.\w))?",
    re.IGNORECASE,
)
_AGE_IN_WORDS = re.compile(
    r"\b(?:teen|twenty|thirty|forty|fifty|sixty|seventy|eighty)\b[- ]?\w{0,5}[- ]years?[- ]old", re.IGNORECASE
)
_AGED = re.compile(
    r"(?<!\bat )(?<!from )(?<!since )(?<!the )\b(?:aged?|age of|age is|age:)\s(?:of\s)?([1-9]\d)(?!\d|[-/.]\d|\s?%)",
    re.IGNORECASE,
)
_HYPHENS = MappingProxyType(dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-"))
_CUED = re.compile(r"old\b|age\b|yo\b|y/o|y\.o|male|man\b|lady", re.IGNORECASE)
_KIN = re.compile(
    r"\b(?:mother|father|parents?|wife|husband|spouse|son|daughter|child(?:ren)?|kids?|sister|brother|friend|partner)\b[^.;]{0,15}\Z",
    re.IGNORECASE,
)
_SEX_BEHIND = re.compile(r"[,;]?\s(?:a\s|and\s)?(?P<sex>(?:fe)?male|(?:wo)?man)\b", re.IGNORECASE)
# These are asked of small letters.
_IS_A = re.compile(r"\b(?:is|was|involves|a|an|a\(n\)|now)\s+(?P<sex>(?:fe)?male|(?:wo)?man)\b")
_NOUN = re.compile(
    r"\b(?P<sex>(?:fe)?male)\s+(?:injured\s+worker|worker|patient|employee|applicant|claimant)\b"
    r"|\b(?:injured\s+worker|worker|patient|employee|applicant|claimant)[,\s]+(?:an?\s+)?(?P<sex2>(?:fe)?male)\b"
)
_PRONOUN = re.compile(r"\b(he|she|his|her|him|hers)\b(?!/)(?<!/he)(?<!/she)")
_BOTH = re.compile(r"\b(?:s?he/s?he|his/her|her/his|him/her|he or she|his or her)\b")
_FEMALE = frozenset({"f", "female", "woman", "lady", "she", "her", "hers"})


def worker(summary: str) -> tuple[int | None, str | None]:
    """Age in years and "female" or "male"; None for what the summary does not say. Pronouns count only when they agree."""
    start = summary[:_READ] if summary.isascii() else summary[:_READ].translate(_HYPHENS)
    start = start.replace(" -", "-").replace("- ", "-")  # "34 -year-old"
    age, sex = _aged(start)
    if age is not None and sex is not None:
        return age, sex
    small = start.lower()
    if age is None and "year" in small and _AGE_IN_WORDS.search(start):
        age, sex = _aged(numbers.plain(lexicons.Tokens(start)))
    if age is None and "age" in small and (aged := _AGED.search(start)):
        age = int(aged[1])
        if sex is None and (behind := _SEX_BEHIND.match(start, aged.end())):
            sex = _sex(behind["sex"])
    if sex is None and ("male" in small or "man" in small):
        noun = _NOUN.search(small) or _IS_A.search(small)
        if noun is not None:
            sex = _sex(noun["sex"] or (noun.groupdict().get("sex2")))
    if sex is None:
        said = {_sex(found.group(1)) for found in _PRONOUN.finditer(_BOTH.sub(" ", summary[: 4 * _READ].lower()))}
        sex = said.pop() if len(said) == 1 else None
    return age, sex


def _aged(start: str) -> tuple[int | None, str | None]:
    for found in _AGE.finditer(start):
        years = int(found["age"])
        if (
            10 <= years <= 110
            and _CUED.search(found.group())
            and not _KIN.search(start, max(0, found.start() - 30), found.start())
        ):
            return years, _sex(found["sex"])
    return None, None


# A few words may stand between the injury and its day: "sustained an industrial injury to the low back on 9/7/11".
_INJURED = re.compile(
    r"\b(?:date of (?:the )?(?:industrial |work |occupational |original )?(?:injury|accident|loss)\b|D\.?O\.?I\b\.?|injury date\b"
    r"|(?:industrial|occupational|work[- ]?related|work|on[- ]the[- ]job)? ?(?:injury|injuries|accident)\b|injured\b|DOL\b|hurt\b)"
    rf"(?P<between>[^.;]{{0,90}}?)(?P<day>(?<![\w/.-]){DAY})(?P<range>\s?(?:to|through|thru|until|-|\u2013)\s?\d|,?\s?(?:and|&|,)\s(?:on\s)?{DAY})?",
    re.IGNORECASE,
)
# "On 6/6/2014, the worker sustained an industrial injury"
_INJURED_BEHIND_DAY = re.compile(
    rf"\b[Oo]n (?:or about )?(?P<day>{DAY}),?(?P<between>[^.;]{{1,90}}?)"
    r"\b(?:sustained|suffered|incurred|was (?:injured|hurt)|injured|hurt)\b[^.;]{0,40}"
)
_HARM = re.compile(r"\b(?:injur|hurt|accident)", re.IGNORECASE)
_LEADS_TO_DAY = re.compile(
    r"(?:^|.*\b)(?:on|of|dated|the|date|dating|from|back to|is|was|occurred|occurring|sustained|doi|about)\s*[:,(]?\s*$|^\s*[:,(-]?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_EVENT = re.compile(
    r"\b(?:MRI|x-?rays?|CT|EMG|surgery|report(?!ed)|visit|note|seen|evaluat\w+|examin\w+|exam|underwent|presented|injection)\b",
    re.IGNORECASE,
)


def injury_day(summary: str) -> str | None:
    """The day of the injury as the summary tells it ("sustained an industrial injury on 9/7/11"), for letters without a header."""
    start = summary[: 2 * _READ]
    found = _INJURED.search(start)
    while found:
        between = found["between"]
        if _LEADS_TO_DAY.match(between) and not _OTHER_EVENT.search(between):
            return iso_day(found["day"]) if found["range"] is None else None
        found = _INJURED.search(start, found.start() + 1)
    if "n " in start and (found := _INJURED_BEHIND_DAY.search(start)) and _HARM.search(found.group()):
        return None if _OTHER_EVENT.search(found["between"]) else iso_day(found["day"])
    return None


def _sex(word: str | None) -> str | None:
    if not word:
        return None
    return "female" if word.casefold() in _FEMALE else "male"


def decided(title: str, rationale: str, outcome: str, header: Header) -> dict[str, Any]:
    """Each fact under its name; unknown is None or ()."""
    requested, authorized = approved_part(title)
    grounds = reasons.read(rationale, outcome)
    return {
        "requested": requested,
        "authorized": authorized,
        "reasons": tuple(reason.code for reason in grounds),
        "deciding": Deciding(grounds[0].sentence, grounds[0].text) if grounds and grounds[0].sentence else None,
        "days": days_between(header.received, header.decided),
        "days_denied": days_between(header.denied, header.decided),
        "days_injured": days_between(header.injured, header.decided),
    }


def days_between(earlier: str | None, later: str | None) -> int | None:
    """Days from one ISO date to the other; None where one is unknown, or where they stand in the wrong order, which is no duration."""
    if earlier is None or later is None or earlier > later:
        return None
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days
