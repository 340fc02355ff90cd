"""How much the real items give, counted over all of them: a rule that suddenly reads less or more shows here."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from imr_search.letters import facts
from imr_search.letters.facts import Derived

# Of 236 items, each read by eye.
KNOWN = {
    "drugs": 48,
    "strengths": 35,
    "quantity": 36,
    "refills": 2,
    "visits": 50,
    "category": 236,
    "body": 128,
    "sources": 215,
    "ca_sources": 185,
    "chapters": 212,
    "sections": 205,
    "pages": 2,
    "ca_pages": 1,
    "warnings": 0,
}


@pytest.fixture(scope="module")
def real(shared_letters: Path) -> list[tuple[dict[str, str], Derived]]:
    rows = json.loads((shared_letters / "dwc-2016-2017" / "items.json").read_text(encoding="utf-8"))
    return [
        (
            row,
            facts.derive(
                title=row["title"],
                treatment=row["treatment"],
                guideline=row["guideline"],
                ca_guideline=row["ca_guideline"],
                rationale="",
            ),
        )
        for row in rows
    ]


def test_how_many_items_have_each_fact(real: list[tuple[dict[str, str], Derived]]) -> None:
    assert {name: sum(getattr(found, name) not in (None, ()) for _, found in real) for name in KNOWN} == KNOWN


def test_every_page_and_citation_stands_in_its_text(real: list[tuple[dict[str, str], Derived]]) -> None:
    for row, found in real:
        for one in found.citations:
            for word in one.text.split():
                assert word.strip(",;") in row["guideline"], one.text
            assert one.section is None or one.section.casefold()[:12] in row["guideline"].casefold()
        if "did not cite any medical evidence" in row["guideline"]:
            assert found.sources == ()
        if "outside of the MTUS" in row["guideline"]:
            assert "MTUS" not in found.sources


def test_the_same_item_gives_the_same_facts_in_any_order(real: list[tuple[dict[str, str], Derived]]) -> None:
    """The caches must not be seen."""
    mixed = list(real)
    random.Random(7).shuffle(mixed)
    for row, found in mixed:
        texts = {name: row[name] for name in ("title", "treatment", "guideline", "ca_guideline")}
        assert facts.derive(rationale="", **texts) == found
