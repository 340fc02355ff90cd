"""What is asked for gets its own kind, and two things in one title two."""

from __future__ import annotations

import pytest

from imr_search import vocabulary
from imr_search.documents import documents
from imr_search.letters import treatments
from tests.letters.forms import item, modern, one


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("EKG", "diagnostic"),
        ("Electrocardiogram times 1", "diagnostic"),
        ("EKG and chest x-ray", "diagnostic/x-ray"),
        ("Chest x-ray", "diagnostic/x-ray"),
        ("CXR", "diagnostic/x-ray"),
        ("Treadmill stress test", "diagnostic"),
        ("Treadmill", "dmepos"),
        ("Trigger point impedance imaging", "diagnostic"),
        ("TPII of the cervical spine", "diagnostic"),
        ("Impedance imaging, lumbar", "diagnostic"),
        ("Localized intense neurostimulation therapy (LINT) x 6", "rehabilitation"),
        ("Neurostimulation therapy 1x6", "rehabilitation"),
        ("Trigger point injections x 4", "injection/trigger-point"),
        ("Spinal cord neurostimulator trial", "surgery"),
        ("Dextromethorphan 30mg #60", "pharmaceutical/other"),
        ("Cyclophene 5% gel 120g", "pharmaceutical/topical"),
    ],
)
def test_kinds(title: str, category: str) -> None:
    found = treatments.read(title, title)
    assert found.category == category
    assert found.categories[0] == category


@pytest.mark.parametrize(
    "title",
    [
        "ice/heat x6 sessions",
        "Ice/heat therapy 6 sessions",
        "Cryotherapy, 6 sessions",
        "Hot/cold packs 6 sessions",
        "TENS 6 sessions",
    ],
)
def test_a_device_in_sessions_is_a_therapy(title: str) -> None:
    found = treatments.read(title, title)
    assert (found.category, found.visits, found.quantity) == ("rehabilitation", 6, None)


@pytest.mark.parametrize(
    ("title", "drugs"),
    [
        ("Dextromethorphan 30mg", ("dextromethorphan",)),
        ("Cyclophene gel", ("cyclobenzaprine",)),
        ("Nuedexta", ("dextromethorphan/quinidine",)),
    ],
)
def test_drugs(title: str, drugs: tuple[str, ...]) -> None:
    assert treatments.read(title, title).drugs == drugs


THERAPY = "rehabilitation/physical-therapy"


@pytest.mark.parametrize(
    ("title", "categories"),
    [
        ("Physical therapy and acupuncture 2x6", (THERAPY, "rehabilitation/acupuncture")),
        ("Acupuncture/chiropractic 6 visits", ("rehabilitation/acupuncture", "rehabilitation/chiropractic")),
        ("Aquatic therapy or physical therapy 12 visits", ("rehabilitation/aquatic", THERAPY)),
        ("MRI of the lumbar spine and EMG/NCV of the legs", ("diagnostic/mri", "diagnostic/emg-ncs")),
        ("Norco 10/325mg #60 and Soma 350mg #30", ("pharmaceutical/opioid", "pharmaceutical/muscle-relaxant")),
        ("Lumbar brace and TENS unit", ("dmepos/brace", "dmepos/tens")),
        ("EKG, chest x-ray and labs", ("diagnostic/x-ray", "diagnostic/lab")),
        ("TENS unit and supplies", ("dmepos/tens",)),
        ("Hip replacement consultation", ("visit/consultation",)),
        ("Follow up with spine surgeon", ("visit/follow-up",)),
        (
            "Compounded medication: Ketoprofen 10%, Clonidine 0.2%, Sodium Hyaluronate 0.2%",
            ("pharmaceutical/compound",),
        ),
        ("Epidural steroid injection with fluoroscopy and anesthesia", ("injection/epidural",)),
        ("Consultation prior to spinal surgery", ("visit/consultation",)),
        ("Flurbiprofen 20%, lidocaine 5%, cyclobenzaprine 4% cream", ("pharmaceutical/compound",)),
    ],
)
def test_two_in_one_title(title: str, categories: tuple[str, ...]) -> None:
    found = treatments.read(title, title)
    assert found.categories[: len(categories)] == categories
    assert len(found.categories) == len(categories)


def test_both_are_found_and_the_main_one_is_the_category() -> None:
    letter = one(modern(item("Physical therapy and acupuncture 2x6: Upheld")))
    assert letter.items[0].category == THERAPY
    assert documents(letter)[0].keywords["category"] == (THERAPY, "rehabilitation/acupuncture")


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("medication", "pharmaceutical"),
        ("Medications", "pharmaceutical"),
        ("drugs", "pharmaceutical"),
        ("opioid", "pharmaceutical/opioid"),
        ("opioids", "pharmaceutical/opioid"),
        ("epidural steroid injections", "injection/epidural"),
        ("knee braces", "dmepos/brace"),
        ("surgeries", "surgery"),
        ("DME", "dmepos"),
        ("PT", THERAPY),
        ("imaging", None),
    ],
)
def test_words_for_a_kind(word: str, category: str | None) -> None:
    assert vocabulary.category(word) == category


def test_words_for_several() -> None:
    imaging = ("diagnostic/mri", "diagnostic/ct", "diagnostic/x-ray", "diagnostic/ultrasound")
    assert vocabulary.categories_within("imaging") == imaging
    assert set(imaging) <= set(vocabulary.categories())
    assert vocabulary.categories_within("surgery") == ()
    assert "wrist" in vocabulary.parts_within("upper extremity")
    assert vocabulary.parts_within("Upper Extremities") == vocabulary.parts_within("UE")
    assert "left wrist" in vocabulary.parts_within("LUE")
    assert vocabulary.parts_within("back") == ("lumbar", "thoracic")
    assert vocabulary.parts_within("knee") == ()


@pytest.mark.parametrize("level", ["L4-5", "L4-L5", "L4/5", "l4 l5", "L4/L5"])
def test_levels_of_the_spine(level: str) -> None:
    assert vocabulary.synonyms(level) == ("L4-5", "L4-L5")
    assert vocabulary.body(level) == "lumbar"


def test_a_name_is_one_in_both_numbers() -> None:
    assert vocabulary.numbers("Injections")[:2] == ("injections", "injection")
    assert "therapies" in vocabulary.numbers("therapy")
    assert "therapy" in vocabulary.numbers("therapies")
