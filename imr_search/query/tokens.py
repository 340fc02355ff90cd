"""Tokens, and what comes before them: typographic characters become plain ones, and a query too long to be read safely is refused."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import msgspec

from imr_search.errors import QueryError
from imr_search.fields import Field, table

END = "$END"
"""The kind of the token behind the last."""

LONGEST = 10_000
MOST_TERMS = 200
DEEPEST = 40

ANY_RUN, ANY_ONE = "\ua016", "\ua017"
"""Letters of a script that no query is written in; they stand for * and ? while a word with wildcards is taken apart as any word is."""


class Token(msgspec.Struct, frozen=True):
    """`kind` is a terminal of the grammar; it was read from query[start:end]; `value` is what the lexer made of it."""

    kind: str
    start: int
    end: int
    value: Any = None

    @property
    def type(self) -> str:
        """As Lark calls it."""
        return self.kind


@cache
def _plain() -> dict[int, str]:
    table = {ord(mark): '"' for mark in "“”„‟″«»〝〞❝❞"}
    table |= {ord(mark): "'" for mark in "‘’‚‛′ʼ`´"}
    table |= {ord(mark): "-" for mark in "‐‑‒–—―−⁃﹘﹣－"}
    table |= {ord(mark): " " for mark in f"\u00ad\u200b\u200c\u200d\u2060\ufeff{ANY_RUN}{ANY_ONE}"}
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code - 0xFEE0 != ord("-")}
    return table


def clean(text: str) -> tuple[str, bool]:
    """`text` with plain quotes, dashes and spaces, of the same length, so that carets stay true; and whether anything but white space changed."""
    if text.isascii() and text.isprintable():
        return text, False
    plain = text.translate(_plain())
    plain = "".join(
        " " if char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp") else char
        for char in plain
    )
    return plain, any(new != old and not old.isspace() for new, old in zip(plain, text, strict=True))


# A term is a quotation or a run without space; what follows a comma is a further value of the same clause.
_TERM = re.compile(r'(?<!,)"[^"]*"?|[^\s()|,;"]+')
_LISTED = re.compile(r',\s*(?:"[^"]*"|[^\s()|,;"]+)')
_QUOTED = re.compile(r'"[^"]*"?')


def refuse_oversize(text: str) -> None:
    """Raise E131 for what nobody types, before anything else looks at it."""
    if len(text) > LONGEST:
        raise _too_long(text, f"it has {len(text):,} characters, and at most {LONGEST:,} can be read", LONGEST)
    for count, match in enumerate(_TERM.finditer(_LISTED.sub(lambda found: " " * len(found[0]), text)), 1):
        if count > MOST_TERMS:
            raise _too_long(text, f"it has more than {MOST_TERMS} terms", match.start())
    depth = 0
    for match in re.finditer(r"[()]", _QUOTED.sub(lambda found: "x" * len(found[0]), text)):
        depth += 1 if match[0] == "(" else -1
        if depth > DEEPEST:
            raise _too_long(text, f"its brackets are nested more than {DEEPEST} deep", match.start())


def _too_long(text: str, why: str, at: int) -> QueryError:
    return QueryError("E131", f"this query is too long to be read safely: {why}", text, at, at + 1)


def field_called(name: str) -> Field | None:
    """The field of that query name; hidden ones cannot be asked. `missing:` is not a row of the table (it is `has:` turned round)."""
    found = table().get(name)
    return None if found is None or found.hidden else found


def field_names() -> list[str]:
    """All names that may stand before a colon."""
    return [*(name for name, row in table().by_name.items() if not row.hidden), "missing"]
