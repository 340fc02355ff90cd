"""What a generation's reader hands to `parse`: the parts of a letter as unwrapped text, before facts are derived."""

from __future__ import annotations

import msgspec

from imr_search.model import Doubt


class Draft(msgspec.Struct, frozen=True):
    """One item as printed. `outcome` is upheld, overturned, modified, or "" with W01 when it could not be read."""

    title: str
    treatment: str
    outcome: str
    ca_guideline: str
    guideline: str
    rationale: str
    doubts: tuple[Doubt, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """One letter as printed, without its header table. `doubts` are on the letter as a whole."""

    generation: str
    summary: str
    specialty: tuple[str, ...]
    licensed: tuple[str, ...]
    drafts: tuple[Draft, ...]
    doubts: tuple[Doubt, ...] = ()
