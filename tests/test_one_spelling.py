"""One spelling of what letters print in several: the same group on every engine, and in reports over items that are handed in one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_search import vocabulary
from imr_search.documents import Document, from_record
from imr_search.engines.registry import engine
from imr_search.plan import All, Count, Group
from imr_search.searching import report
from tests.query.lexicons import held

TITLES = [
    ("Physical Medicine & Rehabilitation", "Physical Medicine and Rehabilitation"),
    ("PHYSICAL MEDICINE &  REHABILITATION.", "Physical Medicine and Rehabilitation"),
    ("physical medicine and rehabilitation", "Physical Medicine and Rehabilitation"),
    ("Family Practice n", "Family Practice"),
    ("a Family Practice", "Family Practice"),
    ("TEXAS", "Texas"),
    ("Appendix D", "Appendix D"),
    ("District of Columbia", "District of Columbia"),
    ("Neck & Upper Back", "Neck and Upper Back"),
    ("Low Back Complaints 2004", "Low Back Complaints 2004"),
]
SENTENCES = [
    ("Physical Therapy", "Physical therapy"),
    ("physical therapy", "Physical therapy"),
    ("Muscle Relaxants for pain", "Muscle relaxants (for pain)"),
    ("Electro-diagnostic testing (EMG/NCS)", "Electrodiagnostic testing (EMG/NCS)"),
    ("Manual Therapy and Manipulation", "Manual therapy & manipulation"),
    ("X-Ray", "X-ray"),
    ("EMG, NCV", "EMG, NCV"),
    ("DME", "DME"),
    ("Vitamin D", "Vitamin D"),
    ("Hepatitis C testing", "Hepatitis C testing"),
    ("Muscle Relaxants for pain n", "Muscle relaxants (for pain)"),
    ("1.4 Opioids for Acute Pain", "1.4 Opioids for Acute Pain"),
]


@pytest.mark.parametrize(("printed", "one"), TITLES)
def test_names_are_written_in_one_spelling(printed: str, one: str) -> None:
    assert vocabulary.one_spelling(printed) == one
    assert vocabulary.one_spelling(one) == one


@pytest.mark.parametrize(("printed", "one"), SENTENCES)
def test_sections_are_written_in_one_spelling(printed: str, one: str) -> None:
    assert vocabulary.one_spelling(printed, True) == one
    assert vocabulary.one_spelling(one, True) == one


def _documents(folder: Path) -> list[Document]:
    return [*held(folder / "dwc-2016-2017" / "pypdf"), *held(folder / "seeds")]


@pytest.mark.parametrize("name", ["memory", "whoosh", "tantivy"])
@pytest.mark.parametrize("field", ["specialty", "section", "chapter", "cited", "licensed"])
def test_no_two_groups_differ_in_their_spelling_alone(
    field: str, name: str, shared_letters: Path, tmp_path: Path
) -> None:
    documents = _documents(shared_letters)
    writer = engine(name).create(tmp_path)
    writer.add(documents)
    writer.commit()
    searcher = engine(name).open(tmp_path)
    stage = Count((Group(field),))
    made, _ = report.run(searcher, All(), stage)
    assert made.rows == report.over((from_record(document.record) for document in documents), stage)[0].rows
    groups = [str(row[0]) for row in made.rows if row[0] is not None]
    assert len(groups) > 5
    assert len({"".join(filter(str.isalnum, group.casefold().replace(" and ", ""))) for group in groups}) == len(groups)
    searcher.close()


def test_an_item_keeps_what_its_letter_prints(shared_letters: Path) -> None:
    printed = {value for document in _documents(shared_letters) for value in from_record(document.record).specialty}
    assert {"Physical Medicine & Rehabilitation", "Physical Medicine and Rehabilitation"} <= printed
