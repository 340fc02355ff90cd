"""The canonical text, and text handed out on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_search.letters.canonical import canonical, unwrap


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("one\ntwo", "one two"),
        ("one  \n\n  two\t three", "one two three"),
        ("Page(s): 98-\n99", "Page(s): 98-99"),
        ("skilled-  \n\n \f \n nursing", "skilled-nursing"),
        ("a - b", "a - b"),
        ("98\x0299", "98-99"),
        ("98\ufffe99", "98-99"),
        ("treat\u00adment of the\u00ad\nsis", "treatment of thesis"),
        ("\ufb01ve\u00a0per\u2003cent", "five per cent"),
        ("established.The next", "established.The next"),
        ("1 \u00d7 2 \u2013 3 \u2019s 37\u00b0", "1 \u00d7 2 \u2013 3 \u2019s 37\u00b0"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07 and\x1b[31m escape\x9b", "bell and [31m escape"),
        ("one\r\ntwo\rthree\u2028four", "one two three four"),
        (
            "a sentence is\n  Final Determination Letter for IMR Case Number CM14-0012345  3 \nbroken here",
            "a sentence is broken here",
        ),
        ("a sentence is Final Determination Letter for IMR Case Number CM14-0012345  3 broken", "a sentence is broken"),
        ("for\n30\ndays", "for 30 days"),
        ("end of page\n12\n\fnext page", "end of page next page"),
        ("end of page\n\fPage 2 of 4\nnext page", "end of page next page"),
        ("a lost\ufffcpage", "a lost page"),
        *((f"one{' ' * spaces}two", "one two") for spaces in range(1, 9)),
    ],
)
def test_text_handed_out(raw: str, line: str) -> None:
    assert unwrap(canonical(raw)) == line


def test_a_footer_takes_no_number_of_the_text() -> None:
    footer = "Final Determination Letter for IMR Case Number CM14-0012345"
    assert unwrap(canonical(f"worked for\n{footer}\n3.5 years")) == "worked for 3.5 years"
    assert unwrap(canonical(f"worked since\n{footer}\n10/23/2012 here")) == "worked since 10/23/2012 here"


def test_gaps_and_pages_have_one_shape() -> None:
    for raw in ("a\n\nb\fc", "a\n \n \nb \n \n\f\n \nc\n", "\f a\r\n\r\n\r\n b\n\fc\f"):
        assert canonical(raw) == "a\n\nb\n\f\nc"


def test_a_blank_line_after_every_line_is_no_gap() -> None:
    lines = ["One line ", "and its next. ", " ", "A title: Upheld ", " ", "Cut by a ", "page. "] * 4
    single = "\n".join(["One line\nand its next.\n\nA title: Upheld\n\nCut by a\npage."] * 4)
    text = "\n\n".join(lines)
    assert canonical(text) == single
    assert canonical(text.replace("\n\n", "\n \n")) == single
    assert canonical(text.replace("Cut by a \n\n", "Cut by a \n\n\n\n")) == single.replace("by a\n", "by a\n\f\n")


def test_paragraphs_of_one_line_keep_their_gaps() -> None:
    text = "\n\n".join(["A title: Upheld", "A paragraph of one line. " * 20] * 15)
    assert canonical(text) == text.strip().replace(". \n", ".\n")


@given(st.text(alphabet="ab-. \n\f\r\u00ad\u2010\x02\ufb01", max_size=60))
def test_canonical_text_stays_as_it_is(raw: str) -> None:
    once = canonical(raw)
    assert canonical(once).replace("\n", "") == once.replace("\n", "")
    assert unwrap(unwrap(once)) == unwrap(once)


@given(st.text(max_size=80))
def test_nothing_but_text_is_handed_out(raw: str) -> None:
    line = unwrap(canonical(raw))
    assert line == " ".join(line.split())
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u00ad\u200b\ufeff" for c in line)
