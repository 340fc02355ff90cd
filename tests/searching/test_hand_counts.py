"""Every stage over the 101 letters gives what a count by hand gives: plain loops over the parsed items, with nothing of the engines or reports."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from making import letters_of

import imr_search
from imr_search import vocabulary
from imr_search.model import Item
from imr_search.searching.library import Library
from imr_search.searching.search_options import Options
from imr_search.stages import NAMES


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
            count.update({vocabulary.one_spelling(section, sentence=True) for section in one.sections})
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


def kind(one: Item) -> str | None:
    return one.category.split("/")[0] if one.category else None


def last(value: object) -> tuple[bool, str]:
    """The order of groups: what is unknown comes last."""
    return value is None, str(value or "")


def counted(items: Iterable[Item], groups: dict[str, object]) -> dict[object, tuple[int, int, int]]:
    """Of each group: items, letters, overturned; `groups` is from an item's id to its group or a tuple of several."""
    held: dict[object, list[Item]] = defaultdict(list)
    for one in items:
        found = groups[one.id]
        for group in found if isinstance(found, tuple) else (found,):
            held[group].append(one)
    return {
        group: (len(some), len({one.letter for one in some}), sum(one.outcome == "overturned" for one in some))
        for group, some in held.items()
    }


def test_count_by_kind_and_outcome(library: Library, items: list[Item]) -> None:
    count = Counter((kind(one), one.outcome) for one in items)
    found = {(row[0], row[1]): row[2] for row in rows(library, "* | count by kind, outcome")}
    assert found == dict(count)
    shares = {(row[0], row[1]): row[4] for row in rows(library, "* | count by kind, outcome")}
    assert shares == {group: round(n / len(items), 4) for group, n in count.items()}


def test_count_by_bands_of_age(library: Library, items: list[Item]) -> None:
    count = Counter(None if one.age is None else one.age // 20 * 20 for one in items)
    assert {row[0]: row[1] for row in rows(library, "* | count by age band 20")} == dict(count)


def test_rate_by_kind_sorted_and_cut(library: Library, items: list[Item]) -> None:
    by_hand = counted(items, {one.id: kind(one) for one in items})
    order = sorted(by_hand, key=last)
    order.sort(key=lambda group: -by_hand[group][2] / by_hand[group][0])
    found = [(row[0], row[1], row[2], row[3]) for row in rows(library, "* | rate by kind | sort -rate | limit 4")]
    assert found == [(group, *by_hand[group]) for group in order[:4]]


def test_rate_gathers_small_groups(library: Library, items: list[Item]) -> None:
    by_hand = counted(items, {one.id: one.category for one in items})
    large = sorted((group for group, (n, *_) in by_hand.items() if n >= 10), key=last)
    small = [one for one in items if one.category not in large]
    *found, other = rows(library, "* | rate by category min 10")
    assert [tuple(row[:4]) for row in found] == [(group, *by_hand[group]) for group in large]
    assert tuple(other[:4]) == (
        "other",
        len(small),
        len({one.letter for one in small}),
        sum(one.outcome == "overturned" for one in small),
    )


def test_top_reason(library: Library, items: list[Item]) -> None:
    by_hand = counted(items, {one.id: one.reasons for one in items})
    order = sorted(by_hand, key=lambda code: (-by_hand[code][0], str(code)))
    expected = [
        (code, n, letters, overturned, round(overturned / n, 4), round(n / len(items), 4))
        for code in order
        for n, letters, overturned in [by_hand[code]]
    ]
    assert [tuple(row) for row in rows(library, "* | top 30 reason")] == expected
    assert sum(row[1] for row in expected) > len(items)  # an item has several
    main = Counter(one.reasons[0] for one in items)
    assert {row[0]: row[1] for row in rows(library, "* | count by main_reason")} == dict(main)


@pytest.mark.parametrize("field", ["days", "visits", "age"])
def test_stats_by_outcome(library: Library, items: list[Item], field: str) -> None:
    expected = []
    for outcome in ("overturned", "upheld"):
        numbers = sorted(
            getattr(one, field) for one in items if one.outcome == outcome and getattr(one, field) is not None
        )
        first, median, third = statistics.quantiles(numbers, n=4, method="inclusive")
        mean = round(float(Fraction(sum(numbers), len(numbers))), 4)
        expected.append((outcome, len(numbers), mean, median, first, third, numbers[0], numbers[-1]))
    assert [tuple(row) for row in rows(library, f"* | stats {field} by outcome")] == expected


def test_compare_acupuncture_with_chiropractic(library: Library, items: list[Item]) -> None:
    groups = [
        [one for one in items if one.category == f"rehabilitation/{name}"] for name in ("acupuncture", "chiropractic")
    ]
    counts = [
        (len(some), len({one.letter for one in some}), sum(one.outcome == "overturned" for one in some))
        for some in groups
    ]
    first, second, difference, *_ = rows(library, "category:acupuncture | compare category:chiropractic")
    assert [first[1:4], second[1:4]] == counts
    (n, _, k), (m, _, j) = counts
    assert difference[6] == round(k / n - j / m, 4)
    tables = [comb(n, x) * comb(m, k + j - x) for x in range(max(0, k + j - m), min(n, k + j) + 1)]
    seen = comb(n, k) * comb(m, j)
    assert difference[9] == round(sum(one for one in tables if one <= seen) / sum(tables), 4)


def test_sort_limit_and_show(library: Library, items: list[Item]) -> None:
    aged = sorted((one for one in items if one.age is not None), key=lambda one: -(one.age or 0))
    page = library.search("has:age | sort -age | show id, age", Options(limit=15))
    assert [hit.item.age for hit in page.hits] == [one.age for one in aged[:15]]
    assert page.total == len(aged)
    assert len(library.search("* | sort -age | limit 7").hits) == 7


def test_a_sample_is_of_the_items_and_reports_count_it(library: Library, items: list[Item]) -> None:
    page = library.search("outcome:upheld | sample 40 seed 3", Options(limit=100))
    drawn = {hit.item.id for hit in page.hits}
    assert len(drawn) == 40
    assert drawn <= {one.id for one in items if one.outcome == "upheld"}
    by_hand = counted([one for one in items if one.id in drawn], {one.id: kind(one) for one in items})
    found = {row[0]: tuple(row[1:4]) for row in rows(library, "outcome:upheld | sample 40 seed 3 | rate by kind")}
    assert found == by_hand


def test_one_of_each_guideline(library: Library, items: list[Item]) -> None:
    """Nearly the same is one: of the different texts no more stay, and of texts that differ in their marks and case alone only one."""
    found = library.search("* | unique guideline", Options(limit=1_000)).hits
    kept = {hit.item.guideline for hit in found if hit.item.guideline}
    different = {one.guideline for one in items if one.guideline}
    plainly = {" ".join(re.findall(r"\w+", text.lower())) for text in different}
    assert kept <= different
    assert len(kept) == len({" ".join(re.findall(r"\w+", text.lower())) for text in kept}) <= len(plainly) < len(items)
    ((_, count, *_),) = rows(library, "* | unique guideline | count")
    assert count == len(found)


def test_citations_are_one_a_decision(library: Library, items: list[Item]) -> None:
    overturned = [one.id for one in items if one.outcome == "overturned"]
    found = rows(library, "outcome:overturned | cite")
    assert sorted(str(row[0]) for row in found) == sorted(overturned)
    assert all(str(row[0]).partition("#")[0] in str(row[1]) for row in found)


def test_every_stage_is_counted_here() -> None:
    said = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in NAMES if not re.search(rf"\| {name}\b", said)] == []
