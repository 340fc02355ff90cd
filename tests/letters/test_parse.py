"""Generations 3 to 5: every shape of title, outcome, heading and page break that is known to occur."""

from __future__ import annotations

import re

import pytest

from imr_search.errors import LetterError
from imr_search.letters.parse import parse
from imr_search.letters.warnings import CODES, FAILURES, SKIPS, warning
from tests.letters.forms import ISSUES, REASONS, SENTENCE, SUMMARY, TABLED, codes, item, modern, one

TITLES = [
    "Norco 10/325mg #120",
    "Associated surgical service: Cold therapy unit",
    "Labs to include: EKG, CBC",
    "Physical therapy QTY: 2",
    "Compound: Ketoprofen 10%, Gabapentin 6%, Baclofen 2% 300g",
    "Appeal of the upheld denial of an MRI",
    "Repair of an overturned wheelchair",
    "Home modified for a walker: ramp",
    "Retrospective Cyclobenzaprine 5mg tab #30 DOS: 11/14/16",
    "TWO (2) LUMBAR E.S.I. AT L4-L5; with sedation",
]
OUTCOMES = {
    "Upheld": "upheld",
    "OVERTURNED": "overturned",
    "overturned": "overturned",
    "Modified": "modified",
    "Partially Overturned": "modified",
    "Partially\nUpheld": "modified",
}


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("title", TITLES)
def test_title_and_outcome(title: str, outcome: str) -> None:
    shapes = [f"{title}: {outcome}", f"{title}:   {outcome}", f"{title}:\n{outcome}", f"{title} : {outcome}."]
    letter = one(modern(*(item(shape) for shape in shapes)))
    for n, found in enumerate(letter.items, 1):
        assert (found.title, found.outcome, found.warnings) == (title, OUTCOMES[outcome], ()), f"shape {n}"
        assert found.treatment == title
        assert found.rationale == " ".join(REASONS.split())


def test_a_title_over_lines_and_pages_is_one_line() -> None:
    long = "Physical therapy for the lumbar\nspine, two times a week,\n\ffor six weeks: Upheld"
    letter = one(modern(item("Norco: Upheld"), item(long), item("MRI:\n\f Overturned")))
    assert [found.title for found in letter.items] == [
        "Norco",
        "Physical therapy for the lumbar spine, two times a week, for six weeks",
        "MRI",
    ]
    assert all(found.outcome and not found.warnings for found in letter.items)


def test_a_rationale_without_its_full_stop_before_a_page_is_not_a_title() -> None:
    letter = one(
        modern(
            item("Norco: Upheld", reasons="As such, the request is not medically necessary"), "\f", item("MRI: Upheld")
        )
    )
    assert letter.items[1].title == "MRI"
    assert letter.items[0].rationale.endswith("necessary")
    assert codes(letter.items[1]) == {"W02"}


@pytest.mark.parametrize("joint", ["\n", "\n\f", " \f", "\n\n\n\n", "\n\n\f\n\n"])
def test_a_title_may_follow_the_rationale_without_a_blank_line(joint: str) -> None:
    text = modern(item("Norco: Upheld").rstrip() + joint + item("MRI of the left knee: Overturned"))
    first, second = one(text).items
    assert (first.rationale, second.title) == (" ".join(REASONS.split()), "MRI of the left knee")
    assert not second.warnings


def test_outcomes_inside_a_rationale_are_prose() -> None:
    reasons = (
        "The earlier request: Upheld on review.\nIt was modified, and the denial: Overturned in part, stands.\n\n"
        "A second paragraph: upheld. The end."
    )
    letter = one(modern(item("Norco: Overturned", reasons=reasons), item("MRI: Upheld")))
    assert [(found.title, found.outcome) for found in letter.items] == [("Norco", "overturned"), ("MRI", "upheld")]
    assert letter.items[0].rationale == " ".join(reasons.split())


FORMS = {
    "Ibuprofen 600mg #90 with 2 refills was the original request. Ibuprofen 600mg #90 was authorized by the Claims Administrator."
    " The remaining IMR eligible portion of the original request, Two refills of Ibuprofen 600mg #90 is": "Two refills of"
    " Ibuprofen 600mg #90",
    "Acute rehabilitation 7 days was the original request. The Claims Administrator authorized a nursing facility, leaving the"
    " original request IMR eligible. The original request, Acute rehabilitation 7 days is": "Acute rehabilitation 7 days",
}


