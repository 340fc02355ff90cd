"""What was allowed before a decision, how long it took, and what it turned on, from the letter to the item and its document."""

from __future__ import annotations

import pytest

from imr_search import documents
from imr_search.fields import table
from imr_search.letters.facts import days_between
from imr_search.letters.items import approved_part
from imr_search.letters.reasons import codes
from tests.letters.forms import item, modern, one


@pytest.mark.parametrize(
    ("title", "requested", "authorized"),
    [
        (
            "Therapy, 12 visits was the original request. Therapy, 6 visits was authorized by the Claims Administrator. "
            "The remaining IMR eligible portion of the original request, therapy, 6 visits",
            "Therapy, 12 visits",
            "Therapy, 6 visits",
        ),
        (
            "Purchase of a bed was the original request. The Claims Administrator authorized a bed for 1 month, leaving the original "
            "request IMR eligible. The original request, purchase of a bed",
            "Purchase of a bed",
            "a bed for 1 month",
        ),
        (
            "Three visits were the original request. One visit has been given. Two visits were certified by the claims administrator.",
            "Three visits",
            "One visit has been given. Two visits",
        ),
        (
            "Norco #60 was the original request. The remaining IMR eligible portion of the original request, Norco",
            "Norco #60",
            None,
        ),
        (
            "The Claims Administrator has approved six visits. The remaining IMR eligible portion, six visits",
            None,
            "six visits",
        ),
        ("Lumbar brace, purchase", None, None),
        ("Original MRI disc, authorized user copy", None, None),
    ],
)
def test_requests_that_were_allowed_in_part(title: str, requested: str | None, authorized: str | None) -> None:
    assert approved_part(title) == (requested, authorized)


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("2015-01-12", "2015-03-17", 64),
        ("2016-02-28", "2016-03-01", 2),
        ("2015-03-17", "2015-03-17", 0),
        ("2015-03-18", "2015-03-17", None),
        (None, "2015-03-17", None),
        ("2015-03-17", None, None),
    ],
)
def test_days(earlier: str | None, later: str | None, days: int | None) -> None:
    assert days_between(earlier, later) == days


def test_an_item_has_them_and_its_document_is_found_by_them() -> None:
    title = (
        "Physical therapy, 12 visits was the original request. Physical therapy, 6 visits was authorized by the Claims Administrator. The "
        "remaining IMR eligible portion of the original request, physical therapy, 6 visits is: Upheld"
    )
    reasons = (
        "Therapy is recommended.\nHowever, there is no documentation of functional improvement with the prior visits.\n"
        "It is not medically necessary."
    )
    letter = one(modern(item(title, reasons=reasons)))
    (found,) = letter.items
    assert found.treatment == "physical therapy, 6 visits"
    assert (found.requested, found.authorized) == ("Physical therapy, 12 visits", "Physical therapy, 6 visits")
    assert found.reasons == ("functional-improvement",)
    assert found.deciding is not None
    assert (found.deciding.sentence, found.deciding.text) == (
        2,
        "However, there is no documentation of functional improvement with the prior visits.",
    )
    assert (found.days, found.days_denied, found.days_injured) == (64, 85, 1021)
    document = documents.documents(letter)[0]
    assert document.keywords["reason"] == document.keywords["main_reason"] == ("functional-improvement",)
    assert "partial" in document.keywords["is"]
    assert document.numbers["days"] == (64,)
    assert {"requested", "authorized", "reason", "days"} <= set(document.keywords["has"])
    assert documents.from_record(document.record) == found


def test_a_letter_without_dates_has_no_durations() -> None:
    (found,) = one(modern(item("Norco: Upheld"), case="")).items
    assert (found.days, found.days_denied, found.days_injured) == (None, None, None)
    assert "days" not in documents.documents(one(modern(item("Norco: Upheld"), case="")))[0].keywords["has"]


def test_the_fields_list_the_codes_of_the_reasons() -> None:
    for name in ("reason", "main_reason"):
        assert table()[name].values == tuple(codes())
