"""How an item was decided, in all the words that are used for it, and items that were not decided at all."""

from __future__ import annotations

import pytest

from tests.letters.forms import codes, item, modern, one


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Upheld", "upheld"),
        ("UPHELD", "upheld"),
        ("Uphold", "upheld"),
        ("Overturned", "overturned"),
        ("Overturn", "overturned"),
        ("Modified", "modified"),
        ("Partially Overturned", "modified"),
        ("Partially-Overturned", "modified"),
        ("Partially - Overturned", "modified"),
        ("Partially-\nUpheld", "modified"),
        ("Partial Overturn", "modified"),
        ("Overturned in part", "modified"),
        ("Upheld, in part", "modified"),
        ("Partially Upheld/Partially Overturned", "modified"),
        ("Upheld in part and Overturned in part", "modified"),
        ("Partly Overturned", "modified"),
        ("Overturned (in part)", "modified"),
        ("Upheld (modified)", "modified"),
        ("Up-\nheld", "upheld"),
        ("Upheld -", "upheld"),
        ("**Upheld**", "upheld"),
        ("UPHE1D", "upheld"),
        ("Affirmed", "upheld"),
        ("Overturned - certified", "overturned"),
        ("Overturned (medically necessary)", "overturned"),
        ("Upheld - not medically necessary", "upheld"),
        ("Upheld (non-certified)", "upheld"),
        ("Denied", "upheld"),
        ("Over-turned", "overturned"),
        ("Overtumed", "overturned"),
        ("0verturned", "overturned"),
        ("Reversed", "overturned"),
        ("Approved", "overturned"),
        ("Certified", "overturned"),
        ("Non-certified", "upheld"),
        ("Not Certified", "upheld"),
        ("Not Approved", "upheld"),
        ("Authorized", "overturned"),
        ("Non-Authorized", "upheld"),
        ("Not Medically Necessary", "upheld"),
        ("Medically Necessary", "overturned"),
        ("Conditionally Certified", "modified"),
        ("Partially Certified", "modified"),
        ("Modified - 6 visits", "modified"),
        ("Modified to #60", "modified"),
        ("Modified (6 visits)", "modified"),
        ("Upheld in full", "upheld"),
        ("Overturned as modified", "modified"),
        ("Overturned with modifications", "modified"),
        ("Overturned in its entirety", "overturned"),
    ],
)
def test_words(word: str, outcome: str) -> None:
    found = one(modern(item("CT: Upheld"), item(f"MRI of the knee: {word}"))).items[1]
    assert (found.title, found.outcome, found.warnings) == ("MRI of the knee", outcome, ())


@pytest.mark.parametrize(
    ("words", "outcome", "sure"),
    [
        (" is Upheld", "upheld", True),
        ("\nis Overturned", "overturned", True),
        (" is *Upheld*", "upheld", True),
        (" IS UPHELD", "upheld", True),
        (" - Modified - 6 visits", "modified", False),
        (" \u2013 Modified to 6-8 visits", "modified", False),
        ("- Upheld", "upheld", False),
        (" - Partially - Overturned", "modified", False),
        ("\nNot Medically\nNecessary", "upheld", False),
        ("\nModified - 6 visits", "modified", False),
    ],
)
def test_words_without_a_colon(words: str, outcome: str, sure: bool) -> None:
    found = one(modern(item("CT: Upheld"), item(f"MRI of the knee{words}"))).items[1]
    assert (found.title, found.outcome, codes(found)) == ("MRI of the knee", outcome, set() if sure else {"W01"})


UNDECIDED = [
    *("Void", "Withdrawn", "WITHDRAWN", "Dismissed", "Not Reviewed", "Moot", "Ineligible", "Resolved by the parties"),
    *(
        "Withdrawn by provider",
        "Withdrawn 12/1/2016",
        "No longer in dispute",
        "Not in dispute",
        "Cancelled",
        "Deferred",
        "Dismissed as untimely",
        "Ineligible for review",
        "Request withdrawn",
        "Withdrawn due to settlement",
    ),
    *("Not applicable", "Not upheld"),
]


@pytest.mark.parametrize("word", UNDECIDED)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_item_that_was_not_decided_stays_an_item(word: str, place: int) -> None:
    items = [item("CT: Upheld"), item("Norco #60: Overturned")]
    items.insert(place, f"MRI of the knee: {word}\n\n")
    letter = one(modern(*items))
    assert [found.title for found in letter.items] == [
        *("CT", "Norco #60")[:place],
        "MRI of the knee",
        *("CT", "Norco #60")[place:],
    ]
    undecided = letter.items[place]
    assert (undecided.outcome, undecided.rationale) == ("", "")
    assert "W01" in codes(undecided)
    whole = [found for n, found in enumerate(letter.items) if n != place]
    assert [found.outcome for found in whole] == ["upheld", "overturned"]
    assert not any(found.warnings for found in whole)


@pytest.mark.parametrize("word", UNDECIDED)
def test_an_item_that_was_not_decided_may_have_its_block(word: str) -> None:
    found = one(modern(item("CT: Upheld"), item(f"MRI: {word}"))).items[1]
    assert (found.title, found.outcome) == ("MRI", "")
    assert found.rationale
    assert "W01" in codes(found)


@pytest.mark.parametrize(
    "prose",
    ["the request is denied.", "it is upheld", "what was asked for is approved", "a drug IS NOT MEDICALLY NECESSARY."],
)
def test_prose_before_a_label_is_no_outcome(prose: str) -> None:
    letter = one(modern(item("CT: Upheld", ca=f"Decision based on MTUS, for which {prose}"), item("MRI: Overturned")))
    assert [(found.title, found.outcome) for found in letter.items] == [("CT", "upheld"), ("MRI", "overturned")]


def test_prose_that_says_withdrawn_is_no_item() -> None:
    reasons = "Two requests were made.\n\nThe patient had this: the first request was withdrawn\nand the second stands."
    assert len(one(modern(item("CT: Upheld", reasons=reasons))).items) == 1


@pytest.mark.parametrize("word", ["Upheld / Overturned", "Upheld/Overturned", "OVERTURNED / UPHELD"])
def test_both_words_of_a_form_decide_nothing(word: str) -> None:
    found = one(modern(item("CT: Upheld"), item(f"MRI of the knee: {word}"))).items[1]
    assert (found.title, found.outcome) == ("MRI of the knee", "")
    assert "W01" in codes(found)
