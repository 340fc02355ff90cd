"""An index that was updated answers as one built from nothing, and an update leaves the old index as it was."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from random import Random

import pytest
from chance import Nodes, letter, letters
from test_contract import ENGINES, build, close, compare, items, update

from imr_search.documents import documents
from imr_search.engines.registry import engine
from imr_search.plan import All

SAME_ORDER = ("memory", "whoosh")  # after removals; Tantivy's scores count removed items until a merge drops them


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("seed", range(2))
def test_any_history_answers_as_a_build_from_nothing(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    held = {one.id: one for one in letters(rng, 16)}
    for name in ENGINES:
        build(engine(name), tmp_path / f"{name}-0", list(held.values())).close()
    for step in range(1, 7):
        gone = rng.sample(sorted(held), rng.randint(0, 4))
        changed = [letter(rng, name) for name in gone if rng.random() < 0.6]
        added = changed + letters(rng, rng.randint(0, 4), first=100 * step)
        held = {name: old for name, old in held.items() if name not in gone} | {new.id: new for new in added}
        for name in ENGINES:
            old, new = tmp_path / f"{name}-{step - 1}", tmp_path / f"{name}-{step}"
            before = digests(old)
            update(engine(name), old, new, gone, added)
            assert digests(old) == before, name
        if step % 3 == 0:
            final = list(held.values())
            searchers = {name: engine(name).open(tmp_path / f"{name}-{step}") for name in ENGINES}
            compare(searchers, final, rng, 12)
            fresh = {name: build(engine(name), tmp_path / f"fresh-{name}-{step}", final) for name in ENGINES}
            nodes = Nodes(rng, items(final))
            for _ in range(20):
                node = nodes.any()
                for name in SAME_ORDER:
                    found = searchers[name].search(node, (), None)
                    assert found == fresh[name].search(node, (), None), f"{name}: {node}"
            for name in ENGINES:
                for field in nodes.words:
                    assert list(searchers[name].words(field)) == list(fresh["memory"].words(field)), name
                for field in nodes.values:
                    assert list(searchers[name].values(field)) == list(fresh["memory"].values(field)), name
            close(searchers)
            close(fresh)


@pytest.mark.parametrize("name", ENGINES)
def test_everything_can_be_removed(name: str, tmp_path: Path) -> None:
    held = letters(Random(1), 5)
    build(engine(name), tmp_path / "a", held).close()
    update(engine(name), tmp_path / "a", tmp_path / "b", [one.id for one in held], [])
    searcher = engine(name).open(tmp_path / "b")
    assert searcher.count(All()) == 0
    assert searcher.search(All()).ids == ()
    assert searcher.table(All(), ())[0].items == 0
    assert list(searcher.words("rationale")) == []
    searcher.close()
    update(engine(name), tmp_path / "b", tmp_path / "c", [], held)
    searcher = engine(name).open(tmp_path / "c")
    assert searcher.count(All()) == len(items(held))
    searcher.close()


@pytest.mark.parametrize("name", ENGINES)
def test_a_letter_removed_and_added_in_one_session_is_the_new_one(name: str, tmp_path: Path) -> None:
    rng = Random(2)
    first, second = letter(rng, "CM15-0000001"), letter(rng, "CM15-0000001")
    (tmp_path / "a").mkdir()
    writer = engine(name).create(tmp_path / "a")
    writer.add(documents(first))
    writer.remove(["CM15-0000001", "CM15-9999999"])
    writer.add(documents(second))
    writer.commit()
    searcher = engine(name).open(tmp_path / "a")
    found = searcher.search(All(), (), None)
    assert found.ids == tuple(item.id for item in second.items)
    assert searcher.items(found.ids) == list(second.items)
    searcher.close()


@pytest.mark.parametrize("name", ENGINES)
def test_cancel_and_close_leave_nothing_open(name: str, tmp_path: Path) -> None:
    held = letters(Random(3), 4)
    open_before = _open_files()
    build(engine(name), tmp_path / "a", held).close()
    (tmp_path / "b").mkdir()
    writer = engine(name).update(tmp_path / "a", tmp_path / "b")
    writer.remove([held[0].id])
    writer.add(documents(letter(Random(4), "CM15-1234567")))
    writer.cancel()
    searcher = engine(name).open(tmp_path / "a")
    searcher.search(All())
    searcher.close()
    for _ in range(60):  # Tantivy's watcher of its own folder ends half a second after the index is let go
        left = [path for path in _open_files() - open_before if str(tmp_path) in path]
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(left)


def _open_files() -> set[str]:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list a process's files")
    found = set()
    for entry in folder.iterdir():
        try:
            found.add(os.readlink(entry))
        except OSError:
            continue
    for line in Path("/proc/self/maps").read_text().splitlines():
        if "/" in line:
            found.add(line[line.index("/") :])
    return found


def test_additions_alone_leave_scores_as_a_build_from_nothing_has_them(tmp_path: Path) -> None:
    rng = Random(7)
    held = letters(rng, 12)
    later = [letters(rng, 5, first=100 * step) for step in range(1, 4)]
    for name in ENGINES:
        build(engine(name), tmp_path / f"{name}-0", held).close()
        for step, added in enumerate(later):
            update(engine(name), tmp_path / f"{name}-{step}", tmp_path / f"{name}-{step + 1}", [], added)
        final = held + [one for added in later for one in added]
        grown, fresh = engine(name).open(tmp_path / f"{name}-3"), build(engine(name), tmp_path / f"{name}-fresh", final)
        nodes = Nodes(rng, items(final))
        for _ in range(30):
            node = nodes.any()
            assert grown.search(node, (), None) == fresh.search(node, (), None), f"{name}: {node}"
            assert grown.search(node, (), 3) == fresh.search(node, (), 3), f"{name}: {node}"
        grown.close()
        fresh.close()
