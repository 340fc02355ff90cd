"""From the shell's words to a query, and never to the wrong option."""

from __future__ import annotations

import pytest

from imr_search.cli.command_line import joined
from imr_search.cli.option_table import OPTIONS
from imr_search.cli.search_main import parse
from imr_search.errors import UsageError
from imr_search.output.request import Request


def test_the_shell_and_the_prompt_read_one_line_alike() -> None:
    assert joined(["treatment:physical therapy"]) == "treatment:physical therapy"
    assert joined(["a", "b c"]) == "a b c"


@pytest.mark.parametrize(
    "arguments",
    [
        ["-opioid"],
        ["acupuncture", "-opioid"],
        ["-norco"],
        ["-mri"],
        ["-x"],
        ["-fusion"],
        ["-injection"],
        ["-n", "5", "-surgery"],
        ["-columns"],
    ],
)
def test_a_query_that_starts_with_a_minus_is_not_taken_for_options(arguments: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse(arguments)
    assert "goes after --" in caught.value.message
    assert " -- -" in caught.value.hint or " -- acupuncture -opioid" in caught.value.hint


def test_the_hint_keeps_the_options_where_they_were() -> None:
    with pytest.raises(UsageError) as caught:
        parse(["-n", "5", "acupuncture", "-opioid", "-qf", "csv", "a b"])
    assert caught.value.hint == "imr-search -n 5 -qf csv -- acupuncture -opioid 'a b'"
    assert parse(["-qf", "csv", "x"]) == Request(query=("x",), quiet=True, format="csv")


def test_behind_two_minuses_everything_is_query() -> None:
    assert parse(["--", "-opioid", "-n"]).query == ("-opioid", "-n")
    assert parse(["-n", "5", "--", "-opioid"]) == Request(query=("-opioid",), limit=5)


def test_short_options_may_be_written_close() -> None:
    assert parse(["-n5", "-fcsv", "-qF", "x", "-o/tmp/y"]) == Request(
        query=("x",), limit=5, format="csv", quiet=True, literal=True, output="/tmp/y"
    )


def test_every_option_of_the_table_is_read_and_has_a_place() -> None:
    for row in OPTIONS:
        assert row.name in Request.__slots__, row
        assert row.help


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--formt", "csv", "x"], "--format"),
        (["-f", "xml", "x"], "xml"),
        (["-n", "abc", "x"], "--limit takes a whole number, 0 or more"),
        (["-n", "many", "x"], "many"),
        (["-n", "-1", "x"], "-1"),
        (["x", "--batch", "y"], "cannot go together"),
        (["x", "--all", "-n", "3"], "cannot go together"),
        (["x", "--count", "--check"], "cannot go together"),
        (["x", "--param", "a=b"], "saved"),
        (["-f"], "requires an argument"),
        (["x", "-i", ""], "--index names nothing"),
        (["x", "--index="], "--index names nothing"),
        (["x", "--record", ""], "--record names nothing"),
        (["x", "-o", ""], "--output names nothing"),
        (["--replay", ""], "--replay names nothing"),
        (["--saved", ""], "--saved names nothing"),
    ],
)
def test_a_command_line_that_cannot_be_read_says_why(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(arguments)
    assert said in caught.value.message + " " + caught.value.hint
    assert caught.value.exit_code == 2
