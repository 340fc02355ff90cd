"""What a person's words name: cases, dates, treatments, specialists, states, books, decisions, people; each by the longest run that is known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile

from imr_search import vocabulary
from imr_search.query import first_words, known_names, parser, said_dates
from imr_search.query.edit_distance import edits
from imr_search.query.first_words import listed, names
from imr_search.query.pieces import Clause
from imr_search.query.walk import LONGEST, Walk

_CASE = r"(?i)#?(cm|imr)?[- ]?(\d{2})[- ](\d{7})(?: ?[#-]\s?(\d{1,4}))?|#?(cm|imr)(\d{2})(\d{7})"
_SHORT_CASE = r"(?i)#?cm[- ]?(\d{2})[- ](\d{3,6})|(0\d{6})"
_NAMED_CASE = frozenset("case number no claim imr id docket #".split())
_SHORTEST = 7  # letters of a name that one wrong letter leaves recognisable
_SHORTEST_PART = 6  # the same of a part of the body: lumber
_OF_CALIFORNIA = frozenset("imr imrs decision decisions letter letters worker workers law employees".split())
_DATES = ("injured", "received", "assigned", "denied", "decided")
_CONSULT = re.compile(r"consult|referr?al|evaluation|\beval\b|follow-up")


def case(walk: Walk, at: int) -> int:
    """A case's number: as it is read without this too, and `CM17 0010885`, `17-0010885`, `case no. CM170010885`."""
    start = at
    while walk.low(start) and walk.low(start)[0].strip(".:") in _NAMED_CASE:
        start += 1
    words = walk.words(start, 4)
    for size in range(len(words), 0, -1):
        typed = " ".join(words[:size])
        if first_words.is_case(typed):
            others = sum(piece.kind == "word" for piece in walk.pieces) > size
            walk.recognised = walk.recognised or others  # a list of cases, or words that only join
            walk.keep("id" if "#" in typed else "case", typed.upper())
            return start + size - at
        match = re.fullmatch(_CASE, typed)
        if match is not None:
            kind, year, digits = match.group(5, 6, 7) if match[6] else match.group(1, 2, 3)
            number = f"{(kind or 'CM').upper()}{year}-{digits}"
            walk.add("id" if match[4] else "case", f"{number}#{match[4]}" if match[4] else number)
            return start + size - at
        if short := re.fullmatch(_SHORT_CASE, typed):  # without its zeros, or without its year
            walk.add("case", f"CM{short[1]}-{int(short[2]):07}" if short[1] else f"*{short[3]}")
            return start + size - at
    return 0


def date(walk: Walk, at: int) -> int:
    """A date or a span of them, perhaps with the word that says which date of the letter is meant."""
    field, start = "decided", at
    for key in _DATES:
        if size := walk.said(at, listed("dates", key)):
            field, start = key, at + size
            break
    while start > at and walk.low(start) and walk.low(start)[0] in ("was", "is", "on", "in", "of", "date"):
        start += 1
    found = said_dates.read(walk.words(start, 8), walk.today, bound_needed=start == at)
    if found is None and start > at:
        found = said_dates.latest(walk.words(start, 4), walk.today)
    if found is None:
        return 0
    ends = found.value.split("..")
    if (
        walk.report.versus
        and len(ends) == 2
        and ends[0]
        and any(said in ("to", "and", "with") for said in walk.low(at, 9))
    ):
        walk.add(field, ends[0])  # compare 2016 to 2017
        walk.add(field, ends[1])
    else:
        walk.add(field, found.value)
    return start - at + found.words


def specialty(walk: Walk, at: int) -> int:
    """`psychiatrist`, `pain management specialists`."""
    if size := walk.said(at, listed("words", "certified")):
        return _certified(walk, at, size)
    words = walk.words(at, LONGEST)
    for size in range(len(words), 0, -1):
        found = _specialties().get(vocabulary.normal(" ".join(words[:size])))
        if found is not None:
            whole = size + walk.said(at + size, listed("practitioners", "named"))
            if _consulted(walk, at + whole):
                walk.add("treatment", _quoted(" ".join(words[:size])))
            else:
                walk.add("specialty", _quoted(found))
            return whole
    return 0


def _certified(walk: Walk, at: int, before: int) -> int:
    """`board certified in pain`: the specialty, by any of its names, or by the first word of one."""
    words = walk.words(at + before, LONGEST)
    for size in range(len(words), 0, -1):
        said = vocabulary.normal(" ".join(words[:size]))
        own = (
            name for name in first_words.table("specialties") if f"{vocabulary.normal(name)} ".startswith(f"{said} ")
        )
        if found := names("specialties").get(said) or next(own, None):
            walk.add("specialty", _quoted(found))
            return before + size
    return 0


def _consulted(walk: Walk, end: int) -> bool:
    """Is a specialist what is asked for, and not who reviews: `orthopedic consult`, `referral to pain management`?"""
    last = walk.last()
    before = last is not None and last.field in ("category", "treatment") and _CONSULT.search(last.value)
    return bool(before) or any(map(_CONSULT.match, walk.low(end)[:1]))


