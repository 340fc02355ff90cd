"""Tree to nodes: every word looked up in one index, so that an engine has nothing left to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from imr_search import nodes, vocabulary
from imr_search.errors import QueryError
from imr_search.fields import CITATION, ENUM, FLAG, TEXT, Field, table
from imr_search.model import Notice
from imr_search.nodes import Node
from imr_search.query import alike, citations, tree, words
from imr_search.query.faults import fault, listed, replaced
from imr_search.query.keywords import Values
from imr_search.query.scalars import Days, days, number
from imr_search.query.words import LIMIT, Expander, Lexicon, TooMany

SENTENCE = 400
"""The widest sentence: `/s` is a distance."""

_PAGES = {"guideline": "page", "ca_guideline": "ca_page"}


@dataclass(slots=True)
class Compiler:
    """Compiles resolved trees against one index. `notices` gathers what looking the words up brought to light."""

    index: Lexicon
    text: str
    notices: list[Notice] = field(default_factory=list)
    expander: Expander = field(init=False)
    values: Values = field(init=False)

    def __post_init__(self) -> None:
        self.expander = Expander(self.index)
        self.values = Values(self.index)

    def say(self, code: str, text: str) -> None:
        self.notices.append(Notice(code, text))

    def node(self, expression: tree.Expression, row: Field | None = None) -> Node:
        """The plan of `expression`; `row` is the field that it stands in. Raises QueryError (E122, E140)."""
        match expression:
            case tree.And(parts):
                return nodes.And(tuple(self.node(part, row) for part in parts))
            case tree.Or(parts):
                return nodes.Or(tuple(self.node(part, row) for part in parts))
            case tree.Not(inner):
                return nodes.Not(self.node(inner, row))
            case tree.InLetter(inner):
                return nodes.InLetter(self.node(inner))
            case tree.Fielded("missing", value):
                return nodes.Not(self.node(value, table()["has"]))
            case tree.Fielded(key, value):
                named = table()[key]
                return self._cited(value, named) if named.kind == CITATION else self.node(value, named)
            case tree.Everything():
                return nodes.All() if row is None else nodes.Keyword("has", (row.key,))
            case tree.Choice(values):
                return self._choice(values, row)
            case _ if row is None:
                return self._anywhere(expression, tuple(held.key for held in table().defaults))
            case _ if row.kind in (TEXT, CITATION):
                return self._anywhere(expression, (row.key,))
            case _:
                return self._valued(expression, row)

    # -- words

    def _anywhere(self, expression: tree.Expression, keys: tuple[str, ...]) -> Node:
        """A word, phrase, chain or call in any of the fields; what has places lies in one of them."""
        if isinstance(expression, tree.Call) and expression.name == "like":
            return self._like(expression, keys)
        found = [self._placed(expression, key) for key in keys]
        self._unheard(expression, keys)
        kept = tuple(node for node in found if not isinstance(node, nodes.Nothing))
        node: Node = nodes.Nothing() if not kept else kept[0] if len(kept) == 1 else nodes.Or(kept)
        boost = expression.boost if isinstance(expression, tree.Term | tree.Quoted) else None
        return node if boost is None else nodes.Boosted(node, boost)

    def _placed(self, expression: tree.Expression, key: str) -> Node:
        """The words of one field that a word, a phrase or an "or" list of them stands for, or the pairs of a chain."""
        match expression:
            case tree.Term():
                return self._slots(key, self._term(expression, key))
            case tree.Quoted(text, within):
                if within:
                    parts = [self._slots(key, [(word,) for word in words.slots(piece)]) for piece in _worded(text)]
                    return self._pairs(key, parts, [tree.Link("+", within)] * (len(parts) - 1))
                return self._slots(key, [(word,) for word in words.slots(text)])
            case tree.Or(parts):
                held = tuple(self._placed(part, key) for part in parts)
                flat = tuple(node for node in held if not isinstance(node, nodes.Nothing))
                return nodes.Nothing() if not flat else flat[0] if len(flat) == 1 else nodes.Or(flat)
            case tree.Call(_, text):
                return self._placed(self._named(text, expression.span), key)
            case tree.Near(operands, links):
                return self._pairs(key, [self._placed(operand, key) for operand in operands], links)
        raise TypeError(f"{type(expression).__name__} has no places")

    def _pairs(self, key: str, parts: Sequence[Node], links: Sequence[tree.Link]) -> Node:
        if any(isinstance(part, nodes.Nothing) for part in parts):
            return nodes.Nothing()
        if not links:
            return parts[0]
        pairs: list[Node] = []
        for left, link, right in zip(parts, links, parts[1:], strict=False):
            if link.kind == "p":
                pairs += [left, right]
            else:
                distance = SENTENCE if link.kind == "s" else link.distance
                pairs.append(nodes.Near(key, left, right, distance, link.kind == "+"))
        return pairs[0] if len(pairs) == 1 else nodes.And(tuple(pairs))

    def _slots(self, key: str, found: Sequence[tuple[str, ...]]) -> Node:
        if not found or not all(found):
            return nodes.Nothing()
        return nodes.Words(key, found[0]) if len(found) == 1 else nodes.Phrase(key, tuple(found))

    def _term(self, term: tree.Term, key: str) -> list[tuple[str, ...]]:
        """The words of each part of a bare word: wildcards and edits expanded, letters inflected, digits as they are."""
        found = []
        for word in words.wild_slots(term.text):
            try:
                if words.is_wild(word):
                    found.append(self.expander.matching(key, word))
                elif term.fuzzy:
                    found.append(self.expander.near(key, word, term.fuzzy))
                else:
                    found.append(self.expander.inflections(key, word))
            except TooMany as problem:
                raise self._too_many(term, problem) from None
        return found

    def _too_many(self, node: tree.Expression, problem: TooMany) -> QueryError:
        message = f"stands for {problem.count:,} words (limit {LIMIT:,}): write more letters"
        return fault("E122", message, self.text, *node.span)

    def _unheard(self, expression: tree.Expression, keys: tuple[str, ...]) -> None:
        """N08 for every word that none of the fields holds, with the nearest that one does."""
        match expression:
            case tree.Or(parts) | tree.Near(parts):
                for part in parts:
                    self._unheard(part, keys)
            case tree.Term(text, fuzzy):
                for word in words.wild_slots(text):
                    if words.is_wild(word) or fuzzy:
                        expand = self.expander.matching if words.is_wild(word) else None
                        held = any(
                            expand(key, word) if expand else self.expander.near(key, word, fuzzy) for key in keys
                        )
                        if not held:
                            self.say("N08", f"{expression} stands for no word {self._where(keys)}".rstrip())
                    elif not any(self.expander.inflections(key, word) != (word,) for key in keys):
                        self._missing(word, keys)
            case tree.Quoted(text):
                for word in words.slots(text):
                    self._missing(word, keys)

    def _missing(self, word: str, keys: tuple[str, ...]) -> None:
        if any(self.expander.items_with(key, word) for key in keys):
            return
        near = self.expander.nearest(keys, word)
        self.say("N08", f"{word} occurs nowhere {self._where(keys)}".rstrip() + (f"; nearest: {near}" if near else ""))

    def _where(self, keys: tuple[str, ...]) -> str:
        return f"in {keys[0]}" if len(keys) == 1 else ""

    def _named(self, text: str, span: tree.Span) -> tree.Expression:
        """syn( ): the word and its listed other names, as bare words (phrases inflect as joined words do)."""
        if means := vocabulary.ambiguous(text):
            self.say("N05", f"syn({text}): {text} has more than one meaning ({means}) and stands for itself")
        others = other_names(text)
        if others:
            self.say("N05", f"syn({text}) also finds {', '.join(others)}")
        elif not means:
            self.say("N05", f"syn({text}): no other names are listed, so it stands for itself")
        names = tuple(tree.Term("-".join(_worded(name)), span=span) for name in (text, *others) if _worded(name))
        return names[0] if len(names) == 1 else tree.Or(names, span)

    def _like(self, call: tree.Call, keys: tuple[str, ...]) -> Node:
        fields = () if keys == tuple(held.key for held in table().defaults) else keys
        if call.quoted or not alike.is_id(call.text):
            return alike.like_text(self.expander, call.text, fields)
        found = alike.item(self.expander, call.text)
        if found is None:
            quoted = replaced(self.text, *call.span, f'like("{call.text}")')
            raise fault("E140", f"no item of this index is called {call.text}", self.text, *call.span, quoted)
        return alike.like_item(self.expander, found, fields)

    # -- citations

    def _cited(self, value: tree.Expression, row: Field) -> Node:
        """What must hold of one citation. A single word or phrase needs no more than the field; excluding is of the item."""
        match value:
            case tree.Or(parts):
                return nodes.Or(tuple(self._cited(part, row) for part in parts))
            case tree.Not(inner):
                return nodes.Not(self._cited(inner, row))
            case tree.And(parts) if all(isinstance(part, tree.Not) for part in parts):
                return nodes.And(tuple(self._cited(part, row) for part in parts))
            case tree.Everything():
                return self.node(value, row)
        node = self._of_one(value, row)
        inner_node = node.node if isinstance(node, nodes.Boosted) else node
        if isinstance(inner_node, nodes.And | nodes.Not):
            return nodes.Cited(row.key, node)
        if isinstance(inner_node, nodes.Or) and any(
            isinstance(part, nodes.And | nodes.Not) for part in inner_node.nodes
        ):
            return nodes.Cited(row.key, node)
        return node

    def _of_one(self, value: tree.Expression, row: Field) -> Node:
        match value:
            case tree.And(parts):
                return nodes.And(tuple(self._of_one(part, row) for part in parts))
            case tree.Or(parts):
                return nodes.Or(tuple(self._of_one(part, row) for part in parts))
            case tree.Not(inner):
                return nodes.Not(self._of_one(inner, row))
            case tree.Quoted(text, 0, boost):
                rest, pages = citations.cut(text)
                if not pages:
                    return self.node(value, row)
                ranges = tuple(nodes.Range(_PAGES[row.key], low, high) for low, high in pages)
                node: Node = ranges[0] if len(ranges) == 1 else nodes.Or(ranges)
                if words.slots(rest):
                    node = nodes.And((self._anywhere(tree.Quoted(rest, span=value.span), (row.key,)), node))
                return node if boost is None else nodes.Boosted(node, boost)
            case tree.Everything():
                return nodes.All()
            case _:
                return self.node(value, row)

    # -- values

    def _valued(self, value: tree.Expression, row: Field) -> Node:
        boost = value.boost if isinstance(value, tree.Term | tree.Quoted) else None
        node = self._value(value, row)
        return node if boost is None else nodes.Boosted(node, boost)

    def _value(self, value: tree.Expression, row: Field) -> Node:
        match row.kind:
            case "number":
                return self._number(value, row)
            case "date":
                return self._date(value, row)
        assert isinstance(value, tree.Term | tree.Quoted), value
        if row.kind in (ENUM, FLAG):
            return nodes.Keyword(row.key, (value.text,))
        fuzzy = value.fuzzy if isinstance(value, tree.Term) else 0
        quoted = isinstance(value, tree.Quoted)
        try:
            node = self.values.node(row, value.text, quoted, fuzzy)
        except TooMany as problem:
            raise self._too_many(value, problem) from None
        if not fuzzy:
            node = self._otherwise_named(value, node, row)
        if isinstance(node, nodes.Nothing):
            near = self.values.nearest(row, value.text)
            self.say("N08", f"{row.key}:{value} occurs nowhere" + (f"; nearest: {near}" if near else ""))
        return node

    def _otherwise_named(self, value: tree.Term | tree.Quoted, node: Node, row: Field) -> Node:
        """A brand finds its substance too, "cervical" the neck, "opioids" the category of opioids (N05)."""
        named = {"drug": vocabulary.drug, "body": vocabulary.body, "category": vocabulary.category}.get(row.key)
        if (
            named is None
            or isinstance(node, nodes.KeywordPrefix | nodes.Or)
            or any(mark in value.text for mark in "*?!")
        ):
            return node
        other = named(value.text)
        if other is None or other.casefold() == value.text.casefold():
            return node
        held = set(node.values) if isinstance(node, nodes.Keyword) else set()
        more = set(self.values.matching(row, other)) - held
        if not more and held:
            return node
        self.say("N05", f"{row.key}:{value.text} also finds {other}")
        return nodes.Keyword(row.key, tuple(sorted(held | more))) if held | more else node

    def _choice(self, values: Sequence[tree.Expression], row: Field | None) -> Node:
        """Any of several values: one node for all whole values, however many."""
        assert row is not None
        whole: set[str] = set()
        rest: list[Node] = []
        before = len(self.notices)
        for value in values:
            node = self.node(value, row)
            if isinstance(node, nodes.Keyword) and node.field == row.key:
                whole.update(node.values)
            elif not isinstance(node, nodes.Nothing):
                rest.append(node)
        unheard = [notice for notice in self.notices[before:] if notice.code == "N08"]
        if len(unheard) > 3:
            names = [str(value) for value in values if isinstance(self._quietly(value, row), nodes.Nothing)]
            self.notices = [notice for notice in self.notices if notice not in unheard]
            self.say("N08", f"{row.key}: {len(names)} of {len(values)} values occur nowhere: {listed(names)}")
        if whole:
            rest.append(nodes.Keyword(row.key, tuple(sorted(whole))))
        return nodes.Nothing() if not rest else rest[0] if len(rest) == 1 else nodes.Or(tuple(rest))

    def _quietly(self, value: tree.Expression, row: Field) -> Node:
        """The node of a value, without a word said about it."""
        held = list(self.notices)
        node = self.node(value, row)
        self.notices = held
        return node

    def _number(self, value: tree.Expression, row: Field) -> Node:
        match value:
            case tree.Term(text):
                return nodes.Range(row.key, int(text), int(text))
            case tree.Compare(sign, text):
                return nodes.Range(row.key, *_compared(sign, int(text), int(text)))
            case tree.Between(low, high):
                return nodes.Range(row.key, int(low) if low else None, int(high) if high else None)
        raise TypeError(f"{type(value).__name__} is no number")

    def _date(self, value: tree.Expression, row: Field) -> Node:
        match value:
            case tree.Term(text):
                found = _absolute(text)
                return nodes.Range(row.key, number(found.low), number(found.high))
            case tree.Compare(sign, text):
                found = _absolute(text)
                return nodes.Range(row.key, *_compared(sign, number(found.low), number(found.high)))
            case tree.Between(low, high):
                start = number(_absolute(low).low) if low else None
                end = number(_absolute(high).high) if high else None
                return nodes.Range(row.key, start, end)
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
    import datetime

    return days(text, datetime.date.min.replace(year=2000))


def other_names(text: str) -> tuple[str, ...]:
    """The listed names of what `text` names, without `text` itself; none for a word of two meanings."""
    return tuple(name for name in vocabulary.synonyms(text) if vocabulary.normal(name) != vocabulary.normal(text))


def _worded(text: str) -> list[str]:
    """The pieces of `text` between white space that hold a word."""
    return [piece for piece in text.split() if words.slots(piece)]
