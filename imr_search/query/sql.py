"""SQL, as people type it who think of the index as a table: refused (E136) with the same in this language. Its words are never searched for.

A statement is known by its SELECT and its WHERE or FROM, a condition by a field's name before LIKE, IN ( ), IS or BETWEEN (in capitals, because
"age between 40 and 50" is English).
"""

from __future__ import annotations

import re
from functools import cache

from imr_search.errors import QueryError
from imr_search.fields import DATE, ENUM, NUMBER, TEXT, Field
from imr_search.query.syntax_errors import fault, replaced
from imr_search.query.tokens import field_called

# Compiled by re when first needed: few queries are SQL.
_WHERE = r"(?i)\s*where\s+(?=[^\W\d]\w*\s*(?:[=<>!:]|(?:not\s+)?(?:in|like|between|is)\b))"
_STATEMENT = r"(?is)\s*select\b(?P<what>[^;]*?)\b(?:from\s+[\w.]+\s*)?(?:(?<!\w)where\b(?P<where>.*)|(?P<tail>(?:group|order|limit)\b.*)|;?\s*$)"
_TAIL = (
    r"(?i)\b(?:(group)\s+by\s+([\w, ]+?)|(order)\s+by\s+(\w+)(?:\s+(asc|desc))?|(limit)\s+(\d+))\s*"
    r"(?=\bgroup\b|\border\b|\blimit\b|\bhaving\b|;|$)"
)
_AGGREGATE = r"(?i)\b(count|avg)\s*\(\s*(\*|\w+)\s*\)"
_QUOTE = r"'[^']*'|\"[^\"]*\"|[^\s(),;'\"]+"


def statement(text: str) -> QueryError | None:
    """E136 for a whole SELECT; None for anything else. The words "select" and "from" alone are words."""
    if where := re.match(_WHERE, text):
        message = "SQL is not supported: write conditions side by side"
        return fault("E136", message, text, 0, where.end(), _translated(text[where.end() :]))
    match = re.match(_STATEMENT, text)
    if match is None or not re.search(r"(?i)\b(?:from|where)\b", text):
        return None
    if match["where"] is None and "*" not in match["what"] and not re.search(_AGGREGATE, match["what"]):
        return None
    rest = match["where"] or match["tail"] or ""
    stages = _stages(match["what"], rest)
    asked = re.sub(_TAIL, " ", rest).replace(";", " ").strip() or "*"
    message = "SQL is not supported: write conditions side by side, and reports after |"
    return fault("E136", message, text, 0, len(text), f"{_translated(asked)}{stages}")


def _stages(what: str, rest: str) -> str:
    """GROUP BY, ORDER BY, LIMIT and what is counted, as stages."""
    found, by = [], ""
    aggregate = re.search(_AGGREGATE, what)
    for match in re.finditer(_TAIL, rest):
        if match[1]:
            by = f" by {' '.join(match[2].split())}"
        elif match[3]:
            found.append(f" | sort {'-' if (match[5] or '').lower() == 'desc' else ''}{match[4]}")
        else:
            found.append(f" | limit {match[7]}")
    if aggregate is not None:
        kind = "count" if aggregate[1].lower() == "count" else f"stats {aggregate[2]}"
        found.insert(0, f" | {kind}{by}")
    elif by:
        found.insert(0, f" | count{by}")
    return "".join(found)


