"""What travels along the two data flows: plain, frozen records with no behaviour.

Dates are ISO strings ("2017-02-14"), unknown is None or (), and text is unwrapped NFKC (see letters.canonical).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from imr_search.tabular import Tabular


class ParseWarning(msgspec.Struct, frozen=True):
    """A warning on an item or a letter: `code` from `letters.warnings.CODES` ("W03")."""

    code: str
    text: str


class Citation(msgspec.Struct, frozen=True):
    """One cited guideline. `source` is MTUS, ACOEM, ODG or Other; `pages` are expanded and sorted; `text` is as printed."""

    source: str
    chapter: str | None
    section: str | None
    pages: tuple[int, ...]
    text: str


class Deciding(msgspec.Struct, frozen=True):
    """The sentence of the rationale that gives the main ground; `sentence` counts from 1."""

    sentence: int
    text: str


class Item(msgspec.Struct, frozen=True):
    """One disputed treatment in one letter: the unit of the index. Keys and order are those of the JSON contract.

    `id` is "<letter>#<n>", n from 1. `items` (how many the letter has) is stored and searched but not part of the JSON.
    """

    id: str
    letter: str
    case: str | None
    n: int
    treatment: str
    title: str
    outcome: str  # upheld, overturned, modified
    guideline: str
    ca_guideline: str
    sources: tuple[str, ...] = ()
    ca_sources: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    ca_pages: tuple[int, ...] = ()
    chapters: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    ca_citations: tuple[Citation, ...] = ()
    rationale: str = ""
    summary: str = ""
    specialty: tuple[str, ...] = ()
    licensed: tuple[str, ...] = ()
    age: int | None = None
    sex: str | None = None  # female, male
    injured: str | None = None
    assigned: str | None = None
    decided: str | None = None
    denied: str | None = None
    received: str | None = None
    priority: str | None = None
    drugs: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    quantity: int | None = None
    refills: int | None = None
    visits: int | None = None
    category: str | None = None  # the main one, which comes first among the categories
    categories: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    requested: str | None = (
        None  # of a request that was allowed in part: the whole, and what was allowed; `treatment` is what is left
    )
    authorized: str | None = None
    reasons: tuple[str, ...] = ()  # codes of index/reasons.toml, the main one first
    deciding: Deciding | None = None
    days: int | None = None  # from the application's receipt, the denial, the injury to the decision
    days_denied: int | None = None
    days_injured: int | None = None
    pdf_page: int | None = None  # of the file, from 1: where the item's title begins; of letters from PDF alone
    generation: str = ""
    file: str = ""
    sha256: str = ""
    warnings: tuple[ParseWarning, ...] = ()
    items: int = 1

    @property
    def disputed(self) -> str:
        """What a list prints: of a request that was allowed in part what is left of it, else the title."""
        return self.treatment if self.requested or self.authorized else self.title or self.treatment

    def __repr__(self) -> str:
        """One line, and not two pages of a letter's text because a name was typed."""
        disputed = self.disputed if len(self.disputed) <= 80 else self.disputed[:79] + "…"
        return f"<Item {self.id} {self.decided or 'undated'} {self.outcome}: {disputed!r}>"


class Letter(msgspec.Struct, frozen=True):
    """One Final Determination letter. `warnings` holds the doubts on the letter as a whole; its items carry them too."""

    id: str
    case: str | None
    file: str
    sha256: str
    generation: str
    decided: str | None
    items: tuple[Item, ...]
    warnings: tuple[ParseWarning, ...] = ()
    amends: bool = False  # it says of itself that it corrects another letter of its case, or adds to it


class Notice(msgspec.Struct, frozen=True):
    """One line on how a query was read, or on what the answer leaves out. `code` as in the language's table ("N10"); `better` is the query that the
    text offers instead, if it offers one: a key at the prompt takes it. `brief` is the text for the eye, where a list in `text` is long."""

    code: str
    text: str
    better: str = ""
    brief: str = ""


