"""What cannot be a section never is one; chapters are found before and behind their sections; pages of four digits are pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imr_search.letters import guidelines
from imr_search.letters.chapters import as_section
from tests.letters.compare import items

PAIN = "MTUS Chronic Pain Medical Treatment 2016"


def cited(text: str) -> list[tuple[str, str | None, str | None, tuple[int, ...]]]:
    found = guidelines.read(f"Decision based on {text}")
    return [(one.source, one.chapter, one.section, one.pages) for one in found.citations]


@pytest.mark.parametrize(
    "junk",
    ["and", "(", ")", "February 13", "Feb. 13, 2009", "(May, 2009)", "13 May 2009", "part of", "Section(s)", "Section(s): ", "Topic", "326",
     "pages", "p", "of the", "which is part of", "chapter", "-", "n/a"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{junk}, Opioids", "Opioids, {junk}", "Opioids; {junk}"])
def test_junk_is_no_section(junk: str, form: str) -> None:
    assert as_section(junk) is None
    listed = cited(f"{PAIN}, Section(s): {form.format(junk=junk)}.")
    assert {section for _, _, section, _ in listed} == {"Opioids"}


@pytest.mark.parametrize(
    ("printed", "section"),
    [
        ("MRI Topic", "MRI"),
        ("Imaging, (unbalanced", "Imaging"),
        ("MRI)", "MRI"),
        (
            "Chronic pain programs (functional restoration programs)",
            "Chronic pain programs (functional restoration programs)",
        ),
        ("and Weaning", "Weaning"),
        ("Opioids and", "Opioids"),
        ("Opioids p.", "Opioids"),
        ("Shoulder sling see p.3", "Shoulder sling"),
        ("Acupuncture (May 2009)", "Acupuncture"),
        ("Opioids (effective July 18, 2009)", "Opioids"),
        ("Opioids, see above", "Opioids"),
        ("CRPS, diagnostic tests", "CRPS, diagnostic tests"),
    ],
)
def test_what_stands_around_a_section(printed: str, section: str) -> None:
    assert as_section(printed) == section


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Non-MTUS ODG, physical therapy, elbow chapter.", [("ODG", "Elbow", "physical therapy", ())]),
        ("Non-MTUS ODG Physical therapy, Knee Chapter.", [("ODG", "Knee and Leg", "Physical therapy", ())]),
        ("Official Disability Guidelines (ODG), MRI (low back chapter).", [("ODG", "Low Back", "MRI", ())]),
        ("Official Disability Guidelines (ODG) MRI Elbow.", [("ODG", "Elbow", "MRI", ())]),
        ("ODG, Physical therapy/Preface.", [("ODG", "Preface", "Physical therapy", ())]),
        ("ODG, MRI of the Knee.", [("ODG", None, "MRI of the Knee", ())]),
        ("ODG, Opioids, the Pain section.", [("ODG", "Pain", "Opioids", ())]),
        ("ODG, Elbow Chapter, physical therapy.", [("ODG", "Elbow", "physical therapy", ())]),
        (
            "MTUS COVID-19 2021, Section(s): Vaccines, Testing.",
            [("MTUS", "COVID-19 2021", "Vaccines", ()), ("MTUS", "COVID-19 2021", "Testing", ())],
        ),
        ("MTUS Long Haul Disorders 2023, Section(s): Rest.", [("MTUS", "Long Haul Disorders 2023", "Rest", ())]),
        (
            f"{PAIN}, Section(s): Opioids, MTUS Heat Illness 2022, Section(s): Fluids.",
            [
                ("MTUS", "Chronic Pain Medical Treatment 2016", "Opioids", ()),
                ("MTUS", "Heat Illness 2022", "Fluids", ()),
            ],
        ),
        (
            f"{PAIN}, Section(s): Opioids, criteria for use, and Section(s): Weaning.",
            [
                ("MTUS", "Chronic Pain Medical Treatment 2016", "Opioids, criteria for use", ()),
                ("MTUS", "Chronic Pain Medical Treatment 2016", "Weaning", ()),
            ],
        ),
        (
            "MTUS Shoulder Complaints 2004, Section(s): Initial Care Surgical Considerations.",
            [
                ("MTUS", "Shoulder Complaints 2004", "Initial Care", ()),
                ("MTUS", "Shoulder Complaints 2004", "Surgical Considerations", ()),
            ],
        ),
        (
            f"{PAIN}, Section(s): Opioids and Weaning of Medications.",
            [
                ("MTUS", "Chronic Pain Medical Treatment 2016", "Opioids", ()),
                ("MTUS", "Chronic Pain Medical Treatment 2016", "Weaning of Medications", ()),
            ],
        ),
        (
            f"{PAIN}, Section(s): Manual therapy & manipulation.",
            [("MTUS", "Chronic Pain Medical Treatment 2016", "Manual therapy & manipulation", ())],
        ),
    ],
)
def test_chapters_and_sections(text: str, expected: list[tuple[str, str, str, tuple[int, ...]]]) -> None:
    assert cited(text) == expected


LOW_BACK = ("ODG", "Low Back", "MRI")
CHRONIC = "Chronic Pain Medical Treatment 2016"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ODG, page 12, Low Back Chapter, MRI", [(*LOW_BACK, (12,))]),
        ("ODG (Web Version 2016), pp. 12-14, Low Back Chapter, MRI", [(*LOW_BACK, (12, 13, 14))]),
        ("ODG, page 12 of the Low Back Chapter, MRI", [(*LOW_BACK, (12,))]),
        ("page 12 of the ODG Low Back Chapter, MRI", [(*LOW_BACK, (12,))]),
        ("page 12, ODG, Low Back Chapter, MRI", [(*LOW_BACK, (12,))]),
        ("ODG, page 12, Low Back Chapter, MRI, page 15", [(*LOW_BACK, (12, 15))]),
        ("ODG, page 12, MRI, Low Back Chapter", [(*LOW_BACK, (12,))]),
        (
            "ODG, page 12, Low Back Chapter, MRI; page 30, Knee Chapter, Walking aids",
            [(*LOW_BACK, (12,)), ("ODG", "Knee and Leg", "Walking aids", (30,))],
        ),
        ("page 12 of the ODG", [("ODG", None, None, (12,))]),
        ("ACOEM, page 303, Low Back Complaints", [("ACOEM", "Low Back Complaints", None, (303,))]),
        (
            "ACOEM Practice Guidelines, 2nd Edition, page 303, Chapter 12",
            [("ACOEM", "Chapter 12 Low Back Complaints", None, (303,))],
        ),
        (
            "ACOEM, pg 303, Low Back Complaints and pg 174, Neck and Upper Back Complaints",
            [
                ("ACOEM", "Low Back Complaints", None, (303,)),
                ("ACOEM", "Neck and Upper Back Complaints", None, (174,)),
            ],
        ),
        (f"MTUS Page(s): 98-99, {CHRONIC}, Section(s): Opioids", [("MTUS", CHRONIC, "Opioids", (98, 99))]),
        (f"MTUS, page 98 of the {CHRONIC}, Opioids", [("MTUS", CHRONIC, "Opioids", (98,))]),
        ("MTUS page 98, which recommends therapy", [("MTUS", None, None, (98,))]),
    ],
)
def test_pages_before_their_chapter(text: str, expected: list[tuple[str, str, str, tuple[int, ...]]]) -> None:
    assert cited(text) == expected


def test_a_chapter_before_its_marked_section_needs_no_year() -> None:
    text = "MTUS Low Back Complaints 2004, Section(s): Physical Methods, and Chronic Pain Medical Treatment Section(s): Opioids"
    assert cited(text) == [
        ("MTUS", "Low Back Complaints 2004", "Physical Methods", ()),
        ("MTUS", "Chronic Pain Medical Treatment", "Opioids", ()),
    ]


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("ACOEM, 3rd edition, Chapter 62: Tendinopathy, pages 2071-2073.", (2071, 2072, 2073)),
        ("ACOEM Page(s): 1998-2001.", (1998, 1999, 2000, 2001)),
        ("ACOEM, page 2071.", (2071,)),
        (f"{PAIN}, Section(s): Opioids p 301.", (301,)),
        (f"{PAIN}, Section(s): Opioids p301-303.", (301, 302, 303)),
        (f"{PAIN}, Section(s): Opioids p. 78, 2009.", (78,)),
        (f"{PAIN}, Section(s): Opioids, pp 78-80.", (78, 79, 80)),
        ("American College of Occupational and Environmental Medicine, Knee Disorders, pg 1035.", (1035,)),
        ("MTUS Low Back Complaints 2004, 2nd edition.", ()),
    ],
)
def test_pages(text: str, pages: tuple[int, ...]) -> None:
    assert guidelines.read(f"Decision based on {text}").pages == pages
    assert not any(re.search(r"\bp\.? ?\d", section or "") for _, _, section, _ in cited(text))


@pytest.mark.parametrize(
    "text",
    [
        "Other Medical Treatment Guideline or Medical Evidence: ACOEM 3rd edition, Shoulder.",
        "Non-MTUS Citation Other Medical Treatment Guideline or Medical Evidence: American College of Occupational & Environmental Medicine, MRI.",
        "Other Medical Treatment Guidelines: the ACOEM Practice Guidelines.",
        "Other Medical Treatment Guideline or Medical Evidence: ACOEM.",
        "Other Medical Treatment Guideline (ACOEM), 3rd ed.",
    ],
)
def test_a_named_source_is_not_other(text: str) -> None:
    assert guidelines.read(f"Decision based on {text}").sources == ("ACOEM",)


def test_sections_of_real_letters(shared_letters: Path) -> None:
    for source in ("pypdf", "pdfminer"):
        for item in items(shared_letters / "dwc-2016-2017" / source).values():
            for one in (*item.citations, *item.ca_citations):
                assert one.section is None or as_section(one.section) == one.section


@pytest.mark.parametrize(
    "added",
    ["Effective July 18, 2009", "effective July 18, 2009", "July 2009", "revised 2016", "updated 12/02/16", "Accessed January 2, 2017",
     "2009", "(2009)",
     "as of 2016", "http://www.dir.ca.gov", "www.dir.ca.gov/dwc", "et seq.", "etc.", "CCR 9792.24.2", "8 CCR 9792.20 - 9792.26", "2nd Edition",
     "Vol. 2",
     "online", "(web)"],
)  # fmt: skip
def test_what_an_editor_adds_is_no_section(added: str) -> None:
    assert cited(f"{PAIN}, Section(s): Opioids, {added}.") == [("MTUS", PAIN[5:], "Opioids", ())]


@pytest.mark.parametrize(
    "added",
    ["(updated 11/23/16)", "(Updated November 23, 2016)", "Web Edition", "2016 Online Edition", "last updated 11/23/16", "accessed 12/1/16",
     "accessed online",
     "http://www.odg-twc.com/odgtwc/low_back.htm", "www.odg-twc.com", "TWC", "Integrated Treatment/Disability Duration Guidelines"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["Low Back Chapter, MRI, {}", "{}, Low Back Chapter, MRI"])
def test_what_an_editor_adds_to_the_odg(form: str, added: str) -> None:
    text = f"Non-MTUS Citation Official Disability Guidelines (ODG), {form.format(added)}."
    assert cited(text) == [("ODG", "Low Back", "MRI", ())]


def test_an_appendix_is_a_section_of_its_own() -> None:
    text = "MTUS Opioid Treatment 2016, Section(s): 4.1 Tapering Opioids: Indications for Tapering Opioids; and Appendix D."
    sections = guidelines.read(f"Decision based on {text}").sections
    assert sections == ("4.1 Tapering Opioids: Indications for Tapering Opioids", "Appendix D")


def test_an_address_alone_is_what_is_cited() -> None:
    found = guidelines.read("Decision based on Non-MTUS Citation http://www.odg-twc.com/mri.")
    assert [(one.source, one.text) for one in found.citations] == [("Other", "http://www.odg-twc.com/mri")]


@pytest.mark.parametrize(
    "looked_at",
    [
        "last accessed on January 30, 2017",
        "(last updated 02/13/2017)",
        "retrieved 1/30/17",
        "last reviewed January 2017",
    ],
)
def test_when_a_guideline_was_looked_at_is_no_section(looked_at: str) -> None:
    found = cited(f"Non-MTUS Citation ODG Low Back Chapter, Facet joint injections, {looked_at}.")
    assert found == [("ODG", "Low Back", "Facet joint injections", ())]


@pytest.mark.parametrize(
    "chapter", ["Traumatic Brain Injury Disorders 2017", "Elbow Disorders 2018", "Chronic Pain 2017"]
)
def test_a_chapter_of_later_years(chapter: str) -> None:
    assert cited(f"MTUS {chapter}, Section(s): Imaging.") == [("MTUS", chapter, "Imaging", ())]


def test_a_section_behind_the_pages_of_another() -> None:
    found = cited("MTUS Neck Complaints 2004, Section(s): Special Studies, pp 177-178, and Summary.")
    assert [(section, pages) for _, _, section, pages in found] == [("Special Studies", (177, 178)), ("Summary", ())]
