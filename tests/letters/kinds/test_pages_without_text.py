"""A scanned page among others is told of, and no item gets what stands behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_search.letters.decoding import read_text
from imr_search.letters.pdf_reader import PdfReader
from imr_search.model import Letter
from tests.letters.forms import REASONS, codes, item, modern, one
from tests.letters.pdfs import Picture, pdf_of

TITLES = [f"Norco #{n}0" for n in range(1, 7)]
LETTER = modern(*(item(f"{title}: Upheld", reasons=f"Reason of {title}. {REASONS}") for title in TITLES))


def without(first: str, last: str) -> Letter:
    """The letter with a page in the place of what stands from `first` up to `last`."""
    start, end = LETTER.index(first), LETTER.index(last)
    return one(LETTER[:start].rstrip() + "\f\f" + LETTER[end:])


def hold(letter: Letter) -> None:
    for found in letter.items:
        assert "W18" in codes(found)
        assert not found.rationale or found.title in found.rationale, found.title


@pytest.mark.parametrize("picture", ["\ufffc", "\n\ufffc\n", " \ufffc ", "\n\n\ufffc \ufffc\n\n"])
@pytest.mark.parametrize("before", ["MAXIMUS guideline: ", "Reason of Norco #20", "CLINICAL CASE SUMMARY"])
def test_a_picture_among_words_is_no_lost_page(picture: str, before: str) -> None:
    whole, found = one(LETTER), one(LETTER.replace(before, picture + before))
    assert [(each.title, each.rationale) for each in found.items] == [
        (each.title, each.rationale) for each in whole.items
    ]
    assert found.warnings == whole.warnings == ()


@pytest.mark.parametrize(
    ("first", "last", "left"),
    [
        ("Norco #20: Upheld", "Norco #40: Upheld", [0, 3, 4, 5]),
        ("MAXIMUS guideline: ", "Norco #30: Upheld", [0, 2, 3, 4, 5]),
        ("Reason of Norco #20", "Reason of Norco #50", [0, 1, 5]),
        ("HOW THE", "IMR ISSUES", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_items_around_a_lost_page(first: str, last: str, left: list[int]) -> None:
    letter = without(first, last)
    hold(letter)
    named = [found.title for found in letter.items if found.title in TITLES]
    assert [TITLES.index(title) for title in named] == left


def test_a_rationale_behind_a_lost_page_is_nobodys() -> None:
    """From the middle of one item's guideline into another's block: three labels behind the page have no title."""
    start = LETTER.index("Claims Administrator guideline: ", LETTER.index(TITLES[1])) + 40
    end = LETTER.index("MAXIMUS guideline: ", LETTER.index(TITLES[3]))
    letter = one(LETTER[:start] + "\f \f" + LETTER[end:])
    assert [found.title for found in letter.items] == [TITLES[0], TITLES[1], "", TITLES[4], TITLES[5]]
    torn = letter.items[2]
    assert (torn.outcome, "W01" in codes(torn), "W02" in codes(torn)) == ("", True, True)
    assert TITLES[3] in torn.rationale
    assert "W05" in codes(letter.items[1])


def test_a_picture_among_the_pages_of_a_pdf(tmp_path: Path) -> None:
    lines = LETTER.split("\n")
    pages = [lines[:60], None, lines[60:100], lines[100:]]
    data = pdf_of([page if page is not None else Picture() for page in pages])
    with PdfReader() as reader:
        letter = one(read_text(tmp_path / "a.pdf", data, reader))
    assert all(
        "page 2" in warning.text for found in letter.items for warning in found.warnings if warning.code == "W18"
    )
    hold(letter)


@pytest.mark.parametrize("left", [5, 40, 90])
@pytest.mark.parametrize("label", ["Decision rationale: "])
def test_a_letter_that_breaks_off(label: str, left: int) -> None:
    """As a download that was cut: the last rationale ends in mid-sentence."""
    end = LETTER.rindex(label) + len(label) + left
    letter = one(LETTER[:end].rstrip(" ."))
    assert ["W19" in codes(found) for found in letter.items] == [False] * 5 + [True]


@pytest.mark.parametrize("stamp", ["DEF000121", "Page 2 of 9", "RECEIVED 01/05/2018", "2", "COPY", "- 2 -"])
def test_a_page_with_nothing_but_a_stamp_is_lost(stamp: str) -> None:
    start, end = LETTER.index("Norco #20: Upheld"), LETTER.index("Norco #40: Upheld")
    letter = one(f"{LETTER[:start].rstrip()}\f\n{stamp}\n\f{LETTER[end:]}")
    hold(letter)
    assert all("page 2" in warning.text for warning in letter.warnings if warning.code == "W18")


def test_a_break_at_the_end_loses_nothing() -> None:
    assert one(LETTER + "\f\f\n").items == one(LETTER).items


@pytest.mark.parametrize(
    "stamp",
    [
        "DEF000121",
        "EXHIBIT B\nDOE000123",
        "03/04/2018 10:22 5105551212 LAW OFFICE PAGE 03/09",
        "[image]",
        "Scanned page 9",
    ],
)
def test_a_stamped_picture_behind_the_letter_is_told(stamp: str) -> None:
    letter = one(f"{LETTER}\f{stamp}\n")
    assert [warning.text for warning in letter.warnings] == ["a page has no text layer and was not read: page 2"]


@pytest.mark.parametrize("page", ["[image]", "(illegible)", "[Scanned page 2]", "<no text found>"])
def test_a_word_in_the_place_of_a_picture_is_a_lost_page(page: str) -> None:
    start, end = LETTER.index("Norco #20: Upheld"), LETTER.index("Norco #40: Upheld")
    hold(one(f"{LETTER[:start].rstrip()}\f{page}\f{LETTER[end:]}"))


@pytest.mark.parametrize(
    "page", ["This page intentionally left blank.", "Page left blank", "[This page is intentionally blank]"]
)
def test_a_page_that_says_that_it_is_blank_is_not_lost(page: str) -> None:
    cut = LETTER.index("Norco #20: Upheld")
    assert one(f"{LETTER[:cut]}\f{page}\f{LETTER[cut:]}").items == one(LETTER[:cut] + "\f" + LETTER[cut:]).items


def test_an_empty_page_where_the_header_would_stand_is_told() -> None:
    body = LETTER[LETTER.index("HOW THE") :]
    assert "W18" in codes(one("\f" + body))
    assert one("\f" + LETTER).items == one(LETTER).items


def test_most_of_the_pages_are_pictures() -> None:
    start = LETTER.index("Norco #30: Upheld")
    letter = one(LETTER[:start].rstrip() + "\f\ufffc" * 4)
    hold(letter)
    assert [found.title for found in letter.items] == TITLES[:2]


def test_a_title_that_a_page_ends_with_keeps_its_outcome_alone() -> None:
    """What stands behind the lost page is another item's."""
    for n in (0, 2):
        start = LETTER.index("Claims Administrator guideline: ", LETTER.index(f"{TITLES[n]}: Upheld"))
        end = LETTER.index("MAXIMUS guideline: ", LETTER.index(f"{TITLES[n + 1]}: Upheld"))
        letter = one(LETTER[:start].rstrip() + "\f\f" + LETTER[end:])
        hold(letter)
        cut = letter.items[n]
        assert (cut.title, cut.outcome, cut.guideline, cut.rationale) == (TITLES[n], "upheld", "", "")
        assert {"W17", "W05"} <= codes(cut)
        assert TITLES[n + 1] in letter.items[n + 1].rationale