class Evidence(msgspec.Struct, frozen=True):
    """A whole sentence that matched. `sentence` counts from 1 in its field; `marks` are [start, end) offsets into `text`."""

    field: str
    sentence: int
    text: str
    marks: tuple[tuple[int, int], ...] = ()


class Hit(msgspec.Struct, frozen=True):
    """One result. `score` is None when sorted by a field. `alike`: how many near-identical items `unique` left out for this one.
    `marks`: where the query's words on the treatment stand in what is disputed, as [start, end). `deciding`: the sentence of the main ground,
    where no words of the query point to a sentence. `tier`: where the plain words lie (disputed, discussed, mentioned), None without any."""

    item: Item
    score: float | None = None
    evidence: tuple[Evidence, ...] = ()
    alike: int = 0
    marks: tuple[tuple[int, int], ...] = ()
    deciding: Evidence | None = None
    tier: str | None = None

    def __repr__(self) -> str:
        return repr(self.item).replace("<Item", "<Hit", 1)


class GroupCounts(msgspec.Struct, frozen=True):
    """One row of a table of groups: how many items and letters (None: they were not counted), and how they were decided."""

    group: tuple[str | int | None, ...]
    items: int
    letters: int | None
    overturned: int
    modified: int
    upheld: int


Cell = str | int | float | None  # of a report
Row = tuple[Cell, ...]


class Report(msgspec.Struct, frozen=True):
    """`kind` is the name of a report; `columns` and `rows` as in the language's rulings; `by` what its rows are grouped by, as typed. `exact` are
    the rows before shares and means were rounded to four places: what is shown to people is rounded once, from these."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    by: tuple[str, ...] = ()
    exact: tuple[Row, ...] = ()

    @classmethod
    def of(cls, kind: str, columns: tuple[str, ...], exact: Iterable[Row], by: tuple[str, ...] = ()) -> Report:
        """The report of unrounded rows."""
        held = tuple(exact)
        rows = tuple(tuple(round(cell, 4) if isinstance(cell, float) else cell for cell in row) for row in held)
        return cls(kind, columns, rows, by, held)

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows as they are shown to people."""
        return self.exact or self.rows


class IndexInfo(msgspec.Struct, frozen=True):
    """What an index says of itself in every answer."""

    engine: str
    generation: int
    letters: int
    items: int


class AsFields(msgspec.Struct, frozen=True):
    """The reading in fields of a query with plain words: what says the same in fields, and how many items that finds (None: not counted in time).
    `left_out`: words that no field is for, without which it finds something, and with them nothing."""

    query: str
    total: int | None
    left_out: tuple[str, ...] = ()


class Page(Tabular, msgspec.Struct, frozen=True, eq=False):
    """One answer: `hits` or `report`, with everything that is said about it. `tally` is over all matching items, and `tiers` are its parts (each
    group is the tier's name), empty without plain words. Very many hits are read from
    the index as they are asked for, so that they can be used as long as it is open."""

    query: str
    read_as: str
    notices: tuple[Notice, ...]
    index: IndexInfo
    total: int
    letters: int | None  # None: only the items were counted
    hits: Sequence[Hit] = ()
    report: Report | None = None
    tally: GroupCounts | None = None
    base: GroupCounts | None = None
    columns: tuple[str, ...] = ()
    offset: int = 0
    tiers: tuple[GroupCounts, ...] = ()
    as_fields: AsFields | None = None
    took_ms: float = 0.0
    outcome_named: bool = False  # by the query itself, so that a rate over all that it finds says nothing

    def __eq__(self, other: object) -> bool:
        """The same answer, however long it took."""
        if not isinstance(other, Page):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__struct_fields__ if name != "took_ms")

    __hash__ = None  # type: ignore[assignment]

    def _item_names(self) -> tuple[str, ...]:
        return Item.__struct_fields__
