"""The road from letters to an index, end to end: what changed is read, parsed, analysed, written aside and swapped in."""

from __future__ import annotations

from imr_search.building.build import build, run
from imr_search.building.report import Built, Failure, Options, Progress
from imr_search.building.upkeep import check, failures, forget, plan_repair, repair, status

__all__ = [
    "Built",
    "Failure",
    "Options",
    "Progress",
    "build",
    "check",
    "failures",
    "forget",
    "plan_repair",
    "repair",
    "run",
    "status",
]
