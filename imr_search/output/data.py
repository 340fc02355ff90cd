"""What other programs read: json, jsonl, csv, tsv, ids. UTF-8 whatever the locale, and the same bytes for the same answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from imr_search.model import Page
from imr_search.output import safety, wording

SCHEMA = 1


def envelope(page: Page, time: bool = False, rows: bool = True) -> dict[str, Any]:
    """The JSON contract's object; without `rows` its items (or the report's rows) are left empty, to be written one by one."""
    facts = page.index
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "query": page.query,
        "read_as": page.read_as,
        "notices": [{"code": notice.code, "text": notice.text} for notice in page.notices],
        "index": {
            "engine": facts.engine,
            "generation": facts.generation,
            "letters": facts.letters,
            "items": facts.items,
        },
        "total": page.total,
        "letters": page.letters,
    }
    if page.report is not None:
        report = page.report
        body = [list(row) for row in report.rows] if rows else []
        found["base"] = _base(page)
        found["report"] = {"kind": report.kind, "columns": list(report.columns), "rows": body}
    else:
        found["items"] = [wording.item_json(hit) for hit in page.hits] if rows else []
    if time:
        found["took_ms"] = round(page.took_ms, 1)
    return found


def _base(page: Page) -> dict[str, Any] | None:
    """The whole index as one row of a rate, for no share is to be read without it."""
    if page.base is None:
        return None
    from imr_search.searching.report import share, wilson

    low, high = wilson(page.base.overturned, page.base.items)
    return {
        "items": page.base.items,
        "letters": page.base.letters,
        "overturned": page.base.overturned,
        "modified": page.base.modified,
        "upheld": page.base.upheld,
        "rate": share(page.base),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def dump(value: Any) -> str:
    return safety.escape_json(json.dumps(value, ensure_ascii=False))


def json_object(page: Page, time: bool = False, one_line: bool = False) -> Iterator[str]:
    """The object on one line, or with each item (or row) on a line of its own."""
    if one_line:
        yield dump(envelope(page, time))
        return
    found = envelope(page, time, rows=False)
    head = [f"{dump(key)}: {dump(value)}" for key, value in found.items() if key not in ("report", "items", "took_ms")]
    for index, line in enumerate(head):
        yield ("{" if index == 0 else " ") + line + ","
    if page.report is not None:
        yield f' "report": {dump({key: found["report"][key] for key in ("kind", "columns")})[:-1]}, "rows": ['
    else:
        yield ' "items": ['
    rows = page.report.rows if page.report is not None else map(wording.item_json, page.hits)
    held = ""
    for row in rows:  # one is held back, for the last bears no comma
        if held:
            yield held + ","
        held = f"  {dump(row)}"
    if held:
        yield held
    end = " ]" + ("}" if page.report is not None else "")
    yield end + (f', "took_ms": {found["took_ms"]}' if time else "") + "}"


def jsonl(page: Page) -> Iterator[str]:
    """One item a line; of a report, one row a line under its columns."""
    if page.report is not None:
        for row in page.report.rows:
            yield dump(dict(zip(page.report.columns, row, strict=True)))
        return
    for hit in page.hits:
        yield dump(wording.item_json(hit))


def ids(page: Page) -> Iterator[str]:
    for hit in page.hits:
        yield safety.clean(hit.item.id)


def rows(page: Page) -> Iterator[list[Any]]:
    """Header and rows of the answer as plain values."""
    if page.report is not None:
        yield list(page.report.columns)
        yield from (list(row) for row in page.report.rows)
        return
    from imr_search.searching.search_options import json_keys

    keys = page.columns or json_keys()
    yield list(keys)
    for hit in page.hits:
        record = wording.record(hit)
        yield [record.get(key) for key in keys]


def csv(page: Page, raw: bool = False) -> Iterator[str]:
    """RFC 4180 rows, without their line ends (the writer of the output adds them)."""
    for row in rows(page):
        yield ",".join(_quoted(str(_cell(value, raw))) for value in row)


def _quoted(text: str) -> str:
    """Quoted where a comma or a quotation mark asks for it, and where another separator stands: a spreadsheet that also parts cells at ";" would
    else take what follows it for a cell of its own, which nobody looked at."""
    if any(char in text for char in ',";\t') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def tsv(page: Page, raw: bool = False) -> Iterator[str]:
    for row in rows(page):
        yield "\t".join(str(_cell(value, raw)) for value in row)


def _cell(value: Any, raw: bool) -> str | int | float:
    match value:
        case bool() | str() | list() | None:
            return safety.cell(wording.value(value), raw)
        case int() | float():
            return value
        case _:
            return safety.cell(wording.value(value), raw)
