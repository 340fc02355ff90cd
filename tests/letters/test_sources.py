"""The real letters: four extractors, one reading. Skipped where no real letters lie beside the checkout."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from imr_search.letters.parse import parse
from imr_search.model import Item
from tests.letters.compare import SOURCES, against_json, differences, items

# pdfminer prints one line of this letter's summary three lines too late; its words are the same.
MOVED = {(f"CM16-0249724#{n}", "summary") for n in (1, 2, 3)}


@pytest.fixture(scope="module")
def read(shared_letters: Path) -> dict[str, dict[str, Item]]:
    return {source: items(shared_letters / "dwc-2016-2017" / source) for source in SOURCES}


def test_the_seeds(shared_letters: Path) -> None:
    found = list(items(shared_letters / "seeds").values())
    assert [count for _, count in sorted(Counter(item.letter for item in found).items())] == [4, 2, 3, 5, 3]
    assert Counter(item.outcome for item in found) == {"upheld": 16, "overturned": 1}
    overturned = next(item for item in found if item.outcome == "overturned")
    assert overturned.treatment == "One (1) initial evaluation for functional restoration program"
    assert {warning.code for item in found for warning in item.warnings} == {"W09"}  # they have no header
    assert all(item.specialty and item.licensed and item.summary and item.rationale for item in found)
    assert Counter(item.generation for item in found) == {"3b": 7, "3a": 10}
    assert sum(98 in item.pages for item in found) == 3
    assert sum(127 in item.ca_pages for item in found) == 1


@pytest.mark.parametrize("source", SOURCES)
def test_every_item_is_as_in_the_table(source: str, read: dict[str, dict[str, Item]], shared_letters: Path) -> None:
    assert len(read[source]) == 236
    assert against_json(read[source], shared_letters / "dwc-2016-2017" / "items.json") == []
    assert {key: item.warnings for key, item in read[source].items() if item.warnings} == {}
    assert {item.generation for item in read[source].values()} == {"4"}


@pytest.mark.parametrize("source", SOURCES[1:])
def test_every_extractor_gives_the_same_items(source: str, read: dict[str, dict[str, Item]]) -> None:
    rows = differences(read["pypdf"], read[source])
    assert {(key, name) for key, name, _, _ in rows} == (MOVED if source == "pdfminer" else set())
    for _, _, ours, theirs in rows:
        assert sorted(ours.split()) == sorted(theirs.split())


BENT: dict[str, Callable[[str], str]] = {
    "no blank line": lambda text: re.sub(r"\n(\s*\n)+", "\n", text),
    "no blank line and no page break": lambda text: re.sub(r"\n(\s*\n)+", "\n", text).replace("\f", "\n"),
    "page breaks as blank lines": lambda text: text.replace("\f", "\n \n"),
    "a blank line after every line": lambda text: text.replace("\n", "\n\n"),
    "Windows lines": lambda text: text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("bend", BENT)
def test_no_title_hangs_on_blank_lines(bend: str, read: dict[str, dict[str, Item]], shared_letters: Path) -> None:
    for path in sorted((shared_letters / "dwc-2016-2017" / "mupdf").glob("*.txt")):
        for letter in parse(BENT[bend](path.read_text(encoding="utf-8")), file="", sha256="", stem=path.stem):
            for item in letter.items:
                whole = read["mupdf"][item.id]
                assert (item.title, item.outcome, item.rationale) == (whole.title, whole.outcome, whole.rationale)


def test_every_part_is_filled(read: dict[str, dict[str, Item]]) -> None:
    for key, item in read["pdf"].items():
        for name in (
            "title",
            "treatment",
            "outcome",
            "ca_guideline",
            "guideline",
            "rationale",
            "summary",
            "specialty",
            "licensed",
        ):
            assert getattr(item, name), f"{key} {name}"
        for name in ("case", "assigned", "injured", "decided", "denied", "received"):
            assert getattr(item, name), f"{key} {name}"
        assert item.priority == "Standard"


def test_every_word_of_a_rationale_is_in_the_letter(shared_letters: Path, read: dict[str, dict[str, Item]]) -> None:
    drawn = random.Random(20170214).sample(sorted(read["pypdf"]), 40)
    for key in drawn:
        item = read["pypdf"][key]
        text = (shared_letters / "dwc-2016-2017" / "pypdf" / f"{item.letter}.txt").read_text(encoding="utf-8")
        flat = "".join(text.split())
        for part in (item.rationale, item.guideline, item.ca_guideline, item.summary):
            assert "".join(part.split()) in flat, key
