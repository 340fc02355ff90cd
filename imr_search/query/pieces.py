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
_ON_OR = re.compile(r"\bon or (after|before)\b", re.IGNORECASE)
_SHARE = re.compile(
    r"(?<=[a-z])\s+%\s*$|(?<=overturn)\s+%|(?<=overturned)\s+%|(?<=upheld)\s+%|(?<=denied)\s+%", re.IGNORECASE
)
_PLUS = re.compile(r"(?<=\w)\s\+\s(?=\w)")
_CASE_APART = re.compile(r"\b((?:cm|imr)\d{2})\s*-\s*(?=\d{5,9}\b)", re.IGNORECASE)
_LABEL = re.compile(r"\b([^\W\d]\w*):(?=\s)")
_BOUNDS = {">": "more than", "<": "less than", ">=": "at least", "<=": "at most"}
_DATED = {">": "after", "<": "before", ">=": "since", "<=": "until"}
_DATE = re.compile(r"\d{4}-\d|\d{1,2}/\d{1,2}/\d|(?:19|20)\d\d(?!\d)")
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
    apart: int = 0  # how many parts stand before what divides the two that are compared
    rows: list[str] = msgspec.field(default_factory=list)  # what is done to the items first: "sort -decided", "limit 5"


Part = Clause | str  # a clause, or OR ( ) -( and a comma


def pieces(text: str) -> tuple[list[Piece], str]:
    """The pieces of a query, and its reports as typed. What is refused is read as its first correction says, as far as that goes."""
    plain, _ = clean(text)
    if len(plain.split()) > 2:
        plain = plain.rstrip("? ")  # a question, and no wildcard
    plain = _PLUS.sub(" and ", _SHARE.sub(" percent", plain))
    plain = _CASE_APART.sub(r"\1-", plain)
    plain = _LABEL.sub(_labelled, _APART.sub(" to ", _OLDER.sub("and ", _ON_OR.sub(_on_or, plain))))
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


def _on_or(match: re.Match[str]) -> str:
    """`on or after` as a word that says it, for "or" joins."""
    return "since" if match[1].lower() == "after" else "until"


def _labelled(match: re.Match[str]) -> str:
    """A label that names no field ("Names: tramadol") as a word."""
    return match[0] if field_called(match[1]) else f"{match[1]} "


def _bound(match: re.Match[str]) -> str:
    """`PT > 12 visits` as `PT more than 12 visits`; behind a field, or in its brackets, a sign stays a sign."""
    before, space, sign = match.groups()
    if before.endswith((":", "(")) or ((name := re.search(r"\w+$", before)) and field_called(name[0])):
        return match[0]
    words = _DATED if _DATE.match(match.string, match.end()) else _BOUNDS
    return f"{before}{space or ' '}{words[_SAME.get(sign, sign)]} "


def _grouped(tokens: Sequence[Token], text: str) -> tuple[list[Piece], str]:
    pieces: list[Piece] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = at + 1
        made = len(pieces)
        if token.kind == "PIPE":
            return pieces, " " + text[token.start :].strip()
        if (chain := _chain_end(tokens, at)) or token.kind in ("FIELD", "LETTER", "FUNCTION"):
            end = chain or _operand_end(tokens, at)
            pieces.append(Piece("fixed", text[token.start : tokens[end - 1].end]))
        else:
            pieces += _piece(token, text[token.start : token.end])
        if at and len(pieces) > made and "," in text[tokens[at - 1].end : token.start]:
            pieces[made] = msgspec.structs.replace(pieces[made], comma=True)
        at = end
    return pieces, ""


def _piece(token: Token, typed: str) -> list[Piece]:
    """The piece that a single token is, if it is one."""
    match token.kind:
        case "WORD" if (
            token.value.fuzzy or token.value.boost is not None or any(mark in token.value.text for mark in "*?!")
        ):
            return [Piece("fixed", typed)]
        case "WORD":
            return [Piece("word", token.value.text)]
        case "OR":
            return [Piece("OR", "OR")]
        case "NOT" | "MINUS" | "BUTNOT":
            return [Piece("NOT", "-")]
        case "LPAR" | "RPAR":
            return [Piece(typed, typed)]
        case "AND" if typed.lower() == "and" or typed == "&":
            return [Piece("word", "and")] if typed != "AND" else []  # it may stand in a name, or between two dates
        case "AND" | "COMMA" | "LINK" | "RELATION":
            return []
    return [Piece("fixed", typed)]


_VALUED = ("FIELD", "LETTER", "FUNCTION", "RELATION")


def _operand_end(tokens: Sequence[Token], at: int) -> int:
    """Where the operand ends that begins at `at`: a word, a bracket, a field with its value or list of values, a function with its bracket."""
    end = at
    while end < len(tokens) and tokens[end].kind in _VALUED:
        end += 1
    if end < len(tokens) and tokens[end].kind == "LPAR":
        depth = 0
        while end < len(tokens):
            depth += {"LPAR": 1, "RPAR": -1}.get(tokens[end].kind, 0)
            end += 1
            if depth == 0:
                break
    else:
        end += 1
    while tokens[at].kind in _VALUED and end + 1 < len(tokens) and tokens[end].kind == "COMMA":
        end += 2
    return min(end, len(tokens))


def _chain_end(tokens: Sequence[Token], at: int) -> int:
    """Where the chain of connectors ends whose first operand begins at `at`; 0 where no connector follows that operand."""
    if tokens[at].kind not in (*_VALUED, "WORD", "PHRASE", "LPAR"):
        return 0
    first = end = _operand_end(tokens, at)
    while end + 1 < len(tokens) and tokens[end].kind == "LINK":
        end = _operand_end(tokens, end + 1)
    return end if end > first else 0
