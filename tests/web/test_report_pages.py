"""Reports on the page: their rows lead to just their items, and their form writes the query."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from page_text import query_of, text_of
from serving import TOKEN
from starlette.testclient import TestClient

Get = Callable[..., str]


ROWS = (
    "category:rehabilitation | rate by category",
    "* | trend quarter",
    "* | trend month",
    "* | rate by decided",
    "* | count by age",
    "* | rate by outcome, year",
    "* | top 20 reason, outcome",
    "* | count by specialty",
    "* | top 20 section",
    "drug:norco OR treatment:acupuncture | count by source",
    "acupuncture | count by main_reason",
    "* | rate by drug",
)


@pytest.mark.parametrize("query", ROWS)
def test_a_row_of_a_report_leads_to_just_its_items(get: Get, query: str) -> None:
    page = get("search", q=query)
    table = page[page.index('aria-label="Table of the report"') :]
    columns = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", table)
    at = columns.index("Items")
    linked = 0
    for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", table, re.DOTALL):
        link = re.search(r'<a href="([^"]+)"', row)
        if link is None:
            continue
        linked += 1
        cells = [html.unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        found = query_of(link[1])
        assert "|" not in found
        assert re.search(rf">{cells[at]} items?\b", get("search", q=found)), (found, cells)
    assert linked


@pytest.mark.parametrize(
    "query", ["* | sample 5 | rate by category", "* | rate by category min 5", "* | rate by age band 10", "* | rate"]
)
def test_no_condition_says_what_these_rows_hold(get: Get, query: str) -> None:
    """Drawn items, the line of the small groups, a band: a link that found something else would mislead."""
    page = get("search", q=query)
    table = page[page.index('aria-label="Table of the report"') :]
    rows = re.findall(r"<th scope=\"row\"[^>]*>(.*?)</th>", table)
    assert rows
    unlinked = [row for row in rows if "<a " not in row]
    assert unlinked
    if "min" not in query:
        assert unlinked == rows
    else:
        assert "other" in unlinked


def test_two_groupings_are_a_table_of_one_across_the_other(get: Get) -> None:
    page = get("search", q="* | count by year, outcome")
    assert "<svg viewBox" not in page[page.index("<main") :]  # bars of pairs say nothing
    table = page[page.index('class="report cross"') : page.index("</table>", page.index('class="report cross"'))]
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", table)
    assert heads == ["year / outcome", "upheld", "overturned", "modified", "(none)"]
    total = 0
    for cell in re.findall(r'<td class="heat(\d)">(.*?)</td>', table, re.DOTALL):
        number = text_of(cell[1])
        assert (number == "–") == (cell[0] == "0")
        total += 0 if number == "–" else int(number)
        link = re.search(r'href="([^"]+)"', cell[1])
        if link is not None:
            assert re.search(rf">{number} items?\b", get("search", q=query_of(link[1])))
    assert total == 39
    rated = get("search", q="* | rate by category, outcome")
    assert 'class="report cross"' in rated
    assert "n = " in rated


@pytest.mark.parametrize(
    ("query", "drawn"),
    [
        ("* | rate by category", "dots"),
        ("* | trend year", "line"),
        ("* | count by outcome", "bars"),
        ("* | top 5 drug", "bars"),
    ],
)
def test_reports_are_tables_and_drawings_with_text(get: Get, query: str, drawn: str) -> None:
    page = get("search", q=query)
    assert f'class="chart {drawn}"' in page
    assert "<title id" in page
    assert "<desc id" in page
    assert 'class="report" data-sortable' in page
    assert page.count("<tr>") > 3


def test_a_report_of_nothing_is_a_page(get: Get) -> None:
    get("search", q="zzzqqq | rate by category")
    get("search", q="zzzqqq | trend year")
    assert "IMR Case No. CM15-9900012" in get("search", q="treatment:acupuncture | cite")


@pytest.mark.parametrize(
    ("form", "query"),
    [
        ({"q": "drug:norco", "kind": "rate", "by": "year"}, "drug:norco | rate by year"),
        (
            {"q": "drug:norco | top 3 drug", "kind": "count", "by": "outcome", "also": "year"},
            "drug:norco | count by outcome, year",
        ),
        ({"q": "drug:norco | top 3 drug", "kind": "none"}, "drug:norco"),
        ({"q": "a", "kind": "trend", "by": "month"}, "a | trend month"),
        ({"q": "", "kind": "top", "by": "section"}, "* | top section"),
    ],
)
def test_the_form_of_reports_writes_the_query(stranger: TestClient, get: Get, form: dict[str, str], query: str) -> None:
    answer = stranger.get(f"/{TOKEN}/report", params=form)
    assert answer.status_code == 303
    assert query_of(answer.headers["location"]) == query
    get("search", q=query)
    get("report", 400, q="a", kind="nosuch")
