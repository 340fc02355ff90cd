"""What follows a `|`: its words, and their names resolved to the fields of the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from imr_search.errors import QueryError
from imr_search.fields import CITATION, DATE, NUMBER, TEXT, Field, table
from imr_search.plan import (
    REPORTS,
    TRANSFORMS,
    Beside,
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
    SortKey,
    SortRows,
    Stage,
    Stats,
    Top,
    Trend,
    Unique,
)
from imr_search.query import first_words
from imr_search.query.syntax_errors import fault, listed, nearest, replaced
from imr_search.query.tokens import Token

KINDS = (*REPORTS, *TRANSFORMS)
PARTS = ("year", "quarter", "month")
STYLES = ("ccc", "plain", "md", "full")
_WORDS = ("by", "min", "seed", "band")
_TOKEN = re.compile(
    r"\s*(?:(?P<NUMBER>\d+)(?!\w)|(?P<NAME>[^\W\d]\w*)|(?P<COMMA>,)|(?P<MINUS>-)|(?P<BAR>\|)|(?P<ODD>\S))"
)
_MOST = 1_000_000


def lex(text: str, at: int) -> tuple[list[Token], int]:
    """The tokens of text[at:], which begins with a `|`, and where they end: at the query that follows `compare`, else at the end of the text.
    Raises E123 and E125 for what names no report."""
    found: list[Token] = []
    expecting = False
    while match := _TOKEN.match(text, at):
        kind = str(match.lastgroup)
        start, end = match.span(kind)
        word = match[kind].lower()
        if expecting and word not in KINDS:
            raise _no_report(text, found[-1].start, start, end)
        if kind == "BAR":
            found.append(Token("PIPE", start, end))
        elif kind == "ODD":
            raise fault("E124", f"{word} cannot stand in a report", text, start, end, replaced(text, start, end, ""))
        elif expecting and word == "compare":
            return [*found, Token("BESIDE", start, end, word)], end
        elif expecting or word in _WORDS:
            found.append(Token(word.upper(), start, end, word))
        elif word in PARTS:
            found.append(Token("PART", start, end, word))
        else:
            found.append(Token(kind, start, end, word))
        expecting = kind == "BAR"
        at = end
    return found, len(text)


def _no_report(text: str, bar: int, start: int, end: int) -> QueryError:
    word = text[start:end]
    glued = bar > 0 and not text[bar - 1].isspace() and start == bar + 1
    joined = text[:bar].rstrip() + " OR " + text[start:]
    if glued:
        return fault("E125", '| starts a report; "or" joins words', text, bar, bar + 1, joined)
    names = nearest(word, KINDS)
    better = [replaced(text, start, end, name) for name in names[:2]]
    error = fault("E123", f"no report is called {word}: one of {listed(KINDS, 10)}", text, start, end, *better, joined)
    error.expected = KINDS[:7]
    return error


def is_stage(token: Token) -> bool:
    """Does the token name a stage?"""
    return token.value in KINDS and token.kind in (str(token.value).upper(), "BESIDE")


def build(parts: Sequence[Any], before: Sequence[Stage], text: str) -> Stage:
    """The stage of a grammar's `stage` rule, of tokens and, for lists, their values, behind the stages `before`. Raises E124 for a name that is
    not a field to go by, E123 behind a report for what is not done to its rows."""
    kind = str(parts[0].value)
    numbers = [_number(part, text, kind) for part in parts if isinstance(part, Token) and part.kind == "NUMBER"]
    lists = [part for part in parts if isinstance(part, list)]
    minimum = numbers[0] if numbers else 0
    report = next((stage for stage in before if isinstance(stage, ReportStage)), None)
    if report is not None:
        return _of_rows(parts, report, text)
    match kind:
        case "count":
            return Count(_groups(lists, text))
        case "rate":
            return Rate(_groups(lists, text), minimum)
        case "trend":
            part = next(
                (str(token.value) for token in parts if isinstance(token, Token) and token.kind == "PART"), "year"
            )
            return Trend(part, _groups(lists, text))
        case "top":
            return Top(numbers[0] if numbers else 10, _groups(lists, text))
        case "stats":
            return Stats(_field(parts[1], text, (NUMBER,), "stats takes a field of numbers").key, _groups(lists, text))
        case "compare":
            return Beside(parts[1])
        case "sort":
            keys = tuple(_sort_key(token, descending, text) for token, descending in lists[0])
            return Sort(tuple(key for key in keys if key is not None))
        case "limit":
            return Limit(numbers[0])
        case "show":
            return Show(tuple(_column(token, text) for token in lists[0]))
        case "unique":
            return Unique(_field(parts[1], text, (TEXT, CITATION), "unique goes by a field of words").key)
        case "sample":
            return Sample(numbers[0], numbers[1] if len(numbers) > 1 else 1)
        case _:
            return Cite(_style(parts[1], text) if len(parts) > 1 else STYLES[0])


def _of_rows(parts: Sequence[Any], report: ReportStage, text: str) -> SortRows | LimitRows:
    """`sort` and `limit` behind a report, which are of its rows."""
    token = parts[0]
    name = stage_text(report).partition(" ")[0]
    if isinstance(report, Cite) or token.value not in ("sort", "limit"):
        bar = text.rindex("|", 0, token.start)
        rest = "" if isinstance(report, Cite) else ", but sort and limit of its rows"
        message = f"{name} ends a query: nothing may follow it{rest}"
        raise fault("E123", message, text, bar, token.end, text[:bar].rstrip())
    if token.value == "limit":
        return LimitRows(_number(parts[1], text, "limit"))
    return SortRows(tuple(_row_key(named, descending, report, text) for named, descending in parts[1]))


def _row_key(token: Token, descending: bool, report: ReportStage, text: str) -> SortKey:
    """A key of the report's rows: one of its columns, or what it groups by (also as the field is called)."""
    name = str(token.value)
    columns = report_columns(report)
    grouped = [group_text(group).partition(" ")[0] for group in report_groups(report)]
    if name in grouped:
        return SortKey(columns[grouped.index(name)], descending)
    if name in columns:
        return SortKey(name, descending)
    row = table().get(name)
    if row is not None and row.json in columns:
        return SortKey(row.json, descending)
    near = nearest(name, columns)
    better = [replaced(text, token.start, token.end, other) for other in near[:1]]
    message = f"the report has no column {name}: {listed(columns, 12)}"
    raise fault("E124", message, text, token.start, token.end, *better)


