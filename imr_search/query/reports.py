"""What follows a `|`: its words, and their names resolved to the fields of the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from imr_search import stages
from imr_search.errors import QueryError
from imr_search.fields import DATE, NUMBER, Field, table
from imr_search.plan import Group, LimitRows, ReportStage, SortKey, SortRows, Stage
from imr_search.query import first_words
from imr_search.query.syntax_errors import fault, listed, nearest, replaced
from imr_search.query.tokens import Token
from imr_search.stages import Argument, StageRow

_TOKEN = re.compile(
    r"\s*(?:(?P<NUMBER>\d+)(?!\w)|(?P<NAME>[^\W\d]\w*)|(?P<COMMA>,)|(?P<MINUS>-)|(?P<BAR>\|)|(?P<ODD>\S))"
)
_MOST = 1_000_000


def lex(text: str, at: int) -> tuple[list[Token], int]:
    """The tokens of text[at:], which begins with a `|`, and where they end: at the query that a stage takes, else at the end of the text.
    Raises E123 and E125 for what names no report."""
    found: list[Token] = []
    expecting = False
    while match := _TOKEN.match(text, at):
        kind = str(match.lastgroup)
        start, end = match.span(kind)
        word = match[kind].lower()
        stage = stages.named(word) if expecting else None
        if expecting and stage is None:
            raise _no_report(text, found[-1].start, start, end)
        if kind == "BAR":
            found.append(Token("PIPE", start, end))
        elif kind == "ODD":
            raise fault("E124", f"{word} cannot be used in a report", text, start, end, replaced(text, start, end, ""))
        elif stage is not None:
            found.append(Token(stage.token, start, end, word))
            if stage.takes_query:
                return found, end
        elif word in stages.WORDS:
            found.append(Token(word.upper(), start, end, word))
        elif word in stages.PARTS:
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
    if meant := first_words.stages_meant(word):
        better = [_restaged(text, start, end, name) for name in meant]
    else:
        better = [replaced(text, start, end, name) for name in nearest(word, stages.NAMES)[:2]]
    error = fault(
        "E123", f"no report is called {word}: one of {listed(stages.NAMES, 10)}", text, start, end, *better, joined
    )
    error.expected = stages.REPORTS
    return error


def _restaged(text: str, start: int, end: int, name: str) -> str:
    """The query with a report by its name here: `group by body` is `rate by body`, `order by age desc` is `sort -age`, `avg(age)` is `stats age`."""
    rest = text[end:]
    if name == "sort" and (by := re.match(r"\s*(?:by\s+)?(\w+)(?:\s+(asc|desc)(?:ending)?)?", rest)):
        return f"{text[:start]}sort {'-' if by[2] == 'desc' else ''}{by[1]}{rest[by.end() :]}"
    if call := re.match(r"\s*\(\s*(\w+)\s*\)", rest):
        return f"{text[:start]}{name} {call[1]}{rest[call.end() :]}"
    return f"{text[:start]}{name}{rest}"


def begins(text: str) -> bool:
    """Does `text` begin like a report, and not like words: `rate by body`, `top 10 drug`, `count`?"""
    return re.match(rf"\s*(?:{'|'.join(stages.REPORTS)})(?:\s+by\b|\s+\d|\s*$|\s*\|)", text) is not None


def stage_of(token: Token) -> StageRow | None:
    """The stage that the token names, if it names one."""
    row = stages.named(str(token.value))
    return row if row is not None and row.token == token.kind else None


def build(parts: Sequence[Any], before: Sequence[Stage], text: str) -> Stage:
    """The stage of a grammar's `stage` rule, of tokens and, for lists, their values, behind the stages `before`. Raises E124 for a name that is
    not a field to go by, E123 behind a report for what is not done to its rows."""
    row = stage_of(parts[0])
    assert row is not None, "the grammar lets only stages stand here"
    report = next((stage for stage in before if isinstance(stage, ReportStage)), None)
    node: Callable[..., Stage] = row.node
    if report is not None:
        node = _of_rows(row, parts[0], report, text)
    rest = list(parts[1:])
    return node(**{argument.name: _taken(argument, rest, row, report, text) for argument in row.arguments})


_ONE = {"number": "NUMBER", "part": "PART", "choice": "NAME", "field": "NAME"}
"""The token of an argument that is one; others are lists, or a tree."""


def _taken(argument: Argument, rest: list[Any], row: StageRow, report: ReportStage | None, text: str) -> Any:
    """The argument's value, taken from the front of what is left of the stage; its default where it was not typed."""
    first = rest[0] if rest else None
    kind = first.kind if isinstance(first, Token) else ""
    if argument.word and kind == argument.word.upper():
        rest.pop(0)
    elif argument.word or first is None or kind != _ONE.get(argument.kind, ""):
        return argument.default
    part = rest.pop(0)
    match argument.kind:
        case "number":
            return _number(part, text, row.name, argument.least)
        case "part":
            return str(part.value)
        case "choice":
            return _choice(part, argument, text)
        case "field":
            return _field(part, text, argument.of, f"{row.name} takes {argument.of_what}").key
        case "groups":
            return tuple(_group(tokens, argument, text) for tokens in part)
        case "columns":
            return tuple(_column(token, argument, row, text) for token in part)
        case "keys" if report is not None:
            return tuple(_row_key(token, descending, report, text) for token, descending in part)
        case "keys":
            keys = (_sort_key(token, descending, argument, row, text) for token, descending in part)
            return tuple(key for key in keys if key is not None)
    return part