@pytest.mark.parametrize("glue", ["{}", "{}\n\f", "\f{}"])
@pytest.mark.parametrize("title", FORMS)
def test_partial_approvals_dispute_a_part(title: str, glue: str) -> None:
    lines = title.replace(". ", ".\n").replace(" original", "\noriginal")
    text = modern(item("MRI: Upheld").rstrip() + "\n" + glue.format(item(f"{lines}:  Upheld")))
    found = one(text).items[1]
    assert (found.title, found.treatment, found.outcome) == (title.removesuffix(" is"), FORMS[title], "upheld")
    assert not found.warnings


def test_a_partial_approval_over_a_page_break_is_whole() -> None:
    title = next(iter(FORMS))
    broken = title.replace("Administrator. The", "Administrator.\n\fThe")
    found = one(modern(item("MRI: Upheld"), item(f"{broken}: Upheld"))).items[1]
    assert (found.title, found.treatment) == (title.removesuffix(" is"), FORMS[title])


def test_an_unmarked_part_is_doubted() -> None:
    found = one(
        modern(
            item("Therapy, 12 visits was the original request. Six were authorized by the Claims Administrator: Upheld")
        )
    ).items[0]
    assert found.treatment == found.title
    assert "W16" in codes(found)


def test_a_missing_rationale_is_doubted() -> None:
    bare = item("MRI: Upheld").split("Decision rationale:")[0]
    letter = one(modern(item("Norco: Upheld"), bare, item("CT: Overturned")))
    assert [found.title for found in letter.items] == ["Norco", "MRI", "CT"]
    assert letter.items[1].rationale == ""
    assert [codes(found) for found in letter.items] == [set(), {"W05"}, set()]


def test_headings_may_be_glued_to_the_line_before() -> None:
    text = modern(item("Norco: Upheld"), item("MRI: Upheld"))
    glued = text.replace("\n\nDecision rationale:", " Decision rationale:").replace("\n\nMAXIMUS", " MAXIMUS")
    assert one(glued).items == one(text).items


def test_wrapped_headings_are_found() -> None:
    text = modern(item("Norco: Upheld"), item("MRI: Upheld"))
    wrapped = re.sub(r"(Administrator|MAXIMUS|Decision) (guideline|rationale):", r"\1\n\2:", text)
    wrapped = wrapped.replace("IMR ISSUES, DECISIONS", "IMR ISSUES,\nDECISIONS").replace(
        "CLINICAL CASE", "CLINICAL\fCASE"
    )
    assert one(wrapped).items == one(text).items


@pytest.mark.parametrize("page", ["  3", "", "\n4", " Page 3 of 6"])
def test_footers_leave_no_trace(page: str) -> None:
    plain = modern(item("Norco: Upheld", reasons="One sentence is\nhere, and 3 more. The end."), item("MRI: Upheld"))
    footer = f"Final Determination Letter for IMR Case Number CM15-9900500{page}"
    for place in (f"sentence is\n{footer}\nhere", f"sentence is\n\n{footer}\n\f\nhere", f"sentence is {footer} here"):
        assert one(plain.replace("sentence is\nhere", place)).items == one(plain).items, place


def test_a_case_without_a_header_is_known_by_its_footers() -> None:
    footer = "\nFinal Determination Letter for IMR Case Number CM15-9900500  3\n\f"
    text = modern(item("Norco: Upheld"), case="").replace("who fell.", "who" + footer + "fell.")
    assert (one(text).id, one(text).items[0].case) == ("CM15-9900500", "CM15-9900500")
    assert one(text + footer.replace("500", "501")).id == "stem"


def test_twenty_one_items() -> None:
    letter = one(modern(*(item(f"Treatment number {n}: {'Upheld' if n % 2 else 'Overturned'}") for n in range(1, 22))))
    assert [found.id for found in letter.items] == [f"CM15-9900500#{n}" for n in range(1, 22)]
    assert letter.items[20].title == "Treatment number 21"
    assert {found.items for found in letter.items} == {21}


def test_two_letters_in_one_text() -> None:
    a, b = modern(item("Norco: Upheld")), modern(item("MRI: Overturned"), case="CM15-9900501")
    for joint in ("", "\n\n", "\f"):
        first, second = parse(a + joint + b, file="x.txt", sha256="", stem="x")
        assert (first.id, first.items) == ("CM15-9900500", parse(a, file="x.txt", sha256="", stem="x")[0].items)
        assert (second.id, second.items[0].title) == ("CM15-9900501", "MRI")
        assert first.items[0].rationale == " ".join(REASONS.split())


