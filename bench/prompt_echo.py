"""How soon the prompt echoes a key while it completes and counts: from the key's writing to its letter on the screen of a pseudo-terminal.

python bench/prompt_echo.py --index DIR

Types whole queries, wide ones among them, with the pauses of fingers, so that keys fall into the completion's and the toolbar's counts. Prints the
median, the 95th percentile and the longest echo in ms, the reading of the screen included; exits 1 where a 95th percentile is above 50.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "prompt"))
from terminal import Terminal

QUERIES = (
    "pain and treatment of the lumbar spine now",
    "the patient is not the one of the records",
    "rationale:pain and not opioid -outcome:upheld",
    "outcome:upheld category:opioid treatment:mri",
    '"medical treatment" /s guideline or p* or m*',
    "pain or the or of or not (mtus or odg) norco",
)
PAUSES = (
    0.09,
    0.16,
    0.21,
    0.12,
    0.35,
    0.28,
    0.18,
    0.6,
)  # seconds between keys; the toolbar counts after a rest of 0.15
MARK = "imr> "
ALLOWED = 50.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", required=True)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    terminal = Terminal(
        "-i", given.index, columns=120, rows=30, TERM="xterm-256color", LANG="C.UTF-8", PAGER="cat", NO_COLOR=""
    )
    worst = 0.0
    try:
        terminal.see(MARK.rstrip(), 60)
        _rest(terminal, 2.0)
        print(f"{'query':<48}{'keys':>5}{'median':>9}{'p95':>9}{'max':>9}   slowest at")
        for query in QUERIES * given.rounds:
            taken = _typed(terminal, query)
            times = [one for one, _ in taken]
            ninth = statistics.quantiles(times, n=20)[-1]
            worst = max(worst, ninth)
            slowest = max(taken)
            print(
                f"{query:<48}{len(times):>5}{statistics.median(times):>9.1f}{ninth:>9.1f}{slowest[0]:>9.1f}   {slowest[1]!r}",
                flush=True,
            )
    finally:
        terminal.close()
    return 1 if worst > ALLOWED else 0


def _typed(terminal: Terminal, query: str) -> list[tuple[float, str]]:
    """Each key's echo in ms, with what had been typed by then."""
    terminal.type("\x03")
    _until(terminal, "")
    taken = []
    for number in range(1, len(query) + 1):
        _rest(terminal, PAUSES[number % len(PAUSES)])
        began = time.perf_counter()
        terminal.type(query[number - 1])
        _until(terminal, query[:number])
        taken.append(((time.perf_counter() - began) * 1000, query[:number]))
    _rest(terminal, 1.0)
    return taken


def _until(terminal: Terminal, typed: str) -> None:
    """Wait until the input line holds what was typed and the cursor stands behind it."""
    end = time.monotonic() + 30
    line = (MARK + typed).rstrip()
    while terminal.lines[terminal.screen.cursor.y] != line or terminal.screen.cursor.x != len(MARK + typed):
        if time.monotonic() > end:
            sys.exit(f"{typed!r} was not echoed in 30 s:\n{terminal.text}")
        terminal.read()


def _rest(terminal: Terminal, seconds: float) -> None:
    """Let the screen go on for a while."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        terminal.read(left)


if __name__ == "__main__":
    sys.exit(main())
