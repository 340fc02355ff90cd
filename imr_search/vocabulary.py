"""The words of treatment, as index/vocabulary.toml lists them: synonyms, drugs, parts of the body, kinds of treatment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import msgspec

from imr_search import assets

FILE = "index/vocabulary.toml"
REASONS = "index/reasons.toml"
_WORD = re.compile(r"#?\d+(?:\.\d+)?[a-z]*|[a-z][a-z0-9]*")
_LEVEL = re.compile(r"([clts])(\d{1,2})(?: ([clts]?)(\d{1,2}))?$")
SPINE: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"c": ("neck", 8), "t": ("thoracic", 12), "l": ("lumbar", 6), "s": ("lumbar", 5)}
)
SIDES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(("left", "lt", "l"), ("left",))
    | dict.fromkeys(("right", "rt", "r"), ("right",))
    | dict.fromkeys(("bilateral", "bilaterally", "bilat", "bil", "both"), ("left", "right"))
)
"""The words for a side of the body, and the sides that they mean."""


def digest() -> str:
    """Which words letters are read by: 12 hexadecimal digits over the declared files' bytes, for an index to remember."""
    found = hashlib.sha256()
    for name in (FILE, REASONS):
        found.update(assets.path(name).read_bytes())
    return found.hexdigest()[:12]


def table(name: str) -> Any:
    """A top-level table of the file."""
    return assets.table(FILE, name)


def split(words: str) -> tuple[str, ...]:
    """ "a | b | c" as its parts."""
    return tuple(stripped for part in words.split("|") if (stripped := part.strip()))


def words(text: str) -> list[str]:
    """The words that names are compared by: letters and digits in small letters; "#3" keeps its sign, "4%" loses it."""
    return _WORD.findall(text.casefold())


@lru_cache(20_000)
def normal(text: str) -> str:
    """A name as it is compared: its words with single spaces."""
    return " ".join(words(text))


class Family(msgspec.Struct, frozen=True):
    """Names of one thing. `kinds` are names of kinds of it: found by its names, but not the other way round."""

    name: str
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.names, *self.kinds)))


class Guard(msgspec.Struct, frozen=True):
    """A word with two meanings. `reads` is the family that it stands for in a treatment ("" for none)."""

    word: str
    means: str
    reads: str
    near: frozenset[str]
    unless: frozenset[str]


@cache
def guards() -> Mapping[str, Guard]:
    """The words that are never expanded, by their normal form."""
    rows = table("guarded")
    return {
        normal(word): Guard(
            word,
            means,
            rows["reads"].get(word, ""),
            frozenset(split(rows["near"].get(word, ""))),
            frozenset(split(rows["unless"].get(word, ""))),
        )
        for word, means in rows["means"].items()
    }


def ambiguous(name: str) -> str | None:
    """What an ambiguous word may mean ("physical therapy; prothrombin time ..."), or None for a word with one meaning."""
    guard = guards().get(normal(name))
    return None if guard is None else guard.means


def numbers(name: str) -> tuple[str, ...]:
    """A name in its normal form, then in singular and plural, which are one name: "injections" is "injection"."""
    key = normal(name)
    found = [key]
    if key.endswith("ies"):
        found.append(key[:-3] + "y")
    if key.endswith("es"):
        found.append(key[:-2])
    found.append(key[:-1] if key.endswith("s") and not key.endswith("ss") else key + "s")
    if key.endswith("y"):
        found.append(key[:-1] + "ies")
    return tuple(one for one in found if one)


@cache
def families() -> tuple[Family, ...]:
    """Every family, drugs included, as written in the file; guarded words are in none."""
    return tuple(_families())


@cache
def families_of(*groups: str) -> tuple[Family, ...]:
    """The families of some tables of [family]: "therapy", "drug-class" ..."""
    return tuple(_families_in(groups))


def _families(holding: str = "") -> Iterator[Family]:
    """Those that `holding` occurs in: the rows of the others need not be taken apart."""
    yield from _families_in(table("family"), holding)
    for tables in _drug_tables().values():
        for name, row in tables.items():
            if holding in f"{name} {row}".casefold():
                yield Family(name, (name, *split(row)))


