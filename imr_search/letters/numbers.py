"""Numbers in a treatment: visits, quantities, refills and strengths, in the many ways that they are written."""

from __future__ import annotations

import re
from itertools import pairwise
from types import MappingProxyType

import msgspec

from imr_search.letters.lexicons import Tokens

_COUNTING = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
_TENS = MappingProxyType(
    {
        word: 10 * number
        for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
    }
)
_WORDS = MappingProxyType(
    {word: str(number) for number, word in enumerate(_COUNTING.split(), start=1)}
    | {word: str(number) for word, number in _TENS.items()}
    | {"once": "1 times", "twice": "2 times", "thrice": "3 times"}
)
_DIGIT = re.compile(r"\d")
_NUMBER_WORDS = frozenset((*_TENS, *_WORDS))
_NUMBER_WORD = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})[- ](?P<ones>{'|'.join(_COUNTING.split()[:9])})|(?P<word>{'|'.join(_WORDS)}))\b"
)
_HUNDREDS = re.compile(
    r"\b([1-9]) hundred(?: and)?(?: (\d\d?)\b)?"
)  # "one hundred and twenty" with its words as numbers
_TWICE_SAID = re.compile(r"\b(\d+)\s?\(\s?\1\s?\)")
_BRACKETED_COUNT = re.compile(
    r"\((\d{1,3})\)(?=\s?(?:x|times?|weeks?|wks?|months?|visits?|sessions?|treatments?|tab(?:let)?s?|cap(?:sule)?s?|refills?)\b)"
)
_LETTER_O = re.compile(r"o(?<=\do)(?=[\do]|\s?(?:mg|mcg)\b|\s|$)(?=[\do]*\b)")
_DASHES = MappingProxyType(dict.fromkeys(map(ord, "‐‑‒–—―−"), "-") | {ord("×"): "x"})

# Patterns begin with a letter or a digit, and ask what stands before it afterwards: so a search passes over all others quickly.


def _first_number(digits: str, signs: str = "./#-") -> str:
    """A number of so many `digits` (as "1,3") that begins a pattern; not behind a digit or one of these `signs`."""
    least, most = map(int, digits.split(","))
    return rf"(\d(?<![\d{signs}]\d)\d{{{least - 1},{most - 1}}})"


def _word(pattern: str) -> str:
    """A pattern of letters, as the beginning of a word."""
    return rf"{pattern[0]}(?<!\w{pattern[0]}){pattern[1:]}"


_TO = r"(?:\s?(?:-|to|or)\s?(\d{1,3}))?"
_N = rf"(\d{{1,3}}){_TO}"
_FIRST_N = f"{_first_number('1,3')}{_TO}"
_NOT_MORE = r"(?![\d/%]|\.\d)"


def plain(found: Tokens) -> str:
    """A text in small letters with digits for number words: "Twelve (12) sessions, twice" is "12 sessions, 2 times"."""
    spelled = found.text if found.text.isascii() else found.text.translate(_DASHES)
    spelled = _LETTER_O.sub("0", spelled)
    if not _NUMBER_WORDS.isdisjoint(found.words):
        spelled = _NUMBER_WORD.sub(_in_digits, spelled)
    if " hundred" in spelled:
        spelled = _HUNDREDS.sub(lambda found: str(int(found[1]) * 100 + int(found[2] or 0)), spelled)
    if "(" in spelled:
        spelled = _BRACKETED_COUNT.sub(r"\1", _TWICE_SAID.sub(r"\1", spelled))
    return spelled


def _in_digits(found: re.Match[str]) -> str:
    return _WORDS[found["word"]] if found["word"] else str(_TENS[found["tens"]] + int(_WORDS[found["ones"]]))


# --- visits -----------------------------------------------------------------------------------------------------------------

_TIMES = r"\s?(?:x|times?|visits?|sessions?|treatments?|days?)?\s?"
_FILLER = r"[\s,/]{0,2}(?:(?:for|x|times|over|during|within|the next|up to|a total of|about)\s?){0,3}"


def _for_units(unit: str) -> str:
    return rf"{unit}(?:ly|s)?\b{_FILLER}{_N}\s?(?:more |additional )?{unit}s?\b"


