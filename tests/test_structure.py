"""The shape of the package: who may import whom, no cycle of any kind, heavy libraries where they are needed, names that occur once."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "imr_search"
FOUNDATION = "analysis assets documents errors fields files model settings tabular vocabulary".split()
# From the bottom up: a part imports what stands in a lower row, and itself; never from its own row, nor from above.
LAYERS = (
    set(FOUNDATION),
    {"plan"},
    {"stages"},
    {"spans"},
    {"letters", "query", "engines"},
    {"store"},
    {"indexing", "searching"},
    {"output"},
    {"repl"},
    {"cli", "web"},
)
# A library is loaded by one part only.
OWNERS = {
    "whoosh": {"engines"},
    "tantivy": {"engines"},
    "opensearchpy": {"engines"},
    "lark": {"query"},
    "pypdfium2": {"letters"},
    "prompt_toolkit": {"repl"},
    "click": {"cli", "web"},
    "Stemmer": {"analysis"},
    "matplotlib": {"output"},
    "xlsxwriter": {"output"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "jinja2": {"web"},
    "docx": {"output", "web"},
    "pandas": {"tabular"},
    "polars": {"tabular"},
    "pyarrow": {"output"},
}
# What may be imported inside a function: libraries that take long to load and that most runs do not need, and modules that load one of them.
HEAVY = {
    "tantivy",
    "whoosh",
    "pypdfium2",
    "prompt_toolkit",
    "matplotlib",
    "opensearchpy",
    "uvicorn",
    "starlette",
    "docx",
}
HEAVY |= {"pandas", "polars", "pyarrow"}
SELDOM = {
    "Stemmer",
    "filelock",
    "platformdirs",
    "tomllib",
}  # light, but most searches, each a process, do without
ENGINES = (
    "imr_search.engines.memory",
    "imr_search.engines.tantivy",
    "imr_search.engines.opensearch",
)  # loaded when chosen
POSIX = {"fcntl", "pwd", "resource", "termios", "tty"}  # not there on every system
# These load the library, or one of the commands, when asked and only then: --help and --version open no index.
FRONT_DOORS = {"imr_search", "imr_search.cli", "imr_search.cli.search_main", "imr_search.cli.command_line"}
LONGEST = 500  # lines of a module


class Import(msgspec.Struct, frozen=True):
    """`name` is the module that is loaded; `inside` a function, `typing` only for the type checker."""

    name: str
    line: int
    inside: bool
    typing: bool


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def part_of(module: str) -> str:
    """The part of the package that a module belongs to; "" for the package's own __init__."""
    return [*module.split("."), ""][1]


@cache
def imports(module: str) -> tuple[Import, ...]:
    """Everything that the module imports, wherever in it."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    return tuple(_walk(tree, False, False))


def _walk(node: ast.AST, inside: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, inside, typing) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            for alias in child.names:
                whole = f"{child.module}.{alias.name}"
                yield Import(whole if whole in modules() else str(child.module), child.lineno, inside, typing)
        else:
            function = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            checking = typing or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
            yield from _walk(child, function, checking)


def layer(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


def test_every_part_has_its_place() -> None:
    assert {part_of(module) for module in modules()} - {""} == set().union(*LAYERS)


@pytest.mark.parametrize("module", modules())
def test_imports_point_down(module: str) -> None:
    part = part_of(module)
    if part == "":
        return  # the front door, which loads the library only when asked
    for one in imports(module):
        library = one.name.split(".")[0]
        if library in OWNERS:
            assert part in OWNERS[library], f"{module}:{one.line} imports {library}, which belongs to {OWNERS[library]}"
        if library != "imr_search" or part_of(one.name) in ("", part):
            continue
        other = part_of(one.name)
        foundation = part in FOUNDATION and other in FOUNDATION
        assert foundation or layer(other) < layer(part), f"{module}:{one.line} imports {one.name} from above or beside"


def test_there_is_no_import_cycle_of_any_kind() -> None:
    """Imports inside functions and for the type checker count too: two modules that need each other are one concept in two files."""
    graph = {
        module: sorted({one.name for one in imports(module)} & modules().keys() - {module} - FRONT_DOORS)
        for module in modules()
    }
    assert list(cycles(graph)) == []


def cycles(graph: dict[str, list[str]]) -> Iterator[list[str]]:
    """The strongly connected parts of more than one module (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> Iterator[list[str]]:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                yield from visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            found = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(found) > 1:
                yield sorted(found)

    for node in graph:
        if node not in index:
            yield from visit(node)


def test_the_search_for_cycles_finds_one() -> None:
    assert list(cycles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["a"]})) == [["b", "c"]]


@cache
def heavy(module: str) -> bool:
    """Does loading the module load a heavy library, or an engine that was not chosen?"""
    at_once = [one.name for one in imports(module) if not one.inside and not one.typing and one.name != module]
    return module.startswith(ENGINES) or any(
        heavy(name) if name in modules() else name.split(".")[0] in HEAVY for name in at_once
    )


def may_wait(name: str) -> bool:
    """May it be imported inside a function?"""
    return heavy(name) if name in modules() else name.split(".")[0] in HEAVY | SELDOM | POSIX


def test_only_what_is_heavy_is_imported_inside_functions() -> None:
    found = [
        f"{module}:{one.line} {one.name}"
        for module in modules()
        for one in imports(module)
        if one.inside and module not in FRONT_DOORS and not may_wait(one.name)
    ]
    assert found == []


def test_no_module_has_the_name_of_another() -> None:
    names = Counter(path.stem for path in modules().values() if path.stem != "__init__")
    assert [name for name, count in names.items() if count > 1] == []


def test_no_module_is_too_long() -> None:
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in modules().items()}
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST} == {}


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
