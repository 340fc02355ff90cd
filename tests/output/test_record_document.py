"""Search records for people: readable, harmless, and still records."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from pages import hit, page

from imr_search.output import record_document
from imr_search.searching import records
from imr_search.searching.search_options import Options

HOSTILE = 'a "b" <script>alert(1)</script> </pre><pre>{} `c` ```json | \\ \u202e\x1b[31m'
ORIGIN = records.Origin("2026-01-02T03:04:05+00:00", "whoosh 1", "ab" * 32, "parser 1", "vocabulary 1", "0.1.0")
ANSWER = msgspec.structs.replace(page(hit(), query=HOSTILE), total=214)
RECORD = records.make(ANSWER, Options(), ["CM15-0012345#1"], ORIGIN)


@pytest.mark.parametrize("name", ["record.md", "record.html", "RECORD.HTM", "record.json", "record"])
def test_a_document_is_still_the_record(tmp_path: Path, name: str) -> None:
    record_document.write(tmp_path / name, RECORD)
    assert records.read(tmp_path / name) == RECORD
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", [record_document.markdown(RECORD), record_document.page(RECORD)])
def test_it_says_what_a_court_asks(text: str) -> None:
    for said in ("Query as typed", "Time (UTC)", "SHA-256 of the letters", "abab", "CM15-0012345", "--replay"):
        assert said in text
    assert not set(text) & set("\u202e\x1b")


def test_nothing_of_a_query_becomes_html() -> None:
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

    Reader().feed(record_document.page(RECORD))
    assert "script" not in tags
    assert tags.count("pre") == 1


def test_a_long_list_says_that_it_is_cut() -> None:
    long = msgspec.structs.replace(RECORD, total=20_000)
    assert "the first 1 of 20,000" in record_document.markdown(long)


@pytest.mark.parametrize("name", ["record.md", "record.html"])
def test_what_was_shown_is_cited_with_its_decision(tmp_path: Path, name: str) -> None:
    one = hit("| <b>x</b> \u202e")
    record_document.write(tmp_path / name, RECORD, [one])
    text = (tmp_path / name).read_text()
    assert "IMR Case No. CM15-0012345, Item 1 (Final Determination Letter, Mar. 4, 2015" in text
    assert "upheld" in text
    assert "upheld = the denial stands" in text
    assert "<b>" not in text
    assert "\u202e" not in text
    assert records.read(tmp_path / name) == RECORD