_FREQUENCY = re.compile(
    rf"{_FIRST_N}{_TIMES}(?:(?:a|per|each|every|/|x)\s?)?"
    rf"(?:{_for_units('(?:week|wk|w)')}|{_for_units('(?:month|mo)')}|{_for_units('day')})"
)
_REVERSED = re.compile(
    rf"{_FIRST_N}\s?(?:weeks|wks)[\s,]{{0,2}}(?:(?:at|of|for)\s)?{_N}\s?(?:x|times?)\s?(?:(?:a|per|/)\s?)?(?:week|wk)"
)
_PRODUCT = re.compile(rf"{_FIRST_N}\s?(?:x|times)\s?{_N}{_NOT_MORE}(?!\s?(?:mg|cm|mm|inch|a\b|per\b|daily))")
_UNIT_WORDS = r"(?:weeks?|wks?|months?|days?|hours?|times?|per|mg|x|years?|for|in|to|lumbar|l\d)\b"
_COUNTED = re.compile(
    rf"{_first_number('1,3', './-')}{_TO}\s?(?:(?!{_UNIT_WORDS})[a-z][a-z/&'-]*\s){{0,4}}(?:(?:sessions?|visits?|appointments?)\b|treatments\b)"
    rf"(?!\s?(?:/|per|each|every|a|x)?\s?(?:week|wk|month|day))"
)
_COUNTED_AFTER = re.compile(
    rf"\b(?:sessions?|visits?|treatments)[\s,:;-]{{0,3}}(?:(?:#|x|times|qty[:.]?|quantity:?|\()\s?)?(\d{{1,3}}){_NOT_MORE}"
    r"(?!\s?(?:-\s?\d|x\b|x\d|times|per\b|a\b|/|week|visits|sessions|days|to\b|hours))"
)
_TIMES_ALONE = re.compile(
    rf"(?:x(?<![a-z\d]x)|{_word('times')})\s?{_N}{_NOT_MORE}(?!\s?(?:weeks?|wks?|months?|mos?\b|days?|hours?|years?|per\b|a\b|x|times|mg|level|view|w\b))"
)
_QUANTITY = re.compile(
    rf"(?:#|(?:{_word('qty')}|{_word('quantity')}|{_word('amount')}|{_word('amt')})\b(?:\s?of)?\s?[:.#=-]?"
    rf"|{_word('disp')}(?:ense)?\.?\s?[:#]?|{_word('count')}\s?:|{_word('nos?')}\.(?=\s?\d\d)"
    rf"|(?:{_word('total')}(?: of)?|{_word('number')}|(?:{_word('no')}\.|{_word('number')}) of (?:tablets|capsules|pills|patches)"
    rf"|(?:{_word('tabs')}|{_word('caps')})\s?:)(?=\s\d\d))"
    r"\s?(\d{1,5})(?:\.0+)?(?![\d.]|\s?/\d)"
)
_BRACKETED = re.compile(r"\((\d{1,3})\)")
_X_BEHIND = re.compile(r"(\d(?<![\w./#-]\d)\d?)x(?![\w/])(?!\s?(?:\d|a\b|per\b|week|wk|month|mo\b|day|daily))")


_EVALUATION = re.compile(
    r"\d{1,3}\s(?:(?:initial|comprehensive|multidisciplinary)\s){0,2}(?:evaluation|assessment|consultation)s?\b"
)


class Count(msgspec.Struct, frozen=True):
    """A number, and whether the text also says another one."""

    value: int | None
    doubtful: bool = False


def visits(text: str) -> Count:
    """How many visits a therapy's text (as `plain` gives it) asks for; a range counts with its maximum."""
    counted: list[tuple[int, int, int]] = []
    if names_sessions := _names_sessions(text):
        counted = [(found.start(), found.end(), _most(found[1], found[2])) for found in _COUNTED.finditer(text)]
    if names_sessions and not counted:
        counted = [(found.start(), found.end(), int(found.group(1))) for found in _COUNTED_AFTER.finditer(text)]
    product = _products(text)
    if counted:
        total, differ = _together(counted, text)
        other = _together(product, text)[0] if product else total
        return Count(total, differ or other != total)
    if product:
        return Count(*_together(product, text))
    for pattern in (_TIMES_ALONE, _QUANTITY, _BRACKETED, _X_BEHIND):
        alone = pattern.search(text)
        if alone is not None:
            second = alone.group(2) if pattern is _TIMES_ALONE else None
            return Count(_most(alone[1], second))
    return Count(None if _EVALUATION.match(text) else _lead(text))


