"""The configuration file: TOML, every key optional, a mistake named by line and key."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from imr_search import files
from imr_search.errors import UsageError

NAME = "imr-search"
LARGEST_LIMIT = 10_000

_LARGEST = 1 << 20


class Setting(msgspec.Struct, frozen=True):
    """One key of the file, for the reader and for help. `kind` is the type of its TOML value, `takes` says what it may be, `values` closes it."""

    key: str
    kind: type
    takes: str
    help: str
    values: tuple[str, ...] = ()


def table() -> tuple[Setting, ...]:
    """The keys of the file; made when asked for, since most searches read no file. How answers look is set for terminals alone: what goes to a
    pipe or a file never depends on whose machine it is."""
    switch = "true or false"
    return (
        Setting("index", str, 'a folder in quotes, as index = "/srv/imr"', "where the index is"),
        Setting("trust", list, 'a list of user names, as trust = ["clerk"]', "other users whose indexes may be opened"),
        Setting("format", str, "", "the format of answers on a terminal (list)", _formats()),
        Setting(
            "limit", int, f"a whole number, 1 to {LARGEST_LIMIT}", "how many items a terminal shows at a time (20)"
        ),
        Setting("color", str, "", "colours on a terminal (auto); NO_COLOR overrides it", ("auto", "always", "never")),
        Setting("pager", bool, switch, "a pager for answers longer than the screen (true)"),
        Setting("theme", str, "", "the colours of the prompt (auto)", ("auto", "dark", "light", "plain")),
        Setting("keys", str, "", "the keys of the prompt (emacs)", ("emacs", "vi")),
        Setting("history", bool, switch, "whether the prompt keeps a history (true)"),
        Setting("saved", dict, "a table of queries, each in quotes", "saved queries, for @name"),
    )


def _formats() -> tuple[str, ...]:
    """The formats of lines: each is a module of that folder, which need not be loaded to know its name. (A picture is made for one answer.)"""
    folder = Path(__file__).with_name("output") / "formats"
    return tuple(sorted(file.stem for file in folder.glob("[!_]*.py")))


class Settings(msgspec.Struct, frozen=True):
    """The keys of `table()`, at their defaults where the file is silent; `format` "" and `limit` None are the command's own.
    `file` is where all this was read (None: nowhere)."""

    index: Path | None = None
    trust: tuple[str, ...] = ()
    history: bool = True
    format: str = ""
    limit: int | None = None
    color: str = "auto"
    pager: bool = True
    theme: str = "auto"
    keys: str = "emacs"
    saved: Mapping[str, str] = msgspec.field(default_factory=dict)
    file: Path | None = None


def config_file() -> Path:
    """IMR_SEARCH_CONFIG, or config.toml in the user's configuration folder."""
    named = os.environ.get("IMR_SEARCH_CONFIG")
    if named:
        return user_path(named)
    import platformdirs

    return Path(platformdirs.user_config_path(NAME)) / "config.toml"


def user_path(text: str) -> Path:
    """A path as a user types it, ~ and ~name being home folders also where no shell has seen it. Raises UsageError for a home that is not known."""
    found = os.path.expanduser(text)
    if found.startswith("~") and not os.path.lexists(found):
        raise UsageError(f"there is no home folder {text.partition(os.sep)[0]}", "give the whole path, from / on")
    return Path(found)


def data_folder() -> Path:
    """The user's data folder: the index lies below it unless something else is said."""
    import platformdirs

    return Path(platformdirs.user_data_path(NAME))


def cache_folder() -> Path:
    """The user's cache folder: what lies in it can be made again."""
    import platformdirs

    return Path(platformdirs.user_cache_path(NAME))


def read(file: Path | None = None) -> Settings:
    """The settings in `file` (in the user's file; its absence is no mistake). Raises UsageError with line and key."""
    path = config_file() if file is None else file
    if str(path) == os.devnull:
        return Settings(file=path)
    try:
        data = files.read(path, _LARGEST, follow=True)
    except (FileNotFoundError, NotADirectoryError):
        if file is None and not os.environ.get("IMR_SEARCH_CONFIG"):
            return Settings()
        raise UsageError(f"there is no configuration file {path}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"the configuration cannot be read: {path}: {why}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"the configuration is too long: {path}")
    import tomllib

    try:
        text = data.decode("utf-8-sig")  # editors on Windows put a byte order mark in front
        found = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: not UTF-8") from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError of Python's own
        raise UsageError(f"{path}: {error}", "the file is TOML: key = value, text in quotes") from None
    return _settings(path, text, found)


def _settings(path: Path, text: str, found: dict[str, Any]) -> Settings:
    rows = {row.key: row for row in table()}
    for key, value in found.items():
        if key not in rows:
            raise UsageError(
                f"{path}, line {_line(text, key)}: no setting is called {key!r}", _nearest(key, list(rows))
            )
        if not _fits(rows[key], value):
            raise UsageError(f"{path}, line {_line(text, key)}: {key} takes {takes(rows[key])}")
    given = dict(found)
    if "index" in given:
        given["index"] = _index(path, given["index"])
    if "trust" in given:
        given["trust"] = tuple(given["trust"])
    return Settings(**given, file=path)


def takes(row: Setting) -> str:
    """What a key may be set to, in words: its values where it has a list of them."""
    return "one of " + ", ".join(f'"{value}"' for value in row.values) if row.values else row.takes


def _fits(row: Setting, value: Any) -> bool:
    if type(value) is not row.kind:  # TOML's true is no number
        return False
    match value:
        case str():
            return "\0" not in value and (not row.values or value in row.values)
        case list():
            return all(type(one) is str for one in value)
        case dict():
            return all(type(one) is str for one in value.values())
        case bool():
            return True
        case int():
            return 0 < value <= LARGEST_LIMIT
    return False


def _nearest(key: str, known: list[str]) -> str:
    near = get_close_matches(key.lower(), known, 1)
    return f"did you mean {near[0]}?" if near else f"one of: {', '.join(known)}"


def is_address(named: str | Path) -> bool:
    """Does it name a cluster (https://host:9200/imr) rather than a folder? As pathlib writes it, it has one slash less."""
    return re.match(r"https?:[/\\]", str(named)) is not None


def _index(file: Path, named: str) -> Path:
    return Path(named) if is_address(named) else file.parent / user_path(named)


def _line(text: str, key: str) -> int:
    """The line on which `key` (or the table of that name) is set; 1 if it is written in a way that this does not see."""
    found = re.search(rf"^\s*\[?\s*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    return text[: found.end()].count("\n") + 1 if found else 1


def index_folder(option: str | Path | None, settings: Settings | None = None) -> Path:
    """Where the index lies: `option` (--index), else IMR_SEARCH_INDEX, else the configuration, else the user's data folder."""
    named = option or os.environ.get("IMR_SEARCH_INDEX")
    if named:
        return Path(named) if is_address(named) else user_path(str(named)).absolute()
    found = read() if settings is None else settings
    return found.index if found.index is not None else data_folder() / "index"
