"""What a session knows and can do: ask, show, remember. The commands and the loop stand on it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

import msgspec

from imr_search.errors import ImrError, QueryError, UsageError
from imr_search.model import Hit, Item, Notice, Page
from imr_search.output import formats, messages, pager, streams, wording
from imr_search.output.formats import Manner
from imr_search.output.terminal import Terminal, has_links, of_terminal
from imr_search.repl.background import BackgroundSearcher
from imr_search.repl.choice import choice
from imr_search.repl.destination import Destination
from imr_search.searching.evidence import evidence
from imr_search.searching.library import Library
from imr_search.searching.search_options import LIMIT, SNIPPETS, TIMEOUT, Options
from imr_search.store.originals import source_file

if TYPE_CHECKING:
    from imr_search.repl.history import History

_T = TypeVar("_T")
_PAGE_WIDTH = 100  # columns of a text that goes to a file
_TAKEN = ("--as-fields runs it", "Ctrl-T takes it")  # what is an option of the command is a key here
_NAMED = "items are named as in CM15-0012345 #2"
_PATIENCE = 3.0  # seconds that an interrupted search may take to stop before it is left to itself


class Stopped(Exception):
    """A search was stopped by Ctrl-C."""


class _Stale(Stopped):
    """A search was stopped, and not by the user."""


class Session:
    """One session. `queries` are those that answered, the last one last; results are numbered as they were shown."""

    def __init__(self, opener: Callable[[], Library], color: str = "auto", history: History | None = None) -> None:
        self._opener = opener
        self._color = color
        self._history = history
        self.library = opener()
        self.background = BackgroundSearcher(opener)
        self.queries: list[str] = []
        self.watched: dict[str, int] = {}
        self.format, self.columns, self.sort = "list", "", ""
        self.limit, self.snippets = LIMIT, SNIPPETS
        self.timeout = int(TIMEOUT)  # seconds that a query may take; 0: no end
        self.timer, self.pager, self.vi, self.theme = True, True, False, "auto"
        self.out: Destination | None = None
        self.once: Destination | None = None
        self.prefill = ""
        self.offers: tuple[
            str, ...
        ] = ()  # queries that the last answer or error offered in place of the one that was asked
        self._page: Page | None = None
        self._explained = False
        self._told: tuple[Notice, ...] = ()

    # -- the screen

    @property
    def look(self) -> Terminal:
        """How an answer is to look where it goes: on the screen as that is, elsewhere without colours and of a fixed width."""
        if self.destination is not None:
            return Terminal(width=_PAGE_WIDTH)
        found = of_terminal(1, self._color)
        found = msgspec.structs.replace(found, color=False) if self.theme == "plain" else found
        return msgspec.structs.replace(found, target=self._target) if has_links() and found.color else found

    @property
    def destination(self) -> Destination | None:
        """Where the next answer goes; None for the screen."""
        return self.once or self.out

    def say(self, line: str) -> None:
        """One line to the user, whatever `.out` says."""
        screen = of_terminal(1, self._color)
        streams.to_stdout(screen.wrap(screen.clean(line), "", "    ", columns=screen.width) or [""])

    def complain(self, problem: ImrError) -> None:
        """An error on the screen; what it offers instead can be taken by a key."""
        self.offers = tuple(one.query for one in problem.corrections) if isinstance(problem, QueryError) else ()
        streams.to_stdout(messages.error(problem, of_terminal(1, self._color), "error"))

    def show(self, lines: Iterable[str]) -> None:
        """Lines of text: to the screen, or where `.out` and `.once` send them."""
        self._send(iter(lines), None, "")

    def _send(self, content: Iterator[str] | bytes, shape: formats.Format | None, what: str) -> None:
        there, self.once = self.destination, None
        if there is not None:
            there.write(content, shape)
            if there.path is not None:
                self.say(f"{what}written to {there}")
        elif isinstance(content, bytes):
            raise UsageError("a picture cannot be shown here", ".once FILE.svg, then the query")
        else:
            pager.to_screen(content, self.pager and sys.stdout.isatty())

    def _target(self, item: Item) -> str:
        """Where a terminal's link to an item's letter leads; "" for nowhere."""

        found = source_file(self.library.opened.manifest.roots, item)
        return found.as_uri() if found is not None else ""

    # -- asking

    def call(self, act: Callable[[], _T]) -> _T:
        """Run `act` in a thread, so that Ctrl-C can stop it. Raises what it raises, or Stopped."""
        try:
            return self._call(act)
        except _Stale:
            return self._call(act)  # it was hit by a stop that came too late for the search before

    def _call(self, act: Callable[[], _T]) -> _T:
        done: list[_T] = []
        failed: list[BaseException] = []

        def work() -> None:
            try:
                done.append(act())
            except BaseException as problem:
                failed.append(problem)

        thread = Thread(target=work, name="search", daemon=True)
        try:
            thread.start()
            while thread.is_alive():
                thread.join(0.1)
        except KeyboardInterrupt:
            self.library.searcher.interrupt()
            thread.join(_PATIENCE)
            if thread.is_alive():
                self.library = self._opener()  # the old one belongs to the thread that will not listen
            raise Stopped from None
        if failed:
            if isinstance(failed[0], KeyboardInterrupt):
                raise _Stale
            raise failed[0]
        return done[0]

    def options(self, offset: int = 0) -> Options:
        """A screenful of results; all of them where they do not go to the screen: a file that holds less than was found looks whole."""
        limit = self.limit if self.destination is None else None
        snippets: int | None = self.snippets if formats.get(self.form).sentences else 0
        return Options(
            limit=limit,
            offset=offset,
            sort=self.sort,
            columns=self.columns,
            snippets=snippets,
            timeout=self.timeout or None,
        )

    @property
    def form(self) -> str:
        """The format of the next answer: that of the ending of the file it goes to, else the session's."""
        there = self.destination
        return (there.format if there is not None else "") or self.format

    def counting(self) -> Options:
        return Options(limit=0, snippets=0, counted=True, timeout=self.timeout or None)

    def ask(self, text: str, offset: int = 0) -> None:
        """Search and show. Raises ImrError, Stopped."""
        page = self.call(lambda: self.library.search(text, self.options(offset)))
        if not self.queries or self.queries[-1] != text:
            self.queries.append(text)
        self.show_page(page)

    def show_page(self, page: Page) -> None:
        """An answer with its notices; the first of a session says what the outcomes mean."""
        self._page = page
        fields = page.as_fields
        better = (*(said.better for said in page.notices), fields.query if fields is not None else "")
        nothing = "" if fields is None or fields.total else fields.query  # an offer that finds nothing is none
        self.offers = tuple(dict.fromkeys(query for query in better if query not in ("", nothing)))
        look, form = self.look, self.form
        shape = formats.get(form)
        if form != "json":
            screen = of_terminal(1, self._color)
            told = (messages.notice(said, screen, fold=True) for said in self._news(page))
            streams.to_stdout(chain.from_iterable(told))
        if not self._explained and shape.people and page.total:
            self._explained = True
            self.say(wording.UPHELD_MEANS)
        if formats.answers(page) not in shape.of:
            shape = formats.get("list")
        content = shape.write(page, look, Manner(time=self.timer))
        shown = page.offset + len(page.hits)
        if page.report is None and shown < page.total and shape.people and not isinstance(content, bytes):
            rest = f"{page.offset + 1:,}-{shown:,} of {page.total:,}   (.more shows the next, a number opens one)"
            content = chain(content, ["", *look.wrap(rest)])
        what = f"{wording.count(shown, 'item')} " if page.report is None else "the report is "
        self._send(content, shape, what)

    def _news(self, page: Page) -> list[Notice]:
        """The page's notices; what is true of the index and not of the query is said once a generation."""
        of_index = self.library.opened.notices
        old, new = _TAKEN
        if page.as_fields is not None and not page.as_fields.total:
            old, new = f"; {old}", ""  # what finds nothing is told, and not offered
        found = [
            msgspec.structs.replace(said, text=said.text.replace(old, new))
            for said in page.notices
            if said not in of_index or said not in self._told
        ]
        self._told = of_index
        return found

    def again(self) -> None:
        """Show the last answer anew, under changed settings."""
        if self.queries:
            self.ask(self.queries[-1])

    def more(self) -> None:
        page = self.last_page()
        shown = page.offset + len(page.hits)
        if page.report is not None or shown >= page.total:
            self.say("that was all")
            return
        self.ask(self.last_query(), shown)

    # -- what was asked

    def last_query(self) -> str:
        if not self.queries:
            raise UsageError("there is no query yet")
        return self.queries[-1]

    def last_page(self) -> Page:
        if self._page is None:
            raise UsageError("there is no answer yet")
        return self._page

    def results(self, argument: str, everything: bool = False) -> tuple[list[tuple[Hit, int | None]], str]:
        """The results that `argument` begins with, each with its number in the last answer, and the rest of the argument. An item that is named
        by its case needs no answer. With every matching sentence if asked. Raises UsageError."""
        chosen = choice(argument)
        if chosen is None:
            name = argument.split()[0] if argument.strip() else ""
            items = self.call(lambda: self.library.letter(name)) if name else []
            if len(items) == 1:
                return [(Hit(items[0]), None)], argument.strip()[len(name) :].strip()
            if items:
                raise UsageError(f"the letter {name} has {len(items)} items", f"name one: {name} #1, or .letter {name}")
            if name and not self.queries:
                raise UsageError(f"there is no letter {name} in this index, and no answer yet", _NAMED)
            raise UsageError(
                f"there is no result {name}" if name else "which result? Its number is missing", self._known()
            )
        if chosen.item:
            return [(self._named(chosen.item), None)], chosen.rest
        return [(self._numbered(number, everything), number) for number in chosen.numbers], chosen.rest

    def result(self, argument: str, everything: bool = False) -> tuple[Hit, int | None]:
        """The one result that `argument` names. Raises UsageError."""
        found, rest = self.results(argument, everything)
        if len(found) > 1 or rest:
            raise UsageError("one result at a time here", f"{found[0][1] or found[0][0].item.id}")
        return found[0]

    def _known(self) -> str:
        page = self.last_page()
        return f"1 to {page.total:,}" if page.total else "the last answer found nothing"

    def _named(self, id_: str) -> Hit:
        """The item of that id, in whichever case it was typed; as a result of the last answer if it is one of them."""
        for name in dict.fromkeys((id_, id_.upper(), id_.lower())):
            for hit in self._page.hits if self._page is not None else ():
                if hit.item.id == name:
                    return hit
            item = self.call(lambda name=name: self.library.item(name))  # type: ignore[misc]
            if item is not None:
                return Hit(item)
        raise UsageError(f"there is no item {id_.replace('#', ' #')} in this index", _NAMED)

    def _numbered(self, number: int, everything: bool) -> Hit:
        page = self.last_page()
        if page.report is not None:
            raise UsageError("the last answer is a report and has no results to open", "leave the part after | out")
        if not 0 < number <= page.total:
            raise UsageError(f"there is no result {number}", self._known())
        index = number - 1 - page.offset
        hit = page.hits[index] if 0 <= index < len(page.hits) else None
        if hit is None:
            options = msgspec.structs.replace(self.options(number - 1), limit=1)
            found = self.call(lambda: self.library.search(page.query, options))
            if not found.hits:
                raise UsageError(f"there is no result {number}", "")
            hit = found.hits[0]
        if everything:
            chosen = hit
            hit = self.call(
                lambda: msgspec.structs.replace(
                    chosen, evidence=evidence(chosen.item, self.library.read(page.query).node, None)
                )
            )
        return hit

    def setting(self, name: str) -> str:
        match name:
            case "keys":
                return "vi" if self.vi else "emacs"
            case "pager":
                return "on" if self.pager else "off"
            case "sort":
                return self.sort or "relevance"
            case _:
                return str(getattr(self, name))

    # -- the session

    def renew(self) -> None:
        """Open what is current now, for answers and beside them."""
        self.background.renew()
        fresh = self._opener()
        self.library.close()
        self.library = fresh

    def look_for_news(self) -> None:
        """Pick up a newer generation of the index, and say so in one line; then what it adds to the watched queries."""
        if not self.library.opened.newer():
            return
        before = self.library.facts
        self.renew()
        now = self.library.facts
        more = now.items - before.items
        change = f", {wording.count(abs(more), 'item')} {'more' if more > 0 else 'fewer'}" if more else ""
        self.say(f"the index is now generation {now.generation}: {wording.count(now.items, 'item')}{change}")
        for text, total in list(self.watched.items()):
            found = self.call(lambda text=text: self.library.search(text, self.counting())).total  # type: ignore[misc]
            if found != total:
                self.say(f"watched: {text}: {wording.count(found, 'item')}, {found - total:+,}")
            self.watched[text] = found

    def past(self) -> list[str]:
        return list(self._history.get_strings()[::-1]) if self._history is not None else []

    def history_trouble(self) -> str:
        """Why the last entry could not be kept; said once."""
        if self._history is None:
            return ""
        trouble, self._history.trouble = self._history.trouble, ""
        return trouble

    def toggle_private(self) -> bool:
        """Stop or resume the history; True when it is stopped now."""
        if self._history is None:
            return True
        self._history.private = not self._history.private
        return self._history.private

    def edit(self) -> None:
        """The last query in the user's editor, then in the input line."""

        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        descriptor, name = tempfile.mkstemp(suffix=".imr")  # mode 0600
        try:
            with open(descriptor, "w", encoding="utf-8") as stream:
                stream.write(self.queries[-1] if self.queries else "")
            subprocess.run([*command, name], check=False)
            self.prefill = Path(name).read_text(encoding="utf-8", errors="replace").strip()
        except OSError as problem:
            raise UsageError(f"the editor cannot be run: {command[0]}: {problem.strerror}", "set EDITOR") from problem
        finally:
            Path(name).unlink(missing_ok=True)

    def close(self) -> None:
        self.background.renew()
        self.library.close()