def in_sessions(text: str) -> bool:
    """Whether the text counts sessions, by any of the ways that only sessions are counted."""
    if _DIGIT.search(text) is None:
        return False
    if _names_sessions(text) and (_COUNTED.search(text) or _COUNTED_AFTER.search(text)):
        return True
    return bool(_FREQUENCY.search(text) or _PRODUCT.search(text))


def _names_sessions(text: str) -> bool:
    """Whether a word for what is counted stands in the text."""
    return "session" in text or "visit" in text or "treatments" in text or "appointment" in text


def _products(text: str) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for pattern in (_FREQUENCY, _REVERSED, _PRODUCT):
        for match in pattern.finditer(text):
            low, low2, high, high2 = _four(match)
            found.append((match.start(), match.end(), _most(low, low2) * _most(high, high2)))
        if found:
            break
    return found


def _four(match: re.Match[str]) -> tuple[str, str | None, str, str | None]:
    """The two numbers, each with the upper end of its range. The second one's groups depend on the unit."""
    low, low2, *groups = match.groups()
    at = next(at for at in range(0, len(groups), 2) if groups[at] is not None)
    return str(low), low2, str(groups[at]), groups[at + 1]


def _most(low: str, high: str | None) -> int:
    return max(int(low), int(high)) if high else int(low)


def _together(counts: list[tuple[int, int, int]], text: str) -> tuple[int, bool]:
    """Numbers joined by "and" are a sum; otherwise the largest stands, doubted when they differ."""
    total = counts[0][2]
    differ = False
    for (_, end, _), (start, _, value) in pairwise(counts):
        if " and " in text[end:start] or "+" in text[end:start]:
            total += value
        else:
            differ = differ or value != total
            total = max(total, value)
    return total, differ


# --- quantity and refills ---------------------------------------------------------------------------------------------------

_NAMED_NUMBER = re.compile(
    r"(?:tylenol|codeine|\brefill(?:s|ed|able)?|\brefs?|\br/f|\brfs?|no|number|case|claim|order|lot)\s?[:=]?\s?(?:x|of)?\s?$"
)
_TABLETS = re.compile(
    rf"{_first_number('2,4', './-')}\s?(?:count\b|ct\b|tablets?\b|tabs?\b|capsules?\b|caps?\b|patches\b|pills\b|pads\b)"
)
# a number that stands for tablets by its place alone: "60/month", and at the end "(60)" and ", 60"
_MONTHLY = re.compile(rf"{_first_number('2,4')}\s?(?:/|per|a|each|every)\s?(?:month|mo)\b")
_AT_THE_END = re.compile(r"(?:\(|[,;]\s?)([1-9]\d{1,2})\)?\s?$")
_LEAD = re.compile(
    r"^(?:(?:retrospective|purchase of|request for|associated surgical service|post-?op|pre-?op|dme)[\s:;,-]{0,3}){0,3}"
    r"(\d{1,3})\s(?!(?:weeks?|days?|months?|years?|hours?|minutes?|phase|leads?|wheel(?:ed)?|views?|in|levels?|panel|tesla|point|step|way"
    r"|stage|inch|mg|mcg|ml|g|gm|x|times?|per|piece|part|doses?|d|t|body|areas?|regions?|prong|to|or|by|and)\b)[a-z]"
)
# every word for refills, as pharmacists shorten it: "refill(s)", "refillable", "RF", "R/F", "Rfx5", "ref: 2", "3 additional fills"
_REFILL_WORD = (
    r"(?:refill(?:s|ed|able)?|rfs?|rfls?|r/f|refs?(?=\.?\s?(?:[:#=x]\s?)?\d)|(?<=additional )fills|(?<=more )fills)"
)
_REFILL = re.compile(rf"(?<![a-z]){_REFILL_WORD}(?=x?\s?\d|\b)\.?")
# What a number has to do with the word beside it; the one behind ("refills 2") is surer than the one before ("90 refills").
_REFILLS_AFTER = re.compile(
    r"(?:\(s\))?[\s:=-]{0,3}(?:x|times|#|of|qty|quantity|number|\()?[\s:]{0,2}(\d{1,2})(?![\d./%-]|\s?(?:mg|mcg|ml|tab|cap|patch|pill|day|week|month|visit|session))"
)
_REFILLS_BEFORE = re.compile(r"(?<![\d./#-])(\d{1,2})\)?\s?(?:x\s)?(?:additional\s|more\s|monthly\s)?$")
_CLAIMED = re.compile(r"(?:#|\bqty\b\.?|\bquantity\b|\bdisp(?:ense)?\b\.?|\bcount\b)\s?(?:of|[:.#=])?\s?$")
_NO_REFILLS = re.compile(
    r"\b(?:no|zero|without|nr)\s(?:additional\s|any\s)?(?:refills?|rfs?|r/f|refs?)\b|\b(?:refills?|rfs?)[\s:]{1,2}(?:none|zero|no)\b"
)


