"""The stages of a query, what may follow a `|`: each is one row of the table below.

The row is all that is declared of a stage. Reading and printing it, its errors, completion, help (the shell's, the prompt's, the manual's and the
page's), the page's form of reports, the columns of its answer and the title of its figure follow from it. Besides the row a stage needs its node
(`plan`), its rule (grammar/query.lark, with the token under `%declare`), and a report its function (`searching.report`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from imr_search.fields import CITATION, DATE, ENUM, KEYWORD, NUMBER, TEXT
from imr_search.plan import (
    Cite,
    Compare,
    Count,
    Group,
    Limit,
    LimitRows,
    Rate,
    ReportStage,
    Sample,
    Show,
    Sort,
    SortRows,
    Stage,
    Stats,
    Top,
    Trend,
    Unique,
)

VALUED = (KEYWORD, ENUM, NUMBER, DATE)
WORDED = (TEXT, CITATION)
PARTS = ("year", "quarter", "month")
STYLES = ("ccc", "plain", "md", "full")
RATED = ("items", "letters", "overturned", "modified", "upheld", "rate", "low", "high")
"""The columns of a rate: shares are between 0 and 1, low and high the ends of the 95 % interval."""
GROUPS = {
    "guideline": (Group("cited"), "what the reviewer cited: source, chapter, section"),
    "kind": (Group("category", "kind"), "the upper level of the category"),
}
"""What a report may be by besides fields and parts of a date, each with its meaning."""


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """What one attribute `name` of a stage's node is typed as, behind `word` where that is given. Left out it is `default`; None must be typed.

    kind     is typed as                                     and becomes
    number   a whole number from `least` on                  int
    part     one of PARTS                                    str
    choice   one of `choices`, each a `what`                 str
    field    a field whose kind is in `of`                   its key
    groups   fields whose kind is in `of`, GROUPS, PARTS     tuple of Group
    keys     fields whose kind is in `of`, - for descending  tuple of SortKey; behind a report, its columns
    columns  fields whose kind is in `of`                    tuple of JSON keys
    query    another query, up to the next stage             its tree

    `of_what` ends the sentence "{stage} takes ..." for a field of another kind.
    """

    name: str
    kind: str
    word: str = ""
    default: Any = None
    least: int = 1
    choices: tuple[str, ...] = ()
    what: str = ""
    of: tuple[str, ...] = VALUED
    of_what: str = "fields with values"

    @property
    def usage(self) -> str:
        """As help shows it: "[by FIELD, ...]"."""
        shown = {
            "number": "N",
            "part": "|".join(PARTS),
            "choice": "|".join(self.choices),
            "field": "FIELD",
            "groups": "FIELD, ...",
            "keys": "[-]FIELD, ...",
            "columns": "FIELD, ...",
            "query": "QUERY",
        }[self.kind]
        whole = f"{self.word} {shown}".lstrip()
        return whole if self.default is None else f"[{whole}]"


class StageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One stage. `example` stands behind `* |`. `of_rows` is its node behind a report, where it then is of the report's rows.

    Of a report: `columns` behind those of its groups; `drawn`, the one of them that bars show; `group`, what the column of a single group is called;
    `final`, that not even its rows may be sorted; `title`, that of its figure, in which {by} is ", by category", {field} a field of its query and
    {rows} how many there are; `empty`, what is said of an answer without rows.
    """

    name: str
    node: type[Stage]
    help: str
    example: str
    arguments: tuple[Argument, ...] = ()
    of_rows: type[SortRows | LimitRows] | None = None
    columns: tuple[str, ...] = ()
    drawn: str = "rate"
    group: str = "group"
    final: bool = False
    title: str = "Items{by}"
    empty: str = "no group to show: what it would be grouped by is unknown in all of these items"

    @property
    def token(self) -> str:
        """The name of its token in the grammar."""
        return self.name.upper()

    @property
    def report(self) -> bool:
        return issubclass(self.node, ReportStage)

    @property
    def takes_query(self) -> bool:
        return any(argument.kind == "query" for argument in self.arguments)

    @property
    def found(self) -> str:
        """A query for the example to stand behind: every item for a table, which counts them, else some."""
        return "*" if self.report and any(argument.kind == "groups" for argument in self.arguments) else "treatment:mri"

    @property
    def usage(self) -> str:
        return " ".join((self.name, *(argument.usage for argument in self.arguments)))


_BY = Argument(name="by", kind="groups", word="by", default=())

