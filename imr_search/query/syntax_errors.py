"""What is wrong with signs and where they stand: the errors that the lexer raises, each with what to type instead."""

from __future__ import annotations

import re

from imr_search.errors import QueryError
from imr_search.fields import table
from imr_search.query.faults import fault, listed, nearest, quoted, replaced
from imr_search.query.tokens import field_called, field_names

_CLAUSE = re.compile(r"\s+(?:-?(?P<name>\w+):|\||and\b|or\b)", re.IGNORECASE)
_RUN = re.compile(r"\s*(?:\"[^\"]*\"|[^\s\"]*)")
_PIECE = re.compile(r"\s*(?:\"[^\"]*\"|[^\s()]*)")
_BEFORE_COLON = re.compile(r"[^\s()\"|,]+$")
_CASE = re.compile(r"\s*\"?(CM\d{2}-\d{5,9})\b", re.IGNORECASE)
_WORD = re.compile(r"\s*\"?(\w+)")
_NON_SPACE = re.compile(r"\S*$")
_SQUARE_END = re.compile(r"[\]})]|$")


def open_quote(text: str, at: int) -> QueryError:
    """E102. The quotation may have been meant to end before the next field or report, else at the end."""
    head, rest = text[: at + 1], text[at + 1 :]
    cuts = [cut for cut in _CLAUSE.finditer(rest) if cut["name"] is None or field_called(cut["name"])]
    closed = f'{head}{rest[: cuts[0].start()]}"{rest[cuts[0].start() :]}' if cuts else f'{head}{rest.rstrip()}"'
    return fault("E102", "this quotation mark is never closed", text, at, None, closed)


def open_bracket(text: str, at: int, depth: int) -> QueryError:
    return fault("E103", "this ( is never closed", text, at, at + 1, text + ")" * depth)


def stray_bracket(text: str, at: int) -> QueryError:
    return fault("E104", "this ) closes nothing", text, at, None, replaced(text, at, at + 1, ""))


def empty(text: str, start: int, end: int, what: str = "brackets") -> QueryError:
    without = replaced(text, start, end, "")
    return fault("E105", f"there is nothing inside these {what}", text, start, end, without)


def distance(text: str, start: int, end: int, words: int) -> QueryError:
    """E116 for `"a b"~N`."""
    problem = "a distance goes after two words or more" if words < 2 else "the distance in order is 1 to 50 words"
    return fault("E116", problem, text, start, end, replaced(text, start, end, "" if words < 2 else "~50"))


def boost(text: str, start: int, end: int) -> QueryError:
    return fault("E120", "^ takes a number from 0.01 to 100", text, start, end, replaced(text, start, end, "^2"))


def edits(text: str, start: int, end: int, joined: bool, better: str = "~2") -> QueryError:
    problem = "~ goes after a single whole word" if joined else "~ takes 1 or 2"
    return fault("E120", problem, text, start, end, replaced(text, start, end, "" if joined else better))


def range_elsewhere(text: str, start: int, end: int, named: str) -> QueryError:
    """E118 for a range in a field that has no order, or in none."""
    where = f", and {named} is none" if named else ": qty, age, decided, page ..."
    return fault("E118", "a range needs a field of numbers or dates" + where, text, start, end)


def square(text: str, at: int) -> QueryError:
    """E132 for what begins as [a TO b] and is none."""
    close = _SQUARE_END.search(text, at)
    assert close is not None
    end = min(close.end(), len(text))
    parts = re.split(r"[\s,;]+", text[at + 1 : close.start()])
    ends = [part for part in parts if part and part.lower() != "to"]
    better = replaced(text, at, end, f"[{ends[0]} TO {ends[-1]}]") if len(ends) == 2 else ""
    return fault("E132", "a range in brackets is written [low TO high]: TO is missing", text, at, end, better)


def loose_alias(text: str, at: int, name: str, end: int) -> QueryError:
    """E107 for `t: word`: an alias of one letter may be a letter of the text."""
    tight = text[:at] + f"{name}:" + text[end:].lstrip()
    return fault("E107", f"{name}: binds only without a space", text, at, end, tight, _as_text(text, at, end))


def field_inside(text: str, at: int, outer: str, end: int) -> QueryError:
    """E128; the inner clause is offered behind the bracket."""
    value = _PIECE.match(text, end)
    assert value is not None
    piece, close = text[at : value.end()], text.find(")", value.end())
    rest = text[value.end() :]
    if close >= 0:
        rest = f"{text[value.end() : close + 1]} {piece}{text[close + 1 :]}"
    moved = text[:at].rstrip() + rest
    return fault("E128", f"a field inside the brackets of another ({outer})", text, at, end, moved)


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
    if case := _CASE.match(text, at + 1):
        tries = (f"case:{case[1].upper()}", _as_text(text, start, at + 1))
        return fault("E107", f"no field is called {name}", text, start, at, *tries)
    names = ["outcome"] if _decides(text, at + 1) else nearest(name, field_names())
    better = [replaced(text, start, at, near) for near in names[:1]]
    message = f"no field is called {name}" + (f"; nearest: {listed(names)}" if names else "")
    return fault("E107", message, text, start, at, *better, _as_text(text, start, at + 1))


def _decides(text: str, at: int) -> bool:
    """Is what stands behind the colon a way to decide? Then no other field was meant, whatever its name."""
    word = _WORD.match(text, at)
    row = table()["outcome"]
    return word is not None and word[1].lower() in (*row.values, *row.synonyms)


def _odd_colon(text: str, start: int, at: int) -> QueryError:
    message = "a colon here is neither a field's nor between digits"
    return fault("E129", message, text, at, at + 1, _as_text(text, start, at))


def _as_text(text: str, start: int, end: int) -> str:
    """The query with the run from `start` on, past `end`, in quotation marks."""
    run = _RUN.match(text, end)
    assert run is not None
    return replaced(text, start, run.end(), quoted(text[start : run.end()].rstrip(")")))


def bar_in_brackets(text: str, at: int) -> QueryError:
    message = '| starts a report and cannot stand in brackets; "or" joins words'
    return fault("E125", message, text, at, None, replaced(text, at, at + 1, " OR "))


def plus(text: str, at: int) -> QueryError:
    message = "+ is not needed: every word must be found unless you write OR"
    return fault("E133", message, text, at, None, replaced(text, at, at + 1, ""))


def lone_minus(text: str, at: int) -> QueryError:
    tight = text[:at] + "-" + text[at + 1 :].lstrip(" -")
    message = "a lone - does nothing: write it against the word that it excludes"
    return fault("E130", message, text, at, None, tight, replaced(text, at, at + 1, " "))


def bang(text: str, at: int, end: int) -> QueryError:
    """E126 for `!word`, the word ending at `end`, and for a ! that stands apart (at + 1)."""
    word = text[at + 1 : end].strip("!*")
    before, behind = text[:at], text[at + 1 :].lstrip("! ")
    news = [f"{before}{word}!{text[end:]}"] if word else []
    if behind.strip(" )"):
        news.append(f"{re.sub(r'&+ *$', '', before)}-{behind}")
    else:
        news.append(before.rstrip() + "!" + behind)
    return fault("E126", "! goes after a word (any ending); to exclude, write - or NOT", text, at, None, *news)
