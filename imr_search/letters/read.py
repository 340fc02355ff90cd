"""A folder's letters, found safely, and a file's bytes as raw text (pages parted by "\\f")."""

from __future__ import annotations

import codecs
import functools
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from imr_search import files
from imr_search.errors import LetterError, UsageError
from imr_search.letters.text import MAX_CHARS

if TYPE_CHECKING:
    from imr_search.letters.pdf import PdfReader

SUFFIXES: Final = (".txt", ".pdf")
MAX_BYTES: Final = 64 << 20
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL: Final = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_PDF_MAGIC_WITHIN: Final = 1_024


class LetterFile(msgspec.Struct, frozen=True):
    """A regular .txt or .pdf file. `name` is relative to the root, with "/" on every system; bytes that are no text in
    a name are written as escapes there, so that it can be stored and printed."""

    path: Path
    name: str
    size: int
    mtime_ns: int


class Skipped(msgspec.Struct, frozen=True):
    """Something under a letter's name that is not read; `reason` is one of `doubts.SKIPS`."""

    name: str
    reason: str


def find_letters(root: Path) -> Iterator[LetterFile | Skipped]:
    """Every letter file at or below `root`, in the order of their names. Raises UsageError when `root` is not there.

    A link that stays inside is passed over in silence when what it points to is found by itself; one that leaves is
    reported, and neither is ever walked into: nothing is read twice, nothing loops, nothing outside is read.
    """
    try:
        base = root.resolve(strict=True)
        status = base.stat()
    except (OSError, RuntimeError):
        raise UsageError(f"{root}: no such file or folder") from None
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(base, base, "")
    elif not base.name.lower().endswith(SUFFIXES):
        yield Skipped(_printable(root.name), "not a letter file")
    elif stat.S_ISREG(status.st_mode):
        yield LetterFile(base, _printable(root.name), status.st_size, status.st_mtime_ns)
    else:
        yield Skipped(_printable(root.name), "not a regular file")


def _walk(root: Path, folder: Path, prefix: str) -> Iterator[LetterFile | Skipped]:
    stack: list[tuple[Path, str]] = [(folder, prefix)]
    while stack:
        here, above = stack.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield Skipped(_printable(above.rstrip("/")) or ".", "unreadable")
            continue
        folders: list[tuple[Path, str]] = []
        for entry in entries:
            name = above + entry.name
            try:
                if entry.is_symlink():
                    if found := _link(root, Path(entry.path), name):
                        yield found
                elif entry.is_dir(follow_symlinks=False):
                    folders.append((Path(entry.path), name + "/"))
                elif not entry.name.lower().endswith(SUFFIXES):
                    continue
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield LetterFile(Path(entry.path), _printable(name), status.st_size, status.st_mtime_ns)
                else:
                    yield Skipped(_printable(name), "not a regular file")
            except OSError:
                yield Skipped(_printable(name), "unreadable")
        stack += reversed(folders)


def _link(root: Path, path: Path, name: str) -> LetterFile | Skipped | None:
    """A link inside the folder: the file that it stands for when nothing else would find it, a reason, or nothing."""
    suffixed = path.name.lower().endswith(SUFFIXES)
    try:
        target = path.resolve(strict=True)
        status = target.stat()
    except (OSError, RuntimeError):
        return Skipped(_printable(name), "dangling link") if suffixed else None
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder and not suffixed:
        return None
    if not target.is_relative_to(root):
        return Skipped(_printable(name), "link out of the folder")
    if is_folder or target.name.lower().endswith(SUFFIXES):
        return None
    if not stat.S_ISREG(status.st_mode):
        return Skipped(_printable(name), "not a regular file")
    return LetterFile(target, _printable(name), status.st_size, status.st_mtime_ns)


def _printable(name: str) -> str:
    return name.replace(os.sep, "/").encode("utf-8", errors="backslashreplace").decode("utf-8")


def read_file(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The file's bytes. `path` had no link in it when it was found, and none that took the place of the file or of a folder since is followed;
    nothing waits on a FIFO. Raises LetterError (too large, unreadable)."""
    try:
        with os.fdopen(files.open_unlinked(path), "rb") as stream:
            status = os.fstat(stream.fileno())
            if status.st_size > max_bytes:
                raise LetterError("too large", f"{status.st_size} bytes")
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise LetterError("unreadable", error.strerror or "") from None
    if len(data) > max_bytes:
        raise LetterError("too large", f"over {max_bytes} bytes")
    return data


def read_text(path: Path, data: bytes, pdf: PdfReader | None = None) -> str:
    """The raw text of a file that holds `data`; `path` gives only the kind, and what begins as a PDF is one.

    `pdf` is the caller's own reader process (a parallel build gives each worker one); without it this process keeps one.
    Raises LetterError: empty, binary, too large, and for PDF encrypted, scanned, broken, too slow, reader died.
    """
    if not data.strip():
        raise LetterError("empty")
    if b"%PDF-" in data[:_PDF_MAGIC_WITHIN]:
        return (pdf or _own_reader(os.getpid())).text(data)
    if path.suffix.lower() == ".pdf":
        raise LetterError("broken")
    text = _decoded(data)
    if len(text) > MAX_CHARS:
        raise LetterError("too large", f"{len(text)} characters")
    if not text.strip():
        raise LetterError("empty")
    if "\0" in text or len(_CONTROL.findall(text[:20_000])) * 20 > len(text[:20_000]):
        raise LetterError("binary")
    return text


@functools.lru_cache(maxsize=1)
def _own_reader(process: int) -> PdfReader:
    """This process's reader: a fork finds another `process` and so gets a reader of its own."""
    import atexit

    from imr_search.letters.pdf import PdfReader

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
