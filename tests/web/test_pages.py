"""What the pages say and where their links lead, over the project's own letters."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from page_text import below, queries, query_of, text_of
from serving import BASE, PORT, TOKEN
from starlette.testclient import TestClient

from imr_search.indexing import build
from imr_search.output import formats
from imr_search.searching.library import Library
from imr_search.web.app import create_app

Get = Callable[..., str]
NOT_HOSTILE = "-case:CM17-9900666"


def test_the_first_page_says_what_is_there(get: Get) -> None:
    page = get("")
    assert "39 disputed items in 15 letters" in text_of(page)
    for query in queries(page):
        assert 'class="error"' not in get("search", q=query)


def test_every_query_of_the_guide_can_be_read(get: Get) -> None:
    found = queries(get("guide"))
    assert len(found) > 15
    for query in found:
        get("search", q=query)


def test_an_answer_has_its_rate_its_items_and_its_evidence(get: Get) -> None:
    page = get("search", q=f"functional /s improvement {NOT_HOSTILE}")
    said = text_of(page)
    assert "6 items in 6 letters" in said
    assert "elsewhere in the item 6 6 66.7% 30.0% to 90.3%" in said  # plain words: the rate of each tier, not of all
    assert "<strong>66.7%" not in page
    assert "<mark>functional</mark> <mark>improvement</mark>" in page
    assert "rationale, sentence 3" in said
    assert "MTUS Shoulder Disorders 2017, Rotator Cuff Tendinopathies" in said


def test_the_rate_stands_beside_that_of_all_items(get: Get) -> None:
    said = text_of(get("search", q=f"drug:norco qty:>=90 {NOT_HOSTILE}"))
    assert "0.0% overturned 95% interval 0.0% to 56.1%, n = 3; of all items of the index 38.5%" in said
    assert "% overturned 95%" not in text_of(get("search", q="outcome:upheld"))  # a rate that says nothing


def test_the_words_stand_in_tiers(get: Get) -> None:
    page = get("search", q="acupuncture")
    said = text_of(page)
    assert "The words stand in the disputed treatment" in said
    found = {query: query for query in queries(page)}
    narrowed = text_of(get("search", q=found["acupuncture tier:disputed"]))
    assert "4 items in 4 letters" in narrowed


def test_every_facet_adds_a_condition_that_finds_as_many_as_it_says(get: Get) -> None:
    page = get("search", q="category:rehabilitation OR drug:norco")
    aside = page[page.index('<aside class="facets"') :]
    rows = re.findall(
        r'<li><a href="([^"]+)"[^>]*><span class="name">(.*?)</span><span class="n">([\d,]+)<', aside, re.DOTALL
    )
    assert len(rows) > 12
    for link, name, items in rows:
        query = query_of(link)
        assert query.startswith("(category:rehabilitation OR drug:norco) "), query
        assert re.search(rf"\b{items} items?\b", text_of(get("search", q=query))), (name, query)


def test_columns_of_the_querys_choice_are_a_table(get: Get) -> None:
    page = get("search", q="treatment:acupuncture | show case, decided, age | sort decided")
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page)
    assert heads[-3:] == ["case", "decided", "age"]
    days = re.findall(r"<td>(\d{4}-\d\d-\d\d)</td>", page)
    assert len(days) == 4
    assert days == sorted(days)
    assert page.count('<a class="hit"') == 4
    assert page.count('name="id" value="') == 4


def test_a_note_that_offers_a_query_is_a_link(get: Get) -> None:
    page = get("search", q="treatment:acupuncture drug:norco")  # N11 says what to leave out
    notes = page[page.index('class="notices"') :]
    offered = queries(notes[: notes.index("</details>")])
    assert offered
    assert "Nothing was found" not in get("search", q=offered[0])


def test_a_chosen_facet_is_taken_out_by_a_click(get: Get) -> None:
    page = get("search", q="treatment:acupuncture outcome:overturned")
    chosen = re.search(r'<a href="([^"]+)" aria-current="true">', page)
    assert chosen is not None
    assert query_of(chosen[1]) == "treatment:acupuncture"


def test_a_condition_can_be_taken_out(get: Get) -> None:
    found = queries(get("search", q="treatment:acupuncture outcome:overturned | rate by year"))
    assert "outcome:overturned | rate by year" in found
    assert "treatment:acupuncture | rate by year" in found
    assert "treatment:acupuncture outcome:overturned" in found


def test_an_error_shows_its_place_and_corrections_to_click(get: Get) -> None:
    page = get("search", 400, q="acupuncture tretment:norco")
    assert "E107" in page
    assert re.search(r"acupuncture <mark>tretment", page)
    assert "acupuncture treatment:norco" in queries(page)
    assert 'value="acupuncture tretment:norco"' in page


def test_nothing_found_says_why(get: Get) -> None:
    assert "N11" in get("search", q="treatment:acupuncture drug:norco")


def test_pages_and_sorting_keep_the_query(get: Get) -> None:
    first = get("search", q="*", n="20", sort="-decided")
    assert "1 to 20 of 39" in text_of(first)
    second = get("search", q="*", n="20", sort="-decided", page="2")
    assert "21 to 39 of 39" in text_of(second)
    ids = [re.findall(r'name="id" value="([^"]+)"', page) for page in (first, second)]
    assert len({*ids[0], *ids[1]}) == 39
    for odd in ("0", "-1", "x", "9" * 40, "٣"):
        assert "1 to 20 of 39" in text_of(get("search", q="*", page=odd, n="20"))
    assert "no field is called" in get("search", 400, q="*", sort="nosuch")


def test_a_letter_is_shown_item_by_item(get: Get) -> None:
    page = get("letter/CM15-9900012", q="acupuncture", item="1", at="1")
    said = text_of(page)
    assert "Item 1" in said
    assert "Item 3" in said
    assert "<mark>Acupuncture</mark> may be extended" in page
    assert "Cite as IMR Case No. CM15-9900012, Item 1 (Final Determination Letter, Mar. 17, 2015)" in said
    assert "MTUS Acupuncture Treatment Guidelines" in said
    assert "Next hit" in said
    assert "Previous hit" not in said
    assert "The injured worker is a 66 year old female" in said
    assert "MAXIMUS Federal Services sent the complete case file" in said  # the letter's own text beside it


def test_the_next_hit_is_the_next_of_the_answer(get: Get) -> None:
    answer = get("search", q="acupuncture", sort="-decided")
    hits = [below(link).partition("&q=")[0] for link in re.findall(r'<a class="hit" href="([^"]+)"', answer)]
    assert len(hits) >= 5
    page, walked = get(f"{hits[0]}&q=acupuncture&sort=-decided&at=1"), [hits[0]]
    while following := re.search(r'<a rel="next" href="([^"]+)"', page):
        walked.append(below(following[1]).partition("&q=")[0])
        page = get(below(following[1]))
    assert walked == hits
    back = re.search(r'<a rel="prev" href="([^"]+)"', page)
    assert back is not None
    assert below(back[1]).startswith(hits[-2])


def test_the_pdf_is_the_file_that_was_indexed(get: Get, stranger: TestClient, letters: Path) -> None:
    page = get("letter/CM15-9900088")
    assert f"/{TOKEN}/original/CM15-9900088" in page
    assert "<iframe" in page
    assert "Open the PDF at page 1<" in page
    second = get("letter/CM15-9900088?item=2")
    assert "Open the PDF at page 2<" in second
    assert second.count("&amp;page=2") + second.count("&page=2") == 2
    assert "page 1" not in get("letter/CM15-9900012")
    answer = stranger.get(f"/{TOKEN}/original/CM15-9900088")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content == (letters / "2015" / "CM15-9900088.pdf").read_bytes()
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_a_changed_or_missing_file_is_not_given_out(get: Get, letters: Path) -> None:
    file = letters / "2017" / "CM17-9900054.pdf"
    data = file.read_bytes()
    try:
        file.write_bytes(data + b" ")
        assert "has changed since it was indexed" in get("original/CM17-9900054", 400)
        file.unlink()
        assert "can no longer be read" in get("original/CM17-9900054", 400)
        file.symlink_to("/etc/passwd")
        assert "root:" not in get("original/CM17-9900054", 400)
        get("letter/CM17-9900054")
    finally:
        file.unlink(missing_ok=True)
        file.write_bytes(data)


def test_an_unknown_letter_is_told(get: Get) -> None:
    assert "No such letter" in get("letter/CM99-0000000", 404)
    assert "No such letter" in get("original/CM99-0000000", 404)
    assert "There is no such page" in get("nowhere", 404)


def test_nothing_of_a_hostile_letter_is_markup(get: Get) -> None:
    for page in (
        get("search", q="acupuncture case:CM17-9900666"),
        get("letter/CM17-9900666", q="acupuncture"),
        get("tray", id=["CM17-9900666#1"]),
        get("search", q="case:CM17-9900666 | rate by specialty"),
        get("search", q="case:CM17-9900666 | cite"),
        get("search", q="case:CM17-9900666 | show title, specialty, guideline"),
        get("search", q="case:CM17-9900666 | count by specialty, outcome"),
        get("search", q="case:CM17-9900666 | top 5 section, specialty"),
        get("compare", **{"q": "case:CM17-9900666", "with": '"</code><script>alert(1)</script>"'}),
        get("record", q='"</code><script>alert(1)</script>" OR case:CM17-9900666'),
        get("saved", q='"><script>alert(1)</script>'),
        get("tray", id=["<script>alert(1)</script>"], q='"><script>alert(1)</script>'),
        get("letter/<script>alert(1)</script>", 404),
        get("nowhere/<script>alert(1)</script>", 404),
        get("download", 400, q="*", format="<script>alert(1)</script>"),
        get("report", 400, q="*", kind="<script>alert(1)</script>"),
        get("guide"),
        get("search", 400, q='tretment:x "><script>alert(1)</script>'),
        get("search", 400, q="</title><script>alert(1)</script> tretment:x"),
    ):
        for planted in ("<script>doc", "<img src=x", "<b onmouse", "<i>Acu", "<script>alert", "</title><script>"):
            assert planted not in page
        assert " 49 " not in text_of(page)
        assert "\u202e" not in page
    assert "&lt;script&gt;" in get("letter/CM17-9900666")


def test_completion_and_checking_while_typing(get: Get) -> None:
    offered = json.loads(get("complete", q="outcome:", at="8"))
    assert {"upheld", "overturned", "modified"} <= {one["text"] for one in offered}
    assert all(one["count"] is not None for one in offered)
    assert json.loads(get("check", q="treatment:acupuncture outcome:upheld"))["count"] == 1
    wrong = json.loads(get("check", q="tretment:norco"))
    assert (wrong["code"], wrong["start"]) == ("E107", 0)
    assert wrong["try"][0]["query"] == "treatment:norco"
    assert json.loads(get("check", q="")) == {}
    assert json.loads(get("complete", q="x", at="999999")) == json.loads(get("complete", q="x", at="1"))


def test_downloads(stranger: TestClient, get: Get) -> None:
    def load(**parameters: str) -> bytes:
        answer = stranger.get(f"/{TOKEN}/download", params=parameters)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"].startswith("attachment")
        return answer.content

    table = load(q="* | rate by outcome", format="csv").decode()
    assert table.startswith("\ufeffgroup,items,letters,")
    assert len(load(q="*", format="csv").decode().splitlines()) == 40
    sheet = openpyxl.load_workbook(io.BytesIO(load(q="*", format="xlsx")))
    assert sheet["Answer"].max_row == 40
    assert sheet["Query"]["B1"].value == "*"
    assert not [cell for row in sheet["Answer"].iter_rows() for cell in row if cell.data_type == "f"]
    assert len(json.loads(load(q="drug:norco", format="json"))["items"]) == 3
    assert b"<svg" in load(q="* | trend year", format="svg")
    assert load(q="* | rate by category", format="png").startswith(b"\x89PNG")
    assert json.loads(load(q="drug:norco", format="record"))["total"] == 3
    assert stranger.get(f"/{TOKEN}/download", params={"q": "*", "format": "exe"}).status_code == 400
    assert stranger.get(f"/{TOKEN}/download", params={"q": "*", "format": "svg"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "forms"),
    [
        (
            "treatment:acupuncture",
            {"docx", "md", "list", "cite", "xlsx", "csv", "tsv", "table", "json", "jsonl", "ids"},
        ),
        ("* | rate by category", {"docx", "md", "list", "xlsx", "csv", "tsv", "json", "jsonl", "svg", "png"}),
        ("* | stats age by outcome", {"docx", "md", "list", "xlsx", "csv", "tsv", "json", "jsonl", "svg", "png"}),
        ("acupuncture | cite plain", {"docx", "md", "list", "xlsx", "csv", "tsv", "json", "jsonl"}),
    ],
)
def test_every_file_that_is_offered_can_be_had(stranger: TestClient, get: Get, query: str, forms: set[str]) -> None:
    links = re.findall(r'href="([^"]*/download\?[^"]+)"', get("search", q=query))
    offered = {parse_qs(urlsplit(html.unescape(link)).query)["format"][0] for link in links}
    assert offered - {"parquet"} >= forms
    said = text_of(get("search", q=query)).partition("Not of this answer: ")[2].partition(".")[0]
    for name in formats.names():
        title = formats.get(name).title
        assert (name in offered) != (re.search(rf"(^|; ){title} (is of|needs) ", said) is not None), name
    for link in links:
        answer = stranger.get(html.unescape(link))
        assert answer.status_code == 200, link
        assert answer.content


def test_the_record_can_be_read_and_printed(get: Get) -> None:
    said = text_of(get("record", q="treatment:acupuncture"))
    assert "SHA-256 of the letters" in said
    assert "CM15-9900012#1" in said


def test_the_tray_is_taken_along(stranger: TestClient, get: Get) -> None:
    said = text_of(get("tray", id=["CM15-9900012#1", "CM15-9900012#1", "CM99-1#1"], q="functional improvement"))
    assert "Tray 1 item " in said
    assert "CM99-1#1 is not in the index any more" in said

    def take(form: str) -> bytes:
        fields = {
            "id": ["CM15-9900012#1", "CM13-9900021#1"],
            "note CM15-9900012#1": "=SUM(A1) first\x0c\u202e note",
            "format": form,
            "q": "functional improvement",
        }
        answer = stranger.post(f"/{TOKEN}/tray/take", data=fields, headers={"Origin": BASE})
        assert answer.status_code == 200, answer.text
        return answer.content

    written = take("md").decode()
    assert "IMR Case No. CM15-9900012, Item 1" in written
    assert "Acupuncture may be extended" in written
    assert "| all items of the index | 39 |" in written
    with zipfile.ZipFile(io.BytesIO(take("docx"))) as archive:
        document = archive.read("word/document.xml").decode()
    assert (
        "IMR Case No. CM15-9900012, Item 1 (Final Determination Letter, Mar. 17, 2015), rationale, sentence 1"
        in document
    )
    assert "first" in document
    assert "\u202e" not in document
    assert "'=SUM(A1) first" in take("csv").decode()
    sheet = openpyxl.load_workbook(io.BytesIO(take("xlsx")))["Answer"]
    assert [sheet.cell(2, 2).value, sheet.cell(2, 8).data_type] == ["CM15-9900012", "s"]
    answer = stranger.post(f"/{TOKEN}/tray/take", data={"format": "docx"}, headers={"Origin": BASE})
    assert answer.status_code == 400


def test_saved_queries_are_the_only_thing_written(stranger: TestClient, get: Get, tmp_path: Path) -> None:
    def change(**form: str) -> int:
        return stranger.post(f"/{TOKEN}/saved/change", data=form, headers={"Origin": BASE}).status_code

    assert change(do="save", name="norco_up", q="drug:norco outcome:upheld") == 303
    assert change(do="save", name="by_drug", q="drug:{drug} outcome:upheld") == 303
    assert "@norco_up" in get("saved")
    assert "2 items" in text_of(get("search", q="@norco_up"))
    answer = stranger.get(f"/{TOKEN}/saved/run", params={"name": "by_drug", "drug": "norco"})
    assert query_of(answer.headers["location"]) == 'drug:"norco" outcome:upheld'
    assert change(do="save", name="bad", q="tretment:x") == 400
    assert change(do="save", name="../x", q="mri") == 400
    assert change(do="nothing", name="x", q="mri") == 400
    assert change(do="drop", name="norco_up") == 303
    assert change(do="drop", name="norco_up") == 400
    assert "@norco_up" not in get("saved")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["saved.toml"]


def test_a_generation_swapped_beneath_it_is_picked_up(get: Get, letters: Path, index: Path) -> None:
    more = letters / "more.txt"
    assert "39 items" in text_of(get("search", q="*"))
    try:
        text = (letters / "2015" / "CM15-9900012.txt").read_text(encoding="utf-8")
        more.write_text(text.replace("CM15-9900012", "CM15-9900999"), encoding="utf-8")
        build([letters], index, workers=1)
        assert "42 items" in text_of(get("search", q="*"))
    finally:
        more.unlink(missing_ok=True)
        build([letters], index, workers=1)
    assert "39 items" in text_of(get("search", q="*"))


def test_two_queries_beside_each_other(get: Get) -> None:
    said = text_of(get("compare", **{"q": "treatment:acupuncture", "with": "drug:norco"}))
    assert "Share overturned" in said
    assert "E107" in get("compare", 400, **{"q": "tretment:a", "with": "drug:norco"})
    get("compare", q="treatment:mri")


def test_the_guide_tells_of_the_index_and_names_what_failed_as_text(letters: Path, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "one.txt").write_bytes((letters / "2015" / "CM15-9900012.txt").read_bytes())
    (folder / "<img src=x onerror=alert(1)>.txt").write_text("not a letter", encoding="utf-8")
    build([folder], tmp_path / "ix", workers=1)
    app = create_app(lambda: Library.open(tmp_path / "ix", saved={}), token=TOKEN, port=PORT)
    with TestClient(app, base_url=BASE) as client:
        page = client.get(f"/{TOKEN}/").text + client.get(f"/{TOKEN}/guide").text
    assert "3 items in 1 letter" in text_of(page)
    assert "1 file" in text_of(page)
    assert "&lt;img src=x onerror=alert(1)&gt;.txt" in page
    assert "<img" not in page
