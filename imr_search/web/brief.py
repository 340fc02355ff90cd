"""The tray as a brief: each decision with its citation, the words that matter and the user's own note, in Markdown or as a Word document."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import docx

from imr_search.model import GroupCounts, Item
from imr_search.output import safety
from imr_search.searching.cite_styles import cite
from imr_search.searching.intervals import wilson

TITLE = "Independent Medical Review decisions"


@dataclass(frozen=True)
class Entry:
    """One item of the tray. `quote` is a sentence of its rationale and `place` its number there."""

    item: Item
    note: str
    quote: str
    place: tuple[str, int] | None

    @property
    def citation(self) -> str:
        return cite(self.item, "ccc", self.place)


@dataclass(frozen=True)
class Search:
    """The search that the items came from, for the table under them."""

    query: str
    read_as: str
    found: GroupCounts
    base: GroupCounts


def markdown(entries: Sequence[Entry], search: Search | None) -> str:
    """The brief as Markdown; nothing of a letter or a note is read as a sign of it."""
    lines = [f"# {TITLE}", ""]
    for number, entry in enumerate(entries, 1):
        lines += [f"{number}. **{safety.markdown(_title(entry.item))}** ({entry.item.outcome})", ""]
        if entry.quote:
            lines += [f"   > {safety.markdown(entry.quote)}", ""]
        lines += [f"   {safety.markdown(entry.citation)}.", ""]
        if entry.note:
            lines += [f"   Note: {safety.markdown(entry.note)}", ""]
    if search is not None:
        lines += ["## Search", "", f"Read as: {safety.markdown(search.read_as)}", ""]
        head, *rows = _table(search)
        lines += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
        lines += [f"| {' | '.join(safety.markdown(cell) for cell in row)} |" for row in rows] + [""]
    return "\n".join(lines)


def document(entries: Sequence[Entry], search: Search | None) -> bytes:
    """The brief as a Word document."""
    made = docx.Document()
    made.core_properties.author = ""
    made.core_properties.title = TITLE
    made.add_heading(TITLE, 1)
    for entry in entries:
        paragraph = made.add_paragraph(style="List Number")
        paragraph.add_run(_text(_title(entry.item))).bold = True
        paragraph.add_run(f" ({_text(entry.item.outcome)})")
        if entry.quote:
            made.add_paragraph(_text(f"“{entry.quote}”"), style="Quote")
        made.add_paragraph(_text(f"{entry.citation}."))
        if entry.note:
            made.add_paragraph().add_run(_text(f"Note: {entry.note}")).italic = True
    if search is not None:
        made.add_heading("Search", 2)
        made.add_paragraph(_text(f"Read as: {search.read_as}"))
        rows = list(_table(search))
        table = made.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
        for k, row in enumerate(rows):
            for column, cell in enumerate(row):
                table.cell(k, column).text = _text(cell)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _title(item: Item) -> str:
    return item.disputed


def _text(text: str) -> str:
    """Without the characters that XML does not hold, and those that turn a line round."""
    return safety.clean(text)


def _table(search: Search) -> Iterator[list[str]]:
    yield ["", "items", "letters", "overturned", "modified", "upheld", "share overturned", "95% interval"]
    for name, row in ((search.query, search.found), ("all items of the index", search.base)):
        low, high = wilson(row.overturned, row.items)
        share = f"{100 * row.overturned / row.items:.1f}%" if row.items else "-"
        interval = f"{100 * low:.1f} to {100 * high:.1f}%" if row.items else "-"
        counts = (row.items, row.letters, row.overturned, row.modified, row.upheld)
        yield [name, *("-" if count is None else f"{count:,}" for count in counts), share, interval]
