"""What a person's words mean in fields: dates, numbers, treatments, decisions, reports, each by the longest run that is known."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence

import msgspec

from imr_search import vocabulary
from imr_search.query import first_words, known_names, parser, said_dates
from imr_search.query.first_words import listed, names
from imr_search.query.pieces import Clause, Part, Piece, Report

_LONGEST = 6  # words of a name
_STRENGTH = re.compile(r"\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)+(?:mg)?|\d+(?:\.\d+)?(?:mg|mcg|ml|%)", re.IGNORECASE)
_NUMBER = re.compile(r"#?(\d{1,6})")
_COUNTED = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "ten": "10", "twelve": "12"}


class Recogniser:
    """Walks over the pieces; each recogniser looks at the words from a place on and says how many it takes."""

    def __init__(self, pieces: Sequence[Piece], today: datetime.date, reported: bool) -> None:
        self.pieces = pieces
        self.today = today
        self.reported = reported
        self.report = Report()
        self.recognised = False
        self.parts: list[Part] = []
        self.excluding = False
        self.dated = ""  # the date that a word said before it
        self.licensed = any(
            piece.text.lower() in listed("words", "licence") for piece in pieces if piece.kind == "word"
        )

    def read(self) -> list[Part]:
        at = 0
        recognisers: tuple[Callable[[int], int], ...] = (
            self._case,
            self._report,
            self._items,
            self._date,
            self._number,
            self._specialty,
            self._treatment,
            self._state,
            self._source,
            self._decision,
            self._person,
        )
        while at < len(self.pieces):
            piece = self.pieces[at]
            if piece.kind != "word":
                self._other(piece)
                at += 1
                continue
            taken = self._negation(at, recognisers)
            if not taken:
                taken = next(filter(None, (recognise(at) for recognise in recognisers)), 0)
            if not taken:
                taken = self._rest(at)
            at += taken
        return self.parts

    def words(self, at: int, size: int) -> list[str]:
        """The `size` bare words from `at` on, fewer where something else stands between."""
        found = []
        for piece in self.pieces[at : at + size]:
            if piece.kind != "word":
                break
            found.append(piece.text)
        return found

    def said(self, at: int, held: frozenset[str]) -> int:
        """How many words from `at` on are one of the names `held`, the longest first."""
        found = self.words(at, _LONGEST)
        for size in range(len(found), 0, -1):
            if vocabulary.normal(" ".join(found[:size])) in held:
                return size
        return 0

    def add(self, field: str, value: str) -> None:
        self.recognised = True
        self.parts.append(Clause(field, value, self.excluding))
        self.excluding = False

    def _other(self, piece: Piece) -> None:
        if piece.kind == "fixed":
            self.parts.append(Clause("", piece.text, self.excluding))
            self.excluding = False
        elif piece.kind == "NOT":
            self.excluding = True
        else:
            if piece.kind == "(" and self.excluding:
                self.parts.append("-(")
                self.excluding = False
                return
            self.parts.append(piece.kind)

    def _negation(self, at: int, recognisers: Sequence[Callable[[int], int]]) -> int:
        """not, no, without before a recognised thing exclude it."""
        size = self.said(at, listed("words", "excluding"))
        if not size:
            return 0
        next_ = at + size
        skipped = listed("words", "joining") | listed("words", "licence")
        while (
            next_ < len(self.pieces)
            and self.pieces[next_].kind == "word"
            and self.pieces[next_].text.lower() in skipped
        ):
            next_ += 1
        before, recognised = len(self.parts), self.recognised
        report = msgspec.structs.replace(self.report)
        self.excluding = True
        if next_ < len(self.pieces) and self.pieces[next_].kind == "word":
            taken = next((n for recognise in recognisers if (n := recognise(next_))), 0)
            if taken and len(self.parts) > before:
                return next_ - at + taken
            self.report, self.recognised = report, recognised
        self.excluding = False
        if self.pieces[at].text.lower() != "not":
            return 0
        # a small "not" is a word only within a phrase
        run = [self.pieces[at].text]
        while at + len(run) < len(self.pieces) and self.pieces[at + len(run)].kind == "word" and len(run) < 4:
            word = self.pieces[at + len(run)].text
            if (
                word.lower() in listed("words", "joining")
                or known_names.named(word)
                or first_words.maybe_decision(word)
            ):
                break
            run.append(word)
        if len(run) > 1:
            self.parts.append(Clause("", f'"{" ".join(run)}"'))
        return len(run)

    def _rest(self, at: int) -> int:
        word = self.pieces[at].text
        low = word.lower()
        if low in listed("words", "joining") or low in listed("words", "licence"):
            return 1
        self.parts.append(Clause("", word if parser.readable(word) else f'"{word}"', self.excluding))
        self.excluding = False
        return 1

    # -- recognisers: how many words they took, 0 for none

    def _case(self, at: int) -> int:
        """A case's number, which is read so without this too."""
        word = self.pieces[at].text.upper()
        if not first_words.is_case(word):
            return 0
        self.parts.append(Clause("id" if "#" in word else "case", word, self.excluding))
        self.excluding = False
        return 1

    def _report(self, at: int) -> int:
        if self.reported:
            return 0
        size = self._of_report(at)
        if size:
            self.recognised = True
        return size

    def _of_report(self, at: int) -> int:
        for kind in ("rate", "count", "trend", "top"):
            if size := self.said(at, listed("reports", kind)):
                low = vocabulary.normal(" ".join(self.words(at, size)))
                if kind == "top" and low == "top" and not self._top(at + 1):
                    return 0
                if not self.report.kind or kind == "rate":
                    self.report.kind = kind
                if kind == "top":
                    return size + self._top(at + size)
                if kind == "trend":
                    self.report.part = self.report.part or "year"
                return size + self._by(at + size, True)
        if size := self.said(at, listed("reports", "why")):
            self.report.kind = "top"
            self.report.by.append("reason")
            return size
        if size := self.said(at, listed("reports", "days")):
            self.report.kind = "stats days"
            return size + self._by(at + size, True)
        if self.pieces[at].text.lower() in ("which", "what") and (
            held := self.said(at + 1, frozenset(names("reports", "by")))
        ):
            self.report.kind = "rate"
            self.report.by.append(self._group(" ".join(self.words(at + 1, held))))
            return 1 + held
        if size := self.said(at, listed("reports", "compare")):
            self.report.versus = True
            return size
        return self._by(at, bool(self.report.kind))

    def _top(self, at: int) -> int:
        """`10 guidelines`, `drugs`."""
        words = self.words(at, 1)
        size = 0
        if words and words[0].isdigit() and 0 < int(words[0]) <= 1000:
            self.report.n = int(words[0])
            size = 1
        while self.words(at + size, 1) and self.words(at + size, 1)[0].lower() in (
            "cited",
            "requested",
            "denied",
            "reviewed",
        ):
            size += 1
        held = self.said(at + size, frozenset(names("reports", "by")))
        if held:
            self.report.by.append(self._group(" ".join(self.words(at + size, held))))
        return size + held if size or held else 0

    def _by(self, at: int, reported: bool) -> int:
        """`by category`, `per month`."""
        size = self.said(at, listed("reports", "per"))
        if not size:
            return 0
        held = self.said(at + size, frozenset(names("reports", "by")))
        if not held:
            return 0
        group = self._group(" ".join(self.words(at + size, held)))
        if not reported and group not in (
            "year",
            "month",
            "quarter",
            "category",
            "specialty",
            "body",
            "licensed",
            "source",
        ):
            return 0
        if group in ("year", "month", "quarter") and self.report.kind in ("", "count", "trend"):
            self.report.kind, self.report.part = "trend", group
        else:
            self.report.kind = self.report.kind or "rate"
            self.report.by.append(group)
        more = 0
        if self.words(at + size + held, 1) and self.words(at + size + held, 1)[0].lower() == "and":
            again = self.said(at + size + held + 1, frozenset(names("reports", "by")))
            if again:
                self.report.by.append(self._group(" ".join(self.words(at + size + held + 1, again))))
                more = 1 + again
        return size + held + more

    def _group(self, name: str) -> str:
        found = names("reports", "by")[vocabulary.normal(name)]
        if ":" in found:
            field, _, value = found.partition(":")
            self.parts.append(Clause(field, value))
            return field
        return found

    def _items(self, at: int) -> int:
        """`more than one treatment`, `multiple items`: of a letter."""
        things = (
            "treatment",
            "treatments",
            "item",
            "items",
            "request",
            "requests",
            "service",
            "services",
            "issue",
            "issues",
        )
        size = self.said(at, listed("words", "over"))
        words = [word.lower() for word in self.words(at + size, 2)]
        if size and len(words) == 2 and words[1] in things and (words[0] == "one" or words[0].isdigit()):
            self.add("items", f">{1 if words[0] == 'one' else words[0]}")
            return size + 2
        size = self.said(at, listed("words", "least"))
        words = [word.lower() for word in self.words(at + size, 2)]
        if size and len(words) == 2 and words[1] in things and (words[0] in _COUNTED or words[0].isdigit()):
            self.add("items", f">={_COUNTED.get(words[0], words[0])}")
            return size + 2
        if not size and len(words) == 2 and words[0] in ("multiple", "several") and words[1] in things:
            self.add("items", ">1")
            return 2
        return 0

    def _date(self, at: int) -> int:
        """A date or a span of them, perhaps with the word that says which date of the letter is meant."""
        field, start = "decided", at
        for key in ("injured", "received", "assigned", "denied", "decided"):
            if size := self.said(at, listed("dates", key)):
                field, start = key, at + size
                break
        while (
            start > at
            and self.words(start, 1)
            and self.words(start, 1)[0].lower() in ("was", "is", "on", "in", "of", "date")
        ):
            start += 1
        found = said_dates.read(self.words(start, 8), self.today, bound_needed=start == at)
        if found is None:
            return 0
        self.add(field, found.value)
        return start - at + found.words

    def _number(self, at: int) -> int:
        """A number with what it counts: tablets, visits, years; a strength."""
        words = self.words(at, 8)
        low = [word.lower() for word in words]
        if _STRENGTH.fullmatch(words[0]):
            typed = words[0].lower()
            self.add("strength", typed.removesuffix("mg") if "/" in typed else typed)  # as the index writes it
            return 1
        if low[0] == "page" and len(words) > 1 and low[1].isdigit():
            self.add("page", low[1])
            return 2
        aged, start = low[0] in ("age", "aged", "ages"), 1 if low[0] in ("age", "aged", "ages") else 0
        bound, size = self._bound(at + start)
        start += size
        number = self._numbered(words[start : start + 1])
        if number is None:
            return 0
        value, end = number, start + 1
        if (
            end + 1 < len(low)
            and low[end] in ("to", "and", "through", "-")
            and bound in ("", "between")
            and (low[end] != "and" or low[max(0, start - 1)] == "between" or aged)
        ):
            high = self._numbered(words[end + 1 : end + 2])
            if high is not None:
                value, end, bound = f"{number}..{high}", end + 2, ""
        elif "-" in words[start] and re.fullmatch(r"\d{1,3}-\d{1,3}", words[start]):
            value = words[start].replace("-", "..")
        bound = "" if bound == "between" else bound
        if words[start].startswith("#") and not bound and not aged:
            self.add("qty", value)
            return end
        unit = low[end] if end < len(low) else ""
        if unit in listed("words", "visits") and not aged:
            self.add("visits", bound + value)
            return end + 1
        if unit in listed("words", "quantity") and not aged:
            self.add("qty", bound + value)
            return end + 1
        years = self.said(at + end, listed("words", "years"))
        old = low[end : end + 2] in (["and", "over"], ["and", "older"], ["or", "older"], ["and", "up"])
        if aged or years or (old and 16 <= int(number) <= 100):
            self.add("age", (">=" if old else bound) + value)
            return end + (years or 2 * old)
        if (
            bound
            and bound != "="
            and unit not in listed("words", "weeks")
            and 16 <= int(number) <= 100
            and "mg" not in unit
        ):
            # over 65, with nothing that it counts
            follows = self.words(at + end, 1)
            if not follows or follows[0].lower() in listed("words", "joining") or self._known(at + end):
                self.add("age", bound + value)
                return end
        return 0

    def _known(self, at: int) -> bool:
        """Does something recognised of its own follow, and not what a number counts?"""
        word = self.words(at, 1)[0].lower()
        return (
            first_words.maybe_decision(word) is not None
            or word in names("people")
            or known_names.named(word) is not None
            or word in names("sources")
        )

    def _bound(self, at: int) -> tuple[str, int]:
        for row, sign in (("over", ">"), ("under", "<"), ("least", ">="), ("most", "<=")):
            if size := self.said(at, listed("words", row)):
                return sign, size
        if self.words(at, 1) and self.words(at, 1)[0].lower() in ("between", "from"):
            return "between", 1
        return "", 0

    @staticmethod
    def _numbered(words: Sequence[str]) -> str | None:
        if not words:
            return None
        text = words[0].lower().replace(",", "").rstrip("+")
        match = _NUMBER.fullmatch(text.split("-")[0])
        return match[1] if match else _COUNTED.get(text)

    def _specialty(self, at: int) -> int:
        rows = first_words.table("specialties")
        whole = {vocabulary.normal(name): name for name in rows if " " in name}
        words = self.words(at, _LONGEST)
        for size in range(len(words), 0, -1):
            normal = vocabulary.normal(" ".join(words[:size]))
            found = names("specialties").get(normal) or whole.get(normal)
            if found is not None:
                after = self.words(at + size, 1)
                self.add("specialty", _quoted(found))
                return size + (
                    1 if after and after[0].lower() in ("reviewer", "reviewers", "doctor", "physician") else 0
                )
        return 0

    def _treatment(self, at: int) -> int:
        words = self.words(at, _LONGEST)
        if not words or words[0].lower() in listed("words", "joining") or first_words.maybe_decision(words[0]):
            return 0
        name, size = known_names.longest(words)
        if name is None:
            return 0
        if name.kind == "weak":
            # beside the name of a treatment it only says again what that is: acupuncture treatment, psych referral
            last = self.parts[-1] if self.parts else None
            if isinstance(last, Clause) and last.field in ("category", "drug", "treatment") and not self.excluding:
                return size
            return 0
        if name.kind == "treatment":
            self.add(
                "treatment", f"syn({name.value})" if parser.readable(f"syn({name.value})") else _quoted(name.value)
            )
        else:
            part = _part_of_body(words[:size]) if name.kind == "category" else ""
            if part and not self.excluding:
                self.add("body", _quoted(part))
            self.add(name.field, _quoted(name.value))
        return size

    def _state(self, at: int) -> int:
        words = self.words(at, 3)
        for size in range(len(words), 0, -1):
            typed = " ".join(words[:size])
            found = first_words.state(typed)
            if found is None:
                continue
            short = len(typed.replace(".", "")) <= 3
            if short and not (typed.isupper() and self.licensed):
                continue
            self.add("licensed", _quoted(found.lower()))
            return size
        return 0

    def _source(self, at: int) -> int:
        size = self.said(at, frozenset(names("sources")))
        if size:
            self.add("source", names("sources")[vocabulary.normal(" ".join(self.words(at, size)))].lower())
            after = self.words(at + size, 1)
            return size + (1 if after and after[0].lower() in ("guideline", "guidelines") else 0)
        return 0

    def _decision(self, at: int) -> int:
        words = self.words(at, 3)
        for size in range(len(words), 0, -1):
            normal = vocabulary.normal(" ".join(words[:size]))
            for row in ("read", "words", "said"):
                if normal in names("decisions", row):
                    self.add("outcome", names("decisions", row)[normal])
                    return size
        return 0

    def _person(self, at: int) -> int:
        word = self.pieces[at].text.lower()
        if word in ("expedited", "urgent"):
            self.add("priority", "expedited")
            return 1
        found = names("people").get(word)
        if found is None:
            return 0
        self.add("sex", found)
        return 1


def _part_of_body(words: Sequence[str]) -> str:
    """The part of the body that stands in the name of a treatment: of "knee brace" the knee."""
    if len(words) < 2:
        return ""
    return next(filter(None, map(vocabulary.body, (" ".join(words), *words))), "")


def _quoted(value: str) -> str:
    return f'"{value}"' if not re.fullmatch(r"[\w/.#-]+", value) else value
