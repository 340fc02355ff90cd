"""The package's front: cheap to import, and its names are what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from imr_search import letters


def test_names() -> None:
    from imr_search.letters import read, versions

    for name in letters.__all__:
        assert getattr(letters, name) is not None
    assert letters.find_letters is read.find_letters
    assert letters.better is versions.better
    with pytest.raises(AttributeError):
        _ = letters.nothing  # type: ignore[attr-defined]


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, imr_search.letters, imr_search.letters.read; print(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    loaded = done.stdout.split()
    for name in ("imr_search.letters.parse", "imr_search.letters.facts", "pypdfium2", "subprocess", "tomllib"):
        assert name not in loaded
