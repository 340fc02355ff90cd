"""Columns that fit the screen, for items and for reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr_search.fields import NUMBER, table
from imr_search.model import Page
from imr_search.output import safety, wording
from imr_search.output.terminal import Terminal

DEFAULT = ("id", "decided", "outcome", "treatment")
_NARROWEST = 6
_GAP = "  "


def items(page: Page, look: Terminal) -> Iterator[str]:
    """The page's items as a table under their JSON keys; a cell that does not fit is cut."""
    keys = page.columns or DEFAULT
    rows = []
    for number, hit in enumerate(page.hits, page.offset + 1):
        record = wording.record(hit)
        rows.append((str(number), *(look.clean(wording.value(record.get(key))) for key in keys)))
    numbers = {row.json for row in table() if row.kind == NUMBER and not row.many} | {"score"}
    right = [True, *(key in numbers for key in keys)]
    yield from grid(("", *keys), rows, right, look)


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], look: Terminal) -> Iterator[str]:
    """Clean cells under headings. The widest columns give way until the row fits."""
    sizes = [
        max([safety.width(name), *(safety.width(row[index]) for row in rows)]) for index, name in enumerate(columns)
    ]
    room = look.columns - len(_GAP) * (len(sizes) - 1)
    soft = [index for index in range(len(sizes)) if not right[index]]  # numbers are never cut
    while sum(sizes) > room and soft:
        widest = max(soft, key=lambda index: sizes[index])
        if sizes[widest] <= _NARROWEST:
            break
        second = sorted(sizes[index] for index in soft)[-2] if len(soft) > 1 else _NARROWEST
        sizes[widest] = max(_NARROWEST, min(second, sizes[widest] - 1), sizes[widest] - (sum(sizes) - room))
    fitted = [fit([columns[at], *(row[at] for row in rows)], size, look) for at, size in enumerate(sizes)]
    sizes = [max(map(safety.width, texts)) if texts else 0 for texts in fitted]
    for line, cells in enumerate(zip(*fitted, strict=True)):
        shown = _row(cells, sizes, right)
        yield look.paint(shown, "bold") if line == 0 else shown


def fit(texts: Sequence[str], size: int, look: Terminal) -> list[str]:
    """Texts that fit a column, cut at their ends. Where two that differ would look alike, all are cut in their middles, and made as wide as it
    takes to tell them apart."""
    cut = [look.clip(text, size) for text in texts]
    widest = max(map(safety.width, texts), default=0)
    while len(set(cut)) < len(set(texts)) and size <= widest:
        cut = [look.clip_middle(text, size) for text in texts]
        size += 1
    return cut


def _row(cells: Sequence[str], sizes: Sequence[int], right: Sequence[bool]) -> str:
    shown = []
    for text, size, flush in zip(cells, sizes, right, strict=True):
        gap = " " * (size - safety.width(text))
        shown.append(gap + text if flush else text + gap)
    return _GAP.join(shown).rstrip()