def _of_rows(row: StageRow, token: Token, report: ReportStage, text: str) -> type[SortRows | LimitRows]:
    """What the stage is behind a report."""
    before = stages.row_of(report)
    if row.of_rows is None or before.final:
        bar = text.rindex("|", 0, token.start)
        rest = "" if before.final else f" except {' and '.join(stages.OF_ROWS)} of its rows"
        message = f"{before.name} ends a query: nothing can follow it{rest}"
        raise fault("E123", message, text, bar, token.end, text[:bar].rstrip())
    return row.of_rows


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


def row_names(report: ReportStage) -> tuple[str, ...]:
    """What `sort` may go by behind the report: its columns as they are typed."""
    if stages.row_of(report).final:
        return ()
    return tuple(dict.fromkeys(name.partition(" ")[0] for name in report_columns(report)))


def report_groups(report: ReportStage) -> tuple[Group, ...]:
    """What a report's rows are by: a trend's periods come first."""
    found: list[Group] = []
    for argument in stages.row_of(report).arguments:
        value = getattr(report, argument.name)
        if argument.kind == "part":
            found.append(Group("decided", value))
        elif argument.kind == "groups":
            found += value
    return tuple(found)


def report_columns(report: ReportStage) -> tuple[str, ...]:
    """The names of a report's columns."""
    row = stages.row_of(report)
    by = group_columns(report_groups(report))
    return (*((row.group,) if by == ("group",) else by), *row.columns)


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


def _number(token: Token, text: str, taker: str, lowest: int) -> int:
    digits = str(token.value)
    number = int(digits) if len(digits) < 8 else _MOST + 1
    if not lowest <= number <= _MOST:
        raise fault("E109", f"{taker} takes a whole number from {lowest} to {_MOST:,}", text, token.start, token.end)
    return number


