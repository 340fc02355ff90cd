"""The loop: read a line, answer it, never die of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import msgspec
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import DynamicStyle

from imr_search import settings
from imr_search.cli import fault
from imr_search.errors import ImrError, QueryError, StorageError
from imr_search.output import formats, wording
from imr_search.prompt.aside import Reader
from imr_search.prompt.colours import QueryLexer, style
from imr_search.prompt.commands import dispatch
from imr_search.prompt.completing import QueryCompleter
from imr_search.prompt.history import History
from imr_search.prompt.keys import bindings
from imr_search.prompt.shell import Shell, Stopped
from imr_search.prompt.toolbar import RESTING, toolbar
from imr_search.searching.library import Library

if TYPE_CHECKING:
    from imr_search.cli.search import Request

MARK = "imr> "
_TURN = 0.0005  # seconds that a thread which counts may keep the one that echoes keys waiting; Python's own 5 ms add up over a key
_PLAIN_WORDS = {"help": ".help", "quit": ".quit", "exit": ".quit", "?": ".help"}


def run(request: Request) -> int:
    """Open the prompt on the index; 0 when the user leaves. Raises ImrError when there is no index to search."""
    own = settings.read()
    history, trouble = _history(own)
    shell = Shell(lambda: Library.open(request.index), request.color, history)
    shell.theme, shell.vi = own.theme, own.keys == "vi"
    _take_over(shell, request)
    facts = shell.library.facts
    shell.say(
        f"imr-search: {wording.count(facts.items, 'item')} in {wording.count(facts.letters, 'letter')}. .help explains, Ctrl-D leaves."
    )
    if trouble:
        shell.say(trouble)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        _Loop(shell, history).run()
    finally:
        sys.setswitchinterval(usual)
        shell.close()
    return 0


def _take_over(shell: Shell, request: Request) -> None:
    """Options of the command that make sense for a whole session."""
    shell.columns, shell.sort = request.columns, request.sort
    if not formats.binary(request.format):
        shell.format = request.format
    shell.limit = request.limit or shell.limit
    shell.snippets = shell.snippets if request.snippets is None else request.snippets
    shell.pager = request.pager is not False


def _history(own: settings.Settings) -> tuple[History | None, str]:
    """The user's history file, or None and why."""
    if not own.history:
        return None, ""
    try:
        return History(settings.data_folder() / "history"), ""
    except StorageError as problem:
        return None, problem.message


def answer(shell: Shell, text: str) -> tuple[str, int]:
    """Answer a line: what the next input line begins with, and where its cursor stands. Raises EOFError to leave."""
    line = text.strip()
    line = _PLAIN_WORDS.get(line.lower(), line)
    shell.prefill = ""
    try:
        if line.startswith("."):
            dispatch(shell, line)
        elif line.isdecimal() and shell.queries:
            dispatch(shell, f".open {line}")
        elif line:
            shell.ask(text.strip())
    except EOFError:
        raise
    except QueryError as problem:
        shell.complain(problem)
        if problem.query == text.strip():
            return problem.query, problem.start
    except ImrError as problem:
        shell.complain(problem)
    except (Stopped, KeyboardInterrupt):
        shell.say("stopped")
    except BrokenPipeError:
        shell.say("what the answer was sent to has gone away")
    except OSError as problem:
        shell.say(f"that did not work: {problem.strerror or problem}")
    except Exception as problem:
        if os.environ.get("IMR_SEARCH_DEBUG"):
            raise
        shell.say(fault(problem))  # one answer is lost, not the session
    return shell.prefill, len(shell.prefill)


class _Loop:
    """The input line with everything around it."""

    def __init__(self, shell: Shell, history: History | None) -> None:
        self._shell = shell
        self._failed = ""
        self._prompt: PromptSession[str] = PromptSession(
            history=history or InMemoryHistory(),
            completer=ThreadedCompleter(QueryCompleter(shell.aside)),
            complete_while_typing=True,
            lexer=QueryLexer(),
            multiline=True,
            prompt_continuation=lambda width, line, wrapped: "." * (width - 1) + " ",
            key_bindings=bindings(),
            bottom_toolbar=self._toolbar,
            style=DynamicStyle(lambda: style(shell.theme)),
            include_default_pygments_style=False,
            reserve_space_for_menu=6,
            enable_open_in_editor=True,
            enable_suspend=True,
        )
        self._reader = Reader(shell.aside, self._prompt.app.invalidate)
        buffer = self._prompt.default_buffer
        buffer.enable_history_search = Condition(lambda: True)  # Up recalls what begins like the text before the cursor
        buffer.on_text_changed += lambda _: self._reader.ask(buffer.text) if buffer.text.strip() else None
        facts = shell.library.facts
        self._resting = f"{wording.count(facts.items, 'item')}   {RESTING}"

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
        shell = self._shell
        self._failed = default.text if default.text != shell.prefill else ""
        try:
            shell.look_for_news()
        except ImrError as problem:
            shell.complain(problem)
        self._prompt.color_depth = None if shell.look.color else ColorDepth.DEPTH_1_BIT
        self._prompt.editing_mode = EditingMode.VI if shell.vi else EditingMode.EMACS
        return Document(*answer(shell, self._prompt.prompt(MARK, default=default)))

    def _toolbar(self) -> StyleAndTextTuples:
        look = self._shell.look
        columns = self._prompt.app.output.get_size().columns

        return toolbar(
            self._prompt.default_buffer.text,
            self._reader.latest,
            self._resting,
            msgspec.structs.replace(look, width=columns, color=False),
            self._failed,
        )
