"""Errors of syntax, each with what to type instead: signs that stand wrong (raised while a query is taken apart), and tokens that cannot follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from imr_search import stages
from imr_search.errors import Correction, QueryError
from imr_search.fields import table
from imr_search.query import first_words
from imr_search.query.first_words import field_meant
from imr_search.query.tokens import END, Token, field_called, field_names


class UnexpectedToken(Exception):
    """`token` cannot stand here; `expected` are the terminals that may."""

    def __init__(self, token: Token, expected: frozenset[str]) -> None:
        super().__init__(token.kind)
        self.token = token
        self.expected = expected


def fault(code: str, message: str, query: str, start: int, end: int | None = None, *corrections: str) -> QueryError:
    """An error at query[start:end]. `corrections` are whole queries; those that cannot be read are dropped when the error is caught (`checked`)."""
    kept = dict.fromkeys(" ".join(correction.split()) for correction in corrections if correction.strip())
    return QueryError(code, message, query, start, start + 1 if end is None else end, (), tuple(map(Correction, kept)))


def replaced(query: str, start: int, end: int, new: str) -> str:
    """The query with query[start:end] replaced."""
    return query[:start] + new + query[end:]


def quoted(words: str) -> str:
    return '"' + words.replace('"', " ").strip() + '"'


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The names in `known` that `word` may have been meant for, best first."""

    return get_close_matches(word.lower(), list(known), count, 0.6)


def listed(names: Iterable[str], most: int = 7) -> str:
    """ "a, b, c": at most seven, because a longer list is not read."""
    held = list(names)
    return ", ".join(held[:most]) + (" ..." if len(held) > most else "")


_CLAUSE = re.compile(r"\s+(?:-?(?P<name>\w+):|\||and\b|or\b)", re.IGNORECASE)
_RUN = re.compile(r"\s*(?:\"[^\"]*\"|[^\s\"]*)")
_PIECE = re.compile(r"\s*(?:\"[^\"]*\"|[^\s()]*)")
_BEFORE_COLON = re.compile(r"[^\s()\"|,]+$")
_CASE = re.compile(r"\s*\"?(CM\d{2}-\d{5,9})\b", re.IGNORECASE)
_WORD = re.compile(r"\s*\"?(\w+)")
_BARE_RUN = re.compile(r"[^\s()\"|:]+(?:\s+[^\s()\"|:]+)*\s*$")
_CASES = re.compile(r"\s*,?\s*(CM\d{2}-\d{5,9})\b", re.IGNORECASE)
_NON_SPACE = re.compile(r"\S*$")
_SQUARE_END = re.compile(r"[\]})]|$")


def open_quote(text: str, at: int) -> QueryError:
    """E102. The quotation may have been meant to end before the next field or report, else at the end."""
    head, rest = text[: at + 1], text[at + 1 :]
    cuts = [cut for cut in _CLAUSE.finditer(rest) if cut["name"] is None or field_called(cut["name"])]
    closed = f'{head}{rest[: cuts[0].start()]}"{rest[cuts[0].start() :]}' if cuts else f'{head}{rest.rstrip()}"'
    run = None if rest.strip() else _BARE_RUN.search(text[:at])  # it closes what was never opened
    opened = [] if run is None else [f'{text[: run.start()]}"{run[0].strip()}"']
    return fault("E102", "this quotation mark is never closed", text, at, None, *opened, closed)


def open_bracket(text: str, at: int, depth: int) -> QueryError:
    return fault("E103", "this ( is never closed", text, at, at + 1, text + ")" * depth)


def stray_bracket(text: str, at: int) -> QueryError:
    return fault("E104", "this ) closes nothing", text, at, None, replaced(text, at, at + 1, ""))


def empty(text: str, start: int, end: int, what: str = "brackets") -> QueryError:
    without = replaced(text, start, end, "")
    return fault("E105", f"there is nothing inside these {what}", text, start, end, without)


def distance(text: str, start: int, end: int, words: int) -> QueryError:
    """E116 for `"a b"~N`."""
    problem = (
        "a distance follows a phrase of two words or more" if words < 2 else "a distance in order is 1 to 50 words"
    )
    return fault("E116", problem, text, start, end, replaced(text, start, end, "" if words < 2 else "~50"))


def boost(text: str, start: int, end: int) -> QueryError:
    return fault("E120", "^ takes a number from 0.01 to 100", text, start, end, replaced(text, start, end, "^2"))