@cache
def _conditions() -> re.Pattern[str]:
    value = rf"(?:{_QUOTE})"
    return re.compile(
        rf"(?P<name>[^\W\d]\w*)\s+(?:"
        rf"(?P<not>not\s+)?(?:like\s+(?P<like>'[^']*'|\"[^\"]*\"|%?\w+%)|in\s*[\[({{](?P<list>[^()\[\]{{}}]*)[\])}}]"
        rf"|in\s+(?P<from>\d[\d/]*)(?:\.\.\.?|-)(?P<to>\d[\d/]*))"
        rf"|(?-i:BETWEEN)\s+(?P<low>{value})\s+and\s+(?P<high>{value})"
        rf"|is\s+(?P<filled>not\s+)?(?P<null>null)\b"
        rf"|(?P<other>(?:is\s+)?not\s+)(?P<not_is>\w+)"
        rf"|is\s+(?P<is>\w+)"
        rf"|(?-i:(?P<op>eq|ne|gt|ge|lt|le))\s+(?P<than>{value}))"
        rf"|(?P<compared>[^\W\d]\w*)\s*(?P<sign>=|<>|!=)\s*(?P<value>'[^']*')",
        re.IGNORECASE,
    )


def condition(text: str, at: int) -> QueryError | None:
    """E136 for `category IN (mri, ct)`, `specialty LIKE '%pain%'`, `age BETWEEN 40 AND 50` that begins at text[at]; None for anything else."""
    match = _conditions().match(text, at)
    row = field_called(match["name"]) if match and match["name"] else None
    if match is None or row is None or not (better := _written(match, row)):
        return None
    message = f"a condition is a field, a colon and its value: {better}"
    return fault("E136", message, text, at, match.end(), _translated(replaced(text, at, match.end(), better)))


def _translated(text: str) -> str:
    """Every condition of SQL in `text` as a clause."""

    def written(match: re.Match[str]) -> str:
        row = field_called(match["name"] or match["compared"])
        return (_written(match, row) if row is not None else "") or match[0]

    return _conditions().sub(written, text)


def _written(match: re.Match[str], row: Field) -> str:
    """A condition as a clause of this language; "" for `field is word` where the word is no value."""
    name = match["name"] or match["compared"]
    sign = "-" if match["not"] else ""
    if match["null"]:
        return f"{'has' if match['filled'] else 'missing'}:{row.key}"
    if match["is"] or match["not_is"]:
        value = (match["is"] or match["not_is"]).lower()
        known = row.kind == ENUM and value in (*(one.lower() for one in row.values), *row.synonyms)
        return f"{'-' if match['other'] else ''}{name}:{value}" if known else ""
    if match["like"]:
        return f"{sign}{name}:{_like(_bare(match['like']), row)}"
    if match["list"] is not None:
        values = re.findall(_QUOTE, match["list"])
        return f"{sign}{name}:({' or '.join(map(_quoted, values))})" if values else ""
    if match["op"]:
        held = _quoted(match["than"])
        if match["op"] in ("eq", "ne"):
            return f"{'-' if match['op'] == 'ne' else ''}{name}:{held}"
        bound = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}[match["op"]]
        return f"{name}:{bound}{held}" if row.kind in (NUMBER, DATE) else ""
    if match["from"]:
        return f"{sign}{name}:{match['from']}..{match['to']}" if row.kind in (NUMBER, DATE) else ""
    if match["low"]:
        low, high = _bare(match["low"]), _bare(match["high"])
        return f"{name}:{low}..{high}" if row.kind in (NUMBER, DATE) else ""
    value = _quoted(match["value"])
    if match["sign"] == "=":
        return f"{name}:{value}"
    return f"{name}:* -{name}:{value}" if row.kind in (NUMBER, DATE) else f"-{name}:{value}"


def _like(pattern: str, row: Field) -> str:
    """A pattern of LIKE: % is any run, and a word within a text, or within a value of words, is found without it."""
    inner = pattern.strip("%")
    if " " in inner or not inner:
        return f'"{inner}"' if inner else "*"
    if row.kind == TEXT or row.match == "words":
        return inner if pattern.startswith("%") or not pattern.endswith("%") else inner + "*"
    return pattern.replace("%", "*").replace("_", "?")


def _bare(value: str) -> str:
    return value.strip("'\"")


def _quoted(value: str) -> str:
    inner = _bare(value)
    return f'"{inner}"' if " " in inner else inner
