"""Citations to the letters: how a decision is named in a brief, in three styles, and with the file's hash."""

from __future__ import annotations

import re

from imr_search.errors import UsageError
from imr_search.model import Item
from imr_search.stages import STYLES

_MONTHS = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")
_PLACES = {"ca_guideline": "administrator's guideline"}


def cite(item: Item, style: str = "ccc", sentence: tuple[str, int] | None = None) -> str:
    """One line that names `item`, and one `sentence` of it (field, k from 1) when given.

    ccc: IMR Case No. CM15-0012345, Item 2 (Final Determination Letter, Mar. 4, 2015), rationale, sentence 4
    plain: CM15-0012345 #2, 2015-03-04, rationale, sentence 4
    md: as ccc, with the case in bold and what Markdown would read escaped
    full: as ccc, with the letter's file and its SHA-256

    The page of the PDF on which the item begins, where it is known, follows the date: "Mar. 4, 2015, PDF p. 3".

    Raises UsageError for any other style.
    """
    if style not in STYLES:
        raise UsageError(f"no citation style is called {style}", f"one of: {', '.join(STYLES)}")
    place = _place(item, sentence)
    if style == "plain":
        return ", ".join([f"{_name(item)} #{item.n}", item.decided or "undated", *_page(item), *place])
    number = f"IMR Case No. {item.case}" if item.case else f"IMR Letter {item.letter}"
    letter = ", ".join(["Final Determination Letter", written(item.decided), *_page(item)])
    rest = ", ".join([f"Item {item.n} ({letter})", *place])
    if style == "md":
        return f"**{_escaped(_line(number))}**, {_escaped(rest)}"
    if style == "full":
        return f"{_line(number)}, {rest} [{_line(item.file)}, SHA-256 {item.sha256}]"
    return f"{_line(number)}, {rest}"


def written(day: str | None) -> str:
    """ "2015-03-04" as "Mar. 4, 2015"; "undated" when unknown."""
    if not day:
        return "undated"
    year, month, date = (int(part) for part in day.split("-"))
    return f"{_MONTHS[month - 1]} {date}, {year}"


def _page(item: Item) -> list[str]:
    return [f"PDF p. {item.pdf_page}"] if item.pdf_page else []


def _name(item: Item) -> str:
    return _line(item.case or item.letter)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _line(text: str) -> str:
    """A name on one line, whatever a letter or a file name holds."""
    return " ".join(text.split())


def _place(item: Item, sentence: tuple[str, int] | None) -> list[str]:
    if sentence is None:
        return []
    field, k = sentence
    if field in ("guideline", "ca_guideline"):
        held = len(item.citations if field == "guideline" else item.ca_citations)
        return [_PLACES.get(field, field), *([f"citation {k}"] if k <= held else [])]
    if field in ("treatment", "title"):
        return [field]
    return [field, f"sentence {k}"]
