"""The history of the prompt: the user's own file, readable by nobody else, and silent when asked to be."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory

from imr_search.errors import StorageError


class History(FileHistory):
    """Failed queries are kept: they are what one wants to mend. With `private` set nothing is written down."""

    def __init__(self, path: Path) -> None:
        self.private = False
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
            os.chmod(path, 0o600)
        except OSError as problem:
            raise StorageError(f"the history cannot be written: {path}: {problem.strerror}") from problem
        super().__init__(str(path))

    def load_history_strings(self) -> Iterable[str]:
        """The newest entries first, each once."""
        seen: set[str] = set()
        for text in super().load_history_strings():
            if text not in seen:
                seen.add(text)
                yield text

    def store_string(self, string: str) -> None:
        if not self.private and string.strip() not in (".private", ".quit"):
            super().store_string(string)
