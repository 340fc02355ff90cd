"""Text to words with positions: the one reading of a text that index, query and evidence share.

A word is a run of letters and digits, lower-cased, kept as written. There are no stop words and no minimum length. A number with its
decimals is one word (2.5), a number glued to a unit is two (325mg), a possessive 's is dropped, and #240 and 5% stand at the position of
240 and 5. Joined words (10/325, L4-5, H-wave) are their parts at successive positions.

Prose is cut into sentences. The words of sentence k (from 0) stand at the positions STRIDE*k, STRIDE*k + 1, ...; a sentence of more
than WINDOW words goes on as the next one. So two words are of one sentence exactly when their positions differ by less than WINDOW, and a
phrase or a proximity never reaches across. Texts that are not prose are one such sentence (or several, past WINDOW words).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import count
from typing import overload

import msgspec

VERSION = "1"
STRIDE = 1000  # positions from one sentence's first to the next one's
WINDOW = 400  # words of a sentence, at most; so words of two sentences are more than STRIDE - WINDOW apart
LONGEST = 100  # characters of a word; more are the next word

# The first alternative is everything that begins with a digit (taken apart by _numeric), the second a word with its possessive.
# The length is bounded because engines bound it: a longer run is its pieces in a row, in the index and in a query alike.
_WORD = re.compile(
    r"#?\d{1,100}(?:\.\d{1,30}){0,9}(?:%|[^\W\d_][^\W_]{0,99})?|[^\W\d_][^\W_]{0,99}(?:['’?][sS](?![^\W_]))?"
)
# What is not taken apart by marks alone: a sign that is none of the marks below, a digit before a letter, decimals. A text without is split many
# times faster than it is matched.
_SPECIAL = re.compile(r"[^A-Za-z \n.,;:()/\"&-](?:(?<![0-9])|[A-Za-z]|\.[0-9])")
_APART = bytes(code if chr(code).isalnum() else 32 for code in range(128)).lower().ljust(256)
_NUMERIC = re.compile(r"(#?)([\d.]+)(%?)(.*)", re.DOTALL)
_GLUED = re.compile(r"(?!(?:st|nd|rd|th)$)(?:[^\W\d_]{2,}|[glu])$")


class Token(msgspec.Struct, frozen=True):
    """`word` at `position`; it was read from text[start:end]. Several may share a position (240 and #240)."""

    word: str
    position: int
    start: int
    end: int


@lru_cache(maxsize=20_000)
def _numeric(text: str) -> tuple[tuple[str, ...], ...]:
    """What begins with a digit or #: its words, one tuple a position. "#60tabs" is (("60", "#60"), ("tabs",))."""
    match = _NUMERIC.match(text)
    assert match is not None
    hash_, number, percent, rest = match.groups()
    rest = rest.lower()
    if rest and not _GLUED.match(rest):
        number, rest = number + rest, ""
    words: tuple[str, ...] = (number,)
    if hash_:
        words += ("#" + number,)
    if percent:
        words += (number + "%",)
    return (words, (rest,)) if rest else (words,)


def _plain(text: str) -> str:
    """A word that begins with a letter, without its possessive."""
    return (text[:-2] if text[-2:-1] in ("'", "’", "?") else text).lower()


def slots(text: str) -> list[tuple[str, ...]]:
    """The words of `text` in a row, one tuple a position, with no regard to sentences: how a query's words are read."""
    found: list[tuple[str, ...]] = []
    for piece in _WORD.findall(text):
        if piece.isalpha():
            found.append((piece.lower(),))
        elif piece[0] == "#" or piece[0].isdecimal():
            found.extend(_numeric(piece))
        else:
            found.append((_plain(piece),))
    return found


Posting = tuple[str, int]
Passage = str | list[Posting]  # words in a row; or, where two share a position, words with positions from 0


class Postings(Sequence[Posting]):
    """The words of a text as an index takes them: a sequence of (word, position), in order of position.

    It is held, and travels between processes, as `passages`: the k-th is what stands from position STRIDE * k on, "" for no word. So most
    of a text stays one string a sentence, which an engine with a tokenizer of its own takes as it is.
    """

    __slots__ = ("_pairs", "passages")

    def __init__(self, passages: list[Passage]) -> None:
        self.passages = passages
        self._pairs: list[Posting] | None = None

    @classmethod
    def of(cls, pairs: Iterable[Posting]) -> Postings:
        """The same made of pairs, in order of position."""
        rows: list[list[Posting]] = []
        for word, position in pairs:
            window, position = divmod(position, STRIDE)
            rows.extend([] for _ in range(window + 1 - len(rows)))
            rows[window].append((word, position))
        return cls([_passage(row) for row in rows])

    @property
    def pairs(self) -> list[Posting]:
        if self._pairs is None:
            found: list[Posting] = []
            for base, passage in zip(count(0, STRIDE), self.passages):
                if isinstance(passage, str):
                    found += zip(passage.split(), count(base))
                else:
                    found += [(word, base + position) for word, position in passage]
            self._pairs = found
        return self._pairs

    def __len__(self) -> int:
        return len(self.pairs)

    def __bool__(self) -> bool:
        return any(self.passages)

    def __iter__(self) -> Iterator[Posting]:
        return iter(self.pairs)

    @overload
    def __getitem__(self, at: int) -> Posting: ...

    @overload
    def __getitem__(self, at: slice) -> list[Posting]: ...

    def __getitem__(self, at: int | slice) -> Posting | list[Posting]:
        return self.pairs[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Postings | list) and self.pairs == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Postings({self.passages!r})"

    def __reduce__(self) -> tuple[type[Postings], tuple[list[Passage]]]:
        return Postings, (self.passages,)


def _passage(row: list[Posting]) -> Passage:
    """`row`, with positions from 0, as briefly as it goes."""
    plain = all(position == at for at, (_, position) in enumerate(row))
    return " ".join([word for word, _ in row]) if plain else row


def postings(text: str, prose: bool) -> Postings:
    """The words for the index. The fast twin of `tokens`: no offsets."""
    found: list[Passage] = []
    apart = text.encode("ascii", "replace").translate(_APART).decode("ascii")  # character for character
    for start, end in sentences(text) if prose else ((0, len(text)),):
        if _SPECIAL.search(text, start, end) is None:
            words = apart[start:end].split()
            room = end - start - 2 * len(words) + 2  # for the longest, beside words of one letter
            if len(words) <= WINDOW and (room <= LONGEST or max(map(len, words), default=0) <= LONGEST):
                found.append(" ".join(words))
                continue
        rows = slots(text[start:end])
        for first in range(0, len(rows) or 1, WINDOW):
            part = rows[first : first + WINDOW]
            if all(len(words) == 1 for words in part):
                found.append(" ".join([words[0] for words in part]))
            else:
                found.append([(word, at) for at, words in enumerate(part) for word in words])
    return Postings(found)


def tokens(text: str, prose: bool) -> Iterator[Token]:
    """The words with their places in `text`: for evidence and highlighting. Words and positions are those of `postings`."""
    base = 0
    for start, end in sentences(text) if prose else ((0, len(text)),):
        position, stop = base, base + WINDOW
        for match in _WORD.finditer(text, start, end):
            piece = match[0]
            numeric = piece[0] == "#" or piece[0].isdecimal()
            offset = match.start()
            for words in _numeric(piece) if numeric else ((_plain(piece) if not piece.isalpha() else piece.lower(),),):
                if position >= stop:
                    base += STRIDE
                    position, stop = base, base + WINDOW
                width = len(words[0]) + len(words) - 1 if numeric else len(match[0])  # 240, with its # and its %
                for word in words:
                    yield Token(word, position, offset, min(offset + width, match.end()))
                offset += width
                position += 1
        base += STRIDE


_SHORT = frozenset(
    "dr mr mrs ms st vs p pp pg pgs vol fig figs approx inc al ed eds sec cf viz jr sr et no nos".split()
)
_ABBREVIATION = re.compile(
    rf"(?:^|[^\w.])(?:{'|'.join(sorted(_SHORT - {'no', 'nos'}))}|(?:[a-z]\.)+[a-z]|ph\.d)$", re.IGNORECASE
)
_NUMBER_SIGN = re.compile(r"(?:^|\W)nos?$", re.IGNORECASE)
# A stop, with the closing quotes and brackets behind it, before white space; or glued to the next sentence ("established.The"). The mark comes
# first, and what may not stand before it after: a search passes over all other characters quickly.
_CLOSING = r"[\"'”’)\]]*"
_STOP = rf"(?:(?<![.!?].)[.!?]*{_CLOSING}\s+|(?<=[a-z0-9)\]][.])(?=[A-Z][a-z\s]))"
_ANY_STOP = re.compile("[.!?]" + _STOP)
# Most are full stops between a word of four letters that is no abbreviation and a capital: they end a sentence, and set the group.
_LONG_WORD = r"(?<=[a-z]{4}\.)" + "".join(rf"(?<!{word[-4:]}\.)" for word in sorted(_SHORT) if len(word) >= 4)
_FULL_STOP = re.compile(rf"\.(?:{_LONG_WORD}{_CLOSING}(\s+)(?=[A-Z])|{_STOP})")


def sentences(text: str) -> list[tuple[int, int]]:
    """[start, end) of each sentence, white space at the ends left out; none is empty. An empty text has none."""
    spans: list[tuple[int, int]] = []
    start = len(text) - len(text.lstrip())
    for match in (_ANY_STOP if "?" in text or "!" in text else _FULL_STOP).finditer(text):
        if match.lastindex:
            end, after = match.span(1)
        else:
            stop, after = match.span()
            if not (_word_ends(text, stop, after) or _ends(text, stop, after)):
                continue
            end = start + len(text[start:after].rstrip())
        spans.append((start, end))
        start = after
    end = len(text.rstrip())
    if start < end:
        spans.append((start, end))
    return spans


def _word_ends(text: str, stop: int, after: int) -> bool:
    """Is it a full stop between a word that is no abbreviation and a capital?"""
    word = text[max(0, stop - 12) : stop].rpartition(" ")[2]
    return text[stop] == "." and word.isalpha() and word.lower() not in _SHORT and text[after : after + 1].isupper()


def _ends(text: str, stop: int, after: int) -> bool:
    """Does the stop at text[stop], with what follows from `after`, end a sentence?"""
    following = text[after : after + 1]
    if not following or text[stop] == "!":
        return True
    if following.islower():
        return False  # an abbreviation that no list knows, or a "?" left of a lost quote
    if text[stop] == "?":
        return following.isupper() and text[stop - 1 : stop].strip() != ""
    before = text[max(0, stop - 12) : stop]
    if not before.rstrip()[-1:].isalpha():
        return True  # behind a number or a bracket
    if _ABBREVIATION.search(before):
        return False
    return not (_NUMBER_SIGN.search(before) and (following.isdigit() or following == "#"))


@cache
def _stemmer() -> object:
    import Stemmer

    return Stemmer.Stemmer("english")


def stem(word: str) -> str:
    """Snowball English. Words with one stem are each other's inflections; a word with a digit is its own."""
    if not word.isalpha():
        return word
    return _stemmer().stemWord(word)  # type: ignore[attr-defined, no-any-return]
