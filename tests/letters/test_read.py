"""Folders walked safely, bytes of every encoding to text, and PDFs read by a process that may die alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imr_search.errors import LetterError, UsageError
from imr_search.letters.decoding import read_file, read_text
from imr_search.letters.discovery import LetterFile, Skipped, find_letters
from imr_search.letters.pdf_reader import PdfReader
from imr_search.letters.warnings import FAILURES, SKIPS
from tests.letters.forms import item, modern, one
from tests.letters.pdfs import encrypted_pdf, pdf_of, scanned_pdf

POSIX = pytest.mark.skipif(os.name != "posix", reason="links, FIFOs and odd names as POSIX has them")


def names(root: Path) -> list[str]:
    return [found.name for found in find_letters(root) if isinstance(found, LetterFile)]


def skips(root: Path) -> dict[str, str]:
    return {found.name: found.reason for found in find_letters(root) if isinstance(found, Skipped)}


def fill(root: Path, *paths: str) -> None:
    for name in paths:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")


def test_files_come_in_order_with_their_names_sizes_and_times(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", "a.PDF", "c/d/e.TXT", "c/a.pdf", "readme.md", "b/z.txt", "pdf", "x.txt.bak")
    assert names(tmp_path) == ["a.PDF", "b.txt", "b/z.txt", "c/a.pdf", "c/d/e.TXT"]
    assert names(tmp_path) == names(tmp_path)
    first = next(iter(find_letters(tmp_path)))
    assert isinstance(first, LetterFile)
    assert (first.size, first.mtime_ns) == (1, (tmp_path / "a.PDF").stat().st_mtime_ns)
    assert skips(tmp_path) == {}


def test_a_file_may_be_the_root(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "b.doc")
    assert names(tmp_path / "a.txt") == ["a.txt"]
    assert skips(tmp_path / "b.doc") == {"b.doc": "not a letter file"}
    with pytest.raises(UsageError):
        list(find_letters(tmp_path / "none"))


@POSIX
def test_links(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    fill(outside, "secret.txt", "deep/more.txt")
    fill(root, "a.txt", "sub/b.txt", "data.bin")
    (root / "out.txt").symlink_to(outside / "secret.txt")
    (root / "up.txt").symlink_to("../outside/secret.txt")
    (root / "outdir").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "sub" / "back").symlink_to("..")
    (root / "self.txt").symlink_to("self.txt")
    (root / "gone.pdf").symlink_to("nothing.pdf")
    (root / "twin.txt").symlink_to("a.txt")
    (root / "named.txt").symlink_to("data.bin")
    assert names(root) == ["a.txt", "named.txt", "sub/b.txt"]
    assert skips(root) == {
        "gone.pdf": "dangling link",
        "out.txt": "link out of the folder",
        "outdir": "link out of the folder",
        "self.txt": "dangling link",
        "up.txt": "link out of the folder",
    }
    assert set(skips(root).values()) <= set(SKIPS)
    (tmp_path / "door").symlink_to(root)
    assert names(tmp_path / "door") == names(root)


@POSIX
def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder.txt").mkdir()
    fill(tmp_path, "folder.txt/in.txt")
    (tmp_path / "null.txt").symlink_to("/dev/null")
    (tmp_path / "zero.pdf").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as plug:
        here = Path.cwd()
        os.chdir(tmp_path)  # socket paths are short
        try:
            plug.bind("plug.pdf")
        finally:
            os.chdir(here)
        assert names(tmp_path) == ["folder.txt/in.txt"]
        assert skips(tmp_path) == {
            "null.txt": "link out of the folder",
            "pipe.txt": "not a regular file",
            "plug.pdf": "not a regular file",
            "zero.pdf": "link out of the folder",
        }
    with pytest.raises(LetterError, match="unreadable"):
        read_file(tmp_path / "pipe.txt")


@POSIX
def test_odd_names_survive(tmp_path: Path) -> None:
    fill(tmp_path, "new\nline.txt", "tab\t.txt", "-rf.txt", "ünï.txt", " .txt", "a;b$(c).txt")
    assert sorted(names(tmp_path)) == sorted(
        ["new\nline.txt", "tab\t.txt", "-rf.txt", "ünï.txt", " .txt", "a;b$(c).txt"]
    )
    raw = os.fsencode(tmp_path) + b"/\xff.txt"
    try:
        Path(os.fsdecode(raw)).write_text("x", encoding="utf-8")
    except OSError:
        pytest.skip("this file system wants names in UTF-8")
    odd = next(f for f in find_letters(tmp_path) if f.name == "\\udcff.txt")
    assert isinstance(odd, LetterFile)
    assert read_file(odd.path) == b"x"


@POSIX
def test_a_locked_folder_is_told(tmp_path: Path) -> None:
    fill(tmp_path, "open/a.txt", "shut/b.txt")
    (tmp_path / "shut").chmod(0)
    try:
        if os.access(tmp_path / "shut", os.R_OK):
            pytest.skip("this user may read everything")
        assert (names(tmp_path), skips(tmp_path)) == (["open/a.txt"], {"shut": "unreadable"})
    finally:
        (tmp_path / "shut").chmod(0o700)


def test_files_over_the_limit_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 101)
    assert read_file(path, max_bytes=101) == b"x" * 101
    with pytest.raises(LetterError, match="too large"):
        read_file(path, max_bytes=100)
    with pytest.raises(LetterError, match="unreadable"):
        read_file(tmp_path / "none.txt")


LETTER = modern(
    item(
        "Lidocaine 5% patch: Upheld",
        reasons="The worker’s “pain” is 37° – and the request\nis not medically necessary.",
    )
)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_gives_the_same_letter(encoding: str, ends: str) -> None:
    text = read_text(Path("a.txt"), LETTER.replace("\n", ends).encode(encoding))
    assert one(text).items == one(LETTER).items
    assert one(text).items[0].rationale == "The worker’s “pain” is 37° – and the request is not medically necessary."


def test_a_lost_quote_stays_as_printed() -> None:
    data = LETTER.encode("ascii", errors="replace")
    assert one(read_text(Path("a.txt"), data)).items[0].rationale.startswith("The worker?s ?pain? is 37? ?")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \r\n\t", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.pdf", b"", "empty"),
        ("a.txt", b"Norco\x00 Upheld", "binary"),
        ("a.txt", b"\x7fELF\x02\x01\x01" + bytes(200), "binary"),
        ("a.txt", b"PK\x03\x04\x14\x06\x08\x01\x02" * 20, "binary"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "binary"),
        ("a.txt", b"x" * 8_000_001, "too large"),
        ("a.pdf", b"%PDF-1.4\n", "broken"),
        ("a.pdf", pdf_of([["Hello"]])[:200], "broken"),
        ("a.pdf", encrypted_pdf(), "encrypted"),
        ("a.pdf", scanned_pdf(), "scanned"),
        ("a.pdf", pdf_of([]), "broken"),
        ("a.txt", scanned_pdf(1), "scanned"),
        ("a.pdf", pdf_of([["x"]] * 2_001), "too large"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(LetterError) as raised:
        read_text(Path(name), data)
    assert raised.value.reason == reason
    assert reason in FAILURES


def test_a_pdf_gives_its_pages_blank_lines_and_hyphens() -> None:
    text = read_text(
        Path("a.pdf"),
        pdf_of([["One line", "and its next.", "", "A skilled-", "nursing facility."], ["Page (two) \\ here"]]),
    )
    assert text.split("\f")[1] == "Page (two) \\ here"
    assert text.split("\f")[0].split("\n") == ["One line", "and its next.", "", "A skilled-", "nursing facility."]


def test_a_letter_as_pdf_gives_what_its_text_gives() -> None:
    text = modern(item("Norco: Upheld"), item("Skilled-\nnursing facility: Overturned"), item("MRI: Upheld"))
    lines = text.split("\n")
    pages = [lines[:30], lines[30:]]
    assert one(read_text(Path("a.pdf"), pdf_of(pages))).items == one(text).items


def test_the_reader_lives_on_after_a_bad_file() -> None:
    good = pdf_of([["Hello"]])
    with PdfReader() as reader:
        for bad in (b"%PDF-1.4 nothing", encrypted_pdf(), scanned_pdf()):
            with pytest.raises(LetterError):
                reader.text(bad)
            assert reader.text(good).strip() == "Hello"


class Slow(PdfReader):
    """A reader whose process never answers."""

    def _command(self) -> list[str]:
        return [sys.executable, "-c", "import time; time.sleep(60)"]


class Dying(PdfReader):
    """A reader whose process ends in the middle of its answer."""

    def _command(self) -> list[str]:
        return [sys.executable, "-c", "import os, sys; sys.stdin.buffer.read(1); os.write(1, b'T\\0\\0'); os._exit(1)"]


def test_a_reader_that_hangs_is_killed() -> None:
    began = time.monotonic()
    with Slow(timeout=0.5) as reader, pytest.raises(LetterError, match="too slow"):
        reader.text(pdf_of([["Hello"]]))
    assert time.monotonic() - began < 20


def test_a_reader_that_dies_is_named() -> None:
    with Dying() as reader, pytest.raises(LetterError, match="reader died"):
        reader.text(pdf_of([["Hello"]]))


def test_a_killed_reader_is_started_again() -> None:
    with PdfReader() as reader:
        assert reader.text(pdf_of([["One"]])).strip() == "One"
        process = reader._process
        assert process is not None
        process.kill()
        process.wait()
        assert reader.text(pdf_of([["Two"]])).strip() == "Two"
        assert reader._process is not process
    assert reader._process is None


@POSIX
def test_a_reader_has_a_bound_on_memory() -> None:
    with PdfReader(memory=300 << 20) as reader:
        assert reader.text(pdf_of([["One"]])).strip() == "One"
        with pytest.raises(LetterError, match=r"too large|reader died"):
            reader.text(pdf_of([["One"]]) + b" " * (400 << 20))
        assert reader.text(pdf_of([["Two"]])).strip() == "Two"


def test_the_reader_ends_with_its_parent() -> None:
    code = (
        "import os, sys; from imr_search.letters.pdf_reader import PdfReader; from tests.letters.pdfs import pdf_of; r = PdfReader();"
        "r.text(pdf_of([['x']])); print(r._process.pid, flush=True); os._exit(9)"
    )
    root = Path(__file__).parents[2]
    pid = int(
        subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False).stdout
    )
    if not Path("/proc").is_dir():
        pytest.skip("no /proc to look into")
    deadline = time.monotonic() + 10
    status = Path(f"/proc/{pid}/stat")
    while status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time.monotonic() < deadline, "the reader outlived its parent"
        time.sleep(0.05)
