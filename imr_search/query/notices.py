"""Notices that need counting: another reading's hits, unknown quantities, other names, decisions asked as words.

None is waited for (see planner.Counter).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from imr_search import plan
from imr_search.errors import QueryError
from imr_search.fields import CITATION, DATE, ENUM, KEYWORD, NUMBER, TEXT, Field, table
from imr_search.model import Notice
from imr_search.plan import Node
from imr_search.query import ast, first_words
from imr_search.query.compile import Clause, Compiler
from imr_search.query.first_words import other_names
from imr_search.query.known_names import LONGEST


class Count(Protocol):
    """Counts while there is time (see planner.Counter)."""

    @property
    def spent(self) -> bool: ...

    def __call__(self, node: Node) -> int | None: ...


Compile = Callable[[ast.Expression], Node | None]

_DATED = r"(?i)\d[\d/.-]*|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*"
_RUNNING = frozenset(("to", "and", "through", "or"))
_MOST = 3  # notices of one kind


def notices(
    typed: ast.Expression,
    read: ast.Expression,
    clauses: Sequence[Clause],
    node: Node,
    compiler: Compiler,
    count: Count,
    compile_typed: Compile,
) -> tuple[Notice, ...]:
    """N03, N10, N15, N22, N25 and N33 for a query that was typed as `typed`, read as `read` and compiled to `node`."""
    quiet = compiler.quiet()
    return (
        *_mixed(read, node, quiet, count),
        *_loose(typed, node, quiet, count, compile_typed),
        *_unknown(clauses, count),
        *_other_names(read, clauses, quiet, count),
        *_decisions(read, node, quiet, count),
        *_unsaid(typed, compiler),
    )


def _items(number: int | None) -> str:
    return "" if number is None else f" ({number:,} {'item' if number == 1 else 'items'})"


def _mixed(expression: ast.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N10: AND and OR without brackets, and what half the world's systems would make of it."""
    other = _otherwise(expression)
    if other is None:
        return
    alternative = _compiled(other, compiler)
    there = count(alternative) if alternative is not None else None
    here = count(node)
    yield Notice(
        "N10", f"AND is read before OR: {expression}{_items(here)}; if you meant OR first, write {other}{_items(there)}"
    )


def _otherwise(node: ast.Expression) -> ast.Expression | None:
    """The tree with every mixture read the other way, or None if it has none."""
    if isinstance(node, ast.Or) and node.other is not None:
        return node.other
    changed = {id(inner): other for inner in ast.children(node) if (other := _otherwise(inner)) is not None}
    return ast.exchanged(node, lambda inner: changed.get(id(inner), inner)) if changed else None


def _compiled(expression: ast.Expression, compiler: Compiler) -> Node | None:
    try:
        return compiler.node(expression)
    except QueryError:
        return None


# N03: a field binds one value.


def _loose(
    typed: ast.Expression, node: Node, compiler: Compiler, count: Count, compile_typed: Compile
) -> Iterator[Notice]:
    """N03: `treatment:physical therapy` looks for "therapy" anywhere, and so does `treatment:mri or ct` for "ct"."""
    for found, parts, meant, joined in _bound(typed, compiler):
        alternative = compile_typed(_swapped(typed, parts, meant))
        there = count(alternative) if alternative is not None else None
        loose = " ".join(str(part) if isinstance(part, ast.Quoted) else f'"{part}"' for part in parts[1:])
        takes = "takes the next word only" if joined == "phrase" else "takes one value"
        form = {"phrase": "the phrase", "or": "either in that field", "unit": "the number alone"}.get(
            joined, "both in that field"
        )
        yield Notice(
            "N03",
            f"{found} {takes}: {loose} {'is' if len(parts) == 2 else 'are'} searched anywhere{_items(count(node))}; "
            f"for {form} write {meant}{_items(there)}",
        )


Bound = tuple[ast.Fielded, tuple[ast.Expression, ...], ast.Expression, str]


