"""Lark runs the grammar: what may stand next, where the parser is kept, and that nothing else is read from there."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from imr_search import settings
from imr_search.query import grammar
from imr_search.query.lexer import Lexer
from imr_search.query.syntax_errors import UnexpectedToken


def test_what_may_stand_next() -> None:
    def after(text: str) -> frozenset[str]:
        return grammar.expected(Lexer(text).walk())

    assert {"WORD", "FIELD", "NOT", "LPAR"} <= after("")
    assert not {"AND", "OR", "LINK", "PIPE", "RPAR"} & after("")
    assert {"AND", "OR", "BUTNOT", "LINK", "PIPE", "WORD"} <= after("a")
    assert "RPAR" not in after("a")
    assert {"RPAR", "OR"} <= after("(a")
    assert "PIPE" not in after("(a")
    assert {"WORD", "PHRASE", "LPAR"} <= after("treatment:")
    assert not {"FIELD", "NOT"} & after("treatment:")
    assert after("a | rate") >= {"BY", "MIN", "PIPE"}
    assert after("a | rate by age") >= {"COMMA", "BAND", "PART", "MIN"}


def test_what_was_expected_is_what_stood_before_the_token_that_could_not() -> None:
    tokens = Lexer("a AND OR b").walk()
    with pytest.raises(UnexpectedToken) as caught:
        grammar.parse(tokens, 10)
    assert caught.value.token is tokens[2]
    assert {"WORD", "FIELD", "NOT"} <= caught.value.expected


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of the test's own."""
    monkeypatch.setattr(settings, "cache_folder", lambda: tmp_path / "cache")
    grammar.parser.cache_clear()
    yield tmp_path / "cache"
    grammar.parser.cache_clear()


def _built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows whenever the parser is built and not read."""
    built: list[str] = []
    real = grammar._built
    monkeypatch.setattr(grammar, "_built", lambda text: built.append(text) or real(text))
    return built


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners of files here")
def test_the_parser_is_kept_for_the_user_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = _built(monkeypatch)
    grammar.parser()
    (kept,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert kept.stat().st_mode & 0o777 == 0o600
    grammar.parser.cache_clear()
    tokens = Lexer("treatment:(a or b) -c | rate by year").walk()
    tree = grammar.parse(tokens, 36)
    assert len(built) == 1, "read from the cache"
    assert grammar._built(built[0]).parse_interactive("").accepts() == grammar.expected([])
    assert tree.data == "staged"


class _Planted:
    """Unpickling it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners of files here")
@pytest.mark.parametrize("how", ["open folder", "open file", "link", "linked folder"])
def test_what_others_may_write_is_never_unpickled(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    grammar.parser()
    (kept,) = folder.iterdir()
    mark = tmp_path / "mark"
    kept.write_bytes(pickle.dumps({"data": _Planted(mark), "memo": {}}))
    match how:
        case "open folder":
            folder.chmod(0o777)
        case "open file":
            kept.chmod(0o666)
        case "link":
            kept.rename(tmp_path / "elsewhere")
            kept.symlink_to(tmp_path / "elsewhere")
        case "linked folder":
            folder.rename(tmp_path / "other")
            folder.symlink_to(tmp_path / "other")
    built = _built(monkeypatch)
    grammar.parser.cache_clear()
    assert grammar.expected([])
    assert len(built) == 1
    assert not mark.exists()


@pytest.mark.parametrize("data", [b"", b"\x80", b"no pickle at all", pickle.dumps({"data": 1, "memo": 2})])
def test_a_damaged_cache_is_built_anew(folder: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    grammar.parser()
    for kept in folder.iterdir():
        kept.write_bytes(data)
    built = _built(monkeypatch)
    grammar.parser.cache_clear()
    assert grammar.expected([])
    grammar.parser.cache_clear()
    assert grammar.expected([])
    assert len(built) <= 1 + (not hasattr(os, "geteuid")), "and the good one is kept in its place"


def test_a_cache_that_cannot_be_written_is_no_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.parent.joinpath("cache").write_text("a file where the folder should be")
    assert grammar.expected([])
