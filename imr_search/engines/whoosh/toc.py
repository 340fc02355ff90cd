"""The list of an index's segments, with the documents of each that were taken out later."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from imr_search.errors import IndexError_

TOC = "toc.json"


def read_toc(folder: Path) -> list[tuple[str, list[int]]]:
    """Each segment's name and its deleted documents."""
    path = folder / TOC
    try:
        toc = json.loads(path.read_text(encoding="utf-8"))
        return [(str(row["name"]), [int(at) for at in row["deleted"]]) for row in toc["segments"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexError_(f"{TOC} cannot be read", file=str(path)) from error


def write_toc(folder: Path, segments: Iterable[tuple[str, Iterable[int]]]) -> None:
    rows = [{"name": name, "deleted": sorted(deleted)} for name, deleted in segments]
    (folder / TOC).write_text(json.dumps({"segments": rows}), encoding="utf-8")
