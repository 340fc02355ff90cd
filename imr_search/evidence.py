"""Why an item was found: the whole sentences that hold the query's words, best first, numbered so that they can be cited."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from imr_search import analysis, documents
from imr_search.fields import CITATION, table
from imr_search.model import Citation, Evidence, Item
from imr_search.nodes import (
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
from imr_search.spans import places

# Where several sentences are equally good, the reviewer's reasons come first.
_ORDER = ("rationale", "summary", "guideline", "ca_guideline", "treatment", "title")
_PAGED = {"page": "guideline", "ca_page": "ca_guideline"}

Mark = tuple[int, int]
Leaf = Words | Phrase | Near | Cited | Range
Term = Hashable


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence of prose, one citation (`cited`), or a whole short text. `at`: the [start, end) in `text` of each word position."""

    field: str
    number: int
    text: str
    words: list[tuple[str, int]]
    at: dict[int, Mark]
    pages: tuple[int, ...] = ()
    cited: bool = False


@dataclass(slots=True)
class _Match:
    piece: _Piece
    terms: set[Term]
    marks: list[Mark]


def evidence(item: Item, node: Node, limit: int | None = 2) -> tuple[Evidence, ...]:
    """The sentences and citations of `item` in which positive parts of `node` stand: first those with more of the query's terms, then with
    rarer ones (in fewer sentences of the item), then the earlier. At most `limit`; None is all, and the treatment and title besides.
    """
    wanted: dict[str, list[Leaf]] = {}
    for leaf in _leaves(node):
        wanted.setdefault(_PAGED.get(leaf.field, leaf.field), []).append(leaf)
    matches: list[_Match] = []
    for field in _ORDER:
        row = table()[field]
        if field in wanted and (limit is None or row.prose or row.kind == CITATION):
            found = _matches(_pieces(item, field), wanted[field])
            cited = [match for match in found if match.piece.cited]
            matches += cited or found
    spread: dict[Term, int] = {}
    for match in matches:
        for term in match.terms:
            spread[term] = spread.get(term, 0) + 1
    # Python's sort is stable: what is equally good stays in the order of _ORDER and of the text.
    matches.sort(key=lambda match: (-len(match.terms), min(spread[term] for term in match.terms)))
    return tuple(
        Evidence(match.piece.field, match.piece.number, match.piece.text, _merged(match.marks))
        for match in (matches if limit is None else matches[:limit])
    )


def sentence(item: Item, field: str, number: int) -> str | None:
    """The text of a numbered sentence or citation, to check a reference against the letter."""
    return next((piece.text for piece in _pieces(item, field) if piece.number == number), None)


def _leaves(node: Node) -> Iterator[Leaf]:
    """The positive parts of a plan that stand somewhere in a text."""
    match node:
        case Words() | Phrase() | Near() | Cited():
            yield node
        case Range(field=field):
            if field in _PAGED:
                yield node
        case And(nodes=nodes) | Or(nodes=nodes):
            for part in nodes:
                yield from _leaves(part)
        case Boosted(node=inner) | InLetter(node=inner):
            yield from _leaves(inner)
        case Similar(terms=terms):
            for field, word, _ in terms:
                yield Words(field, (word,))


def _matches(pieces: Sequence[_Piece], leaves: Sequence[Leaf]) -> list[_Match]:
    found: list[_Match] = []
    for piece in pieces:
        match = _Match(piece, set(), [])
        for leaf in leaves:
            marks = _marks(leaf, piece)
            if marks:
                match.marks += marks
                match.terms |= _terms(leaf)
        if match.terms:
            found.append(match)
    return found


def _marks(leaf: Node, piece: _Piece) -> list[Mark]:
    """Where in the piece's text the leaf stands; a citation found by its page alone is marked at the page, or whole."""
    match leaf:
        case Words() | Phrase() | Near():
            return [(piece.at[first][0], piece.at[last][1]) for first, last in places(leaf, piece.words)]
        case Range():
            cited = [page for page in piece.pages if _within(page, leaf)]
            return (_page_marks(piece, cited) or [(0, len(piece.text))]) if cited else []
        case Cited(node=inner):
            if not _cites(inner, piece):
                return []
            return [mark for part in _leaves(inner) for mark in _marks(part, piece)] or [(0, len(piece.text))]
    return []


