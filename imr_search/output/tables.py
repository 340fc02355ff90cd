"""Columns that fit the screen, for items and for reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr_search.fields import CITATION, FLAG, NUMBER, TEXT, Field, table
from imr_search.model import Page
from imr_search.output import safety, wording
from imr_search.output.terminal import Terminal

DEFAULT = ("id", "decided", "outcome", "treatment")
_NARROWEST = 12  # columns that a text of a letter is cut to before its row is too narrow for a table
_GAP = "  "


def items(page: Page, look: Terminal) -> Iterator[str]:
    """The page's items as a table under their JSON keys; a letter's text that does not fit is cut, and nothing else. Where the screen is too narrow
    for that, one key a line."""
    keys = page.columns or DEFAULT
    rows = []
    for number, hit in enumerate(page.hits, page.offset + 1):
        record = wording.record(hit)
        rows.append((str(number), *(look.clean(wording.value(record.get(key))) for key in keys)))
    by_key = {row.json: row for row in table()}
    right = [True, *(key == "score" or (key in by_key and _number(by_key[key])) for key in keys)]
    soft = [False, *(key not in by_key or _long(by_key[key]) for key in keys)]
    columns = ("", *keys)
    sizes = _widths(columns, rows)
    least = sum(min(size, _NARROWEST) if cut else size for size, cut in zip(sizes, soft, strict=True))
    if least + len(_GAP) * (len(sizes) - 1) > look.columns:
        yield from _one_a_line(columns, rows, look)
        return
    sizes = _fitted(sizes, soft, look.columns)
    cells = [[look.clip(text, size) for text, size in zip(row, sizes, strict=True)] for row in (columns, *rows)]
    sizes = _widths(cells[0], cells[1:])
    for count, row in enumerate(cells):
        shown = _row(row, sizes, right)
        yield look.paint(shown, "bold") if count == 0 else shown


def _number(field: Field) -> bool:
    return field.kind == NUMBER and not field.many


def _long(field: Field) -> bool:
    """Does the field hold a text or a list, which may be cut? A name, a day or an outcome that is cut says nothing."""
    return field.many or field.kind in (TEXT, CITATION, FLAG) or field.key == "file"


def _one_a_line(columns: Sequence[str], rows: Sequence[Sequence[str]], look: Terminal) -> Iterator[str]:
    named = max(map(safety.width, columns))
    for row in rows:
        for count, (name, text) in enumerate(zip(columns[1:], row[1:], strict=True)):
            front = row[0] if count == 0 else ""
            head = f"{front:>{len(row[0])}}{_GAP}{name:<{named}}{_GAP}"
            yield from look.wrap(text or "-", head, " " * len(head))


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], look: Terminal) -> Iterator[str]:
    """Clean cells under headings. Nothing is cut: a name that does not fit in its column stands in a line of its own, above its numbers."""
    soft = [not flush for flush in right]
    sizes = _fitted(_widths(columns, rows), soft, look.columns)
    for count, row in enumerate((columns, *rows)):
        names = [text for text, gives in zip(row, soft, strict=True) if gives]
        numbers = row
        if any(safety.width(text) > size for text, size in zip(row, sizes, strict=True)):
            for line in look.wrap(_GAP.join(names).rstrip(), "", _GAP, columns=look.columns):
                yield look.paint(line, "bold") if count == 0 else line
            numbers = ["" if gives else text for text, gives in zip(row, soft, strict=True)]
        shown = _row(numbers, sizes, right)
        yield look.paint(shown, "bold") if count == 0 else shown


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max([safety.width(name), *(safety.width(row[at]) for row in rows)]) for at, name in enumerate(columns)]


def _fitted(sizes: Sequence[int], soft: Sequence[bool], columns: int) -> list[int]:
    """Widths that fit in `columns`, if they can: of those that are soft the widest give way."""
    sizes = list(sizes)
    room = columns - len(_GAP) * (len(sizes) - 1)
    giving = [at for at, gives in enumerate(soft) if gives]
    while sum(sizes) > room and giving:
        widest = max(giving, key=lambda at: sizes[at])
        if sizes[widest] <= _NARROWEST:
            break
        second = sorted(sizes[at] for at in giving)[-2] if len(giving) > 1 else _NARROWEST
        sizes[widest] = max(_NARROWEST, min(second, sizes[widest] - 1), sizes[widest] - (sum(sizes) - room))
    return sizes


def _row(cells: Sequence[str], sizes: Sequence[int], right: Sequence[bool]) -> str:
    shown = []
    for text, size, flush in zip(cells, sizes, right, strict=True):
        gap = " " * (size - safety.width(text))
        shown.append(gap + text if flush else text + gap)
    return _GAP.join(shown).rstrip()
