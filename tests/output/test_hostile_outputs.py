"""Hostile letters through every output, from outside: no control character reaches a terminal, nothing is a formula, a link, a tag or a script."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from imr_search.indexing import build
from tests.hostile_letters import CANARY, plant

ROOT = Path(__file__).parents[2]
SEARCH = "from imr_search.cli import search_command; search_command()"
INDEX = "from imr_search.cli import index_command; index_command()"
SIGNS = frozenset("=+-@＝＋－＠﹢﹣﹦\u2212")
REPORTS = (
    *("count by licensed", "count by specialty, outcome", "top 1000 section", "top 1000 guideline", "rate by section", "cite"),
    *("count by file", "unique treatment", "unique rationale", "show id, licensed, section, file, treatment, specialty"),
    *("trend month by licensed", "rate by licensed min 1 | sort -items | limit 50"),
)  # fmt: skip
COMMANDS = (("failed",), ("failed", "--json"), ("status",), ("status", "--json"), ("check",))


class Asked:
    """A folder of hostile letters, indexed, and what the commands write of it."""

    def __init__(self, folder: Path, letters: int) -> None:
        self.folder = folder
        self.here = folder / "here"
        self.here.mkdir()
        self.letters = letters
        self.built = build([plant(folder / "letters", letters)], folder / "index", engine="tantivy", force=True)

    def command(self, code: str, *arguments: object) -> bytes:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments), "-i", str(self.folder / "index")],
            capture_output=True, cwd=self.here, env={**os.environ, "PYTHONPATH": path, "LC_ALL": "C.UTF-8"}, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 4), (arguments, done.returncode, done.stderr[-2000:])
        assert not unseen(done.stderr.decode()), arguments
        assert [path.name for path in self.here.iterdir()] == []
        return done.stdout

    def written(self, query: str, name: str, *more: object) -> bytes:
        path = self.folder / f"out.{name}"
        self.command(SEARCH, query, "-o", path, *more)
        return path.read_bytes()


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return Asked(tmp_path_factory.mktemp("few"), 300)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return Asked(tmp_path_factory.mktemp("many"), 10_000)


def unseen(text: str, allowed: str = "\n") -> set[str]:
    """What of a text a terminal would obey or not show: controls, formats, bidirectional marks, halves of characters."""
    return {
        char
        for char in set(text) - set(allowed)
        if not char.isprintable() or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    }


def formulas(rows: Iterator[list[str]]) -> list[str]:
    """Cells that a spreadsheet could take for a formula. A number is none."""
    found = []
    for row in rows:
        for cell in row:
            seen = "".join(char for char in unicodedata.normalize("NFKC", cell) if not char.isspace()).lstrip(
                '"“”\ufffd'
            )
            while seen and unicodedata.category(seen[0]) in ("Mn", "Me", "Mc", "Lo", "So") and not seen[0].isalnum():
                seen = seen[1:]
            if seen[:1] in SIGNS and seen and not re.fullmatch(r"-?\d+(\.\d+)?", cell):
                found.append(cell)
    return found


def check_lines(asked: Asked) -> None:
    for name in ("list", "table", "ids", "cite", "md", "json", "jsonl", "csv", "tsv"):
        for more in ((), ("--full",)) if name in ("list", "md") else ((),):
            text = asked.command(SEARCH, "pain", "-f", name, "--all", *more).decode().replace("\r\n", "\n")
            assert not unseen(text, "\n\t" if name == "tsv" else "\n"), (name, unseen(text))
            assert text.count("\n") >= asked.built.items, name
    for report in REPORTS:
        for name in ("list", "md", "json", "csv"):
            text = asked.command(SEARCH, f"* | {report}", "-f", name, "--timeout", "0").decode().replace("\r\n", "\n")
            assert not unseen(text), (report, name)
            if name == "csv":
                assert not formulas(csv.reader(io.StringIO(text))), report
    for item in (
        "letter:CM16-0000001 --full",
        "--explain pain",
        "* --columns licensed,section,file,title -f table --all",
    ):
        assert not unseen(asked.command(SEARCH, *item.split()).decode())
    for arguments in COMMANDS:
        assert not unseen(asked.command(INDEX, *arguments).decode()), arguments


def check_spreadsheets(asked: Asked) -> None:
    import openpyxl

    for name, delimiter in (("csv", ","), ("tsv", "\t")):
        text = asked.written(
            "pain", name, "--columns", "case,licensed,section,file,treatment,title,specialty,rationale,guideline"
        ).decode()
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))
        assert len(rows) == asked.built.items + 1
        assert len({len(row) for row in rows}) == 1, "every row has the cells of the heading"
        assert not formulas(iter(rows))
        for other in {",", ";", "\t"} - {delimiter}:
            assert not formulas(csv.reader(io.StringIO(text), delimiter=other)), (
                f"where {other!r} is the separator, too"
            )
    data = asked.written("pain", "xlsx", "--columns", "case,licensed,section,file,treatment,title,rationale,guideline")
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert len(cells) > 7 * asked.built.items
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and unseen(cell.value)]
    check_zip(data, {"f", "hyperlink", "externalLink", "ddeLink", "oleObject"})


def check_zip(data: bytes, forbidden: set[str]) -> None:
    """Every part of a file in Office's form is XML that reads nothing and names nothing outside."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                body = parts.read(name)
                assert b"<!ENTITY" not in body
                tree = etree.fromstring(body, etree.XMLParser(resolve_entities=False, huge_tree=True))
                assert not {etree.QName(one).localname for one in tree.iter(etree.Element)} & forbidden, name
                assert b'TargetMode="External"' not in body, name


