"""Lines without stamps.

Stamps are what offices and machines print onto pages: Bates numbers, fax lines, RECEIVED, COPY, exhibit labels, notes in the margin. None of it
is the letter's own, and where it stands in the middle of a sentence it would become part of a rationale or of a section's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

_DAY: Final = r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|[A-Z][A-Za-z]{2}-\d\d-(?:\d{4}|'\d\d)|[A-Z][A-Za-z]{2,8}\.? \d{1,2}[,.]? \d{4})"
_TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_DONE: Final = (
    *("RECEIVED", "RECD", "REC'D", "REC\u2019D", "ENTERED", "FILED", "SCANNED", "FAXED", "MAILED", "PRINTED"),
    *("Received", "Rec'd", "Rec\u2019d", "Entered", "Filed", "Scanned", "Faxed", "Mailed", "Printed"),
)
_WHAT_WAS_DONE: Final = rf"(?:{'|'.join(_DONE)})"
_NAMED: Final = r"(?:UNOFFICIAL|CERTIFIED|DUPLICATE|FILE|COURT|FAX|OFFICE|WORKING)"
# A line that is a stamp and nothing else.
_STAMP: Final = re.compile(
    r"(?!CM\d\d-)[A-Z]{2,12}(?:[-_]?\d{5,9}|0\d{2,8})"
    r"|(?!CM\d\d-)(?:[A-Z][A-Z&.']{1,14}[-_ ]){0,3}[-_# ]{0,2}(?:(?<=[A-Z])|(?<=[A-Z][-_ #]))0\d{2,8}|0\d{4,9}"
    rf"|{_WHAT_WAS_DONE}(?: (?:BY|ON|AT|by|on|at)\b[ A-Za-z.]{{0,20}})?:? ?{_DAY}(?:,? (?:AT |at )?{_TIME})?(?: (?:BY|by) [A-Za-z. ]{{1,20}})?"
    rf"|\W{{0,4}}(?:(?:{_NAMED} ){{0,2}}COPY|DUPLICATE|ORIGINAL|SCANNED|FAXED|FILED)\W{{0,4}}"
    r"|\W{0,4}(?:CONFIDENTIAL|PRIVILEGED)(?: ?(?:[-\u2013\u2014,/]|AND) ?[A-Z ]{3,40})?\W{0,4}"
    r"|(?:(?:DEFENDANT|APPLICANT|PLAINTIFF|JOINT)(?:['\u2019]?S)? )?(?:EXHIBIT|Exhibit|EXH?\.|ATTACHMENT)"
    r" [A-Z0-9]{1,4}(?:[ ,-]{1,3}(?:PAGE |P\. ?)?\d{1,4})?"
    r"|\(?(?:[Ss]ee|SEE|cf\.) (?:p|pg|pp|page|P)s?\.? ?\d{1,4}\)?[.!?]?"
    r"|(?:[Pp]age|PAGE|[Pp]g\.?|P\.) ?\d{1,3} ?(?:of|OF|/) ?\d{1,3}|[-\u2013] ?\d{1,3} ?[-\u2013]"
    r"|(?!.*CM\d\d-)(?:Doc(?:ument)?|DOC|Claim|CLAIM|File|FILE|Batch|Image|Job|Control|Tracking) ?(?:ID|No\.?|NO\.?|Number|NUMBER|#)"
    r" ?[:.]? ?(?=(?:[A-Z-]*\d){3})[A-Z0-9][A-Z0-9-]{3,30}"
    rf"|{_DAY},? {_TIME}",
)
# Others, which end in a digit, or are in capitals, or begin in one of a few ways.
_BEGIN_CASES: Final = ("ADJ", "WCAB", "EAMS", "Docu")
_FURTHER_STAMP: Final = re.compile(
    # what was done, how and where, and its day: "RECEIVED BY MAIL MAR 03 2018 CLAIMS DEPT"
    rf"(?:DATE |Date )?(?:{_WHAT_WAS_DONE}|STAMPED|Stamped|Uploaded|UPLOADED)"
    rf"(?:[ /:,-]{{1,3}}(?:[A-Z][A-Za-z.&]{{0,14}}|by|on|at|in|via)){{0,5}}[ :,-]{{1,3}}{_DAY}"
    r"(?: (?:[A-Z][A-Z.&]{1,14}|by [A-Za-z]{1,14})){0,4}"
    r"|(?:[A-Z][A-Za-z.'\u2019]{1,14} )?(?:EXHIBIT|Exhibit|EXH?\.|Exh?\.) ['\"\u2018-\u201d]?[A-Z0-9]{1,4}(?:-\d{1,4})?['\"\u2018-\u201d]?"
    r"(?:[ ,-]{1,3}(?:PAGE |page |[Pp]\. ?)?\d{1,4})?"
    r"|(?:Bates|BATES)(?: No\.?| Number| #)?:? ?[A-Z]{0,12}[-_ ]?\d{3,9}|#0\d{3,8}"
    r"|[A-Z]{2,12}\d{4,9} ?- ?[A-Z]{2,12}\d{4,9}"
    r"|[A-Z][A-Za-z]{1,12}(?:[./][A-Z]{2,12}){0,3}[./]0\d{2,8}"
    r"|(?:WCAB (?:No\.?|#):? ?)?ADJ\d{6,9}(?: [-\u2013] [A-Z][A-Za-z .]{0,30})?|EAMS (?:[A-Za-z]{1,9} ){0,3}#?\d{6,10}(?: .{0,30})?"
    r"|DocuSign Envelope ID: ?[A-F0-9-]{20,40}"
    r"|(?:JOB|Job|Scan ID|Batch|Image|TIFF?|Claim|CLAIM)[ :#]{1,3}\d{4,12}(?: (?:Image|Page)[ :#]{1,3}\d{1,6})?"
    r"|(?:\* ?){0,4}(?:COPY|DRAFT|VOID|WCAB|COPY TO FILE)(?: ?\*){0,4}"
    r"|(?:(?:IMR|MAXIMUS) (?:Case (?:Number|No\.?|#)? ?:? ?)?)?CM\d\d-\d{5,8}[ ,|-]{1,3}(?:[Pp]age|PAGE|[Pp]g?\.) ?\d{1,3}(?: (?:of|OF) \d{1,3})?"
    r"|(?:[Pp]age|PAGE|[Pp]g?\.) ?\d{1,3}(?: (?:of|OF) \d{1,3})?[ ,|-]{1,3}(?:(?:IMR|MAXIMUS) )?(?:Case (?:Number|No\.?|#)? ?:? ?)?CM\d\d-\d{5,8}"
    r"|CONFIDENTIAL [A-Z]{4,12}(?: [A-Z]{4,12})?|(?:ATTORNEY )?WORK PRODUCT|PROTECTED HEALTH INFORMATION"
    r"|(?:TO|To|FROM|From) ?: ?\+?\d{10,11} .{0,60}"
)
# Lines of nearly every letter, and how others begin: no stamp but a fax machine's is or begins so.
_FORMS_LINES: Final = frozenset(("CLINICAL CASE SUMMARY", "Received:", "\f"))
_FORMS_OWN: Final = ("Case Number: ", "Date Assigned: ", "Decision Date: ", "HOW THE IMR FINAL ", "IMR ISSUES, ")
_LABEL_OF_ATTACHED: Final = re.compile(r"(?:EXHIBIT|Exhibit|ATTACHMENT) [A-Z0-9]{1,4}")
_NO_TEXT: Final = "\f\v"  # a line of these, or an empty one
# The foot of a page that a browser printed.
_BROWSERS: Final = re.compile(r"(?:https?|file):\S{5,200} \d{1,3} ?/ ?\d{1,3}")
_DAY_AND_CLOCK: Final = re.compile(r"[\d/:.' -]{12,40}(?: ?[AaPp]\.?[Mm]\.? ?[\d/:.' -]{0,20})?")
_LONGEST_STAMP: Final = 60
# How stamps in small letters begin; others are told from prose by their second and third letters.
_BEGINNINGS: Final = frozenset(
    "Exhi Page Rece Ente Scan Faxe File Mail Prin page Rec' Rec\u2019 Docu Clai Batc Imag Cont Trac From Sent (see (See".split()
) | {"see ", "See ", "Doc ", "Job ", "Fax "}
# What a fax machine prints along the edge: a time, and two of: its name, the number of a page, of a telephone, a sender.
_CLOCK: Final = re.compile(r":\d\d(?<=\d:\d\d)(?<!\d\d\d:\d\d)")
_FAX_SIGNS: Final = (
    re.compile(r"\b(?:FAX|Fax|Received (?:Time|Fax)|RightFax)\b"),
    re.compile(
        r"\b(?:[Pp](?:age|AGE|\.|g\.?)?[ :.]{0,2}0*\d{1,3} ?(?:/|of|OF) ?0*\d{1,3}|[Pp]\.? ?\d{1,3}\Z|No\. ?\d{2,5})"
    ),
    re.compile(r"(?<!\d)(?:1?[ -]?\(?\d{3}\)?[-. ]?)?\d{3}[-. ]?\d{4}(?!\d)"),
    re.compile(r"\b(?:From|FROM|To|TO) ?:"),
    re.compile(rf"(?<!\d)(?:{_DAY}|\d{{4}}-\d\d-\d\d)"),
)
_LONGEST_FAX_LINE: Final = 160
# A stamp over two lines and more: what was done, the day, the office.
_DONE_ALONE: Final = frozenset(done + by for done in _DONE for by in ("", " BY", " ON"))
_DAY_ALONE: Final = re.compile(rf"{_DAY}(?:,? {_TIME})?")
_OFFICE: Final = re.compile(
    r"(?:BY )?(?:[A-Z]+ )?(?:CLAIMS|MAIL ?ROOM|LEGAL|RECORDS|OFFICE|DEPT\.?|DEPARTMENT|UNIT)(?: [A-Z]+)?"
)
# A Bates number behind a line's own text: zeros in front tell it from a code of a procedure.
_BATES_BEHIND: Final = re.compile(r"(?<=[ .])(?!CM\d\d-)(?P<prefix>[A-Z]{2,12}(?:[-_]?| (?=0)))(?P<number>\d{5,9})\Z")
# Pages counted without a word ("3/9"), and a caption with a Bates number ("Smith v. Acme 000123"): stamps where they come again and count on.
_OF_PAGES: Final = re.compile(r"[-\u2013(\[]? ?(\d{1,3}) ?/ ?(\d{1,3}) ?[-\u2013)\]]?")
_CAPTIONED: Final = re.compile(r"([A-Z].{1,45}[ _-])(0\d{3,8})")


def without_stamps(lines: list[str]) -> list[str]:
    """The lines without those that are stamps, and without the numbers stamped behind others."""
    marked: list[tuple[int, str, str]] = []
    stamps: set[int] = set()
    counting: dict[str, list[tuple[int, int]]] = {}  # by what stands beside a number: where, and the number
    clocks = _CLOCK.search("\n".join(lines)) is not None
    # prose begins in small letters, its lines do not end in a number, and a line longer than a stamp would have to be a fax machine's
    others = [
        at
        for at, line in enumerate(lines)
        if line
        and (
            line[-1].isdigit()
            or ((clocks or len(line) <= _LONGEST_STAMP) and (not line[1:3].islower() or line[:4] in _BEGINNINGS))
        )
    ]
    for at in others:
        line = lines[at]
        if line[-5:].isdigit():
            if found := _BATES_BEHIND.search(line):
                marked.append((at, found["prefix"], found["number"]))
            elif "0" in line[-9:-3] and (found := _CAPTIONED.fullmatch(line)):
                counting.setdefault(found[1], []).append((at, int(found[2])))
        elif len(line) < 12 and "/" in line and (found := _OF_PAGES.fullmatch(line)):
            counting.setdefault(found[2], []).append((at, int(found[1])))
        if at in stamps:
            continue
        if _is_stamp(line):
            stamp = range(at, at + 1)
        elif line in _DONE_ALONE:
            stamp = _over_lines(lines, at)
        else:
            continue
        if not at or lines[at - 1][-11:].casefold() != "application":
            stamps.update(stamp)  # "Application" / "RECEIVED" is a cell of the header
    if counting:
        stamps.update(at for places in counting.values() for at in _counted_on(places))
    if not stamps and not marked:
        return lines
    stamps.difference_update(tuple(_attached(lines, stamps)))
    kept = list(lines)
    prefixes = Counter(prefix for _, prefix, _ in marked)
    for at, prefix, number in marked:
        if number[0] == "0" or prefixes[prefix] > 1:
            kept[at] = kept[at][: -len(prefix) - len(number)].rstrip(" ")
    return [line for at, line in enumerate(kept) if at not in stamps]


def _counted_on(places: Sequence[tuple[int, int]]) -> Iterator[int]:
    """The lines of a number that comes again, one more each time."""
    numbers = [number for _, number in places]
    if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        yield from (at for at, _ in places)


def _attached(lines: Sequence[str], stamps: Collection[int]) -> Iterator[int]:
    """Which of the stamps are the headings of what is attached to the letter: "EXHIBIT A" comes once, behind the last conclusion, a sentence's end
    and a gap, with text below."""
    labels = [at for at in sorted(stamps) if _LABEL_OF_ATTACHED.fullmatch(lines[at])]
    if not labels:
        return
    counted = Counter(lines[at] for at in labels)
    concluded = max((at for at, line in enumerate(lines) if "necessary" in line.lower()), default=0)
    last = max((at for at, line in enumerate(lines) if line.strip(_NO_TEXT) and at not in stamps), default=0)
    # behind these stand items, and a stamp between two of them is no heading
    items = max((at for at, line in enumerate(lines) if "ationale" in line or "uideline" in line), default=0)
    for at in labels:
        if at < last and counted[lines[at]] == 1 and not lines[at - 1].strip(_NO_TEXT):
            before = next((lines[n] for n in range(at - 1, -1, -1) if lines[n].strip(_NO_TEXT)), "")
            ended = items < at and before.lower().endswith(("necessary.", "appropriate.", "this time."))
            if ended or (concluded < at and before.endswith((".", "?", "!"))):
                yield at


def _is_stamp(line: str) -> bool:
    if len(line) <= _LONGEST_STAMP and line not in _FORMS_LINES and not line.startswith(_FORMS_OWN):
        if _STAMP.fullmatch(line):
            return True
        if (line[-1].isdigit() or line.isupper() or line.startswith(_BEGIN_CASES)) and _FURTHER_STAMP.fullmatch(line):
            return True
    if line.startswith(("http", "file")) and _BROWSERS.fullmatch(line):
        return True
    if len(line) > _LONGEST_FAX_LINE or ":" not in line or not _CLOCK.search(line):
        return False
    return _DAY_AND_CLOCK.fullmatch(line) is not None or sum(sign.search(line) is not None for sign in _FAX_SIGNS) > 1


def _over_lines(lines: Sequence[str], at: int) -> range:
    """The lines of a stamp that begins with what was done, when its day stands below."""
    end = at + 1
    if end < len(lines) and _DAY_ALONE.fullmatch(lines[end]):
        end += 1
        if end < len(lines) and _OFFICE.fullmatch(lines[end]):
            end += 1
        return range(at, end)
    return range(at, at)
