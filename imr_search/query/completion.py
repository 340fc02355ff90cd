"""What may stand at the cursor: the grammar is asked, as it is for reading, and the index for words and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import msgspec

from imr_search import stages, vocabulary
from imr_search.errors import QueryError
from imr_search.fields import DATE, FLAG, NUMBER, Field, table
from imr_search.plan import Node, ReportStage
from imr_search.query import grammar, reports, syntax_errors
from imr_search.query.lexer import Lexer
from imr_search.query.parser import TIERS, parse
from imr_search.query.terms import Lexicon
from imr_search.query.tokens import LONGEST, Token, clean, field_called

MOST = 80
_SCANNED = 20_000  # words or values looked at for one completion: it runs while somebody types

_VALUE = re.compile(
    r"(?P<name>[^\W\d]\w*)\s*:\s*(?P<list>(?:(?:\"[^\"]*\"|[^\s\"(),|]+)\s*,\s*)*)(?P<open>\"[^\"]*|[^\s\"(),|]*)$"
)
_PARTIAL = re.compile(r"[^\W_][\w@'-]*$|@[\w-]*$|[/+]\w*$")
_SAFE = re.compile(r"[^\s()\"|,;<>=\[\]{}^~:&]+")
_JOINS = (
    ("AND", "AND", "both"),
    ("OR", "OR", "either"),
    ("NOT", "NOT", "without what follows"),
    ("BUTNOT", "but not", "the first without the second"),
    ("LINK", "/s", "in one sentence"),
    ("LINK", "/p", "in one field of the item"),
    ("LINK", "/5", "within 5 words"),
    ("LINK", "+5", "within 5 words, in this order"),
)
_CALLS = {"syn(": "listed other names of a treatment or drug", "like(": "most like an item or a text"}
_DATES = {
    "last-90d": "the last 90 days",
    "last-1y": "the last year",
    ">=": "from that day on",
    "..": "between two dates",
}
_TIERS = ("in the disputed treatment", "elsewhere in the item", "only in the summary")
_NUMBERS = {">=": "at least", "<=": "at most", "..": "between two numbers"}


class Completion(msgspec.Struct, frozen=True):
    """`text` may stand in the place of query[start:cursor]. `kind` is field, value, word, operator, report, name or saved."""

    text: str
    start: int
    kind: str
    gloss: str = ""
    count: int | None = None


def complete(
    text: str,
    cursor: int,
    index: Lexicon | None = None,
    within: Node | None = None,
    saved: Mapping[str, str] | None = None,
    most: int = MOST,
) -> list[Completion]:
    """At most `most` completions of text[:cursor], best first. Counts of values are within `within`. Never raises QueryError."""
    before, _ = clean(text[:cursor])
    if len(before) > LONGEST:
        return []
    asked = _Asked(before, index, within, saved or {})
    seen: dict[str, Completion] = {}
    for found in asked.all():
        seen.setdefault(found.text, found)
    return list(islice(seen.values(), most))


class _Asked(msgspec.Struct, frozen=True):
    text: str
    index: Lexicon | None
    within: Node | None
    saved: Mapping[str, str]

    def all(self) -> Iterator[Completion]:
        match = _VALUE.search(self.text)
        if match and self._outside_quotes(match.start("open")) and not self._in_report(match.start()):
            name = match["name"]
            if name.lower() == "tier":
                yield from self._tiers(match["open"], match.start("open"))
                return
            row = field_called(name) or (table()["has"] if name.lower() == "missing" else None)
            if row is not None:
                yield from self._of_field(row, match["open"], match.start("open"))
                return
        partial = _PARTIAL.search(self.text)
        start = partial.start() if partial else len(self.text)
        if not self._outside_quotes(start):
            yield from self._in_quotes()
            return
        lexer = Lexer(self.text[:start])
        try:
            tokens = lexer.walk()
            may = grammar.expected(tokens)
        except (QueryError, syntax_errors.UnexpectedToken):
            if (bar := self.text.rfind("|")) >= 0 and not self.text[bar + 1 : start].strip():
                yield from self._reports(self.text[start:].lower(), start)
            return
        typed = self.text[start:]
        if _stage(tokens) is not None or (tokens and tokens[-1].kind == "PIPE"):
            yield from self._in_stage(tokens, may, typed.lower(), start)
        else:
            yield from self._in_query(lexer, may, typed, start)

    def _in_quotes(self) -> Iterator[Completion]:
        """The last word of an open phrase, from the words of the field that it stands in."""
        quote = self.text.rfind('"')
        lexer = Lexer(self.text[:quote])
        try:
            lexer.walk()
        except QueryError:
            return
        start = max(quote, self.text.rfind(" ")) + 1
        row = table().get(lexer.context())
        if row is None or row.positional:
            keys = (row.key,) if row is not None else tuple(held.key for held in table().defaults)
            yield from self._lexicon(keys, self.text[start:].lower(), start)

    def _outside_quotes(self, at: int) -> bool:
        return self.text.count('"', 0, at) % 2 == 0

    def _in_report(self, at: int) -> bool:
        """Behind a `|`, unless its stage is one that takes a query."""
        _, bar, stage = re.sub(r'"[^"]*"', "", self.text[:at]).rpartition("|")
        row = stages.named((stage.split() or [""])[0].lower())
        return bool(bar) and not (row is not None and row.takes_query)

    # -- the query

    def _in_query(self, lexer: Lexer, may: frozenset[str], typed: str, start: int) -> Iterator[Completion]:
        low = typed.lower()
        context = lexer.context()
        row = table().get(context) if context else None
        if row is not None and not row.positional:
            yield from self._of_field(row, typed, start)
        elif "WORD" in may:
            if not context and "FIELD" in may:
                yield from self._names(low, start)
                if "letter:(".startswith(low):
                    yield Completion("letter:(", start, "field", "a condition on some item of the same letter")
            if not context:
                for name, text in self.saved.items():
                    if f"@{name}".lower().startswith(low):
                        yield Completion(f"@{name}", start, "saved", text)
            for call, gloss in _CALLS.items():
                if call.startswith(low):
                    yield Completion(call, start, "operator", gloss)
        for kind, word, gloss in _JOINS:
            if kind in may and word.lower().startswith(low) and (typed or kind != "LINK"):
                yield Completion(word + " ", start, "operator", gloss)
        if "PIPE" in may and not typed and not lexer.opened:
            yield Completion("| ", start, "operator", "a report of what was found")
        if "WORD" in may and len(typed) > 1 and (row is None or row.positional):
            keys = (row.key,) if row is not None else tuple(held.key for held in table().defaults)
            yield from self._lexicon(keys, low, start)

    def _names(self, low: str, start: int) -> Iterator[Completion]:
        for row in table():
            if not row.hidden:
                for name in (row.key, *row.names):
                    if name.startswith(low) and (low or name == row.key) and len(name) > 1:
                        yield Completion(f"{name}:", start, "field", row.help)
                        break
        if "missing".startswith(low):
            yield Completion("missing:", start, "field", "missing:page: the field is empty")
        if "tier".startswith(low):
            yield Completion("tier:", start, "field", "where plain words occur: tier:disputed")

    def _lexicon(self, keys: Iterable[str], low: str, start: int) -> Iterator[Completion]:
        """Words of the index that go on as typed, those of most items first."""
        if self.index is None or not low.isalnum():
            return
        counts: dict[str, int] = {}
        for key in keys:
            for word, items in islice(self.index.words(key, low), _SCANNED):
                counts[word] = max(counts.get(word, 0), items)
        for word in sorted(counts, key=lambda word: (-counts[word], word))[:MOST]:
            yield Completion(word, start, "word", "", counts[word])

    @staticmethod
    def _tiers(typed: str, start: int) -> Iterator[Completion]:
        for tier, gloss in zip(TIERS, _TIERS, strict=True):
            if tier.startswith(typed.lower()):
                yield Completion(tier, start, "value", gloss)

    # -- values

    def _of_field(self, row: Field, typed: str, start: int) -> Iterator[Completion]:
        bare = typed.lstrip('"')
        match row.kind:
            case "enum":
                counts = dict(self._values(row, ""))
                for value in row.values:
                    if value.lower().startswith(bare.lower()):
                        yield Completion(_typed(value), start, "value", "", counts.get(value))
            case "flag":
                yield from self._flags(row, bare.lower(), start)
            case "number" | "date":
                hints = _NUMBERS if row.kind == NUMBER else _DATES
                for value, gloss in hints.items():
                    if value.startswith(bare) and (value != ".." or not bare):
                        yield Completion(value, start, "value", gloss)
            case "keyword":
                yield from self._keyword(row, bare, start)
            case _ if typed.startswith('"'):
                yield from self._in_quotes()
            case _:
                yield from self._lexicon((row.key,), bare.lower(), start)

    def _flags(self, row: Field, low: str, start: int) -> Iterator[Completion]:
        if row.key == "is":
            for value in row.values:
                if value.startswith(low):
                    yield Completion(value, start, "value", "")
            return
        for held in table():
            if held.kind != FLAG and not held.hidden and held.key.startswith(low):
                yield Completion(held.key, start, "value", held.help)

    def _keyword(self, row: Field, bare: str, start: int) -> Iterator[Completion]:
        """Values by the number of items; a value is met by its beginning, by that of one of its words, or by that of its second level."""
        low = bare.lower()
        counts: dict[str, int] = {}
        held: dict[str, int] = {}
        if row.match == "exact":
            for prefix in dict.fromkeys((bare, bare.upper(), low)):
                counts.update(islice(self._values(row, prefix), MOST))
        else:
            for value, items in islice(self._values(row, ""), _SCANNED):
                held[value] = items
                if re.search(rf"(?:^|[\s/]){re.escape(low)}", value.lower()):
                    counts[value] = items
                top = value.partition("/")[0]
                if row.match == "path" and top != value and top.lower().startswith(low):
                    counts[top] = counts.get(top, 0) + items
        for value in sorted(counts, key=lambda value: (-counts[value], value)):
            yield Completion(_typed(value), start, "value", "", counts[value])
        if row.key == "drug" and low:
            yield from self._brands(low, {value: items for value, items in held.items() if value not in counts}, start)

    @staticmethod
    def _brands(low: str, held: Mapping[str, int], start: int) -> Iterator[Completion]:
        """Names that no value bears, of substances that the index holds and that are not offered themselves."""
        for parts, (substance, _) in vocabulary.drugs().items():
            name = " ".join(parts)
            if name.startswith(low) and substance in held and name not in held:
                yield Completion(_typed(name), start, "value", f"finds {substance}", held[substance])

    def _values(self, row: Field, prefix: str) -> Iterator[tuple[str, int]]:
        return iter(()) if self.index is None else self.index.values(row.key, prefix, self.within)

    # -- reports

    def _reports(self, low: str, start: int) -> Iterator[Completion]:
        """The stages that may follow the last `|`: behind a report those of its rows alone."""
        report = self._report(self.text.rindex("|", 0, start))
        for row in stages.STAGES:
            may = report is None or (row.of_rows and not stages.row_of(report).final)
            if may and row.name.startswith(low):
                yield Completion(f"{row.name} ", start, "report", row.help)

    def _report(self, bar: int) -> ReportStage | None:
        """The report before a `|`, None where none is or what stands there cannot be read."""
        try:
            held = parse(self.text[:bar]).stages
        except QueryError:
            return None
        return next((stage for stage in held if isinstance(stage, ReportStage)), None)

    def _in_stage(self, tokens: list[Token], may: frozenset[str], low: str, start: int) -> Iterator[Completion]:
        stage = _stage(tokens)
        if stage is None:
            yield from self._reports(low, start)
            return
        argument = _argument(tokens, stage)
        report = None
        if argument is not None and argument.kind == "keys":
            report = self._report(next(token.start for token in reversed(tokens) if token.kind == "PIPE"))
        if "NAME" in may and report is not None:
            yield from (
                Completion(name, start, "name", "") for name in reports.row_names(report) if name.startswith(low)
            )
        elif "NAME" in may and argument is not None:
            yield from self._names_of(argument, low, start)
        if "PART" in may and self._fits("PART", tokens) and (argument is None or argument.kind != "keys"):
            for part in stages.PARTS:
                if part.startswith(low):
                    yield Completion(part, start, "name", "of the decision" if "NAME" in may else "")
        for word in stages.WORDS:
            if word.upper() in may and word.startswith(low) and self._fits(word.upper(), tokens):
                yield Completion(f"{word} ", start, "operator", "")

    @staticmethod
    def _fits(terminal: str, tokens: list[Token]) -> bool:
        """A band goes with a number and a part with a date; the grammar alone cannot know which names are which."""
        row = table().get(str(tokens[-1].value)) if tokens[-1].kind == "NAME" else None
        wanted = {"BAND": NUMBER, "PART": DATE}.get(terminal)
        return wanted is None or (row is None and terminal == "PART") or (row is not None and row.kind == wanted)

    @staticmethod
    def _names_of(argument: stages.Argument, low: str, start: int) -> Iterator[Completion]:
        """The names that an argument of a stage takes."""
        if argument.choices:
            yield from (Completion(choice, start, "name", "") for choice in argument.choices if choice.startswith(low))
            return
        if argument.kind == "groups":
            for name, (_, gloss) in stages.GROUPS.items():
                if name.startswith(low):
                    yield Completion(name, start, "name", gloss)
        for row in table().of_kind(*argument.of):
            if not row.hidden and row.key.startswith(low):
                yield Completion(row.key, start, "name", row.help)


def _stage(tokens: list[Token]) -> stages.StageRow | None:
    """The stage that is being typed; None in a query, that of a stage too, and right behind a `|`."""
    for token in reversed(tokens):
        if token.kind == "PIPE":
            return None
        if row := reports.stage_of(token):
            return None if row.takes_query else row
    return None


def _argument(tokens: list[Token], stage: stages.StageRow) -> stages.Argument | None:
    """Which argument of the stage a name would be of: the one whose word stands last, else the first without a word that takes names."""
    words = {argument.word.upper(): argument for argument in stage.arguments if argument.word}
    for token in reversed(tokens):
        if token.kind in words:
            return words[token.kind]
        if token.kind == stage.token:
            break
    return next((held for held in stage.arguments if not held.word and held.kind not in ("number", "part")), None)


def _typed(value: str) -> str:
    """A value as it must be typed: in quotes when it holds more than a bare word may. A quotation mark of its own cannot be typed there, and
    a space stands for it: values are found by their words."""
    value = " ".join(value.replace('"', " ").split())
    plain = (
        _SAFE.fullmatch(value) is not None
        and value.lower() not in ("and", "or", "not", "but")
        and not value.startswith(("-", "+", "!", "/"))
    )
    return value if plain and not any(mark in value for mark in "*?!") else f'"{value}"'
