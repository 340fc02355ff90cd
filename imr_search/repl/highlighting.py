"""Colour while typing, by the lexer's tokens, and underlining of what cannot be right: an unknown field or value, an open bracket or quote."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from imr_search import stages
from imr_search.fields import Field, table
from imr_search.repl.partial_query import read_partial

_CLASSES = {
    "PHRASE": "quoted",
    "PIPE": "bar",
    **dict.fromkeys((*(row.token for row in stages.STAGES), *(word.upper() for word in stages.WORDS)), "stage"),
    **dict.fromkeys(("AND", "OR", "NOT", "BUTNOT", "MINUS", "LINK", "RELATION", "FUNCTION"), "operator"),
    **dict.fromkeys(("FIELD", "LETTER", "SAVED"), "field"),
}

Spans = list[tuple[int, int, str]]
Spots = tuple[tuple[int, int], ...]

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
    rules["unknown"] = "underline"
    rules["command"] = "bold"
    rules["bottom-toolbar"] = "reverse"
    rules["bottom-toolbar.text"] = ""
    rules["toolbar.wrong"] = "bold"
    return Style.from_dict(rules)


def spans(text: str, unknown: Iterable[tuple[int, int]] = ()) -> Spans:
    """[start, end) and class of each piece of a query, complete or not. `unknown` are places of what no item has, underlined too."""
    found = read_partial(text)
    wrong = [*found.faults, *((at, at + 1) for at in found.opened)]
    if found.quote is not None:
        wrong.append((found.quote, found.quote + 1))
    pieces = [(start, end, "class:wrong") for start, end in dict.fromkeys(wrong)]
    absent = list(unknown)
    for token, key in zip(found.tokens, found.fields, strict=True):
        name = _CLASSES.get(token.kind, "")
        if token.kind == "WORD" and key and not _fits(table()[key], text[token.start : token.end]):
            name = "wrong"
        elif token.kind in ("WORD", "PHRASE") and any(
            start <= token.start and token.end <= end for start, end in absent
        ):
            name = "unknown"
        if name:
            pieces.append((token.start, token.end, f"class:{name}"))
    if found.quote is not None:
        pieces.append((found.quote + 1, len(text), "class:quoted"))
    return sorted(piece for piece in pieces if piece[1] > piece[0])


def _fits(field: Field, word: str) -> bool:
    """May this be a value of a field with a closed list of values, or the beginning of one? Others take anything."""
    if not field.values or "*" in word or "?" in word:
        return True
    known = (*field.values, *field.synonyms)
    return any(part.startswith(word.lower()) for value in known for part in (value.lower(), *value.lower().split()))


class QueryLexer(Lexer):
    """Styles for prompt_toolkit; a line that starts with a dot is a command. `known` gives the text that was looked up last, and where it names
    what no item has."""

    def __init__(self, known: Callable[[], tuple[str, Spots]] = lambda: ("", ())) -> None:
        self._known = known

    def invalidation_hash(self) -> Hashable:
        """Another one when something was looked up, so that the line is drawn anew."""
        return self._known()

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        text = document.text
        if text.lstrip().startswith("."):
            head = len(text) - len(text.lstrip())
            stop = next((index for index in range(head, len(text)) if text[index].isspace()), len(text))
            marks: Spans = [(head, stop, "class:command")]
        else:
            looked_up, unknown = self._known()
            marks = spans(text, unknown if text.startswith(looked_up) else ())
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
