"""SECURITY.md names tests for what it promises: they are there, and so is what it links to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`((?:[a-z_]+/)?test_[a-z_]+\.py)`", PAGE)
    assert len(set(named)) > 20
    assert not [name for name in named if not (ROOT / "tests" / name).is_file()]


def test_what_is_linked_or_named_exists() -> None:
    for name in re.findall(r"\]\(([^)]+)\)", PAGE) + re.findall(r"`(imr_search/[a-z_/]+\.py)`", PAGE):
        assert (ROOT / name).is_file(), name


def test_every_row_of_the_threat_model_names_a_test() -> None:
    table = PAGE.split("## Who can hand us what")[1].split("## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith(("| from", "|---"))]
    assert len(rows) == 12
    assert all("test_" in row.split("|")[-2] for row in rows)
