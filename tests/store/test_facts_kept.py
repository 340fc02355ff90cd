"""Nothing that is known of an index is dropped on the way: who may read it, how many letters it held, its engine, and what really happened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imr_search import indexing
from imr_search.errors import IndexError_, RefusedError, StorageError
from imr_search.store import current, generations, lock, manifest, open_index
from tests.store.corpus import answer, build, plant


def _broken(folder: Path, what: str, engine: str = "memory", shared: bool = True) -> tuple[Path, Path]:
    root, index = plant(folder / "letters", 39), folder / "index"
    build(index, root, engine=engine, shared=shared)
    now = current(index)
    assert now is not None
    path = index / now.name / (manifest.LEDGER if what == "ledger" else manifest.NAME)
    if what == "manifest":
        path.write_bytes(path.read_bytes() + b" ")
    else:
        path.write_bytes(path.read_bytes()[:-100] + bytes(100))
    with pytest.raises(IndexError_, match="damaged"):
        open_index(index)
    return root, index


@pytest.mark.parametrize("what", ["ledger", "manifest"])
@pytest.mark.parametrize("how", ["full", "repair"])
def test_a_damaged_index_stays_shared_and_may_not_shrink_unsaid(what: str, how: str, tmp_path: Path) -> None:
    root, index = _broken(tmp_path, what)

    def mend(**more: bool) -> None:
        if how == "full":
            build(index, root, full=True, **more)
        else:
            indexing.repair(index, indexing.plan_repair(index), **more)

    for number in range(11):
        (root / f"CM16-{number:07d}.txt").unlink()
    with pytest.raises(RefusedError, match="11 of 39"):
        mend()
    mend(allow_shrink=True)
    with open_index(index) as opened:
        assert opened.manifest.shared
        assert opened.manifest.letters == 28
    assert index.stat().st_mode & 0o777 == 0o750


def test_a_change_of_engine_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 4), tmp_path / "index"
    build(index, root, engine="tantivy")
    monkeypatch.setattr("imr_search.fields.fingerprint", lambda: "another")
    built = build(index, engine="auto")
    assert built.engine == "whoosh"
    assert any("from tantivy to whoosh" in notice for notice in built.notices)
    built = build(index, root, engine="auto", full=True)
    assert not any("changes" in notice for notice in built.notices)


def test_a_lock_that_is_not_released_does_not_unsay_the_swap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 4), tmp_path / "index"

    def release(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(lock, "_release", release)
        with pytest.raises(StorageError, match="in place") as told:
            build(index, root)
    assert "as it was before" not in told.value.message + told.value.hint
    assert answer(index)


def test_an_interrupt_after_the_swap_leaves_the_new_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 4), tmp_path / "index"
    build(index, root)
    plant(root, 1, start=50)
    real = os.replace

    def replace(source: object, target: object) -> None:
        real(source, target)  # type: ignore[arg-type]
        if str(target).endswith("CURRENT"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(generations.os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            build(index)
    with open_index(index) as opened:
        assert (opened.generation, opened.manifest.letters) == (2, 5)


def test_what_cannot_be_cleared_away_does_not_unsay_the_swap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 4), tmp_path / "index"

    def collect(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(generations, "collect", collect)
    assert build(index, root).published
