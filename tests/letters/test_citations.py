"""Citations as units: source, chapter, section and pages that belong together."""

from __future__ import annotations

import time

import pytest

from imr_search.letters import chapters, guidelines

Row = tuple[str, str | None, str | None, tuple[int, ...]]
CHRONIC = "Chronic Pain Treatment Guidelines"
CHRONIC_2016 = "Chronic Pain Medical Treatment 2016"
OUTSIDE = "The Expert Reviewer based their decision on recommendation(s) outside of the MTUS Guidelines. "

CITED: dict[str, list[Row]] = {
    # the MTUS with pages, to 2016
    f"Decision based on MTUS {CHRONIC} Topical analgesics Page(s): 111.": [
        ("MTUS", CHRONIC, "Topical analgesics", (111,))
    ],
    f"Decision based on MTUS {CHRONIC} Opioids, Criteria for use, page(s) 78 Page(s): 78.": [
        ("MTUS", CHRONIC, "Opioids, criteria for use", (78,))
    ],
    f"Decision based on MTUS {CHRONIC} Physical Therapy, pages 98-99.": [
        ("MTUS", CHRONIC, "Physical Therapy", (98, 99))
    ],
    f"Decision based on MTUS {CHRONIC}.": [("MTUS", CHRONIC, None, ())],
    f"Decision based on MTUS {CHRONIC} Opioids Page(s): 78-80, Muscle relaxants Page(s): 63.": [
        ("MTUS", CHRONIC, "Opioids", (78, 79, 80)),
        ("MTUS", CHRONIC, "Muscle relaxants", (63,)),
    ],
    f"Decision based on MTUS ACOEM Chapter 9 Shoulder Complaints Page(s): 207, {CHRONIC} Physical Medicine Page(s): 98.": [
        ("MTUS", "Chapter 9 Shoulder Complaints", None, (207,)),
        ("MTUS", CHRONIC, "Physical Medicine", (98,)),
    ],
    "Decision based on MTUS ACOEM Chapter 12 Low Back Complaints Page(s): 303.": [
        ("MTUS", "Chapter 12 Low Back Complaints", None, (303,))
    ],
    # the MTUS with sections, from 2016
    f"Decision based on MTUS {CHRONIC_2016}, Section(s): Opioids, criteria for use.": [
        ("MTUS", CHRONIC_2016, "Opioids, criteria for use", ())
    ],
    f"Decision based on MTUS {CHRONIC_2016} Guidelines, Section(s): NSAIDs, GI symptoms & cardiovascular risk, "
    "Proton Pump Inhibitors (PPIs).": [
        ("MTUS", CHRONIC_2016, "NSAIDs, GI symptoms & cardiovascular risk", ()),
        ("MTUS", CHRONIC_2016, "Proton Pump Inhibitors (PPIs)", ()),
    ],
    f"Decision based on MTUS {CHRONIC_2016}, Section(s): Benzodiazepines, Benzodiazepine dependence, maintenance.": [
        ("MTUS", CHRONIC_2016, "Benzodiazepines", ()),
        ("MTUS", CHRONIC_2016, "Benzodiazepine dependence, maintenance", ()),
    ],
    f"Decision based on MTUS {CHRONIC_2016}, Section(s): Opioids; Acupuncture and Massage therapy.": [
        ("MTUS", CHRONIC_2016, "Opioids", ()),
        ("MTUS", CHRONIC_2016, "Acupuncture", ()),
        ("MTUS", CHRONIC_2016, "Massage therapy", ()),
    ],
    "Decision based on MTUS Opioid Treatment 2016, Section(s): 3.3.1.2 Opioids: Screening for Events, Prior to Treatment, "
    "4.1 Tapering Opioids: Indications.": [
        ("MTUS", "Opioid Treatment 2016", "3.3.1.2 Opioids: Screening for Events, Prior to Treatment", ()),
        ("MTUS", "Opioid Treatment 2016", "4.1 Tapering Opioids: Indications", ()),
    ],
    "Decision based on MTUS Elbow Complaints 2007, Section(s): Diagnostic Criteria, and Forearm, Wrist, and Hand Complaints "
    "2004, Section(s): Special Studies, Summary.": [
        ("MTUS", "Elbow Complaints 2007", "Diagnostic Criteria", ()),
        ("MTUS", "Forearm, Wrist, and Hand Complaints 2004", "Special Studies", ()),
        ("MTUS", "Forearm, Wrist, and Hand Complaints 2004", "Summary", ()),
    ],
    "Decision based on MTUS Postsurgical Treatment 2009, Section(s): Knee, Forearm, Wrist, & Hand.": [
        ("MTUS", "Postsurgical Treatment 2009", "Knee", ()),
        ("MTUS", "Postsurgical Treatment 2009", "Forearm, Wrist, & Hand", ()),
    ],
    "Decision based on MTUS General Approaches 2004, Section(s): Prevention, Initial Approaches to Treatment.": [
        ("MTUS", "General Approaches 2004", "Prevention", ()),
        ("MTUS", "General Approaches 2004", "Initial Approaches to Treatment", ()),
    ],
    # other sources
    "Decision based on MTUS Low Back Complaints 2004. Decision based on Non-MTUS Citation Official Disability Guidelines (ODG) "
    "Low Back Chapter, Radiography (x-rays).": [
        ("MTUS", "Low Back Complaints 2004", None, ()),
        ("ODG", "Low Back", "Radiography (x-rays)", ()),
    ],
    OUTSIDE + "Decision based on Non-MTUS Citation ODG Low Back - Lumbar & Thoracic (Acute & Chronic), EMG, NCV.": [
        ("ODG", "Low Back", "EMG, NCV", ())
    ],
    OUTSIDE + "Decision based on Non-MTUS Citation Official Disabilities Guidelines -TWC.": [("ODG", None, None, ())],
    OUTSIDE
    + "Decision based on Non-MTUS Citation ODG, Shoulder (updated 12/12/16); ODG, Low Back (updated 12/20/16).": [
        ("ODG", "Shoulder", None, ()),
        ("ODG", "Low Back", None, ()),
    ],
    OUTSIDE
    + "Decision based on Non-MTUS Citation ODG Knee/DME, Low Back Lumbar and Thoracic/Mattress selection and Other "
    "Medical Treatment Guidelines https://example.org/a.pdf.": [
        ("ODG", "Knee and Leg", "DME", ()),
        ("ODG", "Low Back", "Mattress selection", ()),
        ("Other", None, None, ()),
    ],
    OUTSIDE
    + "Decision based on Non-MTUS Citation ODG, Neck and Upper Back, Electromyography (EMG); Nerve Conduction.": [
        ("ODG", "Neck and Upper Back", "Electromyography (EMG)", ()),
        ("ODG", "Neck and Upper Back", "Nerve Conduction", ()),
    ],
    OUTSIDE
    + "Decision based on Non-MTUS Citation ACOEM CHAPTER 7 OCCUPATIONAL MEDICINE PRACTICE GUIDELINES, 2ND EDITION, 2004, "
    "PAGE 127, INDEPENDENT MEDICAL EXAMINATIONS AND CONSULTATIONS.": [
        ("ACOEM", "Chapter 7 Independent Medical Examinations and Consultations", None, (127,))
    ],
    OUTSIDE + "Decision based on Non-MTUS Citation ACOEM Practice Guidelines, 3rd ed., Low Back Disorders, pg. 607.": [
        ("ACOEM", "Low Back Disorders", None, (607,))
    ],
    OUTSIDE + "Decision based on Non-MTUS Citation Green's Operative Hand Surgery, 6th ed Chapter 17: Fractures.": [
        ("Other", None, None, ())
    ],
    # the older letters' sentences
    "The Physician Reviewer based his/her decision on the MTUS Chronic Pain Medical Treatment Guidelines, pg. 9, 22-23": [
        ("MTUS", "Chronic Pain Medical Treatment Guidelines", None, (9, 22, 23))
    ],
    "The Claims Administrator based its decision on the Chronic Pain Medical Treatment Guidelines (2009), page 98, which is a part "
    "of the Medical Treatment Utilization Schedule (MTUS). The Claims Administrator also cited the Official Disability Guidelines "
    "(ODG), Pain Chapter, which is not a part of the MTUS.": [
        ("MTUS", "Chronic Pain Medical Treatment Guidelines 2009", None, (98,)),
        ("ODG", "Pain", None, ()),
    ],
    "The Expert Reviewer relied on the ACOEM Guidelines, 2nd Edition, 2004, Chapter 12, page 303, which is part of the MTUS.": [
        ("MTUS", "Chapter 12 Low Back Complaints", None, (303,))
    ],
    "The Physician Reviewer based his/her decision on the Neck and Upper Back Complaints (ACOEM Practice Guidelines, 2nd Edition "
    "(2004), Chapter 8) pg. 177-178, which is part of the MTUS.": [
        ("MTUS", "Chapter 8 Neck and Upper Back Complaints", None, (177, 178))
    ],
    "The Claims Administrator based its decision on the Chronic Pain Medical Treatment Guidelines, Opioids, page 76, which is part "
    "of the MTUS. The Expert Reviewer found the guidelines used by the Claims Administrator relevant and appropriate.": [
        ("MTUS", "Chronic Pain Medical Treatment Guidelines", "Opioids", (76,))
    ],
    "Chronic Pain Medical Treatment Guidelines, Epidurals, page 46, because they are part of the MTUS and speak of this.": [
        ("MTUS", "Chronic Pain Medical Treatment Guidelines", "Epidurals", (46,))
    ],
    "The Expert Reviewer found that no section of the MTUS was applicable. Per the Strength of Evidence hierarchy established by the "
    "California Department of Industrial Relations, Division of Workers' Compensation, the Expert Reviewer based his/her decision on "
    "the Official Disability Guidelines (ODG), Low Back Chapter, MRI.": [("ODG", "Low Back", "MRI", ())],
    # nothing is cited
    "The Claims Administrator did not cite any medical evidence for its decision.": [],
    "The Expert Reviewer did not base their decision on the MTUS.": [],
    OUTSIDE: [],
    "": [],
}


