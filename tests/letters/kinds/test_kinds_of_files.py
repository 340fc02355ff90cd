"""Letters in archives, Word documents and HTML pages; files of other kinds are named; what a file holds tells its kind."""

from __future__ import annotations

import html
import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import IO

import pytest

import imr_search
from imr_search.errors import LetterError, RefusedError
from imr_search.letters import containers
from imr_search.letters.decoding import read_file, read_text
from imr_search.letters.discovery import LetterFile, Skipped, find_letters
from imr_search.letters.warnings import FAILURES, SKIPS
from imr_search.model import Letter
from tests.letters.forms import item, modern, one
from tests.letters.pdfs import pdf_of

LETTER = modern(item("Norco #60: Upheld"), item("MRI of the knee: Overturned"))
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(text: str, *, prefix: str = "", encoding: str = "utf-8") -> bytes:
    """A Word document with a paragraph for each line, a page break for each form feed."""
    page = '</w:t><w:br w:type="page"/><w:t xml:space="preserve">'
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{html.escape(line, quote=False).replace(chr(12), page)}</w:t></w:r></w:p>'
        for line in text.split("\n")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        markup = f'{prefix}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        made.writestr("word/document.xml", markup.encode(encoding))
    return out.getvalue()


def page_of(text: str) -> str:
    paragraphs = "".join(
        f"<p>{'<br>'.join(html.escape(line) for line in part.split(chr(10)))}</p>\n"
        for part in text.strip().split("\n\n")
    )
    return f"<!DOCTYPE html>\n<html><head><title>A letter</title><style>p {{}}</style></head><body>{paragraphs}<script>var x;</script></body></html>"


def read(path: Path) -> Letter:
    return one(read_text(path, read_file(path)))


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", docx(LETTER)),
        ("a.docx", docx(LETTER.replace("CLINICAL CASE", "\fCLINICAL CASE"))),
        ("a.html", page_of(LETTER).encode()),
        ("a.htm", page_of(LETTER).encode()),
        ("a.txt", page_of(LETTER).encode()),
        ("a.txt", docx(LETTER)),
        ("a.pdf", LETTER.encode()),
        ("a.docx", LETTER.encode()),
        ("a.html", LETTER.encode()),
        ("a.pdf", page_of(LETTER).encode()),
    ],
)
def test_content_tells_the_kind(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path.resolve() / name
    path.write_bytes(data)
    assert read(path).items == one(LETTER).items


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"{\\rtf1\\ansi " + LETTER.encode() + b"}", "another format"),
        ("a.docx", b"PK\x03\x04" + bytes(200), "broken"),
        ("a.docx", docx("x", prefix='<!DOCTYPE a [<!ENTITY b "c">]>'), "broken"),
        ("a.docx", docx("x", prefix="<!--" + " " * 9_000 + '--><!DOCTYPE a SYSTEM "b">'), "broken"),
        ("a.docx", docx("x", prefix='<!DOCTYPE a [<!ENTITY b "c">]>', encoding="utf-16"), "broken"),
        ("a.pdf", bytes(range(256)) * 20, "broken"),
        ("a.html", b"<html><body></body></html>", "empty"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path.resolve() / name
    path.write_bytes(data)
    with pytest.raises(LetterError) as caught:
        read(path)
    assert caught.value.reason == reason
    assert reason in FAILURES


def test_letters_in_an_archive(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    members = {
        "2017/a.txt": LETTER.encode(),
        "b.PDF": pdf_of([LETTER.split("\n")[:50], LETTER.split("\n")[50:]]),
        "c.docx": docx(LETTER),
        "__MACOSX/._a.txt": b"x",
        "._b.txt": b"x",
        "../out.txt": LETTER.encode(),
        "/etc/out.txt": LETTER.encode(),
        "bell\x07.txt": LETTER.encode(),
        "inner.zip": b"PK",
        "scan.tif": b"II",
        "notes.md": b"x",
    }
    archive(root / "letters.zip", members)
    found = list(find_letters(root))
    assert [one.name for one in found if isinstance(one, LetterFile)] == [
        "letters.zip/2017/a.txt",
        "letters.zip/b.PDF",
        "letters.zip/c.docx",
    ]
    assert {one.name: one.reason for one in found if isinstance(one, Skipped)} == {
        "letters.zip/inner.zip": "another kind",
        "letters.zip/scan.tif": "another kind",
        "letters.zip/../out.txt": "name out of its archive",
        "letters.zip//etc/out.txt": "name out of its archive",
        "letters.zip/bell\\x07.txt": "name out of its archive",
    }
    for file in found:
        if isinstance(file, LetterFile):
            assert [each.title for each in read(file.path).items] == ["Norco #60", "MRI of the knee"]
    assert [one.name for one in find_letters(root / "letters.zip")] == [one.name for one in found]


def test_archives_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path.resolve()
    (root / "broken.zip").write_bytes(b"PK\x03\x04nothing")
    archive(root / "many.zip", {f"{n}.txt": b"x" for n in range(4)})
    monkeypatch.setattr(containers, "MAX_MEMBERS", 3)
    monkeypatch.setattr(containers, "MAX_MEMBER", 1_000)
    archive(root / "bomb.zip", {"a.txt": b"\0" * 100_000})
    assert {one.name: one.reason for one in find_letters(root) if isinstance(one, Skipped)} == {
        "broken.zip": "broken archive",
        "many.zip": "large archive",
    }
    with pytest.raises(LetterError, match="too large"):
        read_file(root / "bomb.zip" / "a.txt")
    with pytest.raises(LetterError, match="unreadable"):
        read_file(root / "bomb.zip" / "b.txt")
    assert {"another kind", "broken archive", "large archive", "name out of its archive"} <= set(SKIPS)


def test_the_list_of_an_archive_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []

    class Listed(zipfile.ZipFile):
        def __init__(self, stream: IO[bytes]) -> None:
            read.append(stream)
            super().__init__(stream)

    path = tmp_path.resolve() / "a.zip"
    archive(path, {f"{n}.txt": b"letter %d" % n for n in range(50)})
    archive(other := path.with_name("b.zip"), {"0.txt": b"another letter"})
    monkeypatch.setattr(containers.zipfile, "ZipFile", Listed)
    found = [read_file(path / f"{n}.txt") for n in range(50)]
    assert found == [b"letter %d" % n for n in range(50)]
    assert len(read) == 1
    with pytest.raises(LetterError, match="unreadable"):
        read_file(path / "50.txt")
    other.replace(path)
    assert read_file(path / "0.txt") == b"another letter"
    assert len(read) == 2


def test_the_list_of_an_archive_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    """Members of which nothing is there but their names: a GB of memory for two million, in a file of 110 MB."""
    path = tmp_path.resolve() / "a.zip"
    head = struct.Struct("<IHHHHHHIIIHHHHHII")
    entry = head.pack(0x02014B50, 20, 20, 0, 0, 0, 33, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0)
    size = 0
    with path.open("wb") as file:
        for number in range(400_000):
            size += file.write(entry + b"%07x.txt" % number)
        file.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, size, 0))
        file.write(struct.pack("<IIQI", 0x07064B50, 0, size, 1))
        file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    tracemalloc.start()
    (found,) = find_letters(path.parent)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Skipped)
    assert found.reason == "large archive"
    assert most < 10 << 20


