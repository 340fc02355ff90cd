"""Bare words that have one meaning here, words that may have been meant for a decision, what a field binds, and the tiers of plain words."""

from __future__ import annotations

import datetime

import pytest

from imr_search.errors import QueryError
from imr_search.output.messages import notice
from imr_search.output.terminal import Terminal
from imr_search.query.parser import parse
from imr_search.query.planner import Plan, plan
from tests.query.made import searcher

TODAY = datetime.date(2016, 6, 30)


def planned(text: str) -> Plan:
    return plan(parse(text), searcher(), text=text, today=TODAY)


def said(text: str, code: str) -> list[str]:
    return [notice.text for notice in planned(text).notices if notice.code == code]


READ_AS = {
    "overturned": "outcome:overturned",
    "acupuncture UPHELD": "acupuncture AND outcome:upheld",
    "overturn or uphold": "outcome:overturned OR outcome:upheld",
    "acupuncture -overturned": "acupuncture AND NOT outcome:overturned",
    "NOT (overturned or norco)": "NOT (outcome:overturned OR syn(norco))",
    "letter:(acupuncture overturned)": "letter:(acupuncture AND outcome:overturned)",
    "outcome:upheld or overturned": "outcome:upheld OR outcome:overturned",
    "CM17-0010885": "case:CM17-0010885",
    "cm17-0010885#1": "id:CM17-0010885#1",
    "CM17-0010885 #1": "id:CM17-0010885#1",
    "IMR13-000217": "case:IMR13-000217",
    "acupuncture CM17-0010885 #12 lumbar": "acupuncture AND id:CM17-0010885#12 AND lumbar",
    "CM17-0010885 or CM17-0010886": "case:CM17-0010885 OR case:CM17-0010886",
    "norco": "syn(norco)",
    "norco /5 taper": "syn(norco) /5 taper",
    # quotes, fields, wildcards and weights keep the word
    '"overturned"': '"overturned"',
    "rationale:overturned": "rationale:overturned",
    "overturned*": "overturned*",
    '"CM17-0010885"': '"CM17-0010885"',
    '"norco"': '"norco"',
    "treatment:norco": "treatment:norco",
    "norco~": "norco~",
    "norco^2": "norco^2",
    "#1 CM17-0010885": "#1 AND case:CM17-0010885",
}


@pytest.mark.parametrize(("text", "reads"), READ_AS.items())
def test_a_bare_word_with_one_meaning_is_read_so(text: str, reads: str) -> None:
    found = planned(text)
    assert found.read_as == reads
    assert planned(reads).read_as == reads
    assert planned(reads).node == found.node


def test_every_such_reading_says_how_to_get_the_word() -> None:
    assert said("overturned", "N25") == [
        'overturned is read as outcome:overturned; for the word itself write "overturned"'
    ]
    assert said("CM17-0010885", "N06") == [
        'CM17-0010885 is read as case:CM17-0010885; for the words write "CM17-0010885"'
    ]
    (names,) = said("norco", "N05")
    assert names.startswith("norco also finds hydrocodone/acetaminophen, ")
    assert names.endswith('for the word alone write "norco"')


def test_a_long_list_of_names_is_short_for_the_eye_and_whole_in_data() -> None:
    (long,) = (told for told in planned("norco").notices if told.code == "N05")
    names = long.text.removeprefix("norco also finds ").partition(";")[0].split(", ")
    assert (
        long.brief
        == f'norco also finds {", ".join(names[:6])} and {len(names) - 6} more; for the word alone write "norco"'
    )
    (short,) = (told for told in planned("drug:norco").notices if told.code == "N05")
    assert short.brief == ""
    narrow = Terminal(width=80)
    assert list(notice(long, narrow)) == [f"N05  {long.brief}"]
    assert list(notice(long, narrow, whole=True)) == [f"N05  {long.text}"]


