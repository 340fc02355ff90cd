"""An answer as Python programs and notebooks take it: rows to walk through, dicts, data frames, a short line and a table to look at.

Neither pandas nor Polars is needed but by the method that is named for it.
"""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from imr_search.errors import UsageError
from imr_search.fields import DATE, table

if TYPE_CHECKING:
    import pandas
    import polars

_SHOWN = ("id", "decided", "outcome", "title")  # of an item, in a notebook
_MOST = 50  # rows that a notebook shows
_CLIP = 200  # characters of a cell there
_SHORT = 24  # characters of a cell that is kept on one line
SHARES = ("rate", "low", "high", "share")  # columns of reports that hold parts of 1


def percent(share: float | None) -> str:
    """A share as a person reads it. Every share goes through here, unrounded, so that one number never stands in two forms on one screen."""
    return "-" if share is None else f"{100 * share:.1f}%"


class Tabular:
    """What a Page can do besides hold its answer. A page of a report consists of the report's rows, any other of its hits."""

    __slots__ = ()

    hits: Sequence[Any]
    notices: Sequence[Any]
    report: Any
    query: str
    total: int

    def __iter__(self) -> Iterator[Any]:
        """The hits; of a report, its rows as dicts."""
        return iter(self.hits) if self.report is None else iter(self.to_dicts())

    def __getitem__(self, at: int | slice) -> Any:
        """The hit (or the report's row) of that number, from 0; of a slice, a list."""
        return (self.hits if self.report is None else self.to_dicts())[at]

    def __len__(self) -> int:
        """How many hits (or rows) the page holds; `total` says how many items were found."""
        return len(self.hits if self.report is None else self.report.rows)

    def __bool__(self) -> bool:
        """A page is an answer, also when it holds nothing."""
        return True

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict an item under the keys of the JSON, days as `datetime.date`; of a report, one a row under its columns."""
        if self.report is not None:
            return [dict(zip(self.report.columns, row, strict=True)) for row in self.report.rows]
        return [_of_hit(hit) for hit in self.hits]

    def to_pandas(self) -> pandas.DataFrame:
        """The same as a pandas DataFrame. Raises UsageError when pandas is not installed."""
        try:
            import pandas
        except ModuleNotFoundError:
            raise UsageError("to_pandas() needs pandas", "pip install pandas") from None
        return pandas.DataFrame(self.to_dicts(), columns=self._columns())

    def to_polars(self) -> polars.DataFrame:
        """The same as a Polars DataFrame. Raises UsageError when Polars is not installed."""
        try:
            import polars
        except ModuleNotFoundError:
            raise UsageError("to_polars() needs polars", "pip install polars") from None
        rows = self.to_dicts()
        columns = self._columns()
        return polars.DataFrame({name: [row[name] for row in rows] for name in columns}, strict=False)

    def _columns(self) -> list[str]:
        if self.report is not None:
            return list(self.report.columns)
        names = [name for name in self._item_names() if name != "items"]
        return [*names, "score", "evidence", "tier"]

    def _item_names(self) -> tuple[str, ...]:
        """The facts of an item, in the order of the JSON."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """One line: an answer may hold thousands of letters' texts, which nobody wants to see because a name was typed."""
        if self.report is not None:
            held = f"{self.report.kind}, {len(self)} row{'s' * (len(self) != 1)} over {self.total:,} items"
        else:
            held = f"{len(self):,} of {self.total:,} item{'s' * (self.total != 1)}"
        return f"<Page {self.query!r}: {held}>"

    def _repr_html_(self) -> str:
        """A table with the notices below it, for notebooks; nothing of a letter becomes HTML."""
        if self.report is not None:
            columns = list(self.report.columns)
            rows = [list(row) for row in self.report.shown[:_MOST]]
        else:
            columns = list(_SHOWN)
            rows = [[getattr(hit.item, name) or "" for name in _SHOWN] for hit in self.hits[:_MOST]]
        head = "".join(f"<th>{_safe(name)}</th>" for name in columns)
        body = "".join(
            f"<tr>{''.join(_cell(name, cell) for name, cell in zip(columns, row, strict=True))}</tr>" for row in rows
        )
        more = len(self) - len(rows)
        left = f"<p>and {more:,} more rows</p>" if more else ""
        notes = "".join(f"<li>{_safe(notice.code)}: {_safe(notice.text)}</li>" for notice in self.notices)
        said = f"<ul>{notes}</ul>" if notes else ""
        return (
            f"<p>{_safe(repr(self))}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{left}{said}"
        )


def _of_hit(hit: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(hit.item))
    found.pop("items")
    for row in table().of_kind(DATE):
        if found[row.json]:
            found[row.json] = datetime.date.fromisoformat(found[row.json])
    found["score"] = hit.score
    found["evidence"] = [{"field": one.field, "sentence": one.sentence, "text": one.text} for one in hit.evidence]
    found["tier"] = hit.tier
    return found


def _cell(name: str, value: Any) -> str:
    """A table's cell: shares in percent, numbers flush right, dates and numbers on one line."""
    if isinstance(value, float) and name in SHARES:
        return f'<td style="text-align: right">{percent(value)}</td>'
    if isinstance(value, int | float):
        return f'<td style="text-align: right">{_safe(value)}</td>'
    short = len(str(value)) <= _SHORT
    return f'<td style="text-align: left{"; white-space: nowrap" if short else ""}">{_safe(value)}</td>'


def _safe(value: Any) -> str:
    text = "" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)
    text = "".join(char if char.isprintable() else " " for char in text)
    return html.escape(text if len(text) <= _CLIP else text[: _CLIP - 1] + "…")
