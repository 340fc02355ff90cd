"""Letters inside other kinds of file: members of a .zip, the text of a .docx and of an HTML page. All bounded before anything is unpacked."""

from __future__ import annotations

import errno
import io
import os
import re
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import IO, Final
from xml.parsers import expat

import msgspec

from imr_search import files
from imr_search.errors import LetterError

MAX_MEMBERS: Final = 20_000
MAX_LIST: Final = 16 << 20  # bytes of the list of members
MAX_MEMBER: Final = 64 << 20  # bytes of one member, unpacked
MAX_UNPACKED: Final = 4 << 30  # bytes of all members together
MAX_DEPTH: Final = 20  # folders above a member
MAX_NAME: Final = 1_000
_ENCRYPTED: Final = 1
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class _Bounded(io.BufferedIOBase):
    """A file of which no more is read at once than a list of so many members takes, for a ZipFile reads that list whole."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_LIST:
            raise LetterError("too large", "an archive with too many files")
        return self.stream.read(-1 if size is None else size)

    def seek(self, to: int, whence: int = 0) -> int:
        return self.stream.seek(to, whence)

    def tell(self) -> int:
        return self.stream.tell()

    def seekable(self) -> bool:
        return True


def _opened(stream: IO[bytes]) -> zipfile.ZipFile:
    """An archive whose list of members is not too long. Raises LetterError: too large."""
    return zipfile.ZipFile(_Bounded(stream))


class _Last(threading.local):
    """The archive that this thread read a member of last, with its list of members, so that not every member costs a reading of that list."""

    file: tuple[int, ...] = ()
    bounded: _Bounded
    opened: zipfile.ZipFile


_last = _Last()


def _listed(stream: IO[bytes]) -> zipfile.ZipFile:
    """As `_opened`, of a file on disk. The stream is the caller's to close."""
    status = os.fstat(stream.fileno())
    file = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    if _last.file != file:
        _last.file = ()
        _last.bounded = _Bounded(stream)
        _last.opened = zipfile.ZipFile(_last.bounded)
        _last.file = file
    _last.bounded.stream = stream
    return _last.opened


class Member(msgspec.Struct, frozen=True):
    """A file in an archive, by its name there. `inside`: that leads to a place in the archive, and can be printed."""

    name: str
    size: int
    inside: bool


def members(archive: Path) -> Iterator[Member]:
    """The archive's files, in the order of their names. Raises LetterError: unreadable, broken, too large."""
    try:
        with os.fdopen(files.open_unlinked(archive), "rb") as stream, _opened(stream) as opened:
            infos = opened.infolist()
    except OSError as error:
        raise _unread(error) from None
    except _BROKEN:
        raise LetterError("broken") from None
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise LetterError("too large", "an archive with too many files, or files too large")
    named = {info.filename: info.file_size for info in infos if not info.is_dir()}
    for name in sorted(named):
        yield Member(name, named[name], _is_inside(name))


def _unread(error: OSError) -> LetterError:
    """A place that no file has is the archive's own fault; anything else is the disk's."""
    return (
        LetterError("broken")
        if error.errno in (None, errno.EINVAL)
        else LetterError("unreadable", os.strerror(error.errno))
    )


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    plain = (
        not path.is_absolute()
        and ".." not in path.parts
        and "\\" not in name
        and ":" not in name
        and name.isprintable()
    )
    return plain and len(path.parts) <= MAX_DEPTH and len(name) <= MAX_NAME


def read_member(archive: Path, name: str) -> bytes:
    """One member's bytes. Raises LetterError: unreadable, encrypted, broken, too large; OSError when the archive cannot be opened."""
    with os.fdopen(files.open_unlinked(archive), "rb") as stream:
        return _member(lambda: _listed(stream), name)


def _member(opened: Callable[[], zipfile.ZipFile], name: str) -> bytes:
    try:
        whole = opened()
        try:
            info = whole.getinfo(name)
        except KeyError:
            raise LetterError("unreadable", "no longer in its archive") from None
        if info.flag_bits & _ENCRYPTED:
            raise LetterError("encrypted")
        if info.file_size > MAX_MEMBER:
            raise LetterError("too large", f"{info.file_size} bytes")
        with whole.open(info) as stream:
            data = bytearray()
            while len(data) <= MAX_MEMBER and (piece := stream.read(1 << 20)):
                data += piece
    except OSError as error:
        raise _unread(error) from None
    except _BROKEN:
        raise LetterError("broken") from None
    if len(data) > MAX_MEMBER:
        raise LetterError("too large", f"over {MAX_MEMBER} bytes")
    return bytes(data)


_DOCUMENT: Final = "word/document.xml"
_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
_BREAKS: Final = {"p": "\n", "tr": "\n", "tab": "\t", "cr": "\n"}


def docx_text(data: bytes) -> str:
    """The text of a Word document: a line for each paragraph, a form feed for each page. Raises LetterError."""
    markup = _member(lambda: _opened(io.BytesIO(data)), _DOCUMENT)
    parts: list[str] = []
    held = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal held
        kind = name.removeprefix(_WORD)
        held = kind == "t"
        if kind == "lastRenderedPageBreak" or (kind == "br" and attributes.get(f"{_WORD}type") == "page"):
            parts.append("\f")
        elif kind in ("tab", "cr", "br"):
            parts.append(_BREAKS.get(kind, "\n"))

    def end(name: str) -> None:
        nonlocal held
        held = False
        if name.removeprefix(_WORD) in ("p", "tr"):
            parts.append("\n")

    def text(data: str) -> None:
        if held:
            parts.append(data)

    def doctype(*_: object) -> None:
        raise LetterError("broken", "a document that defines its own entities")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = doctype  # in whatever encoding it is written, and however far behind
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(markup, True)
    except expat.ExpatError:
        raise LetterError("broken") from None
    return "".join(parts)


_HTML: Final = re.compile(
    r"\s{0,200}(?:<!--[^>]{0,500}-->\s{0,200}|<\?xml[^>]{0,200}\?>\s{0,200}){0,3}<(?:!doctype\s+html|html[\s>])",
    re.IGNORECASE,
)
_RTF: Final = re.compile(r"\s{0,20}\{\\rtf\d?")
_LINES: Final = frozenset(
    (
        "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main ol p pre "
        "section table tr ul"
    ).split()
)
_PARAGRAPHS: Final = frozenset("blockquote h1 h2 h3 h4 h5 h6 p table".split())
_UNSEEN: Final = frozenset("script style head title template noscript".split())


def is_html(text: str) -> bool:
    return _HTML.match(text) is not None


def is_rtf(text: str) -> bool:
    return _RTF.match(text) is not None


class _Page(HTMLParser):
    """A page's text: lines as they are shown, white space as HTML takes it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _LINES:
            self.parts.append("\n\n" if tag in _PARAGRAPHS else "\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _LINES:
            self.parts.append("\n\n" if tag in _PARAGRAPHS else "\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(" ".join(data.split()) if data.strip() else " ")
            if data[-1:].isspace():
                self.parts.append(" ")


def html_text(markup: str) -> str:
    page = _Page()
    page.feed(markup)
    page.close()
    return "".join(page.parts)
