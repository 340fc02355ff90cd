"""The history of the prompt: the user's own file, readable by nobody else, and silent when asked to be."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import History as _History

from imr_search import files
from imr_search.errors import ImrError, StorageError

_LARGEST = 16 << 20  # bytes; of a longer file the end is read


class History(_History):
    """Failed queries are kept: they are what one wants to mend. With `private` set nothing is written down.

    The file is prompt_toolkit's: each entry is a comment with the time, and lines that begin with "+". `trouble` says why an entry could not be
    kept (a full disk, say); the prompt goes on without.
    """

    def __init__(self, path: Path) -> None:
        self.private = False
        self.trouble = ""
        self._path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.append(path, b"", own=True)
        except OSError as problem:
            raise StorageError(f"the history cannot be written: {path}: {problem.strerror}") from problem
        super().__init__()

    def load_history_strings(self) -> Iterable[str]:
        """The newest entries first, each once."""
        seen: set[str] = set()
        for text in reversed(self._entries()):
            if text not in seen:
                seen.add(text)
                yield text

    def _entries(self) -> list[str]:
        try:
            data = files.read_end(self._path, _LARGEST)
        except OSError:
            return []
        found: list[str] = []
        lines: list[str] = []
        for line in [*data.decode("utf-8", "replace").split("\n"), ""]:
            if line.startswith("+"):
                lines.append(line[1:])
            elif lines:
                found.append("\n".join(lines))
                lines = []
        return found

    def store_string(self, string: str) -> None:
        if self.private or string.strip() in (".private", ".quit"):
            return
        entry = "".join(f"+{line}\n" for line in string.split("\n"))
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        try:
            files.append(self._path, f"\n# {when}\n{entry}".encode("utf-8", "replace"), own=True)
        except ImrError as problem:
            self.trouble = problem.message
