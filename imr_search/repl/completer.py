"""Completion: of commands from their table, of queries from the grammar and the index. It runs in a thread and never holds up a key."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

import msgspec
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from imr_search.errors import ImrError
from imr_search.fields import table
from imr_search.output import formats
from imr_search.output.safety import clean, insertable
from imr_search.plan import Node
from imr_search.query.completion import complete
from imr_search.query.saved import queries
from imr_search.repl.background import BackgroundSearcher
from imr_search.repl.commands import COMMANDS, Command, command
from imr_search.repl.partial_query import read_partial, word_at_end
from imr_search.searching.library import Library
from imr_search.stages import STYLES

if TYPE_CHECKING:
    from imr_search.query.completion import Completion as Found

MOST = 100
_FEW = 8  # completions below which those are looked for that are only alike
_SCANNED = 2_000  # values among which they are looked for
_SHORT = 0.05  # seconds that counting inside the rest of the query may take


def _clause_at_end(text: str) -> int | None:
    """Where field:value begins whose value the end of `text` stands in; None elsewhere."""
    found = read_partial(text)
    held = list(found.tokens)
    if found.quote is None and held and held[-1].kind == "WORD" and held[-1].end == len(text):
        held.pop()
    if not held or held[-1].kind != "FIELD" or (found.quote is None and text[held[-1].end :].count(" ") > 1):
        return None
    return held[-2].start if len(held) > 1 and held[-2].kind == "MINUS" else held[-1].start


def _spread(typed: str, text: str) -> int | None:
    """How far apart the typed letters stand in `text`, the first of them at the beginning of a word; None if they do not stand there in their
    order."""
    best: int | None = None
    for begin in (at for at, char in enumerate(text) if char == typed[0] and (at == 0 or not text[at - 1].isalnum())):
        at = begin
        for char in typed[1:]:
            at = text.find(char, at + 1)
            if at < 0:
                break
        else:
            best = at - begin if best is None else min(best, at - begin)
    return best


class QueryCompleter(Completer):
    """What may stand at the cursor, with a gloss, and with counts where the index knows them."""

    def __init__(self, background: BackgroundSearcher) -> None:
        self._background = background
        self._asked = 0
        self._slow = 0
        self._resume = 0.0  # until then counts are those of the whole index
        self._count = Lock()

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        if text.lstrip().startswith("."):
            yield from self._command(text)
            return
        yield from self._query(document.text, document.cursor_position)

    def _query(self, text: str, cursor: int) -> Iterator[Completion]:
        with self._count:
            self._asked += 1
            mine = self._asked
        if not text.strip():
            return
        found: list[Found] = []
        for _ in range(2):  # a stop that was meant for older work may hit this one: then once more
            try:
                found = self._ask(text, cursor, mine)
            except KeyboardInterrupt:
                continue
            except Exception:
                return  # the user is typing: whatever went wrong, the answer will say it better
            break
        for one in found[:MOST]:
            inserted = insertable(one.text)
            if inserted is None:
                continue
            count = "" if one.count is None else f"{one.count:,}"
            meta = clean("  ".join(part for part in (one.gloss, count) if part))
            yield Completion(inserted, start_position=one.start - cursor, display=inserted.strip(), display_meta=meta)

    def _ask(self, text: str, cursor: int, mine: int) -> list[Found]:
        self._background.interrupt()
        with self._background.use() as library:
            if mine != self._asked:
                return []  # a newer key was pressed meanwhile
            within = self._rest(library, text, cursor)
            found = complete(text, cursor, library.searcher, within, library.saved)
            if len(found) < _FEW:
                found += self._alike(library, text[:cursor], within, {one.text for one in found})
            return found

    @staticmethod
    def _alike(library: Library, text: str, within: Node | None, there: Container[str]) -> list[Found]:
        """Fields, values and reports that hold the typed letters in their order, though not at their beginning: tmt is treatment:."""

        start = word_at_end(text)
        typed = text[start:].lower().lstrip('"@')
        if len(typed) < 2 or not typed.isalnum():
            return []
        before = text[:start].rstrip("-")  # a minus alone cannot be read
        offered = complete(before, len(before), library.searcher, within, library.saved, _SCANNED)
        ranked = [
            (spread, number, msgspec.structs.replace(one, start=start))
            for number, one in enumerate(offered)
            if one.kind != "word" and one.text not in there and (spread := _spread(typed, one.text.lower())) is not None
        ]
        return [one for _, _, one in sorted(ranked, key=lambda found: found[:2])][:_FEW]

    def _rest(self, library: Library, text: str, cursor: int) -> Node | None:
        """What the rest of the query finds, to count a value's items within it; None where that is nothing or took too long before."""
        start = _clause_at_end(text[:cursor])
        if start is None or monotonic() < self._resume:
            return None
        rest = f"{text[:start]} {text[cursor:]}".strip().strip("-")
        if not rest:
            return None
        began = monotonic()
        try:
            node = library.read(rest).node
            library.searcher.count(node)
        except ImrError:
            return None
        taken = monotonic() - began
        if taken > _SHORT:
            self._slow += 1
            if self._slow > 1:  # the first time everything is cold
                self._resume = monotonic() + 20 * taken
                return None
        return node

    def _command(self, text: str) -> Iterator[Completion]:
        head = text.lstrip()
        name, space, rest = head.partition(" ")
        if not space:
            for row in COMMANDS:
                if row.name.startswith(name):
                    yield Completion(row.name, start_position=-len(name), display_meta=row.help)
            return
        known = command(name)
        if known is None:
            return
        word = rest.rpartition(" ")[2]
        last = word.rpartition(",")[2]
        if known.takes == "query":
            yield from self._query(rest, len(rest))
            return
        for value, meta in self._values(known, rest):
            if value.startswith(last) and insertable(value) == value:
                yield Completion(value, start_position=-len(last), display_meta=clean(meta))

    def _values(self, row: Command, rest: str) -> Iterator[tuple[str, str]]:
        match row.takes:
            case "field":
                for field in table():
                    if not field.hidden:
                        yield field.key, field.help
            case "format":
                yield from ((name, formats.get(name).help) for name in formats.line_names())
            case "command":
                yield from ((other.name.lstrip("."), other.help) for other in COMMANDS)
                yield from ((topic, "") for topic in ("queries", "reports", "settings"))
                yield from ((field.key, field.help) for field in table() if not field.hidden)
            case "saved":
                try:
                    yield from sorted(queries().items())
                except ImrError:
                    return
            case "setting" if " " not in rest:
                from imr_search.repl.commands.session_commands import SETTINGS

                yield from SETTINGS.items()
            case "setting":
                from imr_search.repl.commands.session_commands import VALUES

                name, _, value = rest.partition(" ")
                if name == "sort":
                    yield from (
                        (field.key, field.help) for field in table() if not field.positional and not field.hidden
                    )
                elif " " not in value:
                    yield from ((one, "") for one in VALUES.get(name, ()))
            case "style" if rest.count(" ") == 1:
                yield from ((style, "") for style in STYLES)
