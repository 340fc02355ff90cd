"""Indexes in memory, of items written for these tests and of real letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from making import item, letters_of, searcher

from imr_search.engines import Searcher


@pytest.fixture(scope="session")
def few() -> Searcher:
    """Six items in four letters, two without a specialty, one undated."""
    return searcher(
        [
            item(
                "A", 1, outcome="overturned", specialty=("Pain", "Family"), decided="2015-01-10", age=41, pages=(98, 99)
            ),
            item("A", 2, specialty=("Pain", "Family"), decided="2015-01-10", age=41),
            item("B", 1, specialty=("Pain",), decided="2015-03-31", age=49, outcome="modified"),
            item("C", 1, specialty=("Dental",), decided="2015-08-01"),
            item("C", 2, decided="2015-08-01", outcome="overturned"),
            item("D", 1, decided=None, age=70),
        ]
    )


@pytest.fixture(scope="session")
def real(shared_letters: Path) -> Searcher:
    """The 101 letters."""
    return searcher(letters_of(shared_letters / "dwc-2016-2017" / "pypdf"))


@pytest.fixture(scope="session")
def seeds(shared_letters: Path) -> Searcher:
    """The five seeds."""
    return searcher(letters_of(shared_letters / "seeds"))
