"""What to type instead: counts beside corrections, and for a query that finds nothing, clause by clause why, and the best single repair."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from time import perf_counter

import msgspec

from imr_search import analysis
from imr_search.errors import Correction, QueryError, TooExpensiveError
from imr_search.fields import CITATION, TEXT, table
from imr_search.model import Notice
from imr_search.plan import Node, all_of
from imr_search.query import ast, citations, parser
from imr_search.query.planner import Plan
from imr_search.query.reports import stage_text

BUDGET = 0.2  # seconds that all side counts of one answer share
ALWAYS = 12  # clauses of which the counts are told however long they take

# Compiled by re when first needed: most queries need no repair.
_WHOLE = r"\w+(?:[-/.]\w+)*"  # what stands without quotes
_NUMBER = r"(?i)CM\d{2}-\d{5,9}"

Count = Callable[[Node], int]
Read = Callable[[str], Plan]


class Counted(msgspec.Struct, frozen=True):
    """One part of a query: as read, how many items it matches, and how many the query would without it (None: it is the only part)."""

    text: str
    items: int
    without: int | None = None


def clauses(plan: Plan, count: Count) -> list[Counted]:
    """The parts of a plan with their counts: as far as the deadline, and beyond ALWAYS parts only as long as there is time."""
    until = perf_counter() + BUDGET
    found = []
    for k, clause in enumerate(plan.clauses):
        if k >= ALWAYS and perf_counter() > until:
            break
        rest = [other.node for other in (*plan.clauses[:k], *plan.clauses[k + 1 :])]
        try:
            found.append(Counted(clause.text, count(clause.node), count(all_of(rest)) if rest else None))
        except TooExpensiveError:
            break
    return found


def with_counts(error: QueryError, read: Read, count: Count, kept_always: str | None = None) -> None:
    """Give each correction of an error its count, as long as there is time; one that cannot be read after all is taken out, time or not, and one that
    finds nothing when another finds something, but for `kept_always` (the reading in fields, of which 0 is an answer too)."""
    until = perf_counter() + BUDGET
    kept = []
    for correction in error.corrections:
        try:
            plan = read(correction.query)
            if correction.count is None and perf_counter() < until:
                correction = Correction(correction.query, count(plan.node))
        except QueryError:
            continue
        except TooExpensiveError:
            until = 0.0
        kept.append(correction)
    if any(correction.count for correction in kept):
        kept = [one for one in kept if one.count != 0 or one.query == kept_always]
    error.corrections = tuple(kept)


def nothing_found(plan: Plan, read: Read, count: Count) -> Notice:
    """N11: what each part of a query without an answer matches, what the others do without it, and the repair that changes least."""
    counted = clauses(plan, count)
    said = [
        f"{part.text} finds {_items(part.items)}"
        if part.without is None
        else f"{part.text} alone finds {_items(part.items)}, the rest of the query {part.without:,}"
        for part in counted
    ]
    if len(counted) < len(plan.clauses):
        said.append(f"and {len(plan.clauses) - len(counted)} more parts")
    best = _best(plan, counted, read, count) if len(counted) == len(plan.clauses) else None
    text = "no items: " + "; ".join(said)
    brief = _brief(counted, len(plan.clauses))
    if best is None:
        return Notice("N11", text, brief=brief)
    tried = f"; try: {best.query} ({_items(best.count or 0)})"
    return Notice("N11", text + tried, best.query, brief and brief + tried)


_NAMED = 3  # parts of a long query that are named in a notice for the eye
_LONG = 5  # parts of which each is told with its counts


def _brief(counted: Sequence[Counted], parts: int) -> str:
    """What finds nothing in a query of many parts, or that only their company does; "" for a query of few, of which each is told."""
    if parts <= _LONG:
        return ""
    none = [part.text for part in counted if not part.items]
    if not none:
        return f"no items: each of the {parts} parts finds some, and no item has all of them"
    more = f" and {len(none) - _NAMED} more find" if len(none) > _NAMED else " finds" if len(none) == 1 else " find"
    return f"no items: of the {parts} parts, {', '.join(none[:_NAMED])}{more} nothing"


def _best(plan: Plan, counted: Sequence[Counted], read: Read, count: Count) -> Correction | None:
    """What keeps all that was asked goes first: the spelling put right, then a part read as a field's value or more loosely; else the part is
    left out whose absence leaves the most."""
    until = perf_counter() + BUDGET
    texts = [part.text for part in counted]
    tail = _stages(plan)
    for query in _attempts(texts, counted, dict(plan.nearest)):
        if perf_counter() > until:
            break
        try:
            found = count(read(query).node)
        except QueryError:
            continue
        except TooExpensiveError:
            break
        if found:
            return Correction(query + tail, found)
    droppable = [k for k, part in enumerate(counted) if part.without]
    if not droppable:
        return None
    k = max(droppable, key=lambda k: counted[k].without or 0)
    return Correction(joined(texts[:k] + texts[k + 1 :]) + tail, counted[k].without)


def _attempts(texts: list[str], counted: Sequence[Counted], nearest: Mapping[str, str]) -> Iterator[str]:
    """Queries that ask for all that was asked, those that change least first."""
    spelt = [_respelt(text, nearest) for text in texts]
    if spelt != texts:
        yield joined(spelt)
    for k, part in enumerate(counted):
        if part.items and part.without == 0:
            continue  # the others fail without it too
        for other in (*_valued(part.text), *_looser(part.text)):
            yield joined([*texts[:k], other, *texts[k + 1 :]])
            if spelt != texts:
                yield joined([*spelt[:k], other, *spelt[k + 1 :]])
    for text in texts:  # a citation was pasted: its case is what was meant
        if re.fullmatch(_NUMBER, text):
            yield f"case:{text.upper()}"


def _respelt(text: str, nearest: Mapping[str, str]) -> str:
    """A part with each word or value that occurs nowhere as the one that it may have been meant for, printed from its tree: a value of several words
    comes in its quotes (`specialty:orthopedics` is `specialty:"orthopedic surgery"`)."""
    if not nearest:
        return text
    try:
        tree = parser.parse(text).expression
    except QueryError:
        return text
    better = _spelt(tree, nearest)
    return text if better == tree else str(better)


def _spelt(node: ast.Expression, nearest: Mapping[str, str]) -> ast.Expression:
    """The tree with its words put right."""

    def each(nodes: Iterable[ast.Expression]) -> tuple[ast.Expression, ...]:
        return tuple(_spelt(inner, nearest) for inner in nodes)

    replace = msgspec.structs.replace
    match node:
        case ast.Term(text) if better := nearest.get(text) or nearest.get(text.lower()):
            if re.fullmatch(_WHOLE, better):
                return replace(node, text=better)
            return ast.Quoted(better, boost=node.boost)
        case ast.Quoted(text):
            if better := nearest.get(text) or nearest.get(text.lower()):
                return replace(node, text=better)
            words = (nearest.get(word, nearest.get(word.lower(), word)) for word in text.split(" "))
            return replace(node, text=" ".join(words))
        case ast.And(nodes) | ast.Or(nodes):
            return replace(node, nodes=each(nodes), **({"other": None} if isinstance(node, ast.Or) else {}))
        case ast.Near(operands):
            return replace(node, operands=each(operands))
        case ast.Choice(values):
            return replace(node, values=each(values))
        case ast.Not(inner):
            return replace(node, node=_spelt(inner, nearest))
        case ast.InLetter(inner):
            return replace(node, inner=_spelt(inner, nearest))
        case ast.Fielded(_, value):
            return replace(node, value=_spelt(value, nearest))
    return node


def _valued(text: str) -> Iterator[str]:
    """A bare word as the value that it is: a case number, a way to decide."""
    bare = text.strip('"')
    if re.fullmatch(_NUMBER, bare):
        yield f"case:{bare.upper()}"
    elif bare.lower() in table()["outcome"].values:
        yield f"outcome:{bare.lower()}"


def _stages(plan: Plan) -> str:
    """The query's own report, to go behind a repair."""
    if not plan.stages:
        return ""
    return "".join(f" | {stage_text(stage)}" for stage in plan.stages)


