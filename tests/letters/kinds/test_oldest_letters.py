"""Generations 0 and 1 with their variants: verbs in a heading, titles as questions, form sentences, other reviewers."""

from __future__ import annotations

import pytest

from tests.letters.forms import codes, one
from tests.letters.test_generations import OLDEST, REQUESTS, first

ZERO = OLDEST.format(verb="IS NOT ")


@pytest.mark.parametrize(
    ("verb", "outcome"),
    [
        ("IS NOT ", "upheld"),
        ("IS/WAS NOT ", "upheld"),
        ("WAS/IS NOT\n", "upheld"),
        ("IS / WAS\nNOT ", "upheld"),
        ("ARE NOT ", "upheld"),
        ("IS/WAS ", "overturned"),
        ("IS/WAS PARTIALLY ", "modified"),
        ("IS NOT/WAS NOT ", "upheld"),
        ("IS/WAS/ARE NOT ", "upheld"),
        ("IS (NOT) ", "upheld"),
        ("WILL NOT BE ", "upheld"),
        ("HAS NOT BEEN ", "upheld"),
        ("WAS PARTIALLY ", "modified"),
        ("IS/IS NOT ", ""),
        ("IS OR IS NOT ", ""),
    ],
)
def test_the_word_not_decides(verb: str, outcome: str) -> None:
    found = one(OLDEST.format(verb=verb)).items[0]
    assert (found.outcome, "W01" in codes(found)) == (outcome, not outcome)


def test_a_heading_without_not_over_a_rationale_that_denies_is_doubted() -> None:
    text = OLDEST.format(verb="IS/WAS ").replace(
        "All that is asked for is met.", "The request is not medically necessary."
    )
    assert codes(one(text).items[0]) == {"W01"}


ISSUE = "Lumbar epidural steroid injection: L5-S1,\none time"


@pytest.mark.parametrize(
    ("issue", "title"),
    [
        ("Whether the request for an MRI of the knee is medically necessary.", "an MRI of the knee"),
        ("Whether the requested MRI\nof the knee is medically necessary", "MRI of the knee"),
        ("Whether or not the request for Norco #60 was medically necessary and appropriate?", "Norco #60"),
        ("The issue at dispute is whether acupuncture is medically necessary.", "acupuncture"),
        ("Whether physical therapy, 12 visits, is or is not medically necessary.", "physical therapy, 12 visits,"),
        ("Norco, whether or not it helps", "Norco, whether or not it helps"),
        ("Is the requested MRI of the knee medically necessary?", "MRI of the knee"),
        ("The medical necessity of an MRI of the knee", "an MRI of the knee"),
        ("Medical necessity of Norco #60", "Norco #60"),
        ("whether the proposed MRI of the knee is medically necessary", "MRI of the knee"),
        ("Whether Norco #60 was medically necessary on 4/2/2013.", "Norco #60"),
        ("1. MRI of the knee", "MRI of the knee"),
    ],
)
def test_a_question_is_no_title(issue: str, title: str) -> None:
    found = one(ZERO.replace(ISSUE, issue)).items[0]
    assert found.title == title


@pytest.mark.parametrize(
    "printed",
    [
        "IMR Case Number: CM13-9900702",
        "Case #: CM13-9900702",
        "CASE NO. CM13-9900702",
        "CM13-9900702",
        "Case Number CM13 - 9900702",
        "IMR Case #: CM13-9900702",
        "Case ID: CM13-9900702",
        "File Number: CM13-9900702",
        "Reference: CM13-9900702",
    ],
)
def test_the_case_number_in_the_header_of_generation_0(printed: str) -> None:
    assert one(ZERO.replace("Case Number: CM13-9900702", printed)).case == "CM13-9900702"


