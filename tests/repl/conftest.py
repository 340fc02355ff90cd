"""The prompt over an index of the project's own letters."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":  # pragma: no cover
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from terminal import Open, Terminal


@pytest.fixture(scope="session")
def index(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from imr_search.indexing import build

    folder = tmp_path_factory.mktemp("prompt") / "ix"
    build([examples], folder, workers=1)
    return folder


@pytest.fixture
def prompt(index: Path, tmp_path: Path) -> Iterator[Open]:
    """Open the prompt (or any command) on a terminal; all are closed at the end."""
    opened: list[Terminal] = []

    def open_(*arguments: str, columns: int = 80, rows: int = 30, before: str = "", **environment: str) -> Terminal:
        given = {
            "IMR_SEARCH_INDEX": str(index),
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "LC_ALL": "",
            "NO_COLOR": "",
            "PAGER": "cat",
            "EDITOR": "true",
        }
        terminal = Terminal(*arguments, columns=columns, rows=rows, before=before, **{**given, **environment})
        opened.append(terminal)
        if not arguments:
            terminal.see("imr>")
        return terminal

    yield open_
    for terminal in opened:
        terminal.close()