def _bound(node: ast.Expression, compiler: Compiler) -> Iterator[Bound]:
    """Each field's bare value with the bare words right behind it, and what they may have been meant as: a phrase, or values of the same field."""
    if isinstance(node, ast.And) and len(node.spaced) == len(node.nodes) - 1:
        for k, part in enumerate(node.nodes):
            end = k + 1
            while end < len(node.nodes) and node.spaced[end - 1] and _loose_word(node.nodes[end]):
                end += 1
            if end > k + 1 and (row := _one_valued(part)) is not None:
                assert isinstance(part, ast.Fielded)
                yield from _run(part, row, node.nodes[k + 1 : end], compiler)
    if isinstance(node, ast.Or):
        for left, right in zip(node.nodes, node.nodes[1:], strict=False):
            part = left.nodes[-1] if isinstance(left, ast.And) else left
            word = right.nodes[0] if isinstance(right, ast.And) and right.spaced[:1] else right
            row = _one_valued(part) or _one_phrase(part)
            loose = _loose_word(word) or isinstance(word, ast.Quoted)
            if row is None or not loose or not isinstance(part, ast.Fielded):
                continue
            assert isinstance(word, ast.Term | ast.Quoted)
            if row.kind in (TEXT, CITATION) or _is_value(row, word.text, compiler):
                meant = ast.Fielded(part.field, ast.Or((part.value, word)), part.span)
                yield part, (part, word), meant, "or"
    for inner in ast.children(node):
        yield from _bound(inner, compiler)


def _run(part: ast.Fielded, row: Field, words: Sequence[ast.Expression], compiler: Compiler) -> Iterator[Bound]:
    """What a value and the words behind it were meant as. Words behind a text are always doubtful; behind a value only if they go on with it."""
    texts = [word.text for word in (part.value, *words) if isinstance(word, ast.Term)]
    match row.kind:
        case "text" | "citation":
            yield part, (part, *words), ast.Fielded(part.field, ast.Quoted(" ".join(texts)), part.span), "phrase"
        case "number" | "date":
            fits = _is_number if row.kind == NUMBER else _is_date
            size = next(
                (k for k, text in enumerate(texts) if k and text.lower() not in _RUNNING and not fits(text)), len(texts)
            )
            values = [text for text in texts[:size] if fits(text)]
            if len(values) == size == 1 and len(texts) > 1 and row.kind == NUMBER and _counted(row, texts[1]):
                yield part, (part, words[0]), part, "unit"
            if len(values) > 1:
                meant: ast.Expression = ast.Choice(tuple(map(ast.Term, values)))
                if len(values) == 2 and size == 3 and texts[1].lower() in ("to", "through"):
                    meant = ast.Between(values[0], values[1])
                yield part, (part, *words[: size - 1]), ast.Fielded(part.field, meant, part.span), "both"
        case _:
            for size in range(len(texts), 1, -1):
                phrase = " ".join(texts[:size])
                if _is_value(row, phrase, compiler):
                    yield (
                        part,
                        (part, *words[: size - 1]),
                        ast.Fielded(part.field, ast.Quoted(phrase), part.span),
                        "phrase",
                    )
                    break


def _counted(row: Field, word: str) -> bool:
    """Does the word say again what the numbers of the field count (`qty:60 tablets`)?"""
    held = {"qty": "quantity", "visits": "visits", "refills": "refills", "age": "years"}.get(row.key)
    return held is not None and word.lower() in {one.split(" ")[0] for one in first_words.listed("words", held)}


def _one_valued(part: ast.Expression) -> Field | None:
    """The field of `field:word`, where a word stands without brackets."""
    if not isinstance(part, ast.Fielded) or part.field == "missing" or part.span[1] != part.value.span[1]:
        return None
    row = table()[part.field]
    if not isinstance(part.value, ast.Term) or part.value.fuzzy or part.value.boost is not None:
        return None
    plain = row.kind in (NUMBER, DATE) or ast.plain_word(part.value)
    return row if plain and row.kind in (TEXT, CITATION, KEYWORD, ENUM, NUMBER, DATE) else None


def _one_phrase(part: ast.Expression) -> Field | None:
    """The field of `field:"phrase"`, without brackets: an OR behind it may have been meant to stay in the field."""
    if not isinstance(part, ast.Fielded) or part.field == "missing" or part.span[1] != part.value.span[1]:
        return None
    return table()[part.field] if isinstance(part.value, ast.Quoted) else None


def _loose_word(part: ast.Expression) -> bool:
    """A bare word that is searched anywhere, and read as nothing else."""
    return (
        ast.plain_word(part)
        and isinstance(part, ast.Term)
        and not first_words.decision(part.text)
        and not first_words.is_case(part.text)
    )


def _is_number(text: str) -> bool:
    return text.lstrip("#").isdigit()


