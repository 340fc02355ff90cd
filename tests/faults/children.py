"""What the trials run in processes of their own: python -m tests.faults.children WHAT ..."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from imr_search.errors import ImrError, StorageError
from imr_search.indexing import BuildOptions, run
from imr_search.plan import All, SortKey
from imr_search.store import open_index


def build(index: str, root: str, engine: str, workers: str) -> int:
    """Say that all is loaded, wait for the word, build."""
    import imr_search.letters.parse  # noqa: F401

    print("ready", flush=True)
    sys.stdin.readline()
    try:
        run([Path(root)], Path(index), BuildOptions(engine=engine, workers=int(workers), allow_shrink=True))
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


def fill(disk: str, root: str, more: str, engine: str) -> int:
    """On a small file system of its own: updates with ever more room, until one fits. The old index stays until then."""
    from tests.store.corpus import answer

    index, filler = Path(disk) / "index", Path(disk) / "filler"
    run([Path(root)], index, BuildOptions(engine=engine, workers=1))
    old = answer(index)
    refused = 0
    for room in range(0, 4_000_000, 40_000):
        filler.unlink(missing_ok=True)
        free = shutil.disk_usage(disk).free
        with filler.open("wb") as file:
            file.write(bytes(max(0, free - room)))
        try:
            run([Path(more)], index, BuildOptions(engine=engine, workers=1))
            break
        except StorageError as error:
            refused += "no space left" in error.message
        assert answer(index) == old
        assert not list(index.glob("tmp-*"))
        assert len(list(index.glob("gen-*"))) == 1
    assert answer(index) != old
    print(refused, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit({"build": build, "read": read, "fill": fill}[sys.argv[1]](*sys.argv[2:]))
