"""Where the letters lie: roots that are gone, within another, that cannot be listed; and how many letters may go unsaid."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imr_search import indexing
from imr_search.errors import IndexError_, RefusedError, UsageError
from imr_search.store import open_index, pinned
from tests.store.corpus import answer, build, items, plant


def test_more_than_a_tenth_may_not_vanish_unsaid(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 20), tmp_path / "index"
    build(index, root)
    before = answer(index)
    for number in range(3):
        (root / f"CM16-{number:07d}.txt").unlink()
    with pytest.raises(RefusedError, match="3 of 20 letters are gone"):
        build(index)
    with pytest.raises(RefusedError):
        build(index, full=True)
    assert answer(index) == before
    assert build(index, allow_shrink=True).letters == 17
    (root / "CM16-0000003.txt").unlink()
    assert build(index).letters == 16


def test_a_root_that_is_not_there_keeps_its_letters(tmp_path: Path) -> None:
    one, two, index = plant(tmp_path / "one", 5), plant(tmp_path / "two", 5, start=20), tmp_path / "index"
    build(index, one)
    assert build(index, two).letters == 10
    two.rename(tmp_path / "away")
    built = build(index)
    assert built.letters == 10
    assert any("is missing" in notice for notice in built.notices)
    with pytest.raises(RefusedError):
        build(index, full=True)
    assert indexing.status(index).missing == (str(two),)
    (tmp_path / "away").rename(two)
    assert indexing.forget([two], index).letters == 5
    with pytest.raises(UsageError):
        indexing.forget([two], index)
    assert pinned_roots(index) == (str(one),)


def pinned_roots(index: Path) -> tuple[str, ...]:
    pin = pinned(index)
    pin.close()
    return pin.manifest.roots


def test_a_root_within_another_is_the_same_letters(tmp_path: Path) -> None:
    inner, index = plant(tmp_path / "letters" / "2016", 5), tmp_path / "index"
    build(index, inner)
    built = build(index, tmp_path / "letters")
    assert (built.letters, pinned_roots(index)) == (5, (str(tmp_path / "letters"),))
    assert {item.file for item in items(index)} == {f"2016/CM16-{n:07d}.txt" for n in range(5)}
    build(index, inner)
    assert pinned_roots(index) == (str(tmp_path / "letters"),)


def test_more_than_half_may_not_fail_unsaid(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 4), tmp_path / "index"
    build(index, root)
    for number in range(3):
        (root / f"CM16-{number:07d}.txt").write_text("")
    with pytest.raises(RefusedError, match="3 of 4"):
        build(index)
    assert open_index(index).manifest.letters == 4
    built = build(index, force=True, allow_shrink=True)
    assert (built.letters, built.failed) == (1, 3)
    assert {failure.reason for failure in indexing.failures(index)} == {"empty"}
    with open_index(index) as opened:
        assert [notice.code for notice in opened.notices] == ["N20"]


def test_a_vanished_folder_and_no_index(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        build(tmp_path / "index", tmp_path / "nowhere")
    assert not (tmp_path / "index").exists()
    with pytest.raises(IndexError_, match="no index"):
        build(tmp_path / "index")
    with pytest.raises(IndexError_, match="no index"):
        open_index(tmp_path / "index")


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("link", "loop"):
        with pytest.raises(UsageError, match="is a broken link"):
            build(tmp_path / name, plant(tmp_path / "letters", 1))


def test_no_index_is_put_among_other_things(tmp_path: Path) -> None:
    root = plant(tmp_path / "letters", 2)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "thesis.odt").touch()
    with pytest.raises(UsageError, match=r"thesis\.odt"):
        build(tmp_path / "documents", root)
    assert [path.name for path in (tmp_path / "documents").iterdir()] == ["thesis.odt"]


def test_a_folder_that_cannot_be_listed_keeps_its_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, index = plant(tmp_path / "letters", 20), tmp_path / "index"
    plant(root / "inner", 10, start=50)
    build(index, root)
    real = os.scandir

    def scandir(path: object = ".") -> object:
        if Path(str(path)).name == "inner":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr("imr_search.letters.discovery.os.scandir", scandir)
        built = build(index)
    assert (built.letters, built.failed) == (30, 1)
    assert [(failure.file, failure.reason) for failure in indexing.failures(index)] == [("inner", "unreadable")]
    assert (build(index).letters, build(index).failed) == (30, 0)
