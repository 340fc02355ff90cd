"""An answer as Markdown, to paste into a memorandum: nothing of a letter's text becomes markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr_search import analysis
from imr_search.model import Evidence, Item, Page
from imr_search.output import report_table, wording
from imr_search.output.safety import clean, markdown
from imr_search.output.terminal import Terminal


def document(page: Page, full: bool = False) -> Iterator[str]:
    yield f"**Query:** {_code(page.query)}"
    yield ""
    yield markdown(wording.heading(page))
    yield ""
    for line in wording.tiers(page):
        yield f"- {markdown(line)}"
    if page.tiers:
        yield ""
    if page.report is not None:
        if page.report.kind == "cite":
            yield from (f"- {markdown(wording.value(row[-1]))}" for row in page.report.rows)
            return
        heads, rows, right = report_table.cells(page.report, Terminal(width=10_000))
        yield from _table(heads, rows, right)
        return
    if page.columns:
        rows = []
        for hit in page.hits:
            record = wording.record(hit)
            rows.append([wording.value(record.get(key)) for key in page.columns])
        yield from _table(page.columns, rows, [False] * len(page.columns))
        return
    for number, hit in enumerate(page.hits, page.offset + 1):
        item = hit.item
        decided = f", {item.decided}" if item.decided else ""
        yield f"{number}. **{markdown(wording.name(item))}**{decided}, **{item.outcome}**: {markdown(wording.title(item))}"
        cited = wording.citations(item.citations) or item.guideline
        if cited:
            yield f"   {markdown(cited)}"
        for found in hit.evidence:
            yield ""
            yield f"   > {_marked(found)} ({wording.place(found)})"
        if hit.deciding:
            yield ""
            yield f"   > {_marked(hit.deciding)} ({wording.decided_by(item, hit.deciding)})"
        if full:
            yield from _texts(item)
        yield ""


def _texts(item: Item) -> Iterator[str]:
    """The reviewer's reasons and the summary whole, each sentence with the number that citations give it."""
    for name, text in (("Rationale", item.rationale), ("Summary", item.summary)):
        if text:
            yield ""
            yield f"   {name}:"
            yield ""
            for number, (start, end) in enumerate(analysis.sentences(text), 1):
                yield f"   {number}. {markdown(text[start:end].strip())}"


def _marked(found: Evidence) -> str:
    pieces, at = [], 0
    for start, end in found.marks:
        if start >= at and end > start:
            pieces += [markdown(found.text[at:start]), f"**{markdown(found.text[start:end])}**"]
            at = end
    return "".join([*pieces, markdown(found.text[at:])])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterator[str]:
    yield "| " + " | ".join(markdown(head) for head in heads) + " |"
    yield "|" + "|".join(" ---: " if flush else " --- " for flush in right) + "|"
    for row in rows:
        yield "| " + " | ".join(markdown(cell) for cell in row) + " |"


def _code(text: str) -> str:
    text = clean(text)
    fence = "`" * (max((len(run) for run in "".join(c if c == "`" else " " for c in text).split()), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"
