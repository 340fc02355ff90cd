"""Reports over the 101 letters print what a count by hand prints: plain loops over the parsed items, with nothing of the engines or the reports."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from making import letters_of

import imr_search
from imr_search.model import Item
from imr_search.searching.library import Library


@pytest.fixture(scope="module")
def items(shared_letters: Path) -> list[Item]:
    return letters_of(shared_letters / "dwc-2016-2017" / "pypdf")


@pytest.fixture(scope="module", params=["memory", "whoosh", "tantivy"])
def library(
    request: pytest.FixtureRequest, shared_letters: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    index = tmp_path_factory.mktemp("hand") / "index"
    imr_search.build([shared_letters / "dwc-2016-2017" / "pypdf"], index, engine=request.param, workers=1)
    with Library.open(index, {}) as opened:
        yield opened


def rows(library: Library, query: str) -> list[tuple[object, ...]]:
    report = library.search(query).report
    assert report is not None
    return list(report.rows)


def test_rate_by_category(library: Library, items: list[Item]) -> None:
    count, overturned = Counter[str | None](), Counter[str | None]()
    letters = defaultdict(set)
    for one in items:
        count[one.category] += 1
        overturned[one.category] += one.outcome == "overturned"
        letters[one.category].add(one.letter)
    by_hand = [
        (
            category,
            count[category],
            len(letters[category]),
            overturned[category],
            round(overturned[category] / count[category], 4),
        )
        for category in sorted(count, key=lambda category: (category is None, category or ""))
    ]
    assert [(*row[:4], row[6]) for row in rows(library, "* | rate by category")] == by_hand
    assert len(by_hand) > 5


def test_top_10_section_of_overturned(library: Library, items: list[Item]) -> None:
    count: Counter[str] = Counter()
    for one in items:
        if one.outcome == "overturned":
            count.update(set(one.sections))
    by_hand = sorted(count.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
    assert [(row[0], row[1]) for row in rows(library, "outcome:overturned | top 10 section")] == by_hand
    assert all(row[3] == row[1] and row[4] == 1.0 for row in rows(library, "outcome:overturned | top 10 section"))


def test_trend_month_of_mri(library: Library, items: list[Item]) -> None:
    count, overturned = Counter[str](), Counter[str]()
    for one in items:
        if re.search(r"\bmris?\b", one.treatment, re.IGNORECASE):
            assert one.decided is not None
            count[one.decided[:7]] += 1
            overturned[one.decided[:7]] += one.outcome == "overturned"
    by_hand = [(month, count[month], overturned[month]) for month in ("2016-12", "2017-01", "2017-02")]
    found = [(row[0], row[1], row[3]) for row in rows(library, "treatment:mri | trend month")]
    assert found == [row for row in by_hand if row[1] or row[0] > min(count)]


def test_the_outcomes_are_those_of_the_list_made_beforehand(library: Library, shared_letters: Path) -> None:
    listed = json.loads((shared_letters / "dwc-2016-2017" / "items.json").read_text(encoding="utf-8"))
    count = Counter(one["outcome"] for one in listed)
    assert {row[0]: row[1] for row in rows(library, "* | count by outcome")} == dict(count)
    cases = defaultdict(set)
    for one in listed:
        cases[one["outcome"]].add(one["case"])
    assert {row[0]: row[2] for row in rows(library, "* | count by outcome")} == {k: len(v) for k, v in cases.items()}
