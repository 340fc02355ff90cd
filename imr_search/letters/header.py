"""The table at a letter's head: case number, five dates, priority, whatever order the extractor gave its cells.

A value belongs to a label because it stands on the label's line, or right below it, or in a column of as many values as there are labels. Where
none of this holds ("Date of Injury:" is empty or blackened) the label stays without a value and is warned of by its name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from imr_search.letters.misprints import USUAL, with_usual_labels
from imr_search.letters.warnings import warning
from imr_search.model import ParseWarning

# Labels by field, of all generations; longer ones first where one ends in another.
_I: Final = r"[Il1|]"  # an i or an l, as OCR may print it
_LABELS: Final = {
    "case": r"(?:MAXIMUS\s+|IMR\s+)?(?:Case|File(?=\s+N))\s*(?:Number|Num\.?|No\.?|\#|ID)",
    "assigned": rf"Date\s+Ass{_I}gned|Ass{_I}gned\s+Date",
    "injured": rf"Date\s+of\s+{_I}njury|{_I}njury\s+Date|D\.?O\.?{_I}\b\.?",
    "denied": rf"U\.?R\.?\s+Den{_I}a{_I}(?:\s+Date)?|Date\s+of\s+U\.?R\.?\s+(?:Dec{_I}s{_I}on|Den{_I}a{_I})|U\.?R\.?\s+Dec{_I}s{_I}on\s+Date",
    "decided": rf"(?:Dec{_I}s{_I}on|Determ{_I}nat{_I}on)\s+Date|Date\s+of\s+(?:Dec{_I}s{_I}on|Determ{_I}nat{_I}on)",
    "dated": r"Dated?",
    "priority": rf"Pr{_I}or{_I}ty",
    "received": rf"(?:IMR\s+|Date\s+)?App{_I}{_I}cat{_I}on(?:\s+(?P<between>\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}}))?\s+Rec(?:e{_I}ved|['\u2019]?d)",
}
_SPACES: Final = re.compile(r"\s+")
_DASH: Final = r"[-\u2010-\u2015\u2212]"
_DIGIT: Final = r"[\dOoIlSB]"  # with what OCR makes of them
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_TWO: Final = rf"{_DIGIT}(?:\s?{_DIGIT})?"  # a space may have come between
_MARK: Final = rf"(?:[/.]|{_DASH})"
_SMUDGE: Final = "~?#^\u2022\u2588\u25a0\ufffd"  # what stands for a character that could not be read
DAY: Final = (
    rf"(?:(?:19|20)\d\d(?:{_MARK}\d{{1,2}}{_MARK}\d{{1,2}}|[01]\d[0-3]\d)(?!\d)"
    rf"|{_TWO}\s?{_MARK}\s?{_TWO}\s?{_MARK}\s?['\u2019]?(?:[12]\s?{_DIGIT}\s?{_DIGIT}\s?{_DIGIT}|{_DIGIT}{{2,4}})(?![\w/{_SMUDGE}])"
    rf"|{_MONTH}(?:\s*|{_DASH})\d{{1,2}}(?:st|nd|rd|th)?(?:,\s*|\s+|{_DASH})\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?:\s|{_DASH})(?:of\s)?{_MONTH}(?:(?:,?\s|{_DASH})\d{{4}}|{_DASH}\d\d(?!\d)))"
)
_WEEKDAY: Final = r"(?:(?:Mon|Tues?|Wednes|Wed|Thurs?|Fri|Satur|Sat|Sun)(?:day)?\.?,?\s+)?"
_NUMBER: Final = rf"(?:C\s?M|c\s?m)\s?{_DIGIT}{{2}}(?:\s?{_DASH}\s?|\s){_DIGIT}{{5,8}}(?!\w)"
_URGENCY: Final = r"(?:Standard|Expedited|Regular)\b"
_VALUE: Final = rf"(?:{_NUMBER}|{DAY}|{_URGENCY})"
_CELL: Final = re.compile(
    r"(?<!\w)(?=[\w|])(?:"  # asked first: nothing here begins inside a word, or with another sign
    + "|".join(
        rf"(?P<{name}>(?<![\w-])(?:{label})(?:\s?[:;=]|\s?\.{{2,40}}:?|\s{_DASH}(?=\s+{_WEEKDAY}{_VALUE})|(?=\s+{_WEEKDAY}{_VALUE})"
        rf"|(?<=\w)(?=\s*$)|(?=\s(?:Date|Decision|UR|Priority|Application|Case)\s\w)))"
        for name, label in _LABELS.items()
    )
    # labels of cells that are not read, so that their values are not taken for others'
    + rf"|(?P<other>^(?!{_URGENCY})[A-Z][\w()/.' ]{{2,60}}:)"
    + rf"|(?P<number>(?<!\w){_NUMBER})|(?:(?<![\w/.{_SMUDGE}-]){_WEEKDAY}(?P<day>{DAY}))|(?P<urgency>(?<!\w){_URGENCY}))",
    re.IGNORECASE | re.MULTILINE,
)
_VALUES: Final = ("number", "day", "urgency")
_KIND: Final = {"case": "number", "priority": "urgency"}
# The table as nearly all letters since 2014 print it, every value right behind its label: it is read without looking for cells.
_USUAL_VALUES: Final = {
    "number": r"CM[0-9]{2}-[0-9]{7}",
    "urgency": "Standard|Expedited",
    "day": r"[0-9]{2}/[0-9]{2}/[0-9]{4}",
}
_GAP: Final = r"[ \n]"
_USUAL_TABLE: Final = re.compile(
    "".join(
        rf"{_GAP.join(label.split())}:{_GAP}+(?P<{name}>{_USUAL_VALUES[_KIND.get(name, 'day')]}){_GAP}+"
        for name, (label, *_) in USUAL.items()
    )
    + r"\s*"
)
# In the order in which they must have happened.
_ORDER: Final = ("injured", "denied", "received", "assigned", "decided")
_LONGEST: Final = 6_000

_REVIEWS: Final = frozenset(("assigned", "denied", "decided", "received"))  # what no fax's cover has a label for
_APART: Final = 6  # lines of other text between two tables
_FEW: Final = 3  # labels: fewer are no table while there is one with more


class Header(msgspec.Struct, frozen=True):
    """ISO dates and the case number, None where the table has none. `present`: there was a table at all. `labels`: what it has a label for."""

    case: str | None = None
    assigned: str | None = None
    injured: str | None = None
    denied: str | None = None
    decided: str | None = None
    received: str | None = None
    priority: str | None = None
    present: bool = False
    labels: frozenset[str] = frozenset()
    warnings: tuple[ParseWarning, ...] = ()


class _Cell(msgspec.Struct, frozen=True):
    """A label ("case" ... or "other") or a value ("number", "day", "urgency", or "junk" for a line that is neither).

    `line` is its line's number, `alone`: it begins its line; `block` counts blank lines and page breaks before it.
    """

    name: str
    text: str
    line: int
    block: int
    page: int
    is_label: bool = False
    between: str | None = None


_AROUND: Final = " :,;\n\f()[]*|\"'"
_UNTIL: Final = frozenset(("-", "\u2013", "to", "through", "thru", "until"))
_Giver = Callable[["_Cell", "_Cell | str | None"], None]


def read_header(region: str, *, dated: bool = False) -> Header:
    """`region` is the canonical text before the letter's first heading. `dated`: "Dated:" is the decision's date, as in 2013."""
    region = region[-_LONGEST:]
    if usual := _usual_table(region):
        return _header(usual, usual, ())
    found = _read_table(region, dated)
    if len(found.labels) < len(USUAL) and (mended := with_usual_labels(region, found.labels)) != region:
        return _read_table(mended, dated)
    return found


def _usual_table(region: str) -> dict[str, str] | None:
    """The values of a region that is a table as usually printed and nothing else, every one of them readable."""
    found = _USUAL_TABLE.fullmatch(region)
    if found is None:
        return None
    days = {name: day for name in _ORDER if (day := iso_day(found[name]))}
    return found.groupdict() | days if len(days) == len(_ORDER) else None


def _header(found: Mapping[str, str], labels: Iterable[str], warnings: Iterable[ParseWarning]) -> Header:
    """`found`: the values by their labels. Warned of where they are not in the order in which they must have happened."""
    days = [(found[name], name) for name in _ORDER if name in found]
    disordered = [
        warning("W10", f"{earlier} {a}, {later} {b}") for (a, earlier), (b, later) in itertools.pairwise(days) if a > b
    ]
    return Header(**found, present=True, labels=frozenset(labels), warnings=(*warnings, *disordered))


def _read_table(region: str, dated: bool) -> Header:
    table = _table(_cells(region, dated))
    if not dated and _stands_apart(table, region):
        table = []
    if not any(cell.is_label and cell.name != "other" for cell in table):
        return Header(warnings=(warning("W09", "there is none"),))
    values, impossible = _assign(table)
    if dated and "case" not in values:  # the oldest letters print it without a label
        numbers = {case_number(cell.text) for cell in table if cell.name == "number"}
        values["case"] = numbers.pop() if len(numbers) == 1 else None
    found = {name: value for name, value in values.items() if value is not None}
    missing = [name for name in ("case", "decided") if name not in found]
    expected = values if dated or len(values) < _FEW else [*values, *USUAL]
    missing += sorted({name for name in expected if name not in found and name not in missing})
    warnings = [warning("W09", ", ".join(missing))] if missing else []
    warnings += [warning("W10", name) for name in impossible]
    return _header(found, values, warnings)


def _stands_apart(table: Sequence[_Cell], region: str) -> bool:
    """Whether a few labels are no table of this letter's: none is a review's own, or a page or a paragraph parts one or two from its heading, as on a
    fax's cover."""
    labels = [at for at, cell in enumerate(table) if cell.is_label and cell.name != "other"]
    if len(labels) >= _FEW:
        return not any(table[at].name in _REVIEWS for at in labels)
    if not labels:
        return False
    last = table[labels[-1]]
    return last.page < region.split("\n").count("\f") or sum(cell.name == "junk" for cell in table[labels[-1] :]) > 1