RATED = ("items", "letters", "overturned", "modified", "upheld", "rate", "low", "high")
"""The columns of a rate: shares are between 0 and 1, low and high the ends of the 95 % interval."""


def report_groups(report: ReportStage) -> tuple[Group, ...]:
    """What a report's rows are by: a trend's periods come first."""
    match report:
        case Trend(part, by):
            return (Group("decided", part), *by)
        case Count(by) | Rate(by) | Top(by=by) | Stats(by=by):
            return by
    return ()


def report_columns(report: ReportStage) -> tuple[str, ...]:
    """The names of a report's columns."""
    by = group_columns(report_groups(report))
    match report:
        case Count():
            return (*by, "items", "letters", "share")
        case Rate():
            return (*by, *RATED, "share")
        case Trend():
            return (*by, *RATED)
        case Top():
            return (*(("value",) if by == ("group",) else by), "items", "letters", "overturned", "rate", "share")
        case Stats():
            return (*by, "n", "mean", "median", "q1", "q3", "least", "most")
        case Cite():
            return ("id", "citation")
    return ("group", *RATED, "p")


def group_columns(by: tuple[Group, ...]) -> tuple[str, ...]:
    """The names of the group columns: "group" for one (or none, then of the single row "all"), else each field's JSON key or its part of the date."""
    if len(by) < 2:
        return ("group",)
    names: list[str] = []
    for group in by:
        name = table()[group.field].json
        if group.part:
            name = group.part if group.field in ("decided", "category") else f"{name} {group.part}"
        names.append(name if name not in names else f"{name} {len(names) + 1}")
    return tuple(names)


def _number(token: Token, text: str, kind: str) -> int:
    digits = str(token.value)
    number = int(digits) if len(digits) < 8 else _MOST + 1
    lowest = 0 if kind in ("rate", "sample") else 1
    if not lowest <= number <= _MOST:
        raise fault("E109", f"{kind} takes a whole number from {lowest} to {_MOST:,}", text, token.start, token.end)
    return number


