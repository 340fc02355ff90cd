"""The two commands. What they need is imported when it is known to be needed: a one-shot answer must not wait for the prompt's libraries."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence

INTERRUPTED = 130
UNWRITTEN = 5  # no space, or no permission to write
FAULT = 70  # a fault of the program itself


def search_command() -> None:
    """The entry point `imr-search`."""
    gc.set_threshold(50_000)  # what is imported stays: usual, at 700, it would be looked through a hundred times

    def run() -> int:
        from imr_search.cli.search_main import main

        return main(sys.argv[1:])

    _leave(run, "imr-search", sys.argv[1:])


def index_command() -> None:
    """The entry point `imr-index`."""

    def run() -> int:
        import signal

        from imr_search.cli.index_main import main

        def end(number: int, _: object) -> None:
            raise SystemExit(128 + number)  # as an error would: what was begun is taken away again

        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # under nohup it is not
                signal.signal(number, end)
        return main(sys.argv[1:])

    _leave(run, "imr-index", sys.argv[1:])


def _leave(run: Callable[[], int], program: str, arguments: Sequence[str]) -> None:
    """End the process with what `run` says; no traceback for an error of the user's, an interrupt or a reader that went away."""
    from imr_search.output.messages import fault, guarded, say

    _open_streams()
    try:
        code = guarded(run, program, arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = 0
        _give_up_output()
    except KeyboardInterrupt:
        code = INTERRUPTED
        _drop_output()
    except OSError as problem:
        if os.environ.get("IMR_SEARCH_DEBUG"):
            raise
        say(f"{program}: {_refused(problem)}")
        code = UNWRITTEN
        _give_up_output()
    except Exception as problem:
        if os.environ.get("IMR_SEARCH_DEBUG"):
            raise
        say(f"{program}: {fault(problem)}")
        code = FAULT
        _drop_output()
    gc.freeze()  # the process ends: to look through everything for cycles once more takes a tenth of a short search
    sys.exit(code)


def _open_streams() -> None:
    """A standard stream that was closed (`>&-`) is opened on nothing: its number would go to the next file that is opened, and what is printed
    into that file. Standard output is opened for reading, so that to write an answer there is the error that it ought to be."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number < 2 else os.O_WRONLY)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (it lives as long as the process)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _drop_output() -> None:
    """What was printed is written if it can be; Python itself would complain of a full disk once more, with its own exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        _give_up_output()


def _give_up_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _refused(problem: OSError) -> str:
    """What the system said: no space, no permission, nobody reading."""
    if problem.errno == errno.EBADF:
        return "the answer cannot be written: standard output is closed"
    if problem.errno == errno.ENOENT and problem.filename is None:  # what else has no name?
        return "the current folder is not there any more"
    if problem.filename is None:
        return f"the answer cannot be written: {problem.strerror or problem}"
    return f"{os.fsdecode(problem.filename)!r} cannot be used: {problem.strerror}"
