"""What README shows is what happens: every console block is run on the examples and compared. `pytest tests/test_readme.py --update` rewrites."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_RUN = "import sys; from imr_search.cli import {0}_command as main; sys.argv[0] = 'imr-{0}'; sys.exit(main())"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose PATH begins with the two commands, run by this interpreter from this checkout."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("search", "index"):
        script = folder / f"imr-{name}"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{_RUN.format(name)}" "$@"\n')
        script.chmod(0o700)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("IMR_SEARCH")}
    return kept | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "IMR_SEARCH_INDEX": str(folder / "index"),
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }


def answer(block: str, shell: dict[str, str]) -> str:
    """The block with today's outputs: each line that begins with `$ ` is run in the checkout, standard error first."""
    lines = []
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        done = subprocess.run(
            ["sh", "-c", command], cwd=ROOT, env=shell, capture_output=True, text=True, check=False, timeout=120
        )
        said = re.sub(r"; [\d.,]+ s$", "", done.stderr, flags=re.MULTILINE)
        shown = (done.stdout.rstrip("\n") + "\n" + said.rstrip("\n")).strip("\n")
        lines += [f"$ {command}", *(line.rstrip() for line in shown.splitlines())]
    return "\n".join(lines) + "\n"


def test_every_console_block_is_what_happens(shell: dict[str, str], update: bool) -> None:
    text = README.read_text(encoding="utf-8")
    blocks = _BLOCK.findall(text)
    assert len(blocks) >= 5
    fresh = _BLOCK.sub(lambda found: f"```console\n{answer(found[1], shell)}```", text)
    if update:
        README.write_text(fresh, encoding="utf-8")
        text = fresh
    for shown, today in zip(blocks if not update else _BLOCK.findall(text), _BLOCK.findall(fresh), strict=True):
        assert shown == today


def test_the_two_commands_are_in_the_first_screen() -> None:
    head = "\n".join(README.read_text(encoding="utf-8").splitlines()[:40])
    assert "<!-- first command -->" in head
    assert "<!-- test command -->" in head


def test_every_dependency_is_explained() -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = declared.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    names = re.findall(r'^\s*"([A-Za-z0-9-]+)', block, re.MULTILINE)
    text = README.read_text(encoding="utf-8")
    assert len(names) >= 8
    for name in names:
        assert f"`{name}`" in text, f"README does not say why {name} is needed"
