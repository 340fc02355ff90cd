"""docx: a brief for Word: each decision with the sentence that matters and its citation, and the rate with its interval in a table."""

from __future__ import annotations

from imr_search.model import Page
from imr_search.output import report_table, wording
from imr_search.output.brief import Decision, WordDocument, counts
from imr_search.output.formats import READING, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> bytes:
    made = WordDocument()
    made.paragraph(f"Query: {page.query}")
    made.paragraph(f"Read as: {page.read_as}")
    if page.report is not None and page.report.kind != "cite":
        heads, rows, _ = report_table.cells(page.report, Terminal(screen=False))
        made.table([heads, *rows])
    elif page.report is not None:
        for row in page.report.shown:
            made.paragraph(wording.value(row[-1]), "List Number")
    else:
        for hit in page.hits:
            made.decision(Decision.of(hit))
        if len(page.hits) < page.total:
            made.paragraph(f"{len(page.hits):,} of {page.total:,} decisions.")
    made.heading("Search")
    made.table(counts([("found", page.tally), ("all items of the index", page.base)]))
    index = page.index
    holds = f"{wording.count(index.items, 'item')} in {wording.count(index.letters, 'letter')}"
    made.paragraph(f"Index: {holds}, generation {index.generation}.")
    for notice in page.notices:
        made.paragraph(f"{notice.code}: {notice.text}")
    return made.content()


FORMAT = Format(
    "a brief for Word, with quotations and citations",
    write,
    title="Word",
    use=READING,
    media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    needs=("docx", "docx"),
)