@pytest.mark.parametrize("text", CITED)
def test_citations(text: str) -> None:
    found = guidelines.read(text)
    assert [(one.source, one.chapter, one.section, one.pages) for one in found.citations] == CITED[text]
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("Decision based on MTUS ACOEM Chapter 12 Low Back Complaints Page(s): 303.", ("MTUS", "ACOEM")),
        (
            "The Expert Reviewer relied on the ACOEM Guidelines, Chapter 12, which is part of the MTUS.",
            ("MTUS", "ACOEM"),
        ),
        (
            "The Claims Administrator did not base their decision on the MTUS. Decision based on Non-MTUS Citation ODG.",
            ("ODG",),
        ),
        ("The Claims Administrator did not base their decision on the MTUS but on ODG Pain Chapter.", ("ODG",)),
        ("The MTUS does not address this. Decision based on Non-MTUS Citation ODG, Neck chapter.", ("ODG",)),
        ("Decision based on Non-MTUS Official Disability Guidelines (ODG), Pain.", ("ODG",)),
        (OUTSIDE + "Decision based on Non-MTUS Citation ACOEM Guidelines, Chapter 7, page 137.", ("ACOEM",)),
        ("Decision based on Non-MTUS Citation http://example.org.", ("Other",)),
        ("The Claims Administrator did not cite any medical evidence for its decision.", ()),
    ],
)
def test_sources(text: str, sources: tuple[str, ...]) -> None:
    assert guidelines.read(text).sources == sources