def _page_marks(piece: _Piece, pages: Sequence[int]) -> list[Mark]:
    """The printed numbers that stand for these pages: the page itself, or both ends of the range that it lies in."""
    numbers = [(int(word), piece.at[position]) for word, position in piece.words if word.isdecimal()]
    found = [mark for number, mark in numbers if number in pages]
    for (low, first), (high, second) in pairwise(numbers):
        between = piece.text[first[1] : second[0]].strip()
        if between in ("-", "–", "—", "to", "through") and any(low < page < high for page in pages):
            found.append((first[0], second[1]))
    return found


def _cites(node: Node, piece: _Piece) -> bool:
    """Does this one citation satisfy the inside of a Cited node?"""
    match node:
        case And(nodes=nodes):
            return all(_cites(part, piece) for part in nodes)
        case Or(nodes=nodes):
            return any(_cites(part, piece) for part in nodes)
        case Not(node=inner):
            return not _cites(inner, piece)
        case Boosted(node=inner):
            return _cites(inner, piece)
        case Range():
            return any(_within(page, node) for page in piece.pages)
        case Words() | Phrase() | Near():
            return bool(places(node, piece.words))
    return False


def _within(number: int, node: Range) -> bool:
    return (node.low is None or number >= node.low) and (node.high is None or number <= node.high)


def _terms(leaf: Node) -> set[Term]:
    """What a person would call the terms of a leaf, the same for every field that it is looked for in."""
    match leaf:
        case Words(words=words):
            return {words}
        case Phrase(slots=slots):
            return {slots}
        case Near(left=left, right=right):
            return _terms(left) | _terms(right)
        case Or(nodes=nodes):
            return {frozenset().union(*(_terms(part) for part in nodes))}
        case Boosted(node=inner):
            return _terms(inner)
        case Cited(node=inner):
            return {term for part in _leaves(inner) for term in _terms(part)} or {leaf}
        case _:
            return {leaf}


def _pieces(item: Item, field: str) -> list[_Piece]:
    row = table().get(field)
    if row is None or not row.positional:
        return []
    text = str(getattr(item, row.json))
    if row.kind == CITATION:
        citations = item.citations if field == "guideline" else item.ca_citations
        return [
            _whole(field, number, piece, citation)
            for number, (piece, citation) in enumerate(documents.cited_pieces(text, citations), 1)
        ]
    if not row.prose:
        return [_whole(field, 1, text)] if text else []
    spans = analysis.sentences(text)
    starts = [start for start, _ in spans]
    held: list[list[analysis.Token]] = [[] for _ in spans]
    for token in analysis.tokens(text, prose=True):
        held[bisect_right(starts, token.start) - 1].append(token)
    return [
        _piece(field, number, text[start:end], tokens, start)
        for number, ((start, end), tokens) in enumerate(zip(spans, held, strict=True), 1)
    ]


def _whole(field: str, number: int, text: str, citation: Citation | None = None) -> _Piece:
    """A text that is not cut into sentences, without the white space at its ends."""
    text = text.strip()
    piece = _piece(field, number, text, list(analysis.tokens(text, prose=False)), 0)
    return piece if citation is None else replace(piece, pages=citation.pages, cited=True)


def _piece(field: str, number: int, text: str, tokens: list[analysis.Token], start: int) -> _Piece:
    """`text` begins at `start` of what the tokens were read from."""
    at = {token.position: (token.start - start, token.end - start) for token in tokens}
    return _Piece(field, number, text, [(token.word, token.position) for token in tokens], at)


def _merged(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks in order, those that touch or overlap as one."""
    found: list[Mark] = []
    for start, end in sorted(marks):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
