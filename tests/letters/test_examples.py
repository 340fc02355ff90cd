"""The letters that the project ships are read without a doubt, and hold what the README's queries ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from imr_search.model import Item
from tests.letters.compare import items, letters


@pytest.fixture(scope="module")
def found(examples: Path) -> dict[str, Item]:
    return items(examples)


def test_every_generation_is_there(examples: Path, found: dict[str, Item]) -> None:
    assert Counter(letter.generation for letter in letters(examples)) == {
        "0": 1,
        "1": 1,
        "2": 1,
        "3a": 2,
        "3b": 4,
        "4": 4,
        "5": 1,
    }
    assert Counter(item.outcome for item in found.values()) == {"upheld": 21, "overturned": 15, "modified": 2}
    assert {item.file.rsplit(".")[-1] for item in found.values()} == {"txt", "pdf"}


def test_none_is_doubted(found: dict[str, Item]) -> None:
    doubted = {(item.letter, one.code) for item in found.values() for one in item.warnings}
    assert doubted == {("low-back-clinic", "W09")}  # the one without a header


def test_every_part_is_filled(found: dict[str, Item]) -> None:
    for key, item in found.items():
        for name in ("title", "treatment", "guideline", "rationale", "summary", "specialty", "licensed", "age", "sex"):
            assert getattr(item, name), f"{key} {name}"
        assert item.ca_guideline or item.generation == "0"


def test_pages_and_lines_leave_no_trace(found: dict[str, Item]) -> None:
    for item in found.values():
        for text in (item.title, item.rationale, item.summary, item.guideline, item.ca_guideline):
            assert text == " ".join(text.split())
            assert "Final Determination Letter" not in text


ASKED: dict[str, Callable[[Item], bool]] = {
    "acupuncture upheld page 98": lambda i: "cupuncture" in i.treatment and i.outcome == "upheld" and 98 in i.pages,
    "physical therapy": lambda i: "physical therapy" in i.treatment.lower(),
    "norco": lambda i: "norco" in " ".join(i.drugs).lower() or "hydrocodone" in " ".join(i.drugs).lower(),
    "opioid": lambda i: i.category == "pharmaceutical/opioid",
    "lumbar mri": lambda i: "MRI" in i.treatment and "lumbar" in i.treatment,
    "functional improvement": lambda i: "functional improvement" in i.rationale,
    "acoem answered with mtus": lambda i: "ACOEM" in i.ca_sources and "MTUS" in i.sources,
    "modified": lambda i: i.outcome == "modified",
    "women of 65": lambda i: i.sex == "female" and (i.age or 0) >= 65,
    "2015": lambda i: (i.decided or "").startswith("2015"),
    "partial approval": lambda i: (
        "was the original request" in i.title and "was the original request" not in i.treatment
    ),
}


@pytest.mark.parametrize("asked", ASKED)
def test_the_readme_has_something_to_find(asked: str, found: dict[str, Item]) -> None:
    assert [key for key, item in found.items() if ASKED[asked](item)]


def test_a_screen_is_overturned_beside_an_opioid(found: dict[str, Item]) -> None:
    screens = {
        i.letter for i in found.values() if i.outcome == "overturned" and "urine drug screen" in i.treatment.lower()
    }
    assert screens & {i.letter for i in found.values() if "Norco" in i.treatment}
