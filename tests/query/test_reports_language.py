"""Reports as they are typed: compare, stats, kinds, the rows of a report sorted and cut, what no letter says."""

from __future__ import annotations

import pytest

from imr_search.errors import QueryError
from imr_search.plan import Compare, Group, LimitRows, SortKey, SortRows, Stats
from imr_search.query.completion import complete
from imr_search.query.parser import parse


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("a | rate by category | sort -rate | limit 10", "a | rate by category | sort -rate | limit 10"),
        ("a | stats age by year, sex", "a | stats age by year, sex"),
        ("a | compare b or c", "a | compare b OR c"),
        ('a | compare t:(b c) "d | e" | limit 1', 'a | compare treatment:(b AND c) AND "d | e" | limit 1'),
        ("a | rate by kind | sort kind", "a | rate by kind | sort group"),
        ("a | count by category, year | sort -year, items", "a | count by category, year | sort -year, items"),
        ("a | top 5 drug | sort drug", "a | top 5 drug | sort value"),
    ],
)
def test_stages_are_read_and_printed(typed: str, read: str) -> None:
    tree = parse(typed)
    assert str(tree) == read
    assert str(parse(read)) == read


def test_stages_hold_what_was_asked() -> None:
    assert parse("a | stats age by kind").stages == (Stats("age", (Group("category", "kind"),)),)
    (_, order, cut) = parse("a | rate by year | sort -rate | limit 3").stages
    assert (order, cut) == (SortRows((SortKey("rate", True),)), LimitRows(3))
    assert isinstance(parse("a | compare b").stages[0], Compare)


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("a | compare", "E123", "compare needs a query after it"),
        ("a | rate by year | count", "E123", "nothing can follow it except sort and limit of its rows"),
        ("a | cite | limit 1", "E123", "cite ends a query: nothing can follow it"),
        ("a | rate by year | sort foo", "E124", "the report has no column foo"),
        ("a | stats outcome", "E124", "stats takes a field of numbers"),
        ("a | stats", "E124", "stats needs the name of a field"),
        ("region:north", "E107", "the letters do not say where the worker lives"),
        ("insurer:acme", "E107", "the letters do not say who the insurer is"),
        ("a | rate by employer", "E124", "the letters do not say who the employer is"),
        ("a | top 5 provider", "E124", "the letters do not say who asked for the treatment"),
        ("attorney:smith", "E107", "the letters do not say who represents the worker"),
        ("a | count by judge", "E124", "the letters do not say who the judge is"),
        ("ethnicity:hispanic", "E107", "there is age: and sex:"),
        ("a | stats wage by year", "E124", "the letters do not say what the worker earns"),
        ("a | sort employer", "E124", "the letters do not say who the employer is"),
        ("a | show insurer", "E124", "the letters do not say who the insurer is"),
        ("cost:>100", "E107", "there is qty:, visits: and refills:"),
    ],
)
def test_what_cannot_be_is_told(typed: str, code: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(typed)
    assert caught.value.code == code
    assert said in caught.value.message


def test_completion_knows_the_stages_and_their_columns() -> None:
    def words(text: str) -> list[str]:
        return [one.text for one in complete(text, len(text))]

    assert "compare " in words("a | c")
    assert "outcome:" in words("a | compare out")
    assert "upheld" in " ".join(words("a | compare outcome:up"))
    assert {"rate", "letters", "share"} <= set(words("a | rate by year | sort "))
    assert "age" in words("a | stats a")
    assert "category" not in words("a | stats c")
    assert "kind" in words("a | rate by k")
