"""grammar/query.lark, run by Lark: tokens to a tree, and which tokens may come next.

The tokens come from lexer.py and are fed one by one, because what a character means depends on the field it stands in. Working out the LALR table
takes Lark about 70 ms, so the parser that it saves is kept in the user's cache folder. Lark saves by pickling, and whoever writes a pickle can run
code in the process that reads it: the kept parser is only read from a private folder and file of the user's own (see `_private`).
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import lark
from lark.lexer import Lexer as LarkLexer
from lark.parsers.lalr_interactive_parser import InteractiveParser

from imr_search import assets, files, settings
from imr_search.errors import ImrError
from imr_search.query.syntax_errors import UnexpectedToken
from imr_search.query.tokens import END, Token

_FILE = "grammar/query.lark"
_LARGEST = 4 << 20


class FedLexer(LarkLexer):
    """Reads nothing itself: the parser is fed."""

    def __init__(self, conf: object) -> None: ...

    def lex(self, *_: object) -> Iterator[lark.Token]:
        return iter(())


@cache
def parser() -> lark.Lark:
    """The parser of the grammar, from the cache where there is one."""
    grammar = assets.text(_FILE)
    path = _cache_file(grammar)
    if path is None:
        return _built(grammar)
    with suppress(Exception):  # a file cut short or of another make says so in many ways; all mean: build it
        if _private(path):
            return lark.Lark.load(io.BytesIO(files.load(path, _LARGEST, "cache")))
    found = _built(grammar)
    _keep(found, path)
    return found


def _built(grammar: str) -> lark.Lark:
    return lark.Lark(grammar, parser="lalr", lexer=FedLexer, start="query")


def _cache_file(grammar: str) -> Path | None:
    """Where the parser of this grammar, Lark and Python is kept; None where files have no owners by which to trust them."""
    if not hasattr(os, "geteuid"):
        return None
    made_of = "\0".join((grammar, lark.__version__, sys.version, __name__))
    return settings.cache_folder() / f"query-{sha256(made_of.encode()).hexdigest()[:16]}.pickle"


def _private(path: Path) -> bool:
    """Do the file and its folder belong to the user, and can nobody else write either?"""
    for held, kind in ((path.parent, stat.S_ISDIR), (path, stat.S_ISREG)):
        found = os.lstat(held)
        if not kind(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            return False
    return True


def _keep(found: lark.Lark, path: Path) -> None:
    """Keep the parser for the next process, if that can be done safely; nothing depends on it."""
    data = io.BytesIO()
    with suppress(OSError, ImrError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.lstat(path.parent)
        if stat.S_ISDIR(folder.st_mode) and folder.st_uid == os.geteuid():
            if folder.st_mode & 0o077:
                return
            found.save(data)
            files.replace(path, data.getvalue())


def parse(tokens: Iterable[Token], length: int) -> lark.Tree[Any]:
    """The tree of a query's tokens; a query of `length` characters ends there. Raises UnexpectedToken."""
    held = tuple(tokens)
    state = _fed(held)
    try:
        found: lark.Tree[Any] = state.feed_eof()  # type: ignore[no-untyped-call]
    except lark.UnexpectedToken:
        raise UnexpectedToken(Token(END, length, length), expected(held)) from None
    return found


def expected(tokens: Iterable[Token]) -> frozenset[str]:
    """The terminals that may follow `tokens`. Raises UnexpectedToken."""
    return frozenset(_fed(tuple(tokens)).accepts()) - {END}  # type: ignore[no-untyped-call]


def _fed(tokens: tuple[Token, ...]) -> InteractiveParser:
    state = parser().parse_interactive("")
    for k, token in enumerate(tokens):
        try:
            state.feed_token(token)  # type: ignore[arg-type]  # Lark asks a token for its type alone
        except lark.UnexpectedToken:
            # The parser has reduced what it could before it found out: ask one that has not seen the token.
            raise UnexpectedToken(token, expected(tokens[:k])) from None
    return state
