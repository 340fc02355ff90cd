"""What people say for dates, bounds, cases and outcomes is refused with what to type."""

from __future__ import annotations

import datetime

import pytest

from imr_search.errors import QueryError
from imr_search.query.parser import parse
from imr_search.query.resolve import resolve


@pytest.mark.parametrize(
    ("query", "code", "offered"),
    [
        ("decided:March 4, 2017", "E110", "decided:2017-03-04"),
        ('decided:"Feb. 14th, 2017" norco', "E110", "decided:2017-02-14 norco"),
        ("decided:February 2017", "E110", "decided:2017-02"),
        ("decided:Jan-2017", "E110", "decided:2017-01"),
        ("decided:2/2017", "E110", "decided:2017-02"),
        ("decided:after 2016", "E110", "decided:>2016"),
        ("decided:since 3/4/2016 norco", "E110", "decided:>=3/4/2016 norco"),
        ("decided:before March 2016", "E110", "decided:<2016-03"),
        ("qty:more than 60", "E109", "qty:>60"),
        ("age:over 65 norco", "E109", "age:>65 norco"),
        ("age:at least 65", "E109", "age:>=65"),
        ("decision:overturned", "E107", "outcome:overturned"),
        ("norco result:denied", "E107", "norco outcome:denied"),
        ("IMR Case Number: CM16-0219557", "E107", "case:CM16-0219557"),
    ],
)
def test_the_form_that_is_read_is_offered_first(query: str, code: str, offered: str) -> None:
    with pytest.raises(QueryError) as caught:
        resolve(parse(query), query, datetime.date(2017, 6, 30), {})
    assert caught.value.code == code
    assert caught.value.corrections[0].query == offered


@pytest.mark.parametrize("query", ["decided:monday", "decided:sometime in 2016", "qty:many", "qty:over the top"])
def test_what_nobody_can_read_is_not_guessed(query: str) -> None:
    with pytest.raises(QueryError) as caught:
        resolve(parse(query), query, datetime.date(2017, 6, 30), {})
    assert not caught.value.corrections
