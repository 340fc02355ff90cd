"""Saved queries: a name for a query, with {places} that are filled by one quoted term each and never by syntax.

They lie in two places: the table [saved] of the configuration, written by hand, and saved.toml in the user's data folder, written by `.save`. Of
two with one name the second counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from imr_search import files, settings
from imr_search.errors import UsageError

LONGEST = 10_000  # characters of a query, as everywhere
MOST = 1_000

_LARGEST = 1 << 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
# Compiled by re when first needed: few searches are of saved queries.
_PLACE = r"\{([A-Za-z_][A-Za-z0-9_-]{0,63})\}"
_QUOTES = '["\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02\u301d\u301e\u301f]'
_NUMBER = r"(?:#?\d+(?:[-/.]\d+)*|last-\d+[dwmy])\Z"


def file() -> Path:
    """Where `.save` writes."""
    return settings.data_folder() / "saved.toml"


def queries(path: Path | None = None) -> dict[str, str]:
    """All saved queries by name. Raises UsageError when a file of them cannot be understood."""
    return {**settings.read().saved, **own(path)}


def own(path: Path | None = None) -> dict[str, str]:
    """Those that `.save` wrote."""
    path = file() if path is None else path
    if not path.exists():
        return {}
    import tomllib

    try:
        found = tomllib.loads(files.load(path, _LARGEST, "file of saved queries").decode())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the saved queries cannot be read: {path}: {error}") from None
    if len(found) > MOST:
        raise UsageError(f"there are more than {MOST:,} saved queries in {path}")
    for name, text in found.items():
        if not _NAME.match(name) or type(text) is not str or len(text) > LONGEST:
            raise UsageError(f"the saved queries cannot be read: {path}: {name[:64]!r} is not a named query")
    return found


def save(name: str, text: str, path: Path | None = None) -> None:
    """Keep `text` under `name`, in the place of what had the name. Raises UsageError, StorageError."""
    if not _NAME.match(name):
        raise UsageError(
            f"{name[:64]!r} cannot be a name", "use letters, digits, _ and -, starting with a letter: lumbar_mri"
        )
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        raise UsageError(f"a saved query has 1 to {LONGEST:,} characters")
    found = own(path)
    if name not in found and len(found) >= MOST:
        raise UsageError(f"there are {MOST:,} saved queries already", ".drop NAME deletes one")
    _write({**found, name: text}, path)


def drop(name: str, path: Path | None = None) -> None:
    """Forget a query that `.save` kept. Raises UsageError when there is none of that name."""
    found = own(path)
    if name not in found:
        hint = "it is defined in the configuration file" if name in settings.read().saved else _nearest(name, found)
        raise UsageError(f"no saved query is called {name[:64]}", hint)
    del found[name]
    _write(found, path)


def _write(found: Mapping[str, str], path: Path | None) -> None:
    path = file() if path is None else path
    lines = "".join(f"{name} = {_toml(text)}\n" for name, text in sorted(found.items()))
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.replace(path, lines.encode())


def _toml(text: str) -> str:
    """A TOML basic string. JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def get(name: str, found: Mapping[str, str]) -> str:
    """The query of that name among `found`. Raises UsageError with the nearest name."""
    if name not in found:
        raise UsageError(f"no saved query is called {name[:64]}", _nearest(name, found))
    return found[name]


def _nearest(name: str, found: Mapping[str, str]) -> str:
    near = get_close_matches(name, list(found), 1)
    return f"did you mean {near[0]}?" if near else ""


def places(text: str) -> tuple[str, ...]:
    """The names of the places in a saved query, in order, each once."""
    return tuple(dict.fromkeys(re.findall(_PLACE, text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The query with every {name} replaced by its value as one quoted term; inside quotes by the value alone. A number or date stands
    without quotes, so that it can follow >= and stand beside "..". Whatever a value holds, it cannot end its quotes.

    Raises UsageError for a place without a value, a value without a place, and an empty value.
    """
    named = places(text)
    missing = [name for name in named if name not in values]
    if missing:
        raise UsageError(f"the saved query needs {', '.join(missing)}", f"--param {missing[0]}=VALUE")
    strange = [name for name in values if name not in named]
    if strange:
        raise UsageError(
            f"the saved query has no placeholder {{{strange[0][:64]}}}", f"it has {', '.join(named)}" if named else ""
        )
    pieces: list[str] = []
    at = 0
    for match in re.finditer(_PLACE, text):
        pieces.append(text[at : match.start()])
        value = " ".join(re.sub(_QUOTES, " ", values[match[1]]).split())
        value = "".join(char for char in value if char.isprintable())
        if not value:
            raise UsageError(f"the value of {match[1]} is empty")
        inside = len(re.findall(_QUOTES, text[: match.start()])) % 2 == 1
        pieces.append(value if inside or re.match(_NUMBER, value) else f'"{value}"')
        at = match.end()
    return "".join([*pieces, text[at:]])
