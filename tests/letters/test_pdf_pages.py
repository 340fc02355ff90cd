"""The page of its PDF on which each item begins, checked against the pages as the library for PDFs reads them."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pypdfium2
import pytest

import imr_search
from imr_search.letters.canonical import LOST_PAGE, canonical, canonical_pages
from imr_search.letters.decoding import read_file, read_text
from imr_search.letters.parse import parse
from imr_search.letters.pdf_reader import PdfReader
from imr_search.model import Item
from tests.letters.forms import item, modern
from tests.letters.pdfs import pdf_of

FOOTER = "Final Determination Letter for IMR Case Number CM15-9900500"
VERDICT = r"(?:is)?(?:not|partially)?(?:upheld|overturned|modified|partiallyoverturned|medicallynecessary)"


def plain(text: str) -> str:
    """Letters and digits alone, so that no line end, hyphen or space tells two readers of one page apart."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def read(data: bytes) -> list[Item]:
    with PdfReader() as pdf:
        text = read_text(Path("a.pdf"), data, pdf)
    return [found for letter in parse(text, file="a.pdf", sha256="", stem="a", paged=True) for found in letter.items]


def pages_of(data: bytes) -> list[str]:
    """The pages without this package: the library's own text of each."""
    document = pypdfium2.PdfDocument(data)
    return [plain(document[n].get_textpage().get_text_bounded()) for n in range(len(document))]


def begins_on(found: Item, pages: list[str]) -> bool:
    """Does the title, with its verdict behind, stand on its page, or begin at the foot of it and end at the head of the next?"""
    assert found.pdf_page is not None
    title = plain(found.title)
    assert title
    page, after = pages[found.pdf_page - 1], "".join(pages[found.pdf_page : found.pdf_page + 1])
    if re.search(re.escape(title) + VERDICT, page):
        return True
    whole = re.search(re.escape(title) + VERDICT, page + after)
    return whole is not None and whole.start() < len(page)


def wrong(folder: Path) -> tuple[int, list[tuple[str, int | None]]]:
    """How many items the PDFs of a folder have, and those that do not begin on their page."""
    count, bad = 0, []
    for path in sorted(folder.resolve().rglob("*.pdf")):
        data = read_file(path)
        pages = pages_of(data)
        items = read(data)
        count += len(items)
        bad += [(found.id, found.pdf_page) for found in items if not begins_on(found, pages)]
    return count, bad


def test_the_letters_that_the_project_ships(examples: Path) -> None:
    count, bad = wrong(examples)
    assert count > 3
    assert bad == []


def test_the_real_letters(shared_letters: Path) -> None:
    count, bad = wrong(shared_letters)
    assert count > 200
    assert bad == []


def lines(*parts: str) -> list[str]:
    return "".join(parts).split("\n")


def test_pages_count_in_the_file_whatever_stands_on_them() -> None:
    """Two letters in one file, with an empty page, footers, stamps, running heads and numbers, and a title that a page's end parts."""
    first = modern(item("Norco 10/325mg #60: Upheld")).split("IMR ISSUES")
    second = modern(item("Lumbar brace: Overturned"), case="CM15-9900501")
    pages = [
        ["FAX 03/17/2015 10:12 AM Page 1 of 7", *lines(first[0]), FOOTER, "1"],
        [],
        [
            "FAX 03/17/2015 10:12 AM Page 3 of 7",
            *lines("IMR ISSUES", first[1]),
            "Eight sessions of acupuncture treatment of the low back and of",
            "ABC000003",
            FOOTER,
            "Page 3",
        ],
        ["FAX 03/17/2015 10:12 AM Page 4 of 7", *lines(item("both of the hips and the left knee: Upheld"))],
        lines(second),
        lines(item("Heating pad: Modified")),
    ]
    assert [(found.id, found.title.split()[0], found.pdf_page) for found in read(pdf_of(pages))] == [
        ("CM15-9900500#1", "Norco", 3),
        ("CM15-9900500#2", "Eight", 3),
        ("CM15-9900501#1", "Lumbar", 5),
        ("CM15-9900501#2", "Heating", 6),
    ]


def test_the_page_is_that_of_the_decision_and_not_of_a_mention() -> None:
    text = modern(item("Norco: Upheld", reasons="A brace is not medically necessary."), item("A brace: Upheld"))
    head, tail = text.split("A brace: Upheld")
    found = read(pdf_of([lines(head), ["A brace: Upheld", *lines(tail)]]))
    assert [one.pdf_page for one in found] == [1, 2]


@pytest.mark.parametrize("length", [7, 11, 40])
def test_every_generation_cut_into_pages(length: int, examples: Path) -> None:
    """The shipped texts of every generation, cut into pages: the title of each item that is read begins on its page."""
    checked: set[str] = set()
    for path in sorted(examples.rglob("*.txt")):
        printed = path.read_text(encoding="utf-8").replace("\f", "\n").split("\n")
        pages = ["\n".join(printed[at : at + length]) for at in range(0, len(printed), length)]
        pages = [one for page in pages for one in (page, "")]  # and an empty page behind each
        for letter in parse("\f".join(pages), file="a.pdf", sha256="", stem="a", paged=True):
            for found in letter.items:
                assert found.pdf_page is not None
                assert found.pdf_page % 2 == 1
                begin = plain(found.title)[:12]
                page, after = plain(pages[found.pdf_page - 1]), plain("".join(pages[found.pdf_page :]))
                at = (page + after).find(begin)
                assert 0 <= at < len(page), (path.name, found.id, found.pdf_page)
                checked.add(letter.generation)
    assert {"0", "1", "2", "3b", "4"} <= checked


def test_a_footer_or_a_gap_is_no_page_of_the_file() -> None:
    raw = f"a\n{FOOTER}\nb\n\f{LOST_PAGE}\f\f  \fc\n{FOOTER} 5\n\fd"
    text, numbers = canonical_pages(raw)
    assert text == canonical(raw)
    assert text.split("\n\f\n") == ["a", "b", LOST_PAGE, LOST_PAGE, LOST_PAGE, "c", "d"]
    assert numbers == [1, 1, 2, 3, 4, 5, 6]
    assert canonical_pages("\f\fone\vline") == ("one line", [3])
    assert canonical_pages("one") == ("one", [1])


def test_texts_have_no_pages_and_pdfs_of_any_name_do(tmp_path: Path) -> None:
    text = modern(item("Norco: Upheld"))
    root = tmp_path / "letters"
    root.mkdir()
    (root / "a.txt").write_text(text.replace("IMR ISSUES", "\fIMR ISSUES"), encoding="utf-8")
    head, tail = text.replace("CM15-9900500", "CM15-9900501").split("IMR ISSUES")
    (root / "b.txt").write_bytes(pdf_of([lines(head), lines("IMR ISSUES", tail)]))
    imr_search.build([root], tmp_path / "index", workers=1)
    found = imr_search.search("*", index=tmp_path / "index")
    assert {hit.item.letter: hit.item.pdf_page for hit in found.hits} == {"CM15-9900500": None, "CM15-9900501": 2}
