"""Reports as tables for people: their numbers, their names, and what a narrow screen leaves of them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import msgspec
import pytest
from pages import RATE, hit, page, shown, trend

import imr_search
from imr_search.model import GroupCounts, Page, Report
from imr_search.output import formats, safety, wording
from imr_search.output.formats import Manner, render
from imr_search.output.terminal import Terminal
from imr_search.searching.intervals import wilson
from imr_search.web.figures import chart


def test_shares_are_percent_for_people_and_fractions_for_programs() -> None:
    answer = page(report=trend(("2015", 4, 1), ("2016", 10, 5)))
    assert "25.0%" in shown(answer, "list", Terminal())
    assert "1.0-30.0" in shown(answer, "list", Terminal())
    assert list(render(answer, "csv", Terminal()))[1] == "2015,4,4,1,0,3,0.25,0.01,0.3"


def test_two_groupings_make_a_cross_table_whose_sums_are_right() -> None:
    report = Report(
        "count",
        ("outcome", "year", "items", "letters"),
        (("upheld", "2014", 3, 2), ("upheld", "2015", 5, 2), ("overturned", "2015", 1, 1)),
    )
    lines = [line.split() for line in render(page(report=report), "list", Terminal())][2:]
    assert lines == [
        ["outcome", "/", "year", "2014", "2015", "sum"],
        ["upheld", "3", "5", "8"],
        ["overturned", ".", "1", "1"],
        ["sum", "3", "6", "9"],
    ]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_on_a_narrow_screen_columns_go_and_numbers_stay_whole(width: int) -> None:
    report = Report(
        "rate", ("group", *RATE), (("rehabilitation/acupuncture", 1234, 1000, 234, 10, 990, 0.19, 0.1689, 0.2131),)
    )
    lines = list(render(page(report=report), "list", Terminal(width=width)))
    assert all(safety.width(line) <= width for line in lines)
    at = next(at for at, line in enumerate(lines) if line.startswith("rehabilitation/acupuncture"))
    row = lines[at] if width > 40 else lines[at + 1]  # a name that leaves no room has a line of its own
    for number in ("1,234", "19.0%", "16.9-21.3"):
        assert number in row
    assert "also shows" in " ".join(lines)


def test_where_no_table_fits_each_group_has_its_numbers_named() -> None:
    columns = ("group", *RATE, "p")
    rows = (
        ("category:acupuncture", 70, 70, 56, 0, 14, 0.8, 0.692, 0.877, None),
        ("difference", *[None] * 5, 0.2, 0.05, 0.3, 0.0125),
    )
    lines = list(render(page(report=Report("compare", columns, rows)), "list", Terminal(width=36)))[2:]
    assert all(safety.width(line) <= 36 for line in lines)
    told = " ".join(" ".join(lines).split())
    assert "category:acupuncture items 70" in told
    assert "difference rate +20.0 pts 95% CI 5.0-30.0 p 0.0125" in told


def test_bars_use_what_room_there_is() -> None:
    rows = (("a" * 20, 100, 100, 50, 0, 50, 0.5, 0.4, 0.6), ("b", 100, 100, 1, 0, 99, 0.01, 0.0, 0.05))
    answer = page(report=Report("rate", ("group", *RATE), rows))
    table = safety.width(list(render(answer, "list", Terminal(width=85)))[2])
    for room, longest, shortest in ((4, "60.0", "5.0"), (5, "  █████", "  ▏"), (40, "  " + "█" * 24, "  ▌")):
        lines = list(render(answer, "list", Terminal(width=table + 2 + room)))
        assert lines[-2].endswith(longest), room
        assert lines[-1].endswith(shortest), room
    assert list(render(answer, "list", Terminal(width=200, unicode=False)))[3].endswith("#" * 24)


def test_a_report_without_groups_says_so() -> None:
    empty = Report("top", ("value", "items", "letters", "overturned", "rate"), ())
    assert "unknown in all of these items" in shown(page(hit(), report=empty), "list", Terminal())
    assert "unknown" not in shown(page(report=empty), "list", Terminal())


def counts(down: int, across: int, name: str = "group") -> Report:
    rows = [(f"{name}/{a:02}", f"value number {b:02}", a + b, 1, 0.1) for a in range(down) for b in range(across)]
    return Report("count", ("category", "body", "items", "letters", "share"), tuple(rows), ("category", "body"))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_wide_cross_table_comes_in_parts_and_cuts_no_heading(width: int) -> None:
    shown = list(render(page(report=counts(4, 12)), "list", Terminal(width=width)))
    assert all(safety.width(line) <= width for line in shown)
    text = "\n".join(shown)
    assert all(f"value number {n:02}" in text for n in range(12))
    assert "…" not in text


def test_a_turned_cross_table_turns_its_corner() -> None:
    (head,) = [line for line in render(page(report=counts(3, 12)), "list", Terminal(width=70)) if "/ " in line]
    assert head.split() == ["body", "/", "category", "group/00", "group/01", "group/02", "sum"]


def test_a_table_in_a_file_cuts_nothing() -> None:
    long = "x" * 300
    shown = "\n".join(render(page(hit(long)), "table", Terminal(width=80, screen=False)))
    assert f"Acupuncture, 6 visits{long}" in shown
    wide = "\n".join(render(page(report=counts(3, 40)), "table", Terminal(width=80, screen=False)))
    assert "columns 1-" not in wide
    assert "value number 39" in wide


def test_rows_that_differ_never_look_alike() -> None:
    names = [f"rehabilitation/{kind}" for kind in ("occupational-therapy", "physical-therapy", "aquatic-therapy")]
    rows = tuple((name, 3, 2, 1, 0, 2, 1 / 3, 0.1, 0.7, 0.1) for name in names)
    columns = ("group", "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high", "share")
    shown = list(render(page(report=Report.of("rate", columns, rows, ("category",))), "list", Terminal(width=60)))
    groups = [line.split("  ")[0] for line in shown if line.startswith("rehab")]
    assert len(set(groups)) == 3


def test_groups_read_as_people_say_them() -> None:
    ages = Report(
        "count", ("group", "items", "letters", "share"), ((20, 3, 2, 0.5), (None, 1, 1, 0.5)), ("age band 10",)
    )
    shown = "\n".join(render(page(report=ages), "list", Terminal(width=80)))
    assert "20-29" in shown
    rows = (("rehabilitation", 3, 2, 0.5), ("rehabilitation/massage", 3, 2, 0.5), ("surgery", 1, 1, 0.1))
    kinds = Report("count", ("group", "items", "letters", "share"), rows, ("category",))
    for form in ("list", "md"):
        shown = "\n".join(render(page(report=kinds), form, Terminal(width=80)))
        assert "rehabilitation, other" in shown
        assert "surgery, other" not in shown
    assert list(render(page(report=kinds), "csv", Terminal()))[1] == "rehabilitation,3,2,0.5"


def counted_as(share: tuple[int, int]) -> Page:
    """A page and its report of so many overturned of so many, one of each letter."""
    columns = ("group", "items", "letters", "overturned", "modified", "upheld", "rate", "low", "high", "share")
    k, n = share
    row = ("all", n, n, k, 0, n - k, k / n, *wilson(k, n), 1.0)
    counts = GroupCounts((), n, n, k, 0, n - k)
    return msgspec.structs.replace(page(report=Report.of("rate", columns, [row])), tally=counts, base=counts)


@pytest.mark.parametrize("output", ["list", "md", "docx", "notebook", "figure of the page"])
def test_one_share_is_one_number_wherever_it_stands(output: str) -> None:
    """5,870 of 9,400 is 62.447 %, which is 0.6245 to four places: what people see is rounded once."""
    answer = counted_as((5_870, 9_400))
    match output:
        case "notebook":
            shown = answer._repr_html_()
        case "figure of the page":
            drawn = chart(answer)
            assert drawn is not None
            shown = f"{drawn.description} {drawn.base_text}"
        case "docx":
            docx = pytest.importorskip("docx", reason="needs the extra")
            made = docx.Document(io.BytesIO(bytes(formats.get("docx").write(answer, Terminal(), Manner()))))
            shown = " ".join(cell.text for table in made.tables for row in table.rows for cell in row.cells)
            shown += " ".join(line.text for line in made.paragraphs)
        case _:
            shown = "\n".join(render(answer, output, Terminal(width=120)))
    assert set(re.findall(r"62\.\d", shown)) == {"62.4"}


def test_shares_are_printed_by_one_function() -> None:
    root = Path(imr_search.__file__).parent
    printing = re.compile(r":\.1f\}%|:\.1%|:\.0%|round\(100 \*")
    found = {
        path.relative_to(root).as_posix() for path in root.rglob("*.py") if printing.search(path.read_text("utf-8"))
    }
    assert found == {"tabular.py"}


def test_differences_below_nothing_are_read_apart() -> None:
    assert wording.interval(-0.222, 0.065) == "-22.2 to 6.5"
    assert wording.interval(0.065, 0.145) == "6.5-14.5"


def test_a_report_of_other_measures_has_bars_of_its_last() -> None:
    other = page(report=Report("spread", ("group", "least", "most"), (("upheld", 35, 70), ("overturned", 35, 140))))
    for name in ("list", "table"):
        lines = list(render(other, name, Terminal()))
        assert any("upheld" in line and "70" in line for line in lines)
