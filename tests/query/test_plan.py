"""What an engine is asked, node by node, as the rulings say."""

from __future__ import annotations

from pathlib import Path

import pytest
from goldens import SAVED, TODAY
from lexicons import searcher as of_letters
from made import searcher

from imr_search.fields import table
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    InLetter,
    Keyword,
    KeywordPrefix,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Range,
    Similar,
    Words,
)
from imr_search.query.parser import literal, parse
from imr_search.query.planner import Plan, plan


def planned(text: str) -> Plan:
    return plan(parse(text), searcher(), text=text, today=TODAY, saved=SAVED)


def node(text: str) -> Node:
    return planned(text).node


IMPROVE = ("improved", "improvement")

EXPECTED: list[tuple[str, Node]] = [
    ("*", All()),
    ("rationale:improve", Words("rationale", ("improve", *IMPROVE))),
    ('rationale:"improved"', Words("rationale", ("improved",))),
    (
        "rationale:L4-5",
        Or((Phrase("rationale", (("l4",), ("5",))), Phrase("rationale", (("l4",), ("l5",))))),
    ),
    ("treatment:10/325mg", Phrase("treatment", (("10",), ("325",), ("mg",)))),
    ("treatment:#60", Words("treatment", ("#60",))),
    ("rationale:docum*", Words("rationale", ("documentation", "documented"))),
    ("treatment:zz*", Nothing()),
    ("treatment:tramdol~", Words("treatment", ("tramadol",))),
    ("treatment:norco^2", Boosted(Words("treatment", ("norco",)), 2.0)),
    ("rationale:(it /3 is)", Near("rationale", Words("rationale", ("it",)), Words("rationale", ("is",)), 3, False)),
    ("rationale:it +3 is", Near("rationale", Words("rationale", ("it",)), Words("rationale", ("is",)), 3, True)),
    ("rationale:it /s is", Near("rationale", Words("rationale", ("it",)), Words("rationale", ("is",)), 400, False)),
    ("rationale:it /p is", And((Words("rationale", ("it",)), Words("rationale", ("is",))))),
    (
        'rationale:"it is"~3',
        Near("rationale", Words("rationale", ("it",)), Words("rationale", ("is",)), 3, True),
    ),
    (
        "rationale:it /3 is /s of",
        And(
            (
                Near("rationale", Words("rationale", ("it",)), Words("rationale", ("is",)), 3, False),
                Near("rationale", Words("rationale", ("is",)), Words("rationale", ("of",)), 400, False),
            )
        ),
    ),
    ('guideline:"page 98"', Range("page", 98, 98)),
    ('ca_guideline:"page 98"', Range("ca_page", 98, 98)),
    (
        'guideline:"chronic pain page 98"',
        Cited("guideline", And((Phrase("guideline", (("chronic",), ("pain",))), Range("page", 98, 98)))),
    ),
    ('guideline:"pages 8, 98-99"', Or((Range("page", 8, 8), Range("page", 98, 99)))),
    ("guideline:(odg -mtus)", Cited("guideline", And((Words("guideline", ("odg",)), Not(Words("guideline", ("mtus",))))))),
    ("guideline:(NOT odg)", Not(Words("guideline", ("odg",)))),
    ("guideline:odg page:98", And((Words("guideline", ("odg",)), Range("page", 98, 98)))),
    ("outcome:overturned,modified", Keyword("outcome", ("modified", "overturned"))),
    ("outcome:upheld,*", Or((Keyword("has", ("outcome",)), Keyword("outcome", ("upheld",))))),
    ("source:odg", Keyword("source", ("ODG",))),
    ("category:opioid", Keyword("category", ("pharmaceutical/opioid",))),
    ("category:rehabilitation", Keyword("category", tuple(f"rehabilitation/{kind}" for kind in ("acupuncture", "chiropractic", "physical-therapy")))),
    ("drug:norco", Keyword("drug", ("hydrocodone/acetaminophen",))),
    ("drug:acetaminophen", Keyword("drug", ("hydrocodone/acetaminophen",))),
    ("specialty:pain", Keyword("specialty", ("Pain Management",))),
    ("body:back", Keyword("body", ("low back", "lumbar spine"))),
    ("case:cm15*", KeywordPrefix("case", "CM15")),
    ("case:CM99*", Nothing()),
    ("id:CM15-0012345#2", Keyword("id", ("CM15-0012345#2",))),
    ("qty:>60", Range("qty", 61, None)),
    ("qty:<=60", Range("qty", None, 60)),
    ("qty:60..", Range("qty", 60, None)),
    ("qty:60,90..100", Or((Range("qty", 60, 60), Range("qty", 90, 100)))),
    ("decided:2015-03", Range("decided", 20150301, 20150331)),
    ("decided:>2015-03", Range("decided", 20150332, None)),
    ("decided:<2015-03", Range("decided", None, 20150300)),
    ("decided:2015..2016-02", Range("decided", 20150101, 20160229)),
    ("decided:last-90d", Range("decided", 20160401, 20160630)),
    ("has:page", Keyword("has", ("page",))),
    ("guideline:*", Keyword("has", ("guideline",))),
    ("missing:pages", Not(Keyword("has", ("page",)))),
    ("is:multi", Keyword("is", ("multi",))),
    ("letter:(outcome:upheld)", InLetter(Keyword("outcome", ("upheld",)))),
    ("-outcome:upheld", Not(Keyword("outcome", ("upheld",)))),
    ("@mri", Words("treatment", ("mri",))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EXPECTED, ids=[text for text, _ in EXPECTED])
def test_nodes(text: str, expected: Node) -> None:
    assert node(text) == expected


def test_a_word_without_a_field_is_looked_for_in_each_default_field() -> None:
    keys = [row.key for row in table().defaults]
    assert keys == ["treatment", "rationale", "summary", "guideline"]
    found = node("zzyzx")
    assert isinstance(found, Or)
    assert found.nodes == tuple(Words(key, ("zzyzx",)) for key in keys)
    phrase = node('"low back"')
    assert isinstance(phrase, Or)
    assert phrase.nodes == tuple(Phrase(key, (("low",), ("back",))) for key in keys)


def test_clauses_are_the_parts_that_must_all_hold() -> None:
    text = "treatment:norco  (outcome:upheld or age:>60)"
    found = planned(text)
    assert [clause.text for clause in found.clauses] == ["treatment:norco", "outcome:upheld OR age:>60"]
    assert found.node == And(tuple(clause.node for clause in found.clauses))
    assert text[found.clauses[0].start : found.clauses[0].end] == "treatment:norco"


def test_what_occurs_nowhere_is_told_with_the_nearest() -> None:
    found = planned("acupuncutre drug:hydrocodne acupuncture zzz")
    assert found.nearest == (("acupuncutre", "acupuncture"), ("hydrocodne", "hydrocodone"))


def test_like_names_its_words_once_and_for_all() -> None:
    found = node("like(CM15-0012345#1)")
    assert isinstance(found, Similar)
    assert found.without == "CM15-0012345#1"
    assert found == node("like(cm15-0012345 #1)")
    assert len(found.terms) <= 25
    assert found.terms == tuple(sorted(found.terms))
    assert all(weight == round(weight, 6) for _, _, weight in found.terms)
    assert {field for field, _, _ in found.terms} <= {"treatment", "rationale"}
    assert found == node('like("CM15-0012345#1")')  # whatever quotes the id: no text is one
    narrow = node('treatment:like("norco tablets")')
    assert isinstance(narrow, Similar)
    assert {field for field, _, _ in narrow.terms} == {"treatment"}


def test_the_same_query_is_read_alike_on_another_day() -> None:
    first = planned("decided:last-2y received:>=last-90d")
    assert "last" not in first.read_as
    assert planned(first.read_as).node == first.node


def test_literal_is_one_phrase_whatever_it_holds() -> None:
    query = literal('Norco 10/325mg | rate "by" (category')
    found = plan(query, searcher(), text="", today=TODAY)
    assert not found.stages
    assert found.read_as == '"Norco 10/325mg | rate by (category"'


def test_the_seeds(shared_letters: Path) -> None:
    """Hand counts on five real letters."""
    index = of_letters(shared_letters / "seeds")
    for text, items in (
        ("*", 17),
        ("outcome:overturned", 1),
        ('guideline:"page 98"', 3),
        ("treatment:acupuncture outcome:upheld", 4),
        ("ca_page:127", 1),
    ):
        assert index.count(plan(parse(text), index, text=text, today=TODAY).node) == items, text


@pytest.mark.parametrize(
    ("text", "worded"),
    [
        ("pain", True),
        ("outcome:upheld -opioid", True),
        ("(mri or ct) /5 lumbar", True),
        ('"chronic pain" outcome:upheld', False),
        ("treatment:(mri or ct) letter:(pain)", False),
        ("rationale:(conservative or active) /5 (measures or therapy)", False),
    ],
)
def test_words_outside_of_fields(text: str, worded: bool) -> None:
    """Where there are none, no reading in fields is looked for."""
    assert planned(text).worded is worded