def _families_in(groups: Iterable[str], holding: str = "") -> Iterator[Family]:
    for group in groups:
        for name, row in table("family")[group].items():
            if holding not in f"{name} {row}".casefold():
                continue
            plain: list[str] = [name]
            kinds: list[str] = []
            for part in split(row):
                is_kind = part.startswith("<")
                word = part.lstrip("< ")
                if normal(word) not in guards():
                    (kinds if is_kind else plain).append(word)
            yield Family(name, tuple(plain), tuple(kinds))


def synonyms(name: str) -> tuple[str, ...]:
    """The listed names of what `name` names, as written and `name`'s own family name first; () if it is unknown or ambiguous.

    "L4-5" and "L4-L5" are names of one level of the spine, and of no family.
    """
    level = _LEVEL.match(normal(name))
    if level and level[4] and 1 <= int(level[2]) < int(level[4]) + 12 * (level[3] not in ("", level[1])):
        upper, lower, letter = level[1].upper() + level[2], level[4], (level[3] or level[1]).upper()
        spelled = [f"{upper}-{lower}"] if letter == upper[0] else []
        return (*spelled, f"{upper}-{letter}{lower}")
    return _named(normal(name))


@lru_cache(4_096)
def _named(key: str) -> tuple[str, ...]:
    """`synonyms` of a name in its normal form, out of the families alone."""
    if not key or key in guards():
        return ()
    found: dict[str, str] = {}
    for family in _families(key.partition(" ")[0]):
        if key in map(normal, family.names):
            for one in family.all:
                found.setdefault(normal(one), one)
    return tuple(found.values())


def _drug_tables() -> dict[str, dict[str, str]]:
    found: dict[str, Any] = table("drug")
    return {kind: rows for kind, rows in found.items() if isinstance(rows, dict)}


@cache
def _forms() -> tuple[str, ...]:
    return tuple(f" {form.casefold()}" for form in split(table("drug")["forms"]))


@cache
def salts() -> frozenset[str]:
    """Words that may stand inside a drug's name without changing it ("hydrochloride")."""
    return frozenset((*split(table("drug")["salts"]), "and", "with", "w"))


@cache
def drug_forms() -> frozenset[str]:
    """Words for the form of a drug: "patch", "oral", "ER"."""
    return frozenset(word for form in _forms() for word in words(form))


def substance(name: str) -> str:
    """A listed drug without its form: "oxycodone ER" is "oxycodone"."""
    found = name.casefold()
    for form in _forms():
        found = found.removesuffix(form)
    return found


def drug_words(name: str) -> tuple[str, ...]:
    """A drug's name as it is compared: without salts and joining words."""
    parts = words(name)
    return tuple(part for part in parts if part not in salts()) or tuple(parts)


@cache
def drugs() -> Mapping[tuple[str, ...], tuple[str, str]]:
    """Every drug name by its words: the substance, and the category that it is filed under ("opioid")."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for kind, rows in _drug_tables().items():
        for name, row in rows.items():
            for one in (name, *split(row)):
                found.setdefault(drug_words(one), (substance(name), kind))
            found.setdefault(drug_words(substance(name)), (substance(name), kind))
    return found


def drug(name: str) -> str | None:
    """The substance of a brand or generic name: "norco" is "hydrocodone/acetaminophen"."""
    for one in (name, *numbers(name)[1:]):
        parts = drug_words(one)
        found = drugs().get(parts) or drugs().get(drug_words(substance(" ".join(parts))))
        if found:
            return found[0]
    return None


def drugs_within(name: str) -> tuple[str, ...]:
    """The substances of a class of drugs by one of its names: "PPIs" are omeprazole, pantoprazole ... () for any other name."""
    return next(filter(None, map(_drug_classes().get, numbers(name))), ())


@cache
def _drug_classes() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for family in families_of("drug-class"):
        held = tuple(dict.fromkeys(one for kind in family.kinds if (one := drug(kind)) is not None))
        for name in family.names:
            found.setdefault(normal(name), held)
    return found


@cache
def parts_of_body() -> Mapping[str, str]:
    """Every name of a part of the body, in its normal form, with the index's name for it."""
    return {normal(name): part for part, row in table("body")["names"].items() for name in (part, *split(row))}


