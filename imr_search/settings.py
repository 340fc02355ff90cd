"""The configuration file: TOML, every key optional, a mistake named by line and key."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imr_search.errors import UsageError
from imr_search.record import part, record

NAME = "imr-search"
_LARGEST = 1 << 20


@record
class Settings:
    """`index`: where the index lies. `history`: whether the prompt keeps its history. `trust`: further owners whose index may be opened.
    `saved`: queries by name, for `@name`. `file` is where all this was read (None: nowhere)."""

    index: Path | None = None
    history: bool = True
    trust: tuple[str, ...] = ()
    saved: Mapping[str, str] = part(default_factory=dict)
    file: Path | None = None


def config_file() -> Path:
    """IMR_SEARCH_CONFIG, or config.toml in the user's configuration folder."""
    named = os.environ.get("IMR_SEARCH_CONFIG")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_path(NAME)) / "config.toml"


def data_folder() -> Path:
    """The user's data folder: the index lies below it unless something else is said."""
    import platformdirs

    return Path(platformdirs.user_data_path(NAME))


def read(file: Path | None = None) -> Settings:
    """The settings in `file` (in the user's file; its absence is no mistake). Raises UsageError with line and key."""
    path = config_file() if file is None else file
    try:
        with path.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        if file is None and not os.environ.get("IMR_SEARCH_CONFIG"):
            return Settings()
        raise UsageError(f"there is no configuration file {path}") from None
    except OSError as error:
        raise UsageError(f"the configuration cannot be read: {path}: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"the configuration is too long: {path}")
    import tomllib

    try:
        text = data.decode()
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: {error}", "the file is TOML: key = value, text in quotes") from None
    return _settings(path, text, table)


_KINDS: tuple[tuple[str, type, str], ...] = (
    ("index", str, 'a folder in quotes, as index = "/srv/imr"'),
    ("history", bool, "true or false"),
    ("trust", list, 'a list of user names, as trust = ["clerk"]'),
    ("saved", dict, "a table of queries, each in quotes"),
)


def _settings(path: Path, text: str, table: dict[str, Any]) -> Settings:
    kinds = {key: (kind, form) for key, kind, form in _KINDS}
    value: Any
    for key, value in table.items():
        if key not in kinds:
            raise UsageError(
                f"{path}, line {_line(text, key)}: no setting is called {key!r}", f"one of: {', '.join(kinds)}"
            )
        kind, form = kinds[key]
        if type(value) is not kind:
            raise UsageError(f"{path}, line {_line(text, key)}: {key} takes {form}")
        inside: list[Any] = []
        if isinstance(value, dict):
            inside = list(value.values())
        elif isinstance(value, list):
            inside = value
        if not all(type(one) is str for one in inside):
            raise UsageError(f"{path}, line {_line(text, key)}: {key} takes {form}")
    index = table.get("index")
    return Settings(
        index=_index(path, index),
        history=table.get("history", True),
        trust=tuple(table.get("trust", ())),
        saved=table.get("saved", {}),
        file=path,
    )


def is_address(named: str | Path) -> bool:
    """Does it name a cluster (https://host:9200/imr) rather than a folder? As pathlib writes it, it has one slash less."""
    return re.match(r"https?:[/\\]", str(named)) is not None


def _index(file: Path, named: str | None) -> Path | None:
    if named is None or is_address(named):
        return None if named is None else Path(named)
    return file.parent / Path(named).expanduser()


def _line(text: str, key: str) -> int:
    """The line on which `key` (or the table of that name) is set; 1 if it is written in a way that this does not see."""
    found = re.search(rf"^\s*\[?\s*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    return text[: found.end()].count("\n") + 1 if found else 1


def index_folder(option: str | Path | None, settings: Settings | None = None) -> Path:
    """Where the index lies: `option` (--index), else IMR_SEARCH_INDEX, else the configuration, else the user's data folder."""
    named = option or os.environ.get("IMR_SEARCH_INDEX")
    if named:
        return Path(named) if is_address(named) else Path(named).expanduser().absolute()
    found = read() if settings is None else settings
    return found.index if found.index is not None else data_folder() / "index"
