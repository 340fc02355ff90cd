"""Why an item was found: the whole sentences that hold the query's words, best first, numbered so that they can be cited; and what those words are:
the positive parts of a plan that stand somewhere in a text."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise, takewhile

import msgspec

from imr_search import analysis, documents
from imr_search.fields import CITATION, TEXT, table
from imr_search.model import Citation, Evidence, Item
from imr_search.plan import (
    And,
    Boosted,
    Cited,
    InLetter,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Range,
    Similar,
    Words,
)
from imr_search.spans import Place, places

Term = Hashable
Leaf = Words | Phrase | Near | Cited | Range

PAGED = {"page": "guideline", "ca_page": "ca_guideline"}


def leaves(node: Node) -> Iterator[tuple[Leaf, frozenset[Term]]]:
    """Each positive leaf with its terms. What is under a Not is passed over; so are numbers but pages, and whole values."""
    match node:
        case Words() | Phrase() | Near() | Cited():
            yield node, terms((node,))
        case Range(field=field):
            if field in PAGED:
                yield node, frozenset((node,))
        case And(nodes=nodes):
            for part in nodes:
                yield from leaves(part)
        case Or(nodes=nodes):
            inner = [leaf for part in nodes for leaf in leaves(part)]
            shared = _shared([leaf for leaf, _ in inner]) if len(inner) == len(nodes) else None
            yield from inner if shared is None else ((leaf, shared) for leaf, _ in inner)
        case Boosted(node=inner_node) | InLetter(node=inner_node):
            yield from leaves(inner_node)
        case Similar(terms=listed):
            for field, word, _ in listed:
                yield Words(field, (word,)), frozenset((word,))


def _shared(parts: Sequence[Leaf]) -> frozenset[Term] | None:
    """The terms that leaves of as many different fields have in common, or None when they are not one condition."""
    if len({part.field for part in parts}) < len(parts):
        return None
    return terms(parts) or None


def terms(parts: Sequence[Node]) -> frozenset[Term]:
    """The terms of one condition, given as its leaf in each field; none when the leaves differ in shape."""
    match parts[0]:
        case Words() if all(isinstance(part, Words) for part in parts):
            return frozenset((frozenset(word for part in parts if isinstance(part, Words) for word in part.words),))
        case Phrase(slots=slots):
            rows = [part.slots for part in parts if isinstance(part, Phrase) and len(part.slots) == len(slots)]
            if len(rows) == len(parts):
                return frozenset((tuple(frozenset().union(*slot) for slot in zip(*rows, strict=True)),))
        case Near():
            near = [part for part in parts if isinstance(part, Near)]
            if len(near) == len(parts):
                return terms([part.left for part in near]) | terms([part.right for part in near])
        case Boosted():
            boosted = [part.node for part in parts if isinstance(part, Boosted)]
            if len(boosted) == len(parts):
                return terms(boosted)
        case Or(nodes=nodes):
            lists = [part.nodes for part in parts if isinstance(part, Or) and len(part.nodes) == len(nodes)]
            if len(lists) == len(parts):
                return frozenset((frozenset().union(*(terms(column) for column in zip(*lists, strict=True))),))
        case Cited(node=inner):
            if len(parts) == 1:
                found: frozenset[Term] = frozenset().union(*(own for _, own in leaves(inner)))
                return found or frozenset(parts)
    return frozenset()


_HEADING = ("treatment", "title")  # above the evidence anyway, with their marks
Mark = tuple[int, int]
_FEW = 50  # words that a text is looked through for, before it is taken apart


class _Piece(msgspec.Struct, frozen=True):
    """A sentence of prose, one citation (`cited`), or a whole short text."""

    number: int
    text: str
    pages: tuple[int, ...] = ()
    cited: bool = False


class _Text(msgspec.Struct, frozen=True):
    """One field (`name`) of one item. The words of piece k stand from position bases[k] on, in windows of their own, so that no place reaches
    across."""

    name: str
    pieces: list[_Piece] = msgspec.field(default_factory=list)
    bases: list[int] = msgspec.field(default_factory=list)
    words: list[tuple[str, int]] = msgspec.field(default_factory=list)

    def add(self, text: str, wanted: Sequence[Node], citation: Citation | None = None) -> None:
        """The next piece; its words only if one of the wanted nodes may stand in it."""
        text = text.strip()
        base = (self.words[-1][1] // analysis.STRIDE + 1) * analysis.STRIDE if self.words else 0
        pages = () if citation is None else citation.pages
        self.pieces.append(_Piece(len(self.pieces) + 1, text, pages, citation is not None))
        self.bases.append(base)
        lower = text.lower()
        if any(_may_stand(node, lower) for node in wanted):
            self.words.extend((word, base + position) for word, position in analysis.postings(text, prose=False))

    def holding(self, position: int) -> int:
        """The piece (from 0) that holds the word at a position."""
        return bisect_right(self.bases, position) - 1


class _Match(msgspec.Struct):
    """A piece in which something stands: which terms, and where (places in the field's positions, or cited pages)."""

    name: str
    piece: _Piece
    base: int
    terms: set[Term] = msgspec.field(default_factory=set)
    stands: list[Place | Range] = msgspec.field(default_factory=list)

    def marks(self) -> tuple[Mark, ...]:
        """The [start, end) in the piece's text of all that stands there. A citation found by a page that it does not print is marked whole."""
        last = max((one[1] - self.base for one in self.stands if not isinstance(one, Range)), default=-1)
        tokens = takewhile(lambda token: token.position <= last, analysis.tokens(self.piece.text, prose=False))
        at = {token.position: (token.start, token.end) for token in tokens}
        found: list[Mark] = []
        for one in self.stands:
            if isinstance(one, Range):
                found += _page_marks(self.piece, one)
            else:
                found.append((at[one[0] - self.base][0], at[one[1] - self.base][1]))
        return _merged(found or [(0, len(self.piece.text))])


@cache
def _in_order() -> tuple[str, ...]:
    """The fields of words: prose, citations, other texts, each in the order of the table."""
    rows = sorted(table().of_kind(TEXT, CITATION), key=lambda row: (not row.prose, row.kind != CITATION))
    return tuple(row.key for row in rows)


def evidence(item: Item, node: Node, limit: int | None = 2) -> tuple[Evidence, ...]:
    """The sentences and citations of `item` in which positive parts of `node` stand: first those with more of the query's terms, then with
    rarer ones (in fewer sentences of the item), then the earlier. At most `limit`; None is all, and the treatment and title besides.

    Where several are equally good, the reviewer's reasons come first, then what else is prose, citations, and short texts.
    """
    wanted: dict[str, list[tuple[Leaf, frozenset[Term]]]] = {}
    for leaf, terms in leaves(node):
        wanted.setdefault(PAGED.get(leaf.field, leaf.field), []).append((leaf, terms))
    matches: list[_Match] = []
    for name in _in_order():
        if name in wanted and (limit is None or name not in _HEADING):
            found = _matches(_text(item, name, [leaf for leaf, _ in wanted[name]]), wanted[name])
            matches += [match for match in found if match.piece.cited] or found
    spread = Counter(term for match in matches for term in match.terms)
    # Python's sort is stable: what is equally good stays in the order of the fields and of the text.
    matches.sort(key=lambda match: (-len(match.terms), min(spread[term] for term in match.terms)))
    return tuple(Evidence(match.name, match.piece.number, match.piece.text, match.marks()) for match in matches[:limit])


def title_marks(item: Item, node: Node) -> tuple[Mark, ...]:
    """The [start, end) in what is disputed (`Item.disputed`) of what the query asks of the treatment or the title."""
    wanted = [leaf for leaf, _ in leaves(node) if leaf.field in _HEADING]
    if not wanted:
        return ()
    text = _text(item, "title" if item.disputed == item.title else "treatment", wanted)
    match = None
    for leaf in wanted:
        for k, stands in _standing(leaf, text).items():
            match = match or _Match(text.name, text.pieces[k], text.bases[k])
            match.stands += stands
    return match.marks() if match is not None and match.stands else ()


def deciding(item: Item) -> Evidence | None:
    """The sentence of the main ground, for where no words of a query point to another."""
    return None if item.deciding is None else Evidence("rationale", item.deciding.sentence, item.deciding.text)


def sentence(item: Item, field: str, number: int) -> str | None:
    """The text of a numbered sentence or citation, to check a reference against the letter."""
    return next((piece.text for piece in _text(item, field).pieces if piece.number == number), None)


def _matches(text: _Text, wanted: Iterable[tuple[Leaf, frozenset[Term]]]) -> list[_Match]:
    """The pieces in which a leaf stands, in order."""
    found: dict[int, _Match] = {}
    for leaf, terms in wanted:
        for k, stands in _standing(leaf, text).items():
            match = found.setdefault(k, _Match(text.name, text.pieces[k], text.bases[k]))
            match.terms |= terms
            match.stands += stands
    return [found[k] for k in sorted(found)]


def _standing(leaf: Leaf, text: _Text) -> dict[int, list[Place | Range]]:
    """Where the leaf stands, by piece. A citation that satisfies a condition with nothing to point at has an empty list."""
    found: dict[int, list[Place | Range]] = {}
    match leaf:
        case Words() | Phrase() | Near():
            for place in places(leaf, text.words):
                found.setdefault(text.holding(place[0]), []).append(place)
        case Range():
            found = {k: [leaf] for k in _satisfying(leaf, text)}
        case Cited(node=inner):
            found = {k: [] for k in _satisfying(inner, text)}
            for part, _ in leaves(inner):
                for k, stands in _standing(part, text).items():
                    if k in found:
                        found[k] += stands
    return found


def _page_marks(piece: _Piece, wanted: Range) -> list[Mark]:
    """The printed numbers that stand for the wanted pages: the page itself, or the range that it lies in."""
    pages = [page for page in piece.pages if _within(page, wanted)]
    tokens = [token for token in analysis.tokens(piece.text, prose=False) if token.word.isdecimal()]
    found = [(token.start, token.end) for token in tokens if int(token.word) in pages]
    for low, high in pairwise(tokens):
        between = piece.text[low.end : high.start].strip()
        if between in ("-", "–", "—", "to", "through") and any(int(low.word) < page < int(high.word) for page in pages):
            found.append((low.start, high.end))
    return found


def _satisfying(node: Node, text: _Text) -> set[int]:
    """The pieces that each by itself satisfy the inside of a Cited node."""
    match node:
        case And(nodes=nodes):
            return set.intersection(*(_satisfying(part, text) for part in nodes))
        case Or(nodes=nodes):
            return set().union(*(_satisfying(part, text) for part in nodes))
        case Not(node=inner):
            return set(range(len(text.pieces))) - _satisfying(inner, text)
        case Boosted(node=inner):
            return _satisfying(inner, text)
        case Range():
            return {k for k, piece in enumerate(text.pieces) if any(_within(page, node) for page in piece.pages)}
        case Words() | Phrase() | Near():
            return set(_standing(node, text))
    return set()


def _within(number: int, node: Range) -> bool:
    return (node.low is None or number >= node.low) and (node.high is None or number <= node.high)


def _may_stand(node: Node, lower: str) -> bool:
    """False where a text in small letters cannot hold the node, told by its letters alone: far quicker than taking the text apart into words."""
    match node:
        case Words(words=words):
            return len(words) > _FEW or any(not word.isascii() or word in lower for word in words)
        case Phrase(slots=slots):
            return all(_may_stand(Words(node.field, slot), lower) for slot in slots)
        case Near(left=left, right=right):
            return _may_stand(left, lower) and _may_stand(right, lower)
        case Or(nodes=nodes) | And(nodes=nodes):
            return any(_may_stand(part, lower) for part in nodes)
        case Boosted(node=inner) | Not(node=inner) | Cited(node=inner):
            return _may_stand(inner, lower)
    return False  # a page, which is no word


def _text(item: Item, name: str, wanted: Sequence[Node] = ()) -> _Text:
    """The pieces of a field, and the words of those in which one of the wanted nodes may stand; nothing for a field that holds no words."""
    found = _Text(name)
    row = table().get(name)
    if row is None or not row.positional:
        return found
    text = getattr(item, row.json) or ""
    if row.kind == CITATION:
        citations = item.citations if name == "guideline" else item.ca_citations
        for piece, citation in documents.cited_pieces(text, citations):
            found.add(piece, wanted, citation)
    elif row.prose:
        for start, end in analysis.sentences(text):
            found.add(text[start:end], wanted)
    elif text:
        found.add(text, wanted)
    return found


def _merged(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks in order, those that touch or overlap as one."""
    found: list[Mark] = []
    for start, end in sorted(marks):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
