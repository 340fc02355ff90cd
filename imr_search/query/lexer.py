"""Characters to tokens. What a character means depends on its neighbours and on the field it stands in, so this is a walk and not a table.

Text is clean (see clean.py). Every token keeps its place; whatever is read as white space is remembered for notice N01.
"""

from __future__ import annotations

import re

import msgspec

from imr_search import analysis
from imr_search.errors import QueryError
from imr_search.fields import CITATION, DATE, NUMBER, TEXT, table
from imr_search.query import foreign, operators, reports, sql, syntax_errors, tags
from imr_search.query.ast import Between, Quoted, Term
from imr_search.query.tokens import Token, field_called

_SPACE = re.compile(r"\s+")
_NAMED = re.compile(r"([^\W\d]\w*)(\s*)(:=(?![<>])|:(?!//)|[<>]\s*=(?![<>])|==?(?![<>])|[<>≥≤])")
_CALL = re.compile(r"(syn|like)\s*\(", re.IGNORECASE)
_COMPARE = re.compile(r"([<>]\s*=|[<>=≥≤])\s*")
_WORD = re.compile(r"(?:[^\s()\"|,;<>=\[\]{}^~:&≥≤≠¬∧∨→⇒←⇐↔⇔]|(?<=\d):(?=\d)|(?<=\w)&(?=\w)|(?<=\d),(?=\d{3}(?!\d)))+")
_SCALAR = re.compile(r"[^\s()\",;|<>=≥≤\[\]{}]+")
_RANGE = re.compile(r"(?=.*\d)([\d./-]*?)\.\.([\d/-]*)")
_SQUARE = re.compile(r"\[\s*([^\s()\",;|<>=≥≤\[\]{}]+)\s+to\s+([^\s()\",;|<>=≥≤\[\]{}]+)\s*\]", re.IGNORECASE)
_EDITS = re.compile(r"~(\d*)")
_APART = re.compile(r"\s+(\d{1,2})(?=[\s)]|$)")
_BOOST = re.compile(r"\^(\d*\.?\d*)")
_SAVED = re.compile(r"@([^\W\d][\w-]*)")
_DELIMITED = re.compile(r"[\s()|,;\"]|$")
_SIGNS = {"≥": ">=", "≤": "<="}
_VALUES = ("WORD", "PHRASE", "RANGE")


def wordless(text: str) -> bool:
    """Is there nothing in `text` that an index holds, and no wildcard either?"""
    return not analysis.slots(text) and "*" not in text and "?" not in text


