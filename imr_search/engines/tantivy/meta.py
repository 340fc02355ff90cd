"""What our writer notes beside Tantivy's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from imr_search.engines.tantivy import schema
from imr_search.errors import IndexError_


def read_meta(folder: Path) -> dict[str, Any]:
    """`next`: the highest number given to a letter. `most`: the most items that any letter has had. `longest`: by field, the most words that any
    sentence or citation has had."""
    path = folder / schema.META
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        longest = {str(field): int(length) for field, length in found["longest"].items()}
        return {"next": int(found["next"]), "most": int(found["most"]), "longest": longest}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexError_(f"{schema.META} cannot be read", file=str(path)) from error
