"""Whatever goes wrong at whatever operation of a build or an update: the index is the old one or the new one, and the next build works."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from imr_search.store import current
from tests.faults import harness
from tests.faults.harness import BROKEN, COUNT, KILL, LOSSES, NAMES, NO_SPACE, TORN
from tests.store.corpus import answer, build, comparable, letter, plant

pytestmark = pytest.mark.faults

ENGINES = ("memory", "whoosh", "tantivy")
SHORT = 8  # trials for each fault in the short form


@dataclass
class Stage:
    """A folder of letters, the index as it is before the run (or none), and the two answers that are allowed after it."""

    folder: Path
    engine: str
    updating: bool

    def __post_init__(self) -> None:
        self.letters = plant(self.folder / "letters", 6)
        self.pristine = self.folder / "pristine"
        self.index = self.folder / "index"
        self.side = self.folder / "side.json"
        self.old: object = None
        if self.updating:
            self.run(self.pristine)
            (self.letters / "CM16-0000001.txt").write_text(
                letter("CM16-0000001", "3/3/2016", ("Upheld", "Upheld"), "changed")
            )
            (self.letters / "CM16-0000002.txt").unlink()
            plant(self.letters, 2, start=40)
            self.old = comparable(answer(self.pristine))
        self.run(self.folder / "new", fresh=True)
        self.new = comparable(answer(self.folder / "new"))
        self.restore()
        self.operations = harness.run(self.act, self.index, COUNT, 0, self.side).count
        assert comparable(answer(self.index)) == self.new

    def run(self, index: Path, fresh: bool = False) -> None:
        build(index, self.letters, engine=self.engine, allow_shrink=True)

    def act(self) -> None:
        self.run(self.index)

    def restore(self) -> None:
        for _ in range(
            100
        ):  # a reader that this process had open may put its lock file back while its folder is taken away
            shutil.rmtree(self.index, ignore_errors=True)
            if not self.index.exists():
                break
            time.sleep(0.02)
        assert not self.index.exists()
        if self.updating:
            shutil.copytree(self.pristine, self.index)

    def now(self) -> object:
        """What the index answers; None when there is none. Damage is an error of the test."""
        if not self.index.exists() or (current(self.index) is None):
            return None
        return comparable(answer(self.index))

    def judge(self, what: str) -> str:
        """Old or new, and whole again after the next build."""
        found = self.now()
        assert found in (self.old, self.new), what
        self.run(self.index)
        assert comparable(answer(self.index)) == self.new, what
        assert not list(self.index.glob("tmp-*")), what
        return "old" if found == self.old else "new"


@pytest.fixture(
    params=[(engine, updating) for engine in ENGINES for updating in (False, True)],
    ids=lambda p: f"{p[0]}-{'update' if p[1] else 'build'}",
)
def stage(request: pytest.FixtureRequest, memory_disk: Path) -> Stage:
    engine, updating = request.param
    return Stage(memory_disk, engine, updating)


def _trials(stage: Stage, fault: str, numbers: list[int]) -> dict[str, int]:
    ended = {"old": 0, "new": 0}
    for at in numbers:
        stage.restore()
        died = harness.run(stage.act, stage.index, fault, at, stage.side)
        what = f"{fault} at operation {at} of {stage.operations}: {died.code} {died.error}"
        if fault in (KILL, TORN):
            assert died.code == 137, what
        else:
            assert died.code in (0, 5), what
            if died.code == 0:
                assert stage.now() == stage.new, what
            if fault == NO_SPACE:
                assert died.code == 0 or "no space left" in died.error or "did not confirm" in died.error, what
                assert not list(stage.index.glob("tmp-*")), what
        ended[stage.judge(what)] += 1
    return ended


def _power(stage: Stage, trials: list[tuple[int, str, str]]) -> int:
    for at, loss, names in trials:
        stage.restore()
        untouched = {path.stat().st_ino for path in stage.index.rglob("*") if path.is_file()}
        died = harness.run(stage.act, stage.index, KILL, at, stage.side)
        assert died.code == 137
        harness.lose_power(stage.index, died.journal, loss, names, untouched)
        stage.judge(f"power lost at operation {at} of {stage.operations}, unsynced files {loss}, names {names}")
    return len(trials)


def _sample(stage: Stage, seed: int) -> list[int]:
    every = range(1, stage.operations + 1)
    last = list(every)[-6:]  # the swap itself
    return sorted({*random.Random(seed).sample(every, min(SHORT, len(every))), *last})


@pytest.mark.parametrize("fault", [KILL, TORN, NO_SPACE, BROKEN])
def test_a_fault_leaves_the_old_index_or_the_new(stage: Stage, fault: str) -> None:
    assert stage.operations > 30
    ended = _trials(stage, fault, _sample(stage, 1))
    assert ended["old"] > 0


def test_power_loss_leaves_the_old_index_or_the_new(stage: Stage) -> None:
    rng = random.Random(2)
    _power(stage, [(at, rng.choice(LOSSES), rng.choice(NAMES)) for at in _sample(stage, 2)])


@pytest.mark.long
@pytest.mark.parametrize("fault", [KILL, TORN, NO_SPACE, BROKEN])
def test_every_operation(stage: Stage, fault: str) -> None:
    ended = _trials(stage, fault, list(range(1, stage.operations + 1)))
    print(f"{stage.engine} {'update' if stage.updating else 'build'} {fault}: {sum(ended.values())} trials, {ended}")


@pytest.mark.long
def test_power_loss_at_every_operation(stage: Stage) -> None:
    trials = [(at, loss, names) for at in range(1, stage.operations + 1) for loss in LOSSES for names in NAMES]
    print(f"{stage.engine} {'update' if stage.updating else 'build'} power loss: {_power(stage, trials)} trials")
