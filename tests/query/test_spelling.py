"""Dates and numbers as people write them."""

from __future__ import annotations

import datetime

import pytest

from imr_search.query.citations import cut
from imr_search.query.dates import Unreadable, days, whole

TODAY = datetime.date(2016, 3, 31)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2015", "2015-01-01", "2015-12-31"),
        ("2015-03", "2015-03-01", "2015-03-31"),
        ("2016-2", "2016-02-01", "2016-02-29"),
        ("2015-03-04", "2015-03-04", "2015-03-04"),
        ("2015/03/04", "2015-03-04", "2015-03-04"),
        ("3/4/2015", "2015-03-04", "2015-03-04"),
        ("12/25/2015", "2015-12-25", "2015-12-25"),
        ("last-90d", "2016-01-01", "2016-03-31"),
        ("last-2w", "2016-03-17", "2016-03-31"),
        ("last-1m", "2016-02-29", "2016-03-31"),
        ("last-2y", "2014-03-31", "2016-03-31"),
        ("today", "2016-03-31", "2016-03-31"),
    ],
)
def test_days(text: str, low: str, high: str) -> None:
    found = days(text, TODAY)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    "text",
    ["2015-13", "2015-00-01", "2015-02-29", "31/4/2015", "0/4/2015", "99999", "last-99999y", "soon", "15-3-4", "٢٠١٥"],
)
def test_no_days(text: str) -> None:
    with pytest.raises(Unreadable):
        days(text, TODAY)


def test_month_first_is_said_only_where_it_could_be_otherwise() -> None:
    assert days("3/4/2015", TODAY).note
    assert not days("3/3/2015", TODAY).note
    assert not days("3/25/2015", TODAY).note
    with pytest.raises(Unreadable) as raised:
        days("31/4/2015", TODAY)
    assert raised.value.better == ("4/30/2015", "2015-04-30")


def test_whole() -> None:
    assert whole("007") == 7
    for text in ("", "2.5", "-1", "1e3", "many", "1" * 10, "²"):
        with pytest.raises(Unreadable):
            whole(text)


@pytest.mark.parametrize(
    ("text", "rest", "pages"),
    [
        ("page 98", "", ((98, 98),)),
        ("p. 98", "", ((98, 98),)),
        ("pp. 76-80, 98", "", ((76, 80), (98, 98))),
        ("Page(s): 98-99", "", ((98, 99),)),
        ("pages 98 to 99", "", ((98, 99),)),
        ("chronic pain page 98", "chronic pain", ((98, 98),)),
        ("MTUS (2009) pg 98 Opioids", "MTUS (2009) Opioids", ((98, 98),)),
        ("pages 98-9", "", ((98, 99),)),
        ("page 99-98", "", ((98, 99),)),
        ("page", "page", ()),
        ("low back 98", "low back 98", ()),
        ("help 98", "help 98", ()),
        ("step 3", "step 3", ()),
        ("page 1998a", "page 1998a", ()),
    ],
)
def test_pages_are_cut_out(text: str, rest: str, pages: tuple[tuple[int, int], ...]) -> None:
    assert cut(text) == (rest, pages)
