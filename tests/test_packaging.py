"""A wheel, installed in a new environment, answers from / with no checkout beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a new environment that holds the wheel, and this environment's libraries by a path file."""
    home = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    install = [str(scripts / "python"), "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True)
    site = next(home.glob("lib/python*/site-packages"), home / "Lib" / "site-packages")
    # Only the libraries: an editable install of this checkout beside them must not be what answers.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scripts


def run(command: list[str], index: Path, cwd: str = os.sep) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "IMR_SEARCH"))}
    return subprocess.run(
        command,
        cwd=cwd,
        env=kept | {"IMR_SEARCH_INDEX": str(index)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_wheel_holds_the_declarations_and_no_index(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for declared in (
        "grammar/query.lark",
        "grammar/LANGUAGE.md",
        "index/fields.toml",
        "index/vocabulary.toml",
        "index/first_words.toml",
        "py.typed",
    ):
        assert f"imr_search/{declared}" in names
    strangers = [
        name for name in names if not name.startswith("imr_search") or "tests/" in name or "letters/CM" in name
    ]
    assert strangers == []


def test_an_installed_wheel_answers_from_elsewhere(installed: Path, examples: Path, tmp_path: Path) -> None:
    where = run([str(installed / "python"), "-c", "import imr_search; print(imr_search.__file__)"], tmp_path)
    assert str(installed.parent) in where.stdout
    built = run([str(installed / "imr-index"), "build", str(examples)], tmp_path / "index")
    assert built.returncode in (0, 4), built.stderr
    found = run(
        [str(installed / "imr-search"), 'treatment:acupuncture outcome:upheld guideline:"page 98"'], tmp_path / "index"
    )
    assert found.returncode == 0, found.stderr
    assert "upheld" in found.stdout.lower()
