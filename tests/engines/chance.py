"""Letters and plan nodes made by chance, so that engines meet every kind of query over every kind of item."""

from __future__ import annotations

from random import Random
from typing import TypeVar

import msgspec

from imr_search import documents, fields
from imr_search.fields import DATE, NUMBER, Field, table
from imr_search.model import Citation, Item, Letter, ParseWarning
from imr_search.plan import (
    All,
    And,
    Boosted,
    Cited,
    Group,
    InLetter,
    Keyword,
    KeywordPrefix,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Range,
    Similar,
    SortKey,
    Words,
)

WORDS = ("pain", "back", "neck", "drug", "norco", "mri", "#60", "325mg", "l4", "acupuncture", "therapy", "no", "unit")
SOURCES = ("MTUS", "ACOEM", "ODG", "Other")
CHAPTERS = ("Chronic Pain", "Low Back", "Pain, Suffering")
SECTIONS = ("Opioids", "Physical Medicine", "Urine drug testing")
CATEGORIES = ("pharmaceutical/opioid", "pharmaceutical", "imaging/mri", "rehabilitation/acupuncture")
DRUGS = ("hydrocodone/acetaminophen", "hydrocodone", "tramadol", "Naïve drug")
SPECIALTIES = ("Pain Medicine", "Occupational Medicine", "Orthopedic Surgery")
STATES = ("California", "New York", "Texas")
T = TypeVar("T")
TEXT = tuple(row.key for row in table() if row.positional)
DATES = tuple(row.key for row in table() if row.kind == DATE)
BY_LETTER = (  # set where a letter is made: the same in all its items, and empty in some letters
    *("case", "age", "sex", "specialty", "licensed", "priority"),
    *("decided", "received", "assigned", "injured", "denied"),
)


def letters(rng: Random, count: int, first: int = 0) -> list[Letter]:
    """`count` letters numbered from `first`."""
    return [letter(rng, _name(rng, number)) for number in range(first, first + count)]


def _name(rng: Random, number: int) -> str:
    """As letters are called: by their case, and now and then by a file's stem."""
    case = f"CM{15 + number % 3}-{number:07}"
    odd = (
        f"{case}~2",
        f"{case}A",
        f"sample {number}",
        f"B{number}",
        f"Zoë_{number}",
        f"a/b/{case}",
        f":{number}",
        f"@{number}",
    )
    return case if rng.random() < 0.85 else rng.choice(odd)


def letter(rng: Random, name: str) -> Letter:
    size = rng.choice((1, 1, 2, 3, 6))
    summary = _prose(rng, 6)
    base = Item(
        id="",
        letter=name,
        case=name if rng.random() < 0.9 else None,
        n=0,
        treatment="",
        title="",
        outcome="upheld",
        guideline="",
        ca_guideline="",
        summary=summary,
        specialty=_some(rng, SPECIALTIES),
        licensed=_some(rng, STATES),
        age=_maybe(rng, rng.randint(18, 70)),
        sex=rng.choice(("female", "male", None)),
        decided=_day(rng),
        received=_day(rng),
        assigned=_day(rng),
        injured=_day(rng),
        denied=_day(rng),
        priority=rng.choice(("Standard", "Expedited", None)),
        generation=str(rng.randint(0, 5)),
        file=f"{name}.txt",
        sha256="0" * 64,
        items=size,
    )
    items = tuple(_item(rng, base, n) for n in range(1, size + 1))
    return Letter(name, base.case, base.file, base.sha256, base.generation, base.decided, items)


def _item(rng: Random, base: Item, n: int) -> Item:
    cited, guideline = _citations(rng)
    ca_cited, ca_guideline = _citations(rng)
    made: dict[str, object] = {
        "id": f"{base.letter}#{n}",
        "n": n,
        "treatment": _row(rng, 5),
        "title": _row(rng, 3),
        "outcome": rng.choice(("upheld", "upheld", "overturned", "modified")),
        "guideline": guideline,
        "ca_guideline": ca_guideline,
        "citations": cited,
        "ca_citations": ca_cited,
        "sources": tuple(dict.fromkeys(citation.source for citation in cited)),
        "ca_sources": tuple(dict.fromkeys(citation.source for citation in ca_cited)),
        "pages": tuple(sorted({page for citation in cited for page in citation.pages})),
        "ca_pages": tuple(sorted({page for citation in ca_cited for page in citation.pages})),
        "chapters": tuple(dict.fromkeys(citation.chapter for citation in cited if citation.chapter)),
        "sections": tuple(dict.fromkeys(citation.section for citation in cited if citation.section)),
        "rationale": _prose(rng, 5),
        "drugs": _some(rng, DRUGS),
        "strengths": _some(rng, ("10/325", "20mg")),
        "quantity": _maybe(rng, rng.choice((30, 60, 60, 90, 120))),
        "category": rng.choice((*CATEGORIES, None)),
        "body": _some(rng, ("neck", "low back")),
        "warnings": (ParseWarning("W03", "unclear"),) if rng.random() < 0.2 else (),
    }
    settled = {*made, *BY_LETTER, "summary", "letter", "file", "generation", "items"}
    for row in table():
        if row.json in base.__struct_fields__ and row.json not in settled:
            made[row.json] = _value(rng, row)
    return msgspec.structs.replace(base, **made)


