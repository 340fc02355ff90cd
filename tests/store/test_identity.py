"""Which letters stand, and under which id."""

from __future__ import annotations

from pathlib import Path

from imr_search import indexing
from tests.store.corpus import build, items, letter

CASE = "CM16-0000007"


def _ids(index: Path) -> dict[str, str]:
    return {item.letter: item.file for item in items(index)}


def _write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_the_newest_decision_stands_and_the_loser_takes_over(tmp_path: Path) -> None:
    root, index = tmp_path / "letters", tmp_path / "index"
    _write(root, "a.txt", letter(CASE, "3/1/2016", ("Upheld", "Upheld"), word="newer", number=1))
    _write(root, "b.txt", letter(CASE, "2/1/2016", ("Upheld", "Upheld"), word="older"))
    built = build(index, root)
    assert (built.read, built.letters, built.items) == (2, 1, 2)
    assert _ids(index) == {CASE: "a.txt"}
    (root / "a.txt").unlink()
    built = build(index)  # the letter is not lost, so nothing is refused
    assert (built.letters, built.items) == (1, 2)
    assert _ids(index) == {CASE: "b.txt"}
    _write(root, "c.txt", letter(CASE, "2/1/2016", word="fewer items"))
    build(index)
    assert _ids(index) == {CASE: "b.txt"}


def test_a_letter_without_a_number_is_called_by_its_file(tmp_path: Path) -> None:
    root, index = tmp_path / "letters", tmp_path / "index"
    _write(root, "report.txt", letter(None, word="one"))
    build(index, root)
    assert _ids(index) == {"report": "report.txt"}


def test_the_shortest_path_tells_like_names_apart(tmp_path: Path) -> None:
    root, index = tmp_path / "letters", tmp_path / "index"
    _write(root, "a/x/report.txt", letter(None, word="one"))
    build(index, root)
    assert _ids(index) == {"report": "a/x/report.txt"}
    _write(root, "b/x/report.txt", letter(None, word="two"))
    _write(root, "c/report.txt", letter(None, word="three"))
    build(index)
    assert _ids(index) == {"a/x/report": "a/x/report.txt", "b/x/report": "b/x/report.txt", "c/report": "c/report.txt"}
    assert [item.id for item in items(index)] == ["a/x/report#1", "b/x/report#1", "c/report#1"]
    (root / "a/x/report.txt").unlink()
    (root / "c/report.txt").unlink()
    build(index, allow_shrink=True)
    assert _ids(index) == {"report": "b/x/report.txt"}


def test_a_name_that_is_another_letters_number_gives_way(tmp_path: Path) -> None:
    root, index = tmp_path / "letters", tmp_path / "index"
    _write(root, f"scans/{CASE}.txt", letter(None, word="nameless"))
    build(index, root)
    assert set(_ids(index)) == {CASE}
    _write(root, "real.txt", letter(CASE, word="numbered"))
    build(index)
    assert _ids(index) == {CASE: "real.txt", f"scans/{CASE}": f"scans/{CASE}.txt"}


def test_copies_are_one_letter_and_a_rename_is_no_loss(tmp_path: Path) -> None:
    root, index = tmp_path / "letters", tmp_path / "index"
    _write(root, "one.txt", letter(None, word="one"))
    _write(root, "two.txt", letter(None, word="one"))
    built = build(index, root)
    assert (built.read, built.letters) == (2, 1)
    assert _ids(index) == {"one": "one.txt"}
    (root / "one.txt").rename(root / "three.txt")
    build(index)
    assert _ids(index) == {"three": "three.txt"}
    (root / "two.txt").rename(root / "zwei.txt")
    (root / "three.txt").rename(root / "drei.txt")
    build(index)  # nothing is lost, so nothing is refused
    assert _ids(index) == {"drei": "drei.txt"}


def test_two_letters_in_one_file(tmp_path: Path) -> None:
    root, index = tmp_path / "letters", tmp_path / "index"
    _write(root, "both.txt", letter(None, word="first") + "\f" + letter(None, word="second"))
    build(index, root)
    assert set(_ids(index)) == {"both", "both~2"}
    _write(root, "both~2.txt", letter(None, word="third"))
    build(index)
    assert len(_ids(index)) == 3
    assert not indexing.check(index, None).faults


def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    root, index = tmp_path / "letters", tmp_path / "index"
    _write(root, "Report.txt", letter(None, word="one"))
    _write(root, "report.txt", letter(None, word="two"))
    _write(root, "report.pdf.txt", letter(None, word="three"))
    build(index, root)
    names = {name.casefold() for name in _ids(index)}
    assert len(names) == len(list(root.iterdir()))