def edits(text: str, start: int, end: int, joined: bool, better: str = "~2") -> QueryError:
    problem = "~ follows a single whole word" if joined else "~ takes 1 or 2"
    return fault("E120", problem, text, start, end, replaced(text, start, end, "" if joined else better))


def apart(text: str, start: int, end: int, number: str) -> QueryError:
    """E120 for a number that stands apart from its ~ or ^: `norco~ 2`."""
    mark = text[start]
    what = "spelling tolerance or distance" if mark == "~" else "weight"
    message = f"{mark} sets a {what}: write its number right after it"
    return fault("E120", message, text, start, end, replaced(text, start, end, mark + number))


def tilde(text: str, start: int, end: int, key: str) -> QueryError:
    """E120 for `treatment~acupuncture`."""
    message = f"~ follows a word; a field's value follows a colon: {key}:"
    return fault("E120", message, text, start, end, replaced(text, start, end, f"{key}:"))


def range_elsewhere(text: str, start: int, end: int, named: str) -> QueryError:
    """E118 for a range in a field that has no order, or in none."""
    where = f", and {named} is not one" if named else ": qty, age, decided, page ..."
    return fault("E118", "a range needs a field of numbers or dates" + where, text, start, end)


def square(text: str, at: int) -> QueryError:
    """E132 for what begins as [a TO b] and is none."""
    close = _SQUARE_END.search(text, at)
    assert close is not None
    end = min(close.end(), len(text))
    inner = text[at + 1 : close.start()]
    parts = inner.split("-") if re.fullmatch(r"\s*\d+-\d+\s*", inner) else re.split(r"[\s,;]+", inner)
    ends = [part.strip() for part in parts if part.strip() and part.lower() != "to"]
    better = replaced(text, at, end, f"[{ends[0]} TO {ends[-1]}]") if len(ends) == 2 else ""
    return fault("E132", "a range in brackets is written [low TO high]: TO is missing", text, at, end, better)


def loose_alias(text: str, at: int, name: str, end: int) -> QueryError:
    """E107 for `t: word`: an alias of one letter may be a letter of the text."""
    tight = text[:at] + f"{name}:" + text[end:].lstrip()
    return fault(
        "E107",
        f"{name}: needs its value right after it, without a space",
        text,
        at,
        end,
        tight,
        _as_text(text, at, end),
    )


def field_inside(text: str, at: int, outer: str, end: int) -> QueryError:
    """E128; the inner clause is offered behind the bracket."""
    value = _PIECE.match(text, end)
    assert value is not None
    piece, close = text[at : value.end()], text.find(")", value.end())
    rest = text[value.end() :]
    if close >= 0:
        rest = f"{text[value.end() : close + 1]} {piece}{text[close + 1 :]}"
    moved = text[:at].rstrip() + rest
    return fault("E128", f"a field cannot be used inside the brackets of another ({outer})", text, at, end, moved)


def colon(text: str, at: int) -> QueryError:
    """E107 for a word with a colon that names no field, E129 for a colon behind anything else."""
    before = _BEFORE_COLON.search(text[:at])
    if text.startswith("://", at) or before is None:
        run = _NON_SPACE.search(text[:at])
        assert run is not None
        return _odd_colon(text, run.start(), at)
    name = before[0].lstrip("-")
    start = at - len(name)
    if not re.fullmatch(r"[^\W\d]\w*", name):
        return _odd_colon(text, start, at)
    if _CASE.match(text, at + 1):
        tries = (f"case:{','.join(_listed_cases(text, at + 1))}", _as_text(text, start, at + 1))
        return fault("E107", f"no field is called {name}", text, start, at, *tries)
    if name.lower() in first_words.listed("fields", "elsewhere"):
        run = _RUN.match(text, at + 1)
        assert run is not None
        message = f"{name}: narrows what letters do not have: leave it out"
        return fault(
            "E107", message, text, start, at, replaced(text, start, run.end(), ""), _as_text(text, start, at + 1)
        )
    if absent := first_words.absent(name):
        return fault("E107", absent, text, start, at, _as_text(text, start, at + 1))
    if not _decides(text, at + 1) and (meant := field_meant(name)):
        field, _, sign = meant.partition(":")
        value = text[at + 1 :].lstrip() if sign else text[at + 1 :]
        better = [f"{text[:start]}{field}:{sign}{value}"]
        return fault(
            "E107", f"no field is called {name}; it is {meant}", text, start, at, *better, _as_text(text, start, at + 1)
        )
    names = ["outcome"] if _decides(text, at + 1) else nearest(name, field_names())
    better = [replaced(text, start, at, near) for near in names[:1]]
    message = f"no field is called {name}" + (f"; did you mean {listed(names)}?" if names else "")
    return fault("E107", message, text, start, at, *better, _as_text(text, start, at + 1))


