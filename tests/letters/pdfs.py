"""Small PDFs written by hand: text lines on pages, no compression, so that a fixture can be read with the eye."""

from __future__ import annotations

from collections.abc import Sequence

LEADING = 13.8  # points between two baselines of 12-point type
TOP = 740.0
LEFT = 60.0


def pdf_of(pages: Sequence[Sequence[str]], *, extra: bytes = b"") -> bytes:
    """A PDF with one line of text per string; an empty string leaves a blank line. `extra` goes into the trailer."""
    streams = [_content(lines) for lines in pages]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
    ]
    for n, stream in enumerate(streams):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {5 + 2 * n} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, extra, table)
    return bytes(out)


def _content(lines: Sequence[str]) -> bytes:
    if isinstance(lines, Picture):
        return b"q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q"
    shown = []
    y = TOP
    for line in lines:
        if line:
            text = line.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
            shown.append(b"BT /F1 12 Tf %.1f %.1f Td (%s) Tj ET" % (LEFT, y, text))
        y -= LEADING
    return b"\n".join(shown)


class Picture(tuple[str, ...]):
    """A page that shows a picture and no text."""


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password which nobody has."""
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]" % (
        b"5a" * 32,
        b"a5" * 32,
    )
    return pdf_of([["Nobody reads this"]], extra=lock)


def scanned_pdf(pages: int = 2) -> bytes:
    """A PDF whose pages show no text."""
    return pdf_of([[] for _ in range(pages)])