def _is_date(text: str) -> bool:
    return re.fullmatch(_DATED, text) is not None


def _is_value(row: Field, text: str, compiler: Compiler) -> bool:
    """Could `text` be a value of the field?"""
    if row.kind == NUMBER:
        return _is_number(text)
    if row.kind == DATE:
        return _is_date(text)
    if row.kind == ENUM:
        return text.lower() in (*(value.lower() for value in row.values), *row.synonyms)
    value: ast.Expression = ast.Quoted(text) if " " in text else ast.Term(text)
    found = _compiled(ast.Fielded(row.key, value), compiler)
    return found is not None and not isinstance(found, plan.Nothing)


def _swapped(node: ast.Expression, parts: Sequence[ast.Expression], meant: ast.Expression) -> ast.Expression:
    """`node` with `parts`, which stand side by side in it, replaced by `meant`."""
    if isinstance(node, ast.And | ast.Or) and any(part is parts[0] for part in node.nodes):
        gone = {id(part) for part in parts[1:]}
        kept = tuple(meant if part is parts[0] else _dropped(part, gone) for part in node.nodes if id(part) not in gone)
        return kept[0] if len(kept) == 1 else type(node)(kept, node.span)
    if isinstance(node, ast.Or) and any(
        isinstance(part, ast.And) and part.nodes[-1] is parts[0] for part in node.nodes
    ):
        gone = {id(part) for part in parts[1:]}
        kept = tuple(
            _swapped(part, parts[:1], meant) if isinstance(part, ast.And) else part
            for part in node.nodes
            if id(part) not in gone
        )
        return kept[0] if len(kept) == 1 else ast.Or(kept, node.span)
    return ast.exchanged(node, lambda inner: _swapped(inner, parts, meant))


def _dropped(node: ast.Expression, gone: set[int]) -> ast.Expression:
    """An And of an Or without its first word, which has gone to the field before."""
    if not isinstance(node, ast.And) or id(node.nodes[0]) not in gone:
        return node
    rest = node.nodes[1:]
    return rest[0] if len(rest) == 1 else ast.And(rest, node.span)


# N15: unknown numbers, dates and parts of the body.


def _unknown(clauses: Sequence[Clause], count: Count) -> Iterator[Notice]:
    """N15: items that all other clauses find, and whose number, date or part of the body is not known."""
    for k, clause in enumerate(clauses):
        key = _numbered(clause.node)
        if key is None:
            continue
        others = tuple(other.node for other in (*clauses[:k], *clauses[k + 1 :]))
        left_out = count(plan.And((*others, plan.Not(plan.Keyword("has", (key,))))))
        if left_out is None or left_out:
            number = "items" if left_out is None else f"{left_out:,} {'item' if left_out == 1 else 'items'}"
            yield Notice("N15", f"left out: {number} that the rest of the query finds, where {key} is unknown")


def _numbered(node: Node) -> str | None:
    """The one-valued field of numbers or dates, or the part of the body, that a clause is about, if it is about nothing else."""
    match node:
        case plan.Range(key) if (
            table()[key].kind in (NUMBER, DATE) and not table()[key].many and key not in ("n", "items")
        ):
            return key
        case plan.Keyword("body"):
            return "body"
        case plan.Or(parts) | plan.And(parts):
            asked = [part for part in parts if isinstance(node, plan.Or) or not isinstance(part, plan.Not)]
            keys = {_numbered(part) for part in asked}
            return keys.pop() if len(keys) == 1 else None
        case _:
            return None


# N22: other names.


def _other_names(
    expression: ast.Expression, clauses: Sequence[Clause], compiler: Compiler, count: Count
) -> Iterator[Notice]:
    """N22: a treatment asked by one of several names, bare or in a field of treatments, in brackets and groups."""
    said = 0
    known = {clause.text: clause.node for clause in clauses}
    for narrow, wide in _named(expression, ""):
        if count.spent or said == _MOST:
            break  # a name of many names takes long to look up
        here, there = known.get(str(narrow)) or _compiled(narrow, compiler), _compiled(wide, compiler)
        if here is None or there is None:
            continue
        more = count(plan.And((there, plan.Not(here))))
        if more:
            said += 1
            yield Notice("N22", f"other names are listed: {wide} finds {more:,} more")


