"""Each format as the contract has it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import msgspec
import pytest
from pages import RATE, hit, page, trend

import imr_search
from imr_search.errors import Correction, QueryError, UsageError
from imr_search.model import Evidence, GroupCounts, Hit, Notice, Page, Report
from imr_search.output import formats, safety, wording
from imr_search.output.formats import Manner, render
from imr_search.output.messages import error, error_json
from imr_search.output.terminal import Terminal, of_terminal
from imr_search.output.wording import pages
from imr_search.searching.intervals import wilson
from imr_search.searching.search_options import column_keys
from imr_search.web.figures import chart

KEYS = [
    "id",
    "letter",
    "case",
    "n",
    "treatment",
    "title",
    "outcome",
    "guideline",
    "ca_guideline",
    "sources",
    "ca_sources",
    "pages",
    "ca_pages",
    "chapters",
    "sections",
    "citations",
    "ca_citations",
    "rationale",
    "summary",
    "specialty",
    "licensed",
    "age",
    "sex",
    "injured",
    "assigned",
    "decided",
    "denied",
    "received",
    "priority",
    "drugs",
    "strengths",
    "quantity",
    "refills",
    "visits",
    "category",
    "categories",
    "body",
    "requested",
    "authorized",
    "reasons",
    "deciding",
    "days",
    "days_denied",
    "days_injured",
    "pdf_page",
    "generation",
    "file",
    "sha256",
    "warnings",
    "score",
    "evidence",
    "tier",
]


def shown(*args: object, **more: object) -> str:
    return "\n".join(render(*args, **more))  # type: ignore[arg-type]


def test_the_list_page_reads_as_designed() -> None:
    lines = shown(page(hit(outcome="overturned")), "list", Terminal(width=110)).splitlines()
    assert lines[0] == "1 item in 1 letter   9.8% overturned (95% CI 6.5-14.5, n=214; all items 11.2%)"
    assert lines[1] == " 1  CM15-0012345 #1  2015-03-04  OVERTURNED  Acupuncture, 6 visits"
    assert (
        lines[2]
        == "     There is evidence of <functional improvement> with the first six visits.   rationale, sentence 1"
    )
    assert lines[3] == "     MTUS Acupuncture, pp. 98-99"


def test_colour_takes_the_place_of_the_brackets_only() -> None:
    plain = shown(page(hit()), "list", Terminal())
    coloured = shown(page(hit()), "list", Terminal(color=True))
    assert "<functional improvement>" in plain
    assert "\x1b[1;31mfunctional improvement\x1b[0m" in coloured
    assert "\x1b" not in plain


def test_marks_over_a_line_end_are_closed_and_opened_again() -> None:
    text = "one two three four five six seven eight nine ten"
    marked = Hit(hit().item, None, (Evidence("rationale", 1, text, ((4, 34),)),))
    lines = shown(page(marked), "list", Terminal(width=30, color=True)).splitlines()
    inside = [line for line in lines if "two" in line or "seven" in line or "four" in line]
    assert all(line.count("\x1b[1;31m") == line.count("\x1b[0m") == 1 for line in inside), inside


@pytest.mark.parametrize("full", [False, True])
def test_a_title_is_marked_where_it_was_found(full: bool) -> None:
    found = msgspec.structs.replace(hit(), marks=((0, 11),))
    assert "<Acupuncture>, 6 visits" in shown(page(found), "list", Terminal(), Manner(full=full))
    assert "\x1b[1;31mAcupuncture\x1b[0m, 6" in shown(page(found), "list", Terminal(color=True), Manner(full=full))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 132])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    look = Terminal(width=width)
    wide = hit(" 漢字かな交じり文" * 5 + "x" * 60)
    answer = page(
        msgspec.structs.replace(wide, marks=((0, 40),)), hit(n=2), msgspec.structs.replace(hit(n=3), marks=((0, 11),))
    )
    for form in ("list", "table"):
        for line in render(answer, form, look):
            assert safety.width(line) <= max(width, 36), line
    for line in render(answer, "list", look, Manner(full=True)):
        assert safety.width(line) <= max(width, 36), line


def test_json_has_every_key_in_order_and_no_more() -> None:
    found = json.loads(shown(page(hit(), notices=(Notice("N10", "x"),)), "json", Terminal()))
    assert list(found) == [
        "schema",
        "query",
        "read_as",
        "notices",
        "index",
        "total",
        "letters",
        "tiers",
        "as_fields",
        "items",
    ]
    assert list(found["items"][0]) == KEYS
    assert found["notices"] == [{"code": "N10", "text": "x"}]
    assert found["index"] == {"engine": "whoosh", "generation": 3, "letters": 5, "items": 17}
    assert found["items"][0]["evidence"] == [
        {
            "field": "rationale",
            "sentence": 1,
            "text": "There is evidence of functional improvement with the first six visits.",
        }
    ]
    assert found["items"][0]["citations"][0]["pages"] == [98, 99]
    assert found["items"][0]["age"] is None
    assert found["items"][0]["drugs"] == []


@pytest.mark.parametrize("one_line", [False, True])
@pytest.mark.parametrize("time", [False, True])
def test_json_is_json_however_it_is_laid_out(one_line: bool, time: bool) -> None:
    for answer in (page(), page(hit()), page(hit(), hit(n=2)), page(report=trend(("2015", 3, 1), ("2016", 4, 1)))):
        text = shown(answer, "json", Terminal(), Manner(time=time, one_line=one_line))
        found = json.loads(text)
        assert ("took_ms" in found) is time
        assert ("items" in found) is (answer.report is None)
        assert text.count("\n") == 0 or not one_line


def test_a_report_takes_the_place_of_items() -> None:
    found = json.loads(shown(page(report=trend(("2015", 4, 1))), "json", Terminal()))
    assert found["report"] == {
        "kind": "trend",
        "columns": ["period", *RATE],
        "rows": [["2015", 4, 4, 1, 0, 3, 0.25, 0.01, 0.3]],
    }
    assert "items" not in found
    assert found["base"]["rate"] == 0.112


def test_a_report_bears_the_rate_of_the_whole_index() -> None:
    answer = msgspec.structs.replace(page(report=trend(("2015", 4, 1))), base=GroupCounts((), 40, 30, 10, 2, 28))
    for one_line in (False, True):
        found = json.loads(shown(answer, "json", Terminal(), Manner(one_line=one_line)))
        assert found["base"] == {
            "items": 40,
            "letters": 30,
            "overturned": 10,
            "modified": 2,
            "upheld": 28,
            "rate": 0.25,
            "low": 0.1419,
            "high": 0.4019,
        }


def test_csv_is_read_back_by_a_reader_of_csv() -> None:
    lines = list(render(page(hit(' "quoted", and\nmore'), hit(n=2)), "csv", Terminal()))
    rows = list(csv.DictReader(io.StringIO("\r\n".join(lines))))
    assert list(rows[0]) == KEYS
    assert rows[0]["title"] == 'Acupuncture, 6 visits "quoted", and more'
    assert rows[0]["pages"] == "98; 99"
    assert rows[1]["n"] == "2"
    assert rows[0]["citations"] == "MTUS Acupuncture, pp. 98-99"
    assert rows[0]["age"] == ""


def test_csv_guards_formulas_unless_told_not_to() -> None:
    dangerous = page(hit(), columns=("title",))
    item = msgspec.structs.replace(dangerous.hits[0].item, title='=HYPERLINK("http://x")')
    dangerous = msgspec.structs.replace(dangerous, hits=(Hit(item),))
    assert list(render(dangerous, "csv", Terminal()))[1] == '"\'=HYPERLINK(""http://x"")"'
    assert list(render(dangerous, "csv", Terminal(), Manner(raw_csv=True)))[1].startswith('"=HYPERLINK')


def test_an_empty_answer_still_has_its_header() -> None:
    assert list(render(page(), "csv", Terminal())) == [",".join(KEYS)]
    assert list(render(page(columns=("case", "quantity")), "tsv", Terminal())) == ["case\tquantity"]
    assert list(render(page(), "jsonl", Terminal())) == []
    assert list(render(page(), "ids", Terminal())) == []


def test_columns_rule_the_table_under_json_keys() -> None:
    lines = list(render(page(hit(), columns=("case", "visits", "specialty")), "table", Terminal()))
    assert lines[1].split() == ["case", "visits", "specialty"]
    assert lines[2].split()[:3] == ["1", "CM15-0012345", "6"]


def test_reports_have_no_ids() -> None:
    with pytest.raises(UsageError):
        render(page(report=trend(("2015", 1, 1))), "ids", Terminal())


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        render(page(), "xml", Terminal())
    assert all(form in caught.value.hint for form in formats.names())


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


@pytest.mark.parametrize("width", [30, 45])
def test_on_a_narrow_screen_an_item_is_told_key_by_key(width: int) -> None:
    lines = list(render(page(hit(" " + "word " * 9)), "table", Terminal(width=width)))
    assert all(safety.width(line) <= width for line in lines)
    told = " ".join(" ".join(lines).split())
    assert "1 id CM15-0012345#1 decided 2015-03-04 outcome upheld treatment Acupuncture, 6 visits word" in told
    assert "…" not in told


def test_a_table_never_cuts_a_name_a_day_or_an_outcome() -> None:
    (_, row) = list(render(page(hit("x" * 90)), "table", Terminal(width=64)))[-2:]
    assert "CM15-0012345#1  2015-03-04  upheld" in row
    assert row.endswith("…")


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


def test_pages_are_runs() -> None:
    assert pages((98,)) == "p. 98"
    assert pages((76, 77, 78, 98)) == "pp. 76-78, 98"
    assert pages(()) == ""


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


def test_the_outcome_is_whole_on_a_narrow_screen() -> None:
    lines = list(render(page(hit(n=12, outcome="overturned")), "list", Terminal(width=40)))
    assert "OVERTURNED" in "\n".join(lines)
    assert all(safety.width(line) <= 40 for line in lines)


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


def test_the_look_of_a_pipe_and_of_a_dumb_terminal() -> None:
    import os

    reading, writing = os.pipe()
    assert of_terminal(writing, "auto", {}).color is False
    assert of_terminal(writing, "always", {}).color is True
    assert of_terminal(writing, "auto", {"COLUMNS": "40"}).width == 40
    os.close(reading)
    os.close(writing)
    master, slave = os.openpty()
    assert of_terminal(slave, "auto", {"TERM": "xterm"}).color is True
    assert of_terminal(slave, "auto", {"TERM": "xterm", "NO_COLOR": "1"}).color is False
    assert of_terminal(slave, "auto", {"TERM": "dumb"}).color is False
    assert of_terminal(slave, "auto", {"TERM": "xterm", "LC_ALL": "C"}).unicode is False
    assert of_terminal(slave, "auto", {"TERM": "xterm", "LANG": "en_US.UTF-8"}).unicode is True
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("norco.csv", "csv"),
        ("a/b/NORCO.TSV", "tsv"),
        ("x.jsonl", "jsonl"),
        ("x.ndjson", "jsonl"),
        ("brief.markdown", "md"),
        ("page.txt", "list"),
        ("rates.svg", "svg"),
        ("answer", None),
        (".csv", None),
    ],
)
def test_a_file_name_says_its_format(file: str, name: str | None) -> None:
    assert formats.of_file(file) == name


def test_an_ending_of_no_format_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no format is written to \.doc files") as caught:
        formats.of_file("brief.doc")
    assert "-f" in caught.value.hint


def test_every_format_declares_what_it_is() -> None:
    assert {"list", "csv", "svg"} <= set(formats.names())
    endings = [ending for name in formats.names() for ending in (name, *formats.get(name).endings)]
    assert len(endings) == len(set(endings))
    assert all(formats.get(name).help for name in formats.names())
    with pytest.raises(UsageError, match="svg is written to a file"):
        render(page(report=trend(("2015", 10, 3))), "svg", Terminal())


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


def test_markdown_in_full_has_the_reasons() -> None:
    shown = "\n".join(render(page(hit(" *Two* <b>.")), "md", Terminal(), Manner(full=True)))
    assert "   Rationale:" in shown
    assert "   1. There is evidence of functional improvement with the first six visits." in shown
    assert "\\*Two\\* &lt;b&gt;" in shown
    assert "Rationale:" not in "\n".join(render(page(hit()), "md", Terminal()))


def test_the_heading_drops_a_rate_that_the_query_decides() -> None:
    (first, *_) = render(msgspec.structs.replace(page(hit()), outcome_named=True), "list", Terminal(width=120))
    assert first == "1 item in 1 letter"
    tiers = (GroupCounts(("disputed",), 1, 1, 1, 0, 0), GroupCounts(("mentioned",), 2, 1, 2, 0, 0))
    told = msgspec.structs.replace(page(hit()), outcome_named=True, tiers=tiers)
    assert "overturned (" not in "\n".join(render(told, "list", Terminal(width=120)))
    assert "overturned (" not in "\n".join(render(told, "md", Terminal(width=120)))


def test_case_number_is_a_column_for_databases() -> None:
    shown = list(render(page(hit(), columns=column_keys("case_number, visits")), "csv", Terminal()))
    assert shown == ["case_number,visits", "CM15-0012345,6"]


def test_a_report_of_other_measures_has_bars_of_its_last() -> None:
    other = page(report=Report("spread", ("group", "least", "most"), (("upheld", 35, 70), ("overturned", 35, 140))))
    for name in ("list", "table"):
        lines = list(render(other, name, Terminal()))
        assert any("upheld" in line and "70" in line for line in lines)


def test_a_command_to_copy_is_never_cut() -> None:
    command = "imr-index status -i /somewhere/" + "a-very-long-folder/" * 8
    lines = list(error(UsageError("no folder belongs here", command), Terminal(width=60)))
    assert any(line.strip() == command.split()[-1] for line in lines)


def test_a_sign_that_is_expected_can_be_seen() -> None:
    problem = QueryError("E123", "min cannot follow year here", "* | count by year min 2", 18)
    problem.expected = ("|", "band", ",")
    assert '    expected: "|", band, ","' in list(error(problem, Terminal()))
