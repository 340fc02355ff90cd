"""Words, positions and sentences."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_search import analysis


def _words(text: str) -> list[str]:
    return [words[0] for words in analysis.slots(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not medically necessary", ["not", "medically", "necessary"]),
        ("10/325", ["10", "325"]),
        ("L4-5", ["l4", "5"]),
        ("H-wave", ["h", "wave"]),
        ("electro-acupuncture", ["electro", "acupuncture"]),
        ("2.5mg", ["2.5", "mg"]),
        ("325MG tabs", ["325", "mg", "tabs"]),
        ("2x3", ["2x3"]),
        ("3rd ed.", ["3rd", "ed"]),
        ("the patient's and the worker’s", ["the", "patient", "and", "the", "worker"]),
        ("patient?s own", ["patient", "own"]),
        ("98-99", ["98", "99"]),
        ("M54.5", ["m54", "5"]),
        ("Section 3.3.9", ["section", "3.3.9"]),
        ("a", ["a"]),
        ("", []),
        ("snake_case", ["snake", "case"]),
        ("ÉCOLE", ["école"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert _words(text) == words


def test_signs_stand_beside_their_number() -> None:
    assert analysis.slots("Norco 10/325mg #60tabs 5%") == [
        ("norco",), ("10",), ("325",), ("mg",), ("60", "#60"), ("tabs",), ("5", "5%"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two. Three.", 3),
        ("Dr. Smith saw him vs. nobody, e.g. pp. 98-99 and No. 5.", 1),
        ("He gave 2.5 mg. Then more.", 2),
        ("It was established.The request is denied.", 2),
        ("the ?time to produce functional improvement? is 3 to 6 treatments", 1),
        ("Is it needed? Yes.", 2),
        ("The answer is no. The request is denied.", 2),
        ("by Jane Roe, M.D. of Fresno", 1),
        ('He said "it hurts." The exam was normal.', 2),
        ("", 0),
        ("   ", 0),
        ("cited on Page(s): 98. The request", 2),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(analysis.sentences(text)) == count


def test_a_sentence_begins_at_a_thousand() -> None:
    assert analysis.postings("One two. Three.", prose=True) == [("one", 0), ("two", 1), ("three", 1000)]
    assert analysis.postings("One two. Three.", prose=False) == [("one", 0), ("two", 1), ("three", 2)]


def test_a_sentence_past_the_window_goes_on_as_the_next() -> None:
    placed = analysis.postings("word " * 401 + ". Next.", prose=True)
    assert placed[399][1] == 399
    assert placed[400][1] == 1000
    assert placed[401] == ("next", 2000)


@given(st.text(max_size=300) | st.text(alphabet="aBs12.,;-/'’%#_é \n", max_size=60), st.booleans())
def test_tokens_are_postings_with_places(text: str, prose: bool) -> None:
    tokens = list(analysis.tokens(text, prose))
    assert [(token.word, token.position) for token in tokens] == analysis.postings(text, prose)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)


@given(st.text(alphabet="aB1.?! '#%-()é\n", max_size=200))
def test_sentences_cover_every_word_once(text: str) -> None:
    spans = analysis.sentences(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())


@given(st.text(max_size=300))
def test_positions_within_a_sentence_are_closer_than_those_across(text: str) -> None:
    positions = [position for _, position in analysis.postings(text, prose=True)]
    assert all(position % analysis.STRIDE < analysis.WINDOW for position in positions)
    assert positions == sorted(positions)


def test_stems() -> None:
    assert analysis.stem("injections") == analysis.stem("injection") == analysis.stem("injected")
    assert analysis.stem("l4") == "l4"


@pytest.mark.parametrize(
    "text",
    [
        "-" * 101,
        "Pain. " + "-" * 300,
        "- " * 200 + "back",
        "." * 120,
        "a" * 101 + " b",
        "&" * 101 + ".",
        "b " * 9 + "7" * 101,
    ],
)
@pytest.mark.parametrize("prose", [True, False])
def test_a_line_of_signs_is_a_sentence_without_words(text: str, prose: bool) -> None:
    found = list(analysis.postings(text, prose))
    assert found == [(token.word, token.position) for token in analysis.tokens(text, prose)]