_MOST_REFILLS = 12  # a larger number before "refills" is of tablets: "90 refills 2"
_BEFORE_REFILLS = re.compile(
    rf"{_first_number('2,4')}\s(?:refills?|rfs?)\b[\s:]{{0,2}}(?:x|times|#)?\s?\d{{1,2}}(?![\d./])"
)


def quantity(text: str) -> Count:
    """How many tablets, units or things are asked for. Grams and millilitres are not a number of things."""
    found: list[int] = []
    for match in _QUANTITY.finditer(text):
        if not _NAMED_NUMBER.search(text[max(0, match.start() - 12) : match.start()]):
            found.append(int(match.group(1)))
    if found:
        return Count(found[0], len(set(found)) > 1)
    tablets = _TABLETS.search(text)
    if tablets is not None:
        return Count(int(tablets.group(1)))
    placed = _MONTHLY.search(text) or _AT_THE_END.search(text, max(0, len(text) - 8))
    if placed is not None:
        return Count(int(placed.group(1)))
    bare = _BEFORE_REFILLS.search(text)
    return Count(int(bare.group(1)) if bare is not None and int(bare.group(1)) > _MOST_REFILLS else None)


def things(text: str) -> Count:
    """How many of something that is neither a drug nor a therapy: "2 leg wraps", "electrocardiogram times 3"."""
    counted = quantity(text)
    if counted.value is not None:
        return counted
    alone = _TIMES_ALONE.search(text)
    if alone is not None:
        return Count(_most(alone.group(1), alone.group(2)))
    return Count(_lead(text))


def _lead(text: str) -> int | None:
    found = _LEAD.match(text)
    return int(found.group(1)) if found else None


def refills(text: str) -> int | None:
    """ "#90 refills 2" is 2, and so is "#90 with 2 refills": a number that another word claims is not theirs."""
    if not ("ref" in text or "rf" in text or "r/f" in text or "fill" in text):
        return None
    if _NO_REFILLS.search(text):
        return 0
    for word in _REFILL.finditer(text):
        before = _REFILLS_BEFORE.search(text, max(0, word.start() - 24), word.start())
        if before is not None and _CLAIMED.search(text, max(0, before.start() - 16), before.start()):
            before = None
        after = _REFILLS_AFTER.match(text, word.end())
        if after is not None and (before is None or int(before.group(1)) > _MOST_REFILLS):
            return int(after.group(1))
        if before is not None:
            return int(before.group(1))
    return None


# --- strengths --------------------------------------------------------------------------------------------------------------

_AMOUNT = r"\d{1,4}(?:,\d{3})?(?:\.\d+)?|\.\d+"


def _first_amount(signs: str) -> str:
    return rf"([\d.](?<![\d{signs}].)(?:(?<=\d)\d{{0,3}}(?:,\d{{3}})?(?:\.\d+)?|(?<=\.)\d+))"