def body(name: str) -> str | None:
    """The index's name of a part: "cervical" and "C5-6" are "neck", "left knees" is "left knee"."""
    key = normal(name)
    sided = {normal(word): part for word, part in table("body")["sided"].items()}
    key = sided.get(key, key)
    known = parts_of_body()
    if key in known:
        return known[key]
    level = _LEVEL.match(key)
    if level:
        region, highest = SPINE[level[1]]
        return region if 1 <= int(level[2]) <= highest else None
    side, _, rest = key.partition(" ")
    if side not in SIDES or rest not in known:
        return None
    part, sides = known[rest], SIDES[side]
    return f"{sides[0]} {part}" if len(sides) == 1 and part in split(table("body")["sides"]) else part


def parts_within(name: str) -> tuple[str, ...]:
    """The index's names of the parts that a larger one takes in: of "back" they are "lumbar" and "thoracic", and of "left arms" those of the
    left side. () for any other."""
    whole = body(name) or ""
    held = table("body")["holds"]
    if whole in held:
        return split(held[whole])
    side, _, rest = whole.partition(" ")
    sided = split(table("body")["sides"])
    return (
        tuple(f"{side} {part}" for part in split(held.get(rest, "")) if part in sided)
        if side in ("left", "right")
        else ()
    )


@cache
def categories() -> tuple[str, ...]:
    """Every category, as in the index: "pharmaceutical", "pharmaceutical/opioid" ..."""
    return split(table("category")["paths"])


@cache
def _spelled() -> Mapping[str, str]:
    """Every category by what it is called, by its whole name and by that of its last level, in their normal form; the first in order has a
    name that two bear."""
    found = {normal(name): path for path, row in table("category")["called"].items() for name in split(row)}
    for path in categories():
        for name in (path, path.rpartition("/")[2]):
            found.setdefault(normal(name), path)
    return found


def category(name: str) -> str | None:
    """The category that a user means: "opioid", "opioids" and "pharmaceutical/opioid" are "pharmaceutical/opioid"."""
    wanted = name.strip().casefold()
    paths = categories()
    if wanted in paths:
        return wanted
    key = normal(wanted)
    if categories_within(key):
        return None
    for spelled in numbers(key):
        if spelled in _spelled():
            return _spelled()[spelled]
    guard = guards().get(key)
    names = (normal(guard.reads),) if guard and guard.reads else numbers(key)
    found = next(filter(None, map(category_names().get, names)), None)
    return found[0] if found else None


def category_itself(name: str) -> str | None:
    """The category that a name is the name of, as it is asked for ("mri", "imaging"); "" for a name of something filed under one: an arthrogram is
    an MRI, a wheelchair is no more than mobility. None for a name of none."""
    found = ""
    for spelled in numbers(name):
        if categories_within(spelled):
            return spelled
        if spelled in _itself():
            return _itself()[spelled].rpartition("/")[2]
        path, weight = category_names().get(spelled, ("", 0))
        if weight > 1:
            leaf = path.rpartition("/")[2]
            own = "/" in path and leaf.split("-")[0] in spelled.split(" ")
            if (own or path not in _several()) and spelled not in _kinds():
                return leaf
        found = found or path
    return "" if found or drugs_within(name) else None


def category_words() -> frozenset[str]:
    """What categories are called, and words for several of them."""
    return frozenset((*_itself(), *_holding()))


@cache
def _several() -> frozenset[str]:
    return frozenset(split(table("category")["several"]))


@cache
def _itself() -> Mapping[str, str]:
    """Every category by what it is called and by its own names, but for those that are words of their own."""
    found = {normal(name): path for path, row in table("category")["called"].items() for name in split(row)}
    for path in categories():
        leaf = path.rpartition("/")[2]
        if leaf not in ("lab", "other", "visit"):
            found.setdefault(normal(leaf), path)
            found.setdefault(normal(path), path)
    return found


