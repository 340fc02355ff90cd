"""The search record: one file to attach to a declaration, and the question whether today's answer is still the same.

A record holds what was asked (as typed and as read, with relative dates resolved), of which index (generation, digest of the letters), by which
versions, when, and what came of it: counts, the ids in order, and a digest of everything that was shown.
"""

from __future__ import annotations

import html
import json
import platform
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from imr_search import files
from imr_search.documents import to_json
from imr_search.errors import UsageError
from imr_search.model import Page
from imr_search.searching.search_options import Options

SCHEMA = 1
LONGEST = 10_000  # ids written out; of more, their digest alone says whether they are the same
NAMED = 10  # ids named when they differ

_KEY = "imr_search_record"
_LARGEST = 32 << 20  # bytes of a record file


class Record(msgspec.Struct, frozen=True):
    """`ids` are all items of the answer in order, the first LONGEST of them; `ids_sha256` is of all of them, sorted. `shown_sha256` is of what the
    page showed: items with their evidence, or the report. `letters_sha256` is the index's digest of its letters."""

    time: str
    query: str
    read_as: str
    limit: int | None
    offset: int
    sort: str
    columns: str
    snippets: int | None
    engine: str
    engine_format: str
    generation: int
    letters_sha256: str
    index_letters: int
    index_items: int
    version: str
    parser: str
    vocabulary: str
    python: str
    total: int
    letters: int
    overturned: int
    modified: int
    upheld: int
    ids: tuple[str, ...]
    ids_sha256: str
    shown_sha256: str
    notices: tuple[str, ...]

    @property
    def options(self) -> Options:
        """The options to ask again with."""
        return Options(self.limit, self.offset, self.sort, self.columns, self.snippets)


class Origin(msgspec.Struct, frozen=True):
    """Where an answer came from, besides what its page says: from the index's manifest and from the clock (UTC, ISO)."""

    time: str
    engine_format: str
    letters_sha256: str
    parser: str
    vocabulary: str
    version: str


def make(page: Page, options: Options, ids: Sequence[str], origin: Origin) -> Record:
    """The record of an answer; `ids` are all its items in order. The page's tally is needed."""
    tally = page.tally
    return Record(
        time=origin.time,
        query=page.query,
        read_as=page.read_as,
        limit=options.limit,
        offset=options.offset,
        sort=options.sort,
        columns=options.columns,
        snippets=options.snippets,
        engine=page.index.engine,
        engine_format=origin.engine_format,
        generation=page.index.generation,
        letters_sha256=origin.letters_sha256,
        index_letters=page.index.letters,
        index_items=page.index.items,
        version=origin.version,
        parser=origin.parser,
        vocabulary=origin.vocabulary,
        python=platform.python_version(),
        total=page.total,
        letters=(tally.letters or 0) if tally else 0,
        overturned=tally.overturned if tally else 0,
        modified=tally.modified if tally else 0,
        upheld=tally.upheld if tally else 0,
        ids=tuple(ids[:LONGEST]),
        ids_sha256=_digest(sorted(ids)),
        shown_sha256=_digest(_shown(page)),
        notices=tuple(f"{notice.code} {notice.text}" for notice in page.notices),
    )


def _shown(page: Page) -> Any:
    """What a reader saw, without the scores, which an engine may round otherwise."""
    if page.report is not None:
        report = page.report  # its rows as data have them: what is not rounded may differ in its last digit elsewhere
        return {"kind": report.kind, "columns": list(report.columns), "rows": [list(row) for row in report.rows]}
    return [
        [to_json(hit.item), [[found.field, found.sentence, found.text] for found in hit.evidence]] for hit in page.hits
    ]


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def write(path: Path, record: Record) -> None:
    """Write the record as JSON, mode 0600, whole or not at all. Raises StorageError."""
    files.write(path, (to_bytes(record),))


def to_bytes(record: Record) -> bytes:
    """The record as JSON."""
    found = {_KEY: SCHEMA, **msgspec.to_builtins(record)}
    return json.dumps(found, ensure_ascii=True, indent=1).encode() + b"\n"


