"""Signs and words that are operators in other systems (Westlaw, Lexis, dtSearch, SQL, Lucene).

None of them is ever white space. What has one meaning here is read with notice N32; what could mean two things, or nothing, is refused (E136, or the
code of the sign) with the form to type instead.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import msgspec

from imr_search.errors import QueryError
from imr_search.fields import DATE, NUMBER, Field, table
from imr_search.query import first_words
from imr_search.query.ast import Link
from imr_search.query.syntax_errors import fault, quoted, replaced
from imr_search.query.tokens import Token, field_called

_END = r"(?=[\s()\",;|]|$)"
_PERCENT = re.compile(r"%(?=[\s(\"]|[^\W\d]|$)")
_SIGN = re.compile(r"[¬∧∨]")
_LOGIC = {"¬": "MINUS", "∧": "AND", "∨": "OR"}
_READS = {"MINUS": "-", "AND": "AND", "OR": "OR"}
_WITHIN = re.compile(
    rf"(?:w|with|within|near|adj)?/(?P<unit>sent(?:ence)?|para(?:graph)?|seg(?:ment)?){_END}"
    rf"|(?P<name>onear|next|within|before|pre/?near)/(?P<distance>\d{{1,3}}){_END}",
    re.IGNORECASE,
)
_AND_OR = re.compile(rf"and\s?/\s?or{_END}", re.IGNORECASE)
_SLASHED = re.compile(rf"/(\d{{1,3}}|[sp])/{_END}", re.IGNORECASE)
_NOT_BOTH = re.compile(rf"(?:NOR|XOR|EXCEPT|ANDNOT|AND-NOT){_END}")
_NEAR = re.compile(
    rf"(?:(?P<word>NEAR|ADJ|ONEAR|AROUND|WITHIN|BEFORE|SAME|FOLLOWED\s+BY)(?:\s*[(/]?\s*(?P<size>\d{{1,3}})\b\)?)?"
    rf"|(?i:near|adj|onear)(?P<glued>\d{{1,3}})){_END}"
)
_OWN = re.compile(rf"(?:near|adj|pre|w)/\d+{_END}", re.IGNORECASE)
_NOT_NEAR = re.compile(
    rf"(?:(?:AND\s+)?NOT\s+|!\s*)(?P<link>(?:w|near|pre|within)/(?:\d{{1,3}}|s|p)|/(?:\d{{1,3}}|s|p)|NEAR|WITHIN(?:\s+\d{{1,3}})?){_END}"
)
_CAPITALS = re.compile(r"(?:all|no)?caps\(([^()]*)\)|(?:plural|singular)\(([^()]*)\)", re.IGNORECASE)
_REGULAR = re.compile(r"/(?=\S*[.*+?\\\[\]|^$])([^\s/]+)/(?=[\s)]|$)|(\w{2,})\.[*+]$")
_ARROW = re.compile(r"-{1,2}>|={1,2}>|<-{1,2}(?!\d)|<=>|[→⇒←⇐↔⇔]")
_HALF_OPEN = re.compile(r"([\[{])\s*([^\s()\",;|\[\]{}]+)\s+(?:to|TO)\s+([^\s()\",;|\[\]{}]+)\s*([\]}])")
_COMPARISON = re.compile(r"[<>]\s*=?|[≥≤]|=[<>]")
_NAME = re.compile(r"([^\W\d]\w*)\s*(?:[<>]=?|[≥≤])\s*(\S+)?")
_VALUE = re.compile(r"\s*(?:\"[^\"]*\"|\([^()]*\)|[^\s()|]+)")
_TO = re.compile(r"(?:to|through|thru|until|till|-)\s+(?=#?[\d>=<]|today|yesterday)|to(?=\d)", re.IGNORECASE)
_SCALAR = re.compile(r"[^\s()\",;|]+")
_DOUBLED = re.compile(r"(?:''|``?)([^'`\"]*[^'`\"\s])(?:''|``?)(?=[\s),;|~^]|$)")
_APOSTROPHES = re.compile(r"'((?:[^'\"]|(?<=\w)'(?=\w))*[^\s'\"])'(?=[\s),;|~^]|$)")
_SEGMENT = re.compile(r"([^\W\d]\w+)\((?!s\))")
_AT_LEAST = re.compile(r"atl(?:east)?\d+\(([^()]*)\)", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")


class Sign(msgspec.Struct, frozen=True):
    """What a foreign sign at text[at:end] is read as: a terminal of the grammar, and its value."""

    kind: str
    end: int
    reads: str
    link: Link | None = None


def read(text: str, at: int, tokens: Sequence[Token]) -> Sign | None:
    """The foreign operator that begins at text[at], if one does. Raises QueryError for one that is refused."""
    if (match := _PERCENT.match(text, at)) and (at == 0 or not text[at - 1].isalnum()):
        return _percent(text, at, match.end())
    if match := _SIGN.match(text, at):
        kind = _LOGIC[match[0]]
        end = (
            match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
            if kind == "MINUS"
            else match.end()
        )
        return Sign(kind, end, _READS[kind])
    if match := _AND_OR.match(text, at):
        return Sign("OR", match.end(), "or")
    if match := _WITHIN.match(text, at):
        return _within(match)
    if match := _SLASHED.match(text, at):
        better = replaced(text, *match.span(), f"/{match[1]}")
        raise fault("E136", f"write the distance as /{match[1]}", text, *match.span(), better)
    if (match := _NOT_BOTH.match(text, at)) and tokens and text[match.end() :].strip(" )"):
        raise _not_both(text, match)
    if match := _NOT_NEAR.match(text, at):
        raise _not_near(text, match)
    if (match := _NEAR.match(text, at)) and not _OWN.match(text, at) and tokens and text[match.end() :].strip(" )"):
        raise _near(text, match)
    if (match := _REGULAR.match(text, at)) and match[1]:
        raise regular(text, match.start(), match.end(), match[1])
    if match := _ARROW.match(text, at):
        raise _arrow(text, match.start(), match.end())
    return None


def _not_both(text: str, match: re.Match[str]) -> QueryError:
    """E136 for NOR, XOR and EXCEPT between words; in small letters they are words."""
    forms = {"XOR": [" OR ", " AND "]}.get(match[0], [" AND NOT "])
    news = [" ".join(replaced(text, *match.span(), form).split()) for form in forms]
    small = replaced(text, *match.span(), match[0].lower())
    return fault("E136", f"{match[0]} is not an operator here: write{forms[0]}", text, *match.span(), *news, small)


def _percent(text: str, at: int, end: int) -> Sign:
    """Westlaw's BUT NOT; behind a number it may be a share."""
    if number := re.search(r"\d\s+$", text[:at]):
        share = text[: number.start() + 1] + text[at:]
        without = replaced(text, at, end, "but not ")
        raise fault(
            "E136", "% after a number can mean percent or BUT NOT: write one of these", text, at, end, share, without
        )
    return Sign("BUTNOT", end, "but not")


