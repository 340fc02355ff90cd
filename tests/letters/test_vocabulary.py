"""The vocabulary: what it knows, what it refuses to expand, and that it holds everything it was made from."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from imr_search import assets, vocabulary
from imr_search.letters import lexicons


def test_synonyms_are_as_written_and_hold_the_name_itself() -> None:
    assert vocabulary.synonyms("NORCO")[:4] == ("hydrocodone/acetaminophen", "Norco", "Vicodin", "Vicodin ES")
    assert "physiotherapy" in vocabulary.synonyms("physical therapy")
    assert vocabulary.synonyms("H wave")[0] == "H-wave"
    assert vocabulary.synonyms("xyzzy") == ()


@pytest.mark.parametrize("word", ["PT", "RFA", "US", "CA", "OT", "ST", "WH"])
def test_a_word_with_two_meanings_is_never_a_synonym(word: str) -> None:
    assert vocabulary.synonyms(word) == ()
    assert vocabulary.ambiguous(word)
    names = [vocabulary.normal(name) for family in vocabulary.families() for name in family.all]
    assert vocabulary.normal(word) not in names


def test_a_kind_of_a_thing_does_not_find_the_thing() -> None:
    assert "electro-acupuncture" in vocabulary.synonyms("acupuncture")
    assert "acupuncture" not in vocabulary.synonyms("electro-acupuncture")
    assert "ibuprofen" in vocabulary.synonyms("NSAIDs")
    assert "naproxen" not in vocabulary.synonyms("ibuprofen")


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("norco", "hydrocodone/acetaminophen"),
        ("Hydrocodone/APAP", "hydrocodone/acetaminophen"),
        ("hydrocodone", "hydrocodone"),
        ("OxyContin", "oxycodone"),
        ("oxycodone HCl", "oxycodone"),
        ("Lidoderm", "lidocaine"),
        ("Tylenol #3", "acetaminophen/codeine"),
        ("xyzzy", None),
        ("", None),
    ],
)
def test_drug(name: str, substance: str | None) -> None:
    assert vocabulary.drug(name) == substance


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("cervical", "neck"),
        ("neck", "neck"),
        ("low back", "lumbar"),
        ("lumbar spine", "lumbar"),
        ("L4-5", "lumbar"),
        ("C5-C6", "neck"),
        ("T12", "thoracic"),
        ("T13", None),
        ("knees", "knee"),
        ("left knees", "left knee"),
        ("bilateral knees", "knee"),
        ("left lumbar", "lumbar"),
        ("rue", "right upper extremity"),
        ("xyzzy", None),
    ],
)
def test_body(name: str, part: str | None) -> None:
    assert vocabulary.body(name) == part


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("opioid", "pharmaceutical/opioid"),
        ("Opioids", "pharmaceutical/opioid"),
        ("pharmaceutical/opioid", "pharmaceutical/opioid"),
        ("pharmaceutical", "pharmaceutical"),
        ("physical therapy", "rehabilitation/physical-therapy"),
        ("PT", "rehabilitation/physical-therapy"),
        ("mri", "diagnostic/mri"),
        ("EMG/NCS", "diagnostic/emg-ncs"),
        ("urine drug screen", "diagnostic/drug-test"),
        ("other", "other"),
        ("xyzzy", None),
    ],
)
def test_category(name: str, path: str | None) -> None:
    assert vocabulary.category(name) == path


def test_every_name_leads_to_a_category_that_is_listed() -> None:
    paths = set(vocabulary.categories())
    assert {path for path, _ in vocabulary.category_names().values()} <= paths
    kinds = {kind for _, kind in vocabulary.drugs().values()}
    assert {kind if "/" in kind else f"pharmaceutical/{kind}" for kind in kinds} <= paths
    assert {vocabulary.category(path) for path in paths} == paths


def test_every_sided_part_and_every_reading_of_a_guard_exists() -> None:
    body = vocabulary.table("body")
    assert set(vocabulary.split(body["sides"])) <= set(body["names"])
    heads = {vocabulary.normal(family.name) for family in vocabulary.families()}
    assert {vocabulary.normal(guard.reads) for guard in vocabulary.guards().values() if guard.reads} <= heads


@pytest.mark.parametrize("file", ["index/vocabulary.toml", "index/first_words.toml"])
def test_the_quick_reading_of_a_file_is_what_toml_says(file: str) -> None:
    whole = tomllib.loads(assets.text(file))
    assert {name: assets.table(file, name) for name in whole if name != "version"} == {
        name: rows for name, rows in whole.items() if name != "version"
    }


def test_the_digest_is_of_the_file() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", vocabulary.digest())


def test_a_lexicon_takes_the_longest_name() -> None:
    found = lexicons.lexicon([(("a",), 1), (("a", "b"), 2), (("b", "c"), 3)]).find(("a", "b", "c", "a"))
    assert [(match.start, match.end, match.value) for match in found] == [(0, 2, 2), (3, 4, 1)]


def test_the_file_is_not_read_before_it_is_asked() -> None:
    code = (
        "import sys, imr_search.vocabulary as v; from imr_search import assets; "
        "assert assets._parts.cache_info().misses == 0; v.body('neck'); assert v.families.cache_info().misses == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


# In the source list, but rules or outcomes rather than names: they are in numbers.py, citations.py and fields.toml.
RULES = {
    "guideline": {"page 127", "Other Medical Treatment Guidelines", "Non-MTUS citation"},
    "meta": {"UR", "PR-2", "Preventive Medicine, Occupational Medicine"},
}
RULED_FAMILIES = {"Non-MTUS citation", "upheld", "overturned", "modified"}


def test_everything_it_was_made_from_is_in_it(shared_letters: Path) -> None:
    source = shared_letters.parent / "vocabulary" / "synonyms.tsv"
    known = {vocabulary.normal(name) for family in vocabulary.families() for name in family.all}
    known |= set(vocabulary.guards())
    missing = []
    for line in source.read_text(encoding="utf-8").splitlines()[1:]:
        kind, head, others, *_ = [*line.split("\t"), "", ""]
        if kind == "quantity" or head in RULED_FAMILIES:
            continue
        names = [head, *others.split("|")]
        missing += [
            name for name in names if vocabulary.normal(name) not in known and name not in RULES.get(kind, set())
        ]
    assert missing == []


def test_every_name_has_the_other_names_of_all_its_families() -> None:
    """As read from all families at once: one name's are read by themselves."""
    wanted: dict[str, dict[str, str]] = {}
    for family in vocabulary.families():
        for key in {vocabulary.normal(name) for name in family.names} - vocabulary.guards().keys():
            for one in family.all:
                wanted.setdefault(key, {}).setdefault(vocabulary.normal(one), one)
    level = re.compile(r"[clts]\d+ [clts]?\d+")  # of the spine, and not of the families
    names = sorted(key for key in wanted if not level.fullmatch(key))
    assert len(names) > 1_000
    assert {key: vocabulary.synonyms(key) for key in names} == {key: tuple(wanted[key].values()) for key in names}


@pytest.mark.parametrize(
    ("name", "among"),
    [("Norco", "hydrocodone"), ("ESI", "epidural steroid injection"), ("mri", "magnetic resonance imaging")],
)
def test_a_name_has_the_other_names_of_its_families(name: str, among: str) -> None:
    """As read from the families themselves."""
    wanted: dict[str, str] = {}
    for family in vocabulary.families():
        if vocabulary.normal(name) in map(vocabulary.normal, family.names):
            for one in family.all:
                wanted.setdefault(vocabulary.normal(one), one)
    assert list(vocabulary.synonyms(name)) == list(wanted.values())
    assert any(among in one.lower() for one in wanted.values()), wanted


def test_a_guarded_word_has_no_other_names() -> None:
    word = next(iter(vocabulary.guards()))
    assert vocabulary.synonyms(word) == ()
    assert vocabulary.ambiguous(word) == vocabulary.guards()[word].means
