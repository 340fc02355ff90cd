"""What imr-index prints of an index: how far a build is (a bar on a terminal, a line every ten seconds elsewhere; on standard error), and how an
index stands."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from imr_search.output.messages import say
from imr_search.output.safety import clean

if TYPE_CHECKING:
    from imr_search.indexing import Progress
    from imr_search.indexing.maintenance import Status


EVERY = 10.0  # seconds between two lines


@contextmanager
def watching(quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """What a build is given as its `progress`."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as watch:
            yield watch
    else:
        yield _lines()


def _lines() -> Callable[[Progress], None]:
    started = said = time.monotonic()

    def watch(now: Progress) -> None:
        nonlocal said
        if time.monotonic() - said >= EVERY:
            said = time.monotonic()
            say(f"{now.done:,} of {now.total:,} letters, failed {now.failed:,}, {now.done / (said - started):,.0f}/s")

    return watch


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    bar: Any = None
    started = time.monotonic()
    failed = shown = 0

    def about(_: object) -> str:
        rate = shown / max(time.monotonic() - started, 0.001)
        return f"{rate:,.0f} letters/s" + (f", failed {failed:,}" if failed else "")

    def watch(now: Progress) -> None:
        nonlocal bar, failed, shown
        failed = now.failed
        if bar is None:
            if not now.total:
                return
            bar = click.progressbar(
                length=now.total, label="letters", show_pos=True, show_eta=True, item_show_func=about, file=sys.stderr,
                update_min_steps=max(1, now.total // 500),
            )  # fmt: skip
            bar.__enter__()
        step, shown = now.done - shown, now.done
        bar.update(step, now)

    try:
        yield watch
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def status_json(found: Status) -> dict[str, Any]:
    told = found.manifest
    return {
        "index": str(found.folder),
        "engine": told.engine,
        "generation": told.generation,
        "built": told.created,
        "letters": told.letters,
        "items": told.items,
        "first_decision": found.first,
        "last_decision": found.last,
        "bytes": found.size,
        "files": told.files,
        "failed": told.failures,
        "shared": told.shared,
        "digest": told.digest,
        "roots": list(told.roots),
        "missing_roots": list(found.missing),
        "outdated": found.outdated or None,
        "problem": found.problem or None,
        "notes": list(found.notes),
    }


def status_lines(facts: dict[str, Any]) -> list[str]:
    rows = [
        ("index", facts["index"]),
        ("engine", facts["engine"]),
        ("generation", f"{facts['generation']}, built {facts['built']}"),
        ("letters", f"{facts['letters']:,}"),
        ("items", f"{facts['items']:,}"),
        (
            "decided",
            f"{facts['first_decision']} to {facts['last_decision']}" if facts["first_decision"] else "no dates",
        ),
        ("size", f"{facts['bytes'] / 1e6:,.1f} MB"),
        (
            "files",
            f"{facts['files']:,}, of them failed {facts['failed']:,}"
            + (" (imr-index failed)" if facts["failed"] else ""),
        ),
        ("readable by", "you and your group" if facts["shared"] else "you alone"),
    ]
    rows += [
        ("letters in", root + (" (not there now)" if root in facts["missing_roots"] else "")) for root in facts["roots"]
    ]
    rows += [("note", note) for note in facts["notes"]]
    if facts["outdated"]:
        rows.append(("outdated", f"{facts['outdated']}; imr-index build reads the letters again"))
    return [f"{name:<12} {clean(str(value))}" for name, value in rows]
