"""What the trials run in processes of their own: python -m tests.faults.children WHAT ..."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from imr_search.building import Options, run
from imr_search.errors import ImrError
from imr_search.nodes import All, SortKey
from imr_search.store import open_index


def build(index: str, root: str, engine: str, workers: str) -> int:
    """Say that all is loaded, wait for the word, build."""
    import imr_search.letters.parse  # noqa: F401

    print("ready", flush=True)
    sys.stdin.readline()
    try:
        run([Path(root)], Path(index), Options(engine=engine, workers=int(workers), allow_shrink=True))
    except ImrError as error:
        print(error.message, flush=True)
        return error.exit_code
    return 0


def read(index: str, searches: str, stop: str) -> int:
    """Search until `stop` exists and `searches` are done; every item of a generation bears the same mark, or it is torn."""
    done = torn = opened = 0
    generations = set()
    while done < int(searches) or not Path(stop).exists():
        with open_index(Path(index)) as now:
            opened += 1
            generations.add(now.generation)
            for _ in range(25):
                found = now.searcher.search(All(), (SortKey("letter"),), None)
                marks = {item.rationale for item in now.searcher.items(found.ids)}
                torn += len(marks) != 1 or found.total != now.manifest.items
                done += 1
                time.sleep(0.0005)
    print(f"{done} {torn} {opened} {len(generations)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit({"build": build, "read": read}[sys.argv[1]](*sys.argv[2:]))
