"""Where the trials run that build an index thousands of times."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def memory_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: what the trials show does not depend on how long a real disk takes to sync."""
    shared = Path("/dev/shm")
    if not shared.is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="imr-search-", dir=shared))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
