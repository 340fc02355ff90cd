"""Evidence: the right sentences, in the right order, with marks that stand where the words stand."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import item

from imr_search import analysis
from imr_search.engines import Searcher
from imr_search.fields import CITATION, TEXT, table
from imr_search.model import Citation, Evidence
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    InLetter,
    Keyword,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Range,
    Similar,
    Words,
)
from imr_search.searching.evidence import evidence, sentence, title_marks

RATIONALE = (
    "The patient has low back pain. There is no functional improvement with acupuncture. "
    "Acupuncture is not supported. Dr. Smith noted functional loss, and later real improvement."
)
ONE = item(
    "A",
    1,
    treatment="Electro-acupuncture, 6 visits",
    rationale=RATIONALE,
    summary="A worker was hurt. Acupuncture was tried.",
    guideline="MTUS Acupuncture Treatment 2007, pages 8-10, and ODG Low Back Chapter, page 98.",
    citations=(
        Citation("MTUS", "Acupuncture", None, (8, 9, 10), "MTUS Acupuncture Treatment 2007, pages 8-10"),
        Citation("ODG", "Low Back", None, (98,), "ODG Low Back Chapter, page 98"),
    ),
    pages=(8, 9, 10, 98),
)


def word(text: str, field: str = "rationale") -> Words:
    return Words(field, (text,))


def shown(found: tuple[Evidence, ...]) -> list[tuple[str, int, list[str]]]:
    return [(one.field, one.sentence, [one.text[start:end] for start, end in one.marks]) for one in found]


def both(text: str) -> Node:
    return Or(tuple(word(text, field) for field in ("treatment", "rationale", "summary", "guideline")))


def test_sentences_with_more_terms_come_first_then_rarer_terms_then_the_earlier() -> None:
    node = And((both("acupuncture"), both("functional"), word("improvement")))
    assert shown(evidence(ONE, node, None)) == [
        ("rationale", 2, ["functional", "improvement", "acupuncture"]),
        ("rationale", 4, ["functional", "improvement"]),
        ("rationale", 3, ["Acupuncture"]),
        ("summary", 2, ["Acupuncture"]),
        ("guideline", 1, ["Acupuncture"]),
        ("treatment", 1, ["acupuncture"]),
    ]
    assert len(evidence(ONE, node)) == 2
    assert evidence(ONE, node, 0) == ()


def test_a_rarer_term_goes_before_a_common_one() -> None:
    found = evidence(ONE, Or((both("acupuncture"), word("pain"))), 1)
    assert shown(found) == [("rationale", 1, ["pain"])]


def test_a_word_is_one_term_whatever_inflections_each_field_holds() -> None:
    one = item("A", 1, rationale="Nothing. Pains improve.", summary="Pain improved here.")
    pain = Or((Words("treatment", ("pain",)), Words("rationale", ("pain", "pains")), Words("summary", ("pain",))))
    better = Or((Words("rationale", ("improve",)), Words("summary", ("improved", "improves"))))
    found = shown(evidence(one, And((pain, better))))
    assert found == [("rationale", 2, ["Pains", "improve"]), ("summary", 1, ["Pain", "improved"])]
    alone = evidence(
        item("A", 1, rationale="Pain. Other pain. Loss.", summary="Loss of pain."), Or((pain, word("loss")))
    )
    assert shown(alone) == [("rationale", 3, ["Loss"]), ("rationale", 1, ["Pain"])]


def test_a_number_is_marked_with_its_signs() -> None:
    one = item("A", 1, rationale="Give #60 at 5% and #0% now.")
    assert shown(evidence(one, word("0%"))) == [("rationale", 1, ["#0%"])]
    assert shown(evidence(one, Or((word("60"), word("5"))))) == [("rationale", 1, ["#60", "5%"])]


def test_the_text_is_the_whole_sentence() -> None:
    found = evidence(ONE, Phrase("rationale", (("low",), ("back",))))
    assert found == (Evidence("rationale", 1, "The patient has low back pain.", ((16, 24),)),)


def test_what_stands_near_is_marked_where_it_takes_part() -> None:
    node = Near("rationale", word("functional"), word("improvement"), 400, ordered=False)
    assert shown(evidence(ONE, node)) == [
        ("rationale", 2, ["functional", "improvement"]),
        ("rationale", 4, ["functional", "improvement"]),
    ]
    near = Near("rationale", word("functional"), word("improvement"), 1, ordered=True)
    assert shown(evidence(ONE, near)) == [("rationale", 2, ["functional", "improvement"])]


def test_what_is_denied_is_no_evidence() -> None:
    node = And((word("pain"), Not(word("acupuncture")), Not(And((word("functional"), Not(word("hurt")))))))
    assert shown(evidence(ONE, node)) == [("rationale", 1, ["pain"])]
    assert evidence(ONE, And((All(), Keyword("outcome", ("upheld",)), Nothing(), Not(word("pain")))), None) == ()


def test_words_inside_groups_boosts_letters_and_likeness_count() -> None:
    for node in (
        Boosted(word("pain"), 2.0),
        InLetter(word("pain")),
        Similar((("rationale", "pain", 2.0), ("rationale", "absent", 1.0)), 1),
        Or((word("pain"), word("absent"))),
    ):
        assert shown(evidence(ONE, node)) == [("rationale", 1, ["pain"])]


def test_a_citation_is_found_as_one_and_marked_at_its_page() -> None:
    node = Cited("guideline", And((word("low", "guideline"), Range("page", 98, 98))))
    assert evidence(ONE, node) == (Evidence("guideline", 2, "ODG Low Back Chapter, page 98", ((4, 7), (27, 29))),)
    inside = Cited("guideline", Range("page", 9, 9))
    assert shown(evidence(ONE, inside)) == [("guideline", 1, ["8-10"])]
    assert evidence(ONE, Cited("guideline", And((word("low", "guideline"), Range("page", 9, 9))))) == ()
    denied = Cited("guideline", And((word("mtus", "guideline"), Not(word("acupuncture", "guideline")))))
    assert evidence(ONE, denied) == ()
    assert shown(evidence(ONE, Range("page", 90, None))) == [("guideline", 2, ["98"])]
    assert evidence(ONE, Range("ca_page", 90, None)) == ()


def test_what_is_said_besides_the_citations_counts_when_no_citation_does() -> None:
    cited = item(
        "A", 1, guideline="MTUS, and common sense in MTUS.", citations=(Citation("MTUS", None, None, (), "MTUS"),)
    )
    assert shown(evidence(cited, word("mtus", "guideline"))) == [("guideline", 1, ["MTUS"])]
    assert shown(evidence(cited, word("sense", "guideline"))) == [("guideline", 2, ["sense"])]


def test_numbers_in_a_citation_that_are_no_page_are_not_marked() -> None:
    cited = item("A", 1, guideline="x", citations=(Citation("ODG", None, None, (7,), "ODG 2007 chapter 7"),))
    assert shown(evidence(cited, Range("page", 7, 7))) == [("guideline", 1, ["7"])]


def test_numbered_sentences_can_be_looked_up() -> None:
    assert sentence(ONE, "rationale", 4) == "Dr. Smith noted functional loss, and later real improvement."
    assert sentence(ONE, "guideline", 2) == "ODG Low Back Chapter, page 98"
    assert sentence(ONE, "rationale", 5) is None
    assert sentence(ONE, "outcome", 1) is None


def test_a_sentence_longer_than_a_window_is_still_one() -> None:
    long = item("A", 1, rationale="Start. Word " + "word " * 449 + "norco " + "word " * 30 + "end. Last norco.")
    found = evidence(long, word("norco"))
    assert [(one.sentence, one.text[one.marks[0][0] : one.marks[0][1]]) for one in found] == [
        (2, "norco"),
        (3, "norco"),
    ]
    assert len(found[0].text.split()) == 482


@given(st.text(alphabet="ab10/.-#%' ,?!A\n", max_size=200), st.data())
def test_marks_lie_in_the_text_in_order_and_hold_the_word(text: str, data: st.DataObject) -> None:
    words = sorted({token.word for token in analysis.tokens(text, prose=True)})
    if not words:
        return
    wanted = data.draw(st.sampled_from(words))
    found = evidence(item("A", 1, rationale=text, treatment=text), Or((word(wanted), word(wanted, "treatment"))), None)
    assert {one.field for one in found} == {"rationale", "treatment"}
    for one in found:
        assert one.text in text
        assert one.text == one.text.strip()
        ends = [0, *(edge for mark in one.marks for edge in mark)]
        assert ends == sorted(ends)
        assert ends[-1] <= len(one.text)
        marked = [token.word for a, b in one.marks for token in analysis.tokens(one.text[a:b], prose=False)]
        assert wanted in marked


def test_every_word_of_a_real_letter_has_its_evidence(real: Searcher) -> None:
    for one in real.items(real.search(All(), (), 40).ids):
        for token in list(analysis.tokens(one.rationale, prose=True))[::7]:
            found = evidence(one, word(token.word), None)
            assert found, token
            marked = {one.rationale.find(each.text) + start for each in found for start, _ in each.marks}
            if one.rationale.count(found[0].text) == 1 and len(found) == 1:
                assert token.start in marked


@pytest.mark.parametrize("field", ["rationale", "summary", "guideline", "ca_guideline"])
def test_evidence_is_what_the_engine_matched(real: Searcher, field: str) -> None:
    """An item has evidence for a positional condition exactly when the engine finds it."""
    nodes: list[Node] = [
        word("not", field),
        Phrase(field, (("low",), ("back",))),
        Near(field, word("functional", field), word("improvement", field), 5, ordered=False),
        Near(field, word("mtus", field), word("page", field), 20, ordered=True),
    ]
    if field == "guideline":
        nodes += [Range("page", 1, 100), Cited(field, And((word("odg", field), Not(Range("page", 1, 100)))))]
    everything = real.items(real.search(All(), (), None).ids)
    for node in nodes:
        held = set(real.search(node, (), None).ids)
        assert {one.id for one in everything if evidence(one, node, None)} == held


@pytest.mark.parametrize(
    ("node", "marked"),
    [
        (word("acupunctur", "treatment"), []),
        (word("acupuncture", "treatment"), ["acupuncture"]),
        (word("acupuncture", "title"), ["acupuncture"]),
        (both("acupuncture"), ["acupuncture"]),
        (word("acupuncture", "rationale"), []),
        (Not(word("acupuncture", "treatment")), []),
        (And((word("visits", "treatment"), word("electro", "title"))), ["electro", "visits"]),
        (Phrase("treatment", (("acupuncture",), ("6",))), ["acupuncture, 6"]),
        (Keyword("outcome", ("upheld",)), []),
        (All(), []),
    ],
)
def test_a_title_is_marked_where_the_treatment_is_asked_for(node: Node, marked: list[str]) -> None:
    for one in (
        item("A", 1, title="6 visits of Electro-acupuncture, 6 visits"),
        msgspec.structs.replace(ONE, title=""),
    ):
        title = one.title or one.treatment
        found = [title[start:end].lower() for start, end in title_marks(one, node)]
        assert sorted(set(found)) == sorted(marked)


def test_what_was_requested_and_authorized_shows_its_words() -> None:
    found = item("B", 1, treatment="Therapy, 6 visits", requested="Therapy, 12 visits", authorized="Therapy, 6 visits")
    for field, text in (("requested", "Therapy, 12 visits"), ("authorized", "Therapy, 6 visits")):
        (one,) = evidence(found, Words(field, ("therapy",)))
        assert (one.field, one.sentence, one.text) == (field, 1, text)
        assert shown((one,)) == [(field, 1, ["Therapy"])]
        assert sentence(found, field, 1) == text
        assert sentence(ONE, field, 1) is None


def test_every_field_of_words_is_evidence() -> None:
    """Also those that a hit shows in its heading, when all is asked for."""
    names = [row.key for row in table().of_kind(TEXT, CITATION)]
    for name in names:
        citation = (Citation("MTUS", None, None, (), "therapy here"),)
        held = (
            {"citations": citation}
            if name == "guideline"
            else {"ca_citations": citation}
            if name == "ca_guideline"
            else {}
        )
        found = item("C", 1, **{name: "therapy here"}, **held)
        assert [one.field for one in evidence(found, Words(name, ("therapy",)), None)] == [name]
