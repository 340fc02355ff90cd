"""Regular expressions that are compiled when they are first used: a one-shot search loads some eighty and uses a third of them."""

from __future__ import annotations

import re
from typing import Any, cast


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, later. A mistake in `text` shows only then."""
    return cast("re.Pattern[str]", _Later(text, flags))


class _Later:
    """Becomes what a compiled pattern is, method by method as they are asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self._made = (text, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)
        return found
