"""LANGUAGE.md tells the truth: every example in it is asked of the letters that the project ships."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from goldens import TODAY
from lexicons import searcher

from imr_search.engines.memory import MemorySearcher
from imr_search.errors import QueryError
from imr_search.query.parser import parse
from imr_search.query.planner import plan

FILE = Path(__file__).resolve().parents[2] / "grammar" / "LANGUAGE.md"
ROW = re.compile(r"^\| (`+.+?`) \| (.*) \| ([^|]+) \|$")


def query(cell: str) -> str:
    return cell.strip("`").replace("\\|", "|")


def answer(text: str, index: MemorySearcher) -> str:
    try:
        return f"{index.count(plan(parse(text), index, text=text, today=TODAY).node):,}"
    except QueryError as error:
        return error.code


def told(line: str, index: MemorySearcher) -> str:
    """The line with its last column as the letters have it today."""
    match = ROW.match(line)
    if match is None or match[3] == "code":
        return line
    text = query(match[1])
    found = answer(text, index)
    if match[3] == "same":
        assert found == answer(query(match[2]), index), line
        return line
    return f"| {match[1]} | {match[2]} | {found} |"


def test_every_example_does_as_told(examples: Path, update: bool) -> None:
    index = searcher(examples)
    lines = FILE.read_text(encoding="utf-8").split("\n")
    truth = [told(line, index) for line in lines]
    if update:
        FILE.write_text("\n".join(truth), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8").split("\n") == truth
    rows = [match for line in truth if (match := ROW.match(line))]
    assert len(rows) > 80
    assert all(match[3] != "0" for match in rows), [match[1] for match in rows if match[3] == "0"]


@pytest.mark.parametrize("text", ["not medically necessary", "norco /5 (a AND b)", "t: norco", "decided:31/4/2015"])
def test_errors_are_errors_of_the_query(text: str, examples: Path) -> None:
    assert re.fullmatch(r"E1\d\d", answer(text, searcher(examples)))


def test_what_says_the_same_finds_the_same(examples: Path) -> None:
    """The other spellings that the text names beside its examples."""
    index = searcher(examples)
    for one, *others in (
        ("norco -drug", "norco NOT drug", "norco but not drug", "norco and not drug"),
        ("acupuncture or chiropractic", "acupuncture OR chiropractic", "acupuncture || chiropractic"),
        ("functional /5 improvement", "functional w/5 improvement", "functional near/5 improvement"),
        ("functional +2 improvement", "functional pre/2 improvement", '"functional improvement"~2'),
        ("has:page", "page:*"),
        ("treatment:acupuncture", "t:acupuncture"),
    ):
        assert {answer(one, index)} == {answer(other, index) for other in others}
