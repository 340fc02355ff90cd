"""The one table of what can be doubtful in a letter that was read, and of why a file gave no letter.

A doubt never quotes more of the letter than a heading, a label or a date: its text may end in a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from imr_search.model import ParseWarning

LOST_PAGES: Final = "W18"
DIFFERS: Final = "W25"

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "W01": "the outcome is missing or cannot be read",
        "W02": "where the title begins is not certain",
        "W03": "the heading of the claims administrator's guideline is missing",
        "W04": "the heading of the reviewer's guideline is missing",
        "W05": "the rationale or its heading is missing",
        "W06": "the clinical case summary or its heading is missing",
        "W07": "the reviewer's specialty or licence is missing",
        "W08": "a range of pages is too long to be true; only its ends are kept",
        "W09": "the header is incomplete",
        "W10": "a date is impossible or out of order",
        "W11": "two places of the letter disagree on this item",
        "W12": "the heading of the decisions is missing",
        "W13": "another item's heading may have been lost inside this text",
        "W14": "the file holds the same case more than once; the better reading is kept",
        "W15": "the letter's form is of more than one generation",
        "W16": "the disputed part of a partly approved request is not marked; the treatment is the whole title",
        "W17": "a page without text stood inside this item; what follows it is left out",
        "W18": "a page has no text; what stood there is not read",
        "W19": "the rationale ends in mid-sentence; what followed may be lost",
        "W20": "a guideline's text is too long to be true; only its beginning is read",
        "W21": "a guideline's text names no source that is known",
        "W22": "the treatment names more than one quantity; the first is kept",
        "W23": "the treatment names more than one number of visits; the largest is kept",
        "W24": "the treatment is too long to be true; only its beginning is read",
        DIFFERS: "another letter of this case decides otherwise, has other items or adds to this one",
    }
)

FAILURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": "the file has no text at all",
        "binary": "the file holds NUL or other bytes that no text has",
        "encrypted": "the PDF asks for a password",
        "scanned": "the PDF has pages but no text layer",
        "broken": "the PDF cannot be opened or read to its end",
        "too large": "the file, its text or the memory that it takes is over the limit",
        "too slow": "reading it took longer than the time limit",
        "reader died": "the PDF's reader crashed or ran out of memory; the next file got a new one",
        "no resources": "there was no memory or no process left on this machine; the next build reads it again",
        "unreadable": "the file could not be opened",
        "not a letter file": "none of .txt, .pdf, .docx, .html and .zip",
        "another format": "its content is of a kind that is not read, whatever its name says (RTF)",
        "no known generation": "none of the headings of a Final Determination letter was found",
        "not understood": "reading it failed in a way that nobody foresaw: a fault of this program",
        "no items": "it has the headings of a letter but no disputed item",
    }
)

SKIPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not a regular file": "a FIFO, socket or device under a letter's name",
        "link out of the folder": "a symbolic link that leaves the folder",
        "dangling link": "a symbolic link to nothing",
        "unreadable": "a folder or file that may not be read",
        "another kind": "a document, picture or archive of a kind that is not read",
        "broken archive": "a .zip that cannot be opened",
        "name out of its archive": "a file of a .zip whose name leads out of it, or cannot be printed",
        "large archive": "a .zip of too many or too large files",
    }
)


def warning(code: str, detail: str = "") -> ParseWarning:
    """A ParseWarning in the table's words, with `detail` (a heading, a label, a date; never the letter's prose) after them."""
    text = CODES[code]
    return ParseWarning(code, f"{text}: {detail}" if detail else text)