def _value(rng: Random, row: Field) -> object:
    """A value of a field by its row of the table alone."""
    values = row.values or ("one", "two words", "Naïve three")
    if row.kind == fields.TEXT:
        return _prose(rng, 4) if row.prose else _maybe(rng, _row(rng, 4))
    if row.kind == NUMBER:
        held: tuple[object, ...] = tuple(sorted({rng.randint(0, 90) for _ in range(rng.randint(0, 3))}))
        return held if row.many else _maybe(rng, rng.randint(0, 90))
    if row.kind == DATE:
        return _day(rng)
    return _some(rng, values) if row.many else _maybe(rng, rng.choice(values))


def _row(rng: Random, most: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(0, most)))


def _prose(rng: Random, most: int) -> str:
    sentences = []
    for _ in range(rng.randint(0, most)):
        length = rng.choice((1, 2, 4, 8, 8, 30, 60, 450)) if rng.random() < 0.1 else rng.randint(1, 9)
        words = [rng.choice(WORDS) for _ in range(length)]
        sentences.append("The " + " ".join(words) + ".")
    return " ".join(sentences)


def _citations(rng: Random) -> tuple[tuple[Citation, ...], str]:
    found = []
    for number in range(rng.choice((0, 1, 1, 2, 3, 5))):
        start = rng.randint(1, 120)
        pages = tuple(range(start, start + rng.randint(0, 5))) if rng.random() < 0.7 else ()
        printed = f"{number}; " + _row(rng, 6) + (f" page {pages[0]}-{pages[-1]}" if pages else "")
        found.append(
            Citation(rng.choice(SOURCES), rng.choice((*CHAPTERS, None)), rng.choice((*SECTIONS, None)), pages, printed)
        )
    rest = _row(rng, 4) if rng.random() < 0.4 else ""
    return tuple(found), " / ".join([citation.text for citation in found] + [rest] * bool(rest))


def _some(rng: Random, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if rng.random() < 0.4)


def _maybe(rng: Random, value: T) -> T | None:
    return value if rng.random() < 0.7 else None


def _day(rng: Random) -> str | None:
    if rng.random() < 0.15:
        return None
    return f"{rng.randint(2013, 2017)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


