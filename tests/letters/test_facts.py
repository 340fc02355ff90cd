"""What a treatment asks for. Each row is a title in the letters' own manner."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_search import vocabulary
from imr_search.letters import facts, treatments
from imr_search.letters.treatments import Asked


def asked(text: str) -> Asked:
    return treatments.read(text, text)


VISITS = {
    "Lumbar Acupuncture 2x3": 6,
    "ADDITIONAL ACUPUNCTURE 2X6": 12,
    "Acupuncture 2 x 6": 12,
    "Chiropractic 1-2 x 4": 8,
    "Physical therapy 2 times a week for 4 weeks for the lumbar spine": 8,
    "Physical therapy 2-3 times a week for 6 weeks": 18,
    "Physical therapy two times a week for three weeks for lumbar": 6,
    "Electro acupuncture to the low back two times a week times six weeks": 12,
    "Physical therapy additional 3 visits per week for 2 weeks": 6,
    "Additional physical therapy three times a week over two weeks": 6,
    "Physical therapy 2 times weekly for 6 weeks": 12,
    "Physical therapy 2 visits per week x 6 weeks": 12,
    "PT 2-3x/wk x 6wks": 18,
    "Physical therapy 2xWk x 6Wks": 12,
    "physical therapy twice a week for six weeks": 12,
    "Acupuncture once a week for 6 weeks": 6,
    "ESWT 1x/week x 3 weeks": 3,
    "Physical therapy 3 x 4 weeks": 12,
    "Physical therapy for six weeks at 2 times a week": 12,
    "Spinal manipulation 1 times 8": 8,
    "Physical therapy, 6 sessions, cervical and thoracic spine": 6,
    "Acupuncture 12 sessions": 12,
    "Eight physical therapy sessions for the neck": 8,
    "Twelve (12) sessions of chiropractic": 12,
    "Post-op physical therapy 12-18 sessions": 18,
    "5 sessions of chiropractic physiotherapy for the left elbow": 5,
    "Associated surgical service: Physical Therapy sessions, 12": 12,
    "Associated surgical service: Physical therapy, times 12": 12,
    "Physical therapy (x12)": 12,
    "ACUPUNCTURE VISITS THORACIC SPINE QTY 12": 12,
    "Acupuncture QTY: 12.00": 12,
    "Acupuncture therapy sessions lumbar spine #6": 6,
    "Physical therapy quantity 8": 8,
    "Follow up office visit times 2": 2,
    "Wound care nurse, 1-2 visits to evaluate right hip incision": 2,
    "Physical therapy to the lumbar spine 2 times a week for 2 weeks (4)": 4,
    "two physical therapy sessions for the knee and eight physical therapy sessions for the left wrist": 10,
    "Cognitive behavioral therapy x 6 sessions": 6,
    "Work hardening 10 sessions": 10,
    # what is not a number of visits
    "Acupuncture treatments (unspecified quantity)": None,
    "Unknown sessions of electro-acupuncture": None,
    "Acupuncture x 4 weeks": None,
    "Physical therapy 2 times a week for 2 months": None,
    "FRP x 80 hours": None,
    "Acute inpatient rehabilitation 7-10 days": None,
    "Gym membership x 6 months": None,
    "Physical therapy, L4-5": None,
    "Norco 10/325mg 2 times a day for 14 days": None,
}


@pytest.mark.parametrize("text", VISITS)
def test_visits(text: str) -> None:
    assert asked(text).visits == VISITS[text]


def test_a_number_of_sessions_wins_over_a_frequency_that_says_otherwise_and_is_doubted() -> None:
    assert asked("Twelve sessions of acupuncture, three times a week for four weeks").warnings == ()
    found = asked("Physical therapy 8 sessions (3x4)")
    assert found.visits == 8
    assert [warning.code for warning in found.warnings] == ["W23"]


QUANTITY = {
    "NORCO 10/325 2 TABLETS PO QID #240": 240,
    "Flexeril 7.5 mg, QTY: 60.00": 60,
    "Soma 350mg quantity 90": 90,
    "Lidocaine 5% patch #1": 1,
    "Naproxen 550 mg, ninety count": 90,
    "Norco 10/325 mg disp #90": 90,
    "120 Tablets of Norco 10/325 mg": 120,
    "Retrospective request for 30 Tramadol 50mg": 30,
    "Tylenol #3 #60": 60,
    "Tylenol with codeine #3, #60": 60,
    "Two refills of Ibuprofen 600mg #90": 90,
    "Norco 5/325mg oral tablet, one tablet twice daily 14 days #40": 40,
    "NCV bilateral lower extremities QTY: 2": 2,
    "MRI of the thoracic spine without contrast, #1": 1,
    "TWO TRIGGER POINT INJECTIONS TO LUMBAR SPINE": 2,
    "Trigger point injections x 4": 4,
    "Electrocardiogram times 3": 3,
    "1 knee scooter": 1,
    "Associated surgical service: 2 leg wraps": 2,
    # what is not a quantity
    "TEMAZEPAM 4 A DAY": None,
    "Tylenol #3": None,
    "Ketoprofen 20% in cream base 240g": None,
    "Deprizine (unknown quantity)": None,
    "Diazepam 5mg take 1 tab orally, may repeat dose 1/2 hour after first dose": None,
    "purchase of a bedside 3 in 1 commode": None,
    "standard wheelchair for a 2 month rental": None,
    "Three phase bone scan to the left foot": None,
    "2 view chest x-ray": None,
    "ACUPUNCTURE VISITS QTY 12": None,
    "Botox 200 units": None,
    "Ibuprofen 600mg refill #2": None,
}


@pytest.mark.parametrize("text", QUANTITY)
def test_quantity(text: str) -> None:
    assert asked(text).quantity == QUANTITY[text]


def test_two_quantities_are_doubted() -> None:
    found = asked("Norco 10/325mg #60 and Soma 350mg #30")
    assert (found.quantity, [warning.code for warning in found.warnings]) == (60, ["W22"])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Pantoprazole 40mg #60 with one refill", 1),
        ("Two refills of Ibuprofen 600mg #90", 2),
        ("Norco 10/325 mg, #120 (RF x2)", 2),
        ("Norco 10/325mg #120, refill: 3", 3),
        ("Ultram 50mg #30 2RF", 2),
        ("Compounded cream 300g with 3 refills", 3),
        ("Ondansetron 4mg no refills", 0),
        ("Ibuprofen 600mg #90", None),
        ("Intrathecal pump refill", None),
    ],
)
def test_refills(text: str, count: int | None) -> None:
    assert asked(text).refills == count


DRUGS = {
    "NORCO 10/325 2 TABLETS PO QID #240": (("hydrocodone/acetaminophen",), ("10/325",)),
    "Hydrocodone/APAP 10/325mg #90": (("hydrocodone/acetaminophen",), ("10/325",)),
    "Hydrocodone bitartrate/acetaminophen 5-325 mg": (("hydrocodone/acetaminophen",), ("5/325",)),
    "Hydrocodone 10/325mg #120": (("hydrocodone/acetaminophen",), ("10/325",)),
    "Norco 10mg/325mg #90": (("hydrocodone/acetaminophen",), ("10/325",)),
    "Norco 7.5-325mg #112": (("hydrocodone/acetaminophen",), ("7.5/325",)),
    "OxyContin 20mg #60": (("oxycodone",), ("20mg",)),
    "Oxycodone HCl 15 mg": (("oxycodone",), ("15mg",)),
    "Suboxone 8/2mg #60": (("buprenorphine/naloxone",), ("8/2",)),
    "Fioricet 50/300/40mg": (("butalbital/acetaminophen/caffeine",), ("50/300/40",)),
    "Tramadol (Ultram) 50mg": (("tramadol",), ("50mg",)),
    "Tramadol 37.5/325 mg": (("tramadol/acetaminophen",), ("37.5/325",)),
    "Tylenol with codeine #3": (("acetaminophen/codeine",), ()),
    "Meloxicam (Mobic) 7.5mg #30": (("meloxicam",), ("7.5mg",)),
    "Fentanyl patch 50mcg/hr #15": (("fentanyl",), ("50mcg",)),
    "Flector 1.3% transdermal patch": (("diclofenac",), ("1.3%",)),
    "Lido 5% ointment": ((), ("5%",)),
    "Ibuprofen 1,000mg": (("ibuprofen",), ("1000mg",)),
    "Clonazepam .5mg": (("clonazepam",), ("0.5mg",)),
    "Diazepam 5-10mg": (("diazepam",), ("10mg",)),
    "Norco and Soma": (("hydrocodone/acetaminophen", "carisoprodol"), ()),
    "Gabapentin 10%, Cyclobenzaprine 6% in cream base": (("gabapentin", "cyclobenzaprine"), ("10%", "6%")),
    "Retrospective Cyclobenzaprine 5mg tab #30 DOS: 11/14/16": (("cyclobenzaprine",), ("5mg",)),
    "Norco 10/325mg between 8/5/2013 and 10/5/2013": (("hydrocodone/acetaminophen",), ("10/325",)),
    "MRI of the lumbar spine 1.5 Tesla": ((), ()),
    "Urine drug screen": ((), ()),
}


@pytest.mark.parametrize("text", DRUGS)
def test_drugs_and_strengths(text: str) -> None:
    found = asked(text)
    assert (found.drugs, found.strengths) == DRUGS[text]


CATEGORY = {
    "Norco 10/325mg #60": "pharmaceutical/opioid",
    "Butrans patch 10mcg #4": "pharmaceutical/opioid",
    "Etodolac": "pharmaceutical/nsaid",
    "Flexeril 10mg #60": "pharmaceutical/muscle-relaxant",
    "Xanax 0.5mg #60": "pharmaceutical/benzodiazepine",
    "Fanatrex (unknown quantity)": "pharmaceutical/anticonvulsant",
    "Trazodone 50mg": "pharmaceutical/antidepressant",
    "Lidocaine 5% patch #1": "pharmaceutical/topical",
    "Voltaren gel 1% 100g": "pharmaceutical/topical",
    "Pain Cream": "pharmaceutical/topical",
    "Ketoprofen 20% in cream base 240g": "pharmaceutical/compound",
    "Flurbiprofen 20%/Lidocaine 5% 180 gm": "pharmaceutical/compound",
    "Compounded medication: Ketoprofen 10%, Gabapentin 6%": "pharmaceutical/compound",
    "Ambien 10mg #30": "pharmaceutical/sleep-aid",
    "Pepcid 20mg": "pharmaceutical/gastrointestinal",
    "Fioricet #120": "pharmaceutical/other",
    "Continue physical therapy 3 times a week for 2 weeks": "rehabilitation/physical-therapy",
    "OT 2x4 right hand": "rehabilitation/occupational-therapy",
    "Unknown sessions of electro-acupuncture": "rehabilitation/acupuncture",
    "Chirophysio therapy two times a week for four weeks": "rehabilitation/chiropractic",
    "Aqua therapy 2x4": "rehabilitation/aquatic",
    "Myofascial release to the low back": "rehabilitation/massage",
    "Work hardening 10 sessions": "rehabilitation/work-conditioning",
    "One (1) initial evaluation for functional restoration program": "rehabilitation/functional-restoration",
    "Gym membership x 6 months": "rehabilitation/gym",
    "Ultrasound 1 times 8": "rehabilitation",
    "Electrical stimulation 1 times 8": "rehabilitation",
    "Right L5-S1 epidural steroid injection": "injection/epidural",
    "Facet joint injections L4-5, L5-S1": "injection/facet",
    "TWO TRIGGER POINT INJECTIONS": "injection/trigger-point",
    "Kenalog injection right shoulder": "injection/joint",
    "Botox 200 units": "injection/botulinum",
    "Synvisc-One injection left knee": "injection/viscosupplement",
    "Rhizotomy C5-6": "injection/radiofrequency",
    "Toradol 60mg IM injection": "injection",
    "Left shoulder arthroscopy with Bankart repair": "surgery",
    "PA assist": "surgery",
    "MARS MRI scan of right hip": "diagnostic/mri",
    "CT scan of the head": "diagnostic/ct",
    "Pre-op chest x-ray": "diagnostic/x-ray",
    "NCS/EMG RUE": "diagnostic/emg-ncs",
    "Venous doppler ultrasound": "diagnostic/ultrasound",
    "UDS": "diagnostic/drug-test",
    "Pre-op labs: PT/PTT": "diagnostic/lab",
    "Polysomnogram": "diagnostic/sleep-study",
    "Functional capacity evaluation (FCE)": "diagnostic/functional-capacity",
    "Associated surgical service: EMS/TENS unit": "dmepos/tens",
    "H-wave unit purchase": "dmepos/h-wave",
    "Associated surgical service: Ultrasling": "dmepos/brace",
    "Hot/cold therapy wrap": "dmepos/cold-therapy",
    "Hospital bed for an unspecified rental": "dmepos/bed",
    "1 knee scooter": "dmepos/mobility",
    "Custom orthotics": "dmepos/orthotics",
    "Hygiene wipes": "dmepos",
    "TOC to ortho spine surgeon eval and treatment": "visit/consultation",
    "Consult with hip replacement specialist to evaluation for a total hip arthroplasty": "visit/consultation",
    "Hip replacement consultation": "visit/consultation",
    "Right knee arthroscopy with evaluation of ACL": "surgery",
    "Follow Up with Spine Surgeon": "visit/follow-up",
    "Consultation with psychologist": "psychological",
    "One (1) Psych consultation": "psychological",
    "Diclofenac sodium 1.5% solution": "pharmaceutical/topical",
    "Wound care nurse, 1-2 visits": "home-health",
    "Transportation to/from all medical appointments": "transportation",
    "Interpreter services": "other",
    "Xyzzy": None,
    "": None,
}


@pytest.mark.parametrize("text", CATEGORY)
def test_category(text: str) -> None:
    assert asked(text).category == CATEGORY[text]


BODY = {
    "MRI of the Left shoulder without contrast": ("shoulder", "left shoulder"),
    "MRI shoulder, left": ("shoulder", "left shoulder"),
    "L knee MRI": ("knee", "left knee"),
    "Knee brace, right": ("knee", "right knee"),
    "Rolling knee walker": (),
    "EMG/NCS of the bilateral hand": ("hand", "left hand", "right hand"),
    "EMG bilateral lower extremities": ("lower extremity", "left lower extremity", "right lower extremity"),
    "NCS/EMG RUE": ("upper extremity", "right upper extremity"),
    "PT right shoulder, right wrist and right hand": (
        *("shoulder", "right shoulder", "wrist", "right wrist", "hand", "right hand"),
    ),
    "Physical therapy left wrist and hand": ("wrist", "left wrist", "hand", "left hand"),
    "Right hand/wrist MRI": ("hand", "right hand", "wrist", "right wrist"),
    "TENS unit, left hip, lower leg, and knee": ("hip", "left hip", "leg", "knee"),
    "PT left hand, right lower leg": ("hand", "left hand", "leg", "right leg"),
    "MRI of the fingers of the right hand": ("finger", "hand", "right hand"),
    "MRI of the cervical spine bilateral": ("neck",),
    "Neurosurgeon evaluation for the Low back/Pelvis": ("lumbar", "pelvis"),
    "Facet joint injections L4-5, L5-S1": ("lumbar",),
    "ACDF C5-C6": ("neck",),
    "Cervical ESI C7-T1": ("neck", "thoracic"),
    "T10-T12 laminectomy": ("thoracic",),
    "Open carpal tunnel release": ("wrist",),
    "Left total knee arthroplasty": ("knee", "left knee"),
    "1 knee scooter": (),
    "MRI 3T": (),
    "Vitamin B12": (),
    "L3000 orthotic": (),
    "C9-10 fusion": (),
    "": (),
}


@pytest.mark.parametrize("text", BODY)
def test_body(text: str) -> None:
    assert asked(text).body == BODY[text]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("PT 2x6 low back", "rehabilitation/physical-therapy"),
        ("Labs - PT/PTT", "diagnostic/lab"),
        ("PT/INR", "diagnostic/lab"),
        ("CBC, PT", "diagnostic/lab"),
        ("RFA bilateral L4-5, L5-S1", "injection/radiofrequency"),
        ("RFA dated 3/4/15 for Norco", "pharmaceutical/opioid"),
        ("US guided injection right shoulder", "injection"),
        ("CA", None),
        ("ST", None),
        ("WH", None),
        ("UA", "diagnostic/lab"),
    ],
)
def test_words_with_two_meanings(text: str, category: str | None) -> None:
    assert asked(text).category == category


def test_the_disputed_part_gives_the_numbers_and_the_whole_title_only_what_it_leaves_open() -> None:
    title = (
        "Physical therapy for the right elbow, 12 sessions was the original request. Six sessions was authorized by the Claims "
        "Administrator. The remaining IMR eligible portion of the original request, 6 sessions"
    )
    found = treatments.read("6 sessions", title)
    assert (found.category, found.visits, found.body) == (
        "rehabilitation/physical-therapy",
        6,
        ("elbow", "right elbow"),
    )


def test_a_title_without_a_number_in_its_disputed_part_has_none() -> None:
    title = "Norco #60 was the original request. The remaining IMR eligible portion of the original request, Norco"
    assert treatments.read("Norco", title).quantity is None


def test_derive_joins_everything() -> None:
    found = facts.derive(
        title="Norco 10/325mg #60",
        treatment="Norco 10/325mg #60",
        guideline="Decision based on MTUS Chronic Pain Treatment Guidelines Opioids, criteria for use Page(s): 76-80.",
        ca_guideline="The Claims Administrator did not cite any medical evidence for its decision.",
        rationale="",
    )
    assert (found.sources, found.ca_sources) == (("MTUS",), ())
    assert found.pages == (76, 77, 78, 79, 80)
    assert found.sections == ("Opioids, criteria for use",)
    assert (found.drugs, found.quantity, found.category) == (
        ("hydrocodone/acetaminophen",),
        60,
        "pharmaceutical/opioid",
    )
    assert found.warnings == ()


@pytest.mark.parametrize(
    "piece",
    [
        "1x",
        "2 times a week for ",
        "1 and ",
        "left knee and ",
        "L4-5/",
        "1-",
        "12 a b c d ",
        "ST ",
        "WH PT ",
        "sessions 1 ",
        "( ",
        "#1 ",
        "\0",
        "É",
    ],
)
def test_a_hostile_treatment_is_cut_and_doubted(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    start = time.process_time()
    assert "W24" in [warning.code for warning in treatments.read(text, text).warnings]
    assert time.process_time() - start < 1.5


_PIECES = st.sampled_from(
    (
        *(
            "Norco",
            "10/325mg",
            "#60",
            "2x6",
            "physical therapy",
            "left",
            "knee",
            "L4-5",
            "(12)",
            "x",
            "times a week",
            "for",
        ),
        *(
            "and",
            "QTY:",
            "1.5%",
            "MTUS",
            "Page(s):",
            "98-",
            "99",
            "ODG,",
            "Section(s):",
            ";",
            "Chapter 12",
            "42 year old",
        ),
        *("she", "\u2013", "\u0660"),
    )
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=12).map(" ".join))
def test_any_text_gives_facts(text: str) -> None:
    found = facts.derive(title=text, treatment=text, guideline=text, ca_guideline=text, rationale=text)
    assert list(found.pages) == sorted(set(found.pages))
    assert found.sources == found.ca_sources
    assert {one.source for one in found.citations} <= set(found.sources) | {"Other"}
    assert found.category is None or found.category in vocabulary.categories()
    facts.worker(text)