OTHERS = ["a.doc", "b.rtf", "c.eml", "d.tif", "e.JPG", "f.msg", "g.7z"]


def test_other_kinds_are_named_and_hidden_ones_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in [*OTHERS, "._letter.txt", "._x.pdf", ".DS_Store", "readme.md", "data.csv"]:
        (folder / name).write_bytes(b"x")
    (folder / "letter.txt").write_text(LETTER, encoding="utf-8")
    assert {one.name: one.reason for one in find_letters(folder) if isinstance(one, Skipped)} == dict.fromkeys(
        OTHERS, "another kind"
    )
    built = imr_search.build(folder, tmp_path / "index")
    assert (built.letters, built.failed) == (1, 0)
    (notice,) = [notice for notice in built.notices if "kind" in notice]
    assert notice.startswith("7 files of a kind that is not read: ")
    assert all(name in notice for name in OTHERS)


def test_over_half_unreadable_are_all_named(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "letter.txt").write_text(LETTER, encoding="utf-8")
    unread = {"a.txt": b"", "b.pdf": bytes(range(256)), "c.txt": b"no letter at all"}
    for name, data in unread.items():
        (folder / name).write_bytes(data)
    with pytest.raises(RefusedError) as refused:
        imr_search.build(folder, tmp_path / "index")
    assert all(repr(name) in str(refused.value) for name in unread)
    built = imr_search.build(folder, tmp_path / "index", force=True)
    assert (built.letters, {failure.file for failure in built.failures}) == (1, unread.keys())


def test_an_archive_is_built_and_brought_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    other = LETTER.replace("CM15-9900500", "CM15-9900501")
    archive(folder / "a.zip", {"x/a.txt": LETTER.encode(), "b.docx": docx(other)})
    built = imr_search.build(folder, tmp_path / "index")
    assert (built.letters, built.items, built.failed) == (2, 4, 0)
    archive(folder / "a.zip", {"x/a.txt": LETTER.encode()})
    again = imr_search.build(folder, tmp_path / "index", allow_shrink=True)
    assert (again.letters, again.items) == (1, 2)
