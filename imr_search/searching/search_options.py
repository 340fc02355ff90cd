"""What is asked of an answer besides the query: how many, in which order, which columns. Strings are resolved against the table of fields."""

from __future__ import annotations

import datetime
from difflib import get_close_matches

import msgspec

from imr_search.errors import UsageError
from imr_search.fields import DATE, NUMBER, Field, table
from imr_search.model import Item, Notice
from imr_search.plan import Limit, Show, Sort, SortKey, Stage
from imr_search.query.first_words import absent

LIMIT = 20
SNIPPETS = 2
TIMEOUT = 2.0
LETTERS = 2_000
"""Matching items up to which their letters are counted unasked: in a large index that takes longer than everything else."""
CASE_NUMBER = "case_number"  # a column of the case under another name: CASE is a word of SQL
RELEVANCE = "relevance"


class Options(msgspec.Struct, frozen=True):
    """`limit` None is all, 0 none. `sort`: "relevance" or fields, "-decided,case". `columns`: fields or JSON keys. `snippets`: sentences of evidence
    an item, None for all. `literal`: the whole query is one phrase. `strict`: doubtful readings are errors. `counted`: nothing but the number of
    items is wanted, not even that of their letters. `as_fields`: run the reading in fields in the
    place of the query. `letters`: count the letters too, however many items match. `timeout`: seconds that the query
    may take, None for no end. `today` resolves relative dates."""

    limit: int | None = LIMIT
    offset: int = 0
    sort: str = ""
    columns: str = ""
    snippets: int | None = SNIPPETS
    literal: bool = False
    strict: bool = False
    counted: bool = False
    letters: bool = False
    as_fields: bool = False
    timeout: float | None = TIMEOUT
    today: datetime.date | None = None

    def __post_init__(self) -> None:
        for name in ("limit", "offset", "snippets"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
                raise UsageError(f"{name} takes a whole number, 0 or more")
        if self.timeout is not None and not self.timeout > 0:
            raise UsageError("timeout takes a number of seconds above 0, or None for no limit")


def sort_keys(text: str) -> tuple[SortKey, ...]:
    """ "-decided,case" as keys; "" and "relevance" are none. Raises UsageError."""
    names = [name.strip() for name in text.replace(" ", ",").split(",") if name.strip()]
    keys: list[SortKey] = []
    for name in names:
        if name.lower().lstrip("-+") == RELEVANCE:
            if len(names) > 1:
                raise UsageError("relevance cannot be combined with other sort keys: use one or the other")
            return ()
        row = _field(name.lstrip("-+"))
        if not (row.valued or row.kind in (NUMBER, DATE)):
            raise UsageError(
                f"items cannot be sorted by {row.key}, which holds text", "one of: decided, case, outcome, age ..."
            )
        if all(key.field != row.key for key in keys):
            keys.append(SortKey(row.key, name.startswith("-")))
    return tuple(keys)


def column_keys(text: str) -> tuple[str, ...]:
    """ "case,qty" as JSON keys. Raises UsageError."""
    names = [name.strip().lower() for name in text.replace(" ", ",").split(",") if name.strip()]
    known = (*json_keys(), CASE_NUMBER)
    keys = tuple(dict.fromkeys(name if name in known else _field(name).column for name in names))
    if "items" in keys:
        raise UsageError(
            "items can be searched and sorted by, but cannot be shown as a column",
            "n is the item's number in its letter",
        )
    return keys


def settled(
    stages: tuple[Stage, ...], options: Options
) -> tuple[tuple[SortKey, ...], tuple[str, ...], tuple[Notice, ...]]:
    """Sorting and columns, and a notice for every option that a stage of the query beats."""
    order, columns = sort_keys(options.sort), column_keys(options.columns)
    beaten = []
    if order and any(isinstance(stage, Sort) for stage in stages):
        order = ()
        beaten.append("sort")
    for stage in stages:
        if isinstance(stage, Show):
            if options.columns and stage.columns != columns:
                beaten.append("columns")
            columns = stage.columns
    if options.limit not in (None, 0, LIMIT) and any(isinstance(stage, Limit) for stage in stages):
        beaten.append("limit")
    return (
        order,
        columns,
        tuple(
            Notice("N12", f"the query's own {'show' if name == 'columns' else name} overrides --{name}")
            for name in dict.fromkeys(beaten)
        ),
    )


def json_keys() -> tuple[str, ...]:
    """The keys of one item in the JSON contract, in its order."""
    return (*(name for name in Item.__struct_fields__ if name != "items"), "score", "evidence", "tier")


def _field(name: str) -> Field:
    row = table().get(name)
    if row is None and (unsaid := absent(name)):
        raise UsageError(unsaid, "imr-search --help lists the fields")
    if row is None or row.hidden or (row.column not in json_keys() and row.key != "items"):
        known = [key for field in table() if not field.hidden for key in (field.key, *field.names)]
        near = get_close_matches(name.lower(), known, 1)
        raise UsageError(
            f"no field is called {name[:60]}", f"did you mean {near[0]}?" if near else "imr-search --help lists them"
        )
    return row