_RATIO = re.compile(
    rf"{_first_amount('./,-')}\s?(?:mg)?\s?[/-]\s?({_AMOUNT})(?:\s?(?:mg)?\s?[/-]\s?({_AMOUNT}))?(?:\s?(?:mg)?\s?[/-]\s?({_AMOUNT}))?(\s?mgs?\b)?(?P<not>(?=\s?x\b))?(?![\d/]|-\d|\.\d|\s?(?:tab|cap|week|time|day|hour|hr|refill))"
)
# "10mg/ml", "250 mg per 5 ml", "20mg/g": what a fluid or a cream holds
_CONTENT = re.compile(
    rf"{_first_amount('./,-')}\s?(mcg|mgs?|milligrams?|units?|u|iu|meq|gm?|grams?|%)\s?(?:/|\bper\b)\s?({_AMOUNT})?\s?(ml|millilit(?:er|re)s?|cc|gm?|grams?|kg|l|lit(?:er|re)s?)\b"
)
_OF_WHAT = MappingProxyType(
    {"cc": "ml", "gm": "g", "gram": "g", "grams": "g", "liter": "l", "liters": "l", "litre": "l", "litres": "l"}
)
_FLUID = re.compile(r"\s?(?:ml|cc)\b")
_COMBINED = frozenset({"300", "325", "650", "660", "750"})  # mg of acetaminophen beside so much of another
_LOW = 60
_LEAST = 20  # mg; less without a unit is half a tablet, or a day
_COMMON_SECOND = frozenset({"325", "300", "500", "650", "750", "660", "200", "400", "50", "40"})
_SINGLE = re.compile(
    rf"{_first_amount('./')}\s?(mcg|mgs?|milligrams?|micrograms?|%|percent|units?\b(?!/)|u\b|iu|meq)(?![a-z])"
)
_UNITS = MappingProxyType(
    {
        "mgs": "mg",
        "milligram": "mg",
        "milligrams": "mg",
        "percent": "%",
        "microgram": "mcg",
        "micrograms": "mcg",
        "unit": "units",
        "u": "units",
        "gm": "g",
        "gram": "g",
        "grams": "g",
    }
)


# The second part of a combination, named between the two amounts: "hydrocodone 10 mg/APAP 325 mg".
_NAMED_SECOND = re.compile(
    r"(?<=mg)\s?[/-]\s?(?:acetaminophen|apap|aspirin|caffeine|codeine|ibuprofen|naloxone|famotidine|esomeprazole|misoprostol)\s(?=\d)"
)


def strengths(text: str, *, combined: bool = False) -> tuple[str, ...]:
    """Strengths as printed, in one spelling: "10/325", "20mg", "0.025%", "25mcg", in order and without doubles. `combined`: a drug of two
    substances is named, so that "500/20" is its strength without a unit, too."""
    if "mg" in text:
        text = _NAMED_SECOND.sub("/", text)
    found: dict[int, str] = {}
    taken: list[tuple[int, int]] = []
    for match in _CONTENT.finditer(text):
        number, unit, held, holder = match.groups()
        unit, holder = _UNITS.get(unit, unit), _OF_WHAT.get(holder, "ml" if holder.startswith("milli") else holder)
        held = _amount(held) if held else "1"
        found[match.start()] = f"{_amount(number)}{unit}/{'' if held == '1' else held}{holder}"
        taken.append(match.span())
    for match in _RATIO.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        amounts = [amount for amount in match.groups()[:4] if amount is not None]
        of_two = combined and len(amounts) == 2 and max(float(amount.replace(",", "")) for amount in amounts) >= _LEAST
        is_ratio = of_two or match.group(5) or "mg" in match.group() or amounts[1] in _COMMON_SECOND
        if match["not"] is not None and amounts[1] not in _COMMON_SECOND:
            continue  # "2/3 x"
        if is_ratio and not (len(amounts) == 2 and "-" in match.group() and not _is_joined(amounts)):
            found[match.start()] = "/".join(_amount(amount) for amount in amounts)
            taken.append(match.span())
            if len(amounts) > 2 and _FLUID.match(text, match.end()):  # "7.5-325mg/15ml"
                *solids, fluid = found[match.start()].split("/")
                found[match.start()] = f"{'/'.join(solids)}mg/{fluid}ml"
    for match in _SINGLE.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        unit = _UNITS.get(match.group(2), match.group(2))
        found[match.start()] = f"{_amount(match.group(1))}{unit}"
    return tuple(dict.fromkeys(found[at] for at in sorted(found)))


def _is_joined(amounts: list[str]) -> bool:
    """ "7.5-325mg" and "500-20mg" are one strength; "5-10mg" is a choice of two, which goes up and not far."""
    first, second = (float(amount.replace(",", "")) for amount in amounts[:2])
    return second < first or second >= 10 * first or (first <= _LOW and amounts[1] in _COMBINED)


def _amount(number: str) -> str:
    plain_number = number.replace(",", "")
    if plain_number.startswith("."):
        plain_number = "0" + plain_number
    if "." in plain_number:
        plain_number = plain_number.rstrip("0").rstrip(".") or "0"
    return plain_number
