"""SECURITY.md names tests for what it promises: they are there, and so is what it links to."""

from __future__ import annotations

import re
from pathlib import Path

from imr_search.letters import limits, pdf_process, pdf_reader
from imr_search.searching.search_options import TIMEOUT
from imr_search.web import security

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_file_of_tests_that_is_named_exists() -> None:
    named = re.findall(r"`((?:[a-z_]+/)*test_[a-z_]+\.py)`", PAGE)
    assert len(set(named)) > 20
    assert not [name for name in named if not (ROOT / "tests" / name).is_file()]


def test_what_is_linked_or_named_exists() -> None:
    for name in re.findall(r"\]\(([^)]+)\)", PAGE) + re.findall(r"`(imr_search/[a-z_/]+\.py)`", PAGE):
        assert (ROOT / name).is_file(), name


def test_its_numbers_are_the_programs_own() -> None:
    assert pdf_reader.MEMORY == limits.BYTES == 1 << 30
    assert f"at most {limits.SECONDS:g} s of work and 1 GB" in PAGE
    assert f"a PDF at most {pdf_reader.TIMEOUT:g} s and 1 GB" in PAGE
    assert pdf_process.WORK > pdf_reader.TIMEOUT
    assert f"ended by its deadline ({TIMEOUT:g} s)" in PAGE
    web = (ROOT / "docs" / "web.md").read_text(encoding="utf-8")
    assert f"addresses end at {security.LONGEST_ADDRESS >> 10} KiB" in web
    assert f"a form that does not come within {security.BODY_SECONDS:g} s" in web


def _rows() -> list[list[str]]:
    """The rows of every table: their cells."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def _functions(cell: str) -> list[tuple[Path, str]]:
    """`a/test_b.py`: `test_c`, `test_d`; ... as files and the names of their functions."""
    return [
        (ROOT / "tests" / part.split("`")[1], name)
        for part in cell.split(";")
        for name in re.findall(r"`(test_\w+)`", part)
    ]


def test_every_row_names_tests_that_are_there() -> None:
    rows = [row for row in _rows() if row[-1] not in ("tests", "tests (in `tests/`)")]
    assert len(rows) == 21
    for row in rows:
        named = _functions(row[-1])
        assert named, row
        for path, name in named:
            assert re.search(rf"^(async )?def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE), (row[0], name)


def test_what_each_stranger_may_do_is_tried_from_outside() -> None:
    """Each row of the threat model names a test that runs a command, a build, a shell or a server, and looks at what it did."""
    outside = re.compile(
        r"subprocess|\bcommand\(|\bbuild\(|\bdone\(|Shell\(|\.ask\(|find_letters\(|Library\.open|settings\.read\(|saved\.|records\.read"
    )
    for row in _rows():
        if len(row) == 4 and row[0] != "from":
            files = {path for path, _ in _functions(row[-1])}
            assert any(outside.search(path.read_text(encoding="utf-8")) for path in files), row[0]
