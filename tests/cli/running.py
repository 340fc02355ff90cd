"""How tests run the command."""

from __future__ import annotations

from collections.abc import Callable

Run = Callable[..., tuple[int, str, str]]  # arguments: exit code, standard output, standard error
