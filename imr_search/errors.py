"""Every error that can reach a user.

    ImrError
    ├── QueryError      exit 2   the query cannot be read; has a code, a place and corrections
    ├── TooExpensiveError    exit 2   a query takes longer than it may; told as E135
    ├── UsageError      exit 2   an option, a file or the configuration cannot be used as given
    ├── IndexError_     exit 3   no index, a damaged one, or one of another version
    ├── RefusedError    exit 4   a build that would have shrunk the index, or where most letters failed
    ├── StorageError    exit 5   no space, or no permission to write
    └── LockedError     exit 75  another build holds the lock

    LetterError                  one letter cannot be read; caught by the build, which goes on

Nothing else is raised at a user. A message says what is wrong, where, and what to type instead, and never quotes a letter.
"""

from __future__ import annotations

import msgspec


class ImrError(Exception):
    """The root: `exit_code` is the process's exit code, `hint` what to type instead (or "")."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Correction(msgspec.Struct, frozen=True):
    """A query to try instead, with the number of items that it finds (None: not counted in time)."""

    query: str
    count: int | None = None


class QueryError(ImrError):
    """A query that cannot be read. `start` and `end` are offsets in characters into `query` as typed."""

    def __init__(
        self,
        code: str,
        message: str,
        query: str,
        start: int,
        end: int | None = None,
        expected: tuple[str, ...] = (),
        corrections: tuple[Correction, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.query = query
        self.start = min(start, len(query))
        self.end = max(self.start, len(query) if end is None else min(end, len(query)))
        self.expected = expected[:7]
        self.corrections = corrections


class UsageError(ImrError):
    exit_code = 2


class TooExpensiveError(ImrError):
    """An engine's: the query takes longer than it may, or would. The library reports it as E135, with its most expensive part."""

    exit_code = 2

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or "it takes too long")
        self.reason = reason


class IndexError_(ImrError):
    """No index, a damaged one (`file` names the damaged file), or one written by another version."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "", file: str = "") -> None:
        super().__init__(message, hint)
        self.file = file


class RefusedError(ImrError):
    exit_code = 4


class StorageError(ImrError):
    exit_code = 5


class LockedError(ImrError):
    exit_code = 75


class LetterError(Exception):
    """One file that gave no letter. `reason` is one of the words in `letters.warnings.FAILURES`; never quotes the text."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(f"{reason}: {where}" if where else reason)
        self.reason = reason
        self.where = where
