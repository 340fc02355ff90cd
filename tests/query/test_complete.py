"""Completion: what may stand at the cursor, and nothing that may not."""

from __future__ import annotations

import pytest
from made import searcher

from imr_search.errors import QueryError
from imr_search.plan import Keyword
from imr_search.query.completion import Completion, complete
from imr_search.query.parser import parse


def at(text: str, **more: object) -> list[Completion]:
    return complete(text, len(text), searcher(), **more)  # type: ignore[arg-type]


def texts(text: str, **more: object) -> list[str]:
    return [one.text for one in at(text, **more)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("tre", ["treatment:"]),
        ("treatment:acu", ["acupuncture"]),
        ("treatment:(acu", ["acupuncture"]),
        ("outcome:", ["upheld", "overturned", "modified"]),
        ("outcome:upheld,o", ["overturned"]),
        ("category:op", ["pharmaceutical/opioid"]),
        ("category:pha", ["pharmaceutical"]),
        ("specialty:occ", ['"Occupational Medicine"']),
        ('specialty:"occ', ['"Occupational Medicine"']),
        ("case:cm16", ["CM16-0000001"]),
        ("drug:acet", ["hydrocodone/acetaminophen"]),
        ("drug:norc", ["norco"]),
        ("has:gui", ["guideline"]),
        ("is:m", ["multi"]),
        ("x OR sou", ["source:"]),
        ("norco bu", ["but not "]),
        ("norco /", ["/s "]),
        ("norco | ra", ["rate "]),
        ("norco | rate ", ["by "]),
        ("norco | rate by out", ["outcome"]),
        ("norco | count by age ", ["band "]),
        ("norco | trend q", ["quarter"]),
        ("norco | top 5 gui", ["guideline"]),
        ("norco | sort -dec", ["decided"]),
        ("norco | cite m", ["md"]),
        ("norco | unique ra", ["rationale"]),
        ("decided:las", ["last-90d"]),
        ("missing:pa", ["page"]),
        ("@m", ["@mri"]),
    ],
)
def test_first(typed: str, first: list[str]) -> None:
    assert texts(typed, saved={"mri": "treatment:mri"})[: len(first)] == first


def test_nothing_that_may_not_stand() -> None:
    assert not {"AND ", "OR ", "| "} & set(texts(""))
    assert {"AND ", "OR ", "but not ", "| "} <= set(texts("norco "))
    assert "| " not in texts("(norco ")
    assert not any(one.kind == "field" for one in at("treatment:(a "))
    assert not any(one.kind == "field" for one in at('"tre'))
    assert texts("norco | rate by outcome ") == ["min "]
    assert "band " not in texts("norco | count by outcome ")
    assert complete("treatment:acu", 3, searcher())[0].text == "treatment:"
    assert complete("tre", 3)[0].text == "treatment:"


def test_counts_come_from_the_index() -> None:
    counts = {one.text: one.count for one in at("outcome:")}
    assert counts == {"upheld": 6, "overturned": 3, "modified": 1}
    within = {one.text: one.count for one in at("outcome:", within=Keyword("case", ("CM16-0000001",)))}
    assert within == {"upheld": 2, "overturned": 1, "modified": None}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "tre",
        "treatment:",
        "outcome:",
        "specialty:",
        "case:",
        "norco ",
        "norco | ",
        "norco | rate ",
        "drug:h",
        "file:",
    ],
)
def test_what_is_completed_can_be_read(typed: str) -> None:
    for one in at(typed):
        text = typed[: one.start] + one.text
        try:
            parse(text)
        except QueryError as error:
            assert error.code in ("E106", "E111", "E113", "E123", "E124", "E103", "E109"), (text, error.code)  # noqa: PT017 - more is to come


def test_a_brand_is_offered_with_its_substance_where_the_index_holds_that() -> None:
    (norco,) = at("drug:norc")
    (substance,) = at("drug:hydrocodone")
    assert norco.gloss == "finds hydrocodone/acetaminophen"
    assert norco.count == substance.count
    assert at("drug:oxycont") == []  # known to the vocabulary, in no item


def test_inside_quotation_marks_the_words_of_the_field_are_completed() -> None:
    assert all(one.kind == "word" for one in at('"tre'))
    assert "acupuncture" in texts('treatment:"acupunct')
    assert all(one.start == len('treatment:"a ') for one in at('treatment:"a acupunct'))
    assert texts('treatment:"acupuncture" "acupunct') == texts('"acupunct')


def test_tiers_are_completed() -> None:
    assert "tier:" in [found.text for found in complete("acupuncture ti", 14)]
    assert [found.text for found in complete("acupuncture tier:", 17)] == ["disputed", "discussed", "mentioned"]
    assert [found.text for found in complete("acupuncture tier:disp", 21)] == ["disputed"]
