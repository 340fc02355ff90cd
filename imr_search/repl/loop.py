"""The loop: read a line, answer it, never die of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import msgspec
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory, ConditionalAutoSuggest
from prompt_toolkit.completion import ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import DynamicStyle

from imr_search import settings
from imr_search.errors import ImrError, QueryError
from imr_search.output import formats, wording
from imr_search.output.messages import fault
from imr_search.repl.background import Reader
from imr_search.repl.commands import dispatch
from imr_search.repl.completer import QueryCompleter
from imr_search.repl.highlighting import QueryLexer, Spots, style
from imr_search.repl.history import History
from imr_search.repl.key_bindings import bindings
from imr_search.repl.session import Session, Stopped
from imr_search.repl.toolbar import RESTING, toolbar
from imr_search.searching.library import Library

if TYPE_CHECKING:
    from imr_search.output.request import Request

MARK = "imr> "
_VI_MODES = {
    InputMode.INSERT: "-- INSERT --",
    InputMode.INSERT_MULTIPLE: "-- INSERT --",
    InputMode.NAVIGATION: "-- NORMAL --",
    InputMode.REPLACE: "-- REPLACE --",
    InputMode.REPLACE_SINGLE: "-- REPLACE --",
}
_TURN = 0.0005  # seconds that a thread which counts may keep the one that echoes keys waiting; Python's own 5 ms add up over a key
_PLAIN_WORDS = {  # what other prompts take, which no query begins with
    **dict.fromkeys(("help", "?", "\\?", "\\h", "help()"), ".help"),
    **dict.fromkeys(("quit", "exit", "quit()", "exit()", "\\q", ":q", ":q!", ":wq"), ".quit"),
}


def run(request: Request) -> int:
    """Open the prompt on the index; 0 when the user leaves. Raises ImrError when there is no index to search."""
    own = settings.read()
    history, trouble = _history(own)
    session = Session(lambda: Library.open(request.index), request.color, history)
    session.theme, session.vi = own.theme, own.keys == "vi"
    _take_over(session, request)
    facts = session.library.facts
    session.say(
        f"imr-search: {wording.count(facts.items, 'item')} in {wording.count(facts.letters, 'letter')}. .help explains, Ctrl-D leaves."
    )
    if trouble:
        session.say(trouble)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        _Loop(session, history).run()
    finally:
        sys.setswitchinterval(usual)
        session.close()
    return 0


def _take_over(session: Session, request: Request) -> None:
    """Options of the command that make sense for a whole session."""
    session.columns, session.sort = request.columns, request.sort
    if not formats.binary(request.format):
        session.format = request.format
    session.limit = request.limit or session.limit
    session.snippets = session.snippets if request.snippets is None else request.snippets
    session.pager = request.pager is not False
    session.timeout = session.timeout if request.timeout is None else request.timeout


def _history(own: settings.Settings) -> tuple[History | None, str]:
    """The user's history file, or None and why."""
    if not own.history:
        return None, ""
    try:
        return History(settings.data_folder() / "history"), ""
    except ImrError as problem:
        return None, problem.message


def answer(session: Session, text: str) -> tuple[str, int]:
    """Answer a line: what the next input line begins with, and where its cursor stands. Raises EOFError to leave."""
    line = text.strip()
    line = _PLAIN_WORDS.get(line.lower(), line)
    session.prefill = ""
    try:
        if line.startswith("."):
            dispatch(session, line)
        elif line.isdecimal() and session.queries:
            dispatch(session, f".open {line}")
        elif line:
            session.ask(text.strip())
    except EOFError:
        raise
    except QueryError as problem:
        session.complain(problem)
        if problem.query == text.strip():
            return problem.query, problem.start
    except ImrError as problem:
        session.complain(problem)
    except (Stopped, KeyboardInterrupt):
        session.say("stopped")
    except BrokenPipeError:
        session.say("what the answer was sent to has gone away")
    except OSError as problem:
        session.say(f"that did not work: {problem.strerror or problem}")
    except Exception as problem:
        if os.environ.get("IMR_SEARCH_DEBUG"):
            raise
        session.say(fault(problem))  # one answer is lost, not the session
    if trouble := session.history_trouble():
        session.say(f"not kept in the history: {trouble}")
    return session.prefill, len(session.prefill)


class _Loop:
    """The input line with everything around it."""

    def __init__(self, session: Session, history: History | None) -> None:
        self._session = session
        self._failed = ""
        self._prompt: PromptSession[str] = PromptSession(
            history=history or InMemoryHistory(),
            completer=ThreadedCompleter(QueryCompleter(session.background)),
            complete_while_typing=True,
            lexer=QueryLexer(self._looked_up),
            auto_suggest=ConditionalAutoSuggest(AutoSuggestFromHistory(), Condition(lambda: session.look.color)),
            multiline=True,
            prompt_continuation=lambda width, line, wrapped: "." * (width - 1) + " ",
            key_bindings=bindings(self._offers),
            bottom_toolbar=self._toolbar,
            style=DynamicStyle(lambda: style(session.theme)),
            include_default_pygments_style=False,
            reserve_space_for_menu=6,
            enable_open_in_editor=True,
            enable_suspend=True,
        )
        self._reader = Reader(session.background, self._prompt.app.invalidate)
        buffer = self._prompt.default_buffer
        buffer.enable_history_search = Condition(lambda: True)  # Up recalls what begins like the text before the cursor
        buffer.on_text_changed += lambda _: self._reader.ask(buffer.text) if buffer.text.strip() else None

    def run(self) -> None:
        """Until the user leaves. Ctrl-C may strike at any moment, between two answers too, and never ends the session."""
        default = Document("")
        try:
            while True:
                try:
                    default = self._turn(default)
                except KeyboardInterrupt:
                    default = Document("")
                except EOFError:
                    return
        finally:
            self._reader.close()

    def _turn(self, default: Document) -> Document:
        """One line read and answered; what the next one begins with. Raises EOFError to leave."""
        session = self._session
        self._failed = default.text if default.text != session.prefill else ""
        try:
            session.look_for_news()
        except ImrError as problem:
            session.complain(problem)
        self._prompt.color_depth = None if session.look.color else ColorDepth.DEPTH_1_BIT
        self._prompt.editing_mode = EditingMode.VI if session.vi else EditingMode.EMACS
        return Document(*answer(session, self._prompt.prompt(MARK, default=default)))

    def _looked_up(self) -> tuple[str, Spots]:
        """The text that was looked up last, and where it names what no item has."""
        latest = self._reader.latest
        return (latest.text, latest.unknown) if latest is not None else ("", ())

    def _offers(self, text: str) -> tuple[str, ...]:
        """What is offered in place of the line: of the query that was just answered or refused, or of the one that is being typed."""
        if text in ("", self._failed):
            return self._session.offers
        latest = self._reader.latest
        return latest.offers if latest is not None and latest.text == text else ()

    def _mode(self) -> str:
        """vi's mode, where the keys are vi's."""
        if not self._session.vi:
            return ""
        return _VI_MODES.get(self._prompt.app.vi_state.input_mode, "")

    def _toolbar(self) -> StyleAndTextTuples:
        look = self._session.look
        columns = self._prompt.app.output.get_size().columns
        text = self._prompt.default_buffer.text
        return toolbar(
            text,
            self._reader.latest,
            f"{wording.count(self._session.library.facts.items, 'item')}   {RESTING}",
            msgspec.structs.replace(look, width=columns, color=False),
            self._failed,
            self._mode(),
            bool(self._offers(text)),
        )
