"""Signs, operators and forms of other systems in every place where they may stand, on real letters: read with their meaning, or refused with the form
that has it. Never read as something else."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest

from imr_search.engines.memory import MemorySearcher
from imr_search.errors import QueryError
from imr_search.plan import All
from tests.query import lexicons

CASES = Path(__file__).parent / "data" / "odd_inputs.tsv"
TODAY = datetime.date(2017, 6, 15)


def _rows() -> list[tuple[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1]) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]


@pytest.fixture(scope="module")
def real(shared_letters: Path) -> MemorySearcher:
    return lexicons.searcher(shared_letters / "dwc-2016-2017" / "pypdf")


def _found(text: str, index: MemorySearcher) -> set[str]:
    return set(index.search(lexicons.planned(text, index, TODAY).node, (), None).ids)


@pytest.mark.parametrize(("text", "expected"), _rows())
def test_an_odd_input_is_read_with_its_meaning_or_refused_with_the_form_that_has_it(
    text: str, expected: str, real: MemorySearcher
) -> None:
    meant = _found(expected.partition("= ")[2], real) if "= " in f"{expected} " and "=" in expected else None
    found = lexicons.answered(text, real, TODAY)
    if isinstance(found, QueryError):
        assert expected.startswith("refused"), f"refused: {found.message}"
        offered = [_found(correction.query, real) for correction in found.corrections]
        assert offered
        assert meant is None or meant in offered[:3]
        return
    if meant is not None:
        assert set(real.search(found.node, (), None).ids) == meant
    elif expected.startswith("notice "):
        assert expected.split()[1] in {notice.code for notice in found.notices}
    else:
        assert expected.startswith("at most "), f"read as {found.read_as}"
        assert 0 < real.count(found.node) <= float(expected.split()[2]) * real.count(All())