@pytest.mark.parametrize(
    ("heading", "other"),
    [
        (
            "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL\nREVIEWER AND WHY:",
            "Guidelines Relied Upon by the Reviewer:",
        ),
        (
            "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL\nREVIEWER AND WHY:",
            "MEDICAL TREATMENT GUIDELINE (S)\nRELIED UPON BY THE MEDICAL REVIEWER & WHY:",
        ),
        ("ISSUE AT DISPUTE:", "Issues in Dispute:"),
        ("CASE SUMMARY:", "Case Summary:"),
        ("DOCUMENTS REVIEWED FOR DETERMINATION:", "Documents Reviewed for Determination:"),
        (
            "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS NOT MEDICALLY\nNECESSARY:",
            "Rationale for why the requested treatments/services\nare not medically necessary:",
        ),
    ],
)
def test_headings_of_generation_0(heading: str, other: str) -> None:
    assert heading in ZERO
    assert one(ZERO.replace(heading, other)).items == one(ZERO).items


@pytest.mark.parametrize(
    ("printed", "other"),
    [
        ("Rationale for the Decision:", "RATIONALE FOR THE DECISION:"),
        ("Rationale for the Decision:", "Rationale for the Determination:"),
        ("Rationale for the Decision:", "Rationale for the Decision"),
        ("Rationale for the Decision:", "Rationale:"),
        ("has determined the request for", "determined that the request for"),
        ("MAXIMUS Federal Services, Inc. has", "MAXIMUS Federal Services has"),
        ("Regarding the request for", "In regard to the request for"),
        ("Regarding the request for", "Regarding request for"),
        ("Medical Qualifications of the Expert Reviewer:", "Qualifications of the Medical Reviewer"),
        ("Case Summary:", "Clinical Case Summary"),
        ("Case Summary:", "Expert Reviewer Case Summary:"),
        ("Documents Reviewed for Determination:", "DOCUMENTS REVIEWED FOR DETERMINATION"),
        ("2) ", "2 ) "),
        ("1) ", "1. "),
    ],
)
def test_labels_of_generation_1(printed: str, other: str) -> None:
    assert printed in first()
    assert one(first().replace(printed, other)).items == one(first()).items


SUMMARY = "The patient is a 49 year old female who was injured on 4/2/2009."


@pytest.mark.parametrize(
    "sentence",
    [
        "Disputed Issues:",
        "The following is a case summary based on the records:",
        "The following clinical summary was developed by a physician who is independent of the parties:",
        "The expert reviewer developed the following clinical case summary based on a review of the case file, including all medical records:",
        "The physician reviewer prepared the following case summary.",
        "Disputed Issues: The following case summary was made from the records:",
    ],
)
def test_form_sentences_are_no_summary(sentence: str) -> None:
    assert one(first().replace(SUMMARY, f"{sentence}\n{SUMMARY}")).items[0].summary == SUMMARY


RELIED = (
    "Section of the Medical Treatment Utilization Schedule Relied Upon by the Expert\nReviewer to Make His/Her Decision"
)


@pytest.mark.parametrize(
    "heading",
    [
        "Section of the MTUS Relied Upon by the Medical Reviewer to Make His/Her Decision",
        "Medical Treatment Guideline(s) Relied Upon by the Expert Reviewer to Make His/Her Decision:",
        "Guidelines Relied Upon by the Physician Reviewer",
        "Relied Upon by the Expert Reviewer:",
        "Sections of the Medical Treatment Utilization Schedule (MTUS) Relied Upon by the Reviewer",
        "Part(s) of the MTUS Relied Upon by the Expert Reviewer to Make Her Decision",
        "Medical Treatment Guidelines Relied Upon by Expert Reviewer",
    ],
)
@pytest.mark.parametrize("reviewer", ["Expert", "Medical", "Physician"])
def test_other_headings_and_reviewers(heading: str, reviewer: str) -> None:
    text = first(REQUESTS[:1]).replace(RELIED, heading).replace("The Expert Reviewer", f"The {reviewer} Reviewer")
    text = text.replace("Rationale for the Decision:", "Rationale for Decision:").replace(
        "Qualifications of the Expert Reviewer", f"Qualifications of the {reviewer} Reviewer"
    )
    found = one(text).items[0]
    assert found.guideline == f"The {reviewer} Reviewer relied on the MTUS, pages 43 and 94."
    assert found.rationale == "The request for Norco 10/325mg #120 was considered."
    assert found.ca_guideline.startswith("The Claims Administrator")
    assert found.specialty == ("Family Practice",)
    assert not codes(found)