def test_words_and_pages_of_two_citations_never_stand_in_one() -> None:
    found = guidelines.read(f"Decision based on MTUS {CHRONIC} Opioids Page(s): 78, Muscle relaxants Page(s): 63.")
    opioids, relaxants = found.citations
    assert "Muscle" not in opioids.text
    assert "Opioids" not in relaxants.text
    assert CHRONIC in relaxants.text
    assert found.pages == (63, 78)


def test_the_text_is_as_printed() -> None:
    text = "MTUS Chronic Pain Medical Treatment 2016, Section(s): TENS – home use"
    assert guidelines.read(f"Decision based on {text}.").citations[0].text == text


PAGES = {
    "Page(s): 98-99": (98, 99),
    "page(s) 78 Page(s): 78": (78,),
    "PAGE 127": (127,),
    "pg. 9, 22-23": (9, 22, 23),
    "pgs 9 & 12": (9, 12),
    "pp. 76-80, 98": (76, 77, 78, 79, 80, 98),
    "p. 98": (98,),
    "pages 98 to 100": (98, 99, 100),
    "pages 111-13": (111, 112, 113),
    "page 60 and page 69": (60, 69),
    "Page(s): 68-69 of 127": (68, 69),
    "Page(s): 303, Table 12-8": (303,),
    "pages 99-98": (98, 99),
    "98-99": (),
    "Chapter 12": (),
    "page 2009": (),
    "pages 98, 2009": (98,),
    "page 1.5": (),
    "page 3rd": (),
    "Volume 12, Table 8": (),
    "Final Determination Letter for IMR Case Number CM14-0012345 3": (),
    "homepage 12": (),
    "Page(s):": (),
}


