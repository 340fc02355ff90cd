"""Tree to nodes: every word looked up in one index, so that an engine has nothing left to decide."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

import msgspec

from imr_search import plan, vocabulary
from imr_search.documents import day_number
from imr_search.fields import CITATION, ENUM, FLAG, TEXT, Field, table
from imr_search.model import Notice
from imr_search.plan import Node
from imr_search.query import ast, citations, first_words, likeness, terms
from imr_search.query.dates import Days, days
from imr_search.query.positional import PositionalCompiler, also_finds, too_many
from imr_search.query.syntax_errors import fault, listed, nearest, replaced
from imr_search.query.terms import Expander, Lexicon, TooMany, Values

_PAGES = {"guideline": "page", "ca_guideline": "ca_page"}


ALIASES: dict[str, Callable[[str], str | None]] = {
    "drugs": vocabulary.drug,
    "body_parts": vocabulary.body,
    "categories": vocabulary.category,
    "states": first_words.state,
    "specialties": first_words.specialty,
}
"""The value that a further name means, by the column `aliases` of the table of fields."""
_WITHIN: dict[str, Callable[[str], tuple[str, ...]]] = {
    "drugs": vocabulary.drugs_within,
    "body_parts": vocabulary.parts_within,
    "categories": vocabulary.categories_within,
}
"""The values that lie below the one named."""


def _alias(row: Field, text: str) -> str | None:
    return ALIASES[row.aliases](text)


def _nothing(_: str) -> tuple[str, ...]:
    return ()


class Clause(msgspec.Struct, frozen=True):
    """One of the parts that must all hold, as read: for --explain and for an answer without hits. It was typed at query[start:end]."""

    text: str
    node: Node
    start: int
    end: int


class Compiler:
    """Compiles resolved trees against one index. `notices` gathers what looking the words up brought to light."""

    def __init__(self, index: Lexicon, text: str) -> None:
        self.index, self.text = index, text
        self.notices: list[Notice] = []
        self.positional = PositionalCompiler(Expander(self.index), self.text, self.say, self._elsewhere)
        self.values = Values(self.index)

    def quiet(self) -> Compiler:
        """Another one that has looked up what this one has, and keeps its notices to itself."""
        found = Compiler(self.index, self.text)
        found.positional.expander, found.values = self.positional.expander, self.values
        return found

    def _elsewhere(self, word: str) -> str:
        """The clause of a field whose values hold a word that no text does, or ""."""
        for row in table():
            if row.aliases and (
                self.values.matching(row, word) or self.values.matching(row, _alias(row, word) or word)
            ):
                return f"{row.key}:{word.lower()}"
        return ""

    def say(self, code: str, text: str, brief: str = "") -> None:
        self.notices.append(Notice(code, text, brief=brief))

    def node(self, expression: ast.Expression, row: Field | None = None) -> Node:
        """The plan of `expression`; `row` is the field that it stands in. Raises QueryError (E122, E140)."""
        match expression:
            case ast.And(parts):
                return plan.And(tuple(self.node(part, row) for part in parts))
            case ast.Or(parts):
                return plan.Or(tuple(self.node(part, row) for part in parts))
            case ast.Not(inner):
                return plan.Not(self.node(inner, row))
            case ast.InLetter(inner):
                return plan.InLetter(self.node(inner))
            case ast.Fielded("missing", value):
                return plan.Not(self.node(value, table()["has"]))
            case ast.Fielded(key, value):
                named = table()[key]
                return self._cited(value, named) if named.kind == CITATION else self.node(value, named)
            case ast.Everything():
                return plan.All() if row is None else plan.Keyword("has", (row.key,))
            case ast.Choice(values):
                return self._choice(values, row)
            case _ if row is None:
                return self.anywhere(expression, tuple(held.key for held in table().defaults))
            case _ if row.kind in (TEXT, CITATION):
                return self.anywhere(expression, (row.key,))
            case _:
                return self._valued(expression, row)

    # -- words

    def anywhere(self, expression: ast.Expression, keys: tuple[str, ...]) -> Node:
        """A word, phrase, chain or call in any of the fields; what has places lies in one of them."""
        if isinstance(expression, ast.Call) and expression.name == "like":
            return self._like(expression, keys)
        found = [self.positional.node(expression, key) for key in keys]
        self.positional.unheard(expression, keys)
        kept = tuple(node for node in found if not isinstance(node, plan.Nothing))
        node: Node = plan.Nothing() if not kept else kept[0] if len(kept) == 1 else plan.Or(kept)
        boost = expression.boost if isinstance(expression, ast.Term | ast.Quoted) else None
        return node if boost is None else plan.Boosted(node, boost)

    def _like(self, call: ast.Call, keys: tuple[str, ...]) -> Node:
        fields = () if keys == tuple(held.key for held in table().defaults) else keys
        id_ = likeness.item_id(call.text)
        found = likeness.item(self.positional.expander, call.text) if id_ else None
        if found is None and (
            call.quoted or not id_ or " " in id_
        ):  # only a file's name holds spaces, and any text does
            return likeness.like_text(self.positional.expander, call.text, fields)
        if found is None:
            typed = self.text[slice(*call.span)].lower().startswith("like")  # and not in a saved query
            better = [replaced(self.text, *call.span, f'like("{call.text}")')] if typed else []
            raise fault("E140", f"no item {call.text} in this index", self.text, *call.span, *better)
        return likeness.like_item(self.positional.expander, found, fields)

    # -- citations

    def _cited(self, value: ast.Expression, row: Field) -> Node:
        """What must hold of one citation. A single word or phrase needs no more than the field; excluding is of the item."""
        match value:
            case ast.Or(parts):
                return plan.Or(tuple(self._cited(part, row) for part in parts))
            case ast.Not(inner):
                return plan.Not(self._cited(inner, row))
            case ast.And(parts) if all(isinstance(part, ast.Not) for part in parts):
                return plan.And(tuple(self._cited(part, row) for part in parts))
            case ast.Everything() | ast.Call("like"):
                return self.node(value, row)
        node = self._of_one(value, row)
        inner_node = node.node if isinstance(node, plan.Boosted) else node
        if isinstance(inner_node, plan.And | plan.Not):
            return plan.Cited(row.key, node)
        if isinstance(inner_node, plan.Or) and any(isinstance(part, plan.And | plan.Not) for part in inner_node.nodes):
            return plan.Cited(row.key, node)
        return node

    def _of_one(self, value: ast.Expression, row: Field) -> Node:
        match value:
            case ast.And(parts):
                return plan.And(tuple(self._of_one(part, row) for part in parts))
            case ast.Or(parts):
                return plan.Or(tuple(self._of_one(part, row) for part in parts))
            case ast.Not(inner):
                return plan.Not(self._of_one(inner, row))
            case ast.Quoted(text, 0, boost):
                rest, pages = citations.cut(text)
                if not pages:
                    return self.node(value, row)
                ranges = tuple(plan.Range(_PAGES[row.key], low, high) for low, high in pages)
                node: Node = ranges[0] if len(ranges) == 1 else plan.Or(ranges)
                if terms.slots(rest):
                    node = plan.And((self.anywhere(ast.Quoted(rest, span=value.span), (row.key,)), node))
                return node if boost is None else plan.Boosted(node, boost)
            case ast.Everything():
                return plan.All()
            case ast.Call("like"):
                message = "like( ) compares whole items and cannot be combined with other conditions on a citation"
                raise fault("E114", message, self.text, *value.span)
            case _:
                return self.node(value, row)

    # -- values

    def _valued(self, value: ast.Expression, row: Field) -> Node:
        boost = value.boost if isinstance(value, ast.Term | ast.Quoted) else None
        node = self._value(value, row)
        return node if boost is None else plan.Boosted(node, boost)

    def _value(self, value: ast.Expression, row: Field) -> Node:
        match row.kind:
            case "number":
                return self._number(value, row)
            case "date":
                return self._date(value, row)
        assert isinstance(value, ast.Term | ast.Quoted), value
        if row.kind in (ENUM, FLAG):
            return plan.Keyword(row.key, (value.text,))
        fuzzy = value.fuzzy if isinstance(value, ast.Term) else 0
        quoted = isinstance(value, ast.Quoted)
        try:
            node = self.values.node(row, value.text, quoted, fuzzy)
        except TooMany as problem:
            raise too_many(self.text, value, problem) from None
        if not fuzzy:
            node = self._otherwise_named(value, node, row)
        if isinstance(node, plan.Nothing):
            near = self.values.nearest(row, value.text) or self._brand(row, value.text)
            if near:
                self.positional.nearest[value.text] = near
            self.say("N08", f"no item has {row.key}:{value}" + (f"; did you mean {near}?" if near else ""))
        return node

    def _brand(self, row: Field, text: str) -> str:
        """The name of a drug that this index holds, for one that is spelt almost so: "flexerl" is Flexeril."""
        if row.key != "drug":
            return ""
        near = nearest(text.casefold(), (" ".join(parts) for parts in vocabulary.drugs()), 1)
        substance = vocabulary.drug(near[0]) if near else None
        return near[0] if substance and self.values.matching(row, substance) else ""

    def _otherwise_named(self, value: ast.Term | ast.Quoted, node: Node, row: Field) -> Node:
        """A brand finds its substance too, "cervical" the neck, "opioids" the category of opioids (N05)."""
        if (
            not row.aliases
            or isinstance(node, plan.KeywordPrefix | plan.Or)
            or any(mark in value.text for mark in "*?!")
        ):
            return node
        other = _alias(row, value.text)
        others = [] if other is None or other.casefold() == value.text.casefold() else [other]
        others += _WITHIN.get(row.aliases, _nothing)(value.text)
        held = set(node.values) if isinstance(node, plan.Keyword) else set()
        more = {found for one in others for found in self.values.matching(row, one)} - held
        if not others or (held and not more):
            return node
        also_finds(self.say, f"{row.key}:{value.text}", others)
        return plan.Keyword(row.key, tuple(sorted(held | more))) if held | more else node

    def _choice(self, values: Sequence[ast.Expression], row: Field | None) -> Node:
        """Any of several values: one node for all whole values, however many."""
        assert row is not None
        whole: set[str] = set()
        rest: list[Node] = []
        before = len(self.notices)
        for value in values:
            node = self.node(value, row)
            if isinstance(node, plan.Keyword) and node.field == row.key:
                whole.update(node.values)
            elif not isinstance(node, plan.Nothing):
                rest.append(node)
        unheard = [notice for notice in self.notices[before:] if notice.code == "N08"]
        if len(unheard) > 3:
            names = [str(value) for value in values if isinstance(self._quietly(value, row), plan.Nothing)]
            self.notices = [notice for notice in self.notices if notice not in unheard]
            self.say("N08", f"{row.key}: no item has {len(names)} of these {len(values)} values: {listed(names)}")
        if whole:
            rest.append(plan.Keyword(row.key, tuple(sorted(whole))))
        return plan.Nothing() if not rest else rest[0] if len(rest) == 1 else plan.Or(tuple(rest))

    def _quietly(self, value: ast.Expression, row: Field) -> Node:
        """The node of a value, without a word said about it."""
        held = list(self.notices)
        node = self.node(value, row)
        self.notices = held
        return node

    def _number(self, value: ast.Expression, row: Field) -> Node:
        match value:
            case ast.Term(text):
                return plan.Range(row.key, int(text), int(text))
            case ast.Comparison(sign, text):
                return plan.Range(row.key, *_compared(sign, int(text), int(text)))
            case ast.Between(low, high):
                return plan.Range(row.key, int(low) if low else None, int(high) if high else None)
        raise TypeError(f"{type(value).__name__} is no number")

    def _date(self, value: ast.Expression, row: Field) -> Node:
        match value:
            case ast.Term(text):
                found = _absolute(text)
                return plan.Range(row.key, day_number(found.low), day_number(found.high))
            case ast.Comparison(sign, text):
                found = _absolute(text)
                return plan.Range(row.key, *_compared(sign, day_number(found.low), day_number(found.high)))
            case ast.Between(low, high):
                start = day_number(_absolute(low).low) if low else None
                end = day_number(_absolute(high).high) if high else None
                return plan.Range(row.key, start, end)
        raise TypeError(f"{type(value).__name__} is no date")


def _compared(sign: str, low: int, high: int) -> tuple[int | None, int | None]:
    """The range of `> >= < <=` over a value that covers low..high."""
    match sign:
        case ">":
            return high + 1, None
        case ">=":
            return low, None
        case "<":
            return None, low - 1
        case _:
            return None, high


def _absolute(text: str) -> Days:
    """A date that `resolve` has made absolute: today plays no part in it any more."""

    return days(text, datetime.date.min.replace(year=2000))
