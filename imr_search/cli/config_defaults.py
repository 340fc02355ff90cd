"""What the configuration says of answers on a terminal, under what the command line and the environment say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from imr_search import settings
from imr_search.output import formats

_UNSEEN = ("output", "batch", "replay")  # written to a file, or the answers of a script


def config_defaults(given: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The fields of a Request that the user's settings fill, for standard output on a terminal. Raises UsageError for a broken configuration."""
    if any(given.get(name) is not None for name in _UNSEEN):
        return {}
    found = settings.read()
    filled: dict[str, Any] = {}
    if not environment.get("NO_COLOR"):
        filled["color"] = found.color
    if not found.pager:
        filled["pager"] = False
    if found.format and not given.get("count"):
        filled["format"] = found.format
    one_shot = given.get("query") or given.get("saved")
    bounded = not formats.get(
        given.get("format") or found.format or "list"
    ).every  # those give all items, unless -n says otherwise
    if found.limit is not None and not given.get("all") and (bounded or not one_shot):
        filled["limit"] = found.limit
    return filled
