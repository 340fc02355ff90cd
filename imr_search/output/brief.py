"""A brief: decisions, each with the words that matter, a note and its citation, and the figures of the search that they came from; as Markdown and
as a Word document."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import msgspec

from imr_search.errors import UsageError
from imr_search.model import GroupCounts, Hit, Item
from imr_search.output import safety, wording
from imr_search.searching.cite_styles import cite
from imr_search.searching.intervals import rated
from imr_search.tabular import percent

TITLE = "Independent Medical Review decisions"
HEADS = ("", "items", "letters", "overturned", "modified", "upheld", "share overturned", "95% interval, %")


class Decision(msgspec.Struct, frozen=True):
    """One item of a brief. `quote` is a sentence of it and `place` its field and number there."""

    item: Item
    quote: str = ""
    place: tuple[str, int] | None = None
    note: str = ""

    @classmethod
    def of(cls, hit: Hit) -> Decision:
        """With the sentence that the query points to, else the one that decided."""
        if hit.evidence:
            first = hit.evidence[0]
            return cls(hit.item, first.text, (first.field, first.sentence))
        deciding = hit.item.deciding
        return cls(hit.item) if deciding is None else cls(hit.item, deciding.text, ("rationale", deciding.sentence))

    @property
    def citation(self) -> str:
        return cite(self.item, "ccc", self.place)


class Search(msgspec.Struct, frozen=True):
    """The search that the decisions came from, for the table under them."""

    query: str
    read_as: str
    found: GroupCounts
    base: GroupCounts


def counts(named: Sequence[tuple[str, GroupCounts | None]]) -> list[list[str]]:
    """A table of how groups were decided, with its head. What is None is left out."""
    rows = [list(HEADS)]
    for name, row in named:
        if row is not None:
            *numbers, rate, low, high = rated(row)
            shown = ["-" if number is None else wording.number(int(number)) for number in numbers]
            rows.append([name, *shown, percent(rate), wording.interval(low, high)])
    return rows


def _figures(search: Search) -> list[list[str]]:
    return counts([(search.query, search.found), ("all items of the index", search.base)])


def markdown(decisions: Sequence[Decision], search: Search | None) -> Iterator[str]:
    """The lines of the brief; nothing of a letter or a note is read as a sign of Markdown."""
    yield f"# {TITLE}"
    yield ""
    for number, one in enumerate(decisions, 1):
        yield f"{number}. **{safety.markdown(one.item.disputed)}** ({one.item.outcome})"
        quoted = f"> {safety.markdown(one.quote)}" if one.quote else ""
        note = f"Note: {safety.markdown(one.note)}" if one.note else ""
        for text in (quoted, f"{safety.markdown(one.citation)}.", note):
            if text:
                yield ""
                yield f"   {text}"
        yield ""
    if search is not None:
        yield "## Search"
        yield ""
        yield f"Read as: {safety.markdown(search.read_as)}"
        yield ""
        head, *rows = _figures(search)
        yield f"| {' | '.join(head)} |"
        yield f"|{'---|' * len(head)}"
        for row in rows:
            yield f"| {' | '.join(safety.markdown(cell) for cell in row)} |"
        yield ""


def word(decisions: Sequence[Decision], search: Search | None) -> bytes:
    """The brief as a Word document. Raises UsageError without python-docx."""
    made = WordDocument()
    for one in decisions:
        made.decision(one)
    if search is not None:
        made.heading("Search")
        made.paragraph(f"Read as: {search.read_as}")
        made.table(_figures(search))
    return made.content()


class WordDocument:
    """A Word document under the title of a brief, written from its top to its end. No text that it is given holds what XML does not, or turns a
    line round."""

    def __init__(self) -> None:
        """Raises UsageError without python-docx."""
        try:
            import docx
        except ModuleNotFoundError:
            raise UsageError("a Word document needs python-docx", "pip install 'imr-search[docx]'") from None
        self._made = docx.Document()
        self._made.core_properties.author = ""
        self._made.core_properties.title = TITLE
        self._made.add_heading(TITLE, 1)

    def heading(self, text: str) -> None:
        self._made.add_heading(safety.clean(text), 2)

    def paragraph(self, text: str, style: str | None = None) -> None:
        self._made.add_paragraph(safety.clean(text), style=style)

    def decision(self, one: Decision) -> None:
        paragraph = self._made.add_paragraph(style="List Number")
        paragraph.add_run(safety.clean(one.item.disputed)).bold = True
        paragraph.add_run(f" ({safety.clean(one.item.outcome)})")
        if one.quote:
            self.paragraph(f"“{one.quote}”", "Quote")
        self.paragraph(f"{one.citation}.")
        if one.note:
            self._made.add_paragraph().add_run(safety.clean(f"Note: {one.note}")).italic = True

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        table = self._made.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
        for at, row in enumerate(rows):
            for cell, text in zip(table.rows[at].cells, row, strict=True):
                cell.text = safety.clean(text)

    def content(self) -> bytes:
        written = io.BytesIO()
        self._made.save(written)
        return written.getvalue()
