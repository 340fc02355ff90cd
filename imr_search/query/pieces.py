"""The words of a query as the reading in fields walks over them: bare words one by one, and what stays as it was typed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from imr_search.errors import QueryError
from imr_search.fields import table
from imr_search.query import first_words
from imr_search.query.lexer import Lexer
from imr_search.query.tokens import Token, clean, field_called

_SEGMENT = re.compile(r"\b([^\W\d]\w*)\(([^()]*)\)")
_COMPARED = re.compile(r"(\S*)(\s*)(>=|<=|=>|=<|[<>≥≤])\s*(?=#?\d)")
_APART = re.compile(r"(?<=\w)\s+-\s+(?=\w)")
_OLDER = re.compile(r"\bor (?=(?:older|over|more|above|greater|younger|under|less|fewer|below)\b)", re.IGNORECASE)
_LABEL = re.compile(r"\b([^\W\d]\w*):(?=\s)")
_BOUNDS = {">": "more than", "<": "less than", ">=": "at least", "<=": "at most"}
_SAME = {"=>": ">=", "=<": "<=", "≥": ">=", "≤": "<="}


class Piece(msgspec.Struct, frozen=True):
    """A bare word, an operator, or what stays as it was typed."""

    kind: str  # word, fixed, OR, NOT, (, )
    text: str
    comma: bool = False  # one stands before it


class Clause(msgspec.Struct, frozen=True):
    """A part of the reading: `field:value`, or words (field "")."""

    field: str
    value: str
    excluded: bool = False

    def __str__(self) -> str:
        sign = "-" if self.excluded else ""
        return f"{sign}{self.field}:{self.value}" if self.field else f"{sign}{self.value}"


class Report(msgspec.Struct):
    """The report that the words ask for."""

    kind: str = ""
    by: list[str] = msgspec.field(default_factory=list)
    part: str = ""
    n: int = 10
    versus: bool = False


Part = Clause | str  # a clause, or OR ( ) -( and a comma


def pieces(text: str) -> tuple[list[Piece], str]:
    """The pieces of a query, and its reports as typed. What is refused is read as its first correction says, as far as that goes."""
    plain, _ = clean(text)
    if len(plain.split()) > 2:
        plain = plain.rstrip("? ")  # a question, and no wildcard
    plain = _LABEL.sub(_labelled, _APART.sub(" to ", _OLDER.sub("and ", plain)))
    plain = _COMPARED.sub(_bound, _SEGMENT.sub(_segment, plain))
    for _ in range(6):
        lexer = Lexer(plain, lenient=True)
        try:
            lexer.lex()
        except QueryError as error:
            better = next((one.query for one in error.corrections if one.query != plain), None)
            plain = better if better is not None else re.sub(r"[^\w\s#/.'-]+", " ", plain)
            continue
        return _grouped(lexer.tokens, plain)
    words = re.findall(r"[\w#/.'-]*\w", text)
    return [Piece("word", word) for word in words], ""


def _segment(match: re.Match[str]) -> str:
    """`date(aft 1/1/2017)` as its words; a segment that is a field is left to the lexer."""
    return f"{match[1]} {match[2]}" if table().get(match[1]) is None and first_words.field_meant(match[1]) else match[0]


def _labelled(match: re.Match[str]) -> str:
    """A label that names no field ("Names: tramadol") as a word."""
    return match[0] if field_called(match[1]) else f"{match[1]} "


def _bound(match: re.Match[str]) -> str:
    """`PT > 12 visits` as `PT more than 12 visits`; behind a field, or in its brackets, a sign stays a sign."""
    before, space, sign = match.groups()
    if before.endswith((":", "(")) or ((name := re.search(r"\w+$", before)) and field_called(name[0])):
        return match[0]
    return f"{before}{space or ' '}{_BOUNDS[_SAME.get(sign, sign)]} "


def _grouped(tokens: Sequence[Token], text: str) -> tuple[list[Piece], str]:
    pieces: list[Piece] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = at + 1
        made = len(pieces)
        match token.kind:
            case "PIPE":
                return pieces, " " + text[token.start :].strip()
            case "FIELD" | "LETTER" | "FUNCTION":
                end = _value_end(tokens, at)
                pieces.append(Piece("fixed", text[token.start : tokens[end - 1].end]))
            case "WORD" if end + 1 < len(tokens) and tokens[end].kind == "LINK":
                end = _chain_end(tokens, at)
                pieces.append(Piece("fixed", text[token.start : tokens[end - 1].end]))
            case "WORD" if (
                token.value.fuzzy or token.value.boost is not None or any(m in token.value.text for m in "*?!")
            ):
                pieces.append(Piece("fixed", text[token.start : token.end]))
            case "WORD":
                pieces.append(Piece("word", token.value.text))
            case "OR":
                pieces.append(Piece("OR", "OR"))
            case "NOT" | "MINUS" | "BUTNOT":
                pieces.append(Piece("NOT", "-"))
            case "LPAR":
                pieces.append(Piece("(", "("))
            case "RPAR":
                pieces.append(Piece(")", ")"))
            case "AND" if text[token.start : token.end].lower() == "and":
                pieces.append(Piece("word", "and"))  # it may stand in a name, or between two dates
            case "AND" | "COMMA" | "LINK" | "RELATION":
                pass
            case _:
                pieces.append(Piece("fixed", text[token.start : token.end]))
        if at and len(pieces) > made and "," in text[tokens[at - 1].end : token.start]:
            pieces[made] = msgspec.structs.replace(pieces[made], comma=True)
        at = end
    return pieces, ""


def _value_end(tokens: Sequence[Token], at: int) -> int:
    """Where the value of the field (or the bracket of the function) at `at` ends."""
    end = at + 1
    while end < len(tokens) and tokens[end].kind in ("RELATION", "FUNCTION"):
        end += 1
    if end < len(tokens) and tokens[end].kind == "LPAR":
        depth = 0
        while end < len(tokens):
            depth += {"LPAR": 1, "RPAR": -1}.get(tokens[end].kind, 0)
            end += 1
            if depth == 0:
                break
        return end
    end += 1
    while end + 1 < len(tokens) and tokens[end].kind in ("COMMA", "LINK"):
        end += 2
    return min(end, len(tokens))


def _chain_end(tokens: Sequence[Token], at: int) -> int:
    """Where the chain of connectors that begins at `at` ends."""
    end = at + 1
    while end + 1 < len(tokens) and tokens[end].kind == "LINK":
        end = _value_end(tokens, end) if tokens[end + 1].kind == "LPAR" else end + 2
    return end
