"""What a build is asked, and what it says of itself while it runs and when it is done."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

WHOOSH_ITEMS = 2_000
"""Items up to which `auto` makes an index with Whoosh: beyond, a build takes more than about 15 s, and a phrase of common words 0.1 s."""


class BuildOptions(msgspec.Struct, frozen=True):
    """As on the command line; `shared` None: as the index is. `forget`: roots to take out. `limit`: items up to which `auto` is the small engine,
    and that wait until it is settled. `expected`: so many letters were there, by what could be read of a damaged index."""

    full: bool = False
    engine: str = "auto"
    allow_shrink: bool = False
    force: bool = False
    shared: bool | None = None
    workers: int | None = None
    forget: tuple[str, ...] = ()
    limit: int = WHOOSH_ITEMS
    expected: int = 0


class Progress(msgspec.Struct, frozen=True):
    """`done` of `total` files have been read, `failed` of them in vain."""

    done: int
    total: int
    failed: int


class Failure(msgspec.Struct, frozen=True):
    """A file that gave no letter: `file` as seen from `root`, and why."""

    root: str
    file: str
    reason: str
    detail: str = ""


class Built(msgspec.Struct, frozen=True):
    """`read`: files read and understood in this run; `unchanged`: files of the index that were not read again; `failed`: files that give no letter;
    `failures` holds the first of them; `kept`: files that could not be read just now, of which the index keeps what it held; they are none of those.
    `letters` and `items`: what the index holds. `published`: is there a new generation?"""

    read: int
    unchanged: int
    failed: int
    letters: int
    items: int
    seconds: float
    generation: int
    engine: str
    published: bool
    failures: tuple[Failure, ...] = ()
    notices: tuple[str, ...] = ()
    kept: int = 0


Watch = Callable[[Progress], None]
