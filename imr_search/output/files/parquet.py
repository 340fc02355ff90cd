"""parquet: a typed table for data frames and databases, by pyarrow: days are days, lists are lists, and nothing is a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from imr_search.errors import UsageError
from imr_search.fields import DATE, table
from imr_search.model import Item, Page
from imr_search.output.formats import PROGRAMS, Format, Manner
from imr_search.output.terminal import Terminal
from imr_search.searching.search_options import CASE_NUMBER

_BATCH = 1_000  # items held at a time


def write(page: Page, terminal: Terminal, manner: Manner) -> bytes:
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise UsageError("a Parquet file needs pyarrow", "pip install 'imr-search[parquet]'") from None
    schema = _of_report(page, pyarrow) if page.report is not None else _of_items(page, pyarrow)
    written = io.BytesIO()
    with parquet.ParquetWriter(written, schema) as writer:
        for rows in _batches(page, schema.names):
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
    return written.getvalue()


def _batches(page: Page, names: list[str]) -> Iterator[list[dict[str, Any]]]:
    if page.report is not None:
        texts = {name for at, name in enumerate(page.report.columns) if _mixed(page, at)}
        yield [
            {name: str(cell) if name in texts and cell is not None else cell for name, cell in row.items()}
            for row in page.to_dicts()
        ]
        return
    hits = iter(page.hits)
    while held := list(islice(hits, _BATCH)):
        rows = msgspec.structs.replace(page, hits=held).to_dicts()
        yield [{name: row["case" if name == CASE_NUMBER else name] for name in names} for row in rows]


def _mixed(page: Page, at: int) -> bool:
    """Is a column of a report of words (a group may be a number in one row and "other" in the next)?"""
    return page.report is not None and any(isinstance(row[at], str) for row in page.report.rows)


def _of_report(page: Page, pyarrow: Any) -> Any:
    assert page.report is not None
    kinds = []
    for at, name in enumerate(page.report.columns):
        if _mixed(page, at):
            kind = pyarrow.string()
        elif any(isinstance(row[at], float) for row in page.report.rows):
            kind = pyarrow.float64()
        else:
            kind = pyarrow.int64()
        kinds.append((name, kind))
    return pyarrow.schema(kinds)


def _of_items(page: Page, pyarrow: Any) -> Any:
    """The columns asked for, else all facts of an item, each of its kind also where every item lacks it."""
    days = {row.json for row in table().of_kind(DATE)}
    known = {}
    for field in msgspec.inspect.type_info(Item).fields:  # type: ignore[attr-defined]
        known[field.name] = pyarrow.date32() if field.name in days else _kind(field.type, pyarrow)
    known.pop("items")
    known[CASE_NUMBER] = pyarrow.string()
    known["score"] = pyarrow.float64()
    found = pyarrow.struct([("field", pyarrow.string()), ("sentence", pyarrow.int64()), ("text", pyarrow.string())])
    known["evidence"] = pyarrow.list_(found)
    known["tier"] = pyarrow.string()
    return pyarrow.schema([(name, known[name]) for name in page.columns or _named(known)])


def _named(known: Iterable[str]) -> Iterator[str]:
    """All of them, with `case_number` in the place of `case`, which is a word of SQL and would have to be quoted."""
    return (CASE_NUMBER if name == "case" else name for name in known if name != CASE_NUMBER)


def _kind(of: Any, pyarrow: Any) -> Any:
    """A record's type as Arrow has it."""
    match of:
        case msgspec.inspect.UnionType(types=types):
            return _kind(next(one for one in types if not isinstance(one, msgspec.inspect.NoneType)), pyarrow)
        case msgspec.inspect.IntType():
            return pyarrow.int64()
        case msgspec.inspect.VarTupleType(item_type=inner):
            return pyarrow.list_(_kind(inner, pyarrow))
        case msgspec.inspect.StructType(fields=fields):
            return pyarrow.struct([(field.name, _kind(field.type, pyarrow)) for field in fields])
    return pyarrow.string()


FORMAT = Format(
    "a typed table for data frames, all items",
    write,
    title="Parquet",
    use=PROGRAMS,
    media_type="application/vnd.apache.parquet",
    needs=("pyarrow", "parquet"),
    every=True,
)