def test_two_letters_without_a_header_are_told_apart_by_number() -> None:
    text = modern(item("Norco: Upheld"), case="") + modern(item("MRI: Overturned"), item("CT: Upheld"), case="")
    letters = parse(text, file="x.txt", sha256="", stem="x")
    assert [(letter.id, len(letter.items)) for letter in letters] == [("x", 1), ("x~2", 2)]
    assert letters[1].items[1].id == "x~2#2"


def test_one_case_twice_in_one_text_speaks_once() -> None:
    text = modern(item("Norco: Upheld")) + modern(item("Norco: Upheld"), item("MRI: Upheld"), decided="04/17/2015")
    found = one(text)
    assert (found.decided, len(found.items)) == ("2015-04-17", 2)
    assert all("W14" in codes(each) for each in found.items)


def test_a_doubled_line_makes_no_second_letter() -> None:
    heading = "HOW THE IMR FINAL DETERMINATION WAS MADE\n"
    assert len(one(modern(item("Norco: Upheld")).replace(heading, heading * 2)).items) == 1


def test_header_and_reviewer() -> None:
    letter = one(modern(item("Norco: Upheld")))
    found = letter.items[0]
    assert (letter.id, found.case, letter.decided, letter.generation) == (
        "CM15-9900500",
        "CM15-9900500",
        "2015-03-17",
        "3b",
    )
    assert (found.assigned, found.injured, found.denied, found.received) == (
        "2015-02-09",
        "2012-05-30",
        "2014-12-22",
        "2015-01-12",
    )
    assert found.priority == "Standard"
    assert found.licensed == ("Texas", "New York", "California")
    assert found.specialty == ("Preventive Medicine", "Public Health & General Preventive Medicine")
    assert (
        found.summary
        == "The injured worker is a 42 year old male who fell. He has pain in the low back and takes tablets."
    )
    assert (found.age, found.sex) == (42, "male")


_LEFT = "Case Number:\nDate Assigned:\nDecision Date:\nPriority:\n\nC\nA\nD\nStandard\n\n"
COLUMNS = [
    _LEFT + "I\nDate of Injury:\nUR Denial Date:   U\nR\nApplication\nReceived:\n",
    _LEFT + "Date of Injury:\nI\nUR Denial Date:   U\nApplication\nR\nReceived:\n",
    _LEFT + "Date of Injury:\nI\nUR Denial Date:   U\nR\nApplication\nReceived:\n",
    _LEFT + "Date of Injury:\nUR Denial Date:\nApplication\nReceived:\nI\nU\nR\n",
    "Case Number:\nC\nDate Assigned:\nA\nDate of Injury:\nI\nDecision Date:\nD\nUR Denial Date:\nU\nPriority:\nStandard\n"
    "Application\nReceived:\nR\n",
]


@pytest.mark.parametrize("columns", COLUMNS)
def test_header_tables_in_columns(columns: str) -> None:
    days = {
        "C": "CM15-9900500",
        "A": "02/09/2015",
        "D": "03/17/2015",
        "I": "05/30/2012",
        "U": "12/22/2014",
        "R": "01/12/2015",
    }
    header = re.sub(r"\b[CADIUR]\b(?!\w|asu)", lambda m: days[m[0]], columns.replace("UR Denial", "ur-denial")).replace(
        "ur-denial", "UR Denial"
    )
    assert one(header + modern(item("Norco: Upheld"), case="")).items == one(modern(item("Norco: Upheld"))).items


def test_dates_are_doubted_not_repaired() -> None:
    late = one(modern(item("Norco: Upheld"), decided="01/01/2011"))
    assert (late.decided, codes(late)) == ("2011-01-01", {"W10"})
    none = one(modern(item("Norco: Upheld"), decided="02/30/2015"))
    assert (none.decided, codes(none)) == (None, {"W09", "W10"})
    lost = one(modern(item("Norco: Upheld")).replace("Case Number: CM15-9900500\n", ""))
    assert (lost.id, lost.case, codes(lost)) == ("stem", None, {"W09"})