class Nodes:
    """Random nodes whose words, values and numbers are those of `items`, with some that occur nowhere."""

    def __init__(self, rng: Random, items: list[Item]) -> None:
        self._rng = rng
        self._ids = [item.id for item in items]
        self.words: dict[str, list[str]] = {field: ["nowhere"] for field in TEXT}
        self.values: dict[str, list[str]] = {}
        self.numbers: dict[str, list[int]] = {}
        self.rows: dict[str, list[list[str]]] = {field: [] for field in TEXT}
        words: dict[str, set[str]] = {field: set() for field in TEXT}
        values: dict[str, set[str]] = {}
        numbers: dict[str, set[int]] = {}
        for document in documents.documents(Letter("", None, "", "", "", None, tuple(items))):
            for field, postings in document.words.items():
                words[field].update(word for word, _ in postings)
                if postings and len(self.rows[field]) < 400:
                    self.rows[field].append([word for word, _ in postings])
            for field, held in document.keywords.items():
                values.setdefault(field, set()).update(held)
            for field, days in document.numbers.items():
                numbers.setdefault(field, set()).update(days)
        for field in TEXT:
            self.words[field] += sorted(words[field])
        self.values = {field: [*sorted(held), "nowhere"] for field, held in values.items() if field != "file"}
        self.numbers = {field: sorted(held) for field, held in numbers.items() if held}

    def any(self, depth: int = 3) -> Node:
        rng = self._rng
        if depth and rng.random() < 0.55:
            kind = rng.randrange(6)
            if kind < 2:
                return And(tuple(self.any(depth - 1) for _ in range(rng.randint(1, 3))))
            if kind < 4:
                return Or(tuple(self.any(depth - 1) for _ in range(rng.randint(1, 3))))
            if kind == 4:
                return Not(self.any(depth - 1))
            return Boosted(self.any(depth - 1), 2.5)
        match rng.randrange(16):
            case 0:
                return All() if rng.random() < 0.7 else Nothing()
            case 1 | 2:
                return self.some_words(rng.choice(TEXT))
            case 3 | 4:
                return self.phrase(rng.choice(TEXT))
            case 5 | 6 | 7:
                return self.near(rng.choice(TEXT))
            case 8:
                field = rng.choice(sorted(self.values))
                return Keyword(
                    field, tuple(rng.sample(self.values[field], min(len(self.values[field]), rng.randint(1, 2))))
                )
            case 9:
                field = rng.choice(sorted(self.values))
                value = rng.choice(self.values[field])
                return KeywordPrefix(field, value[: rng.randint(0, len(value))])
            case 10 | 11:
                return self.range(rng.choice(sorted(self.numbers)))
            case 12 | 13:
                field = rng.choice(("guideline", "ca_guideline"))
                return Cited(field, self.condition(field, 2))
            case 14:
                return InLetter(self.any(max(depth - 1, 0)))
        fields = [rng.choice(TEXT) for _ in range(rng.randint(1, 6))]
        terms = tuple((field, rng.choice(self.words[field]), rng.randint(1, 40) / 8) for field in fields)
        return Similar(terms, rng.randint(1, 3), rng.choice((*self._ids[:50], "")))

    def some_words(self, field: str) -> Words:
        held = self.words[field]
        size = min(len(held), self._rng.choice((1, 1, 1, 2, 3, 8)))
        return Words(field, tuple(sorted(self._rng.sample(held, size))))

    def phrase(self, field: str) -> Phrase:
        """Often words that do stand in a row."""
        rng = self._rng
        size = rng.choice((2, 2, 2, 3, 4))
        slots = [self._slot(field) for _ in range(size)]
        if self.rows[field] and rng.random() < 0.7:
            row = rng.choice(self.rows[field])
            start = rng.randrange(len(row))
            for offset, word in enumerate(row[start : start + size]):
                slots[offset] = tuple(sorted({word, *(slots[offset] if rng.random() < 0.3 else ())}))
        return Phrase(field, tuple(slots))

    def _slot(self, field: str) -> tuple[str, ...]:
        held = self.words[field]
        return tuple(sorted(self._rng.sample(held, min(len(held), self._rng.choice((1, 1, 1, 2, 3))))))

    def near(self, field: str) -> Near:
        rng = self._rng
        ordered = rng.random() < 0.4
        distance = rng.choice((1, 1, 2, 3, 5, 8, 20, 50)) if ordered else rng.choice((1, 1, 2, 3, 5, 12, 50, 255, 400))
        return Near(field, self._operand(field), self._operand(field), distance, ordered)

    def _operand(self, field: str) -> Node:
        match self._rng.randrange(6):
            case 0:
                return self.phrase(field)
            case 1:
                return Or(tuple(self._rng.choice((self.some_words, self.phrase))(field) for _ in range(2)))
            case 2:
                return Boosted(self.some_words(field), 1.5)
        return self.some_words(field)

    def range(self, field: str) -> Range:
        held = self.numbers.get(field) or [1]
        low, high = sorted(self._rng.choice(held) + self._rng.randint(-1, 1) for _ in range(2))
        return Range(field, low if self._rng.random() < 0.8 else None, high if self._rng.random() < 0.8 else None)

    def condition(self, field: str, depth: int) -> Node:
        """What one citation may be asked."""
        rng = self._rng
        if depth and rng.random() < 0.6:
            kind = rng.randrange(5)
            if kind < 3:
                return And(tuple(self.condition(field, depth - 1) for _ in range(rng.randint(1, 3))))
            if kind == 3:
                return Or(tuple(self.condition(field, depth - 1) for _ in range(rng.randint(1, 3))))
            return Not(self.condition(field, depth - 1))
        match rng.randrange(5):
            case 0:
                return self.phrase(field)
            case 1:
                return self.near(field)
            case 2 | 3:
                return self.range("page" if field == "guideline" else "ca_page")
        return self.some_words(field)

    def sort(self) -> tuple[SortKey, ...]:
        fields = sorted({*self.numbers, *self.values} - {"has", "is"})
        return tuple(
            SortKey(field, self._rng.random() < 0.5) for field in self._rng.sample(fields, self._rng.randint(1, 3))
        )

    def groups(self) -> tuple[Group, ...]:
        rng = self._rng
        found = []
        for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
            field = rng.choice(sorted({*self.numbers, *self.values} - {"file"}))
            if field in DATES:
                found.append(Group(field, part=rng.choice(("year", "quarter", "month", ""))))
            elif field in self.numbers:
                found.append(Group(field, band=rng.choice((0, 0, 10, 30))))
            else:
                found.append(Group(field))
        return tuple(found)
