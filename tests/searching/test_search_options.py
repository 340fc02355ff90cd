from __future__ import annotations

import pytest

from imr_search.errors import UsageError
from imr_search.plan import SortKey
from imr_search.searching.search_options import Options, column_keys, json_keys, sort_keys


def test_sorting_takes_field_names_and_json_keys() -> None:
    assert sort_keys("-decided,case") == (SortKey("decided", True), SortKey("case"))
    assert sort_keys("-quantity qty") == (SortKey("qty", True),)
    assert sort_keys("items") == (SortKey("items"),)
    assert sort_keys("O") == (SortKey("outcome"),)
    assert sort_keys("") == sort_keys("relevance") == sort_keys("-relevance") == ()


@pytest.mark.parametrize("text", ["rationale", "guideline", "cited", "has", "colour", "relevance,case", "-", ",x"])
def test_what_cannot_be_sorted_by(text: str) -> None:
    with pytest.raises(UsageError):
        sort_keys(text)


def test_columns_bear_json_keys_and_any_key_of_the_contract_may_be_asked_for() -> None:
    assert column_keys("case, qty,quantity PAGE") == ("case", "quantity", "pages")
    assert column_keys("score,evidence,citations,warnings,sha256") == (
        "score",
        "evidence",
        "citations",
        "warnings",
        "sha256",
    )
    assert column_keys("") == ()
    for key in json_keys():
        assert column_keys(key) == (key,)
    with pytest.raises(UsageError, match="cannot be shown as a column"):
        column_keys("case,items")
    with pytest.raises(UsageError, match="no field is called colour") as raised:
        column_keys("colour")
    assert raised.value.hint
    with pytest.raises(UsageError, match="tretment") as raised:
        column_keys("tretment")
    assert raised.value.hint == "did you mean treatment?"


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"offset": -1}, {"snippets": -2}, {"limit": True}, {"offset": 1.5}])
def test_numbers_are_checked(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Options(**wrong)  # type: ignore[arg-type]
