"""What strangers put in the way: letters that are none, paths that lead elsewhere, an index that would run code, a broken configuration."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import socket
import stat
import struct
from pathlib import Path

import msgspec
import pytest

from imr_search import indexing, settings
from imr_search.errors import IndexError_, UsageError
from imr_search.indexing.workers import Task, read_one
from imr_search.letters import warnings
from imr_search.store import current, open_index, trust
from tests.letters import pdfs
from tests.store.corpus import build, items, letter, plant

SECRET = "Zyxwvut"  # a patient's name, in every bad letter
GOOD = letter(None, word=SECRET)


def _tree(pages: str) -> bytes:
    """A PDF whose tree of pages is `pages`."""
    catalog, tree = "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj", f"2 0 obj<</Type/Pages{pages}>>endobj"
    return f"%PDF-1.4\n{catalog}\n{tree}\ntrailer<</Root 1 0 R>>\n%%EOF".encode()


def bad_letters() -> dict[str, bytes]:
    """File name to bytes: none of them gives a letter."""
    rng = random.Random(7)
    name = SECRET.encode()
    pdf = pdfs.pdf_of([GOOD.splitlines()[:40]])
    found: dict[str, bytes] = {
        "empty.txt": b"",
        "blank.txt": b" \r\n\t \f " * 50,
        "bom-only.txt": b"\xef\xbb\xbf",
        "nul.txt": GOOD.encode()[:900] + b"\0" + GOOD.encode()[900:],
        "nuls.txt": bytes(5_000),
        "random.txt": rng.randbytes(5_000) + name,
        "random.pdf": rng.randbytes(5_000) + name,
        "controls.txt": b"\x01\x02\x03" * 500 + name,
        "escapes.txt": b"\x1b[31m" * 500 + name,
        "other.txt": b"Dear " + name + b", this is a letter about something else.",
        "headings-only.txt": b"HOW THE IMR FINAL DETERMINATION WAS MADE\nCLINICAL CASE SUMMARY\n" + name,
        "half.txt": GOOD.encode()[:400],
        "html.txt": b"<html><body>" + name + b"</body></html>",
        "zip.txt": b"PK\x03\x04" + rng.randbytes(400),
        "gzip.txt": b"\x1f\x8b\x08" + rng.randbytes(400),
        "elf.txt": b"\x7fELF" + bytes(300),
        "word.txt": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "rtf.txt": b"{\\rtf1 " + name + b"}",
        "one-byte.txt": b"x",
        "one-line.txt": b"a " * 300_000,
        "colons.txt": b":" * 200_000,
        "newlines.txt": b"\n" * 200_000 + name,
        "formfeeds.txt": b"\f" * 200_000 + name,
        "high.txt": bytes(range(128, 256)) * 40,
        "utf16-odd.txt": b"\xff\xfe" + b"a",
        "surrogates.txt": b"\xed\xa0\x80" * 300,
        "utf32.txt": b"\xff\xfe\0\0" + struct.pack("<I", 0x7FFFFFFF) * 40,
        "empty.pdf": b"",
        "header-only.pdf": b"%PDF-1.4\n",
        "cut.pdf": pdf[: len(pdf) // 2],
        "cut-short.pdf": pdf[:60],
        "no-pages.pdf": _tree("/Count 0/Kids[]"),
        "self-parent.pdf": _tree("/Count 9/Kids[2 0 R]"),
        "many-pages.pdf": _tree("/Count 2147483647/Kids[]"),
        "text-as.pdf": b"text that is no letter, of " + name,
        "png.pdf": b"\x89PNG\r\n\x1a\n" + rng.randbytes(300),
        "encrypted.pdf": pdfs.encrypted_pdf(),
        "scanned.pdf": pdfs.scanned_pdf(),
        "pdf-as.txt": pdf[: len(pdf) // 3],
    }
    return found


def test_bad_letters_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 45), tmp_path / "index"
    bad = bad_letters()
    for name, data in bad.items():
        (root / name).write_bytes(data)
    with (root / "huge.txt").open("wb") as huge:
        huge.truncate(100 << 20)
    built = build(index, root, workers=2)
    assert len(bad) + 1 == 40
    assert (built.read, built.failed, built.letters) == (45, 40, 45)
    told = indexing.failures(index)
    assert {failure.file for failure in told} == {*bad, "huge.txt"}
    assert {failure.reason for failure in told} <= set(warnings.FAILURES)
    assert SECRET not in repr(told) + repr(built)
    assert build(index).published is False


def _random_bytes(count: int) -> None:
    rng = random.Random(count)
    text = GOOD.encode()
    path = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"imr-search-random-{os.getpid()}.txt"
    for number in range(count):
        match number % 4:
            case 0:
                data = rng.randbytes(rng.randrange(3_000))
            case 1:
                data = text[: rng.randrange(len(text))] + rng.randbytes(rng.randrange(50))
            case 2:
                where = rng.randrange(len(text))
                data = text[:where] + rng.randbytes(rng.randrange(1, 30)) + text[where:]
            case _:
                data = bytes(
                    rng.choice(b"abc \n\r\f:.,-0123456789\xc3\xa9\xe2\x80\x9c") for _ in range(rng.randrange(2_000))
                )
        path.write_bytes(data)
        outcome = read_one(Task(number, os.fsencode(path), path.name, path.stem, None))
        assert (outcome.failure is None) == bool(outcome.letters), data
        assert outcome.failure is None or outcome.failure in warnings.FAILURES, (outcome.failure, outcome.detail, data)
        assert SECRET not in outcome.detail
    path.unlink()


def test_random_bytes_are_a_letter_or_a_reason() -> None:
    _random_bytes(400)


@pytest.mark.long
def test_very_many_random_bytes() -> None:
    _random_bytes(10_000)


def test_paths_that_lead_elsewhere(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 20), tmp_path / "index"
    outside = plant(tmp_path / "outside", 3, start=500)
    (root / "loop").symlink_to(root)
    (root / "loop.txt").symlink_to("loop.txt")
    (root / "up.txt").symlink_to("../outside/CM16-0000500.txt")
    (root / "folder-out").symlink_to(outside)
    (root / "dangling.txt").symlink_to("nothing")
    (root / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(root / "fifo.txt")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)
        server.bind("socket.txt")
        os.chdir(here)
    (root / "folder.txt").mkdir()
    (root / "folder.txt" / "CM16-0000600.txt").write_text(letter("CM16-0000600", word="inside a folder called .txt"))
    (root / "new\nline.txt").write_text(letter("CM16-0000601"))
    (root / "esc\x1b[31m\u202etxt.txt").write_text(letter("CM16-0000602"))
    os.link(root / "CM16-0000001.txt", root / "hard.txt")
    undecodable = os.fsencode(root) + b"/caf\xe9.txt"
    with open(undecodable, "w") as file:
        file.write(letter("CM16-0000603"))
    if os.geteuid() == 0:
        os.mknod(root / "device.txt", stat.S_IFCHR | 0o600, os.makedev(1, 5))
    deep = root
    for _ in range(40):
        deep = deep / "deeper"
    plant(deep, 1, start=604)
    built = build(index, root)
    found = {item.letter: item.file for item in items(index)}
    assert set(found) == {f"CM16-{n:07d}" for n in (*range(20), 600, 601, 602, 603, 604)}
    assert built.failed == len(indexing.failures(index)) > 0
    assert {failure.reason for failure in indexing.failures(index)} <= {*warnings.SKIPS, *warnings.FAILURES}
    assert build(index).published is False, "the same folder again is no change"
    os.unlink(undecodable)
    assert build(index).letters == 24


def _pickle_bomb(marker: Path) -> bytes:
    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (marker,))

    return pickle.dumps(Bomb())


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    index = tmp_path / "index"
    build(index, plant(tmp_path / "letters", 5), engine="whoosh")
    return index


def _plant(index: Path, bomb: bytes, how: str) -> None:
    now = current(index)
    assert now is not None
    engine = index / now.name / "engine"
    match how:
        case "a file besides":
            (engine / "_MAIN_99.toc").write_bytes(bomb)
        case "every file":
            for path in engine.iterdir():
                path.write_bytes(bomb)
        case "a folder besides":
            (engine / "more").mkdir()
            (engine / "more" / "_MAIN_1.toc").write_bytes(bomb)
        case "a link":
            (index / "bomb").write_bytes(bomb)
            (engine / "_MAIN_2.toc").symlink_to(index / "bomb")
        case "with a manifest that fits":
            from imr_search.store import manifest

            for path in engine.iterdir():
                path.write_bytes(bomb)
            found = manifest.parse((index / now.name / manifest.NAME).read_bytes())
            contents, _ = manifest.describe(index / now.name, None, {})
            data = msgspec.structs.replace(found, contents=contents).to_bytes()
            (index / now.name / manifest.NAME).write_bytes(data)
            (index / "CURRENT").write_text(f"{now.name} {hashlib.sha256(data).hexdigest()}\n")
            os.chmod(index, 0o777)


@pytest.mark.parametrize(
    "how", ["a file besides", "every file", "a folder besides", "a link", "with a manifest that fits"]
)
def test_a_planted_index_runs_nothing(whole: Path, how: str, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    _plant(whole, _pickle_bomb(marker), how)
    for act in (
        lambda: open_index(whole).close(),
        lambda: indexing.check(whole),
        lambda: indexing.status(whole),
        lambda: build(whole),
    ):
        try:
            act()
        except IndexError_:
            continue
    with pytest.raises(IndexError_):
        open_index(whole)
    assert not marker.exists()


def test_an_index_of_somebody_else_is_refused(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    if real != 0:
        with pytest.raises(IndexError_, match="neither to you nor to root"):
            open_index(whole)
    else:
        for path in [whole, *whole.rglob("*")]:
            os.chown(path, 12_345, -1)
        with pytest.raises(IndexError_, match="neither to you nor to root"):
            open_index(whole)
        monkeypatch.setattr(os, "geteuid", lambda: 12_345)
        open_index(whole).close()


def test_an_index_that_others_can_write_is_refused(whole: Path) -> None:
    now = current(whole)
    assert now is not None
    for path in (whole, whole / now.name, whole / now.name / "engine", next((whole / now.name / "engine").iterdir())):
        mode = path.stat().st_mode
        for bit in (0o020, 0o002):
            os.chmod(path, mode | bit)
            with pytest.raises(IndexError_, match="writable by others"):
                open_index(whole)
        os.chmod(path, mode)
    open_index(whole).close()


def test_a_named_owner_is_trusted(whole: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pwd

    owner = pwd.getpwuid(os.stat(whole).st_uid).pw_name
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    monkeypatch.setattr(trust, "_ROOT", 54_321)
    with pytest.raises(IndexError_, match="belongs to"):
        open_index(whole)
    config = tmp_path / "config.toml"
    config.write_text(f'trust = ["{owner}", "nobody-of-that-name"]\n')
    monkeypatch.setenv("IMR_SEARCH_CONFIG", str(config))
    open_index(whole).close()


def test_no_other_engine_unpickles() -> None:
    """What is not on the list of engines that unpickle does not name pickle."""
    engines = Path(trust.__file__).parents[1] / "engines"
    for path in engines.rglob("*.py"):
        if path.stem != "whoosh" and not path.is_relative_to(engines / "whoosh"):
            assert "pickle" not in path.read_text().replace("unpickle", ""), path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("index = 3\n", "line 1: index takes a folder"),
        ('\n\nindeks = "x"\n', "line 3: no setting is called 'indeks'"),
        ('history = true\nhistory = "no"\n', "line 2"),
        ('history = "no"\n', "line 1: history takes true or false"),
        ('index = "x\n', "line 1"),
        ("# a comment\n[saved]\na = 1\n", "line 2: saved takes"),
        ("trust = [1]\n", "line 1: trust takes"),
        ("[" * 5_000, "line 1"),
    ],
)
def test_a_broken_configuration_is_told_by_line_and_key(text: str, told: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    with pytest.raises(UsageError) as error:
        settings.read(config)
    assert told in error.value.message
    assert str(config) in error.value.message


def test_configurations_that_are_no_text(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(b"# fine\nindex = '\xff'\n")
    with pytest.raises(UsageError, match="line 2: not UTF-8"):
        settings.read(config)
    config.unlink()
    config.mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        settings.read(config)
    rng = random.Random(3)
    shutil.rmtree(config)
    for _ in range(300):
        config.write_bytes(rng.randbytes(rng.randrange(200)))
        try:
            settings.read(config)
        except UsageError:
            continue


def test_where_the_index_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text('index = "mine"\n')
    monkeypatch.setenv("IMR_SEARCH_CONFIG", str(config))
    monkeypatch.delenv("IMR_SEARCH_INDEX", raising=False)
    assert settings.index_folder(None) == tmp_path / "mine"
    monkeypatch.setenv("IMR_SEARCH_INDEX", str(tmp_path / "other"))
    assert settings.index_folder(None) == tmp_path / "other"
    assert settings.index_folder(str(tmp_path / "third")) == tmp_path / "third"
    config.write_text("")
    monkeypatch.delenv("IMR_SEARCH_INDEX")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert settings.index_folder(None).name == "index"
