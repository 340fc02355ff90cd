"""The prompt's history: private, silent when asked to be, and nobody's way to another file."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from imr_search.errors import ImrError, StorageError
from imr_search.repl.history import History


def test_entries_come_back_the_newest_first_and_each_once(tmp_path: Path) -> None:
    history = History(tmp_path / "data" / "history")
    for text in ("mri", "norco\nor mri", "mri", "café"):
        history.store_string(text)
    assert list(History(tmp_path / "data" / "history").load_history_strings()) == ["café", "mri", "norco\nor mri"]
    assert stat.S_IMODE((tmp_path / "data" / "history").stat().st_mode) == 0o600


def test_private_entries_are_not_written(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    history.private = True
    history.store_string("secret")
    history.private = False
    history.store_string(".private")
    assert list(history.load_history_strings()) == []


@pytest.mark.parametrize("target", ["/dev/null", "other"])
def test_nothing_is_written_or_changed_through_a_link(tmp_path: Path, target: str) -> None:
    place = Path(target) if target.startswith("/") else tmp_path / target
    if not place.exists():
        place.write_text("mine")
        place.chmod(0o644)
    before = place.stat()
    (tmp_path / "history").symlink_to(place)
    with pytest.raises(ImrError):
        History(tmp_path / "history")
    after = place.stat()
    assert (after.st_mode, after.st_size) == (before.st_mode, before.st_size)


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    (tmp_path / "history").unlink()
    (tmp_path / "other").write_text("mine")
    (tmp_path / "history").symlink_to(tmp_path / "other")
    history.store_string("mri")
    assert (tmp_path / "other").read_text() == "mine"
    assert history.trouble


def test_a_full_disk_stops_the_history_and_not_the_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from imr_search import files

    history = History(tmp_path / "history")

    def full(path: Path, *_: object, **__: object) -> None:
        raise StorageError(f"cannot write {path}: {os.strerror(errno.ENOSPC)}")

    monkeypatch.setattr(files, "append", full)
    history.append_string("mri")
    assert "No space left" in history.trouble
    assert history.get_strings() == ["mri"]  # it can be recalled in this session all the same
