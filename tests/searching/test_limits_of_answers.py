"""What an answer may cost: a deadline that names what was expensive, and letters that are counted where it is cheap or asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import imr_search
from imr_search.errors import QueryError, UsageError
from imr_search.output import data, wording
from imr_search.searching import library as library_module
from imr_search.searching import offers
from imr_search.searching.library import Library, Options

EXAMPLES = Path(__file__).parents[2] / "examples" / "letters"


@pytest.fixture(scope="module", params=("memory", "whoosh", "tantivy"))
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    index = tmp_path_factory.mktemp("limits") / request.param
    assert imr_search.build([EXAMPLES], index, engine=request.param, workers=1).items > 10
    with Library.open(index, {}) as opened:
        yield opened


def test_a_query_that_takes_too_long_is_refused_with_what_was_expensive(held: Library) -> None:
    text = "outcome:upheld (pain /s back) treatment:*"
    for ask in (lambda: held.search(text, Options(timeout=1e-9)), lambda: held.explain(text, timeout=1e-9)):
        with pytest.raises(QueryError) as caught:
            ask()
        assert caught.value.code == "E135"
        assert "--timeout" in caught.value.message
    assert held.search(text, Options(timeout=None)).total == held.search(text).total


def test_the_most_expensive_part_is_named(held: Library) -> None:
    text = "outcome:upheld (pain /s back)"
    plan = held.read(text)
    with pytest.raises(QueryError) as caught, held.within(1e-9, text, lambda: plan):
        held.answer(plan, text, Options())
    assert text[caught.value.start : caught.value.end].strip("()") == "pain /s back"
    assert "pain /s back" in caught.value.message


def test_a_deadline_is_a_time() -> None:
    for wrong in (0, -1):
        with pytest.raises(UsageError):
            Options(timeout=wrong)


def test_letters_are_counted_where_they_are_few_or_asked_for(held: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    few = held.search("outcome:upheld")
    assert few.letters is not None
    assert few.tally is not None
    assert few.tally.letters == few.letters
    report = held.search("outcome:upheld | rate by category").report
    monkeypatch.setattr(library_module, "LETTERS", few.total - 1)
    many = held.search("outcome:upheld")
    assert (many.total, many.letters) == (few.total, None)
    assert many.tally is not None
    assert many.tally.letters is None
    assert many.tally.upheld == few.tally.upheld
    assert "letter" not in wording.heading(many)
    assert "letter" in wording.heading(few)
    assert data.envelope(many)["letters"] is None
    asked = held.search("outcome:upheld", Options(letters=True))
    assert (asked.letters, asked.tally) == (few.letters, few.tally)
    assert held.record(many).letters == few.letters
    counted = held.search("outcome:upheld | rate by category", Options(letters=True)).report
    assert counted == report
    left_out = held.search("outcome:upheld | rate by category").report
    assert report is not None
    assert left_out is not None
    column = report.columns.index("letters")
    assert {row[column] for row in left_out.rows} == {None}
    assert [row[:column] + row[column + 1 :] for row in left_out.rows] == [
        row[:column] + row[column + 1 :] for row in report.rows
    ]


def test_the_letters_of_all_items_are_known(held: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "LETTERS", 0)
    assert held.search("*").letters == held.facts.letters


def test_a_very_long_query_is_not_read_as_fields(held: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """That reading looks at every word in the company of every other."""
    read: list[str] = []
    monkeypatch.setattr(offers.as_fields, "reading", lambda text, today: read.append(text))
    long = " ".join(["acupuncture denied"] * 40)
    for text in (long, "acupuncture denied"):
        with contextlib.suppress(QueryError):
            held.search(text)
    assert read == ["acupuncture denied"]
