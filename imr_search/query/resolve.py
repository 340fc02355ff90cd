"""Tree to tree: what can be settled without an index. Values are checked, dates become absolute, aliases their names, saved queries their text.

`str` of what comes out is the query as it will be read ("read_as"): it parses, and means the same on another day.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from imr_search import vocabulary
from imr_search.errors import Correction, QueryError
from imr_search.fields import CITATION, DATE, FLAG, KEYWORD, NUMBER, TEXT, Field, table
from imr_search.model import Notice
from imr_search.plan import Compare, LimitRows, ReportStage, SortRows
from imr_search.query import ast, dates, first_words, parser, said_dates
from imr_search.query.ast import has_field, moved, terms
from imr_search.query.dates import Days, Unreadable, days, whole
from imr_search.query.first_words import CASE, other_names
from imr_search.query.saved import places
from imr_search.query.syntax_errors import fault, listed, nearest, replaced
from imr_search.query.tokens import MOST_TERMS, field_called

_DEEPEST = 10  # saved queries that name saved queries


def resolve(
    query: ast.Query, text: str, today: datetime.date, saved: Mapping[str, str]
) -> tuple[ast.Query, tuple[Notice, ...]]:
    """The query with its names and values settled, and the notices on how. Raises QueryError with places in `text`."""
    resolver = _Resolver(text, today, saved)
    try:
        stages = query.stages
        expression = query.expression
        if isinstance(expression, ast.Saved):
            held = resolver.opened(expression)
            if stages and held.stages and isinstance(held.stages[-1], ReportStage | SortRows | LimitRows):
                message = f"@{expression.name} ends with a report, so nothing can follow it"
                raise fault("E123", message, text, *expression.span, text[: text.index("|")].rstrip())
            stages = (*held.stages, *stages)
            expression = resolver.placed(expression, held, None)
        else:
            expression = resolver.expression(expression, None)
        resolver.tiers_stand_alone(expression)
        stages = tuple(
            msgspec.structs.replace(stage, query=resolver.expression(stage.query, None))
            if isinstance(stage, Compare)
            else stage
            for stage in stages
        )
        if not positive(expression):
            resolver.say("N14", "the query only excludes: it finds every other item")
        return msgspec.structs.replace(query, expression=expression, stages=stages), tuple(
            dict.fromkeys(resolver.notices)
        )
    except QueryError as error:
        better = parser.corrected(error.corrections, text)
        error.corrections = tuple(dict.fromkeys(_corrected(one, today, saved) for one in better))
        raise


_ERRORS = 4  # values of one query that are mended in one correction


def _corrected(correction: Correction, today: datetime.date, saved: Mapping[str, str]) -> Correction:
    """A correction with its further values mended too: both ends of `decided:2/14/17..2/20/17`."""
    query = correction.query
    for _ in range(_ERRORS):
        resolver = _Resolver(query, today, saved)
        try:
            resolver.expression(parser.parse(query).expression, None)
            return correction if query == correction.query else Correction(query)
        except QueryError as error:
            better = parser.corrected(error.corrections, query)
            if not better:
                break
            query = better[0].query
    return correction


def positive(node: ast.Expression) -> bool:
    """Does the query name something to find, and not only what to leave out?"""
    match node:
        case ast.Not():
            return False
        case ast.And(nodes) | ast.Or(nodes):
            return any(map(positive, nodes))
        case ast.Fielded(_, value):
            return positive(value)
        case ast.InLetter(inner):
            return positive(inner)
        case _:
            return True


class _Resolver(msgspec.Struct):
    text: str
    today: datetime.date
    saved: Mapping[str, str]
    notices: list[Notice] = msgspec.field(default_factory=list)
    opening: list[str] = msgspec.field(default_factory=list)
    placing: int = 0  # terms that came with saved queries

    def say(self, code: str, text: str) -> None:
        self.notices.append(Notice(code, text))

    def expression(self, node: ast.Expression, row: Field | None) -> ast.Expression:
        """`node` settled; `row` is the field that it stands in."""
        match node:
            case ast.And() | ast.Or():
                node = _numbered_case(node) if isinstance(node, ast.And) and row is None else node
                if isinstance(node, ast.Term):
                    return self._leaf(node, row)
                found = msgspec.structs.replace(node, nodes=tuple(self.expression(inner, row) for inner in node.nodes))
                if isinstance(found, ast.Or) and found.other is not None:
                    quiet = _Resolver(self.text, self.today, self.saved, opening=self.opening)
                    found = msgspec.structs.replace(found, other=quiet.expression(found.other, row))
                return found
            case ast.Not(inner):
                found_inner = self.expression(inner, row)
                return (
                    found_inner.node
                    if isinstance(found_inner, ast.Not)
                    else msgspec.structs.replace(node, node=found_inner)
                )
            case ast.InLetter(inner):
                return msgspec.structs.replace(node, inner=self.expression(inner, None))
            case ast.Near():
                return self._near(node, row)
            case ast.Fielded():
                return self._fielded(node)
            case ast.Saved():
                return self._saved(node, row)
            case ast.Choice(values):
                return msgspec.structs.replace(node, values=tuple(self._leaf(value, row) for value in values))
            case _:
                return self._leaf(node, row)

    def _fielded(self, node: ast.Fielded) -> ast.Fielded:
        row = table()["has"] if node.field == "missing" else table()[node.field]
        return msgspec.structs.replace(node, value=self.expression(node.value, row))

    def _near(self, node: ast.Near, row: Field | None) -> ast.Expression:
        if row is not None and not row.positional:
            raise self._fault("E115", f"proximity works only in text fields, and {row.key} is not one", node)
        if row is None:
            self._no_decision_near(node)
        return msgspec.structs.replace(node, operands=tuple(self.expression(inner, row) for inner in node.operands))

    def _no_decision_near(self, node: ast.Near) -> None:
        """E112 for `acupuncture /s overturned`: a decision has no place in a text, and the word was hardly meant."""
        for operand in (
            inner for outer in node.operands for inner in (outer.nodes if isinstance(outer, ast.Or) else (outer,))
        ):
            if isinstance(operand, ast.Term) and ast.plain_word(operand) and first_words.decision(operand.text):
                meant = first_words.decision(operand.text)
                kept = [part for part in node.operands if part is not operand]
                rest = [part for part in kept if not (isinstance(part, ast.Or) and operand in part.nodes)]
                word = self._replaced(operand, f'"{operand.text}"')
                apart = " ".join(f"({part})" if isinstance(part, ast.Or) else str(part) for part in rest)
                decision = self._replaced(node, f"{apart} outcome:{meant}")
                message = f'"{operand.text}" can mean two things here: the word, or the decision (outcome:{meant})'
                raise fault("E112", message, self.text, *operand.span, word, decision)

    def tiers_stand_alone(self, expression: ast.Expression) -> None:
        """E137 for a tier: that does not narrow the whole query."""
        parts = expression.nodes if isinstance(expression, ast.And) else (expression,)
        for part in parts:
            inner = part.node if isinstance(part, ast.Not) else part
            if isinstance(inner, ast.InTier):
                continue
            if (tier := _tier_within(inner)) is not None:
                message = "tier: applies to the whole query: write it beside the other words, not inside brackets or OR"
                raise self._fault("E137", message, tier)

    # -- saved queries

    def opened(self, node: ast.Saved) -> ast.Query:
        """The saved query of that name, parsed. Raises E107 for an unknown one, E106 for an unfilled {place}, E131 for a circle."""
        if node.name not in self.saved:
            near = nearest(node.name, self.saved)
            better = [self._replaced(node, f"@{name}") for name in near]
            message = f"no query is saved as {node.name}" + (f"; did you mean {listed(near)}?" if near else "")
            raise fault("E107", message, self.text, *node.span, *better)
        if node.name in self.opening or len(self.opening) >= _DEEPEST:
            raise self._fault("E131", f"@{node.name} refers to itself", node)
        typed = self.saved[node.name]
        missing = places(typed)
        if missing:
            raise self._fault("E106", f"@{node.name} needs a value for {listed(missing)}", node)
        try:
            return parser.parse(typed)
        except QueryError as error:
            raise self._fault(error.code, f"in @{node.name}: {error.message}", node) from None

    def _saved(self, node: ast.Saved, row: Field | None) -> ast.Expression:
        found = self.opened(node)
        if found.stages:
            raise self._fault("E125", f"@{node.name} contains a report, so it must be the whole query", node)
        return self.placed(node, found, row)

    def placed(self, node: ast.Saved, found: ast.Query, row: Field | None) -> ast.Expression:
        """What a saved query says, settled in its place. Its errors stand at its name, and correct nothing that was not typed."""
        if row is not None and has_field(found.expression):
            message = f"@{node.name} contains fields and cannot be used inside the brackets of another ({row.key})"
            raise self._fault("E128", message, node)
        self.placing += terms(found.expression)
        if self.placing > MOST_TERMS:
            message = f"this query is too long to be read safely: with @{node.name} it has more than {MOST_TERMS} terms"
            raise self._fault("E131", message, node)
        self.opening.append(node.name)
        try:
            return self.expression(moved(found.expression, node.span), row)
        except QueryError as error:
            raise self._fault(error.code, f"in @{node.name}: {error.message}", node) from None
        finally:
            self.opening.pop()

    # -- leaves

    def _leaf(self, node: ast.Expression, row: Field | None) -> ast.Expression:
        if row is None or row.kind in (TEXT, CITATION):
            return self._word(node, row)
        if isinstance(node, ast.Call):
            raise self._fault("E115", f"{node.name}( ) works only in text fields, and {row.key} is not one", node)
        if (isinstance(node, ast.Quoted) and node.within) or (
            isinstance(node, ast.Term) and node.fuzzy and row.kind != KEYWORD
        ):
            raise self._fault("E120", f"~ cannot be used in the field {row.key}", node)
        if isinstance(node, ast.Comparison | ast.Between) and row.kind not in (NUMBER, DATE):
            raise self._fault("E118", f"a range needs a field of numbers or dates, and {row.key} is not one", node)
        match row.kind:
            case "number":
                return self._number(node, row)
            case "date":
                return self._date(node, row)
            case "enum":
                return self._choice(node, row)
            case "flag":
                return self._flag(node, row)
            case _:
                return node

    def _word(self, node: ast.Expression, row: Field | None) -> ast.Expression:
        if isinstance(node, ast.Comparison | ast.Between):
            ranged = ("decided", "injured") if _dated(node) else ("qty", "age")
            better = self._ranged(node, ranged) if row is None else []
            message = "a range needs a field of numbers or dates" + (
                f", and {row.key} holds words" if row else ": qty, age, decided, page ..."
            )
            raise fault("E118", message, self.text, *node.span, *better)
        if row is None and ast.plain_word(node):
            assert isinstance(node, ast.Term)
            return self._one_meaning(node)
        if isinstance(node, ast.Term) and any(mark in node.text for mark in "*?!"):
            fixed = sum(char.isalnum() for char in node.text)
            wild = node.text.endswith("!") or "*" in node.text or "?" in node.text
            if wild and fixed < 2:
                alone = [replaced(self.text, *node.span, "*")] if not fixed and node.text.strip("?!") == "" else []
                raise fault("E121", "a wildcard needs at least two fixed letters", self.text, *node.span, *alone)
        return node

    def _ranged(self, node: ast.Comparison | ast.Between, names: Sequence[str]) -> list[str]:
        """A range without its field, behind the field that was named before it (`age 50..60`), else behind each of these."""
        named = re.search(r"([^\W\d]\w*)\s+$", self.text[: node.span[0]])
        row = field_called(named[1]) if named else None
        if named is not None and row is not None and row.kind in (NUMBER, DATE):
            return [replaced(self.text, named.start(), node.span[1], f"{named[1]}:{node}")]
        return [self._replaced(node, f"{name}:{node}") for name in names]

    def _one_meaning(self, node: ast.Term) -> ast.Expression:
        """A bare word that has one meaning here: a decision (N25), a case's number (N06), a drug's name (N05, said when its names are looked up)."""
        if outcome := first_words.decision(node.text):
            self.say("N25", f'{node.text} is read as outcome:{outcome}; for the word itself write "{node.text}"')
            return ast.Fielded("outcome", ast.Term(outcome, span=node.span), node.span)
        if match := CASE.fullmatch(node.text):
            key, value = ("id", match[1] + match[2]) if match[2] else ("case", match[1])
            self.say("N06", f'{node.text} is read as {key}:{value.upper()}; for the words write "{node.text}"')
            return ast.Fielded(key, ast.Term(value.upper(), span=node.span), node.span)
        if vocabulary.drug(node.text) is not None and other_names(node.text):
            return ast.Call("syn", node.text, span=node.span)
        return node

    def _number(self, node: ast.Expression, row: Field) -> ast.Expression:
        match node:
            case ast.Term(text) | ast.Quoted(text):
                return ast.Term(str(self._whole(text, node, row)), span=node.span)
            case ast.Comparison(sign, text):
                number = str(self._whole(text, node, row))
                return ast.Term(number, span=node.span) if sign == "=" else msgspec.structs.replace(node, text=number)
            case ast.Between(low, high):
                ends = [self._whole(end, node, row) if end else None for end in (low, high)]
                return self._between(node, row, ends[0], ends[1], str)
        return node

    def _whole(self, text: str, node: ast.Expression, row: Field) -> int:
        try:
            return whole(text)
        except Unreadable as problem:
            better = self._spoken(dates.said_number, node) or [
                self._replaced(node, str(node).replace(text, number, 1)) for number in problem.better
            ]
            raise fault("E109", f"{row.key} takes a whole number", self.text, *node.span, *better) from None

    def _date(self, node: ast.Expression, row: Field) -> ast.Expression:
        match node:
            case ast.Term(text) | ast.Quoted(text):
                found = self._days(text, node)
                low, dots, high = found.text.partition("..")
                return ast.Between(low, high, node.span) if dots else ast.Term(found.text, span=node.span)
            case ast.Comparison(sign, text):
                found = self._days(text, node)
                if sign == "=":
                    return self._date(ast.Term(text, span=node.span), row)
                return msgspec.structs.replace(node, text=found.text if ".." not in found.text else found.low)
            case ast.Between(low, high):
                start = self._days(low, node) if low else None
                end = self._days(high, node) if high else None
                if start and end and start.low > end.high:
                    raise self._backwards(node, f"{high}..{low}")
                if start is None and end is None:
                    raise self._fault("E110", "a range needs at least one date", node)
                return ast.Between(_edge(start, first=True), _edge(end, first=False), node.span)
        return node

    def _days(self, text: str, node: ast.Expression) -> Days:
        try:
            found = days(text, self.today)
        except Unreadable as problem:
            better = self._spoken(dates.said_date, node) or [
                self._replaced(node, str(node).replace(text, date, 1)) for date in problem.better
            ]
            raise fault("E110", problem.message, self.text, *node.span, *better) from None
        if found.note:
            self.say("N21", found.note)
        return found

    def _spoken(self, read: Callable[[str], tuple[str, str] | None], node: ast.Expression) -> list[str]:
        """The query with what was said at the node in the form that is read; a date goes on behind it: "March 4, 2017"."""
        start = node.span[0]
        found = read(self.text[start:])
        if read is dates.said_date and (longer := self._said_date(self.text[start:])) is not None:
            found = longer if found is None or len(longer[0]) > len(found[0]) else found
        return [replaced(self.text, start, start + len(found[0]), found[1])] if found else []

    def _said_date(self, text: str) -> tuple[str, str] | None:
        """ "last week", January 2015 to March 2016: the words, and how they are written."""
        if quoted := re.match(r'"([^"]*)"', text):
            said = said_dates.read(quoted[1].split(), self.today, bound_needed=False)
            return (quoted[0], said.value) if said is not None else None
        words = list(re.finditer(r"\.\.|(?:(?!\.\.)[^\s()])+", text))[:8]
        said = said_dates.read([word[0] for word in words], self.today, bound_needed=False)
        return None if said is None else (text[: words[said.words - 1].end()], said.value)

    def _between(
        self, node: ast.Between, row: Field, low: int | None, high: int | None, text: Callable[[int], str]
    ) -> ast.Expression:
        if low is not None and high is not None and low > high:
            raise self._backwards(node, f"{high}..{low}")
        if low is None and high is None:
            raise self._fault("E109", f"{row.key}: a range needs at least one whole number", node)
        return msgspec.structs.replace(
            node, low="" if low is None else text(low), high="" if high is None else text(high)
        )

    def _backwards(self, node: ast.Expression, better: str) -> QueryError:
        return fault("E119", "this range runs backwards", self.text, *node.span, self._replaced(node, better))

    def _choice(self, node: ast.Expression, row: Field) -> ast.Expression:
        if not isinstance(node, ast.Term | ast.Quoted):
            return node
        typed = " ".join(node.text.lower().split())
        for value in row.values:
            if value.lower() == typed:
                return _same(node, value)
        if typed in row.synonyms:
            self.say("N06", f"{row.key}:{node.text} is read as {row.key}:{row.synonyms[typed]}")
            return _same(node, row.synonyms[typed])
        if isinstance(node, ast.Term) and typed.endswith(("*", "!")) and "?" not in typed:
            held = [value for value in row.values if value.lower().startswith(typed.rstrip("*!"))]
            if held and typed.rstrip("*!"):
                values = tuple(ast.Term(value, span=node.span) for value in held)
                return values[0] if len(values) == 1 else ast.Choice(values, node.span)
        return self._no_value(node, row, typed, (*row.values, *row.synonyms))

    def _no_value(self, node: ast.Term | ast.Quoted, row: Field, typed: str, known: tuple[str, ...]) -> ast.Expression:
        near = [name if " " not in name else f'"{name}"' for name in nearest(typed, known, 2)]
        better = [self._replaced(node, name) for name in near] or [
            self._replaced(node, value) for value in row.values[:3]
        ]
        raise fault("E108", f"{row.key} is one of: {listed(row.values)}", self.text, *node.span, *better)

    def _flag(self, node: ast.Expression, row: Field) -> ast.Expression:
        if isinstance(node, ast.Everything):
            raise self._fault("E106", f"{row.key}: needs the name of a field after it", node)
        if not isinstance(node, ast.Term | ast.Quoted):
            return node
        typed = node.text.lower()
        if row.key == "is":
            if typed in row.values:
                return _same(node, typed)
            return self._no_value(node, row, typed, row.values)
        found = table().get(typed)
        if found is None or found.hidden or found.kind == FLAG:
            if unsaid := first_words.absent(node.text):
                raise fault("E107", unsaid, self.text, *node.span)
            names = [name for name, held in table().by_name.items() if not held.hidden and held.kind != FLAG]
            near = nearest(typed, names)
            message = f"no field is called {node.text}" + (f"; did you mean {listed(near)}?" if near else "")
            raise fault("E107", message, self.text, *node.span, *(self._replaced(node, name) for name in near[:2]))
        return _same(node, found.key)

    # -- errors

    def _fault(self, code: str, message: str, node: ast.Expression) -> QueryError:
        return fault(code, message, self.text, *node.span)

    def _replaced(self, node: ast.Expression, new: str) -> str:
        return replaced(self.text, *node.span, new)


def _numbered_case(node: ast.And) -> ast.And | ast.Term:
    """`CM17-0010885 #1`, as the list prints it, as one word."""
    nodes: list[ast.Expression] = []
    spaced: list[bool] = []
    for k, part in enumerate(node.nodes):
        before = nodes[-1] if nodes else None
        if (
            isinstance(part, ast.Term)
            and isinstance(before, ast.Term)
            and re.fullmatch(r"#\d{1,4}", part.text)
            and (match := CASE.fullmatch(before.text))
            and not match[2]
        ):
            nodes[-1] = ast.Term(before.text + part.text, span=(before.span[0], part.span[1]))
            continue
        nodes.append(part)
        if k:
            spaced.append(node.spaced[k - 1] if k - 1 < len(node.spaced) else False)
    if len(nodes) == len(node.nodes):
        return node
    only = nodes[0]
    if len(nodes) == 1 and isinstance(only, ast.Term):
        return only
    return msgspec.structs.replace(node, nodes=tuple(nodes), spaced=tuple(spaced))


def _dated(node: ast.Comparison | ast.Between) -> bool:
    """Does it say dates, and not numbers?"""
    ends = (node.text,) if isinstance(node, ast.Comparison) else (node.low, node.high)
    return any(re.fullmatch(r"(?:19|20)\d\d(?:\d{4})?|.*\d[-/.]\d.*", end) for end in ends)


def _tier_within(node: ast.Expression) -> ast.Expression | None:
    if isinstance(node, ast.InTier):
        return node
    for inner in ast.children(node):
        if (found := _tier_within(inner)) is not None:
            return found
    return None


def _edge(found: Days | None, first: bool) -> str:
    """An end of a range of dates as it is written: a year stays a year, a span that moves with the day becomes its first or last day."""
    if found is None:
        return ""
    return found.text if ".." not in found.text else found.low if first else found.high


def _same(node: ast.Term | ast.Quoted, value: str) -> ast.Expression:
    """The value in the place of `node`."""
    if " " in value:
        return ast.Quoted(value, boost=node.boost, span=node.span)
    return ast.Term(value, boost=node.boost, span=node.span)