@pytest.mark.parametrize(
    "text", ["acupuncture /s overturned", "(denied or overturned) /5 acupuncture", "overturned +3 x"]
)
def test_a_decision_beside_a_connector_is_asked_back(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        planned(text)
    assert caught.value.code == "E112"
    assert '"overturned"' in caught.value.corrections[0].query
    assert "outcome:overturned" in caught.value.corrections[1].query
    for correction in caught.value.corrections:
        planned(correction.query)


MAYBE = (
    "acupuncture approved",
    "acupuncture -granted",
    "approved or acupuncture",
    "(acupuncture certified) or norco",
    "rationale:overturned",
    "rationale:(denied acupuncture)",
    "denied /5 acupuncture",
    "letter:(modified)",
    "summary:reversed",
    "allowed",
    "authorized",
)


@pytest.mark.parametrize("text", MAYBE)
def test_an_ordinary_word_stays_one_and_the_decision_is_told(text: str) -> None:
    found = planned(text)
    assert "outcome:" not in found.read_as
    (notice,) = said(text, "N25")
    assert "for the decision write outcome:" in notice


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("treatment:physical therapy", 'treatment:"physical therapy"'),
        ("treatment:mri or ct", "treatment:(mri OR ct)"),
        ("treatment:mri or ct scan", "treatment:(mri OR ct)"),
        ("acupuncture treatment:mri or ct", "treatment:(mri OR ct)"),
        ("age:50 or 60", "age:(50 OR 60)"),
        ("age:50 60", "age:50,60"),
        ("age:50 and 60", "age:50,60"),
        ("decided:2015 or 2016", "decided:(2015 OR 2016)"),
        ("specialty:pain management", 'specialty:"pain management"'),
        ("(specialty:pain management) or norco", 'specialty:"pain management"'),
        ("-(specialty:pain management norco)", 'specialty:"pain management"'),
        ("drug:norco or tramadol", "drug:(norco OR tramadol)"),
        ("outcome:partial overturn", 'outcome:"partial overturn"'),
        ("outcome:upheld or modified", "outcome:(upheld OR modified)"),
    ],
)
def test_a_field_binds_one_value_and_says_so(text: str, meant: str) -> None:
    if text == "outcome:partial overturn":  # its second word is a decision by itself
        assert planned(text).read_as == "outcome:modified AND outcome:overturned"
        return
    if text == "age:50 and 60":
        assert not said(text, "N03")  # an AND in words is meant
        return
    (notice,) = said(text, "N03")
    assert f"write {meant} (" in notice


@pytest.mark.parametrize(
    "text",
    [
        "outcome:upheld acupuncture",
        "drug:norco taper",
        "age:50 acupuncture",
        "decided:2015 norco",
        "category:mri lumbar",
    ],
)
def test_words_that_a_value_cannot_go_on_with_need_no_notice(text: str) -> None:
    assert not said(text, "N03")


@pytest.mark.parametrize(
    "text",
    [
        "physical therapy",
        "x or (physical therapy)",
        "treatment:(physical therapy)",
        '"physical therapy"',
        "pt physical therapies",
    ],
)
def test_other_names_are_told_wherever_a_name_stands(text: str) -> None:
    assert any('syn("physical therap' in notice for notice in said(text, "N22")), planned(text).notices


# -- tiers


def tiers(text: str) -> dict[str, int]:
    return {tier.name: searcher().count(tier.node) for tier in planned(text).tiers}


@pytest.mark.parametrize(
    "text",
    [
        "acupuncture",
        "norco",
        "acupuncture or norco",
        "acupuncture outcome:upheld",
        "norco -acupuncture",
        "-acupuncture norco or lumbar",
        '"functional improvement" lumbar',
        "functional /s improvement",
        "lumbar mri",
        "zzyzx",
        "opioid*",
        "syn(norco)",
        "letter:(norco) acupuncture",
    ],
)
def test_the_tiers_add_up_to_the_answer(text: str) -> None:
    found = planned(text)
    ids = [set(searcher().search(tier.node, (), None).ids) for tier in found.tiers]
    assert [tier.name for tier in found.tiers] == ["disputed", "discussed", "mentioned"]
    assert set().union(*ids) == set(searcher().search(found.node, (), None).ids)
    assert sum(map(len, ids)) == searcher().count(found.node)


@pytest.mark.parametrize(
    "text",
    ["*", "treatment:acupuncture", "outcome:upheld", "-acupuncture", "like(norco)", "overturned", "letter:(norco)"],
)
def test_without_plain_words_there_are_no_tiers(text: str) -> None:
    assert planned(text).tiers == ()


def test_an_item_scores_alike_in_its_tier_and_in_the_answer() -> None:
    found = planned("acupuncture")
    whole = searcher().search(found.node, (), None)
    scores = dict(zip(whole.ids, whole.scores, strict=True))
    for tier in found.tiers:
        part = searcher().search(tier.node, (), None)
        assert all(scores[id_] == score for id_, score in zip(part.ids, part.scores, strict=True))


def test_a_clause_narrows_to_tiers() -> None:
    whole = tiers("acupuncture")
    for name, items in whole.items():
        narrowed = planned(f"acupuncture tier:{name}")
        assert searcher().count(narrowed.node) == items
        assert [tier.name for tier in narrowed.tiers] == [name]
        without = planned(f"acupuncture -tier:{name}")
        assert searcher().count(without.node) == sum(whole.values()) - items
    assert planned("acupuncture tier:mentioned,disputed").read_as == "acupuncture AND tier:disputed,mentioned"
    assert planned("acupuncture tier:(disputed or mentioned)").read_as == "acupuncture AND tier:disputed,mentioned"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("acupuncture tier:dispute", "E108"),
        ("acupuncture tier:", "E106"),
        ("category:mri tier:disputed", "E137"),
        ("tier:disputed", "E137"),
        ("norco or (acupuncture tier:disputed)", "E137"),
        ("letter:(acupuncture tier:disputed)", "E137"),
    ],
)
def test_a_tier_that_narrows_nothing_is_refused(text: str, code: str) -> None:
    with pytest.raises(QueryError) as caught:
        planned(text)
    assert caught.value.code == code
