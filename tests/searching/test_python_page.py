"""docs/python.md tells the truth: what it types is typed, and must answer as it says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python.md"


def test_the_page_on_python_answers_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testfile(
        str(PAGE), module_relative=False, globs={"index": str(tmp_path / "index")}, optionflags=doctest.FAIL_FAST
    )
    assert found.attempted > 15
    assert found.failed == 0
