"""The recorded tour tells what the commands answer today."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_tour_is_what_the_commands_say() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_tour.py"))
    text = made["tour"]()
    assert "a fault of this program" not in text
    assert "Traceback" not in text
    assert text == (ROOT / "docs" / "tour.md").read_text(encoding="utf-8"), "stale: python docs/make_tour.py"
