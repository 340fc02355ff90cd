"""One search as a whole process beside an interpreter that does nothing, and beside `sqlite-utils search` where that is installed:
python bench/startup.py INDEX... [--rounds 15]

The runs take turns, so that a busy machine slows all alike. Given are medians of time on the clock and of processor time, and both as ratios to
`python -c pass`. Run it with PYTHONDONTWRITEBYTECODE unset, or nothing is ever compiled once, and in an environment of its own with the package
and sqlite-utils alone installed: other packages change what the libraries import. sqlite-utils searches the example letters as whole texts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUERY = 'treatment:acupuncture outcome:upheld guideline:"page 98"'
LETTERS = Path(__file__).parents[1] / "examples" / "letters"
SEARCH = "import sys; from imr_search.cli import search_command; sys.exit(search_command())"


def once(command: list[str]) -> tuple[float, float]:
    """Milliseconds on the clock and of the processor."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        _, status, used = os.wait4(running.pid, 0)
        wall = time.perf_counter() - start
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    return wall * 1_000, (used.ru_utime + used.ru_stime) * 1_000


def sqlite_utils(folder: Path) -> list[str] | None:
    """The command that searches the example letters by sqlite-utils, made ready in `folder`; None where it is not installed."""
    program = shutil.which("sqlite-utils", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if program is None:
        return None
    base = str(folder / "letters.db")
    rows = [{"name": file.name, "text": file.read_text(encoding="utf-8")} for file in sorted(LETTERS.rglob("*.txt"))]
    subprocess.run([program, "insert", base, "letters", "-"], input=json.dumps(rows), text=True, check=True)
    subprocess.run([program, "enable-fts", base, "letters", "text"], check=True)
    return [program, "search", base, "letters", "acupuncture", "-c", "name"]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("indexes", type=Path, nargs="+")
    ask.add_argument("--rounds", type=int, default=15)
    ask.add_argument("--query", default=QUERY)
    given = ask.parse_args()
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    for index in given.indexes:
        commands[str(index)] = [sys.executable, "-c", SEARCH, "-i", str(index), "--count", given.query]
    with tempfile.TemporaryDirectory() as folder:
        if peer := sqlite_utils(Path(folder)):
            commands["sqlite-utils search"] = peer
        measure(commands, given.rounds)


def measure(commands: dict[str, list[str]], rounds: int) -> None:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(2):
        for command in commands.values():
            once(command)
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(once(command))
    base = [statistics.median(column) for column in zip(*times["python -c pass"], strict=True)]
    for name, row in times.items():
        wall, processor = (statistics.median(column) for column in zip(*row, strict=True))
        print(
            f"{name}: {wall:.0f} ms ({wall / base[0]:.1f}x), processor {processor:.0f} ms ({processor / base[1]:.1f}x)"
        )


if __name__ == "__main__":
    main()
