"""Why a token cannot stand where it stands: the parser's state, in the words of the person who typed the query."""

from __future__ import annotations

from collections.abc import Sequence

from imr_search.errors import QueryError
from imr_search.query.faults import fault, replaced
from imr_search.query.grammar import UnexpectedToken
from imr_search.query.tokens import END, Token

_JOINING = {"AND": "AND", "OR": "OR", "BUTNOT": "AND NOT", "NOT": "NOT", "MINUS": "-"}
_OPENING = ("LPAR", "")
_STAGE = (
    "COUNT",
    "RATE",
    "TREND",
    "TOP",
    "SORT",
    "LIMIT",
    "SHOW",
    "UNIQUE",
    "SAMPLE",
    "CITE",
    "BY",
    "MIN",
    "SEED",
    "BAND",
    "PART",
    "NAME",
    "NUMBER",
)
NAMES = {
    "WORD": "a word",
    "PHRASE": 'a "phrase"',
    "LPAR": "(",
    "RPAR": ")",
    "FIELD": "field:",
    "AND": "AND",
    "OR": "OR",
    "BUTNOT": "but not",
    "NOT": "NOT",
    "LINK": "/5 or /s",
    "PIPE": "|",
    "BY": "by",
    "MIN": "min",
    "SEED": "seed",
    "BAND": "band",
    "PART": "year, quarter or month",
    "NAME": "a field's name",
    "NUMBER": "a whole number",
    "COMMA": ",",
}
"""The terminals that an "expected" list may name, in words."""


def explained(problem: UnexpectedToken, tokens: Sequence[Token], text: str) -> QueryError:
    """The coded error for the token that could not stand, with what may stand there."""
    token = problem.token
    index = next((k for k, held in enumerate(tokens) if held is token), len(tokens))
    before = tokens[index - 1] if index else Token("", 0, 0)
    error = _error(token, before, tokens, text)
    error.expected = tuple(words for kind, words in NAMES.items() if kind in problem.expected)[:7]
    return error


def _error(token: Token, before: Token, tokens: Sequence[Token], text: str) -> QueryError:
    if before.kind in (*_STAGE, "PIPE") or (before.kind in ("COMMA", "MINUS") and _staged(before, tokens)):
        return _in_stage(token, before, text)
    if before.kind in ("FIELD", "COMPARE", "LETTER"):
        return _no_value(token, before, tokens, text)
    if before.kind == "LINK" or token.kind == "LINK":
        link = before if before.kind == "LINK" else token
        loose = replaced(text, link.start, link.end, "")
        return fault(
            "E113", f"{text[link.start : link.end]} needs words on both sides", text, link.start, link.end, loose
        )
    if token.kind == "PIPE" and before.kind in _OPENING:
        return fault(
            "E101", "nothing to search for before |: * is every item", text, token.start, token.end, "* " + text
        )
    operator = before if before.kind in _JOINING else token
    if operator.kind in _JOINING:
        name = _JOINING[operator.kind]
        needs = "something after it" if operator.kind in ("NOT", "MINUS") else "something on both sides"
        better = [replaced(text, operator.start, operator.end, " ")]
        if token.kind in ("AND", "OR") and before.kind in _JOINING:
            better.insert(0, replaced(text, token.start, token.end, " "))
        return fault("E111", f"{name} needs {needs}", text, operator.start, operator.end, *better)
    # What is left stands where only an operand of brackets may: say so plainly.
    return fault("E105", "there is nothing inside these brackets", text, before.start, token.end)


def _staged(token: Token, tokens: Sequence[Token]) -> bool:
    return any(held.kind == "PIPE" and held.start < token.start for held in tokens)


def _no_value(token: Token, before: Token, tokens: Sequence[Token], text: str) -> QueryError:
    named = (
        before
        if before.kind in ("FIELD", "LETTER")
        else next((held for held in reversed(tokens) if held.kind == "FIELD" and held.end <= before.start), before)
    )
    name = text[named.start : before.end].strip()
    if token.kind == "MINUS" or token.kind == "NOT":
        negated = text[: named.start] + "-" + text[named.start : named.end] + text[token.end :].lstrip()
        return fault(
            "E106",
            f'{name} needs a word, a "phrase" or ( ) after it; the exclusion goes before the field',
            text,
            named.start,
            named.end,
            negated,
        )
    without = replaced(text, named.start, before.end, "")
    return fault("E106", f'{name} needs a word, a "phrase" or ( ) after it', text, named.start, before.end, without)


def _in_stage(token: Token, before: Token, text: str) -> QueryError:
    """What is missing or too much in a report: a field's name (E124), a number (E109), or the report itself (E123)."""
    at_end = token.kind in (END, "PIPE")
    start, end = (before.start, before.end) if at_end else (token.start, token.end)
    said = text[before.start : before.end].strip()
    if before.kind == "PIPE":
        return fault(
            "E123",
            "| needs a report after it: count, rate, trend, top, sort, limit ...",
            text,
            start,
            end,
            text[: before.start].rstrip(),
        )
    if before.kind in ("LIMIT", "SAMPLE", "MIN", "SEED", "BAND"):
        return fault(
            "E109", f"{said} takes a whole number", text, start, end, text[: before.end] + " 10" + text[before.end :]
        )
    if before.kind in ("BY", "TOP", "SORT", "SHOW", "UNIQUE", "COMMA", "MINUS"):
        return fault(
            "E124", f"{said} needs the name of a field after it", text, start, end, text[: before.start].rstrip(" ,-")
        )
    if before.kind == "NUMBER" and at_end:
        return fault(
            "E124", f"top {said} needs the name of a field after it", text, start, end, text[:end] + " category"
        )
    typed = text[token.start : token.end]
    better = [
        text[: token.start].rstrip() + " by " + text[token.start :],
        text[: token.start].rstrip() + ", " + text[token.start :],
    ]
    code = "E124" if token.kind == "NAME" else "E123"
    return fault(
        code, f"{typed} cannot follow {said} here", text, token.start, token.end, *better, text[: token.start].rstrip()
    )