STAGES = (
    StageRow(
        name="count",
        node=Count,
        help="how many, by any field; two make a cross table",
        example="count by outcome, year",
        arguments=(_BY,),
        columns=("items", "letters", "share"),
        drawn="items",
    ),
    StageRow(
        name="rate",
        node=Rate,
        help="the share overturned, by any field; min 30 puts smaller groups together",
        example="rate by category",
        arguments=(_BY, Argument(name="minimum", kind="number", word="min", default=0, least=0)),
        columns=(*RATED, "share"),
        title="Share of denials overturned{by}",
    ),
    StageRow(
        name="trend",
        node=Trend,
        help="the share overturned over time: year, quarter, month",
        example="trend quarter",
        arguments=(Argument(name="part", kind="part", default="year"), _BY),
        columns=RATED,
        title="Share of denials overturned over time{by}",
    ),
    StageRow(
        name="top",
        node=Top,
        help="the most frequent; also page, drug, specialty, ...",
        example="top 10 guideline",
        arguments=(
            Argument(name="n", kind="number", default=10),
            Argument(name="by", kind="groups"),
        ),
        columns=("items", "letters", "overturned", "rate", "share"),
        drawn="items",
        group="value",
        title="Items{by}: the {rows} most frequent",
    ),
    StageRow(
        name="stats",
        node=Stats,
        help="mean, median and quartiles of a number",
        example="stats visits by outcome",
        arguments=(
            Argument(name="field", kind="field", of=(NUMBER,), of_what="a field of numbers"),
            _BY,
        ),
        columns=("n", "mean", "median", "q1", "q3", "least", "most"),
        drawn="median",
        title="{field}{by}",
        empty="no group to show: the number is unknown in all of these items",
    ),
    StageRow(
        name="compare",
        node=Compare,
        help="two groups: the difference, its interval, the exact p-value",
        example="compare category:chiropractic",
        arguments=(Argument(name="query", kind="query"),),
        columns=(*RATED, "p"),
        title="Share of denials overturned in two groups",
    ),
    StageRow(
        name="cite",
        node=Cite,
        help="citations for a brief; also plain, md, full",
        example="cite",
        arguments=(Argument(name="style", kind="choice", default=STYLES[0], choices=STYLES, what="style of citation"),),
        columns=("citation",),
        group="id",
        final=True,
    ),
    StageRow(
        name="sort",
        node=Sort,
        help="by fields, -FIELD for descending; after a report, by its columns",
        example="sort -decided, case",
        arguments=(Argument(name="keys", kind="keys"),),
        of_rows=SortRows,
    ),
    StageRow(
        name="unique",
        node=Unique,
        help="one item of each near-identical text",
        example="unique rationale",
        arguments=(Argument(name="field", kind="field", of=WORDED, of_what="a field of words"),),
    ),
    StageRow(
        name="sample",
        node=Sample,
        help="a random sample; the same seed draws the same items",
        example="sample 100 seed 7",
        arguments=(
            Argument(name="n", kind="number", least=0),
            Argument(name="seed", kind="number", word="seed", default=1, least=0),
        ),
    ),
    StageRow(
        name="limit",
        node=Limit,
        help="the first N items; after a report, its first N rows",
        example="limit 20",
        arguments=(Argument(name="n", kind="number"),),
        of_rows=LimitRows,
    ),
    StageRow(
        name="show",
        node=Show,
        help="columns to print",
        example="show case, qty",
        arguments=(Argument(name="columns", kind="columns", of=(*WORDED, *VALUED), of_what="fields of an item"),),
    ),
)

NAMES = tuple(row.name for row in STAGES)
REPORTS = tuple(row.name for row in STAGES if row.report)
OF_ROWS = tuple(row.name for row in STAGES if row.of_rows)
WORDS = tuple(dict.fromkeys((*(each.word for row in STAGES for each in row.arguments if each.word), "band")))
"""The words inside a stage; `band` stands in groups."""


@cache
def _by_name() -> dict[str, StageRow]:
    return {row.name: row for row in STAGES}


@cache
def _by_node() -> dict[type[Stage], StageRow]:
    return {node: row for row in STAGES for node in (row.node, row.of_rows) if node is not None}


@cache
def reports() -> dict[str, StageRow]:
    """The rows of reports, by the names that a `Report` bears as its kind."""
    return {row.name: row for row in STAGES if row.report}


def named(name: str) -> StageRow | None:
    return _by_name().get(name)


def row_of(stage: Stage) -> StageRow:
    return _by_node()[type(stage)]
