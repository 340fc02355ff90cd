"""A file's bytes as raw text (pages parted by "\\f")."""

from __future__ import annotations

import atexit
import codecs
import functools
import os
from pathlib import Path
from typing import Final

from imr_search import files
from imr_search.errors import LetterError
from imr_search.letters import containers, limits
from imr_search.letters.canonical import MAX_CHARS
from imr_search.letters.pdf_reader import PdfReader

MAX_BYTES: Final = 64 << 20
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS: Final = bytes((*range(0x01, 0x09), *range(0x0E, 0x20), 0x7F))
_PDF_MAGIC_WITHIN: Final = 1_024


def read_file(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The file's bytes. `path` had no link in it when it was found, and none that took the place of the file or of a folder since is followed;
    nothing waits on a FIFO. Raises LetterError (too large, unreadable)."""
    try:
        with open(files.open_unlinked(path), "rb", buffering=0) as stream:
            status = os.fstat(stream.fileno())
            if status.st_size > max_bytes:
                raise LetterError("too large", f"{status.st_size} bytes")
            data = stream.read(status.st_size + 1)  # no more room is taken than the file needs
            while len(data) <= max_bytes and (more := stream.read(len(data) + 1)):  # it grows, or came in parts
                data += more
    except NotADirectoryError:
        return _read_member(path)
    except OSError as error:
        raise LetterError("unreadable", error.strerror or "") from None
    if len(data) > max_bytes:
        raise LetterError("too large", f"over {max_bytes} bytes")
    return data


def _read_member(path: Path) -> bytes:
    """The bytes of "letters.zip/a.txt": a path that goes on behind a regular file."""
    for archive in path.parents:
        if archive.suffix.lower() == ".zip":
            try:
                return containers.read_member(archive, path.relative_to(archive).as_posix())
            except OSError as error:
                raise LetterError("unreadable", error.strerror or "") from None
    raise LetterError("unreadable", "no longer a folder")


def read_text(path: Path, data: bytes, pdf: PdfReader | None = None) -> str:
    """The raw text of a file that holds `data`. Its content tells its kind: a PDF, a Word document, an HTML page or a text, whatever `path` says.

    `pdf` is the caller's own reader process (a parallel build gives each worker one); without it this process keeps one.
    Raises LetterError: empty, binary, too large, and for PDF encrypted, scanned, broken, too slow, reader died.
    """
    if not data.strip():
        raise LetterError("empty")
    if is_pdf(data):
        return (pdf or _own_reader(os.getpid())).text(data)
    if data.startswith(b"PK\x03\x04"):
        try:
            with limits.bounded():
                text = containers.docx_text(data)
        except LetterError as error:
            if error.reason == "broken" and path.suffix.lower() == ".txt":
                raise LetterError("binary") from None
            raise
    elif path.suffix.lower() in (".pdf", ".docx") and not _is_plain(data):
        raise LetterError("broken")
    else:
        text = _decoded(data)
    if containers.is_rtf(text):
        raise LetterError("another format", "RTF")
    if containers.is_html(text) or (path.suffix.lower() in (".html", ".htm") and "<" in text):
        if len(text) > MAX_CHARS:
            raise LetterError("too large", f"{len(text)} characters")
        with limits.bounded():
            text = containers.html_text(text)
    if len(text) > MAX_CHARS:
        raise LetterError("too large", f"{len(text)} characters")
    if not text.strip():
        raise LetterError("empty")
    if "\0" in text or _controls(text[:20_000]) * 20 > len(text[:20_000]):
        raise LetterError("binary")
    return text


def _controls(text: str) -> int:
    """How many control characters there are, besides those that texts have. In UTF-8 no other character has such a byte."""
    data = text.encode("utf-8", errors="surrogatepass")
    return len(data) - len(data.translate(None, _CONTROLS))


def is_pdf(data: bytes) -> bool:
    """Whether the data are of a PDF, under whatever name."""
    return b"%PDF-" in data[:_PDF_MAGIC_WITHIN]


def _is_plain(data: bytes) -> bool:
    """Whether the data are of a text, under whatever name: no control characters but those that texts have."""
    head = data[:4_096]
    return not any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)


@functools.lru_cache(maxsize=1)
def _own_reader(process: int) -> PdfReader:
    """This process's reader: a fork finds another `process` and so gets a reader of its own."""
    reader = PdfReader()
    atexit.register(reader.close)
    return reader


def _decoded(data: bytes) -> str:
    """UTF-8, UTF-16 or UTF-32 by its mark, UTF-16 without one by its NULs, then UTF-8, then cp1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:2_000]
    if b"\0" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        if odd * 10 > len(head) * 4 and not even:
            return data.decode("utf-16-le", errors="replace")
        if even * 10 > len(head) * 4 and not odd:
            return data.decode("utf-16-be", errors="replace")
        raise LetterError("binary")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
