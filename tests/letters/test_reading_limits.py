"""No letter takes long: every pattern is linear, every text is bounded, and a clock and a limit of memory stand behind both."""

from __future__ import annotations

import contextlib
import itertools
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

import imr_search
from imr_search.errors import LetterError
from imr_search.letters import limits
from imr_search.letters import parse as parsing
from imr_search.letters.canonical import MAX_CHARS, canonical, canonical_pages
from tests.letters.forms import item, modern
from tests.letters.structures import PLACES, UNITS, run_of

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="clocks and limits as POSIX has them")
SMALL = 1_500  # characters of a run; in the long form many more
LONG = 8_000
# Four times the text may take four times the work; a quadratic pattern takes sixteen times.
STEEP = 9.0
QUICK = 0.15  # seconds: what takes no longer at the larger size is not measured against the smaller


def work(text: str) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    with contextlib.suppress(LetterError):
        parsing.parse(text, file="a.txt", sha256="", stem="a")
    return time.process_time() - began


def hold_growth(unit: str, size: int) -> None:
    """The least of several measurements, because other work on the machine only ever adds."""
    steep = []
    for place, text_with in PLACES.items():
        small, large = (text_with(run_of(unit, length)) for length in (size, 4 * size))
        after = work(large)
        for _ in range(2):
            if after >= QUICK:
                after = min(after, work(large))
        if after < QUICK:
            continue
        before = min(work(small) for _ in range(3))
        if after > STEEP * before:
            steep.append(f"{place}: {before:.3f} s, then {after:.3f} s")
    assert not steep


@pytest.mark.parametrize("name", list(UNITS)[::3])
def test_work_grows_with_length(name: str) -> None:
    hold_growth(UNITS[name], SMALL)


@pytest.mark.long
@pytest.mark.parametrize("name", UNITS)
def test_work_grows_with_great_length(name: str) -> None:
    hold_growth(UNITS[name], LONG)


def test_a_run_of_spaces_before_half_a_footer() -> None:
    """14 KB of it took over a minute."""
    text = modern(item("Norco: Upheld")) + " " * 14_000 + "Determination Letter"
    assert work(text) < 2


def test_many_combining_marks() -> None:
    assert work("a" + "\u0301\u0316" * 200_000 + modern(item("Norco: Upheld"))) < 5
    assert canonical("cafe\u0301") == "caf\u00e9"
    assert canonical("e" + "\u0301" * 25) == "\u00e9" + "\u0301" * 24
    assert len(canonical("e" + "\u0301" * 1_000)) == 30


def test_a_text_is_bounded_after_every_step() -> None:
    for text in ("\ufdfa" * (MAX_CHARS // 3), "x" * (MAX_CHARS + 1)):
        with pytest.raises(LetterError) as caught:
            canonical(text)
        assert caught.value.reason == "too large"


def test_so_many_items_are_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    text = modern(*(item("Norco: Upheld") for _ in range(4)))
    assert len(parsing.parse(text, file="a.txt", sha256="", stem="a")[0].items) == 4
    monkeypatch.setattr(parsing, "MOST_ITEMS", 3)
    with pytest.raises(LetterError) as caught:
        parsing.parse(text, file="a.txt", sha256="", stem="a")
    assert caught.value.reason == "too large"


@POSIX
def test_a_letter_that_takes_too_long_fails_and_the_next_is_read() -> None:
    handler = signal.getsignal(signal.SIGPROF)
    with pytest.raises(LetterError) as caught, limits.bounded(seconds=0.05):
        sum(n for n in itertools.count())
    assert caught.value.reason == "too slow"
    assert signal.getsignal(signal.SIGPROF) == handler
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    with limits.bounded(seconds=5):
        pass


@POSIX
def test_what_the_system_works_for_a_letter_is_its_time_too() -> None:
    """Copies of a large text are mostly the system's work: it gives a page at a time, and clears it."""
    began = time.process_time()
    with pytest.raises(LetterError, match="too slow"), limits.bounded(seconds=0.3):
        sum(len(bytes(32 << 20) + b"x") for _ in itertools.count())
    assert time.process_time() - began < 1


@POSIX
def test_a_pattern_is_stopped_too() -> None:
    with pytest.raises(LetterError, match="too slow"), limits.bounded(seconds=0.1):
        re.search(r"(a+)+b", "a" * 40)


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells how much memory is in use")
def test_a_letter_that_takes_too_much_memory_fails_and_the_next_is_read() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(LetterError) as caught, limits.bounded(memory=64 << 20):
        bytearray(256 << 20)
    assert caught.value.reason == "too large"
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert len(bytearray(256 << 20)) == 256 << 20


@POSIX
def test_a_build_goes_on_after_a_letter_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def canonical_forever(text: str) -> tuple[str, list[int]]:
        while "forever" in text:
            pass
        return canonical_pages(text)

    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "a.txt").write_text(modern(item("MRI: Upheld", reasons="It takes forever.")), encoding="utf-8")
    (letters / "b.txt").write_text(modern(item("Norco: Upheld"), case="CM15-9900501"), encoding="utf-8")
    (letters / "c.txt").write_text(modern(item("CT: Upheld"), case="CM15-9900502"), encoding="utf-8")
    monkeypatch.setattr(parsing, "canonical_pages", canonical_forever)
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    built = imr_search.build(letters, tmp_path / "index")
    assert (built.letters, built.failed) == (2, 1)
    assert [(one.file, one.reason) for one in built.failures] == [("a.txt", "too slow")]


def test_limits_inside_limits_are_those_outside() -> None:
    done = []

    def run() -> None:
        with limits.bounded(seconds=0.01):
            done.append(sum(range(100_000)))

    with limits.bounded(), limits.bounded(seconds=0.000_001):
        run()
    assert len(done) == 1


def test_there_is_no_clock_in_another_thread_as_documented() -> None:
    worked = []

    def run() -> None:
        with limits.bounded(seconds=0.01):
            began = time.thread_time()
            while time.thread_time() - began < 0.1:
                pass
        worked.append(time.thread_time() - began)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert worked
