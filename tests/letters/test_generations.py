"""Generations 0, 1 and 2, of which only the headings are known for sure: read by them, and doubted where they fail."""

from __future__ import annotations

import itertools

import pytest

from imr_search.letters.parse import parse
from imr_search.model import Letter
from tests.letters.forms import codes, item, modern, one

LISTED = "{n}) MAXIMUS Federal Services, Inc. has determined the request for {title} {verdict}medically necessary and appropriate.\n\n"
FIRST_HEAD = """\
Notice of Independent Medical Review Determination

Dated: 10/18/2013

Date of UR Decision: 7/19/2013
Date of Injury: 4/2/2009
IMR Application Received: 8/6/2013
MAXIMUS Case Number: CM13-9900700

{listed}INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE

A decision has been made for each of the treatment and/or services that were in dispute:

{listed}Medical Qualifications of the Expert Reviewer:
The physician reviewer is Board Certified in Family Practice and is licensed to practice in California.

Case Summary:
The patient is a 49 year old female who was injured on 4/2/2009.

Documents Reviewed for Determination:
The following relevant documents were reviewed.

"""
DETAIL = """\
{n}) Regarding the request for {title}:

Section of the Medical Treatment Utilization Schedule Relied Upon by the Expert
Reviewer to Make His/Her Decision
The Claims Administrator based its decision on the MTUS Chronic Pain Guidelines, page 43. The Expert Reviewer relied on
the MTUS, pages 43 and 94.

Rationale for the Decision:
The request for {title} was considered.

"""
REQUESTS = [
    ("Norco 10/325mg #120", "is not "),
    ("therapy: two times a week,\nsix weeks", "is "),
    ("one urine drug screen", "is not"),
    ("upheld stockings, 20% off", "are not "),
]
OUTCOMES = ["upheld", "overturned", "upheld", "upheld"]


def first(requests: list[tuple[str, str]] = REQUESTS) -> str:
    listed = "".join(LISTED.format(n=n, title=title, verdict=verdict) for n, (title, verdict) in enumerate(requests, 1))
    details = "".join(DETAIL.format(n=n, title=title) for n, (title, _) in enumerate(requests, 1))
    closing = "Effect of the Decision:\n\nThis determination is binding on all parties.\n\nSincerely,\nA Director\n"
    return FIRST_HEAD.format(listed=listed) + details + closing


def test_generation_one_prints_its_list_twice_and_has_each_item_once() -> None:
    letter = one(first())
    assert (letter.id, letter.generation, letter.decided, letter.warnings) == ("CM13-9900700", "1", "2013-10-18", ())
    assert [found.title for found in letter.items] == [" ".join(title.split()) for title, _ in REQUESTS]
    assert [found.outcome for found in letter.items] == OUTCOMES
    assert not any(found.warnings for found in letter.items)
    found = letter.items[3]
    assert (
        found.ca_guideline
        == "The Claims Administrator based its decision on the MTUS Chronic Pain Guidelines, page 43."
    )
    assert found.guideline == "The Expert Reviewer relied on the MTUS, pages 43 and 94."
    assert found.rationale == "The request for upheld stockings, 20% off was considered."
    assert (found.injured, found.denied, found.received) == ("2009-04-02", "2013-07-19", "2013-08-06")
    assert (found.specialty, found.licensed, found.age, found.sex) == (
        ("Family Practice",),
        ("California",),
        49,
        "female",
    )
    assert found.summary == "The patient is a 49 year old female who was injured on 4/2/2009."


def test_generation_one_without_numbers() -> None:
    text = first()
    for n in range(1, 5):
        text = text.replace(f"{n}) ", "")
    assert [(found.title, found.outcome) for found in one(text).items] == [
        (found.title, found.outcome) for found in one(first()).items
    ]


def test_a_reviewer_who_adopts_a_guideline_cites_it() -> None:
    text = first(REQUESTS[:1]).replace(
        "The Expert Reviewer relied on\nthe MTUS, pages 43 and 94.",
        "The Expert Reviewer found the guidelines used by the Claims\nAdministrator relevant and appropriate.",
    )
    found = one(text).items[0]
    assert found.guideline.startswith(
        "The Claims Administrator based its decision on the MTUS Chronic Pain Guidelines, page 43."
    )
    assert found.pages == (43,)


