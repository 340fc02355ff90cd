"""Where the prompt's answers go instead of the screen: to the end of a file, or through a command."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from imr_search import files, settings
from imr_search.errors import UsageError
from imr_search.output import formats, streams


class Destination(msgspec.Struct, frozen=True):
    """A file (`path`) or a shell's `command`. `format` is what the file's ending asks for, "" where it asks for nothing."""

    path: Path | None = None
    command: str = ""
    format: str = ""

    def __str__(self) -> str:
        return f"| {self.command}" if self.path is None else str(self.path)

    def write(self, content: Iterator[str] | bytes, shape: formats.Format | None = None) -> None:
        """An answer in the form of `shape`; without one, lines of text. Raises StorageError."""
        end = shape.line_end if shape is not None else "\n"
        if self.path is None:
            self._pipe(content if isinstance(content, bytes) else b"".join(streams.encoded(content, end)))
        elif isinstance(content, bytes):
            files.write(self.path, [content])
        else:
            self._append(self.path, content, end, shape is not None and shape.mark)

    @staticmethod
    def _append(path: Path, lines: Iterator[str], end: str, mark: bool) -> None:
        """Only the user may read a file that is made here. The byte order mark stands at a file's beginning alone."""
        fresh = mark and not _size(path) and not files.is_stream(path)
        files.append(path, b"".join(streams.encoded(lines, end, fresh)))

    def _pipe(self, data: bytes) -> None:
        process = subprocess.Popen(self.command, shell=True, stdin=subprocess.PIPE)
        try:
            process.communicate(data)
        except KeyboardInterrupt:
            process.wait()


def destination(argument: str) -> Destination:
    """What is typed behind .once and .out: a file's name, in quotes if one likes, or | and a command. Raises UsageError, StorageError."""
    if argument.startswith("|"):
        command = argument[1:].strip()
        if not command:
            raise UsageError("which command?", ".once | wc -l")
        return Destination(command=command)
    path = file_name(argument)
    found = Destination(path, format=_of_ending(path))
    if not formats.binary(found.format):
        found.write(iter(()))  # that it cannot be written is said now, and not when the answer is there
    return found


def file_name(argument: str) -> Path:
    """A file's name as it is typed at the prompt: quotation marks around it are not part of it, and ~ is the home folder."""
    text = argument.strip()
    if text[:1] in ("'", '"'):
        try:
            parts = shlex.split(text)
        except ValueError:
            raise UsageError("a quotation mark is never closed", '.once "my answers.csv"') from None
        if len(parts) != 1:
            raise UsageError("that is more than one file", '.once "my answers.csv"')
        text = parts[0]
    if "\0" in text:
        raise UsageError("a file's name cannot hold a NUL character")
    return settings.user_path(text)


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _of_ending(path: Path) -> str:
    try:
        found = formats.of_file(str(path)) or ""
        return "" if found == "list" else found  # .txt is any text, and so in the format that was chosen
    except UsageError:
        return ""  # any ending will do for an answer that one appends to one's notes