def _listed_cases(text: str, at: int) -> list[str]:
    """The numbers of cases that stand one behind the other from `at` on."""
    found: list[str] = []
    while match := _CASES.match(text, at) or (None if found else _CASE.match(text, at)):
        found.append(match[1].upper())
        at = match.end()
    return found


def _decides(text: str, at: int) -> bool:
    """Is what stands behind the colon a way to decide? Then no other field was meant, whatever its name."""
    word = _WORD.match(text, at)
    row = table()["outcome"]
    return word is not None and word[1].lower() in (*row.values, *row.synonyms)


def _odd_colon(text: str, start: int, at: int) -> QueryError:
    if (double := re.search(r"(\w+)\s*:\s*$", text[:at])) and field_called(double[1]):
        once = replaced(text, at, at + 1, "")
        return fault("E129", "one colon follows a field", text, at, at + 1, once)
    if glued := re.match(r"[\w:=\".*-]*&(?=[^\W\d]\w*$)", text[start:at]):
        apart = replaced(text, start + glued.end() - 1, start + glued.end(), " ")
        return fault("E129", "write a space between two clauses", text, start + glued.end() - 1, at, apart)
    message = "a colon here is neither a field's nor between digits"
    return fault("E129", message, text, at, at + 1, _as_text(text, start, at))


def _as_text(text: str, start: int, end: int) -> str:
    """The query with the run from `start` on, past `end`, in quotation marks."""
    run = _RUN.match(text, end)
    assert run is not None
    return replaced(text, start, run.end(), quoted(text[start : run.end()].rstrip(")")))


def bar_in_brackets(text: str, at: int) -> QueryError:
    message = '| starts a report and cannot be used inside brackets; "or" joins words'
    return fault("E125", message, text, at, None, replaced(text, at, at + 1, " OR "))


def double_bar(text: str, at: int) -> QueryError:
    return fault("E125", "|| means OR; a report follows a single |", text, at, at + 2, replaced(text, at, at + 2, "|"))


def plus(text: str, at: int) -> QueryError:
    message = "+ is not needed: every word must be found unless you write OR"
    return fault("E133", message, text, at, None, replaced(text, at, at + 1, ""))


def lone_minus(text: str, at: int) -> QueryError:
    tight = text[:at] + "-" + text[at + 1 :].lstrip(" -")
    case = re.search(r"(?i)\b(?:CM|IMR)\d{2}\s*$", text[:at])
    if case and re.match(r"-\s*\d{5,9}\b", text[at:]):  # CM16 - 0230651
        tight = text[:at].rstrip() + tight[at:]
    level = re.search(r"(?i)\b[ltcs]\d{1,2}\s+$", text[:at])
    if level and re.match(r"(?i)-\s*[ltcs]?\d{1,2}\b", text[at:]):  # L4 - L5
        tight = text[: level.start()] + level[0].rstrip() + tight[at:]
    message = "a lone - does nothing: write it right before the word to exclude"
    return fault("E130", message, text, at, None, tight, replaced(text, at, at + 1, " "))


def bang(text: str, at: int, end: int) -> QueryError:
    """E126 for `!word`, the word ending at `end`, and for a ! that stands apart (at + 1)."""
    word = text[at + 1 : end].strip("!*")
    before, behind = text[:at], text[at + 1 :].lstrip("! ")
    news = [f"{before}{word}!{text[end:]}"] if word else []
    if behind.strip(" )"):
        news.insert(0, f"{re.sub(r' *&+ *$', ' ', before)}-{behind}")
    else:
        news.append(before.rstrip() + "!" + behind)
    return fault("E126", "! goes after a word (any ending); to exclude, write - or NOT", text, at, None, *news)


_JOINING = {"AND": "AND", "OR": "OR", "BUTNOT": "AND NOT", "NOT": "NOT", "MINUS": "-"}
_OPENING = ("LPAR", "")
_STAGE = (*(row.token for row in stages.STAGES), *(word.upper() for word in stages.WORDS), "PART", "NAME", "NUMBER")
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
    **{word.upper(): word for word in stages.WORDS},
    "PART": f"{', '.join(stages.PARTS[:-1])} or {stages.PARTS[-1]}",
    "NAME": "a field's name",
    "NUMBER": "a whole number",
    "COMMA": ",",
}
"""The terminals that an "expected" list may name, in words."""


