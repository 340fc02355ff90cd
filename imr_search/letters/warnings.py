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
        "W02": "it is not certain where the title begins",
        "W03": "the heading of the claims administrator's guideline is missing",
        "W04": "the heading of the reviewer's guideline is missing",
        "W05": "the rationale or its heading is missing",
        "W06": "the clinical case summary or its heading is missing",
        "W07": "the reviewer's specialty or license is missing",
        "W08": "a range of pages is implausibly long; only its ends are kept",
        "W09": "the header is incomplete",
        "W10": "a date is impossible or out of order",
        "W11": "two parts of the letter disagree on this item",
        "W12": "the heading of the decisions is missing",
        "W13": "another item's heading may have been lost inside this text",
        "W14": "the file holds the same case more than once; the better reading is kept",
        "W15": "the letter mixes the layouts of more than one generation",
        "W16": "the disputed part of a partly approved request is not marked; the treatment is the whole title",
        "W17": "this item runs across a page without text; what follows that page is left out",
        "W18": "a page has no text layer and was not read",
        "W19": "the rationale ends in mid-sentence; the rest may be lost",
        "W20": "a guideline's text is implausibly long; only its beginning is read",
        "W21": "a guideline's text names no known source",
        "W22": "the treatment names more than one quantity; the first is kept",
        "W23": "the treatment names more than one number of visits; the largest is kept",
        "W24": "the treatment is implausibly long; only its beginning is read",
        "W26": "what stands behind the heading of an attachment was left out of the rationale; it may be the reviewer's",
        DIFFERS: "another letter of this case has a different outcome or different items, or adds to this one",
    }
)

FAILURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": "the file has no text at all",
        "binary": "the file contains NUL or other bytes that are not text",
        "encrypted": "the PDF requires a password",
        "scanned": "the PDF has pages but no text layer",
        "broken": "the PDF cannot be opened or read to its end",
        "too large": "the file, its text or the memory needed to read it is over the limit",
        "too slow": "reading it took longer than the time limit",
        "reader died": "the PDF's reader crashed or ran out of memory; the next file got a new one",
        "no resources": "the machine ran out of memory or processes; the next build tries again",
        "unreadable": "the file could not be opened",
        "not a letter file": "none of .txt, .pdf, .docx, .html and .zip",
        "another format": "its content is in a format that is not read (such as RTF), whatever its name says",
        "no known generation": "none of the headings of a Final Determination letter was found",
        "not understood": "reading it failed unexpectedly: a fault of this program",
        "no items": "it has the headings of a letter but no disputed item",
    }
)

SKIPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not a regular file": "a FIFO, socket or device under a letter's name",
        "link out of the folder": "a symbolic link that leaves the folder",
        "dangling link": "a broken symbolic link",
        "unreadable": "a folder or file that you have no permission to read",
        "another kind": "a document, picture or archive of a kind that is not read",
        "broken archive": "a .zip that cannot be opened",
        "name out of its archive": "a file in a .zip whose path leads outside it, or cannot be printed",
        "large archive": "a .zip with too many files, or files too large",
    }
)


def warning(code: str, detail: str = "") -> ParseWarning:
    """A ParseWarning in the table's words, with `detail` (a heading, a label, a date; never the letter's prose) after them."""
    text = CODES[code]
    return ParseWarning(code, f"{text}: {detail}" if detail else text)
