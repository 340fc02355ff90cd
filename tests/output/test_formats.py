"""Each format as the contract has it."""

from __future__ import annotations

import csv
import io
import json

import msgspec
import pytest
from pages import RATE, hit, page, shown, trend

from imr_search.errors import UsageError
from imr_search.model import Evidence, GroupCounts, Hit, Notice
from imr_search.output import formats, safety
from imr_search.output.formats import Manner, render
from imr_search.output.terminal import Terminal, of_terminal
from imr_search.output.wording import pages
from imr_search.searching.search_options import column_keys

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


def test_pages_are_runs() -> None:
    assert pages((98,)) == "p. 98"
    assert pages((76, 77, 78, 98)) == "pp. 76-78, 98"
    assert pages(()) == ""


def test_the_outcome_is_whole_on_a_narrow_screen() -> None:
    lines = list(render(page(hit(n=12, outcome="overturned")), "list", Terminal(width=40)))
    assert "OVERTURNED" in "\n".join(lines)
    assert all(safety.width(line) <= 40 for line in lines)


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