def _cells(region: str, dated: bool) -> list[_Cell]:
    """Labels and values in the order of the text; a line that holds neither is junk, which may stand in a value's place."""
    cells: list[_Cell] = []
    block = page = position = rest = at = 0
    found = list(_CELL.finditer(region))
    for number, line in enumerate(region.split("\n")):
        end = position + len(line)
        block += line in ("", "\f")
        page += line == "\f"
        rest = max(rest, position)  # a label may be printed over two lines
        while at < len(found) and found[at].start() <= end:
            match = found[at]
            at += 1
            name = str(match.lastgroup)
            if name == "dated":
                name = "decided" if dated else "other"
            if junk := region[rest : match.start()].strip(_AROUND):
                cells.append(_Cell("junk", junk, number, block, page))
            line_of_end = number + match.group().count("\n")
            is_label = name not in _VALUES
            cells.append(_Cell(name, match[match.lastgroup or 0], line_of_end, block, page, is_label, match["between"]))
            rest = match.end()
        if junk := region[rest:end].strip(_AROUND):
            cells.append(_Cell("junk", junk, number, block, page))
        position = end + 1
    return _without_ranges(cells)


def _without_ranges(cells: list[_Cell]) -> list[_Cell]:
    """The cells with "1/1/2010 - 1/1/2012" as no day: a trauma over years has none."""
    kept: list[_Cell] = []
    for cell in cells:
        if (
            cell.name == "day"
            and len(kept) > 1
            and kept[-1].text in _UNTIL
            and kept[-2].name == "day"
            and kept[-2].line == cell.line
        ):
            del kept[-1]
            kept[-1] = msgspec.structs.replace(kept[-1], name="junk")
        else:
            kept.append(cell)
    return kept


