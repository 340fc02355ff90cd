"""Search records and saved queries on the command line."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.model import Page

if TYPE_CHECKING:
    from imr_search.cli.search import Request
    from imr_search.library import Library
    from imr_search.options import Options
    from imr_search.records import Record, Replay


def filled(library: Library, request: Request) -> str:
    """The text of --saved NAME with its places filled by --param."""
    from imr_search import saved

    assert request.saved is not None
    values: dict[str, str] = {}
    for given in request.param:
        name, equals, value = given.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--param takes name=value, not {given}", "--param drug=norco")
        values[name.strip()] = value
    return saved.fill(saved.get(request.saved, library.saved), values)


def make(library: Library, page: Page, options: Options) -> Record:
    """The record of an answer that `library` gave."""
    from imr_search import __version__, records
    from imr_search.arranging import arrange
    from imr_search.options import sort_keys

    plan = library.read(page.query, literal=options.literal)
    arranged = arrange(library.searcher, plan.node, plan.stages, sort_keys(options.sort))
    ids = arranged.ids
    if ids is None:
        ids = library.searcher.search(plan.node, arranged.order, None).ids
    manifest = library.opened.manifest
    origin = records.Origin(
        time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        engine_format=manifest.format,
        letters_sha256=manifest.digest,
        parser=manifest.parser,
        vocabulary=manifest.vocabulary,
        version=__version__,
    )
    return records.make(page, options, ids, origin)


def record(library: Library, request: Request, page: Page, options: Options) -> None:
    """Write the record that --record asks for."""
    from imr_search import records

    assert request.record is not None
    records.write(Path(request.record), make(library, page, options))


def replay(request: Request) -> int:
    """Search again what a record holds; 0 when the answer is the same, 1 when it differs."""
    from imr_search import records
    from imr_search.library import Library
    from imr_search.render import data
    from imr_search.render.look import of_terminal
    from imr_search.render.output import to_stdout

    assert request.replay is not None
    before = records.read(Path(request.replay))
    with Library.open(request.index) as library:
        found = again(library, before)
    if request.format in ("json", "jsonl"):
        answer = {"same": found.same, "changes": list(found.changes), "context": list(found.context)}
        to_stdout([data.dump(answer)])
    else:
        look = of_terminal(1, request.color)
        to_stdout(look.clean(line) for line in told(found))
    return 0 if found.same else 1


def again(library: Library, before: Record) -> Replay:
    """Ask the recorded query anew: as it was read, with its relative dates resolved."""
    from imr_search import records

    options = before.options
    page = library.search(before.read_as, options)
    return records.compare(before, make(library, page, options))


def told(found: Replay) -> list[str]:
    verdict = "the answer is the same" if found.same else "the answer differs"
    lines = [f"{verdict}: {found.before.total:,} items on {found.before.time[:10]}, {found.now.total:,} today"]
    return lines + [f"  {line}" for line in (*found.changes, *found.context)]
