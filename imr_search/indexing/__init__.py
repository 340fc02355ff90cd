"""From letters to an index: what changed is read, parsed, analysed, written beside the old index and swapped in."""

from __future__ import annotations

from imr_search.indexing.build import build, run
from imr_search.indexing.build_options import BuildOptions, Built, Failure, Progress
from imr_search.indexing.maintenance import check, failures, forget, plan_repair, repair, status

__all__ = [
    "BuildOptions",
    "Built",
    "Failure",
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
