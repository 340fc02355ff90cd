"""The sentence of the main ground stands where no words of the query point to another, and what is disputed of a request allowed in part."""

from __future__ import annotations

import msgspec
import pytest
from making import item, searcher

from imr_search.model import Deciding, Hit
from imr_search.output.lists import grounds
from imr_search.output.terminal import Terminal
from imr_search.plan import And, Keyword, Node, Words
from imr_search.searching.hits import Hits

RATIONALE = (
    "The guidelines allow imaging. However, there is no documentation of red flags. The patient has not completed physical therapy. "
    "The request is not medically necessary."
)
MRI = item(
    "A",
    1,
    treatment="MRI, 1 region",
    title="MRI, 2 regions was the original request. MRI, 1 region was authorized by the Claims Administrator.",
    rationale=RATIONALE,
    requested="MRI, 2 regions",
    authorized="MRI, 1 region",
    reasons=("findings", "conservative-care"),
    deciding=Deciding(2, "However, there is no documentation of red flags."),
)


def hit(node: Node, snippets: int = 2) -> Hit:
    return Hits(searcher([MRI]), node, {"A#1": None}, snippets, {})[0]


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        (Keyword("outcome", ("upheld",)), True),
        (Words("treatment", ("mri",)), True),
        (Words("rationale", ("therapy",)), False),
        (And((Keyword("outcome", ("upheld",)), Words("rationale", ("imaging",)))), False),
    ],
)
def test_it_stands_where_no_words_point_to_a_sentence(node: Node, shown: bool) -> None:
    found = hit(node).deciding
    assert (found is not None) == shown
    if found is not None:
        assert (found.field, found.sentence, found.text) == (
            "rationale",
            2,
            "However, there is no documentation of red flags.",
        )


def test_it_is_not_shown_where_no_sentences_are_wanted() -> None:
    assert hit(Keyword("outcome", ("upheld",)), snippets=0).deciding is None


def test_a_list_prints_what_is_disputed() -> None:
    assert MRI.disputed == "MRI, 1 region"
    assert msgspec.structs.replace(MRI, requested=None, authorized=None).disputed == MRI.title
    found = hit(Words("treatment", ("mri",)))
    assert [MRI.disputed[start:end] for start, end in found.marks] == ["MRI"]


def test_every_code_is_shown_with_its_sentence() -> None:
    text = "\n".join(grounds(MRI, Terminal(), text=True))
    assert "decided by" in text
    for code, number, sentence in (
        ("findings", 2, "However, there is no documentation of red flags."),
        ("conservative-care", 3, "The patient has not completed physical therapy."),
    ):
        assert f"{code} (rationale, sentence {number})" in text
        assert sentence in text
