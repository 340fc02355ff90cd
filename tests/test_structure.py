"""The house keeps its shape: imports point down, heavy libraries are named in one place, nothing speaks of a machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "imr_search"

# From the ground up; a module imports from its own floor's own room and from the floors below.
FLOORS = (
    {
        "errors",
        "assets",
        "model",
        "fields",
        "analysis",
        "plan",
        "documents",
        "spans",
        "vocabulary",
        "settings",
        "files",
    },
    {"letters", "query", "engines"},
    {"store", "indexing"},
    {"searching"},
    {"output"},
    {"repl", "cli"},
)
# A library is loaded by one room only.
OWNERS = {
    "whoosh": {"engines"},
    "tantivy": {"engines"},
    "opensearchpy": {"engines"},
    "lark": {"query"},
    "pypdfium2": {"letters"},
    "prompt_toolkit": {"repl"},
    "click": {"cli"},
    "Stemmer": {"analysis"},
}


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""
            if node.module == "imr_search":
                yield from (f"imr_search.{alias.name}" for alias in node.names)


def _floor(room: str) -> int:
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), -1)


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    room = _room(path)
    if room == "__init__":
        return  # the front door, which loads the library only when asked
    assert _floor(room) >= 0, f"{room} has no floor: put it into FLOORS"
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "imr_search" and len(parts) > 1 and parts[1] != room and not parts[1].startswith("__"):
            below = _floor(parts[1])
            assert below >= 0, f"{path.name} imports {name}, which has no floor"
            same = below == _floor(room) and (below in (0, 2) or room in ("cli", "repl"))
            assert below < _floor(room) or same, f"{path.name} ({room}) imports {name} from above or beside"
        if parts[0] in OWNERS:
            assert room in OWNERS[parts[0]], f"{path.name} imports {parts[0]}, which belongs to {OWNERS[parts[0]]}"


def test_text_speaks_of_the_project_alone() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    home = str(Path.home())
    for name in listed.stdout.split():
        path = ROOT / name
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".lark", ".txt", ""}:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert str(ROOT) + "/" not in text, f"{name} names this machine's folders"
            assert len(home) < 3 or home + "/" not in text, f"{name} names this machine's folders"


def test_a_plain_search_loads_nothing_that_it_does_not_need() -> None:
    code = "import sys, imr_search.cli.search_main; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for heavy in ("whoosh", "tantivy", "lark", "prompt_toolkit", "pypdfium2", "rich", "sqlite3", "asyncio"):
        assert heavy not in loaded, f"{heavy} is loaded before it is needed"