def glued_percent(text: str, at: int) -> QueryError:
    """E136 for a % behind a word, which is neither a share nor apart from its words."""
    apart = replaced(text, at, at + 1, " but not ") if text[at + 1 :].strip(" )") else ""
    return fault(
        "E136",
        "% follows a number; for BUT NOT, write spaces around it",
        text,
        at,
        at + 1,
        apart,
        replaced(text, at, at + 1, ""),
    )


def _within(match: re.Match[str]) -> Sign:
    if match["unit"]:
        kind = "s" if match["unit"].lower().startswith("sent") else "p"
        return Sign("LINK", match.end(), f"/{kind}", Link(kind))
    distance, ordered = int(match["distance"]), match["name"].lower() not in ("within",)
    distance = min(max(distance, 1), 50 if ordered else 255)
    sign = "+" if ordered else "/"
    return Sign("LINK", match.end(), f"{sign}{distance}", Link(sign, distance))


def _near(text: str, match: re.Match[str]) -> QueryError:
    typed = " ".join(match[0].split())
    size = match["size"] or match["glued"]
    name = (match["word"] or re.sub(r"\d", "", match[0])).upper()
    if name == "SAME":
        better = replaced(text, match.start(), match.end(), "/p")
        word = replaced(text, match.start(), match.end(), typed.lower())
        return fault(
            "E136",
            "SAME is not an operator here: write /p for the same field, /s for the same sentence",
            text,
            *match.span(),
            better,
            word,
        )
    ordered = name not in ("NEAR", "AROUND", "WITHIN")
    distance = min(max(int(size), 1), 50) if size else 1 if name in ("ADJ", "ONEAR") else 10
    forms = [f"+{distance}", f"/{distance}"] if ordered else [f"/{distance}", f"+{distance}"]
    news = [replaced(text, match.start(), match.end(), form) for form in forms]
    small = [] if size else [replaced(text, match.start(), match.end(), typed.lower())]
    message = (
        f"{typed} is not an operator here: write /{distance} for within {distance} words, +{distance} for in this order"
    )
    return fault("E136", message, text, match.start(), match.end(), *news, *small)


