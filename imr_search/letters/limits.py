"""The time and memory that one letter may take: beyond them it is a failed letter, and whoever reads it goes on with the next.

Every pattern over a letter is linear and every text is bounded in length, so that no letter should ever come here; this is for the one that does.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

from imr_search.errors import LetterError
from imr_search.letters.pdf_process import memory_left

if sys.platform != "win32":
    import resource

# Of the processor's time, so that a busy or sleeping machine fails no letter; the system's share of it counts too: copying a large text is its work.
SECONDS: Final = 10.0
BYTES: Final = 1 << 30  # over what the process holds when the letter begins
# Texts below this cannot take so much memory; to ask the system how much is in use costs a tenth of a small letter's time.
_LARGE: Final = 1_000_000

_running = False


class _Expired(BaseException):
    """The clock ran out. Nothing between the clock and `bounded` catches it."""


@contextlib.contextmanager
def bounded(size: int = _LARGE, *, seconds: float | None = None, memory: int = BYTES) -> Iterator[None]:
    """Run the block within the limits. `size` is the length of the text. Raises LetterError: too slow, too large, no resources.

    Limits inside limits are those outside. Clock and memory are the process's: only its main thread can set them, and elsewhere
    (or on Windows) the block runs without.
    """
    global _running
    seconds = SECONDS if seconds is None else seconds
    if _running or sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        try:
            yield
        except MemoryError:
            raise LetterError("no resources", "no memory left") from None
        return
    _running = True
    before = signal.signal(signal.SIGPROF, _expire)
    soft = _limit_memory(memory) if size >= _LARGE else None
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)  # again and again, should the first be lost in a finalizer
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _Expired:
        raise LetterError("too slow", f"over {seconds:g} s") from None
    except MemoryError:
        if soft is not None:
            resource.setrlimit(resource.RLIMIT_AS, soft)
        if soft is not None and memory_left():
            raise LetterError("too large", "over the memory for one letter") from None
        raise LetterError("no resources", "no memory left") from None  # the machine's want, and not this letter's
    finally:
        if soft is not None:
            resource.setrlimit(resource.RLIMIT_AS, soft)
        signal.signal(signal.SIGPROF, before)
        _running = False


def _expire(number: int, frame: FrameType | None) -> Any:
    raise _Expired


def _limit_memory(memory: int) -> tuple[int, int] | None:
    """Let the process grow by `memory` and no more. What the limits were, or None where this cannot be done."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        before = resource.getrlimit(resource.RLIMIT_AS)
        wanted = pages * resource.getpagesize() + memory
        if any(limit != resource.RLIM_INFINITY and limit <= wanted for limit in before):
            return None
        resource.setrlimit(resource.RLIMIT_AS, (wanted, before[1]))
    except (OSError, ValueError):
        return None
    return before
