"""What offices and machines print onto a letter's pages: Bates numbers, fax lines, RECEIVED, COPY, exhibit labels, notes in the margin.

None of it is the letter's own, and where it stands in the middle of a sentence it would become part of a rationale or of a section's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_DAY: Final = r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|[A-Z][A-Za-z]{2,8}\.? \d{1,2},? \d{4})"
_TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
# A line that is a stamp and nothing else.
_STAMP: Final = re.compile(
    r"(?!CM\d\d-)[A-Z]{2,12}[-_]?\d{5,9}"
    rf"|(?:RECEIVED|FILED|SCANNED|FAXED)(?: (?:BY|ON)\b[ A-Z.]{{0,20}})?:? ?{_DAY}(?:,? (?:AT )?{_TIME})?"
    r"|(?:COPY|DUPLICATE(?: COPY)?|CONFIDENTIAL|ORIGINAL|FILE COPY|CERTIFIED COPY|SCANNED|FAXED|FILED)"
    r"|(?:(?:DEFENDANT|APPLICANT|PLAINTIFF|JOINT)(?:'?S)? )?(?:EXHIBIT|Exhibit|EXH?\.|ATTACHMENT) [A-Z0-9]{1,4}(?:[ ,-]{1,3}(?:PAGE |P\. ?)?\d{1,4})?"
    r"|\(?(?:[Ss]ee|SEE|cf\.) (?:p|pg|pp|page|P)s?\.? ?\d{1,4}\)?[.!?]?"
    rf"|{_DAY},? {_TIME}",
)
_LONGEST_STAMP: Final = 48
# What a fax machine prints along the edge: a time, and a number of a page or of a telephone.
_FAX: Final = re.compile(
    rf"(?=.*\b{_TIME})(?=.*(?:\b[Ff][Aa][Xx]\b|\b[Pp](?:age|AGE|\.|g\.?)?[ :]?0*\d{{1,3}} ?(?:/|of|OF) ?0*\d{{1,3}}|\d{{3}}[-. ]\d{{4}}))"
)
_FAX_BEGINNINGS: Final = ("FAX", "Fax", "From", "FROM", "To:", "TO:", "Sent", "Received Fax")
_FAX_LETTERS: Final = frozenset("0123456789FTSR")
_LONGEST_FAX_LINE: Final = 160
# A Bates number behind a line's own text: zeros in front tell it from a code of a procedure.
_BATES_BEHIND: Final = re.compile(r"(?<=[ .])(?!CM\d\d-)(?P<prefix>[A-Z]{2,12}[-_]?)(?P<number>\d{5,9})\Z")
_EDGE_LINES: Final = 2
_LONGEST_EDGE: Final = 70
_OWN: Final = re.compile(
    r"guideline|rationale|upheld|overturned|modified|necessary|date|priority|received|case n|CM\d\d-\d{5}|[:.]\Z",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+")


def without_stamps(lines: list[str]) -> list[str]:
    """The lines without those that are stamps, and without the numbers stamped behind others."""
    marked: list[tuple[int, str, str]] = []
    stamps: set[int] = set()
    for at, line in enumerate(lines):
        if not line:
            continue
        if len(line) <= _LONGEST_STAMP:
            if _STAMP.fullmatch(line) or (line[0] in _FAX_LETTERS and _is_of_a_fax(line)):
                stamps.add(at)
                continue
        elif line[0] in _FAX_LETTERS and len(line) <= _LONGEST_FAX_LINE and _is_of_a_fax(line):
            stamps.add(at)
            continue
        if line[-5:].isdigit() and (found := _BATES_BEHIND.search(line)):
            marked.append((at, found["prefix"], found["number"]))
    if not stamps and not marked:
        return lines
    kept = list(lines)
    prefixes = Counter(prefix for _, prefix, _ in marked)
    for at, prefix, number in marked:
        if number[0] == "0" or prefixes[prefix] > 1:
            kept[at] = kept[at][: -len(prefix) - len(number)].rstrip(" ")
    return [line for at, line in enumerate(kept) if at not in stamps]


def _is_of_a_fax(line: str) -> bool:
    return (line[0].isdigit() or line.startswith(_FAX_BEGINNINGS)) and _FAX.match(line) is not None


def without_running_heads(pages: Sequence[str]) -> list[str]:
    """The pages without lines that stand at the top or the foot of nearly every page, numbers aside: running heads and stamps."""
    if len(pages) < 2:
        return list(pages)
    cut = [page.split("\n") for page in pages]
    counted: Counter[str] = Counter()
    for lines in cut:
        counted.update({_masked(line) for line in _edges(lines)} - {""})
    most = len(pages) if len(pages) < 3 else max(2, (len(pages) * 2 + 2) // 3)
    running = {line for line, count in counted.items() if count >= most and _is_head(line, len(pages))}
    if not running:
        return list(pages)
    return ["\n".join(_without(lines, running)).strip("\n ") for lines in cut]


def _is_head(line: str, pages: int) -> bool:
    """A head has a number in it or its longer words in capitals; a sentence that was broken by a page has neither."""
    return "#" in line or (pages > 2 and all(word[0].isupper() for word in line.split() if len(word) > 3))


def _edges(lines: list[str]) -> list[str]:
    own = [line for line in (*lines[:4], *lines[-4:]) if line] if len(lines) > 8 else [line for line in lines if line]
    return [*own[:_EDGE_LINES], *own[-_EDGE_LINES:]]


def _masked(line: str) -> str:
    """The line with its numbers made alike; "" for one that may be the letter's own."""
    return "" if len(line) > _LONGEST_EDGE or _OWN.search(line) else _DIGITS.sub("#", line)


def _without(lines: list[str], running: set[str]) -> list[str]:
    edges = set(_edges(lines))
    return [line for line in lines if line not in edges or _masked(line) not in running]
