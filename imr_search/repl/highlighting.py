"""Colour while typing, and underlining of what cannot be right: an unknown field or value, a bracket or quote without its fellow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from imr_search.fields import Field, table

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)
      | (?P<field>-?[^\W\d]\w*)(?P<colon>\s?:(?!//)|[<>]=?|(?<=\w)=)
      | (?P<operator>\b(?:AND|OR|NOT|but\s+not|and\s+not|and|or|TO)\b|/[sp]\b|/\d+|\bw/[sp\d]+|\bpre/[sp\d]+|\+\d+\b|&&?|\|\|)
      | (?P<bracket>[()])
      | (?P<bar>\|)
      | (?P<word>[^\s"()|]+)
      | (?P<space>\s+)""",
    re.VERBOSE,
)
_STAGES = frozenset(("count", "rate", "trend", "top", "sort", "limit", "show", "unique", "sample", "cite"))
_CLOSED = {"“": '"', "”": '"', "„": '"'}

Spans = list[tuple[int, int, str]]

THEMES = {
    "auto": {
        "field": "bold ansiblue",
        "quoted": "ansigreen",
        "operator": "bold",
        "bar": "bold",
        "stage": "bold ansimagenta",
    },
    "dark": {
        "field": "bold ansibrightcyan",
        "quoted": "ansibrightgreen",
        "operator": "bold ansibrightyellow",
        "bar": "bold",
        "stage": "bold ansibrightmagenta",
    },
    "light": {
        "field": "bold ansiblue",
        "quoted": "ansigreen",
        "operator": "bold ansired",
        "bar": "bold",
        "stage": "bold ansimagenta",
    },
    "plain": {"field": "bold", "quoted": "", "operator": "bold", "bar": "bold", "stage": "bold"},
}


@cache
def style(theme: str) -> Style:
    """The prompt's style; every theme says by underline and by sign what it says by colour. One object a theme: for another one the whole screen
    would be drawn anew at each key."""
    rules = dict(THEMES[theme])
    rules["wrong"] = "underline" if theme == "plain" else "underline ansired"
    rules["command"] = "bold"
    rules["bottom-toolbar"] = "reverse"
    rules["bottom-toolbar.text"] = ""
    rules["toolbar.wrong"] = "bold"
    return Style.from_dict(rules)


def spans(text: str) -> Spans:
    """[start, end) and class of each piece of a query, complete or not. Never raises: the text is being typed."""
    found: Spans = []
    for old, new in _CLOSED.items():
        text = text.replace(old, new)
    opened: list[int] = []
    field: Field | None = None
    after_bar = False
    for match in _TOKEN.finditer(text):
        kind, start, end = match.lastgroup or "", *match.span()
        if kind == "colon":
            name = match["field"].lstrip("-")
            field = table().get(name)
            known = name.lower() == "missing" or (field is not None and not field.hidden)
            found.append((start, end, "class:field" if known else "class:wrong"))
            continue
        match kind:
            case "quoted":
                closed = len(match[0]) > 1 and match[0].endswith('"')
                if closed:
                    found.append((start, end, "class:quoted"))
                else:
                    found += [(start, start + 1, "class:wrong"), (start + 1, end, "class:quoted")]
            case "operator":
                found.append((start, end, "class:operator"))
            case "bracket" if match[0] == "(":
                opened.append(start)
            case "bracket":
                if opened:
                    opened.pop()
                else:
                    found.append((start, end, "class:wrong"))
            case "bar":
                found.append((start, end, "class:bar"))
            case "word" if after_bar:
                found.append((start, end, "class:stage" if match[0].lower() in _STAGES else "class:wrong"))
            case "word" if field is not None and not _stands(field, match[0]):
                found.append((start, end, "class:wrong"))
        if kind != "space":
            after_bar = kind == "bar"
            if kind not in ("bracket",):
                field = None
    found += [(start, start + 1, "class:wrong") for start in opened]
    return sorted(span for span in found if span[1] > span[0])


def _stands(field: Field, word: str) -> bool:
    """May this be a value of a field with a closed list of values? Others take anything."""
    if not field.values or "*" in word or "?" in word:
        return True
    known = {value.lower() for value in field.values} | {name.lower() for name in field.synonyms}
    starts = {name.split()[0] for name in known}
    return all(part.lower() in known | starts for part in word.split(",") if part)


class QueryLexer(Lexer):
    """Styles for prompt_toolkit; a line that starts with a dot is a command."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        text = document.text
        if text.lstrip().startswith("."):
            head = len(text) - len(text.lstrip())
            stop = next((index for index in range(head, len(text)) if text[index].isspace()), len(text))
            marks: Spans = [(head, stop, "class:command")]
        else:
            marks = spans(text)
        styled = list(_filled(text, marks))

        def line(number: int) -> StyleAndTextTuples:
            start = document.translate_row_col_to_index(number, 0)
            return list(_cut(styled, start, start + len(document.lines[number])))

        return line


def _filled(text: str, marks: Spans) -> Iterator[tuple[int, int, str, str]]:
    at = 0
    for start, end, name in marks:
        if start < at:
            continue
        yield at, start, "", text[at:start]
        yield start, end, name, text[start:end]
        at = end
    yield at, len(text), "", text[at:]


def _cut(styled: list[tuple[int, int, str, str]], start: int, end: int) -> Iterator[tuple[str, str]]:
    for first, last, name, piece in styled:
        low, high = max(first, start), min(last, end)
        if low < high:
            yield name, piece[low - first : high - first]


def incomplete(text: str) -> bool:
    """Does a bracket or quotation mark still stand open, or an operator wait for its other side? Then Enter opens a new line."""
    if text.lstrip().startswith("."):
        return False
    for old, new in _CLOSED.items():
        text = text.replace(old, new)
    bare = re.sub(r'"[^"]*"', "x", text)
    if '"' in bare:
        return True
    if bare.count("(") > bare.count(")"):
        return True
    return bool(re.search(r"(?:\b(?:AND|OR|NOT|but not|and not|and|or)|[|&])\s*$", bare)) and bool(bare.strip())
