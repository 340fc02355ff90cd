"""The road from letters to an index, end to end: what changed is read, parsed, analysed, written aside and swapped in."""

from __future__ import annotations

from imr_search.building.build import build, run
from imr_search.building.report import Built, Failure, Options, Progress

__all__ = ["Built", "Failure", "Options", "Progress", "build", "run"]
