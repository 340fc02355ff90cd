"""Age and sex from the clinical case summary."""

from __future__ import annotations

import pytest

from imr_search.letters.facts import worker

INTRODUCED = {
    "The injured worker is a 42 year old male, who sustained an injury.": (42, "male"),
    "The injured worker is a(n) 57 year old male, who": (57, "male"),
    "The injured worker is a 64-year-old female who reported an injury": (64, "female"),
    "The 58 year old female injured worker suffered an injury": (58, "female"),
    "This case involves a now 36-year-old female with a history": (36, "female"),
    "Patient is a 56-year-old right hand dominant woman": (56, "female"),
    "The applicant is a 34 y/o man": (34, "male"),
    "Injured worker is a male with date of injury 7/8/2002.": (None, "male"),
    "The injured worker was hurt at age 30. He fell.": (None, "male"),
    "The patient was hurt. She fell. Her knee hurts.": (None, "female"),
    "The patient was hurt. She fell. His knee hurts.": (None, None),
    "He/she was hurt, and his or her knee hurts.": (None, None),
    "The worker has had pain for 12 years.": (None, None),
    "A 3 year old injury of a 44 year old female": (44, "female"),
    "": (None, None),
}


@pytest.mark.parametrize("summary", INTRODUCED)
def test_worker(summary: str) -> None:
    assert worker(summary) == INTRODUCED[summary]