def test_generation_one_tells_where_list_and_details_differ() -> None:
    two = first(REQUESTS[:2])
    undetailed = one(two.replace(DETAIL.format(n=2, title=REQUESTS[1][0]), ""))
    assert [found.outcome for found in undetailed.items] == ["upheld", "overturned"]
    assert {"W03", "W04", "W05"} <= codes(undetailed.items[1])
    assert not codes(undetailed.items[0])
    unlisted = one(two.replace(LISTED.format(n=2, title=REQUESTS[1][0], verdict="is "), ""))
    assert "W01" in codes(unlisted.items[1])
    assert unlisted.items[1].outcome == ""
    renamed = one(two.replace("1) Regarding the request for Norco", "1) Regarding the request for Norvasc"))
    assert "W11" in codes(renamed.items[0])
    listed = LISTED.format(n=1, title=REQUESTS[0][0], verdict="is not ")
    torn = one(two.replace(listed, listed.replace("is not", "is"), 1))
    assert all("W11" in codes(found) for found in torn.items)


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("Rationale for the Decision:", "W05"),
        ("Case Summary:", "W06"),
        ("Medical Qualifications of the Expert Reviewer:", "W07"),
        ("INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE", "W12"),
        (
            "Section of the Medical Treatment Utilization Schedule Relied Upon by the Expert\nReviewer to Make His/Her Decision\n",
            "W03",
        ),
    ],
)
def test_generation_one_tells_of_lost_headings(heading: str, code: str) -> None:
    text = first()
    assert heading in text
    letter = one(text.replace(heading, "", 1))
    assert code in {code for found in letter.items for code in codes(found)}


SECOND = """\
MAXIMUS FEDERAL SERVICES, INC.
Independent Medical Review

Dated: 01/27/2014

IMR Case Number: CM13-9900701    Date of Injury: 06/11/2010
UR Denial Date: 08/30/2013
Priority: STANDARD               Application Received: 09/12/2013

Final Determination: {cover}. This means what it says.

HOW THE IMR FINAL DETERMINATION WAS MADE

MAXIMUS Federal Services sent the complete case file to a physician reviewer. The physician reviewer is Board
Certified in Neurology and is licensed to practice in Texas.

DOCUMENTS REVIEWED

The following relevant documents were reviewed.

CLINICAL CASE SUMMARY
The physician reviewer developed the following clinical case summary based on a review of the case file, including all
medical records:

The patient is a 55-year-old male.

IMR DECISION(S) AND RATIONALE(S)

The Final Determination was based on decisions for the disputed items/services set forth below:

{items}"""
NUMBERED = """\
{n}. {title} {verdict}medically necessary and appropriate.

The Claims Administrator based its decision on the Chronic Pain Guidelines,
pg. 9, 22-23, which is part of the MTUS.

The Physician Reviewer based his/her decision on the Chronic Pain Guidelines, pg. 22-
23, which is part of the MTUS.

The Physician Reviewer's decision rationale:
{reasons}

"""
POINTS = "Two things stand against it:\n1. No red flag is there.\n2. The request is early.\nIt is not medically necessary and appropriate."


def second(*items: str, cover: str = "PARTIAL OVERTURN") -> str:
    return SECOND.format(cover=cover, items="".join(items))


def numbered(n: int, title: str, verdict: str, reasons: str = POINTS) -> str:
    return NUMBERED.format(n=n, title=title, verdict=verdict, reasons=reasons)


def letter_two() -> Letter:
    return one(second(*(numbered(n, *request) for n, request in enumerate(REQUESTS, 1))))


def test_generation_two() -> None:
    letter = letter_two()
    assert (letter.id, letter.generation, letter.decided, letter.warnings) == ("CM13-9900701", "2", "2014-01-27", ())
    assert [found.title for found in letter.items] == [" ".join(title.split()) for title, _ in REQUESTS]
    assert [found.outcome for found in letter.items] == OUTCOMES
    for found in letter.items:
        assert found.warnings == ()
        assert found.rationale == " ".join(POINTS.split())
        assert found.pages == (22, 23)
        assert found.ca_pages == (9, 22, 23)
        assert found.guideline.startswith("The Physician Reviewer based his/her decision on")
        assert (found.summary, found.priority) == ("The patient is a 55-year-old male.", "Standard")
        assert (found.specialty, found.licensed) == (("Neurology",), ("Texas",))


def test_generation_two_under_the_next_ones_heading() -> None:
    text = second(*(numbered(n, *request) for n, request in enumerate(REQUESTS, 1)))
    letter = one(text.replace("IMR DECISION(S) AND RATIONALE(S)", "IMR ISSUES, DECISIONS AND RATIONALES"))
    assert [(found.title, found.outcome, found.generation) for found in letter.items] == [
        (found.title, found.outcome, "2") for found in letter_two().items
    ]


def test_prose_with_a_labels_words_is_no_item() -> None:
    prose = "The Claims Administrator based its decision on old notes.\nThe Claims Administrator did not cite more. It is early."
    letter = one(second(numbered(1, *REQUESTS[0], reasons=prose), numbered(2, *REQUESTS[1])))
    assert [found.title for found in letter.items] == ["Norco 10/325mg #120", "therapy: two times a week, six weeks"]
    assert letter.items[0].rationale == " ".join(prose.split())


