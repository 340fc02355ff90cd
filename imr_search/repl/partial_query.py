"""A query while it is typed: the lexer's tokens as far as they can be read, what is wrong in it, and whether it may still become right."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from imr_search.errors import QueryError
from imr_search.query import tokens
from imr_search.query.lexer import Lexer
from imr_search.query.tokens import Token

_MOST_FAULTS = 20
_OPEN_ENDS = frozenset(("AND", "OR", "NOT", "BUTNOT", "LINK", "PIPE", "COMMA"))
_NEVER_CLOSED = ("E102", "E103")
# Errors of a query that ends too early: what would mend it can still be typed.
_TOO_SHORT = ("E101", "E106", "E109", "E111", "E113", "E123", "E124")


class Partial(msgspec.Struct, frozen=True):
    """`tokens` in their order; `fields` holds the key of the field that each belongs to, or ""; `faults` are places that no token could be made
    of, as [start, end); `opened` are brackets without their fellow; `quote` is where a quotation mark stands open, or None."""

    tokens: tuple[Token, ...] = ()
    fields: tuple[str, ...] = ()
    faults: tuple[tuple[int, int], ...] = ()
    opened: tuple[int, ...] = ()
    quote: int | None = None


@lru_cache(maxsize=16)
def read_partial(text: str) -> Partial:
    """Never raises: what cannot be read is passed over, and the reading goes on behind it."""
    plain, _ = tokens.clean(text)
    if len(plain) > tokens.LONGEST:
        return Partial()
    lexer = Lexer(plain)
    faults: list[tuple[int, int]] = []
    quote = None
    while len(faults) < _MOST_FAULTS:
        try:
            lexer.walk()
            break
        except QueryError as problem:
            if problem.code == "E102":
                quote = problem.start
                faults.append((problem.start, problem.start + 1))
                break
            faults.append((problem.start, problem.end))
            lexer.at = max(lexer.at + 1, problem.end)
    return Partial(
        tuple(lexer.tokens), _fields(lexer.tokens), tuple(faults), tuple(at for at, _ in lexer.opened), quote
    )


def _fields(held: list[Token]) -> tuple[str, ...]:
    """field:a,b and field:(a or b): each value belongs to the field before it."""
    found: list[str] = []
    stack: list[str] = []
    near = listed = ""  # the field right before; and the one whose list may go on behind a comma
    for token in held:
        inside = stack[-1] if stack else ""
        found.append(near or inside)
        match token.kind:
            case "FIELD":
                near = listed = str(token.value)
                continue
            case "RELATION":
                continue
            case "LPAR":
                stack.append(near or inside)
            case "RPAR" if stack:
                stack.pop()
            case "COMMA":
                near = listed
                continue
            case "WORD" | "PHRASE" | "RANGE" | "STAR":
                listed = near or listed
            case _:
                listed = ""
        near = ""
    return tuple(found)


def incomplete(text: str) -> bool:
    """Does a bracket or quotation mark still stand open, or an operator wait for its other side? Then Enter opens a new line."""
    if text.lstrip().startswith("."):
        return False
    found = read_partial(text)
    if found.quote is not None or found.opened:
        return True
    last = found.tokens[-1] if found.tokens else None
    return last is not None and last.kind in _OPEN_ENDS and not text[last.end :].strip()


def may_become_right(problem: QueryError, text: str) -> bool:
    """Could more typing at the end mend it? Nobody needs to hear of an error in a word that is not yet typed to its end."""
    if problem.code in _NEVER_CLOSED or problem.end >= len(text):
        return True
    return problem.code in _TOO_SHORT and problem.end >= len(text.rstrip())


def word_at_end(text: str) -> int:
    """Where the word begins that the end of `text` stands in; its length behind a space, a sign or a field's colon."""
    found = read_partial(text)
    if found.quote is not None:
        return text.rfind(" ") + 1 if " " in text[found.quote :] else found.quote + 1
    if found.faults and found.faults[-1][1] == len(text):
        return max(found.faults[-1][0], text.rfind(" ") + 1)
    last = found.tokens[-1] if found.tokens else None
    if (
        last is not None
        and last.end == len(text)
        and last.kind not in ("FIELD", "LPAR", "RPAR", "COMMA", "PIPE", "PHRASE")
    ):
        return last.start
    return len(text)
