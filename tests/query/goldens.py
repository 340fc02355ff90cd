"""grammar/examples.toml: queries with their canonical form, notices and number of items, or with their error."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path

from imr_search.errors import QueryError
from imr_search.query.parser import parse
from imr_search.query.planner import Lexicon, plan

FILE = Path(__file__).resolve().parents[2] / "grammar" / "examples.toml"
TODAY = datetime.date(2016, 6, 30)
SAVED = {"mri": "treatment:mri", "norco": "treatment:norco or treatment:hydrocodone", "sums": "* | count by outcome"}


@dataclass(frozen=True, slots=True)
class Golden:
    """`reads` is "" for a query that is refused with `error` at query[at[0]:at[1]]."""

    about: str
    query: str
    reads: str = ""
    notices: tuple[str, ...] = ()
    items: int = 0
    error: str = ""
    says: str = ""
    at: tuple[int, int] = (0, 0)
    tries: tuple[str, ...] = ()


def goldens() -> list[Golden]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = []
    for about, held in rows.items():
        for row in held:
            fields = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
            found.append(Golden(about, **fields))
    return found


def made(about: str, query: str, index: Lexicon) -> Golden:
    """What the code makes of a query today."""
    try:
        found = plan(parse(query), index, text=query, today=TODAY, saved=SAVED)
    except QueryError as error:
        tries = tuple(correction.query for correction in error.corrections)
        return Golden(about, query, "", (), 0, error.code, error.message, (error.start, error.end), tries)
    notices = tuple(f"{notice.code} {_first(notice.text)}" for notice in found.notices)
    return Golden(about, query, found.read_as, notices, index.count(found.node))


def _first(text: str) -> str:
    """A list of other names stops after the first: the vocabulary has tests of its own."""
    head, also, names = text.partition(" also finds ")
    return head + also + names.partition(", ")[0]


def written(rows: list[Golden]) -> str:
    """The file's text."""
    lines = [
        "# Goldens of the language: what each query is read as and what is said about it, or how it is refused.",
        "# The items are counted in the ten of tests/query/made.py, on 2016-06-30.",
        "# Written by `pytest tests/query/test_goldens.py --update`; read the difference before you keep it.",
    ]
    for row in rows:
        lines += ["", f"[[{row.about}]]", f"query = {_toml(row.query)}"]
        if row.error:
            lines += [f"error = {_toml(row.error)}", f"says = {_toml(row.says)}", f"at = [{row.at[0]}, {row.at[1]}]"]
            if row.tries:
                lines.append(f"tries = [{', '.join(map(_toml, row.tries))}]")
            continue
        lines += [f"reads = {_toml(row.reads)}", f"items = {row.items}"]
        if row.notices:
            lines.append("notices = [" + "".join(f"\n  {_toml(notice)}," for notice in row.notices) + "\n]")
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in escaped) + '"'
