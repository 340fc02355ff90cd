"""An answer as data, for the formats that other programs read: UTF-8 whatever the locale, and the same bytes for the same answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from imr_search.model import Page, Report
from imr_search.output import safety, wording
from imr_search.searching.intervals import rated
from imr_search.searching.search_options import json_keys
from imr_search.stages import RATED

SCHEMA = 2


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
        "tiers": [
            {
                "tier": row.group[0],
                "items": row.items,
                "letters": row.letters,
                "overturned": row.overturned,
                "modified": row.modified,
                "upheld": row.upheld,
            }
            for row in page.tiers
        ],
        "as_fields": None if page.as_fields is None else {"query": page.as_fields.query, "total": page.as_fields.total},
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
    return dict(zip(RATED, Report.of("rate", RATED, [rated(page.base)]).rows[0], strict=True))


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


def objects(page: Page) -> Iterator[dict[str, Any]]:
    """One object an item; of a report, one a row under its columns."""
    if page.report is not None:
        for row in page.report.rows:
            yield dict(zip(page.report.columns, row, strict=True))
        return
    for hit in page.hits:
        yield wording.item_json(hit)


def rows(page: Page) -> Iterator[list[Any]]:
    """Header and rows of the answer as plain values."""
    if page.report is not None:
        yield list(page.report.columns)
        yield from (list(row) for row in page.report.rows)
        return
    keys = page.columns or json_keys()
    yield list(keys)
    for hit in page.hits:
        record = wording.record(hit)
        yield [record.get(key) for key in keys]


def cell(value: Any, raw: bool) -> str | int | float:
    """A value as a spreadsheet takes it: a number, or a text that is never read as a formula."""
    match value:
        case bool() | str() | list() | None:
            return safety.cell(wording.value(value), raw)
        case int() | float():
            return value
        case _:
            return safety.cell(wording.value(value), raw)
