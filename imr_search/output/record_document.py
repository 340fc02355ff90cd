"""A search record for people: as Markdown or as a page of HTML that a court can read, with the record itself inside, so that it can be replayed."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path

from imr_search import files
from imr_search.model import Hit
from imr_search.output import safety, wording
from imr_search.searching import records
from imr_search.searching.cite_styles import cite
from imr_search.searching.intervals import wilson
from imr_search.searching.records import Record
from imr_search.tabular import percent

TITLE = "Search record: Independent Medical Review decisions"
_COLUMNS = ("No.", "Citation", "Decision", "Treatment in dispute")
_ABOUT = (
    "This record says what was searched for, in which collection of letters, with which versions of the program, when, and what was found. "
    "To repeat the search and compare, imr-search --replay FILE reads the last part of this file. "
    "A SHA-256 is a fingerprint: it differs if anything that it was taken of differs. In these letters, "
)


def write(path: Path, record: Record, hits: Sequence[Hit] = ()) -> None:
    """Write the record as the file's name says: .md and .html to be read, anything else as JSON. `hits` are the items that were shown; a document
    cites them. Raises StorageError."""
    match path.suffix.lower():
        case ".md" | ".markdown":
            files.write(path, (markdown(record, hits).encode(),))
        case ".html" | ".htm":
            files.write(path, (page(record, hits).encode(),))
        case _:
            records.write(path, record)


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """What the record says, one fact a line."""
    yield "Query as typed", record.query
    yield "Query as read", record.read_as
    yield "Time (UTC)", record.time
    yield "Found", f"{wording.count(record.total, 'item')} in {wording.count(record.letters, 'letter')}"
    decided = f"{record.overturned:,} overturned, {record.modified:,} modified, {record.upheld:,} upheld"
    if 0 <= record.overturned <= record.total != 0:
        interval = wording.interval(*wilson(record.overturned, record.total))
        decided += f" ({percent(record.overturned / record.total)} overturned, 95% CI {interval})"
    yield "Decisions", decided
    shown = "all" if record.limit is None else f"{record.limit:,}"
    offset = f", the first {record.offset:,} left out" if record.offset else ""
    sort = f", sorted by {record.sort}" if record.sort else ""
    columns = f", columns {record.columns}" if record.columns else ""
    yield "Shown at most", f"{shown}{offset}{sort}{columns}"
    yield "Searched", f"{wording.count(record.index_items, 'item')} in {wording.count(record.index_letters, 'letter')}"
    yield "Generation of the index", f"{record.generation:,} ({record.engine_format})"
    yield "SHA-256 of the letters", record.letters_sha256
    yield "SHA-256 of the items found", record.ids_sha256
    yield "SHA-256 of what was shown", record.shown_sha256
    yield "imr-search", f"{record.version} (letters read by {record.parser}, vocabulary {record.vocabulary})"
    yield "Python", record.python
    for notice in record.notices:
        yield "Note", notice


def _about() -> str:
    return f"{_ABOUT}{wording.UPHELD_MEANS}."


def _cited(record: Record, hits: Sequence[Hit]) -> list[tuple[str, str, str, str]]:
    """Of each item that was shown: its number in the answer, its citation, the decision, and what is disputed."""
    return [
        (f"{number:,}", cite(hit.item), hit.item.outcome, hit.item.disputed)
        for number, hit in enumerate(hits, record.offset + 1)
    ]


def markdown(record: Record, hits: Sequence[Hit] = ()) -> str:
    """The record as Markdown; nothing of a query or a letter is read as a sign of it."""
    lines = [f"# {TITLE}", "", _about(), "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {safety.markdown(value)} |" for name, value in facts(record)]
    if hits:
        lines += ["", "## Items shown", "", "| " + " | ".join(_COLUMNS) + " |", "| --- " * len(_COLUMNS) + "|"]
        lines += [f"| {' | '.join(map(safety.markdown, row))} |" for row in _cited(record, hits)]
    lines += ["", f"## {_items(record)}", ""]
    lines += [f"{number}. {safety.markdown(id_)}" for number, id_ in enumerate(record.ids, 1)]
    embedded = records.to_bytes(record).decode().rstrip()
    return "\n".join([*lines, "", "## The record", "", "```json", embedded, "```", ""])


def page(record: Record, hits: Sequence[Hit] = ()) -> str:
    """The record as a page of HTML that loads nothing and runs nothing."""
    rows = "\n".join(f"<tr><th>{_safe(name)}</th><td>{_safe(value)}</td></tr>" for name, value in facts(record))
    cited = "".join(f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in row)}</tr>\n" for row in _cited(record, hits))
    heads = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    shown = f'<h2>Items shown</h2>\n<table class="items">\n<tr>{heads}</tr>\n{cited}</table>' if hits else ""
    ids = "\n".join(f"<li>{_safe(id_)}</li>" for id_ in record.ids)
    embedded = _safe(records.to_bytes(record).decode().rstrip(), lines=True)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{TITLE}</title>
<style>
body {{ font-family: serif; max-width: 50em; margin: 2em auto; padding: 0 1em; }}
th {{ text-align: left; vertical-align: top; padding-right: 1em; font-weight: normal; color: #444; }}
td {{ overflow-wrap: anywhere; }}
.items td, .items th {{ vertical-align: top; padding: .2em 1em .2em 0; border-top: 1px solid #ccc; overflow-wrap: normal; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font-size: 80%; }}
</style>
</head>
<body>
<h1>{TITLE}</h1>
<p>{_safe(_about())}</p>
<table>
{rows}
</table>
{shown}
<h2>{_items(record)}</h2>
<ol>
{ids}
</ol>
<h2>The record</h2>
<pre>{embedded}</pre>
</body>
</html>
"""


def _items(record: Record) -> str:
    if len(record.ids) == record.total:
        return "All items found, in order"
    return f"All items found, in order: the first {len(record.ids):,} of {record.total:,}"


def _safe(text: str, lines: bool = False) -> str:
    return html.escape("\n".join(map(safety.clean, text.splitlines())) if lines else safety.clean(text), quote=False)
