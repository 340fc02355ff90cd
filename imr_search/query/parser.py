"""Text to tree: one reading of a query, or a refusal that says where it stops making sense and what to type instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from lark.exceptions import VisitError
from lark.visitors import Transformer_NonRecursive, v_args

from imr_search import analysis
from imr_search.errors import Correction, QueryError
from imr_search.fields import CITATION, TEXT, table
from imr_search.model import Notice
from imr_search.query import ast, grammar, operators, reports, syntax_errors, tokens
from imr_search.query.lexer import Lexer
from imr_search.query.syntax_errors import fault, listed, nearest, replaced
from imr_search.query.tokens import Token


def parse(text: str) -> ast.Query:
    """The tree of `text`. Raises QueryError with corrections that can be read, carets counted in characters of `text` as typed."""
    try:
        return read(text)
    except QueryError as error:
        error.query = text
        error.corrections = corrected(error.corrections, text)
        raise


_ERRORS = 6  # of one kind in a query, all mended in one correction


def corrected(corrections: Sequence[Correction], text: str) -> tuple[Correction, ...]:
    """Those that can be read, other than `text`; one that ends in a further error is mended too."""
    found = []
    for correction in corrections:
        query: str | None = correction.query
        for _ in range(_ERRORS):
            try:
                read(str(query))
                break
            except QueryError as error:
                query = next((better.query for better in error.corrections if better.query != query), None)
                if query is None:
                    break
        else:
            query = None
        if query is not None and query != text:
            found.append(correction if query == correction.query else Correction(query))
    return tuple(dict.fromkeys(found))


def readable(text: str) -> bool:
    """Does `text` parse?"""
    try:
        read(text)
    except QueryError:
        return False
    return True


def literal(text: str) -> ast.Query:
    """The whole of `text` as one phrase, whatever signs it holds (-F). Raises E101 if it holds no word."""
    tokens.refuse_oversize('"' + text.replace('"', " ") + '"')
    plain, _ = tokens.clean(text)
    words = " ".join(plain.replace('"', " ").split())
    if not analysis.slots(words):
        raise fault("E101", "nothing to search for", text, 0, len(text))
    return ast.Query(ast.Quoted(words, span=(0, len(text))))


def read(text: str) -> ast.Query:
    """`parse` for those who ask whether it can be read: the errors' corrections are not tried."""
    tokens.refuse_oversize(text)
    plain, changed = tokens.clean(text)
    lexer = Lexer(plain)
    read = lexer.lex()
    if not read:
        raise fault("E101", "nothing to search for", text, 0, len(text))
    _count(read, text)
    try:
        found = grammar.parse(read, len(plain))
        query = _Builder(plain, read).transform(found)
    except syntax_errors.UnexpectedToken as problem:
        raise syntax_errors.unexpected(problem, read, plain) from None
    except VisitError as problem:
        raise problem.orig_exc from None
    assert isinstance(query, ast.Query)
    return msgspec.structs.replace(query, notices=_notices(lexer, changed))


def _count(read: Sequence[Token], text: str) -> None:
    """The limit on terms once more, now that it is known which commas make a list."""
    terms = [token for before, token in zip([None, *read], read, strict=False) if _counts(before, token)]
    if len(terms) > tokens.MOST_TERMS:
        over = terms[tokens.MOST_TERMS]
        message = f"this query is too long to be read safely: it has more than {tokens.MOST_TERMS} terms"
        raise fault("E131", message, text, over.start, over.end)


def _counts(before: Token | None, token: Token) -> bool:
    return token.kind in ("WORD", "PHRASE", "RANGE", "STAR", "SAVED") and (before is None or before.kind != "COMMA")


def _notices(lexer: Lexer, changed: bool) -> tuple[Notice, ...]:
    found = []
    if changed:
        found.append(Notice("N01", "typographic quotation marks, dashes or spaces are read as plain ones"))
    if lexer.stray:
        found.append(Notice("N01", f"read as spaces: {'  '.join(dict.fromkeys(lexer.stray))}"))
    for typed, reads in dict.fromkeys(lexer.foreign):
        found.append(Notice("N32", f"{typed} is read as {reads}"))
    if lexer.inside_quotes:
        found.append(
            Notice("N23", "inside quotation marks * and ! are not wildcards; for a wildcard, write word* without them")
        )
    for token in lexer.tokens:
        if token.kind == "LINK" and operators.ordered_sentence(lexer.text, token.start, token.end):
            typed = lexer.text[token.start : token.end]
            found.append(Notice("N24", f"{typed} is read as +50: in this order, within 50 words, in one sentence"))
            break
    return tuple(found)


