"""An update from any history answers as a build from nothing."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from imr_search import indexing
from imr_search.errors import ImrError
from tests.store.corpus import answer, build, change, comparable

ENGINES = ("memory", "whoosh", "tantivy")
SCORED = ("memory", "whoosh")  # in Tantivy, what was taken out counts in the scores until its segment is merged


def _history(seed: int, folder: Path, engine: str) -> int:
    """A random life of two folders of letters; how many updates were compared."""
    rng = random.Random(seed)
    roots = [folder / "one", folder / "two"]
    for root in roots:
        root.mkdir(parents=True)
        for _ in range(rng.randrange(4)):
            change(root, rng)
    limit = rng.choice((0, 1, 3, 20_000))
    compared = 0
    for turn in range(6):
        for _ in range(rng.randrange(4)):
            change(rng.choice(roots), rng)
        build(
            folder / "index", *(roots if turn == 0 else ()), engine=engine, force=True, allow_shrink=True, limit=limit
        )
        build(
            folder / f"fresh{turn}",
            *roots,
            engine="memory" if engine == "whoosh" else engine,
            force=True,
            limit=rng.choice((0, 2, 20_000)),
        )
        after, fresh = answer(folder / "index"), answer(folder / f"fresh{turn}")
        if engine not in SCORED:
            after, fresh = comparable(after), comparable(fresh)
        assert after == fresh, f"seed {seed}, turn {turn}"
        assert indexing.failures(folder / "index") == indexing.failures(folder / f"fresh{turn}")
        assert not indexing.check(folder / "index", None).faults
        assert not [path.name for path in (folder / "index").iterdir() if path.name.startswith("tmp-")]
        compared += 1
    return compared


@pytest.mark.parametrize(
    ("engine", "seed"), [(engine, seed) for engine in ENGINES for seed in range(30 if engine == "memory" else 4)]
)
def test_an_update_answers_as_a_build_from_nothing(seed: int, engine: str, memory_disk: Path) -> None:
    assert _history(seed, memory_disk, engine) == 6


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_many_histories(engine: str, memory_disk: Path) -> None:
    compared = 0
    for seed in range(1_000, 1_400):
        compared += _history(seed, memory_disk / str(seed), engine)
        shutil.rmtree(memory_disk / str(seed))
    print(f"{engine}: {compared} updates as builds from nothing")


def test_an_empty_history_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    with pytest.raises(ImrError):
        build(tmp_path / "index", tmp_path / "letters")
    assert not list((tmp_path / "index").glob("gen-*"))