def _not_near(text: str, match: re.Match[str]) -> QueryError:
    """Not within a distance: how far words are apart can be asked for, and not excluded."""
    message = "NOT cannot be combined with a distance: exclude the word, or the pair in brackets"
    without = replaced(text, match.start(), match.end(), "but not")
    link = match["link"].lower()
    together = replaced(text, match.start(), match.end(), link if "/" in link else "/10")
    return fault("E136", message, text, *match.span(), without, together)


def glued_regular(text: str, start: int, end: int, word: str) -> QueryError | None:
    """E136 for `acupunct.*` at text[start:end]; None for any other word."""
    match = _REGULAR.match(word)
    return regular(text, start, end, f"{match[2]}*") if match is not None and match[2] else None


def regular(text: str, start: int, end: int, inner: str) -> QueryError:
    """E136 for a regular expression, with what a wildcard says of it."""
    wild = re.sub(r"\.[*+]", "*", inner).replace(".", "?")
    wild = re.sub(r"[^\w*?-]", "", wild)
    message = "regular expressions are not supported: * stands for any letters, ? for one"
    return fault("E136", message, text, start, end, replaced(text, start, end, wild))


def turned_sign(text: str, at: int) -> QueryError | None:
    """E136 for `age:=>50`, whose sign begins at text[at]; None for anything else."""
    match = re.compile(r"=\s*[<>]|([<>])\s*\1").match(text, at)
    if match is None:
        return None
    sign = match[0][-1]
    news = [replaced(text, at, match.end(), f"{sign}=" if match[1] is None else sign)]
    return fault("E136", f"{match[0]} is not a comparison: write {sign}= or {sign}", text, at, match.end(), *news)


def turned_bound(text: str, at: int) -> QueryError | None:
    """E136 for `age=<30` and `treatment->acupuncture` that begin at text[at]; None for anything else."""
    if (arrow := re.compile(r"([^\W\d]\w*)(-{1,2}>)").match(text, at)) and field_called(arrow[1]):
        better = replaced(text, *arrow.span(2), ":")
        return fault("E136", f"a field's value follows a colon: {arrow[1]}:", text, *arrow.span(2), better)
    match = re.compile(r"([^\W\d]\w*)\s*(=\s*<)(?![->])").match(text, at)
    row = field_called(match[1]) if match else None
    if match is None or row is None or row.kind not in (NUMBER, DATE):
        return None
    return fault("E136", "write at most as <=", text, *match.span(2), replaced(text, *match.span(2), "<="))


def open_range(text: str, at: int, row: Field) -> QueryError | None:
    """E132 for `{50 TO 60}` and `[50 TO 60}` at text[at], whose ends do not belong to the range; None for anything else."""
    match = _HALF_OPEN.match(text, at)
    if match is None:
        return None
    low = match[2] if match[1] == "[" else _edge(row, ">", match[2], 1)
    high = match[3] if match[4] == "]" else _edge(row, "<", match[3], -1)
    message = "{ } are not used for a range: both ends of low..high belong to it"
    better = replaced(text, at, match.end(), f"{low}..{high}") if low and high else ""
    return fault("E132", message, text, at, match.end(), better)


def dots(text: str, start: int, end: int) -> QueryError | None:
    """E132 for a range at text[start:end] with three dots, or an ellipsis; None for any other value."""
    value = re.sub(r"\.{3,}|…", "..", text[start:end])
    if value == text[start:end] or not re.fullmatch(r"[\d/-]*\.\.[\d/-]*", value):
        return None
    return fault(
        "E132", "write a range as low..high, with two dots", text, start, end, replaced(text, start, end, value)
    )


