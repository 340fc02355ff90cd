"""The PDF reader's own process: PDFs in by standard input, their text out by standard output, one after the other.

Run as a script (`python -P pdf_process.py BYTES PARENT`), it imports nothing of the package, so that it starts fast and can die alone.
Frames are a kind (one byte), a length (8 bytes, big-endian) and that many bytes; the reply to a PDF is "T" and its text
in UTF-8 or "E" and a reason. The end of input ends it, and so does its parent's death.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import struct
import sys
import threading
import time
from typing import Any, BinaryIO, Final

FRAME: Final = struct.Struct(">cQ")
MAX_PAGES: Final = 2_000
MAX_CHARS: Final = 8_000_000
WORK: Final = 60  # seconds of the processor's time for one PDF, should nobody wait for it any more
LOST_PAGE: Final = "\ufffc"  # what `canonical` takes for a page that could not be read
MOST_OF_A_STAMP: Final = 60  # characters
# Two baselines further apart than this many points have a blank line between them (12-point type has them 13.8 apart).
GAP: Final = 18.0


class Unreadable(Exception):
    """`args[0]` is a reason of `warnings.FAILURES`."""


def pdf_text(data: bytes) -> str:
    """The text of all pages in reading order, pages parted by "\\f", blank lines where the page has a gap. Raises Unreadable."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # The library may still tell the error of the file before this one: the file must look encrypted too.
        locked = b"/Encrypt" in data and ("assword" in str(error) or "ecurity" in str(error))
        raise Unreadable("encrypted" if locked else "broken") from None
    try:
        if len(document) > MAX_PAGES:
            raise Unreadable("too large")
        pages: list[str] = []
        size = 0
        for n in range(len(document)):
            page = document[n]
            textpage = page.get_textpage()
            pages.append(_page_text(pypdfium2.raw, textpage.raw))
            if _is_picture(pypdfium2.raw, page.raw, pages[-1]):
                pages[-1] = LOST_PAGE
            size += len(pages[-1])
            textpage.close()
            page.close()
            if size > MAX_CHARS:
                raise Unreadable("too large")
    except pypdfium2.PdfiumError:
        raise Unreadable("broken") from None
    finally:
        document.close()
    if not pages:
        raise Unreadable("empty")
    text = "\f".join(pages)
    if not text.strip("\f\n " + LOST_PAGE):
        raise Unreadable("scanned")
    return text


def _is_picture(pdfium: Any, page: Any, text: str) -> bool:
    """Whether a page shows a picture and no more text than a stamp has: a scanner's work."""
    if len("".join(text.split())) > MOST_OF_A_STAMP:
        return False
    objects = (pdfium.FPDFPage_GetObject(page, n) for n in range(min(pdfium.FPDFPage_CountObjects(page), 1_000)))
    return any(pdfium.FPDFPageObj_GetType(one) == pdfium.FPDF_PAGEOBJ_IMAGE for one in objects)


def _page_text(pdfium: Any, textpage: Any) -> str:
    """One page. A hyphen at a line's end comes as U+0002 with no line break: it is made a hyphen and a break."""
    count = pdfium.FPDFText_CountChars(textpage)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    pdfium.FPDFText_GetText(textpage, 0, count, buffer)
    text = bytes(buffer).decode("utf-16-le", errors="replace").rstrip("\0")
    if len(text) != count:  # indices into the text and into the page's characters differ
        codes = (pdfium.FPDFText_GetUnicode(textpage, n) for n in range(count))
        text = "".join("\ufffd" if not code or 0xD800 <= code < 0xE000 else chr(code) for code in codes)
    x, y = ctypes.c_double(), ctypes.c_double()
    out: list[str] = []
    at = 0
    above: float | None = None
    for line in text.split("\n"):
        body = line.strip()
        if body:
            first = at + line.index(body[0])
            if pdfium.FPDFText_GetCharOrigin(textpage, first, x, y):
                if above is not None and abs(above - y.value) > GAP:
                    out.append("")
                last = at + len(line.rstrip()) - 1
                pdfium.FPDFText_GetCharOrigin(textpage, last, x, y)
                above = y.value
        out.append(body)
        at += len(line) + 1
    return "\n".join(out).replace("\x02", "-\n").replace("\ufffe", "-\n")


def _read_exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answers PDF after PDF until the input ends."""
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            _, size = FRAME.unpack(_read_exactly(requests, FRAME.size))
            data = _read_exactly(requests, size)
            _limit_work()
            try:
                kind, payload = b"T", pdf_text(data).encode("utf-8", errors="replace")
            except Unreadable as error:
                kind, payload = b"E", str(error).encode()
            except MemoryError:
                kind, payload = b"E", b""
            del data
            if not payload:  # the letter's own fault where there is memory left without it
                payload = b"too large" if memory_left() else b"no resources"
            replies.write(FRAME.pack(kind, len(payload)) + payload)
            replies.flush()


def memory_left() -> bool:
    """Is there memory to be had that an ordinary letter would need?"""
    try:
        mmap.mmap(-1, 64 << 20).close()
    except (OSError, ValueError, MemoryError):
        return False
    return True


def limit(*, memory: int = 0, open_files: int = 0, processes: bool = True) -> None:
    """Bound this process where the system knows such limits: it writes no file and leaves no core. 0: no bound of its own."""
    try:
        import resource
    except ImportError:
        return
    wanted = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if memory:
        wanted.append((resource.RLIMIT_AS, memory))
    if open_files:
        wanted.append((resource.RLIMIT_NOFILE, open_files))
    if not processes and hasattr(resource, "RLIMIT_NPROC"):
        wanted.append((resource.RLIMIT_NPROC, 0))
    for kind, most in wanted:
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))


def _limit_work() -> None:
    """So much of the processor for the next PDF; more kills this process, and the next PDF gets a new one."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + WORK, hard))


def end_with(parent: int) -> None:
    """Let this process end when `parent`, which started it, does: by the kernel where it can be asked, else by looking, a few times a second."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.3)
        os._exit(1)

    if sys.platform == "win32":
        return  # there the end of input is the only sign
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; it closes the input
    end_with(int(sys.argv[2]))
    # Nothing that a library prints may stand between two replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    import pypdfium2  # noqa: F401  (loaded before memory is bounded)

    limit(memory=int(sys.argv[1]), open_files=32, processes=False)
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
