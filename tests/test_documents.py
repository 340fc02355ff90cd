"""Items to documents and back."""

from __future__ import annotations

import json

from imr_search import documents
from imr_search.fields import table
from imr_search.model import Citation, Item, Letter, ParseWarning

MTUS = Citation(
    "MTUS", "Chronic Pain", "Physical Medicine", (98, 99), "MTUS Chronic Pain Physical Medicine Page(s): 98-99"
)
ODG = Citation("ODG", None, "Low Back", (), "ODG Low Back")


def item(**changes: object) -> Item:
    known: dict[str, object] = {
        "id": "CM15-0000001#1",
        "letter": "CM15-0000001",
        "case": "CM15-0000001",
        "n": 1,
        "treatment": "Physical therapy 2x3",
        "title": "Physical therapy 2x3",
        "outcome": "upheld",
        "guideline": f"Decision based on {MTUS.text}. Decision based on Non-MTUS Citation {ODG.text}.",
        "ca_guideline": "",
        "sources": ("MTUS", "ODG"),
        "pages": (98, 99),
        "citations": (MTUS, ODG),
        "rationale": "It was not needed. It is not medically necessary.",
        "summary": "The injured worker is a 50 year old female.",
        "decided": "2015-03-04",
        "age": 50,
        "warnings": (ParseWarning("W01", "a doubt"),),
        "items": 2,
    }
    return Item(**(known | changes))  # type: ignore[arg-type]


def one(found: Item) -> documents.Document:
    return documents.documents(Letter(found.letter, found.case, "a.txt", "", "3b", None, (found,)))[0]


def test_every_field_of_the_table_is_fed() -> None:
    document = one(item())
    fed = set(document.words) | set(document.keywords) | set(document.numbers)
    assert fed == {field.key for field in table()}


def test_the_record_gives_the_item_back() -> None:
    assert documents.from_record(documents.to_record(item())) == item()
    json.loads(one(item()).record)


def test_each_citation_stands_in_a_window_of_its_own() -> None:
    document = one(item())
    windows: dict[int, list[str]] = {}
    for word, position in document.words["guideline"]:
        windows.setdefault(position // 1000, []).append(word)
    assert windows[0] == ["mtus", "chronic", "pain", "physical", "medicine", "page", "s", "98", "99"]
    assert windows[1] == ["odg", "low", "back"]
    assert "decision" in windows[2]
    assert document.cited_pages["guideline"] == [(98, 99), ()]


def test_days_are_numbers_and_flags_are_values() -> None:
    document = one(item())
    assert document.numbers["decided"] == (20150304,)
    assert document.numbers["qty"] == ()
    assert "guideline" in document.keywords["has"]
    assert "qty" not in document.keywords["has"]
    assert document.keywords["is"] == ("incomplete", "multi")
    assert document.keywords["cited"] == ("MTUS Chronic Pain, Physical Medicine", "ODG, Low Back")


def test_a_source_that_is_printed_once_leaves_no_window_of_two_citations() -> None:
    first = Citation("MTUS", "Low Back 2004", "Summary", (), "MTUS Low Back 2004, Section(s): Summary")
    second = Citation(
        "MTUS", "Chronic Pain 2016", "Facet blocks", (), "MTUS Chronic Pain 2016, Section(s): Facet blocks"
    )
    printed = (
        "Decision based on MTUS Low Back 2004, Section(s): Summary, and Chronic Pain 2016, Section(s): Facet blocks."
    )
    pieces = documents.cited_pieces(printed, (first, second))
    assert [piece for piece, citation in pieces if citation is None] == ["Decision based on ", ", and "]
