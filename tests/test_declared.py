"""index/declared.json says what the two files say that people edit, and a search needs nothing else of them."""

from __future__ import annotations

import hashlib
import json
import tomllib

import pytest

from imr_search import assets, declared, digest, fields, vocabulary


def test_the_declarations_are_those_of_their_sources() -> None:
    found = json.loads(assets.text(declared.FILE))
    assert found == json.loads(json.dumps(declared.made())), "python -m imr_search.declared > index/declared.json"
    assert found["fields"] == tomllib.loads(assets.text("index/fields.toml"))


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


def test_digests_are_sha256() -> None:
    for data in (b"", b"imr", bytes(range(256)) * 99):
        assert digest.sha256(data) == hashlib.sha256(data).hexdigest()
    assert len(fields.fingerprint()) == 16
