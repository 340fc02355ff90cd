"""The table of fields."""

from __future__ import annotations

import re

from imr_search.fields import fingerprint, table


def test_no_name_means_two_fields() -> None:
    names = [name for field in table() for name in {field.key, *field.names, field.json}]
    assert len(names) == len(set(names))


def test_every_field_says_what_it_is() -> None:
    for field in table():
        assert field.help
        assert field.kind in {"text", "citation", "keyword", "enum", "number", "date", "flag"}
        assert set(field.synonyms.values()) <= set(field.values)


def test_names_are_found_in_any_case() -> None:
    assert table().get("QTY") is table()["quantity"]
    assert table().get("t") is table()["treatment"]
    assert table().get("no such field") is None


def test_the_fingerprint_is_stable_within_a_version() -> None:
    assert fingerprint() == fingerprint()
    assert len(fingerprint()) == 16


def test_what_a_row_declares_is_known_to_its_readers() -> None:
    from imr_search.cli.help import help_text
    from imr_search.output.terminal import Terminal
    from imr_search.query.compile import ALIASES
    from imr_search.web.narrowing import faces

    shown = "\n".join(help_text(Terminal(width=200)))
    assert {row.aliases for row in table()} - {""} == set(ALIASES)
    for row in table():
        assert row.hidden or re.search(rf"^  {row.key}\b", shown, re.MULTILINE), row.key
        assert (row.key in {face.group.field for face in faces()}) == (row.facet is not None)
    places = [row.facet.place for row in table() if row.facet is not None]
    assert sorted(places) == list(range(1, len(places) + 1))
