"""What a letter without a header says in its summary: the day of the injury."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_search.letters.facts import injury_day, worker
from tests.letters.compare import items
from tests.letters.forms import SUMMARY, item, modern, one


@pytest.mark.parametrize(
    ("summary", "day"),
    [
        ("a 42 year old male, who sustained an industrial injury on 9/7/11. The", "2011-09-07"),
        ("Injured worker is a male with date of injury 7/8/2002. Per", "2002-07-08"),
        ("surgery associated with an industrial injury date of 04/05/2002.Medical records", "2002-04-05"),
        ("a 64-year-old male who reported an injury on 05/06/1996. The", "1996-05-06"),
        ("a 43 year old female who sustained an industrial injury on 03/27/2008. The", "2008-03-27"),
        ("reportedly associated with an industrial injury of October 10, 2015. In", "2015-10-10"),
        ("a date of injury on 10-18-2016. The", "2016-10-18"),
        ("DOI: 2/3/04. The", "2004-02-03"),
        ("a 61 year old gentleman, D.O.I. 07/08/2009.", "2009-07-08"),
        ("a 63 y/o F with DOI 3/4/12.", "2012-03-04"),
        ("a man who was injured on or about March 4, 2012.", "2012-03-04"),
        ("The patient was injured on March 3, 2014 when a box fell.", "2014-03-03"),
        ("a work-related injury that occurred on 8/1/2012.", "2012-08-01"),
        ("an injury to the knee. An MRI of 4/4/2012 shows", None),
        ("an injury with surgery on 4/4/2012", None),
        ("a male with pain since 4/4/2012.", None),
        ("an injury on 13/45/2012", None),
        ("a male who sustained a work injury on Sept. 7, 2011.", "2011-09-07"),
        ("a male with an industrial injury dated July 3, 2010.", "2010-07-03"),
        ("a male who suffered an industrial injury on the 3rd of May 2014.", "2014-05-03"),
        ("a male with a cumulative trauma injury from 1/1/2010 to 1/1/2012.", None),
        ("a male with an injury reported on 11/30/2010.", "2010-11-30"),
        ("a female with industrial injuries on 02/03/2005 and 06/07/2009.", None),
        ("a male with an injury on 02/03/2005, and 06/07/2009.", None),
        ("a male. On 06/06/2014, the worker sustained an industrial injury when he slipped.", "2014-06-06"),
        ("a male. On or about March 3, 2014 he was injured at work.", "2014-03-03"),
        ("a male. On 06/06/2014, he was seen for what he had suffered in an accident.", None),
        ("a male. On 05/06/2013, the worker sustained an injury on 05/06/13.", "2013-05-06"),
    ],
)
def test_the_day_of_the_injury(summary: str, day: str | None) -> None:
    assert injury_day(f"The injured worker is {summary}") == day


def test_it_stands_in_for_a_header_and_never_for_a_hole_in_one() -> None:
    told = SUMMARY.replace("who fell", "who sustained an injury on 9/7/11")
    without = modern(item("Norco: Upheld"), case="").replace(SUMMARY, told)
    assert one(without).items[0].injured == "2011-09-07"
    whole = modern(item("Norco: Upheld")).replace(SUMMARY, told)
    assert one(whole).items[0].injured == "2012-05-30"
    assert one(whole.replace("05/30/2012", "")).items[0].injured is None


def test_real_letters_without_a_header(shared_letters: Path) -> None:
    found = {item.letter[:3]: item.injured for item in items(shared_letters / "seeds").values()}
    assert found == {
        "000": "2011-09-07",
        "001": "2002-07-08",
        "002": "2002-04-05",
        "003": "1996-05-06",
        "004": "2008-03-27",
    }


def test_the_summary_of_real_letters_agrees_with_their_header(shared_letters: Path) -> None:
    letters = {item.letter: item for item in items(shared_letters / "dwc-2016-2017" / "mupdf").values()}
    told = [(injury_day(item.summary), item.injured) for item in letters.values()]
    assert sum(day is not None for day, _ in told) >= 70
    assert sum(day not in (None, injured) for day, injured in told) <= 2  # two letters disagree with themselves


@pytest.mark.parametrize(
    ("summary", "age", "sex"),
    [
        ("The worker hurt the knee. Her mother is 71 years old. She has pain.", None, "female"),
        ("The worker lives with a son, 12 years old. He is 45 years old.", 45, "male"),
        ("Patient is age 45, male. He fell.", 45, "male"),
        ("The patient, aged 38, a female cook, fell.", 38, "female"),
    ],
)
def test_the_worker_is_who_is_told_of(summary: str, age: int | None, sex: str | None) -> None:
    assert worker(summary) == (age, sex)