def _field(token: Token, text: str, kinds: tuple[str, ...], problem: str) -> Field:
    row = table().get(str(token.value))
    names = [name for name, held in table().by_name.items() if held.kind in kinds and not held.hidden]
    if row is not None and not row.hidden and row.kind in kinds:
        return row
    if row is None and (meant := _meant(str(token.value), kinds)):
        so = f"no field is called {token.value}; it is {meant}"
        raise fault("E124", so, text, token.start, token.end, replaced(text, token.start, token.end, meant))
    if row is None and (absent := first_words.absent(str(token.value))):
        raise fault("E124", absent, text, token.start, token.end)
    near = nearest(str(token.value), names) if row is None or row.hidden else []
    what = (
        f"no field is called {token.value}" if row is None or row.hidden else f"{problem}, and {token.value} is not one"
    )
    better = [replaced(text, token.start, token.end, name) for name in near[:2]]
    raise fault(
        "E124", what + (f"; did you mean {listed(near)}?" if near else ""), text, token.start, token.end, *better
    )


def _meant(name: str, kinds: tuple[str, ...]) -> str:
    """The field that a word means which names none: doctor, state, gender; "" if it means none of these kinds."""
    meant = first_words.names("reports", "by").get(name) or first_words.field_meant(name) or ""
    row = table().get(meant)
    return meant if row is not None and row.kind in kinds else ""


def _sort_key(token: Token, descending: bool, argument: Argument, row: StageRow, text: str) -> SortKey | None:
    """None is relevance, the order without a key."""
    if token.value == "relevance":
        return None
    return SortKey(_field(token, text, argument.of, f"{row.name} takes {argument.of_what}").key, descending)


def _column(token: Token, argument: Argument, row: StageRow, text: str) -> str:
    if token.value == "score":
        return "score"
    return _field(token, text, argument.of, f"{row.name} takes {argument.of_what}").json


def _choice(token: Token, argument: Argument, text: str) -> str:
    if token.value in argument.choices:
        return str(token.value)
    better = [replaced(text, token.start, token.end, choice) for choice in argument.choices]
    message = f"no {argument.what} is called {token.value}: one of {listed(argument.choices)}"
    raise fault("E123", message, text, token.start, token.end, *better)


def _group(tokens: list[Token], argument: Argument, text: str) -> Group:
    """`outcome`, `year`, `received quarter`, `age band 10`."""
    name, *rest = tokens
    if name.kind == "PART":
        return Group("decided", str(name.value))
    called = table().get(str(name.value))
    special = stages.GROUPS.get(str(name.value) if called is None else called.key)
    if special is not None and not rest:
        return special[0]
    row = _field(name, text, argument.of, f"a report groups by {argument.of_what}")
    whole = text[name.start : tokens[-1].end]
    if (rest and (rest[0].kind == "PART") != (row.kind == DATE)) or (
        rest and rest[0].kind == "BAND" and row.kind != NUMBER
    ):
        what = "year, quarter and month need a date" if rest[0].kind == "PART" else "band needs a field of numbers"
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
    return Group(row.key, "", _number(rest[1], text, "band", 1) if rest else 0)


def group_text(group: Group) -> str:
    """The group as it is typed."""
    if group.field == "decided":
        return group.part
    special = next((name for name, (held, _) in stages.GROUPS.items() if held == group), None)
    if special is not None:
        return special
    return " ".join(filter(None, (group.field, group.part, f"band {group.band}" if group.band else "")))


def stage_text(stage: Stage) -> str:
    """The stage as it is typed, with every default written out but those that say nothing."""
    row = stages.row_of(stage)
    written = [row.name]
    for argument in row.arguments:
        value = getattr(stage, argument.name)
        if value or value != argument.default:
            written += filter(None, (argument.word, _written(argument, value, stage)))
    return " ".join(written)


def _written(argument: Argument, value: Any, stage: Stage) -> str:
    match argument.kind:
        case "groups":
            return ", ".join(map(group_text, value))
        case "columns":
            return ", ".join(value)
        case "keys":
            # A column of a report that is a part of a date ("received quarter") is typed as its field.
            names = (key.field.partition(" ")[0] if isinstance(stage, SortRows) else key.field for key in value)
            return ", ".join("-" * key.descending + name for key, name in zip(value, names, strict=True)) or "relevance"
    return str(value)
