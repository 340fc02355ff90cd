"""What one disputed treatment asks for: drugs, strengths, numbers, the kind of treatment and the part of the body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from imr_search.model import Doubt


@dataclass(frozen=True, slots=True)
class Asked:
    """What a treatment's words say; None and () for what they do not say."""

    drugs: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    quantity: int | None = None
    refills: int | None = None
    visits: int | None = None
    category: str | None = None
    body: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


_QUANTITY = re.compile(r"#\s?(\d{1,5})(?![\d.])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def read(treatment: str, title: str) -> Asked:
    """The facts in `treatment`, and for what it leaves open in `title`. Cached: letters repeat each other."""
    found = _QUANTITY.search(treatment)
    return Asked(quantity=int(found.group(1)) if found else None)