def _field(token: Token, text: str, kinds: tuple[str, ...], problem: str) -> Field:
    row = table().get(str(token.value))
    names = [name for name, held in table().by_name.items() if held.kind in kinds and not held.hidden]
    if row is not None and not row.hidden and row.kind in kinds:
        return row
    if row is None and (absent := first_words.absent(str(token.value))):
        raise fault("E124", absent, text, token.start, token.end)
    near = nearest(str(token.value), names) if row is None or row.hidden else []
    what = f"no field is called {token.value}" if row is None or row.hidden else f"{problem}, and {token.value} is none"
    better = [replaced(text, token.start, token.end, name) for name in near[:2]]
    raise fault(
        "E124", what + (f"; did you mean {listed(near)}?" if near else ""), text, token.start, token.end, *better
    )


def _sort_key(token: Token, descending: bool, text: str) -> SortKey | None:
    """None is relevance, the order without a key."""
    if token.value == "relevance":
        return None
    return SortKey(
        _field(token, text, ("keyword", "enum", NUMBER, DATE), "sort goes by fields with values").key, descending
    )


def _column(token: Token, text: str) -> str:
    if token.value == "score":
        return "score"
    return _field(token, text, (TEXT, CITATION, "keyword", "enum", NUMBER, DATE), "show takes fields of an item").json


def _style(token: Token, text: str) -> str:
    if token.value in STYLES:
        return str(token.value)
    better = [replaced(text, token.start, token.end, style) for style in STYLES]
    raise fault(
        "E123",
        f"no style of citation is called {token.value}: one of {listed(STYLES)}",
        text,
        token.start,
        token.end,
        *better,
    )


def _groups(lists: Sequence[list[list[Token]]], text: str) -> tuple[Group, ...]:
    return tuple(_group(tokens, text) for tokens in lists[0]) if lists else ()


def _group(tokens: list[Token], text: str) -> Group:
    """`outcome`, `year`, `received quarter`, `age band 10`."""
    name, *rest = tokens
    if name.kind == "PART":
        return Group("decided", str(name.value))
    if name.value in ("guideline", "g"):
        return Group("cited")
    if name.value == "kind" and len(tokens) == 1:
        return Group("category", "kind")
    row = _field(name, text, ("keyword", "enum", NUMBER, DATE), "a report goes by fields with values")
    whole = text[name.start : tokens[-1].end]
    if (rest and (rest[0].kind == "PART") != (row.kind == DATE)) or (
        rest and rest[0].kind == "BAND" and row.kind != NUMBER
    ):
        what = "year, quarter and month go with a date" if rest[0].kind == "PART" else "band goes with a number"
        raise fault(
            "E124",
            f"{what}: {whole}",
            text,
            rest[0].start,
            tokens[-1].end,
            replaced(text, name.end, tokens[-1].end, ""),
        )
    if row.kind == DATE:
        return Group(row.key, str(rest[0].value) if rest else "year")
    return Group(row.key, "", _number(rest[1], text, "band") if rest else 0)


def group_text(group: Group) -> str:
    """The group as it is typed."""
    if group.field == "decided":
        return group.part
    if group.field == "cited":
        return "guideline"
    if group.part == "kind":
        return "kind"
    return " ".join(filter(None, (group.field, group.part, f"band {group.band}" if group.band else "")))


def stage_text(stage: Stage) -> str:
    """The stage as it is typed, with every default written out."""
    match stage:
        case Sort(keys) | SortRows(keys):
            return "sort " + (", ".join("-" * key.descending + key.field for key in keys) or "relevance")
        case Limit(n) | LimitRows(n):
            return f"limit {n}"
        case Show(columns):
            return f"show {', '.join(columns)}"
        case Unique(field):
            return f"unique {field}"
        case Sample(n, seed):
            return f"sample {n} seed {seed}"
        case Count(by):
            return "count" + _by(by)
        case Rate(by, minimum):
            return "rate" + _by(by) + (f" min {minimum}" if minimum else "")
        case Trend(part, by):
            return f"trend {part}" + _by(by)
        case Top(n, by):
            return f"top {n} {', '.join(map(group_text, by))}"
        case Stats(field, by):
            return f"stats {field}" + _by(by)
        case Beside(expression):
            return f"compare {expression}"
        case Compare(text):
            return f"compare {text}"
        case Cite(style):
            return f"cite {style}"


def _by(by: tuple[Group, ...]) -> str:
    return f" by {', '.join(map(group_text, by))}" if by else ""
