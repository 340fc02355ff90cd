"""How documents lie in Tantivy: one table of field names, made from the table of fields; what our writer notes beside Tantivy's own files; and
Tantivy's failures as the project's own: it raises ValueError for most, and a panic in Rust arrives as a BaseException of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imr_search.errors import ImrError, IndexError_, StorageError
from imr_search.fields import CITATION, DATE, FLAG, NUMBER, table

if TYPE_CHECKING:
    import tantivy


# A field's name with a letter before it for what is kept of it.
WORDS = "w_"  # words with positions
CITED = "c_"  # the same words as "word|k" for the k-th citation, its pages as "=98|k", and "*|k" for its being there
VALUES = "v_"  # whole values, also as a column
NUMBERS = "n_"  # numbers, as a column only, the smallest first
QUARTERS = "q_"  # a date's quarter as a number (20153), for grouping
RECORDS = "records"  # of all items of a letter, on its first
ID = VALUES + "id"
LETTER = VALUES + "letter"
ITEM = "item"  # the item's number in its letter; and ODD besides, where the letter's name cannot be had back from its number of order
ODD = 1 << 32
NUMBER_OF_LETTER = "letter_no"  # distinct for each letter of an index
OF_SEVERAL = (2, 3, 4, 5)  # "letter_2" is that number where the letter has at least two items, and so on: see facets
SIZE = "size"  # how many items the letter has
LOT = "lot"  # see documents.lot
ORDER = "order"  # the letter's name as a number that keeps its order, see `order`

GAP = "_"  # stands 401 words after a sentence, so that nothing reaches from one into the next; no word of ours
DISTANCE = 401
EVERY = "*"
PAGE = "="
META = "imr.json"

_PLACES, _BASE = 12, 39


def names() -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Keys of the fields with words, of citations, with values, with numbers, and of dates."""
    rows = list(table())
    return (
        [row.key for row in rows if row.positional],
        [row.key for row in rows if row.kind == CITATION],
        [row.key for row in rows if row.valued or row.kind == FLAG],
        [row.key for row in rows if row.kind in (NUMBER, DATE)],
        [row.key for row in rows if row.kind == DATE],
    )


@cache
def dates() -> frozenset[str]:
    """The fields that are dates."""
    return frozenset(names()[4])


def build() -> tantivy.Schema:
    import tantivy

    builder: Any = tantivy.SchemaBuilder()
    words, citations, values, numbers, dates = names()
    for key in words:
        builder.add_text_field(WORDS + key, tokenizer_name="whitespace", index_option="position")
    for key in citations:
        builder.add_text_field(CITED + key, tokenizer_name="whitespace", index_option="position")
    for key in values:
        stored = VALUES + key == ID
        builder.add_text_field(VALUES + key, stored=stored, fast=True, tokenizer_name="raw", index_option="basic")
    for key in numbers:
        builder.add_integer_field(
            NUMBERS + key, fast=True, indexed=key in dates
        )  # many items share a day: see ordering
    for key in dates:
        builder.add_integer_field(QUARTERS + key, fast=True)
    builder.add_integer_field(ITEM, fast=True)
    builder.add_unsigned_field(NUMBER_OF_LETTER, fast=True, indexed=True)
    for several in OF_SEVERAL:
        builder.add_unsigned_field(letter_of(several), fast=True)
    builder.add_unsigned_field(ORDER, fast=True)
    builder.add_integer_field(SIZE, fast=True)
    builder.add_integer_field(LOT, fast=True)
    builder.add_bytes_field(RECORDS, stored=True)
    made: tantivy.Schema = builder.build()
    return made


def letter_of(several: int) -> str:
    """The column of the numbers of letters that may have so many items (5 for all from there on)."""
    return f"letter_{min(several, OF_SEVERAL[-1])}"


def order(letter: str) -> int:
    """A number that never falls while letters' names rise, and differs for all names of a usual kind: the first 12 characters as digits of base 39.
    From the first character on that is no digit, capital or hyphen, all names with such a one there are equal."""
    number = 0
    for at in range(_PLACES):
        character = letter[at : at + 1]
        number = number * _BASE + (_digit(character) if character else 0)
        if character and not ("0" <= character <= "9" or "A" <= character <= "Z" or character == "-"):
            rest: int = _BASE ** (_PLACES - at - 1)
            return number * rest + (rest - 1 if character in "./" else 0)  # these two stand between "-" and "0"
    return number


def letter(order: int) -> str:
    """The name of the letter with that number of order, if it is not odd."""
    pairs, parts = _pairs(), []
    for _ in range(_PLACES // 2):
        order, part = divmod(order, _BASE**2)
        parts.append(pairs[part])
    return "".join(reversed(parts))


@cache
def _pairs() -> list[str]:
    """Two places at a time, by their number."""
    places = ("", "-", *"0123456789", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "")
    return [first + second for first in places for second in places]


def _digit(character: str) -> int:
    if character < "0":
        return 1
    if character <= "9":
        return 2 + ord(character) - ord("0")
    if character < "A":
        return 12
    return 12 + ord(character) - ord("A") if character <= "Z" else 38


def read_meta(folder: Path) -> dict[str, Any]:
    """`next`: the highest number given to a letter. `most`: the most items that any letter has had. `longest`: by field, the most words that any
    sentence or citation has had."""
    path = folder / META
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        longest = {str(field): int(length) for field, length in found["longest"].items()}
        return {"next": int(found["next"]), "most": int(found["most"]), "longest": longest}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexError_(f"{META} cannot be read", file=str(path)) from error


@contextmanager
def guard(folder: str, writing: bool = False) -> Iterator[None]:
    """IndexError_ for whatever the engine raises inside (StorageError while writing); a user's interrupt and our own errors pass."""
    try:
        yield
    except (ImrError, KeyboardInterrupt, GeneratorExit, SystemExit, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, ValueError | OSError) and type(error).__name__ != "PanicException":
            raise
        if writing:
            raise StorageError(f"the index could not be written: {type(error).__name__}") from error
        raise IndexError_("the index cannot be read: a file of it is damaged or missing", file=folder) from error