@pytest.mark.parametrize("text", PAGES)
def test_pages_need_a_cue(text: str) -> None:
    assert tuple(sorted({page for run in chapters.page_lists(text) for page in run.pages})) == PAGES[text]


def test_a_range_too_long_to_be_true_keeps_its_ends_and_is_doubted() -> None:
    found = guidelines.read("Decision based on MTUS Chronic Pain Treatment Guidelines Page(s): 1-402.")
    assert found.pages == (1, 402)
    assert [warning.code for warning in found.warnings] == ["W08"]
    assert len(guidelines.read("Decision based on MTUS Chronic Pain Treatment Guidelines Page(s): 1-401.").pages) == 401


@pytest.mark.parametrize("text", ["something else entirely did not happen", "Non-MTUS", "N/A"])
def test_what_is_not_understood_is_doubted_or_other(text: str) -> None:
    found = guidelines.read(text)
    assert [warning.code for warning in found.warnings] == ["W21"] or found.sources == ("Other",)


@pytest.mark.parametrize(
    "piece", ["MTUS ", "Decision based on ", "page 1, ", "ODG, Low Back; ", "(", "which is part of ", "a, "]
)
def test_a_hostile_guideline_is_cut_and_doubted(piece: str) -> None:
    found = guidelines.read(piece * (300_000 // len(piece)))
    assert "W20" in [warning.code for warning in found.warnings]


def test_pages_without_a_guideline_are_kept_and_doubted() -> None:
    found = guidelines.read("The Expert Reviewer relied on pages 43 and 94.")
    assert (found.sources, found.pages, [warning.code for warning in found.warnings]) == (("Other",), (43, 94), ["W21"])


def test_more_citations_than_can_be_true_are_cut_and_doubted() -> None:
    found = guidelines.read(
        "Decision based on MTUS Low Back Complaints 2004, Section(s): " + ", ".join(f"S{n}" for n in range(200))
    )
    assert (len(found.citations), [warning.code for warning in found.warnings]) == (guidelines.MOST, ["W20"])


@pytest.mark.parametrize(
    "piece", [", Chapter 12 ", ", Low Back Complaints 2004", ",", "A, ", "and, ", "1-2, ", "ODG, ", "(updated "]
)
def test_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    text = "MTUS page 1, Section(s): " + piece * (guidelines.LONGEST // len(piece)) + "x MTUS"
    start = time.process_time()
    guidelines.read(text)
    assert time.process_time() - start < 1.5