class Lexer(msgspec.Struct):
    """One walk over `text`. After `lex`, `tokens` holds what was read and `stray` the characters read as white space."""

    text: str
    tokens: list[Token] = msgspec.field(default_factory=list)
    stray: list[str] = msgspec.field(default_factory=list)
    inside_quotes: bool = False  # N23: a wildcard was quoted
    foreign: list[tuple[str, str]] = msgspec.field(
        default_factory=list
    )  # N32: signs of other systems, as typed and as read
    at: int = 0
    lenient: bool = False  # a small "not" is a word: for the reading in fields, which says what it means
    opened: list[tuple[int, str]] = msgspec.field(
        default_factory=list
    )  # open brackets: where, and the field that holds inside

    def walk(self) -> list[Token]:
        """Read to the end, whether or not all brackets are closed there."""
        if (problem := sql.statement(self.text)) is not None:
            raise problem
        while self.at < len(self.text):
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
            else:
                self._one(self.text[self.at])
        return self.tokens

    def lex(self) -> list[Token]:
        """Read the whole query. Raises QueryError for what no grammar could make sense of."""
        self.walk()
        if self.opened:
            raise syntax_errors.open_bracket(self.text, self.opened[-1][0], len(self.opened))
        return self.tokens

    def _one(self, char: str) -> None:
        if self._foreign() or self._connective() or self._value():
            return
        match char:
            case '"':
                self._phrase()
            case "(":
                self._open(self.context())
            case ")":
                self._close()
            case "|":
                self._bar()
            case ",":
                self._comma()
            case ":":
                raise syntax_errors.colon(self.text, self.at)
            case "[" if (problem := tags.bracketed(self.text, self.at, self.tokens)) is not None:
                raise problem
            case "[" | "{" if self._after_field() or _SQUARE.match(self.text, self.at):
                self._square()
            case "[" if (problem := foreign.square_brackets(self.text, self.at, False)) is not None:
                raise problem
            case "{" | "}":
                raise foreign.braces(self.text, self.at)
            case "~" | "^":
                raise foreign.loose_mark(self.text, self.at, self.tokens)
            case "<" | ">" | "≥" | "≤" | "≠":
                raise self._comparison()
            case "+":
                self._plus()
            case "-":
                self._minus()
            case "!":
                self._bang()
            case _:
                self._name_or_word()

    # -- what stands around

    def _previous(self, back: int = 1) -> str:
        return self.tokens[-back].kind if len(self.tokens) >= back else ""

    def _after_field(self) -> bool:
        return self._previous() in ("FIELD", "RELATION")

    def context(self) -> str:
        """The key of the field that a value here belongs to, or ""."""
        if self._previous() == "FIELD":
            return str(self.tokens[-1].value)
        if self._previous() == "RELATION" and self._previous(2) == "FIELD":
            return str(self.tokens[-2].value)
        if self._previous() == "COMMA":
            back = next(token for token in reversed(self.tokens) if token.kind in ("FIELD", "LPAR"))
            if back.kind == "FIELD":
                return str(back.value)
        return self.opened[-1][1] if self.opened else ""

    def _kind(self) -> str:
        found = table().get(self.context())
        return found.kind if found else ""

    def _add(self, kind: str, end: int, value: object = None) -> None:
        self.tokens.append(Token(kind, self.at, end, value))
        self.at = end

    def _skip(self, end: int) -> None:
        """Read text[at:end] as white space, and remember it."""
        self.stray.append(self.text[self.at : end].strip())
        self.at = end

    # -- words between the operands

    def _connective(self) -> bool:
        """AND, OR, NOT and the connectors, in all their spellings."""
        found = operators.read(self.text, self.at)
        if found is None:
            return False
        if found.kind == "not" and self.lenient:
            self._add("WORD", found.end, Term("not", span=(self.at, found.end)))
            return True
        if found.kind == "not":
            raise operators.small_not(self.text, self.at, self.tokens)
        if found.kind == "OR" and self.text.startswith("||", self.at) and reports.begins(self.text[found.end :]):
            raise syntax_errors.double_bar(self.text, self.at)
        self._add(found.kind, found.end, found.link)
        return True

    # -- signs of other systems

    def _foreign(self) -> bool:
        if self._previous() == "RELATION":
            return False
        if (match := foreign.apostrophes(self.text, self.at)) is not None:
            self._note(match.end(), f'"{match[1]}"')
            end, (start, stop) = match.end(), match.span()
            self._add("PHRASE", end, Quoted(" ".join(match[1].split()), span=(start, stop)))
            return True
        if self._after_field():
            if (problem := foreign.turned_sign(self.text, self.at)) is not None:
                raise problem
            return False
        problem = (
            foreign.unequal(self.text, self.at)
            or foreign.turned_bound(self.text, self.at)
            or foreign.turned(self.text, self.at)
            or foreign.range_in_words(self.text, self.at, self.tokens)
        )
        if problem is not None:
            raise problem
        found = foreign.read(self.text, self.at, self.tokens)
        if found is None:
            return False
        self._note(found.end, found.reads)
        self._add(found.kind, found.end, found.link)
        return True

    def _note(self, end: int, reads: str) -> None:
        self.foreign.append((self.text[self.at : end].strip(), reads))

    def _comparison(self) -> QueryError:
        found = foreign.comparison(self.text, self.at, self.tokens)
        assert found is not None
        return found

    def _segment(self) -> bool:
        """`treatment(acupuncture)` is `treatment:(acupuncture)`."""
        problem = foreign.of_a_word(self.text, self.at) or foreign.unknown_segment(self.text, self.at)
        if problem is not None:
            raise problem
        found = foreign.segment(self.text, self.at)
        if found is None:
            return False
        row, name, opener = found
        if name.lower() == "letter" and ":" in self.text[opener : self.text.find(")", opener)]:
            self._note(opener, "letter:")
            self._add("LETTER", opener)
            self._open("")
            return True
        if self.opened and (outer := self.context()):
            raise syntax_errors.field_inside(self.text, self.at, outer, opener)
        self._note(opener, f"{name}:")
        self._add("FIELD", opener, row.key if row is not None else "missing")
        self._open(self.context())
        return True

    # -- values

    def _value(self) -> bool:
        """A number, a date, a comparison or a range, where the field asks for one."""
        if self._kind() not in (NUMBER, DATE):
            return False
        if (match := _COMPARE.match(self.text, self.at)) and self._previous() != "RELATION":
            self._add("RELATION", match.end(), _SIGNS.get(match[1], "".join(match[1].split())))
            return True
        if self.text[self.at] == "-" and not self._after_field():
            return False
        if not (match := _SCALAR.match(self.text, self.at)) or self.text[self.at] == "*":
            return False
        row = table().get(self.context())
        problem = foreign.thousands(self.text, self.at, row, self._previous() == "RELATION")
        if problem is not None:
            raise problem
        if (problem := foreign.dots(self.text, *match.span())) is not None:
            raise problem
        low, dots, high = match[0].partition("..")
        span = match.span()
        if dots and self._previous() != "RELATION":
            self._add("RANGE", match.end(), Between(low, high, span))
        else:
            self._add("WORD", match.end(), Term(match[0], span=span))
        return True

    def _square(self) -> None:
        """[a TO b], or what only looks like it."""
        kind = self._kind()
        match = _SQUARE.match(self.text, self.at)
        if match and kind not in (NUMBER, DATE):
            raise syntax_errors.range_elsewhere(self.text, *match.span(), self.context())
        if match:
            low, high = ("" if end == "*" else end for end in match.groups())
            self._add("RANGE", match.end(), Between(low, high, match.span()))
        elif kind in (NUMBER, DATE):
            raise foreign.open_range(self.text, self.at, table()[self.context()]) or syntax_errors.square(
                self.text, self.at
            )
        elif self.text[self.at] == "{":
            raise foreign.braces(self.text, self.at)
        elif (problem := foreign.square_brackets(self.text, self.at, self._after_field())) is not None:
            raise problem
        else:
            self._skip(self.at + 1)

    def _phrase(self) -> None:
        close = self.text.find('"', self.at + 1)
        if close < 0:
            raise syntax_errors.open_quote(self.text, self.at)
        inner, start = self.text[self.at + 1 : close], self.at
        if not analysis.slots(inner):
            raise syntax_errors.empty(self.text, start, close + 1, "quotation marks")
        self.inside_quotes = self.inside_quotes or "*" in inner or "!" in inner
        end, within = close + 1, 0
        if match := _EDITS.match(self.text, end):
            end, within = match.end(), int(match[1] or 0)
            words = len(inner.split())
            if not match[1] and (number := _APART.match(self.text, end)):
                raise syntax_errors.apart(self.text, close + 1, number.end(), number[1])
            if not 1 <= within <= 50 or words < 2:
                raise syntax_errors.distance(self.text, close + 1, end, words)
        boost, end = self._boost(end)
        self._add("PHRASE", end, Quoted(" ".join(inner.split()), within, boost, (start, end)))

    def _boost(self, end: int) -> tuple[float | None, int]:
        match = _BOOST.match(self.text, end)
        if match is None:
            return None, end
        try:
            factor = float(match[1])
        except ValueError:
            factor = 0.0
        if not match[1] and (number := _APART.match(self.text, match.end())):
            raise syntax_errors.apart(self.text, end, number.end(), number[1])
        if not 0.01 <= factor <= 100 or not _DELIMITED.match(self.text, match.end()):
            raise syntax_errors.boost(self.text, end, match.end())
        return factor, match.end()

    def _name_or_word(self) -> None:
        if (problem := sql.condition(self.text, self.at)) is not None:
            raise problem
        if self._field() or self._call() or self._segment():
            return
        if match := _SAVED.match(self.text, self.at):
            self._add("SAVED", match.end(), match[1])
        elif self.text.startswith("[sic]", self.at):
            self._skip(self.at + 5)
        elif match := _WORD.match(self.text, self.at):
            self._word(match[0])
        else:
            self._skip(self.at + 1)

    def _word(self, raw: str) -> None:
        start, end = self.at, self.at + len(raw)
        if (problem := tags.dotted(self.text, self.at) or tags.dotted_field(self.text, self.at)) is not None:
            raise problem
        text = raw.rstrip(".'\\").lstrip(".'`\\!+/@&%-")
        for spoken in (raw.strip(".'\\"), text):
            if (joint := operators.read(spoken, 0)) and joint.end == len(spoken):
                if joint.kind == "not" and self.lenient:
                    self._add("WORD", end, Term("not", span=(start, end)))
                    return
                if joint.kind == "not":
                    raise operators.small_not(self.text, self.at, self.tokens)
                self._add(joint.kind, end, joint.link)
                return
        if text == "*":
            boost, end = self._boost(end)
            self._add("STAR", end)
            return
        if "!" in raw and not text:
            raise syntax_errors.bang(self.text, self.at, self.at + 1)
        if not text or wordless(text):
            self._skip(end)
            return
        if lost := "".join(char for char in raw[: raw.index(text)] if char in "@/\\"):
            self.stray.append(lost)
        if (problem := foreign.glued_regular(self.text, self.at, end, text)) is not None:
            raise problem
        if (sign := raw.find("%")) > 0 and raw[sign - 1].isalpha():
            raise foreign.glued_percent(self.text, self.at + sign)
        if (match := _RANGE.fullmatch(raw.strip("'\\")) or _RANGE.fullmatch(text)) and not self._text_like():
            self._add("RANGE", end, Between(match[1], match[2], (start, end)))
            return
        fuzzy = 0
        if match := _EDITS.match(self.text, end):
            if row := field_called(text):
                raise syntax_errors.tilde(self.text, self.at, match.end(), row.key)
            joined = len(analysis.slots(text)) > 1 or "*" in text or "?" in text
            if not match[1] and not joined and (number := _APART.match(self.text, match.end())):
                raise syntax_errors.apart(self.text, end, number.end(), number[1])
            if (
                match[1] not in ("", "1", "2")
                or joined
                or (not _DELIMITED.match(self.text, match.end()) and self.text[match.end()] != "^")
            ):
                raise syntax_errors.edits(self.text, end, match.end(), joined)
            fuzzy, end = int(match[1] or 1), match.end()
        boost, end = self._boost(end)
        self._add("WORD", end, Term(text, fuzzy, boost, (start, end)))

    def _text_like(self) -> bool:
        return self._kind() in (TEXT, CITATION)

    # -- names

    def _field(self) -> bool:
        match = _NAMED.match(self.text, self.at)
        if match is None:
            return False
        name, gap, sign = match.groups()
        row, key = field_called(name), name.lower()
        if row is None and key not in ("missing", "tier"):
            return False  # syntax_errors.colon says what is wrong, if a colon follows
        if (row is not None and len(name) == 1) and (gap or self.text[match.end() : match.end() + 1].isspace()):
            if sign != ":":
                return False
            raise syntax_errors.loose_alias(self.text, self.at, name, match.end())
        equal = sign in (":", ":=", "=", "==")
        if not equal and row is not None and row.kind not in (NUMBER, DATE):
            return False
        if self.opened and (outer := self.context()):
            raise syntax_errors.field_inside(self.text, self.at, outer, match.end(3))
        key = row.key if row is not None else key
        if key == "letter" and (bracket := re.compile(r"\s*\(").match(self.text, match.end())):
            self._add("LETTER", bracket.end() - 1)
            self._open("")
            return True
        if equal:
            self._add("FIELD", match.end(), key)
        else:
            self._add("FIELD", match.start(3), key)
            self._value()
        return True

    def _call(self) -> bool:
        match = _CALL.match(self.text, self.at)
        if match is None:
            return False
        opener, depth, close = match.end() - 1, 0, -1
        for bracket in re.compile(r"\"[^\"]*\"|[()]").finditer(self.text, opener):
            depth += {"(": 1, ")": -1}.get(bracket[0], 0)
            if depth == 0:
                close = bracket.start()
                break
        if close < 0:
            raise syntax_errors.open_bracket(self.text, opener, depth or 1)
        inner = self.text[opener + 1 : close].strip()
        whole = len(inner) > 1 and inner[0] == inner[-1] == '"' and inner.count('"') == 2
        text = " ".join(inner.replace('"', " ").split())
        if not analysis.slots(text):
            raise syntax_errors.empty(self.text, self.at, close + 1)
        self._add("FUNCTION", opener, match[1].lower())
        self._add("LPAR", opener + 1)
        plain = whole or any(mark in text for mark in "()")
        self._add("PHRASE" if plain else "WORD", close, Quoted(text) if plain else Term(text))
        self._add("RPAR", close + 1)
        return True

    # -- signs

    def _open(self, context: str) -> None:
        self.opened.append((self.at, context))
        self._add("LPAR", self.at + 1)

    def _close(self) -> None:
        if not self.opened:
            raise syntax_errors.stray_bracket(self.text, self.at)
        opener, _ = self.opened.pop()
        if self._previous() == "LPAR":
            raise syntax_errors.empty(self.text, opener, self.at + 1)
        self._add("RPAR", self.at + 1)

    def _bar(self) -> None:
        if self.opened:
            raise syntax_errors.bar_in_brackets(self.text, self.at)
        read, self.at = reports.lex(self.text, self.at)
        self.tokens += read

    def _comma(self) -> None:
        """ "Or" between the values of one field that is not text; white space elsewhere."""
        start = self.at
        if self._previous() in _VALUES and operators.value_follows(self.text, self.at + 1, field_called):
            if self._previous(2) in ("FIELD", "COMMA") and self._listing():
                self._add("COMMA", start + 1)
                return
            if (
                self.opened
                and self.opened[-1][1]
                and not self._text_like()
                and self._previous(2) not in ("FIELD", "COMMA")
            ):
                self._add("OR", start + 1)
                return
        self._skip(start + 1)

    def _listing(self) -> bool:
        """Does the value just read stand right behind a field that is not text (or behind a comma of its list)?"""
        named = next((token for token in reversed(self.tokens) if token.kind == "FIELD"), None)
        return named is not None and (table().get(named.value) or table()["has"]).kind not in (TEXT, CITATION)

    def _plus(self) -> None:
        follows = self.text[self.at + 1 : self.at + 2]
        if follows and not follows.isspace() and follows not in "+-)":
            raise syntax_errors.plus(self.text, self.at)
        self._skip(self.at + 1)

    def _minus(self) -> None:
        follows = self.text[self.at + 1 : self.at + 2]
        if not follows or follows.isspace() or follows in "-)|,":
            raise syntax_errors.lone_minus(self.text, self.at)
        self._add("MINUS", self.at + 1)

    def _bang(self) -> None:
        follows = _WORD.match(self.text, self.at + 1)
        raise syntax_errors.bang(self.text, self.at, follows.end() if follows else self.at + 1)