def test_generation_two_over_pages_with_footers() -> None:
    footer = "\nFinal Determination Letter for IMR Case Number CM13-9900701    4\n\f"
    text = second(*(numbered(n, *request) for n, request in enumerate(REQUESTS, 1)))
    broken = text.replace("stand against it:\n", f"stand against{footer}it:\n").replace(
        "week,\nsix", f"week,{footer}six"
    )
    assert one(broken).items == letter_two().items


@pytest.mark.parametrize(("cover", "doubted"), [("PARTIAL OVERTURN", False), ("UPHOLD", True), ("OVERTURN", True)])
def test_the_cover_of_generation_two_is_held_against_the_items(cover: str, doubted: bool) -> None:
    letter = one(second(numbered(1, *REQUESTS[0]), numbered(2, *REQUESTS[1]), cover=cover))
    assert ("W11" in codes(letter)) == doubted


PIECES = {
    "The Claims Administrator based its decision on": "W03",
    "The Physician Reviewer based his/her decision on": "W04",
    "The Physician Reviewer's decision rationale:": "W05",
    "2. ": "W02",
}


@pytest.mark.parametrize("lost", PIECES)
def test_generation_two_tells_of_lost_headings(lost: str) -> None:
    pieces = [numbered(n, *request, reasons="It is so.") for n, request in enumerate(REQUESTS[:3], 1)]
    pieces[1] = pieces[1].replace(lost, "", 1)
    letter = one(second(*pieces))
    assert len(letter.items) == 3
    assert [bool(found.warnings) for found in letter.items] == [False, True, False]
    assert PIECES[lost] in codes(letter.items[1])


OLDEST = """\
MEDICAL PROFESSIONAL REVIEW

Case Number: CM13-9900702
Date of Injury: 01/19/2013
Dated: 05/22/2013

ISSUE AT DISPUTE:
Lumbar epidural steroid injection: L5-S1,
one time

CASE SUMMARY:
The employee is a 36 year old male.

DOCUMENTS REVIEWED FOR DETERMINATION:
Notes.

MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL
REVIEWER AND WHY:
Chronic Pain Medical Treatment Guidelines, page 46.

RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE {verb}MEDICALLY
NECESSARY:
All that is asked for is met.

MEDICAL REVIEWER QUALIFICATIONS:
The reviewer is Board Certified in Anesthesiology and is licensed to practice in California.
"""


@pytest.mark.parametrize(
    ("verb", "outcome"),
    [
        ("IS NOT ", "upheld"),
        ("WAS NOT\n", "upheld"),
        ("IS\n", "overturned"),
        ("WAS ", "overturned"),
        ("IS/WAS NOT ", "upheld"),
        ("IS/IS NOT ", ""),
    ],
)
def test_generation_zero(verb: str, outcome: str) -> None:
    letter = one(OLDEST.format(verb=verb))
    found = letter.items[0]
    assert (letter.id, letter.generation, len(letter.items)) == ("CM13-9900702", "0", 1)
    assert (found.title, found.outcome) == ("Lumbar epidural steroid injection: L5-S1, one time", outcome)
    assert codes(found) == (set() if outcome else {"W01"})
    assert (found.guideline, found.pages) == ("Chronic Pain Medical Treatment Guidelines, page 46.", (46,))
    assert found.rationale == "All that is asked for is met."
    assert (found.summary, found.decided, found.injured) == (
        "The employee is a 36 year old male.",
        "2013-05-22",
        "2013-01-19",
    )
    assert (found.specialty, found.licensed) == (("Anesthesiology",), ("California",))


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("ISSUE AT DISPUTE:", "W02"),
        ("MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL\nREVIEWER AND WHY:", "W04"),
        ("RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS MEDICALLY\nNECESSARY:", "W05"),
        ("CASE SUMMARY:", "W06"),
        ("MEDICAL REVIEWER QUALIFICATIONS:", "W07"),
    ],
)
def test_generation_zero_tells_of_lost_headings(heading: str, code: str) -> None:
    text = OLDEST.format(verb="IS ")
    assert heading in text
    assert code in codes(one(text.replace(heading, "")).items[0])


def test_two_letters_of_any_generation_in_one_text() -> None:
    texts = [OLDEST.format(verb="IS "), first(), second(numbered(1, *REQUESTS[0])), modern(item("Norco: Upheld"))]
    whole = [one(text) for text in texts]
    for a, b in itertools.permutations(range(4), 2):
        found = parse(texts[a] + "\f" + texts[b], file="stem.txt", sha256="0" * 64, stem="stem")
        assert [letter.id for letter in found] == [whole[a].id, whole[b].id]
        assert [letter.items for letter in found] == [whole[a].items, whole[b].items]
