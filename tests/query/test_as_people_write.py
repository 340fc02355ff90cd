"""Numbers, dates and names as people write them: read, or refused with the form that is."""

from __future__ import annotations

import datetime

import pytest

from imr_search import vocabulary
from imr_search.documents import documents
from imr_search.engines.memory import MemorySearcher
from imr_search.errors import QueryError
from imr_search.model import Letter
from imr_search.query import first_words
from imr_search.query.parser import parse
from imr_search.query.planner import Plan, plan
from imr_search.query.terms import Expander
from tests.query.made import item, searcher

TODAY = datetime.date(2016, 6, 30)  # a Thursday


def planned(text: str) -> Plan:
    return plan(parse(text), searcher(), text=text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("decided:20150214", "decided:2015-02-14"),
        ("decided:yesterday", "decided:2016-06-29"),
        ("decided:20150101..2/1/2015", "decided:2015-01-01..2015-02-01"),
        ("decided:2015-03..yesterday", "decided:2015-03..2016-06-29"),
    ],
)
def test_dates_that_are_read(text: str, reads: str) -> None:
    assert planned(text).read_as == reads


@pytest.mark.parametrize(
    ("text", "code", "better"),
    [
        ("decided:2/14/15", "E110", "decided:2015-02-14"),
        ("injured:2/14/87", "E110", "injured:1987-02-14"),
        ("decided:20151301", "E110", "decided:2015"),
        ('decided:"last week"', "E110", "decided:2016-06-20..2016-06-26"),
        ("decided:last month", "E110", "decided:2016-05"),
        ("decided:this year", "E110", "decided:2016"),
        ("decided:January 2015 to March 2015", "E110", "decided:2015-01..2015-03"),
        ("decided:before March 2015 norco", "E110", "decided:<2015-03 norco"),
        ("age:between 50 and 60", "E109", "age:50..60"),
        ("age:from 50 to 60", "E109", "age:50..60"),
    ],
)
def test_dates_and_ranges_that_are_refused_with_their_form(text: str, code: str, better: str) -> None:
    with pytest.raises(QueryError) as caught:
        planned(text)
    assert caught.value.code == code
    assert better in [correction.query for correction in caught.value.corrections]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("year:2015", "decided:2015"),
        ("date:2015", "decided:2015"),
        ("after:2015", "decided:>2015"),
        ("before:2015", "decided:<2015"),
        ("gender:f", "sex:f"),
        ("state:texas", "licensed:texas"),
        ('reviewer:"pain management"', 'specialty:"pain management"'),
        ("medication:norco", "drug:norco"),
        ("class:opioid", "category:opioid"),
        ("kind:mri", "category:mri"),
        ("type:mri", "category:mri"),
        ("diagnosis:radiculopathy", "summary:radiculopathy"),
        ("number:CM15-0012345", "case:CM15-0012345"),
        ("result:upheld", "outcome:upheld"),
    ],
)
def test_a_name_that_is_no_field_is_asked_by_meaning_first(name: str, meant: str) -> None:
    with pytest.raises(QueryError) as caught:
        planned(name)
    assert caught.value.code == "E107"
    assert caught.value.corrections[0].query == meant


@pytest.mark.parametrize("word", ["granted", "overturned", "texas", "police"])
def test_a_word_that_is_spelt_well_has_no_nearest(word: str) -> None:
    class Held:
        """A lexicon of two words that are near."""

        def words(self, field: str, prefix: str = "") -> list[tuple[str, int]]:
            return [(held, 5) for held in ("graded", "policy", "overturner", "taxas") if held.startswith(prefix)]

    assert Expander(Held()).nearest(("rationale",), word) == ""  # type: ignore[arg-type]


def test_names_in_the_singular_and_the_plural_are_one() -> None:
    assert first_words.other_names("physical therapies") == first_words.other_names("physical therapy")
    assert "therapy" not in first_words.other_names("physical therapy")


def test_parts_of_a_larger_part_and_levels_of_the_spine() -> None:
    assert "shoulder" in vocabulary.parts_within("upper extremity")
    assert "knee" in vocabulary.parts_within("lower extremity")
    assert planned("rationale:L4-5").node == planned("rationale:L4-L5").node or set(
        map(str, planned("rationale:L4-5").node.nodes)  # type: ignore[union-attr]
    ) == set(map(str, planned("rationale:L4-L5").node.nodes))  # type: ignore[union-attr]


@pytest.mark.parametrize("typed", ["L4-5", "L4/5", "L4-L5", "L4/L5", "l4-l5", "L4L5"])
def test_a_level_of_the_spine_is_one_in_every_spelling(typed: str) -> None:
    texts = ("at L4-5 today", "at L4-L5 today", "at L4/5", "at L4L5 today", "at L4", "at L3-4")
    items = tuple(item("CM15-0000001", n, text, "upheld", "") for n, text in enumerate(texts, 1))
    documents_ = documents(Letter("CM15-0000001", None, "a.txt", "0" * 64, "2", None, items))
    index = MemorySearcher(documents_)
    found = plan(parse(typed), index, text=typed, today=TODAY)
    assert index.count(found.node) == 4
    assert any(notice.code == "N05" and "also finds" in notice.text for notice in found.notices)
    exact = plan(parse(f'"{typed}"'), index, text=typed, today=TODAY)
    assert index.count(exact.node) < 4


def test_a_level_with_a_loose_hyphen_is_offered_as_one() -> None:
    with pytest.raises(QueryError) as caught:
        parse("L4 - L5 fusion")
    assert caught.value.corrections[0].query == "L4-L5 fusion"
