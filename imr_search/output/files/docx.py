"""docx: a brief for Word: each decision with the sentence that matters and its citation, and the rate with its interval in a table."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from imr_search.errors import UsageError
from imr_search.model import GroupCounts, Hit, Page
from imr_search.output import report_table, wording
from imr_search.output.formats import Format, Manner
from imr_search.output.safety import clean
from imr_search.output.terminal import Terminal
from imr_search.searching.cite_styles import cite
from imr_search.searching.intervals import rated

TITLE = "Independent Medical Review decisions"


def write(page: Page, terminal: Terminal, manner: Manner) -> bytes:
    try:
        import docx
    except ModuleNotFoundError:
        raise UsageError("a Word document needs python-docx", "pip install 'imr-search[docx]'") from None
    made = docx.Document()
    made.core_properties.author = ""
    made.core_properties.title = TITLE
    made.add_heading(TITLE, 1)
    made.add_paragraph(clean(f"Query: {page.query}"))
    made.add_paragraph(clean(f"Read as: {page.read_as}"))
    if page.report is not None and page.report.kind != "cite":
        heads, rows, _ = report_table.cells(page.report, Terminal(screen=False))
        _table(made, [heads, *rows])
    elif page.report is not None:
        for row in page.report.shown:
            made.add_paragraph(clean(wording.value(row[-1])), style="List Number")
    else:
        for hit in page.hits:
            _decision(made, hit)
        if len(page.hits) < page.total:
            made.add_paragraph(f"{len(page.hits):,} of {page.total:,} decisions.")
    made.add_heading("Search", 2)
    _table(made, list(_counts(page)))
    index = page.index
    holds = f"{wording.count(index.items, 'item')} in {wording.count(index.letters, 'letter')}"
    made.add_paragraph(f"Index: {holds}, generation {index.generation}.")
    for notice in page.notices:
        made.add_paragraph(clean(f"{notice.code}: {notice.text}"))
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _decision(made: Any, hit: Hit) -> None:
    """The item, the sentence that the query points to, else the one that decided, and how to cite it."""
    paragraph = made.add_paragraph(style="List Number")
    paragraph.add_run(clean(hit.item.disputed)).bold = True
    paragraph.add_run(f" ({hit.item.outcome})")
    place, quote = None, ""
    if hit.evidence:
        place, quote = (hit.evidence[0].field, hit.evidence[0].sentence), hit.evidence[0].text
    elif hit.item.deciding is not None:
        place, quote = ("rationale", hit.item.deciding.sentence), hit.item.deciding.text
    if quote:
        made.add_paragraph(f"\u201c{clean(quote)}\u201d", style="Quote")
    made.add_paragraph(clean(f"{cite(hit.item, 'ccc', place)}."))


def _counts(page: Page) -> Iterator[list[str]]:
    yield ["", "items", "letters", "overturned", "modified", "upheld", "share overturned", "95% interval"]
    for name, row in (("found", page.tally), ("all items of the index", page.base)):
        if row is not None:
            yield [name, *_figures(row)]


def _figures(row: GroupCounts) -> list[str]:
    *counts, rate, low, high = rated(row)
    shown = ["-" if count is None else f"{count:,}" for count in counts]
    return [*shown, wording.percent(rate), wording.interval(low, high)]


def _table(made: Any, rows: Sequence[Sequence[str]]) -> None:
    table = made.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for at, row in enumerate(rows):
        cells = table.rows[at].cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = clean(text)


FORMAT = Format("a brief for Word, with quotations and citations", write)
