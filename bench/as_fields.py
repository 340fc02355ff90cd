"""How long the reading in fields takes: of what people type, and of word salads made of every table's words.

Prints milliseconds of processor time, which other work on the machine does not change.

    python bench/as_fields.py [salads]
"""

from __future__ import annotations

import csv
import datetime
import random
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "query")]

from test_as_fields import _words as words_of_tables  # noqa: E402
from test_as_fields import salad  # noqa: E402

from imr_search.query.as_fields import reading  # noqa: E402

TODAY = datetime.date(2017, 6, 15)


def timed(texts: list[str]) -> list[float]:
    """Milliseconds of each reading, the first ones included, which load the tables."""
    found = []
    for text in texts:
        began = time.process_time()
        reading(text, TODAY)
        found.append((time.process_time() - began) * 1000)
    return found


def told(name: str, took: list[float]) -> None:
    took = sorted(took)
    print(
        f"{name}: {len(took):,} readings, median {statistics.median(took):.2f} ms, p99 {took[int(len(took) * 0.99)]:.2f} ms, "
        f"slowest {took[-1]:.1f} ms"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    random_ = random.Random(11)
    words = words_of_tables()
    with (ROOT / "tests" / "searching" / "data" / "needs.tsv").open(encoding="utf-8", newline="") as file:
        needs = [row[1] for row in list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]]
    told("tables loaded", timed(needs[:1]))
    told("what people type", timed(needs))
    told("word salads", timed([salad(random_, words) for _ in range(count)]))


if __name__ == "__main__":
    main()