@cache
def _specialties() -> Mapping[str, str]:
    """What is said for a specialty; its own name only where that is more than one word (surgery is a treatment first)."""
    own = {vocabulary.normal(name): name for name in first_words.table("specialties") if " " in name}
    return own | dict(names("specialties"))


def treatment(walk: Walk, at: int) -> int:
    """A drug, a kind of treatment, a treatment, a part of the body."""
    words = walk.words(at, LONGEST)
    low = words[0].lower()
    if low in listed("words", "joining") or low in listed("words", "conditions") or first_words.maybe_decision(low):
        return 0
    name, size = known_names.longest(words)
    if (inner := _sided(walk, words, size)) > 0:
        return inner
    if name is None:
        return _joined(walk, at)
    if name.kind == "body" and _LEVEL.match(low) and _by_level(walk):
        walk.add("treatment", " ".join(words[:size]))
        return size
    last = walk.last()
    if name.kind == "weak":
        # beside the name of a treatment some words only say again what that is: TENS unit, psych referral
        again = all(word.lower() in listed("words", "again") for word in words[:size])
        beside = last is not None and last.field in ("category", "drug", "treatment", "body", "visits")
        return size if again and beside and not walk.excluding and _treated(walk) else 0
    if name.value == "surgery" and any(map(_CONSULT.match, walk.low(at + size)[:1])):
        walk.add("treatment", _quoted(" ".join(words[:size])))  # who is consulted about it
        return size
    if name.kind == "treatment":
        called = f"syn({_quoted(name.value)})"
        walk.add("treatment", called if parser.readable(called) else _quoted(name.value))
        return size
    part = _part_of_body(words[:size]) if name.kind == "category" else ""
    if part and not walk.excluding:
        walk.add("body", _quoted(part))
    walk.add(name.field, _quoted(name.value))
    return size


def _sided(walk: Walk, words: Sequence[str], size: int) -> int:
    """`left carpal tunnel release`: the treatment behind a side, where its name goes on behind the part of the body."""
    side = words[0].lower()
    if side not in vocabulary.SIDES or len(words) < 3:
        return 0
    name, inner = known_names.longest(words[1:])
    if name is None or name.kind not in ("treatment", "category") or 1 + inner <= size or inner < 2:
        return 0
    part = vocabulary.body(" ".join(words[:size])) if size > 1 else None
    excluding = walk.excluding
    if part and not excluding:
        walk.add("body", _quoted(part))
    value = f"syn({_quoted(name.value)})" if name.kind == "treatment" else _quoted(name.value)
    walk.add("treatment" if name.kind == "treatment" else name.field, value)
    return 1 + inner


_LEVEL = re.compile(r"[cltsCLTS]\d")
_BY_LEVEL = ("injection", "surgery")


def _by_level(walk: Walk) -> bool:
    """Is a treatment asked for that letters name with its level of the spine: an epidural at L5-S1?"""
    words = [piece.text if piece.kind == "word" else "" for piece in walk.pieces]
    for at in range(len(words)):
        run = list(takewhile(bool, words[at : at + LONGEST]))
        name, _ = known_names.longest(run) if run else (None, 0)
        path = (vocabulary.category(name.value) or "") if name is not None and name.kind == "category" else ""
        if path.partition("/")[0] in _BY_LEVEL or (name is not None and _operation(name)):
            return True
    return False


def _operation(name: known_names.Name) -> bool:
    path = vocabulary.category_names().get(vocabulary.normal(name.value), ("", 0))[0]
    return name.kind == "treatment" and path.partition("/")[0] in _BY_LEVEL


def _treated(walk: Walk) -> bool:
    return any(isinstance(part, Clause) and part.field in ("category", "drug", "treatment") for part in walk.parts)


def _joined(walk: Walk, at: int) -> int:
    """`MRI/knee`: of a word that is no name itself, its parts, if each is one; parts of one field are either of them."""
    texts = walk.words(at, 1)[0].split("/")
    found = [known_names.named(text) for text in texts]
    if len(texts) < 2 or any(name is None or not name.field for name in found):
        return 0
    fields = [name.field for name in found if name is not None]
    values: dict[str, list[str]] = {}
    for name in found:
        assert name is not None
        values.setdefault(name.field, []).append(_quoted(name.value))
    for field in dict.fromkeys(fields):
        walk.parts.append(Clause(field, ",".join(values[field]), walk.excluding))
    walk.recognised, walk.excluding = True, False
    return 1


def guideline(walk: Walk, at: int) -> int:
    """The name of a chapter or a guide that is not a book's: `low back complaints`, `chronic pain guidelines`."""
    size = walk.said(at, _guidelines())
    if not size:
        return 0
    walk.add("guideline", f"syn({_quoted(' '.join(walk.words(at, size)))})")
    return size + (walk.low(at + size)[:1] in (["guideline"], ["guidelines"]))


