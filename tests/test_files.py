"""The one way to open and to replace files: no link is followed out or written through, nothing waits on a pipe, no device is replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imr_search import files, settings
from imr_search.errors import LetterError, StorageError, UsageError
from imr_search.letters.decoding import read_file
from tests.store.corpus import build, plant

SEARCH = "from imr_search.cli import search_command; search_command()"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    build(folder / "index", plant(folder / "letters", 3))
    return folder / "index"


def search(index: Path, *arguments: object, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SEARCH, "-i", str(index), *map(str, arguments)]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False)


def _device(folder: Path) -> Path:
    """A device like /dev/null that may be lost; the real one where none can be made."""
    path = folder / "null"
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.close(os.open(path, os.O_WRONLY))
    except OSError:
        pytest.skip("only root makes devices, and not everywhere")
    return path


@pytest.mark.parametrize("option", ["--record", "-o"])
def test_a_device_is_written_into_and_never_replaced(index: Path, option: str, tmp_path: Path) -> None:
    path = _device(tmp_path)
    done = search(index, "pain", option, path)
    assert done.returncode == 0, done.stderr
    assert stat.S_ISCHR(os.lstat(path).st_mode)
    assert search(index, "pain", option, "/dev/null").returncode == 0
    assert stat.S_ISCHR(os.lstat("/dev/null").st_mode)


@pytest.mark.parametrize("option", ["--record", "-o"])
def test_a_link_is_neither_followed_nor_replaced(index: Path, option: str, tmp_path: Path) -> None:
    mine, link = tmp_path / "mine", tmp_path / "link"
    mine.write_text("mine")
    link.symlink_to(mine)
    done = search(index, "pain", option, link)
    assert done.returncode == 2
    assert "is a link" in done.stderr
    assert mine.read_text() == "mine"
    assert link.is_symlink()


def test_standard_output_keeps_what_was_written_before(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "all"
    with path.open("wb") as out:
        out.write(b"before\n")
        out.flush()
        assert search(index, "pain", "-f", "ids", "-o", "/dev/stdout", stdout=out.fileno()).returncode == 0
        assert search(index, "pain", "--count", "--record", "/dev/fd/1", stdout=out.fileno()).returncode == 0
    text = path.read_text()
    assert text.startswith("before\nCM16-")
    assert '"imr_search_record"' in text


def test_a_pipe_that_nobody_reads_is_an_error_and_one_that_is_read_gets_all(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    done = search(index, "pain", "-o", path)
    assert done.returncode == 5
    assert "nobody reads" in " ".join(done.stderr.split())
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    for _ in range(200):
        done = search(index, "pain", "-f", "ids", "-o", path)
        if done.returncode == 0:
            break
    reader.join(10)
    assert got[0].startswith(b"CM16-")
    assert stat.S_ISFIFO(os.lstat(path).st_mode)


def test_a_file_appears_whole_or_not_at_all_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".csv")
    files.write(path, [b"one\n", b"two\n"])
    assert path.read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def broken() -> object:
        yield b"three"
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space"):
        files.write(path, broken())  # type: ignore[arg-type]
    assert path.read_bytes() == b"one\ntwo\n"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda path: files.write(path, [b"x"]),
        lambda path: files.append(path, b"x"),
        lambda path: files.replace(path, b"x"),
    ],
)
def test_what_is_no_file_is_told(act: object, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(UsageError, match="folder"):
        act(folder)  # type: ignore[operator]
    (tmp_path / "link").symlink_to("nothing")
    with pytest.raises(UsageError, match="link"):
        act(tmp_path / "link")  # type: ignore[operator]
    assert not (tmp_path / "nothing").exists()
    with pytest.raises(StorageError):
        act(tmp_path / "not there" / "file")  # type: ignore[operator]


def test_a_history_is_the_users_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    History = pytest.importorskip("imr_search.repl.history").History
    path = tmp_path / "history"
    history = History(path)
    history.store_string("one\ntwo")
    history.store_string("three")
    os.chmod(path, 0o644)
    history.store_string("three")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(history.load_history_strings()) == ["three", "one\ntwo"]
    if Path("/dev/full").exists():
        full = History(tmp_path / "other")
        monkeypatch.setattr(files, "append", _no_space)
        full.store_string("lost")
        assert "No space" in full.trouble


def _no_space(*_: object, **__: object) -> None:
    raise StorageError("cannot write history: No space left on device")


def test_a_history_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    History = pytest.importorskip("imr_search.repl.history").History
    mine = tmp_path / "mine"
    mine.write_text("mine")
    os.chmod(mine, 0o644)
    (tmp_path / "history").symlink_to(mine)
    with pytest.raises(UsageError, match="link"):
        History(tmp_path / "history")
    assert (mine.read_text(), stat.S_IMODE(mine.stat().st_mode)) == ("mine", 0o644)


def test_a_link_swapped_in_after_the_scan_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("secret")
    root = tmp_path / "letters"
    (root / "inner").mkdir(parents=True)
    (root / "inner" / "a.txt").write_text("letter")
    assert read_file(root / "inner" / "a.txt") == b"letter"
    (root / "inner" / "a.txt").unlink()
    (root / "inner" / "a.txt").symlink_to(outside / "a.txt")
    with pytest.raises(LetterError, match="unreadable"):
        read_file(root / "inner" / "a.txt")
    (root / "inner" / "a.txt").unlink()
    (root / "inner").rmdir()
    (root / "inner").symlink_to(outside)
    with pytest.raises(LetterError, match="unreadable"):
        read_file(root / "inner" / "a.txt")


def test_a_pipe_as_a_configuration_never_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    os.mkfifo(path)
    with pytest.raises(UsageError, match="not a regular file"):
        settings.read(path)
    monkeypatch.setenv("IMR_SEARCH_OPENSEARCH_FILE", str(path))
    monkeypatch.delenv("IMR_SEARCH_OPENSEARCH_USER", raising=False)
    from imr_search.engines.opensearch import address

    with pytest.raises(UsageError, match="not a regular file"):
        address.credentials()
    assert settings.read(Path(os.devnull)) == settings.Settings(file=Path(os.devnull))