def _arrow(text: str, start: int, end: int) -> QueryError:
    named = re.search(r"([^\W\d]\w*)\s*$", text[:start])
    row = field_called(named[1]) if named else None
    if row is not None and row.kind in (NUMBER, DATE) and text[start:end] == "=>":
        return fault("E136", "write at least as >=", text, start, end, replaced(text, start, end, ">="))
    news = [replaced(text, start, end, new) for new in (" ", " +50 ", " but not ")]
    return fault(
        "E136",
        f"{text[start:end]} is not an operator here: a space means AND, +5 means in this order",
        text,
        start,
        end,
        *news,
    )


def braces(text: str, at: int) -> QueryError:
    """E136 for { }, which group in some systems and count in others."""
    pairs = re.findall(r"\"(\w+)\"\s*:\s*(\"[^\"]*\"|[\d.]+)", text)
    if pairs and all(field_called(name) for name, _ in pairs):
        clauses = (f"{name}:{value if ' ' in value else value.strip(chr(34))}" for name, value in pairs)
        return fault("E136", "JSON is not supported: write field:value", text, at, at + 1, " ".join(clauses))
    round_ones = text.replace("{", "(").replace("}", ")")
    message = (
        "{ } is not used here: group words with ( )"
        if text[at] == "{"
        else "this } closes nothing: group words with ( )"
    )
    return fault("E136", message, text, at, at + 1, round_ones, re.sub(r"[{}]", " ", text))


def square_brackets(text: str, at: int, after_field: bool) -> QueryError | None:
    """E136 for [ ] around more than a word, or behind a field of words; None where they are no more than a note ("[sic]", "[1]")."""
    match = re.compile(r"\[([^\[\]]*)\]?").match(text, at)
    assert match is not None
    if not after_field and not re.search(r"(?i)\b(?:or|and|not)\b|\|\||&&", match[1]):
        return None
    message = "[ ] is for a range of numbers or dates: group words with ( )"
    return fault("E136", message, text, at, match.end(), replaced(text, at, match.end(), f"({match[1].strip()})"))


def loose_mark(text: str, at: int, tokens: Sequence[Token]) -> QueryError:
    """E120 for a ~ or ^ that stands apart from what it belongs to, with its number."""
    mark = text[at]
    match = re.compile(r"[~^]\s*[\d.]*").match(text, at)
    assert match is not None
    end = match.end()
    what = "spelling tolerance or distance" if mark == "~" else "weight"
    message = f"{mark} sets a {what}: write it right after one word or phrase"
    before = tokens[-1] if tokens else None
    if before is not None and before.kind in ("WORD", "PHRASE") and not text[before.end : at].strip():
        glued = text[: before.end] + match[0].replace(" ", "") + text[end:]
        return fault("E120", message, text, at, end, glued, replaced(text, at, end, ""))
    if before is not None and before.kind == "RPAR":
        return fault(
            "E120", message, text, at, end, *_as_phrase(text, at, match[0], tokens), replaced(text, at, end, "")
        )
    word = _SCALAR.match(text, at + 1)
    behind = [text[:at] + word[0] + mark + text[word.end() :], text[:at] + "-" + text[at + 1 :]] if word else []
    return fault("E120", message, text, at, end, *behind, replaced(text, at, end, ""))


def _as_phrase(text: str, at: int, mark: str, tokens: Sequence[Token]) -> list[str]:
    """`(low back)~5` as `"low back"~5`, if only words stand in the brackets."""
    opener = next((k for k in range(len(tokens) - 1, -1, -1) if tokens[k].kind == "LPAR"), None)
    if opener is None or any(token.kind != "WORD" for token in tokens[opener + 1 : -1]):
        return []
    start = tokens[opener].start
    inner = text[start + 1 : tokens[-1].start]
    return [text[:start] + quoted(inner) + mark.replace(" ", "") + text[at + len(mark) :]]