def unexpected(problem: UnexpectedToken, tokens: Sequence[Token], text: str) -> QueryError:
    """The coded error for the token that could not stand, with what may stand there."""
    token = problem.token
    index = next((k for k, held in enumerate(tokens) if held is token), len(tokens))
    before = tokens[index - 1] if index else Token("", 0, 0)
    error = _error(problem, before, tokens, text)
    error.expected = tuple(words for kind, words in NAMES.items() if kind in problem.expected)[:7]
    return error


def _error(problem: UnexpectedToken, before: Token, tokens: Sequence[Token], text: str) -> QueryError:
    token = problem.token
    if before.kind in (*_STAGE, "PIPE") or (before.kind in ("COMMA", "MINUS") and _staged(before, tokens)):
        return _in_stage(problem, before, tokens, text)
    if before.kind in ("FIELD", "RELATION", "LETTER"):
        return _no_value(token, before, tokens, text)
    if before.kind == "LINK" or token.kind == "LINK":
        link = before if before.kind == "LINK" else token
        loose = replaced(text, link.start, link.end, "")
        return fault(
            "E113", f"{text[link.start : link.end]} needs words on both sides", text, link.start, link.end, loose
        )
    if token.kind == "PIPE" and before.kind in _OPENING:
        return fault(
            "E101", "nothing to search for before |: * finds every item", text, token.start, token.end, "* " + text
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


def _stage(token: Token, tokens: Sequence[Token]) -> tuple[stages.StageRow, Token] | None:
    """The stage that the token stands in or is, and its name's token; None in a query."""
    for held in reversed(tokens):
        if held.start <= token.start and held.kind in _STAGE and (row := stages.named(str(held.value))):
            return row, held
    return None


def _staged(token: Token, tokens: Sequence[Token]) -> bool:
    """Does the token stand in a stage, and not in the query that one takes?"""
    found = _stage(token, tokens)
    return found is not None and not found[0].takes_query


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
            f'{name} needs a word, a "phrase" or ( ) after it; write the exclusion before the field',
            text,
            named.start,
            named.end,
            negated,
        )
    without = replaced(text, named.start, before.end, "")
    return fault("E106", f'{name} needs a word, a "phrase" or ( ) after it', text, named.start, before.end, without)


def _in_stage(problem: UnexpectedToken, before: Token, tokens: Sequence[Token], text: str) -> QueryError:
    """What is missing or too much in a report: a field's name (E124), a number (E109), or the report itself (E123)."""
    token, expected = problem.token, problem.expected
    at_end = token.kind in (END, "PIPE")
    start, end = (before.start, before.end) if at_end else (token.start, token.end)
    said = text[before.start : before.end].strip()
    shorter = text[: before.start].rstrip(" ,-|")
    found = _stage(before, tokens)
    if before.kind == "PIPE" or found is None:
        message = f"| needs a report after it: {listed(stages.REPORTS, 6)}"
        return fault("E123", message, text, start, end, text[: before.start].rstrip())
    row, name = found
    if before is name and row.takes_query:
        return fault(
            "E123", f"{row.name} needs a query after it: * | {row.example}", text, before.start, before.end, shorter
        )
    if "PIPE" not in expected and "NAME" not in expected:
        if "NUMBER" in expected:
            longer = text[: before.end] + " 10" + text[before.end :]
            return fault("E109", f"{said} takes a whole number", text, start, end, longer)
        words = " and ".join(NAMES[kind] for kind in NAMES if kind in expected)
        longer = f"{text[: before.end]} by category{text[before.end :]}"
        return fault(
            "E124", f"{said} needs {words} and the name of a field after it", text, start, end, longer, shorter
        )
    if "PIPE" not in expected:
        said = text[name.start : before.end] if before.kind == "NUMBER" else said
        longer = text[: before.end] + " category" + text[before.end :] if before.kind == "NUMBER" else shorter
        return fault("E124", f"{said} needs the name of a field after it", text, start, end, longer)
    typed = text[token.start : token.end]
    kept = text[: token.start].rstrip()
    better = [f"{kept} by {text[token.start :]}", f"{kept}, {text[token.start :]}", kept]
    code = "E124" if token.kind == "NAME" else "E123"
    return fault(code, f"{typed} cannot follow {said} here", text, token.start, token.end, *better)