def _table(cells: Sequence[_Cell]) -> list[_Cell]:
    """The table next to the heading, which ends the region: the last of those that are parted by a page, by other text, or by a label
    that comes again. A table before it is a fax's cover, another case's, or another letter's."""
    tables: list[list[_Cell]] = [[]]
    labels: set[str] = set()
    last: _Cell | None = None
    gap = 0  # lines of other text since the last label
    rest = sum(cell.is_label and cell.name != "other" for cell in cells)
    for at, cell in enumerate(cells):
        table = tables[-1]
        known = cell.is_label and cell.name != "other"
        if known and cell.name in labels and _is_stray(cells, at, labels, table):
            table.append(cell)
            rest -= 1
            continue
        gap += cell.name == "junk"
        new_page = last is not None and cell.page != last.page and not (len(labels) >= _FEW and rest <= _FEW)
        if known and last is not None and (cell.name in labels or new_page or gap > _APART):
            begun = _begun_before(table, cell.name) if cell.name in labels and not new_page else len(table)
            if begun == len(table):
                begun = _values_behind(table)
            tables.append(table[begun:])
            del table[begun:]
            labels = {one.name for one in tables[-1] if one.is_label and one.name != "other"}
        tables[-1].append(cell)
        if known:
            labels.add(cell.name)
            last = cell
            gap = 0
            rest -= 1
    sizes = [len({cell.name for cell in table if cell.is_label and cell.name != "other"}) for table in tables]
    full = [n for n, size in enumerate(sizes) if size >= _FEW] or [n for n, size in enumerate(sizes) if size]
    return tables[full[-1]] if full else []