def unequal(text: str, at: int) -> QueryError | None:
    """E136 for `field!=value` that begins at text[at], with the exclusion; None if none begins there."""
    match = re.compile(r"([^\W\d]\w*)\s*:?\s*(?:<\s*>|!==?|!~|≠|:!)").match(text, at)
    row = field_called(match[1]) if match else None
    if match is None or row is None:
        return None
    value = _VALUE.match(text, match.end())
    end = value.end() if value else match.end()
    held = value[0].strip() if value else "*"
    start = at - 1 if at and text[at - 1] == "-" else at
    if start < at:  # not unequal
        better = [text[:start] + f"{match[1]}:{held}" + text[end:]]
    elif row.kind in (NUMBER, DATE):
        better = [text[:start] + f"{match[1]}:* -{match[1]}:{held}" + text[end:]]
    else:
        better = [text[:start] + f"-{match[1]}:{held}" + text[end:]]
    sign = match[0][len(match[1]) :].strip(" :")
    return fault(
        "E136", f"{sign} is not an operator here: to exclude, write - before the field", text, start, end, *better
    )


def comparison(text: str, at: int, tokens: Sequence[Token]) -> QueryError | None:
    """The error for a comparison at text[at] that follows no field: a second one (E136), one turned round, or one of nothing."""
    match = _COMPARISON.match(text, at)
    if match is None:
        return None
    value = _SCALAR.match(text, match.end()) or re.compile(r"\s*([^\s()\",;|]+)").match(text, match.end())
    sign = {"≥": ">=", "≤": "<="}.get(match[0], "".join(match[0].split()))
    end = value.end() if value else match.end()
    if value and (first := _first_comparison(tokens)):
        field, low_sign, low = first
        better = _between(str(field.value), low_sign, low, sign, value[0].strip())
        start = next(token.start for token in tokens if token is field)
        # a - or AND between the two belongs to the comparison
        return fault(
            "E136",
            "repeat the field before the second comparison, or write low..high",
            text,
            at,
            end,
            text[:start] + better + text[end:],
        )
    message = f"{sign} must follow a field: age:{sign}65"
    return fault("E136", message, text, match.start(), match.end(), replaced(text, match.start(), match.end(), " "))


def _first_comparison(tokens: Sequence[Token]) -> tuple[Token, str, str] | None:
    """The field, sign and value right before, perhaps with an AND behind it."""
    held = list(tokens[:-1] if tokens and tokens[-1].kind == "AND" else tokens)
    match [token.kind for token in held[-3:]]:
        case ["FIELD", "RELATION", "WORD"]:
            return held[-3], str(held[-2].value), str(held[-1].value.text)
        case [*_, "FIELD", "WORD"]:
            return held[-2], "=", str(held[-1].value.text)
    return None


def _between(field: str, sign: str, value: str, other_sign: str, other: str) -> str:
    """`>=50` and `<=60` as `field:50..60`; what a range cannot say stays two comparisons."""
    row = table().get(field)
    ends = {sign[:1]: (sign, value), other_sign[:1]: (other_sign, other)}
    if row is not None and set(ends) == {"<", ">"}:
        low = _edge(row, *ends[">"], 1)
        high = _edge(row, *ends["<"], -1)
        if low and high:
            return f"{field}:{low}..{high}"
    return f"{field}:{sign}{value} {field}:{other_sign}{other}"


def _edge(row: Field, sign: str, value: str, step: int) -> str:
    """The closed end of an open or closed comparison; "" if the value is no number or whole day."""
    if sign.endswith("="):
        return value
    if row.kind == NUMBER:
        return str(int(value) + step) if value.isascii() and value.isdigit() else ""

    try:
        day = datetime.date.fromisoformat(value)
        return (day + datetime.timedelta(days=step)).isoformat()
    except (ValueError, OverflowError):
        return ""


def turned(text: str, at: int) -> QueryError | None:
    """E136 for `50 <= age`, and for `50 <= age <= 60`, that begin at text[at]; None if neither does."""
    match = re.compile(r"(#?\d[\d./-]*)\s*([<>]=?|[≥≤])\s*([^\W\d]\w*)(?:\s*([<>]=?|[≥≤])\s*(\d[\d./-]*))?").match(
        text, at
    )
    if match is None:
        return None
    row = field_called(match[3])
    if row is None or row.kind not in (NUMBER, DATE):
        return None
    signs = {"≥": ">=", "≤": "<="}
    sign = signs.get(match[2], match[2]).translate(str.maketrans("<>", "><"))
    better = f"{match[3]}:{sign}{match[1]}"
    if match[4]:
        better = _between(match[3], sign, match[1], signs.get(match[4], match[4]), match[5])
    return fault("E136", "the field comes first", text, at, match.end(), replaced(text, at, match.end(), better))


