"""Signs of other systems: read with N32 where they have one meaning, else refused with the form that is, and never white space."""

from __future__ import annotations

import pytest

from imr_search.errors import QueryError
from imr_search.query.parser import parse

READ = {
    "acupuncture % opioid": "acupuncture AND NOT opioid",
    '"low back" % opioid': '"low back" AND NOT opioid',
    "acupuncture %opioid": "acupuncture AND NOT opioid",
    "¬opioid": "NOT opioid",
    "acupuncture ¬ opioid": "acupuncture AND NOT opioid",
    "acupuncture ∧ opioid": "acupuncture AND opioid",
    "acupuncture ∨ opioid": "acupuncture OR opioid",
    "functional w/sent improvement": "functional /s improvement",
    "functional /sent improvement": "functional /s improvement",
    "functional w/para improvement": "functional /p improvement",
    "functional w/seg improvement": "functional /p improvement",
    "functional onear/3 improvement": "functional +3 improvement",
    "treatment(acupuncture)": "treatment:acupuncture",
    "rationale(functional improvement)": "rationale:(functional AND improvement)",
    'specialty("pain management")': 'specialty:"pain management"',
    "outcome(overturned) & drug(norco)": "outcome:overturned AND drug:norco",
    "letter(treatment:mri outcome:upheld)": "letter:(treatment:mri AND outcome:upheld)",
    "'functional improvement'": '"functional improvement"',
    "treatment:'physical therapy'": 'treatment:"physical therapy"',
    "'range of motion' or 'the patient's gait'": '"range of motion" OR "the patient\'s gait"',
}

UNMOVED = {
    "50% improvement": "50% AND improvement",
    "pain near shoulder": "pain AND near AND shoulder",
    "page(s) 98": "page AND s AND 98",
    "functional w/3 improvement": "functional /3 improvement",
    "patient's wife's": "patient's AND wife's",
    "outcome==upheld": "outcome:upheld",
    "age == 50": "age:50",
    "qty:60,120": "qty:60,120",
    "page:98,100": "page:98,100",
}

REFUSED = {
    "! outcome:upheld": ("E126", "-outcome:upheld"),
    "acupuncture ! opioid": ("E126", "acupuncture -opioid"),
    "acupuncture && ! opioid": ("E126", "acupuncture -opioid"),
    "!(a b)": ("E126", "-(a b)"),
    "norco !": ("E126", "norco!"),
    "drug!=norco": ("E136", "-drug:norco"),
    "drug:!=norco": ("E136", "-drug:norco"),
    "outcome <> upheld": ("E136", "-outcome:upheld"),
    "outcome≠upheld": ("E136", "-outcome:upheld"),
    "outcome!=(upheld or modified)": ("E136", "-outcome:(upheld or modified)"),
    "age<>50": ("E136", "age:* -age:50"),
    "qty:<>60": ("E136", "qty:* -qty:60"),
    "decided<>2015": ("E136", "decided:* -decided:2015"),
    "50 % improvement": ("E136", "50% improvement"),
    "acupuncture% opioid": ("E136", "acupuncture but not opioid"),
    "(norco or tramadol)^2": ("E120", "(norco or tramadol)"),
    '"functional improvement" ~5': ("E120", '"functional improvement"~5'),
    "norco ^2": ("E120", "norco^2"),
    "norco~ 2": ("E120", "norco~2"),
    "~norco": ("E120", "norco~"),
    "(low back)~5": ("E120", '"low back"~5'),
    "treatment:(low back)~5": ("E120", 'treatment:"low back"~5'),
    "age:>=50<=60": ("E136", "age:50..60"),
    "age>=50 <=60": ("E136", "age:50..60"),
    "age:>50 and <60": ("E136", "age:51..59"),
    "decided:>2017-01-01<2017-02-01": ("E136", "decided:2017-01-02..2017-01-31"),
    "50<=age<=60": ("E136", "age:50..60"),
    "65 >= age": ("E136", "age:<=65"),
    "age:=>50": ("E136", "age:>=50"),
    "age=>50": ("E136", "age>=50"),
    "a < b": ("E136", "a b"),
    "age:50 to 60": ("E132", "age:50..60"),
    "age:50 - 60": ("E132", "age:50..60"),
    "age:50 through 60": ("E132", "age:50..60"),
    "decided:2015 to 2016": ("E132", "decided:2015..2016"),
    "qty:1,000": ("E109", "qty:1000"),
    "qty:>1,000": ("E109", "qty:>1000"),
    "qty>=1,000,000": ("E109", "qty>=1000000"),
    "functional NEAR improvement": ("E136", "functional /10 improvement"),
    "functional ADJ improvement": ("E136", "functional +1 improvement"),
    "functional AROUND(5) improvement": ("E136", "functional /5 improvement"),
    "functional WITHIN 5 improvement": ("E136", "functional /5 improvement"),
    "functional adj3 improvement": ("E136", "functional +3 improvement"),
    "functional near5 improvement": ("E136", "functional /5 improvement"),
    "acupuncture -> opioid": ("E136", "acupuncture opioid"),
    "acupuncture => opioid": ("E136", "acupuncture opioid"),
    "acupuncture → opioid": ("E136", "acupuncture opioid"),
    "{acupuncture opioid}": ("E136", "(acupuncture opioid)"),
    "atleast5(opioid)": ("E136", "opioid"),
}


@pytest.mark.parametrize(("query", "reads"), READ.items())
def test_one_meaning_is_read_and_said(query: str, reads: str) -> None:
    found = parse(query)
    assert str(found) == reads
    assert [notice.code for notice in found.notices].count("N32") >= 1


@pytest.mark.parametrize(("query", "reads"), UNMOVED.items())
def test_what_only_looks_like_a_sign_is_left_alone(query: str, reads: str) -> None:
    found = parse(query)
    assert str(found) == reads
    assert not found.notices


@pytest.mark.parametrize(("query", "code", "better"), [(query, *row) for query, row in REFUSED.items()])
def test_the_rest_is_refused_with_the_form_that_is(query: str, code: str, better: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.code == code
    assert caught.value.corrections[0].query == better
    assert 0 <= caught.value.start < caught.value.end <= len(query)
