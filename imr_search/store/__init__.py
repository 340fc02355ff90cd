"""Where an index lies and what keeps it whole: generations, manifest, lock, ledger, damage (see index-life in SECURITY.md)."""

from __future__ import annotations

from imr_search.store.generations import Current, current
from imr_search.store.manifest import Manifest
from imr_search.store.opening import Opened, locate, open_index, pinned

__all__ = ["Current", "Manifest", "Opened", "current", "locate", "open_index", "pinned"]
