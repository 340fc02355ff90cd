"""The package's front is cheap to import: a search asks it only for the parser's version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, imr_search.letters, imr_search.letters.discovery; print(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    loaded = done.stdout.split()
    for name in ("imr_search.letters.parse", "imr_search.letters.facts", "pypdfium2", "subprocess", "tomllib"):
        assert name not in loaded