def read(path: Path) -> Record:
    """The record in a file, which may be anybody's: bounded, and every value of its kind. It may stand inside Markdown or HTML.
    Raises UsageError."""
    data = files.load(path, _LARGEST, "search record")
    try:
        found = json.loads(_embedded(data))
        if not isinstance(found, dict) or found.pop(_KEY, None) != SCHEMA:
            raise UsageError(f"{path} is not a search record of this version")
        return Record(**{name: _typed(name, value) for name, value in found.items()})
    except (ValueError, TypeError, RecursionError) as error:
        raise UsageError(f"{path} is not a complete search record") from error


def _embedded(data: bytes) -> bytes:
    """The JSON of a record, which a document for people holds at its end."""
    for opened, closed in ((b"\n```json\n", b"\n```"), (b"<pre>", b"</pre>")):
        _, found, rest = data.rpartition(opened)
        if found and not data.lstrip().startswith(b"{"):
            text, _, _ = rest.partition(closed)
            return html.unescape(text.decode()).encode() if opened == b"<pre>" else text
    return data


_NUMBERS = frozenset(
    ("offset", "generation", "index_letters", "index_items", "total", "letters", "overturned", "modified", "upheld")
)
_LISTS = frozenset(("ids", "notices"))
_LARGEST_NUMBER = 10**12


def _typed(name: str, value: Any) -> Any:
    if name in ("limit", "snippets") and value is None:
        return None
    if name in _NUMBERS or name in ("limit", "snippets"):
        if type(value) is not int or not 0 <= value <= _LARGEST_NUMBER:
            raise TypeError(name)
        return value
    if name in _LISTS:
        if type(value) is not list or not all(type(one) is str for one in value):
            raise TypeError(name)
        return tuple(value)
    if type(value) is not str:
        raise TypeError(name)
    return value


class Replay(msgspec.Struct, frozen=True):
    """`same`: the answer is what it was. `changes`: how the answer differs; `context`: what else is not as it was (index, versions)."""

    same: bool
    changes: tuple[str, ...]
    context: tuple[str, ...]
    before: Record
    now: Record


def compare(before: Record, now: Record) -> Replay:
    """What has changed between two records of one query, in sentences."""
    changes: list[str] = []
    for name, noun in (
        ("total", "items"),
        ("letters", "letters"),
        ("overturned", "overturned"),
        ("modified", "modified"),
        ("upheld", "upheld"),
    ):
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            changes.append(f"{noun}: {old:,} then, {new:,} now")
    if before.ids_sha256 != now.ids_sha256:
        whole = before.total == len(before.ids) and now.total == len(now.ids)
        changes += _moved(before.ids, now.ids) if whole else ["the items found are not the same"]
    elif before.ids != now.ids:
        changes.append("the same items, in another order")
    elif before.shown_sha256 != now.shown_sha256:
        changes.append("the same items, but what is shown of them differs")
    if before.read_as != now.read_as:
        changes.append(f"the query is read differently: {now.read_as}")
    context = [
        f"{noun}: {getattr(before, name)} then, {getattr(now, name)} now"
        for name, noun in (
            ("generation", "generation of the index"),
            ("index_letters", "letters in the index"),
            ("index_items", "items in the index"),
            ("engine_format", "engine"),
            ("version", "imr-search"),
            ("parser", "reading of letters"),
            ("vocabulary", "vocabulary"),
        )
        if getattr(before, name) != getattr(now, name)
    ]
    if before.letters_sha256 != now.letters_sha256:
        context.append("the letters of the index are not the same")
    return Replay(not changes, tuple(changes), tuple(context), before, now)


def _moved(before: tuple[str, ...], now: tuple[str, ...]) -> list[str]:
    """Which items came and which went."""
    lines = []
    for what, ids in (
        ("no longer found", sorted(set(before) - set(now))),
        ("newly found", sorted(set(now) - set(before))),
    ):
        if ids:
            more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
            lines.append(f"{what}: {', '.join(ids[:NAMED])}{more}")
    return lines
