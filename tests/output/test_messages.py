"""Errors, for a screen and for programs."""

from __future__ import annotations

import pytest

from imr_search.errors import Correction, QueryError, UsageError
from imr_search.output import safety
from imr_search.output.messages import error, error_json
from imr_search.output.terminal import Terminal


def test_the_caret_stands_under_the_place() -> None:
    query = 'treatment:"physical therapy outcome:upheld'
    problem = QueryError(
        "E102",
        "this quotation mark is never closed",
        query,
        10,
        11,
        (),
        (Correction('treatment:"physical therapy" outcome:upheld', 1204),),
    )
    assert list(error(problem, Terminal())) == [
        "query error E102: this quotation mark is never closed",
        '    treatment:"physical therapy outcome:upheld',
        "              ^",
        '    try:  treatment:"physical therapy" outcome:upheld   (1,204 items)',
    ]


@pytest.mark.parametrize("before", ["日本 ", "e\u0301 ", "a\u200bb ", "tab\there ", "漢字" * 30, "x" * 300])
def test_the_caret_is_aligned_by_width_and_the_line_fits(before: str) -> None:
    problem = QueryError("E104", "this ) closes nothing", before + ") after" + " more" * 40, len(before))
    _, query, caret = list(error(problem, Terminal(width=60)))
    column = safety.width(caret) - 1
    assert safety.width(query) <= 60
    at = next(index for index in range(len(query)) if safety.width(query[:index]) == column)
    assert query[at] == ")"


def test_an_error_fits_a_narrow_screen() -> None:
    lines = list(
        error(UsageError("cannot write /nowhere/x: No such file or directory"), Terminal(width=40), "imr-search")
    )
    assert lines == ["imr-search: cannot write /nowhere/x: No", "    such file or directory"]


def test_errors_for_programs() -> None:
    problem = QueryError("E102", "never closed", "a b", 1, 2, ("x",), (Correction("a", 4),))
    assert error_json(problem) == {
        "code": "E102",
        "message": "never closed",
        "start": 1,
        "end": 2,
        "expected": ["x"],
        "try": [{"query": "a", "count": 4}],
    }
    assert error_json(UsageError("no", "do"))["code"] == "usage"


def test_a_command_to_copy_is_never_cut() -> None:
    command = "imr-index status -i /somewhere/" + "a-very-long-folder/" * 8
    lines = list(error(UsageError("no folder belongs here", command), Terminal(width=60)))
    assert any(line.strip() == command.split()[-1] for line in lines)


def test_a_sign_that_is_expected_can_be_seen() -> None:
    problem = QueryError("E123", "min cannot follow year here", "* | count by year min 2", 18)
    problem.expected = ("|", "band", ",")
    assert '    expected: "|", band, ","' in list(error(problem, Terminal()))
