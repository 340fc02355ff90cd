"""Saved queries: kept, found, filled; and whatever a value or a file holds, it is never syntax."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_search.errors import QueryError, UsageError
from imr_search.query import ast, saved
from imr_search.query.parser import parse


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMR_SEARCH_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('[saved]\nmri = "treatment:mri"\nold = "x"\n')
    return tmp_path / "data" / "saved.toml"


def test_kept_found_dropped(file: Path) -> None:
    assert saved.own(file) == {}
    text = 'treatment:"10/325" \\ “quoted” é \x7f'
    saved.save("norco", text, file)
    saved.save("old", "y", file)
    assert saved.own(file) == {"norco": text, "old": "y"}
    assert saved.queries(file) == {"mri": "treatment:mri", "norco": text, "old": "y"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    saved.save("norco", "z", file)
    saved.drop("old", file)
    assert saved.queries(file) == {"mri": "treatment:mri", "norco": "z", "old": "x"}
    assert [path.name for path in file.parent.iterdir()] == ["saved.toml"]


def test_mistakes_are_named(file: Path) -> None:
    saved.save("norco", "z", file)
    with pytest.raises(UsageError) as raised:
        saved.get("norko", saved.queries(file))
    assert raised.value.hint == "did you mean norco?"
    with pytest.raises(UsageError) as raised:
        saved.drop("mri", file)
    assert "configuration" in raised.value.hint
    for name in ("", "1st", "a b", "x" * 65, "é"):
        with pytest.raises(UsageError):
            saved.save(name, "x", file)
    for text in ("", "  ", "x" * 10_001):
        with pytest.raises(UsageError):
            saved.save("name", text, file)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"a = 1",
        b'"a b" = "x"',
        b"a = [",
        b'[a]\nb = "x"',
        b"a = " + b"[" * 5_000,
        b'a = "' + b"x" * 10_001 + b'"',
    ],
)
def test_a_hostile_file_is_refused(file: Path, data: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(data)
    with pytest.raises(UsageError, match="saved"):
        saved.own(file)


def test_a_huge_file_and_a_pipe_are_refused(file: Path) -> None:
    import os

    file.parent.mkdir()
    file.write_bytes(b"#" * (2 << 20))
    with pytest.raises(UsageError, match="too long"):
        saved.own(file)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(UsageError, match="regular"):
        saved.own(file)


def test_places_are_filled_with_one_quoted_term() -> None:
    text = 'treatment:{drug} decided:>={since} "for {part} pain" -{drug}'
    assert saved.places(text) == ("drug", "since", "part")
    filled = saved.fill(text, {"drug": "norco or mri", "since": "2015-03", "part": "low back"})
    assert filled == 'treatment:"norco or mri" decided:>=2015-03 "for low back pain" -"norco or mri"'
    assert saved.fill("decided:>={since}", {"since": "last-2y"}) == "decided:>=last-2y"
    assert saved.fill("{a}", {"a": "{a}"}) == '"{a}"'
    assert saved.fill("x", {}) == "x"


def test_what_is_missing_or_too_much_is_named() -> None:
    for text, values, said in (
        ("{a} {b}", {"a": "x"}, "needs b"),
        ("{a}", {"a": "x", "b": "y"}, "no placeholder {b}"),
        ("{a}", {"a": " “ "}, "empty"),
    ):
        with pytest.raises(UsageError, match=said):
            saved.fill(text, values)


@given(st.text(max_size=60))
def test_a_value_is_never_syntax(value: str) -> None:
    """Around the value, the query stays what it was: two conditions joined by AND, the first a single term of treatment."""
    try:
        filled = saved.fill("treatment:{x} outcome:upheld", {"x": value})
    except UsageError:
        return
    try:
        found = parse(filled).expression
    except QueryError as refused:
        if refused.code != "E105":  # a value without a word has nothing inside its quotes
            raise
        return
    assert isinstance(found, ast.And), filled
    first, second = found.nodes
    assert isinstance(first, ast.Fielded), filled
    assert isinstance(first.value, ast.Quoted | ast.Term), filled
    assert str(second) == "outcome:upheld"
