"""A space, another hyphen or capitals change nothing."""

from __future__ import annotations

import re

import pytest

from imr_search.letters import facts, guidelines
from tests.letters.forms import HEADER, codes, item, modern, one

LETTER = modern(item("Norco: Upheld"))
TABLE = HEADER.format(case="CM15-9900500", decided="03/17/2015")
FIELDS = ("case", "assigned", "injured", "decided", "denied", "received", "priority")


@pytest.mark.parametrize(
    "non",
    [
        "Non-MTUS",
        "Non -MTUS",
        "Non- MTUS",
        "Non\u2013MTUS",
        "non MTUS",
        "NON \u2010 MTUS",
        "Non  MTUS",
        "nonMTUS",
        "Non_MTUS",
    ],
)
def test_what_is_not_of_the_mtus(non: str) -> None:
    found = guidelines.read(f"Decision based on {non} ODG, Pain, Opioids.")
    assert found.sources == ("ODG",)
    assert found.sections == ("Opioids",)


@pytest.mark.parametrize(
    "age",
    [
        "34-year-old",
        "34 -year-old",
        "34- year-old",
        "34 - year - old",
        "34\u2013year\u2013old",
        "34 year old",
        "34\u2010year\u2010old",
        "34-YEAR-OLD",
        "34-y.o.",
        "34 yr. old",
        "thirty-four year old",
        "thirty-four-year-old",
    ],
)
def test_ages(age: str) -> None:
    assert facts.worker(f"The applicant is a {age} male who fell.") == (34, "male")


@pytest.mark.parametrize("age", ["age 34", "aged 34", "age of 34"])
def test_ages_behind_the_sex(age: str) -> None:
    assert facts.worker(f"The applicant is a male, {age}, who fell.") == (34, "male")


@pytest.mark.parametrize(
    "table",
    [
        TABLE.upper(),
        TABLE.replace(":", ""),
        TABLE.upper().replace(":", ""),
        TABLE.replace(":", " :"),
        TABLE.lower(),
        TABLE.replace("Case Number", "CASE NO."),
    ],
    ids=["capitals", "no colons", "capitals and no colons", "spaced colons", "small", "one in capitals"],
)
def test_header_tables(table: str) -> None:
    found = one(LETTER.replace(TABLE, table)).items[0]
    assert [getattr(found, name) for name in FIELDS] == [getattr(one(LETTER).items[0], name) for name in FIELDS]
    assert not codes(found)


def test_a_letter_without_a_header_says_so() -> None:
    assert codes(one(modern(item("Norco: Upheld"), case="")).items[0]) == {"W09"}


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("State(s) of Licensure:", "State (s) of Licensure :"),
        ("Certification(s)/Specialty:", "Certification(s) / Specialty:"),
        ("Certification(s)/Specialty:", "CERTIFICATION(S)/SPECIALTY:"),
        ("Claims Administrator guideline:", "Claims Administrator guideline :"),
        ("Decision rationale:", "Decision  rationale :"),
        ("Norco: Upheld", "Norco :UPHELD"),
        ("Norco: Upheld", "Norco: U p h e l d"),
        ("Norco: Upheld", "Norco: Upheid"),
        ("MAXIMUS guideline:", "Maximus guideline:"),
        ("MAXIMUS guideline:", "MAXIMUS guideline;"),
        ("MAXIMUS guideline:", "MAXIMUS guideline -"),
        ("MAXIMUS guideline:", "MAXIMUS guideline"),
        ("Decision rationale:", "Decision rationale"),
        ("Claims Administrator guideline:", "Claim Administrator guideline:"),
        ("Claims Administrator guideline:", "Claims Administrator's guideline:"),
        ("IMR ISSUES, DECISIONS AND RATIONALES", "IMR ISSUES DECISIONS & RATIONALES"),
        ("IMR ISSUES, DECISIONS AND RATIONALES", "IMR Issues, Decisions and Rationales"),
        ("IMR ISSUES, DECISIONS AND RATIONALES", "Imr issues , decisions and rationales"),
    ],
)
def test_labels(printed: str, label: str) -> None:
    assert one(LETTER.replace(printed, label)).items == one(LETTER).items


def test_a_word_that_was_broken_at_a_hyphen() -> None:
    found = guidelines.read(
        "The Expert Reviewer based the decision on guidelines out-side of the MTUS. Decision based on Non-MTUS ODG."
    )
    assert found.sources == ("ODG",)


@pytest.mark.parametrize(
    ("worker", "expected"),
    [
        ("34 y/o F who fell", (34, "female")),
        ("34yr-old M with pain", (34, "male")),
        ("34-year-old F.", (34, "female")),
        ("34 yo right-handed F who fell", (34, "female")),
        ("34-year-old M.D. who fell", (34, None)),
    ],
)
def test_the_sex_as_a_letter(worker: str, expected: tuple[int, str | None]) -> None:
    assert facts.worker(f"The applicant is a {worker}") == expected


SWAPS = {
    "Claims Administrator guideline:": [
        "CLAIMS ADMINISTRATOR GUIDELINE -",
        "ClaimsAdministrator guideline:",
        "Claims Administratorguideline :",
    ],
    "MAXIMUS guideline:": ["MAXIMUS Guideline :", "MAXIMUSguideline:", "Maximus guidelines ;"],
    "Decision rationale:": ["Decision  Rationale :", "Decisionrationale:", "DECISION RATIONALE -"],
}


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_each_item_has_another_label_misprinted(turn: int) -> None:
    letter = modern(item("Norco: Upheld"), item("Sling: Overturned"), item("CT: Upheld"))
    whole = one(letter)
    for n, (label, swaps) in enumerate(SWAPS.items()):
        at = [found.start() for found in re.finditer(label, letter)][n]
        letter = letter[:at] + swaps[turn] + letter[at + len(label) :]
    assert one(letter).items == whole.items