def _looser(text: str) -> Iterator[str]:
    """A condition on a text, a little wider: without its question mark or its pages, its phrase as words, then in every field. Printed from its tree,
    so that each parses and means what it says."""
    node = _tree(text)
    if isinstance(node, ast.Term) and node.text.endswith("?"):
        yield str(msgspec.structs.replace(node, text=node.text.rstrip("?")))
    elif isinstance(node, ast.Quoted) and (words := _as_words(node)) is not None:
        yield str(words)
    elif isinstance(node, ast.Fielded) and node.field != "missing" and table()[node.field].kind in (TEXT, CITATION):
        yield from _looser_in_field(node)


def _looser_in_field(node: ast.Fielded) -> Iterator[str]:
    value: ast.Expression = node.value
    if isinstance(value, ast.Quoted) and not value.within and table()[node.field].kind == CITATION:
        rest, pages = citations.cut(value.text)
        if pages and analysis.slots(rest):
            value = msgspec.structs.replace(value, text=" ".join(rest.split()).strip(" ,"))
            yield str(msgspec.structs.replace(node, value=value))
    words = _as_words(value)
    if words is not None:
        yield str(msgspec.structs.replace(node, value=words))
    if not isinstance(value, ast.Everything | ast.Choice | ast.Not):
        yield str(value)
        if words is not None:
            yield str(words)


def _as_words(value: ast.Expression) -> ast.Expression | None:
    """A phrase of several words as these words, wherever they stand; None for anything else."""
    words = value.text.split() if isinstance(value, ast.Quoted) else []
    if len(words) < 2:
        return None
    return ast.And(tuple(ast.Term(word) if _tree(word) == ast.Term(word) else ast.Quoted(word) for word in words))


def joined(texts: Sequence[str]) -> str:
    """Parts that must all hold, as one query: printed from their trees, so that none flows into its neighbour."""
    if len(texts) == 1:
        return texts[0]
    nodes = tuple(map(_tree, texts))
    known = tuple(node for node in nodes if node is not None)
    return str(ast.And(known)) if len(known) == len(nodes) else " AND ".join(f"({text})" for text in texts)


@lru_cache(512)
def _tree(text: str) -> ast.Expression | None:
    """A part of a query as its tree; None for what cannot be read."""
    try:
        return parser.read(text).expression
    except QueryError:
        return None


def _items(count: int) -> str:
    return f"{count:,} item{'' if count == 1 else 's'}"
