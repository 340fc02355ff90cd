"""How far a build is: a bar on a terminal, a line every ten seconds elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from imr_search.output.failures import say

if TYPE_CHECKING:
    from imr_search.indexing import Progress

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