def _is_stray(cells: Sequence[_Cell], at: int, labels: set[str], table: Sequence[_Cell]) -> bool:
    """Whether a label that comes again was printed twice, and no second table begins with it: no gap before it, and the next label is new."""
    if any(cell.name == cells[at].name and cell.block != cells[at].block for cell in table):
        return False
    following = next((cell.name for cell in cells[at + 1 :] if cell.is_label and cell.name != "other"), None)
    return (
        cells[at].name != "case"
        and following not in labels - {cells[at].name}
        and (following is not None or len(labels) > _FEW)
    )


def _begun_before(table: Sequence[_Cell], again: str) -> int:
    """Where the table began whose label `again` has come a second time: with a case number, else behind the first gap after the label's first."""
    first = next(n for n, cell in enumerate(table) if cell.name == again)
    labels = [n for n in range(first + 1, len(table)) if table[n].is_label and table[n].name != "other"]
    gaps = (n for n in labels if table[n].block > table[first].block)
    return next((n for n in labels if table[n].name == "case"), next(gaps, len(table)))


def _values_behind(table: Sequence[_Cell]) -> int:
    """Where nothing but text is left of a table: after its last value."""
    for at in range(len(table) - 1, -1, -1):
        if table[at].name != "junk":
            return at + 1
    return 0


def _assign(table: Sequence[_Cell]) -> tuple[dict[str, str | None], list[str]]:
    """Every label with its value, or None; and the labels whose value is no day."""
    values: dict[str, str | None] = {}
    impossible: list[str] = []

    def give(label: _Cell, value: _Cell | str | None) -> None:
        text = value.text if isinstance(value, _Cell) else value
        kind = _KIND.get(label.name, "day")
        fits = text is not None and (not isinstance(value, _Cell) or value.name == kind)
        read = _read(kind, text) if fits and text is not None else None
        before = values.get(label.name)
        if (fits and read is None) or (before and read and before != read):
            impossible.append(label.name)  # no day, or two of them
        values[label.name] = None if before and read and before != read else before or read

    pairs = _values_first(table)
    for label, value in pairs:
        give(label, value)
    carried: list[_Cell] = []
    for labels, following in () if pairs else _runs(table):
        open_labels: list[_Cell] = []
        pieces = list(following)
        for label in labels:
            own = next((piece for piece in pieces if piece.line == label.line), None) if label is labels[-1] else None
            if label.between is not None:
                give(label, label.between)
            elif (own is not None and own.name != "junk") or (own is not None and pieces[0] is own):
                give(label, own)
                pieces.remove(own)
                carried = _from_before(open_labels, carried, give)
                open_labels = []
            else:
                open_labels.append(label)
        carried, pieces = _from_below(open_labels, pieces, carried, give)
        carried += pieces
    return {name: value for name, value in values.items() if name != "other"}, [
        name for name in impossible if name != "other"
    ]


def _values_first(table: Sequence[_Cell]) -> list[tuple[_Cell, _Cell | None]]:
    """Label and value, where every label has its value on the line above, or every value its label behind it on its line (a label may have none);
    else nothing."""
    if len(table) < 2 * _FEW or table[0].is_label or not table[-1].is_label:
        return []
    values, labels = table[::2], table[1::2]
    if len(values) == len(labels) and all(
        label.is_label and value.name == _KIND.get(label.name, "day") and value.line < label.line
        for label, value in zip(labels, values, strict=True)
    ):
        return list(zip(labels, values, strict=True))
    before = [
        (cell, value if value is not None and not value.is_label and value.line == cell.line else None)
        for value, cell in itertools.pairwise((None, *table))
        if cell is not None and cell.is_label
    ]
    placed = sum(value is not None for _, value in before)
    return before if placed >= _FEW and placed + len(before) == len(table) else []


def _runs(table: Sequence[_Cell]) -> Iterable[tuple[list[_Cell], list[_Cell]]]:
    """Labels in a row with the values that follow them. The first run may have values alone."""
    labels: list[_Cell] = []
    pieces: list[_Cell] = []
    for cell in table:
        if cell.is_label and pieces:
            yield labels, pieces
            labels, pieces = [], []
        (labels if cell.is_label else pieces).append(cell)
    yield labels, pieces


def _from_before(labels: list[_Cell], carried: list[_Cell], give: _Giver) -> list[_Cell]:
    """Labels whose values stand before them, as some extractors have it; exactly as many as are left over. What remains."""
    days = [cell for cell in carried if cell.name == "day"]
    fitting = [cell for cell in carried if cell.name in {_KIND.get(label.name, "day") for label in labels}]
    if labels and len(fitting) == len(labels) and len(days) <= len(labels):
        for label in labels:
            value = next((cell for cell in fitting if cell.name == _KIND.get(label.name, "day")), None)
            give(label, value)
            if value is not None:
                fitting.remove(value)
        return []
    for label in labels:
        give(label, None)
    return carried