TIERS = ("disputed", "discussed", "mentioned")
"""What `tier:` takes, in the order of the answer."""


class _Bracketed(msgspec.Struct, frozen=True):
    """An expression in brackets of its own, so that what stands around does not flow into it."""

    inner: ast.Expression
    span: ast.Span


class _Chain(msgspec.Struct, frozen=True):
    """A chain of connectors that may still go on, and the field that one of its operands named (or "")."""

    field: str
    near: ast.Near

    @property
    def span(self) -> ast.Span:
        return self.near.span


@v_args(inline=True)
class _Builder(Transformer_NonRecursive[Token, ast.Query]):
    """What each rule of the grammar makes of its parts. (A list of values may be a thousand long, and nests as deep: no recursion.)"""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        super().__init__()
        self.text = text
        self.tokens = tokens

    # -- the whole

    def query(self, expression: Any) -> ast.Query:
        return ast.Query(_bare(expression))

    def staged(self, query: ast.Query, _: Token, parts: tuple[Any, ...]) -> ast.Query:
        stages = (*query.stages, reports.build(parts, query.stages, self.text))
        return msgspec.structs.replace(query, stages=stages)

    def either(self, left: Any, _: Token, right: Any) -> ast.Or:
        before = left.nodes if isinstance(left, ast.Or) else (_bare(left),)
        held = left.other if isinstance(left, ast.Or) else None
        mixed = isinstance(left, ast.And) or isinstance(right, ast.And) or held is not None
        found = ast.Or((*before, _bare(right)), (_span(left)[0], _span(right)[1]))
        return msgspec.structs.replace(found, other=_or_first(left, right)) if mixed else found

    def both(self, left: Any, right: Any, spaced: bool = True) -> ast.And:
        span = (_span(left)[0], _span(right)[1])
        if isinstance(left, ast.And):
            return ast.And((*left.nodes, _bare(right)), span, (*left.spaced, spaced))
        return ast.And((_bare(left), _bare(right)), span, (spaced,))

    def both_and(self, left: Any, _: Token, right: Any) -> ast.And:
        return self.both(left, right, spaced=False)

    def but_not(self, left: Any, token: Token, right: Any) -> ast.And:
        return self.both(left, self.negation(token, right), spaced=False)

    def negation(self, token: Token, part: Any) -> ast.Expression:
        inner = _bare(part)
        return inner.node if isinstance(inner, ast.Not) else ast.Not(inner, (token.start, _span(part)[1]))

    # -- connectors

    def chain(self, left: Any, token: Token, right: Any) -> _Chain:
        """One more pair. A field named on either side holds for the whole chain (E115 for two); E114 for what has no place of its own."""
        before, left_field = (left.near, left.field) if isinstance(left, _Chain) else self._operand(left, token)
        after, right_field = self._operand(right, token)
        if left_field and right_field and left_field != right_field:
            loose = replaced(self.text, token.start, token.end, "AND")
            message = f"proximity works within one field, not between {left_field} and {right_field}"
            raise fault("E115", message, self.text, token.start, token.end, loose)
        span = (_span(left)[0], _span(right)[1])
        if isinstance(left, _Chain):
            near = ast.Near((*left.near.operands, after), (*left.near.links, token.value), span)
        else:
            near = ast.Near((before, after), (token.value,), span)
        return _Chain(left_field or right_field, near)

    def _operand(self, part: Any, link: Token) -> tuple[ast.Expression, str]:
        """What stands beside a connector, and the field that it names (or "")."""
        field = ""
        inner: Any = _bare(part)
        if isinstance(inner, ast.Fielded):
            field, inner = inner.field, inner.value
            if field == "missing" or table()[field].kind not in (TEXT, CITATION):
                loose = replaced(self.text, link.start, link.end, "AND")
                message = f"proximity works only in text fields, and {field} is not one"
                raise fault("E115", message, self.text, link.start, link.end, loose)
        self._positional(inner, link)
        return inner, field

    def _positional(self, node: ast.Expression, link: Token) -> None:
        match node:
            case ast.Term(boost=None) | ast.Quoted(within=0, boost=None) | ast.Call("syn"):
                return
            case ast.Or(nodes):
                for inner in nodes:
                    self._positional(inner, link)
                return
        loose = replaced(self.text, link.start, link.end, "AND")
        message = 'only words, phrases and "or" lists of them can be joined by a connector'
        start, end = node.span if node.span != (0, 0) else (link.start, link.end)
        raise fault("E114", message, self.text, start, end, loose)

    # -- operands

    def group(self, left: Token, inner: Any, right: Token) -> _Bracketed:
        return _Bracketed(_bare(inner), (left.start, right.end))

    def saved(self, token: Token) -> ast.Saved:
        return ast.Saved(str(token.value), (token.start, token.end))

    def in_letter(self, token: Token, group: _Bracketed) -> ast.InLetter:
        match group.inner:
            case ast.Term(text) if (typed := text.upper()).startswith("CM") and any(char.isdigit() for char in typed):
                tight = replaced(self.text, token.start, group.span[1], f"letter:{text}")
                message = f"letter:( ) holds a condition on a letter's items; for its number: letter:{text}"
                raise fault("E134", message, self.text, token.start, group.span[1], tight)
        return ast.InLetter(group.inner, (token.start, group.span[1]))

    def fielded(self, token: Token, value: Any) -> ast.Fielded | ast.InTier:
        if token.value == "tier":
            return self._tier(token, _bare(value), _span(value)[1])
        return ast.Fielded(str(token.value), _bare(value), (token.start, _span(value)[1]))

    def _tier(self, token: Token, value: ast.Expression, end: int) -> ast.InTier:
        held = value.values if isinstance(value, ast.Choice) else value.nodes if isinstance(value, ast.Or) else (value,)
        names = tuple(part.text.lower() if isinstance(part, ast.Term | ast.Quoted) else "" for part in held)
        if not set(names) <= set(TIERS):
            near = nearest(names[0], TIERS, 1) or TIERS
            better = [replaced(self.text, token.start, end, f"tier:{name}") for name in near]
            raise fault("E108", f"tier is one of: {listed(TIERS)}", self.text, token.start, end, *better)
        return ast.InTier(tuple(name for name in TIERS if name in names), (token.start, end))

    def compared(self, token: Token, sign: Token, word: Token) -> ast.Fielded:
        value = ast.Comparison(str(sign.value), word.value.text, (sign.start, word.end))
        return ast.Fielded(str(token.value), value, (token.start, word.end))

    def comparison(self, sign: Token, word: Token) -> ast.Comparison:
        return ast.Comparison(str(sign.value), word.value.text, (sign.start, word.end))

    def call(self, token: Token, _: Token, text: Token, close: Token) -> ast.Call:
        inner = text.value.text
        return ast.Call(str(token.value), inner, isinstance(text.value, ast.Quoted), (token.start, close.end))

    def choice(self, left: ast.Expression, _: Token, right: ast.Expression) -> ast.Choice:
        values = left.values if isinstance(left, ast.Choice) else (left,)
        return ast.Choice((*values, right), (left.span[0], right.span[1]))  # type: ignore[arg-type]

    def word(self, token: Token) -> ast.Term:
        return token.value  # type: ignore[no-any-return]

    phrase = between = word

    def star(self, token: Token) -> ast.Everything:
        return ast.Everything((token.start, token.end))

    # -- reports

    def stage(self, *parts: Any) -> tuple[Any, ...]:
        """What it is made of: what it means depends on the stages before it."""
        return tuple(_bare(part) if isinstance(part, _Chain | _Bracketed) else part for part in parts)

    def first(self, part: Any) -> list[Any]:
        return [part]

    def more_listed(self, held: list[Any], _: Token, part: Any) -> list[Any]:
        return [*held, part]

    def by(self, *tokens: Token) -> list[Token]:
        return list(tokens)

    def ascending(self, name: Token) -> tuple[Token, bool]:
        return name, False

    def descending(self, _: Token, name: Token) -> tuple[Token, bool]:
        return name, True


def _bare(part: Any) -> Any:
    """The expression itself: out of its brackets, or as a chain that is at its end."""
    if isinstance(part, _Chain):
        return ast.Fielded(part.field, part.near, part.span) if part.field else part.near
    return part.inner if isinstance(part, _Bracketed) else part


def _span(part: Any) -> ast.Span:
    return part.span  # type: ignore[no-any-return]


def _or_first(left: Any, right: Any) -> ast.Expression:
    """`left OR right` with OR bound before AND: the last part of the one side and the first of the other belong together."""
    if isinstance(left, ast.Or) and left.other is not None:
        left = left.other
    left_parts = left.nodes if isinstance(left, ast.And) else (_bare(left),)
    right_parts = right.nodes if isinstance(right, ast.And) else (_bare(right),)
    last = left_parts[-1].nodes if isinstance(left_parts[-1], ast.Or) else (left_parts[-1],)
    parts = (*left_parts[:-1], ast.Or((*last, right_parts[0])), *right_parts[1:])
    return parts[0] if len(parts) == 1 else ast.And(parts)
