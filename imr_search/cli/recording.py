"""Search records and saved queries on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imr_search.errors import UsageError
from imr_search.model import Page
from imr_search.output import data, record_document
from imr_search.output.request import Request, patience
from imr_search.output.streams import to_stdout
from imr_search.output.terminal import of_terminal
from imr_search.query import saved
from imr_search.searching import records
from imr_search.searching.library import Library
from imr_search.settings import user_path

if TYPE_CHECKING:
    from imr_search.searching.library import Library
    from imr_search.searching.records import Replay
    from imr_search.searching.search_options import Options


def filled(library: Library, request: Request) -> str:
    """The text of --saved NAME with its places filled by --param."""

    assert request.saved is not None
    values: dict[str, str] = {}
    for given in request.param:
        name, equals, value = given.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--param takes name=value, not {given}", "--param drug=norco")
        values[name.strip()] = value
    return saved.fill(saved.get(request.saved, library.saved), values)


def record(library: Library, request: Request, page: Page, options: Options) -> None:
    """Write the record that --record asks for."""

    assert request.record is not None
    record_document.write(user_path(request.record), library.record(page, options))


def replay(request: Request) -> int:
    """Search again what a record holds; 0 when the answer is the same, 1 when it differs."""

    assert request.replay is not None
    before = records.read(user_path(request.replay))
    with Library.open(request.index) as library:
        found = library.replay(before, patience(request))
    if request.format in ("json", "jsonl"):
        answer = {"same": found.same, "changes": list(found.changes), "context": list(found.context)}
        to_stdout([data.dump(answer)])
    else:
        look = of_terminal(1, request.color)
        to_stdout(look.clean(line) for line in told(found))
    return 0 if found.same else 1


def told(found: Replay) -> list[str]:
    verdict = "the answer is the same" if found.same else "the answer differs"
    lines = [f"{verdict}: {found.before.total:,} items on {found.before.time[:10]}, {found.now.total:,} today"]
    return lines + [f"  {line}" for line in (*found.changes, *found.context)]
