"""A walk over the words of a query, for the recognisers: what stands from a place on, and what has been made of the words so far."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from imr_search import vocabulary
from imr_search.query.first_words import listed
from imr_search.query.pieces import Clause, Part, Piece, Report

LONGEST = 6
"""The most words of a name."""


class Walk:
    """The pieces of a query and the parts made of them. `reported`: a report is typed behind the words; `today` is what "last month" counts from."""

    def __init__(self, pieces: Sequence[Piece], today: datetime.date, reported: bool, all_words: bool = True) -> None:
        self.pieces = pieces
        self.today = today
        self.reported = reported
        self.report = Report()
        self.recognised = False
        self.all_words = all_words
        self.left_out: list[str] = []  # words that nothing knows, where not all words are wanted
        self.parts: list[Part] = []
        self.excluding = False
        self._runs: dict[int, list[str]] = {}  # the names that may begin at a place, the longest first
        self.licensed = any(
            piece.text.lower() in listed("words", "licence") for piece in pieces if piece.kind == "word"
        )

    def words(self, at: int, size: int) -> list[str]:
        """The `size` bare words from `at` on, fewer where something else stands between."""
        found = []
        for piece in self.pieces[at : at + size]:
            if piece.kind != "word":
                break
            found.append(piece.text)
        return found

    def low(self, at: int, size: int = 1) -> list[str]:
        """The same in small letters."""
        return [word.lower() for word in self.words(at, size)]

    def said(self, at: int, held: Collection[str]) -> int:
        """How many words from `at` on are one of the names `held`, the longest first; 0 for none."""
        if at not in self._runs:
            words = self.words(at, LONGEST)
            self._runs[at] = [vocabulary.normal(" ".join(words[:size])) for size in range(len(words), 0, -1)]
        runs = self._runs[at]
        return next((len(runs) - k for k, run in enumerate(runs) if run in held), 0)

    def last(self) -> Clause | None:
        """The clause made last, if nothing has come after it."""
        part = self.parts[-1] if self.parts else None
        return part if isinstance(part, Clause) else None

    def add(self, field: str, value: str) -> None:
        """A clause that the words say, excluded if a "not" stood before them."""
        self.recognised = True
        self.keep(field, value)

    def keep(self, field: str, value: str) -> None:
        """A clause that is read so without this too, or (field "") words as they were typed."""
        self.parts.append(Clause(field, value, self.excluding))
        self.excluding = False

    def word(self, typed: str) -> None:
        """A word that nothing knows: kept as typed, or left out where not all are wanted and it excludes nothing."""
        if self.all_words or self.excluding:
            self.keep("", typed)
        else:
            self.left_out.append(typed.strip('"'))