@pytest.mark.parametrize(
    ("reviewer", "decided", "maximus", "generation"),
    [
        (SENTENCE, "03/17/2014", "Decision based on MTUS Opioids Page(s): 78.", "3a"),
        (TABLED, "03/17/2015", "Decision based on MTUS Opioids Page(s): 78.", "3b"),
        (TABLED, "12/20/2016", "The Expert Reviewer did not cite any medical evidence for its decision.", "4"),
        (TABLED, "11/20/2016", "Decision based on MTUS Low Back Complaints 2004, Section(s): Summary.", "4"),
        (TABLED, "06/01/2019", "Decision based on MTUS Low Back Disorders 2019, Section(s): Imaging.", "5"),
    ],
)
def test_generations_three_to_five(reviewer: str, decided: str, maximus: str, generation: str) -> None:
    text = modern(item("Norco: Upheld", ca="None was cited.", maximus=maximus), decided=decided, reviewer=reviewer)
    assert one(text).generation == generation


def test_a_letter_without_a_header_shows_its_generation_by_what_it_cites() -> None:
    for cited, generation in (
        ("Low Back Complaints 2004, Section(s): X", "4"),
        ("Low Back Disorders 2017, Section(s): X", "5"),
    ):
        text = modern(item("MRI: Upheld", maximus=f"Decision based on MTUS {cited}."), case="")
        assert one(text).generation == generation


def test_a_reviewer_in_a_sentence() -> None:
    found = one(modern(item("Norco: Upheld"), reviewer=SENTENCE)).items[0]
    assert found.specialty == ("Physical Medicine & Rehabilitation", "Pain Management")
    assert found.licensed == ("California", "Nevada")


LOST = {
    "HOW THE IMR FINAL DETERMINATION WAS MADE\n": None,  # nothing of it is taken out
    "State(s) of Licensure: Texas,New York,California\n": "W07",
    "Certification(s)/Specialty: ": "W07",
    "CLINICAL CASE SUMMARY\n": "W06",
    "IMR ISSUES, DECISIONS AND RATIONALES\n": "W12",
    "Decision Date: 03/17/2015": "W09",
    "Case Number: CM15-9900500": "W09",
}


@pytest.mark.parametrize("lost", LOST)
def test_a_lost_heading_of_the_letter_is_told_on_every_item(lost: str) -> None:
    text = modern(item("Norco: Upheld"), item("MRI: Upheld"))
    assert lost in text
    letter = one(text.replace(lost, ""))
    assert [found.title for found in letter.items] == ["Norco", "MRI"]
    for found in letter.items:
        assert LOST[lost] is None or LOST[lost] in codes(found)


PIECES = {
    "Claims Administrator guideline:": "W03",
    "MAXIMUS guideline:": "W04",
    "Decision rationale:": "W05",
    ": Overturned": "W01",
}


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("lost", PIECES)
def test_a_lost_heading_of_an_item_is_told_on_it(lost: str, place: int) -> None:
    pieces = [item(f"{name}: Overturned") for name in ("Norco", "MRI", "CT")]
    pieces[place] = pieces[place].replace(lost, "")
    letter = one(modern(*pieces))
    assert len(letter.items) == 3
    assert [bool(found.warnings) for found in letter.items] == [n == place for n in range(3)]
    assert PIECES[lost] in codes(letter.items[place])


def test_an_item_whose_headings_are_all_lost_is_told_on_the_one_that_swallows_it() -> None:
    bare = item("MRI of the knee: Upheld").split("Claims")[0]
    letter = one(modern(item("Norco: Upheld"), bare, item("CT: Upheld")))
    assert [found.title for found in letter.items] == ["Norco", "CT"]
    assert "W13" in codes(letter.items[0])


def test_a_lost_title_is_told() -> None:
    letter = one(modern(item("Norco: Upheld"), item("MRI: Upheld").split("\n\n", 1)[1]))
    assert len(letter.items) == 2
    assert {"W01", "W02"} <= codes(letter.items[1])
    assert letter.items[1].outcome == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\f\n ", "empty"),
        ("Dear Sir, the bill is enclosed.", "no known generation"),
        (TABLED + SUMMARY + ISSUES, "no items"),
        ("MEDICAL PROFESSIONAL REVIEW\nNothing follows.", "no items"),
    ],
)
def test_what_is_no_letter_is_named(text: str, reason: str) -> None:
    with pytest.raises(LetterError) as raised:
        parse(text, file="a.txt", sha256="", stem="a")
    assert raised.value.reason == reason
    assert reason in FAILURES


def test_the_tables_of_codes() -> None:
    assert all(re.fullmatch(r"W\d\d", code) for code in CODES)
    assert len({*CODES.values(), *FAILURES.values(), *SKIPS.values()}) == len(CODES) + len(FAILURES) + len(SKIPS)
    assert warning("W09", "case").text == "the header is incomplete: case"
