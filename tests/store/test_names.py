"""Files are told apart by the bytes of their names: what is printed of two names may be the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imr_search import indexing
from imr_search.indexing import workers
from tests.store.corpus import build, items, letter, plant

INDEX = "from imr_search.cli import index_command; index_command()"


def _write(folder: bytes, name: bytes, text: str) -> None:
    os.makedirs(folder, exist_ok=True)
    try:
        with open(folder + b"/" + name, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        pytest.skip("this file system wants names in UTF-8")


def command(*arguments: bytes | str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", INDEX, *arguments], capture_output=True, timeout=60, check=False)


def test_a_name_and_its_printed_form_are_two_files(tmp_path: Path) -> None:
    root, index = os.fsencode(tmp_path / "letters"), tmp_path / "index"
    _write(root, b"a\xff.txt", letter(None, word="bytes"))
    _write(root, b"a\\udcff.txt", letter(None, word="literal"))
    _write(root, b"\xff\xfe.txt", letter("CM16-0000001", word="third"))
    built = build(index, Path(os.fsdecode(root)))
    assert (built.read, built.letters, built.failed) == (3, 3, 0)
    assert len({item.letter for item in items(index)}) == 3
    assert {word for item in items(index) for word in ("bytes", "literal", "third") if word in item.rationale} == {
        "bytes",
        "literal",
        "third",
    }
    assert build(index).published is False
    os.unlink(root + b"/a\xff.txt")
    built = build(index, allow_shrink=True)
    assert built.letters == 2
    assert not any("bytes" in item.rationale for item in items(index))
    assert not indexing.check(index, None).faults


def test_workers_read_files_whose_names_are_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "FEW", 1)
    root, index = plant(tmp_path / "letters", 5), tmp_path / "index"
    _write(os.fsencode(root), b"a\xff\xfe.txt", letter("CM16-0000090"))
    _write(os.fsencode(root) + b"/\xfa", b"\xfb.txt", letter("CM16-0000091"))
    _write(os.fsencode(root), b"bad\xff.txt", "")
    built = build(index, root, workers=2)
    assert (built.letters, built.failed) == (7, 1)
    assert {"CM16-0000090", "CM16-0000091"} < {item.letter for item in items(index)}
    assert not indexing.check(index, None).faults


def test_roots_that_are_no_text(tmp_path: Path) -> None:
    index = tmp_path / "index"
    one, two = os.fsencode(tmp_path) + b"/r\xff", os.fsencode(tmp_path) + b"/r\\udcff"
    _write(one, b"x.txt", letter("CM16-0000001", word="first"))
    _write(two, b"y.txt", letter("CM16-0000002", word="second"))
    assert command("build", one, two, "-i", index).returncode == 0
    for act in (
        ("status",),
        ("status", "--json"),
        ("check", "--all"),
        ("failed",),
        ("failed", "--json"),
        ("build",),
        ("build", "--full"),
    ):
        done = command(*act, "-i", index)
        assert done.returncode == 0, (act, done.stderr)
        assert b"fault" not in done.stderr
    done = command("forget", two, "-i", index)
    assert done.returncode == 0, done.stderr
    assert [item.letter for item in items(index)] == ["CM16-0000001"]
    assert command("forget", os.fsencode(tmp_path) + b"/r\xfe", "-i", index).returncode == 2
    _write(one, b"bad\xff.txt", "")
    assert command("build", "-i", index).returncode == 4
    for act in (("failed",), ("failed", "--json")):
        done = command(*act, "-i", index)
        assert done.returncode == 0, done.stderr
        assert b"bad" in done.stdout
    assert command("repair", "--dry-run", "-i", index).returncode == 0


def test_odd_names_that_are_text_stay_as_they_are(tmp_path: Path) -> None:
    root, index = plant(tmp_path / "letters", 1), tmp_path / "index"
    for name in ("new\nline.txt", "tab\t.txt", "ünï.txt", "e\u0301.txt", "\u00e9.txt", "n" * 250 + ".txt"):
        (root / name).write_text(letter(None, word=f"w{len(name)}"))
    built = build(index, root)
    assert built.letters == 7
    assert build(index).published is False