def range_in_words(text: str, at: int, tokens: Sequence[Token]) -> QueryError | None:
    """E132 for `age:50 to 60` whose `to` begins at text[at]; None if it does not."""
    match = _TO.match(text, at)
    if match is None or [token.kind for token in tokens[-2:]] != ["FIELD", "WORD"]:
        return None
    row = table().get(str(tokens[-2].value))
    high = _SCALAR.match(text, match.end())
    if row is None or row.kind not in (NUMBER, DATE) or high is None:
        return None
    low = tokens[-1]
    better = text[: low.start] + f"{low.value.text}..{high[0]}" + text[high.end() :]
    return fault("E132", "write a range as low..high", text, low.start, high.end(), better)


def apostrophes(text: str, at: int) -> re.Match[str] | None:
    """A phrase in apostrophes that begins at text[at]: at least two words."""
    match = _DOUBLED.match(text, at) or _APOSTROPHES.match(text, at)
    return match if match is not None and len(match[1].split()) > 1 else None


def segment(text: str, at: int) -> tuple[Field | None, str, int] | None:
    """`treatment(acupuncture)`, a segment of Lexis: its field (None for `missing`), the name as typed, and where its bracket opens."""
    match = _SEGMENT.match(text, at)
    if match is None:
        return None
    row = field_called(match[1])
    if row is None and match[1].lower() != "missing":
        return None
    return row, match[1], match.end() - 1


def unknown_segment(text: str, at: int) -> QueryError | None:
    """E107 for `date(aft 1/1/2017)`: a segment by a name that is not ours; None for a word before a bracket that means no field."""
    match = re.compile(r"([^\W\d]\w+)\(([^()]*)\)").match(text, at)
    if match is None or table().get(match[1]) is not None or (meant := first_words.field_meant(match[1])) is None:
        return None
    field, _, sign = meant.partition(":")
    words = match[2].split()
    bound = {"aft": ">", "after": ">", "bef": "<", "before": "<", "since": ">=", "is": "", "=": ""}
    if words and words[0].lower() in bound:
        sign, words = bound[words[0].lower()], words[1:]
    value = " ".join(words)
    inner = (
        f"{sign}{value}"
        if len(words) == 1
        else f'"{value}"'
        if field in ("case", "specialty", "licensed")
        else f"({value})"
    )
    better = replaced(text, at, match.end(), f"{field}:{inner}")
    return fault("E107", f"no field is called {match[1]}; it is {field}", text, at, match.end(1), better)


def of_a_word(text: str, at: int) -> QueryError | None:
    """E136 for `atleast5(x)` and `caps(x)`: how often a word stands, and in what letters, does not count here."""
    match = _AT_LEAST.match(text, at) or _CAPITALS.match(text, at)
    if match is None:
        return None
    inner = next(filter(None, match.groups()), "").strip()
    message = (
        "how often a word occurs cannot be searched"
        if match.re is _AT_LEAST
        else "capitals, singular and plural are not distinguished"
    )
    better = replaced(text, at, match.end(), f"({inner})" if len(inner.split()) > 1 else inner)
    return fault("E136", f"{message}: write the word alone", text, at, match.end(), better)


def thousands(text: str, at: int, row: Field | None, compared: bool) -> QueryError | None:
    """E109 for `1,000` as the value of a field of numbers. "60,120" may be two values of a list, and "1,000" and ">1,000" can only be one."""
    match = _THOUSANDS.match(text, at)
    if match is None or row is None or row.kind != NUMBER:
        return None
    first, *rest = match[0].split(",")
    if not (compared or any(part.startswith("0") for part in rest) or (len(first) == 1 and not row.many)):
        return None
    whole = re.compile(r"[\d,.]+").match(text, at)
    assert whole is not None
    commaless = _THOUSANDS.sub(lambda number: number[0].replace(",", ""), whole[0])
    plain = replaced(text, at, whole.end(), commaless)
    listed = (
        []
        if compared or any(part.startswith("0") for part in rest)
        else [replaced(text, at, match.end(), "(" + " or ".join(str(int(part)) for part in (first, *rest)) + ")")]
    )
    return fault("E109", "write a number without a comma; a comma means OR", text, at, match.end(), plain, *listed)
