"""Citations to letters, letter by letter."""

from __future__ import annotations

import pytest
from making import item

from imr_search.errors import UsageError
from imr_search.model import Citation
from imr_search.searching.cite_styles import STYLES, cite, written

CITED = Citation("MTUS", None, None, (), "MTUS")
ONE = item(
    "CM15-0012345", 2, citations=(CITED,), ca_citations=(CITED, CITED), file="a/CM15-0012345.pdf", sha256="ab" * 32
)


def test_the_styles() -> None:
    place = ("rationale", 4)
    expected = "IMR Case No. CM15-0012345, Item 2 (Final Determination Letter, Mar. 4, 2015), rationale, sentence 4"
    assert cite(ONE, "ccc", place) == expected
    assert cite(ONE, "full", place) == f"{expected} [a/CM15-0012345.pdf, SHA-256 {'ab' * 32}]"
    assert cite(ONE, "plain", place) == "CM15-0012345 #2, 2015-03-04, rationale, sentence 4"
    assert cite(ONE, "md") == "**IMR Case No. CM15-0012345**, Item 2 (Final Determination Letter, Mar. 4, 2015)"
    assert cite(ONE, "ccc", ("guideline", 1)).endswith(", guideline, citation 1")
    assert cite(ONE, "ccc", ("guideline", 2)).endswith(", guideline")
    assert cite(ONE, "ccc", ("ca_guideline", 2)).endswith(", administrator's guideline, citation 2")
    assert cite(ONE, "ccc", ("treatment", 1)).endswith("2015), treatment")


def test_the_page_of_the_pdf_follows_the_date() -> None:
    known = item("CM15-0012345", 2, pdf_page=3, file="a.pdf", sha256="ab")
    expected = (
        "IMR Case No. CM15-0012345, Item 2 (Final Determination Letter, Mar. 4, 2015, PDF p. 3), rationale, sentence 4"
    )
    place = ("rationale", 4)
    assert cite(known, "ccc", place) == expected
    assert cite(known, "full", place) == f"{expected} [a.pdf, SHA-256 ab]"
    assert cite(known, "md").endswith("(Final Determination Letter, Mar. 4, 2015, PDF p. 3)")
    assert cite(known, "plain", place) == "CM15-0012345 #2, 2015-03-04, PDF p. 3, rationale, sentence 4"


def test_what_is_not_known_is_said() -> None:
    other = item("letter_7", 1, case=None, decided=None)
    assert cite(other) == "IMR Letter letter_7, Item 1 (Final Determination Letter, undated)"
    assert cite(other, "md") == "**IMR Letter letter\\_7**, Item 1 (Final Determination Letter, undated)"
    with pytest.raises(UsageError, match="no citation style"):
        cite(other, "bluebook")


def test_a_hostile_name_stays_on_one_line_and_is_no_markup() -> None:
    for style in STYLES:
        assert "\n" not in cite(item("A", 1, case="A\n# [x](y)<b>", file="a\nb"), style)
    assert cite(item("A", 1, case="[x](y)<b>"), "md").startswith("**IMR Case No. \\[x\\](y)\\<b\\>**")


def test_months_as_they_are_abbreviated() -> None:
    months = [written(f"2015-{k:02}-09").split()[0] for k in range(1, 13)]
    assert months == ["Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."]
