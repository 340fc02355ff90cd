"""The table of stages is the only place where one is declared: whatever lists or explains stages has every row of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from imr_search import stages
from imr_search.cli.help import help_text, man_page
from imr_search.errors import QueryError
from imr_search.output.terminal import Terminal
from imr_search.query.completion import complete
from imr_search.query.parser import parse
from imr_search.stages import STAGES, StageRow

ROOT = Path(__file__).resolve().parents[1]
each_stage = pytest.mark.parametrize("row", STAGES, ids=lambda row: row.name)


def offered(text: str) -> list[str]:
    return [one.text for one in complete(text, len(text))]


@each_stage
def test_its_example_is_one(row: StageRow) -> None:
    tree = parse(f"* | {row.example}")
    assert [type(stage) for stage in tree.stages] == [row.node]
    assert str(parse(str(tree))) == str(tree)


@each_stage
def test_it_stands_in_all_help(row: StageRow) -> None:
    shown = "\n".join(help_text(Terminal(width=200)))
    assert f"... | {row.example}" in shown
    assert row.help in shown
    assert f"| {row.example}".replace("-", r"\-") in "\n".join(man_page())
    taught = (ROOT / "grammar" / "LANGUAGE.md").read_text(encoding="utf-8")
    assert f"| {row.name}" in taught or f"`{row.name}`" in taught


@each_stage
def test_bars_show_one_of_its_columns(row: StageRow) -> None:
    assert not row.report or row.final or row.drawn in row.columns


@each_stage
def test_it_has_a_golden(row: StageRow) -> None:
    rows = tomllib.loads((ROOT / "grammar" / "examples.toml").read_text(encoding="utf-8"))
    assert [one for one in rows["report"] if f"| {row.name}" in one.get("reads", "")]


@each_stage
def test_what_it_lacks_is_told_with_a_correction_that_can_be_read(row: StageRow) -> None:
    if all(argument.default is not None for argument in row.arguments):
        assert [type(stage) for stage in parse(f"* | {row.name}").stages] == [row.node]
        return
    with pytest.raises(QueryError, match=rf"{row.name} (needs|takes)") as caught:
        parse(f"* | {row.name}")
    assert caught.value.corrections
    for correction in caught.value.corrections:
        parse(correction.query)


@pytest.mark.parametrize("row", [row for row in STAGES if row.report], ids=lambda row: row.name)
def test_what_is_offered_behind_a_report_is_not_refused(row: StageRow) -> None:
    query = f"* | {row.example} | "
    names = offered(query)
    assert names == ([] if row.final else [f"{name} " for name in stages.OF_ROWS])
    for name in offered(f"{query}sort "):
        parse(f"{query}sort {name}")


@each_stage
def test_every_name_that_is_offered_is_taken(row: StageRow) -> None:
    """Each name that completion gives, put where it was asked for."""
    for argument in row.arguments:
        if argument.kind not in ("field", "groups", "keys", "columns", "choice", "part"):
            continue
        before = f"* | {row.name} "
        if argument.word:
            first = next((one for one in row.arguments if one.kind == "field"), None)
            before += f"{offered(before)[0]} {argument.word} " if first is not None else f"{argument.word} "
        names = [name for name in offered(before) if not name.endswith(" ")]
        assert names, before
        for name in names:
            parse(before + name)


def test_sort_is_offered_columns_as_they_are_typed() -> None:
    query = "* | count by received quarter, sex | sort "
    assert offered(query) == ["received", "sex", "items", "letters", "share"]
    tree = parse(f"{query}-received")
    assert str(parse(str(tree))) == str(tree) == f"{query}-received"
    assert offered("* | count by sex | sort y") == []
    assert offered("* | sort y") == []


def test_a_second_argument_is_offered_its_own_names() -> None:
    assert "category" in offered("* | stats age by c")
    assert "category" not in offered("* | stats c")


def test_what_no_group_can_be_of_is_told() -> None:
    with pytest.raises(QueryError, match="a report groups by fields with values, and guideline is not one"):
        parse("* | count by guideline year")


def test_the_page_asks_for_every_report_by_its_form() -> None:
    from imr_search.web.answers import report_kinds, written

    kinds = [kind for _, choices in report_kinds() for kind, _ in choices]
    assert {kind.split()[0] for kind in kinds} >= {row.name for row in STAGES if row.report and not row.takes_query}
    for kind in kinds:
        for names in ([], ["category"], ["sex", "year"]):
            stage = written(kind, names)
            assert [type(one) for one in parse(f"* {stage}").stages] == [stages.named(kind.split()[0]).node], stage  # type: ignore[union-attr]
    assert written("trend", ["sex", "quarter"]) == "| trend quarter by sex"
    assert written("rate", ["sex", "year"]) == "| rate by sex, year"
    assert written("nosuch", []) is None