def _named(node: ast.Expression, field: str) -> Iterator[tuple[ast.Expression, ast.Expression]]:
    """Each listed name that a query asks by words, and the clause that takes its other names too."""

    def clause(inner: ast.Expression) -> ast.Expression:
        return ast.Fielded(field, inner) if field else inner

    match node:
        case ast.And(nodes):
            at = 0
            while at < len(nodes):
                end = at
                while end < len(nodes) and end - at < LONGEST and ast.plain_word(nodes[end]):
                    end += 1
                for size in range(end - at, 0, -1):
                    texts = [part.text for part in nodes[at : at + size] if isinstance(part, ast.Term)]
                    if size > 1 and other_names(" ".join(texts)):
                        yield clause(ast.And(nodes[at : at + size])), clause(ast.Call("syn", " ".join(texts), True))
                        at += size
                        break
                else:
                    yield from _named(nodes[at], field)
                    at += 1
        case ast.Or(nodes):
            for inner in nodes:
                yield from _named(inner, field)
        case ast.Fielded("treatment" | "title", inner) if not field:
            yield from _named(inner, node.field)
        case ast.Quoted(text, 0) | ast.Term(text) if isinstance(node, ast.Quoted) or ast.plain_word(node):
            if other_names(text):
                yield clause(node), clause(ast.Call("syn", text, " " in text))


# N25: decisions asked as words.


def _decisions(expression: ast.Expression, node: Node, compiler: Compiler, count: Count) -> Iterator[Notice]:
    """N25: how an item was decided, asked as a word of its text, wherever that stands."""
    seen: set[str] = set()
    for word, whole in _words(expression, None):
        outcome = first_words.maybe_decision(word.text)
        if outcome is None or word.text.lower() in seen or len(seen) == _MOST:
            continue
        seen.add(word.text.lower())
        meant = ast.Fielded("outcome", ast.Term(outcome), word.span)
        there = None
        if whole is not None:
            alternative = _compiled(ast.swapped(expression, whole, meant), compiler)
            there = count(alternative) if alternative is not None else None
        yield Notice(
            "N25", f"{word} is searched as a word{_items(count(node))}; for the decision write {meant}{_items(there)}"
        )


def _words(node: ast.Expression, whole: ast.Expression | None) -> Iterator[tuple[ast.Term, ast.Expression | None]]:
    """Each bare word of text, and what a clause of its own could stand for: itself, its field; None within a chain or a field's brackets."""
    match node:
        case ast.Term() if ast.plain_word(node):
            yield node, whole or node
        case ast.And(nodes) | ast.Or(nodes):
            for inner in nodes:
                yield from _words(inner, whole)
        case ast.Not(inner) | ast.InLetter(inner):
            yield from _words(inner, whole)
        case ast.Near(operands):
            for inner in operands:
                for word, _ in _words(inner, None):
                    yield word, None
        case ast.Fielded(field, inner) if field != "missing" and table()[field].kind in (TEXT, CITATION):
            bare = isinstance(inner, ast.Term)
            for word, _ in _words(inner, None):
                yield word, node if bare else None


# N33: what no letter says.


def _unsaid(expression: ast.Expression, compiler: Compiler) -> Iterator[Notice]:
    """N33: bare words that ask for what no letter says, though it may hold the words: the employer, a county, the cost."""
    told = " ".join(notice.text for notice in compiler.notices if notice.code == "N08")
    for texts in _runs(expression):
        at = 0
        while at < len(texts):
            for size in range(min(3, len(texts) - at), 0, -1):
                typed = " ".join(texts[at : at + size])
                said = first_words.unsaid(_asked(typed))
                if said and said not in told:
                    yield Notice("N33", f"{typed}: {said}")
                    return
            at += 1


def _asked(typed: str) -> str:
    """A sum of money asks for the cost, and "Dr. Smith" for a name."""
    if re.fullmatch(r"\$\d[\d,.]*", typed):
        return "cost"
    return "doctor name" if re.fullmatch(r"[Dd]r\.? [A-Z][a-z]+", typed) else typed


def _runs(node: ast.Expression) -> Iterator[list[str]]:
    """Bare words that stand side by side."""
    run: list[str] = []
    for part in node.nodes if isinstance(node, ast.And) else (node,):
        if ast.plain_word(part) and isinstance(part, ast.Term):
            run.append(part.text)
            continue
        yield run
        run = []
        if isinstance(part, ast.Or | ast.And) and part is not node:
            for inner in part.nodes:
                yield from _runs(inner)
    yield run
