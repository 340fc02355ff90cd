"""The words and signs that join operands: AND, OR, NOT and the connectors, each in the spellings of several systems, with one meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from imr_search.errors import QueryError
from imr_search.fields import CITATION, TEXT, table
from imr_search.query.ast import Link
from imr_search.query.syntax_errors import fault, quoted, replaced
from imr_search.query.tokens import Token

_END = r"(?=[\s()\",;|<>=\[\]{}]|$)"
_BUT_NOT = re.compile(rf"(?:and|but|&&?)\s+not{_END}", re.IGNORECASE)
_JOIN = re.compile(rf"(?:(?P<OR>or{_END}|\|\|)|(?P<AND>and{_END}|&&|&(?!\w)))", re.IGNORECASE)
_NOT = re.compile(rf"'?(not){_END}", re.IGNORECASE)
_SMALL_NOT = re.compile(r"\W*(not)\b[.']*", re.IGNORECASE)
_LINK = re.compile(rf"(w/|near/|pre/|adj/|/|\+)(\d+|s|p){_END}", re.IGNORECASE)
_BARE = re.compile(
    r"\s+(?!(?:and|or|not|but)\b)([^\s()\"|,;<>=\[\]{}^~:&*?!/+-][^\s()\"|,;<>=\[\]{}^~:&*?!]*)(?=[\s)]|$)",
    re.IGNORECASE,
)
_ORDERED = ("+", "pre/", "adj/")
_FIRST = re.compile(rf"\s*([^\W\d]\w*\s*[:<>=]|[-)|,;&+!/:=<>]|(?:and|or|not|but\s+not){_END}|$)", re.IGNORECASE)


class Operator(msgspec.Struct, frozen=True):
    """`kind` is a terminal of the grammar, or "not" for a small-letter not; it ends at `end`."""

    kind: str
    end: int
    link: Link | None = None


def read(text: str, at: int) -> Operator | None:
    """The operator that begins at text[at], if one does. Raises E116 for a distance out of range."""
    if match := _BUT_NOT.match(text, at):
        return Operator("BUTNOT", match.end())
    if match := _JOIN.match(text, at):
        return Operator(str(match.lastgroup), match.end())
    if match := _NOT.match(text, at):
        return Operator("NOT" if match[0] == "NOT" else "not", match.end())
    if match := _LINK.match(text, at):
        return Operator("LINK", match.end(), _link(text, match))
    return None


def _link(text: str, match: re.Match[str]) -> Link:
    sign, size = match[1].lower(), match[2].lower()
    ordered = sign in _ORDERED
    if size == "s":
        return Link("+", 50) if ordered else Link("s")
    if size == "p":
        if ordered:
            better = [replaced(text, match.start(), match.end(), new) for new in ("+50", "/p")]
            raise fault("E116", "in order, the distance is 1 to 50 words", text, match.start(), match.end(), *better)
        return Link("p")
    most = 50 if ordered else 255
    distance = int(size) if len(size) < 6 else most + 1
    if not 1 <= distance <= most:
        nearest = f"{'+' if ordered else '/'}{min(max(distance, 1), most)}"
        better = [replaced(text, match.start(), match.end(), nearest)]
        if ordered and 50 < distance <= 255:
            better.append(replaced(text, match.start(), match.end(), f"/{distance}"))
        message = "the distance is 1 to 255 words, in order 1 to 50"
        raise fault("E116", message, text, match.start(), match.end(), *better)
    return Link("+" if ordered else "/", distance)


def ordered_sentence(text: str, start: int, end: int) -> bool:
    """Was a `+s` (this order, same sentence) written here? It is read as +50, with notice N24."""
    return text[start:end].lower().endswith("s") and text[start:end].lower().removesuffix("s") in _ORDERED


def small_not(text: str, at: int, tokens: Sequence[Token]) -> QueryError:
    """E112 with both readings: the phrase, and the exclusion."""
    match = _SMALL_NOT.match(text, at)
    assert match is not None
    end = match.end()
    while following := _BARE.match(text, end):
        end = following.end()
    phrase = replaced(text, at, end, quoted(text[at:end].strip("'")))
    named = next((token for token in tokens[-2:] if token.kind == "FIELD"), None)
    if named is not None and named is not tokens[-1] and tokens[-1].kind != "LPAR":
        named = None
    start = named.start if named is not None else at
    exclusion = text[:start] + "NOT " + text[start:at] + text[match.end() :].lstrip()
    row = table().get(str(named.value)) if named is not None else None
    if row is not None and row.kind not in (TEXT, CITATION):
        message = f"{row.key} is not a text field: to exclude a value, write NOT before the field"
        return fault("E112", message, text, at, match.end(), exclusion)
    typed = text[at:end].strip("'")
    either = f'the phrase "{typed}", or NOT {text[match.end() : end].strip()}'.rstrip()
    message = (
        f'"{match[1]}" can mean two things here: {either}'
        if end > match.end()
        else f'"{match[1]}" alone excludes nothing: write NOT and what to exclude'
    )
    return fault("E112", message, text, at, match.end(), phrase, exclusion)


def value_follows(text: str, at: int, field_called: Callable[[str], object]) -> bool:
    """Does a further value of a comma's list begin at text[at], and not a clause of its own or the end?"""
    match = _FIRST.match(text, at)
    if match is None:
        return True
    name = re.match(r"[^\W\d]\w*(?=\s*[:<>=])", match[1])
    return name is not None and field_called(name[0]) is None and name[0].lower() != "missing"
