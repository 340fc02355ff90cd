"""Inputs that once went wrong, kept beside the checkout with what is right, on real letters."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest

from imr_search.engines.memory import MemorySearcher
from imr_search.errors import QueryError
from imr_search.plan import All
from tests.query import lexicons

SHARED = Path(__file__).resolve().parents[3] / "shared"
CASES = SHARED / "cases" / "language.tsv"
TODAY = datetime.date(2020, 1, 1)


def _rows(path: Path) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row[0], row[1]) for row in rows[1:] if len(row) > 1]


@pytest.fixture(scope="module")
def real(shared_letters: Path) -> MemorySearcher:
    held = {
        document.id: document
        for name in ("seeds", "dwc-2016-2017/pypdf")
        for document in lexicons.held(shared_letters / name)
    }
    return MemorySearcher(list(held.values()))


@pytest.mark.skipif(not CASES.is_file(), reason="no cases beside this checkout")
@pytest.mark.parametrize(("text", "expected"), _rows(CASES))
def test_cases_of_the_language(text: str, expected: str, real: MemorySearcher) -> None:
    found = lexicons.answered(text, real, TODAY)
    if isinstance(found, QueryError):
        assert expected.startswith("refused"), f"{text} is refused: {found.message}"
        assert found.corrections, f"{text} is refused, and nothing is offered"
        return
    if " = " in f" {expected}":
        meant = lexicons.planned(expected.partition("= ")[2], real, TODAY)
        assert real.search(found.node, (), None).ids
        assert set(real.search(found.node, (), None).ids) == set(real.search(meant.node, (), None).ids)
    elif expected.startswith("notice "):
        assert expected.split()[1] in {notice.code for notice in found.notices}
    else:
        assert expected.startswith("at most "), f"{text} is read, and should be {expected}"
        share = float(expected.split()[2])
        assert 0 < real.count(found.node) <= share * real.count(All())