def check_documents(asked: Asked) -> None:
    docx = pytest.importorskip("docx", reason="needs the extra")
    data = asked.written("pain | limit 500", "docx")
    made = docx.Document(io.BytesIO(data))
    text = "\n".join(paragraph.text for paragraph in made.paragraphs)
    assert CANARY in text
    assert not unseen(text)
    check_zip(data, {"instrText", "fldSimple", "hyperlink", "object", "altChunk", "subDoc"})
    for report in ("count by licensed", "rate by section", "top 30 specialty"):
        picture = asked.written(f"* | {report}", "svg", "--timeout", "0")
        tree = etree.fromstring(picture, etree.XMLParser(resolve_entities=False, huge_tree=True))
        names = {etree.QName(one).localname for one in tree.iter(etree.Element)}
        assert not names & {"script", "a", "foreignObject", "image", "animate", "set"}, report
        events = [name for one in tree.iter(etree.Element) for name in one.attrib if str(name).lower().startswith("on")]
        assert not events
        links = [
            value
            for one in tree.iter(etree.Element)
            for name, value in one.attrib.items()
            if str(name).endswith("href")
        ]
        assert all(value.startswith("#") for value in links)
        assert not unseen("".join(tree.itertext()))
    found = json.loads(asked.written("pain", "json", "--all"))
    assert len(found["items"]) == asked.built.items


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


def check_records(asked: Asked) -> None:
    """What is for a court: no tag but its own, whatever the letters are called."""
    path = asked.folder / "record.html"
    asked.command(SEARCH, 'pain or "<script>x</script>"', "--record", path)
    tags = _Tags()
    text = path.read_text()
    tags.feed(text)
    assert not unseen(text)
    assert not tags.found & {"script", "img", "svg", "a", "iframe", "svg onload", "img onerror", "b", "w:instrtext"}
    assert not [one for one in tags.found if " on" in one or one.endswith((" src", " href"))]
    path = asked.folder / "record.md"
    asked.command(SEARCH, "pain", "--record", path)
    assert not unseen(path.read_text())


def check_parquet(asked: Asked) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra")
    assert parquet.read_table(io.BytesIO(asked.written("pain", "parquet"))).num_rows == asked.built.items


CHECKS = (check_lines, check_spreadsheets, check_documents, check_parquet, check_records)


@pytest.mark.parametrize("check", CHECKS)
def test_hostile_letters_through_every_output(few: Asked, check: Callable[[Asked], None]) -> None:
    assert few.built.letters > 280
    check(few)


@pytest.mark.long
@pytest.mark.parametrize("check", CHECKS)
def test_ten_thousand_hostile_letters(many: Asked, check: Callable[[Asked], None]) -> None:
    assert many.built.letters == 10_000
    check(many)