@cache
def _guidelines() -> frozenset[str]:
    sources = set(names("sources"))
    found: set[str] = set()
    for head, row in vocabulary.table("family")["guideline"].items():
        if vocabulary.normal(head) not in sources:
            for name in (head, *vocabulary.split(row)):
                if not name.startswith("<"):
                    found |= {vocabulary.normal(one) for one in vocabulary.numbers(vocabulary.normal(name))}
    return frozenset(
        name for name in found if not (name.partition(" ")[0] in sources and name.partition(" ")[2] in found)
    )


def state(walk: Walk, at: int) -> int:
    """A state in which a reviewer is licensed; its abbreviation only in capitals, and where licences are spoken of."""
    if size := walk.said(at, listed("words", "away")):
        walk.excluding = not walk.excluding
        walk.add("licensed", "california")
        return size
    words = walk.words(at, 3)
    for size in range(len(words), 0, -1):
        typed = " ".join(words[:size])
        found = first_words.state(typed)
        if (
            found == "California"
            and not walk.licensed
            and walk.low(at + size)[:1]
            and walk.low(at + size)[0] in _OF_CALIFORNIA
        ):
            return size  # whose letters these all are
        if found is None or (len(typed.replace(".", "")) <= 3 and not (typed.isupper() and walk.licensed)):
            continue
        walk.add("licensed", _quoted(found.lower()))
        return size
    return 0


def unsaid(walk: Walk, at: int) -> int:
    """Words that ask for what no letter says (Los Angeles, treating physician name) stay words, whatever is named like them."""
    words = walk.words(at, 3)
    size = next((size for size in range(len(words), 0, -1) if first_words.unsaid(" ".join(words[:size]))), 0)
    for word in words[:size]:
        walk.word(word if parser.readable(word) else f'"{word}"')
    return size


def source(walk: Walk, at: int) -> int:
    """`MTUS`, `ODG guidelines`."""
    size = walk.said(at, names("sources"))
    if not size:
        return 0
    walk.add("source", names("sources")[vocabulary.normal(" ".join(walk.words(at, size)))].lower())
    return size + (walk.low(at + size)[:1] in (["guideline"], ["guidelines"]))


def decision(walk: Walk, at: int) -> int:
    """How an item was decided, in any of the words for it."""
    words = walk.words(at, 3)
    for size in range(len(words), 0, -1):
        normal = vocabulary.normal(" ".join(words[:size]))
        for row in ("read", "words", "said"):
            if normal in names("decisions", row):
                outcome = names("decisions", row)[normal]
                if row != "words" or not _decided_otherwise(walk, outcome):  # denied Norco overturned
                    walk.add("outcome", outcome)
                return size
    return 0


def _decided_otherwise(walk: Walk, outcome: str) -> bool:
    """Is another outcome named in the word for it, and not as one of two? What was denied before is what is reviewed."""
    said = [piece for piece in walk.pieces if piece.kind == "word"]
    read = {first_words.decision(piece.text) for piece in said} - {None}
    return bool(read) and outcome not in read and not any(piece.kind in ("OR", "NOT") for piece in walk.pieces)


def person(walk: Walk, at: int) -> int:
    """`women`, and how urgent a review was."""
    word = walk.low(at)[0]
    if word in ("expedited", "urgent"):
        walk.add("priority", "expedited")
        return 1
    found = names("people").get(word)
    if found is None:
        return 0
    walk.add("sex", found)
    return 1


def misspelt(walk: Walk, at: int) -> int:
    """The name of a drug or a kind of treatment with one letter wrong: `lidocain`."""
    word = walk.low(at)[0]
    if len(word) < _SHORTEST_PART or not word.isalpha() or word in listed("words", "spelt") or first_words.known(word):
        return 0
    near = [name for name in _long_names().get(word[0], ()) if edits(word, name, 1) == 1]
    if not near:
        return 0
    found = known_names.named(near[0])
    assert found is not None
    walk.add(found.field, _quoted(found.value))
    return 1


@cache
def _long_names() -> Mapping[str, tuple[str, ...]]:
    """The names of drugs, categories and parts of the body that are one long word, by their first letters."""
    found: dict[str, dict[str, None]] = {}
    single = (parts[0] for parts in vocabulary.drugs() if len(parts) == 1)
    for name in (*single, *vocabulary.category_names()):
        if name.isalpha() and len(name) >= _SHORTEST:
            known = known_names.named(name)
            if known is not None and known.field in ("drug", "category"):
                found.setdefault(name[0], {})[name] = None
    for name in vocabulary.parts_of_body():
        if (
            name.isalpha()
            and len(name) >= _SHORTEST_PART
            and (known := known_names.named(name))
            and known.field == "body"
        ):
            found.setdefault(name[0], {})[name] = None
    return {letter: tuple(names_) for letter, names_ in found.items()}


def _part_of_body(words: Sequence[str]) -> str:
    """The part of the body that stands in the name of a treatment: of "knee brace" the knee."""
    if len(words) < 2:
        return ""
    return next(filter(None, map(vocabulary.body, (" ".join(words), *words))), "")


def _quoted(value: str) -> str:
    return f'"{value}"' if not re.fullmatch(r"[\w/.#-]+", value) else value
