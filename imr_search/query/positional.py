"""Words with places: what a word, a phrase, a chain or syn( ) stands for in one field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from imr_search import analysis, plan, vocabulary
from imr_search.errors import QueryError
from imr_search.plan import Node
from imr_search.query import ast, terms
from imr_search.query.first_words import absent, other_names
from imr_search.query.syntax_errors import fault
from imr_search.query.terms import LIMIT, Expander, TooMany

_LEVEL = re.compile(r"[ltcs]\d{1,2}(?:[-/]?[ltcs]\d{1,2}|[-/]\d{1,2})+", re.IGNORECASE)
_VERTEBRA = re.compile(r"([ltcs]?)(\d{1,2})", re.IGNORECASE)
"""The widest sentence: `/s` is a distance."""


_NAMED = 6  # other names that N05 shows


class Say(Protocol):
    """Takes a notice."""

    def __call__(self, code: str, text: str, brief: str = "") -> None: ...


class PositionalCompiler(msgspec.Struct):
    """Looks words up through `expander`; `say` takes a notice, `text` is the query for errors."""

    expander: Expander
    text: str
    say: Say
    elsewhere: Callable[[str], str]  # "licensed:texas" for a word that only a field's values hold, else ""
    nearest: dict[str, str] = msgspec.field(
        default_factory=dict
    )  # words that occur nowhere, and what they may have been meant for

    def node(self, expression: ast.Expression, key: str) -> Node:
        """The words of one field that a word, a phrase or an "or" list of them stands for, or the pairs of a chain."""
        match expression:
            case ast.Term(text) if others := _other_levels(text):
                return self._levels(expression, others, key)
            case ast.Term():
                return self._slots(key, self._term(expression, key))
            case ast.Quoted(text, within):
                if within:
                    parts = [self._slots(key, [(word,) for word in terms.slots(piece)]) for piece in _worded(text)]
                    return self._pairs(key, parts, [ast.Link("+", within)] * (len(parts) - 1))
                return self._slots(key, [(word,) for word in terms.slots(text)])
            case ast.Or(parts):
                held = tuple(self.node(part, key) for part in parts)
                flat = tuple(node for node in held if not isinstance(node, plan.Nothing))
                return plan.Nothing() if not flat else flat[0] if len(flat) == 1 else plan.Or(flat)
            case ast.Call(_, text):
                return self.node(self._named(text, expression.span), key)
            case ast.Near(operands, links):
                return self._pairs(key, [self.node(operand, key) for operand in operands], links)
        raise TypeError(f"{type(expression).__name__} has no places")

    def _levels(self, term: ast.Term, others: Sequence[str], key: str) -> Node:
        """A level of the spine in every way that it is written."""
        forms = [self._slots(key, self._term(term, key))]
        said = []
        for other in others:
            words = terms.slots(other)
            known = self._all_held(other, (key,))
            if known or "-" in other:
                forms.append(self._slots(key, [(word,) for word in words]))
            if known:
                said.append(other)
        if said:
            also_finds(self.say, term.text, others, f'; for this spelling alone write "{term.text}"')
        return forms[0] if len(forms) == 1 else plan.Or(tuple(forms))

    def _pairs(self, key: str, parts: Sequence[Node], links: Sequence[ast.Link]) -> Node:
        if any(isinstance(part, plan.Nothing) for part in parts):
            return plan.Nothing()
        if not links:
            return parts[0]
        pairs: list[Node] = []
        for left, link, right in zip(parts, links, parts[1:], strict=False):
            if link.kind == "p":
                pairs += [left, right]
            else:
                distance = analysis.WINDOW if link.kind == "s" else link.distance
                pairs.append(plan.Near(key, left, right, distance, link.kind == "+"))
        return pairs[0] if len(pairs) == 1 else plan.And(tuple(pairs))

    def _slots(self, key: str, found: Sequence[tuple[str, ...]]) -> Node:
        if not found or not all(found):
            return plan.Nothing()
        return plan.Words(key, found[0]) if len(found) == 1 else plan.Phrase(key, tuple(found))

    def _term(self, term: ast.Term, key: str) -> list[tuple[str, ...]]:
        """The words of each part of a bare word: wildcards and edits expanded, letters inflected, digits as they are."""
        found = []
        for word in terms.wild_slots(term.text):
            try:
                if terms.is_wild(word):
                    found.append(self.expander.matching(key, word))
                elif term.fuzzy:
                    found.append(self.expander.near(key, word, term.fuzzy))
                else:
                    found.append(self.expander.inflections(key, word))
            except TooMany as problem:
                raise too_many(self.text, term, problem) from None
        return found

    def unheard(self, expression: ast.Expression, keys: tuple[str, ...]) -> None:
        """N08 for every word that none of the fields holds, with the nearest that one does."""
        match expression:
            case ast.Or(parts) | ast.Near(parts):
                for part in parts:
                    self.unheard(part, keys)
            case ast.Term(text) if any(self._all_held(other, keys) for other in _other_levels(text)):
                return
            case ast.Term(text, fuzzy):
                for word in terms.wild_slots(text):
                    if terms.is_wild(word) or fuzzy:
                        expand = self.expander.matching if terms.is_wild(word) else None
                        held = any(
                            expand(key, word) if expand else self.expander.near(key, word, fuzzy) for key in keys
                        )
                        if not held:
                            self.say("N08", f"{expression} matches no word {_where(keys)}".rstrip())
                    elif not any(self.expander.inflections(key, word) != (word,) for key in keys):
                        self._missing(word, keys)
            case ast.Quoted(text):
                for word in terms.slots(text):
                    self._missing(word, keys)

    def _all_held(self, text: str, keys: tuple[str, ...]) -> bool:
        """Does one of the fields hold every word of `text`?"""
        return any(all(self.expander.items_with(key, word) for word in terms.slots(text)) for key in keys)

    def _missing(self, word: str, keys: tuple[str, ...]) -> None:
        if any(self.expander.items_with(key, word) for key in keys):
            return
        if len(keys) > 1 and (where := self.elsewhere(word)):
            self.say("N08", f"{word} occurs in no text field, only as {where}")
            return
        if unsaid := absent(word, field=False):
            self.say("N08", f"no item has {word} {_where(keys)}".rstrip() + f": {unsaid}")
            return
        near = self.expander.nearest(keys, word)
        if near:
            self.nearest[word] = near
        self.say("N08", f"no item has {word} {_where(keys)}".rstrip() + (f"; did you mean {near}?" if near else ""))

    def _named(self, text: str, span: ast.Span) -> ast.Expression:
        """syn( ): the word and its listed other names, as bare words (phrases inflect as joined words do)."""
        if means := vocabulary.ambiguous(text):
            self.say("N05", f"syn({text}): {text} has more than one meaning ({means}), so no other names are searched")
        others = other_names(text)
        if others:
            if self.text[span[0] : span[1]].lower().startswith(text.lower()):  # a drug's name without syn( )
                also_finds(self.say, text, others, f'; for the word alone write "{text}"')
            else:
                also_finds(self.say, f"syn({text})", others)
        elif not means:
            self.say("N05", f"syn({text}): no other names are listed for it")
        names = tuple(ast.Term("-".join(_worded(name)), span=span) for name in (text, *others) if _worded(name))
        return names[0] if len(names) == 1 else ast.Or(names, span)


def _other_levels(text: str) -> tuple[str, ...]:
    """How else a level of the spine is written: "L4-5" is L4-L5 and L4L5 too. () for any other word. (L4/5 has the words of L4-5.)"""
    if _LEVEL.fullmatch(text) is None:
        return ()
    letter, names, shorts = "", [], []
    for typed, number in _VERTEBRA.findall(text):
        same = not typed or typed.upper() == letter
        letter = (typed or letter).upper()
        names.append(f"{letter}{number}")
        shorts.append(number if same and names[1:] else f"{letter}{number}")
    own = terms.slots(text)
    forms = dict.fromkeys(("-".join(shorts), "-".join(names), "".join(names)))
    return tuple(form for form in forms if terms.slots(form) != own)


def also_finds(say: Say, name: str, others: Sequence[str], rest: str = "") -> None:
    """N05: all the other names, and for the eye the first of them."""
    text = f"{name} also finds {', '.join(others)}{rest}"
    more = len(others) - _NAMED
    brief = f"{name} also finds {', '.join(others[:_NAMED])} and {more} more{rest}" if more > 1 else ""
    say("N05", text, brief)


def too_many(text: str, node: ast.Expression, problem: TooMany) -> QueryError:
    message = f"stands for {problem.count:,} words (limit {LIMIT:,}): write more letters"
    return fault("E122", message, text, *node.span)


def _where(keys: tuple[str, ...]) -> str:
    return f"in {keys[0]}" if len(keys) == 1 else ""


def _worded(text: str) -> list[str]:
    """The pieces of `text` between white space that hold a word."""
    return [piece for piece in text.split() if terms.slots(piece)]
