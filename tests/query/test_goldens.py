"""Every row of the language's tables, and every ruling, is a golden."""

from __future__ import annotations

import pytest
from goldens import FILE, goldens, made, written
from made import searcher

from imr_search.query.parser import parse

ROWS = goldens()
ERRORS = frozenset(
    f"E{number}"
    for number in (
        *range(101, 117),
        118,
        119,
        120,
        121,
        122,
        123,
        124,
        125,
        126,
        128,
        129,
        130,
        131,
        132,
        133,
        134,
        136,
        140,
    )
)
NOTICES = frozenset(("N01", "N03", "N05", "N06", "N08", "N10", "N14", "N15", "N21", "N22", "N23", "N24", "N25", "N33"))
ELSEWHERE = frozenset(("E122", "E131"))  # too long to write down: test_limits


def test_goldens_are_written_by_this_code(update: bool) -> None:
    index = searcher()
    text = written([made(row.about, row.query, index) for row in ROWS])
    if update:
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("row", [row for row in ROWS if row.reads], ids=lambda row: row.query[:60])
def test_reads_the_same_again(row: object) -> None:
    """The canonical form is its own canonical form, and finds the same."""
    index = searcher()
    first = made("", row.query, index)  # type: ignore[attr-defined]
    again = made("", first.reads, index)
    assert (again.reads, again.items) == (first.reads, first.items)
    assert str(parse(first.reads)) == first.reads


def test_every_code_has_a_golden() -> None:
    assert {row.error for row in ROWS if row.error} | ELSEWHERE == ERRORS
    assert {notice[:3] for row in ROWS for notice in row.notices} >= NOTICES


def test_no_message_shows_the_machinery() -> None:
    for row in ROWS:
        for word in ("LPAR", "RPAR", "PHRASE", "Token", "$END", "Traceback", "SCALAR", "BUTNOT"):
            assert word not in row.says
        assert "\n" not in row.says