@cache
def _kinds() -> frozenset[str]:
    """Names that are filed under a category only as kinds of what it is for: "CT myelogram"."""
    listed = {
        normal(name)
        for level in ("strong", "plain")
        for row in table("category")[level].values()
        for name in split(row)
    }
    kinds = {normal(kind) for family in families() for kind in family.kinds}
    heads = {normal(name) for family in families() for name in family.names}
    narrower = {  # a kind by its name, though it has names of its own: electro-acupuncture
        normal(kind)
        for family in families()
        for kind in family.kinds
        if f" {normal(family.name)} " in f" {normal(kind)} "
    }
    return frozenset((kinds - listed - heads) | (narrower - listed))


def categories_within(name: str) -> tuple[str, ...]:
    """The categories that a word for several of them means: "imaging" is MRI, CT, x-ray and ultrasound. () for any other."""
    return next(filter(None, map(_holding().get, numbers(name))), ())


@cache
def _holding() -> Mapping[str, tuple[str, ...]]:
    return {normal(word): split(row) for word, row in table("category")["holds"].items()}


@cache
def category_names() -> Mapping[str, tuple[str, int]]:
    """Every name of a kind of treatment, in its normal form, with its category and its weight: 3 strong, 2 plain, 1 weak."""
    by_head = {normal(family.name): family for family in families()}
    found: dict[str, tuple[str, int]] = {}
    for weight, level in ((3, "strong"), (2, "plain"), (1, "weak")):
        for path, row in table("category")[level].items():
            for name in split(row):
                names = by_head[normal(name[1:])].all if name.startswith("@") else (name,)
                for one in names:
                    found.setdefault(normal(one), (path, weight))
    return found


_PARTED = re.compile(r"\s*(?:&|\band\b)\s*", re.IGNORECASE)
_STRAY = re.compile(r"^(?:[a-z]\s+)+(?=\w{3})|(?<=\w{3})(?:\s+[a-z])+$")


@lru_cache(20_000)
def one_spelling(value: str, sentence: bool = False) -> str:
    """The one spelling of a printed name that letters print in several: "&" is "and", marks that strayed are left out, and so are differences of
    capitals; small letters that strayed ("Family Practice n") where a name or a known section is left ("Appendix D" stays). With `sentence` it is
    written as a sentence ("Physical therapy"), else as a title ("Physical Medicine")."""
    words_ = " ".join(value.split()).strip(" .,;:*'\"-") or value
    words_ = re.sub(r"(?<=[A-Z]{2})'s\b", "s", words_)  # MRI's
    bare = _STRAY.sub("", words_)
    for name in (words_, bare):
        known = _printed().get(_letters(name))
        if known is not None:
            return known
    if not sentence:
        words_ = bare
    capitals = words_.isupper() and any(len(word) > 4 for word in words_.split(" "))
    numbered = words_[:1].isdigit()  # "1.4 Opioids for Acute Pain" is printed so everywhere
    parts = []
    for k, word in enumerate(_PARTED.sub(" and ", words_).strip().split(" ")):
        low = word.lower()
        if numbered or (not capitals and re.search(r"[A-Z]{2}|^[A-Z]$", word)):
            parts.append(word)
        elif k and (sentence or low in ("and", "of", "for", "the", "in", "to", "with")):
            parts.append(low)
        else:
            parts.append(low[:1].upper() + (low[1:] if sentence or capitals else word[1:]))
    return " ".join(parts)


def _letters(text: str) -> str:
    """What two spellings of one name share: letters and digits, without "and"."""
    return "".join(word for word in re.findall(r"[^\W_]+", text.casefold()) if word != "and")


@cache
def _printed() -> Mapping[str, str]:
    """The names of chapters and sections as they are listed, by their letters."""
    rows = table("guideline")
    listed = (*split(rows["mtus"]["sections"]), *split(rows["mtus"]["chapters"]), *rows["odg"])
    found: dict[str, str] = {}
    for name in listed:
        found.setdefault(_letters(name), name)
    return found
