"""What a session knows and can do: ask, show, remember. The commands and the loop stand on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

import msgspec

from imr_search import files
from imr_search.errors import ImrError, UsageError
from imr_search.model import Hit, Notice, Page
from imr_search.output import formats, messages, streams, wording
from imr_search.output.formats import Manner, render
from imr_search.output.terminal import Terminal, of_terminal
from imr_search.repl.background import BackgroundSearcher
from imr_search.searching.library import Library
from imr_search.searching.search_options import LIMIT, SNIPPETS, Options

if TYPE_CHECKING:
    from imr_search.repl.history import History

_T = TypeVar("_T")
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
        self.timer, self.pager, self.vi, self.theme = True, True, False, "auto"
        self.out: Path | None = None
        self.once = ""
        self.prefill = ""
        self._page: Page | None = None
        self._explained = False
        self._told: tuple[Notice, ...] = ()

    # -- the screen

    @property
    def look(self) -> Terminal:
        found = of_terminal(1, self._color)
        return msgspec.structs.replace(found, color=False) if self.theme == "plain" else found

    def say(self, line: str) -> None:
        """One line to the user, whatever `.out` says."""
        streams.to_stdout(self.look.wrap(self.look.clean(line), "", "    ", columns=self.look.width) or [""])

    def complain(self, problem: ImrError) -> None:
        streams.to_stdout(messages.error(problem, self.look, "error"))

    def show(self, lines: Iterable[str]) -> None:
        """An answer: to the screen, or where `.out` and `.once` send it."""
        once, self.once = self.once, ""
        if once.startswith("|"):
            self._pipe(once[1:].strip(), lines)
        elif once or self.out is not None:
            path = Path(once).expanduser() if once else self.out
            assert path is not None
            self.append(path, lines)
            self.say(f"written to {path}")
        else:
            streams.to_screen(lines, self.pager and sys.stdout.isatty())

    def append(self, path: Path, lines: Iterable[str]) -> None:
        """To the end of a file that only the user may read. Raises StorageError."""
        files.append(path, b"".join(streams.encoded(lines)))

    def _pipe(self, command: str, lines: Iterable[str]) -> None:
        process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE)
        try:
            process.communicate(b"".join(streams.encoded(lines)))
        except KeyboardInterrupt:
            process.wait()

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
        snippets: int | None = self.snippets if formats.get(self.format).sentences else 0
        return Options(limit=self.limit, offset=offset, sort=self.sort, columns=self.columns, snippets=snippets)

    def counting(self) -> Options:
        return Options(limit=0, snippets=0, counted=True)

    def ask(self, text: str, offset: int = 0) -> None:
        """Search and show. Raises ImrError, Stopped."""
        page = self.call(lambda: self.library.search(text, self.options(offset)))
        if not self.queries or self.queries[-1] != text:
            self.queries.append(text)
        self.show_page(page)

    def show_page(self, page: Page) -> None:
        """An answer with its notices; the first of a session says what the outcomes mean."""
        self._page = page
        look = self.look
        if self.format != "json":
            streams.to_stdout(chain.from_iterable(messages.notice(said, look, fold=True) for said in self._news(page)))
        if not self._explained and formats.get(self.format).people and page.total:
            self._explained = True
            self.say(wording.UPHELD_MEANS)
        form = self.format if page.report is None or self.format != "ids" else "list"
        lines = render(page, form, look, Manner(time=self.timer))
        shown = page.offset + len(page.hits)
        if page.report is None and shown < page.total and formats.get(self.format).people:
            rest = f"{page.offset + 1:,}-{shown:,} of {page.total:,}   (.more shows the next, a number opens one)"
            lines = chain(lines, ["", *look.wrap(rest)])
        self.show(lines)

    def _news(self, page: Page) -> list[Notice]:
        """The page's notices; what is true of the index and not of the query is said once a generation."""
        of_index = self.library.opened.notices
        found = [said for said in page.notices if said not in of_index or said not in self._told]
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

    def result(self, text: str, everything: bool = False) -> tuple[Hit, int]:
        """Result N of the last answer, on whatever page it stands; with every matching sentence if asked. Raises UsageError."""
        page = self.last_page()
        number = int(text) if text.isdecimal() and len(text) < 10 else 0
        if page.report is not None:
            raise UsageError("the last answer is a report and has no results to open", "leave the part after | out")
        if not 0 < number <= page.total:
            known = f"1 to {page.total:,}" if page.total else "the last answer found nothing"
            raise UsageError(f"there is no result {text}" if text else "which result? Its number is missing", known)
        index = number - 1 - page.offset
        hit = page.hits[index] if 0 <= index < len(page.hits) else None
        if hit is None:
            options = msgspec.structs.replace(self.options(number - 1), limit=1)
            found = self.call(lambda: self.library.search(page.query, options))
            if not found.hits:
                raise UsageError(f"there is no result {number}", "")
            hit = found.hits[0]
        if everything:
            from imr_search.searching.evidence import evidence

            chosen = hit
            hit = self.call(
                lambda: msgspec.structs.replace(
                    chosen, evidence=evidence(chosen.item, self.library.read(page.query).node, None)
                )
            )
        return hit, number

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
        import shlex
        import tempfile

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
