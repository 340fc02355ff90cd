"""Files for other programs: what was written is read back by the library that others read it with."""

from __future__ import annotations

import datetime
import io

import pytest
from pages import hit, page, trend

from imr_search.errors import UsageError
from imr_search.model import Page, Report
from imr_search.output.formats import Manner, get
from imr_search.output.terminal import Terminal

HOSTILE = "\u200e=1+1\x1b[31m\u202e\x00<b>&amp;"


def written(page: Page, name: str) -> bytes:
    found = get(name).write(page, Terminal(), Manner())
    assert isinstance(found, bytes)
    return found


RATE = Report.of("rate", ("group", "items", "rate"), [(20, 3, 1 / 3), ("other", 1, None)], ("age band 10",))


def test_parquet_keeps_kinds() -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra")
    table = parquet.read_table(io.BytesIO(written(page(hit(HOSTILE), hit("", 2)), "parquet")))
    rows = table.to_pylist()
    assert [row["id"] for row in rows] == ["CM15-0012345#1", "CM15-0012345#2"]
    assert rows[0]["decided"] == datetime.date(2015, 3, 4)
    assert rows[0]["pages"] == [98, 99]
    assert rows[0]["citations"][0]["chapter"] == "Acupuncture"
    assert rows[0]["title"].endswith(HOSTILE)
    assert str(table.schema.field("age").type) == "int64"
    assert str(table.schema.field("drugs").type) == "list<element: string>"
    keys = list(page(hit()).to_dicts()[0])
    assert list(rows[0]) == ["case_number" if key == "case" else key for key in keys]  # CASE is a word of SQL


def test_parquet_of_columns_reports_and_nothing() -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra")

    def read(answer: Page) -> list[dict[str, object]]:
        found: list[dict[str, object]] = parquet.read_table(io.BytesIO(written(answer, "parquet"))).to_pylist()
        return found

    assert read(page(hit(), columns=("case", "visits"))) == [{"case": "CM15-0012345", "visits": 6}]
    assert read(page(report=RATE)) == [
        {"group": "20", "items": 3, "rate": 0.3333},
        {"group": "other", "items": 1, "rate": None},
    ]
    assert read(page()) == []


def test_a_brief_quotes_and_cites() -> None:
    docx = pytest.importorskip("docx", reason="needs the extra")
    made = docx.Document(io.BytesIO(written(page(hit(HOSTILE), hit("", 2, "overturned")), "docx")))
    text = "\n".join(paragraph.text for paragraph in made.paragraphs)
    assert (
        "IMR Case No. CM15-0012345, Item 2 (Final Determination Letter, Mar. 4, 2015), rationale, sentence 1." in text
    )
    assert "\u201cThere is evidence of functional improvement with the first six visits." in text
    assert not set(text) & set("\x1b\u202e\u200e\x00")
    cells = [[cell.text for cell in row.cells] for row in made.tables[-1].rows]
    assert cells[1] == ["found", "214", "190", "21", "0", "193", "9.8%", "6.5-14.5"]
    report = docx.Document(io.BytesIO(written(page(report=trend(("2015", 10, 3))), "docx")))
    assert [cell.text for cell in report.tables[0].rows[1].cells][:2] == ["2015", "10"]


@pytest.mark.parametrize(("name", "module"), [("parquet", "pyarrow"), ("docx", "docx")])
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, name: str, module: str) -> None:
    import sys

    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match="needs py") as caught:
        written(page(hit()), name)
    assert f"imr-search[{name}]" in caught.value.hint
