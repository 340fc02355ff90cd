"""Field tags of library systems behind a word: `acupuncture[Title]` (PubMed), `acupuncture.ti,ab.` (Ovid), `acupuncture.title.`: refused with the
field's clause."""

from __future__ import annotations

import re
from functools import cache

from imr_search.errors import QueryError
from imr_search.fields import DATE, table
from imr_search.query.first_words import names
from imr_search.query.syntax_errors import fault, replaced
from imr_search.query.tokens import Token, field_called

_BRACKET = re.compile(r"\s?\[([^\W\d][\w /]*)\]")
_MEMBER = re.compile(r"([^\W\d][a-z_]+)\.([a-z]\w+)(?=[\s)]|$)")
_DOTTED = re.compile(r"\.([a-z]+(?:,[a-z]+)*)\.(?=[\s)]|$)")


@cache
def _fields() -> dict[str, str]:
    """The names of tags, with the fields that they search ("" for all)."""
    return dict(names("fields", "tags"))


def bracketed(text: str, at: int, tokens: list[Token]) -> QueryError | None:
    """E136 for a tag in brackets at text[at], right behind a word or phrase; None for any other bracket."""
    match = _BRACKET.match(text, at)
    before = tokens[-1] if tokens else None
    if match is None or before is None or before.kind not in ("WORD", "PHRASE") or text[before.end : at].strip():
        return None
    field = _field(match[1])
    return None if field is None else _refused(text, before.start, before.end, match.end(), match[0].strip(), [field])


def dotted(text: str, start: int) -> QueryError | None:
    """E136 for a word at text[start:] with tags between full stops; None for any other word."""
    word = re.compile(r"[\w*?-]+").match(text, start)
    match = _DOTTED.match(text, word.end()) if word else None
    if word is None or match is None:
        return None
    found = [_field(name) for name in match[1].split(",")]
    if None in found:
        return None
    fields = [field for field in found if field is not None]
    return _refused(text, start, word.end(), match.end(), match[0], fields)


def dotted_field(text: str, start: int) -> QueryError | None:
    """E136 for `drug.norco` at text[start:]; None for any other word."""
    match = _MEMBER.match(text, start)
    row = field_called(match[1]) if match else None
    if match is None or row is None:
        return None
    better = replaced(text, match.end(1), match.start(2), ":")
    message = f"a field's value follows a colon: {match[1]}:{match[2]}"
    return fault("E136", message, text, match.end(1), match.start(2), better)


def _field(tag: str) -> str | None:
    name = " ".join(tag.lower().split())
    row = field_called(name)
    return _fields().get(name.replace("/", " "), None if row is None else row.key)


def _refused(text: str, start: int, end: int, close: int, tag: str, fields: list[str]) -> QueryError:
    word = text[start:end]
    forms = []
    for field in dict.fromkeys(fields):
        if not field or (table()[field].kind == DATE and not re.match(r"\d", word)):
            forms.append(word)
        else:
            forms.append(f"{field}:{word}")
    one = forms[0] if len(forms) == 1 else f"({' or '.join(forms)})"
    message = f"{tag} is not used here: write the field before its word, {one}"
    return fault("E136", message, text, end, close, replaced(text, start, close, one), replaced(text, end, close, ""))