def _from_below(
    labels: list[_Cell], pieces: list[_Cell], carried: list[_Cell], give: _Giver
) -> tuple[list[_Cell], list[_Cell]]:
    """Labels whose values stand below them: one right below, or a column of as many. What remains of what was before and of what is below."""
    if not labels:
        return carried, pieces
    if not any(piece.name != "junk" for piece in pieces):
        lost = bool(pieces) and pieces[0].line == labels[-1].line + 1 and len(labels) == 1
        return (carried, []) if lost and _give_none(labels, give) else (_from_before(labels, carried, give), [])
    block = [piece for piece in pieces if piece.block == pieces[0].block]
    rest = pieces[len(block) :]
    for kind in ("number", "urgency"):
        wanted = [label for label in labels if _KIND.get(label.name) == kind]
        values = [piece for piece in block if piece.name == kind]
        if len(wanted) == 1 and values:
            give(wanted[0], values[0])
            labels = [label for label in labels if label is not wanted[0]]
            block = [piece for piece in block if piece is not values[0]]
    days = [label for label in labels if label.name not in _KIND]
    values = [piece for piece in block if piece.name in ("day", "junk")]
    if len(values) < len(days) and len(values) == 1 and values[0].line == days[-1].line + 1:
        for label in days[:-1]:  # an empty cell, then one with its value right below
            give(label, None)
        give(days[-1], values[0])
        block, labels = [], []
    elif days and len(values) >= len(days):
        for label, value in zip(days, values, strict=False):
            give(label, value)
        block = values[len(days) :]
        labels = [label for label in labels if label.name in _KIND]
    elif values:
        block = []  # a column with a hole: nobody can say where
    _give_none(labels, give)
    return carried if not labels else [], [*block, *rest]


def _give_none(labels: Iterable[_Cell], give: _Giver) -> bool:
    for label in labels:
        give(label, None)
    return True


def _read(kind: str, text: str) -> str | None:
    if kind == "number":
        return case_number(text)
    if kind == "urgency":
        return text.capitalize()
    return iso_day(text)


_AS_DIGITS: Final = str.maketrans("OoIlSBsb", "00115858")
_ANY_DASH: Final = re.compile(_DASH)


def case_number(text: str) -> str:
    """ "cm16 \u2013 O219557" as "CM16-0219557"."""
    plain = _ANY_DASH.sub("", _SPACES.sub("", text)).translate(_AS_DIGITS)
    return f"CM{plain[2:4]}-{plain[4:]}"


_PARTS: Final = re.compile(r"[\s,/.'\u2019-]+")
_GLUED_DAY: Final = re.compile(r"(?<=[a-z])(?=\d)", re.IGNORECASE)  # "Dec19, 2016"


def iso_day(text: str) -> str | None:
    """ "12/07/2016", "12-7-16", "O2/08/2O17", "2016-12-07" or "Dec 7, 2016" as "2016-12-07"; None when there is no such day."""
    if len(text) == 10 and text[2] == "/" == text[5]:  # as nearly all of them are
        day = f"{text[6:]}-{text[:2]}-{text[3:5]}"
        try:
            date.fromisoformat(day)
        except ValueError:
            pass
        else:
            return day
    plain = _ANY_DASH.sub("-", text).strip()
    if not any(character.isalpha() and character not in "OoIlSBsb" for character in plain):
        plain = _SPACES.sub("", plain).translate(_AS_DIGITS)
    if len(plain) == 8 and plain.isdigit():  # "20170208"
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    parts = [part for part in _PARTS.split(_GLUED_DAY.sub(" ", plain)) if part not in ("", "of")]
    if len(parts) != 3:
        return None
    if len(parts[0]) == 4 and parts[0].isdigit():
        parts = [parts[1], parts[2], parts[0]]
    elif parts[1].isalpha():
        parts = [parts[1], parts[0], parts[2]]
    try:
        month = _MONTHS.index(parts[0][:3].lower()) + 1 if parts[0].isalpha() else int(parts[0])
        year = int(parts[2])
        if len(parts[2]) == 2:
            year += 2000 if year < 50 else 1900
        elif len(parts[2]) == 3:
            return None
        return date(year, month, int(parts[1].rstrip("stndrh"))).isoformat()
    except (ValueError, IndexError):
        return None
