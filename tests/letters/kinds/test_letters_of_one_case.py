"""Two letters of one case: date, then content, never the name; what differs is told; an addendum adds."""

from __future__ import annotations

from pathlib import Path

import pytest

import imr_search
from imr_search.indexing.maintenance import check, status
from tests.letters.forms import item, modern

UPHELD = modern(item("MRI of the knee: Upheld"))
OVERTURNED = modern(item("MRI of the knee: Overturned"))
NEWER = modern(item("MRI of the knee: Overturned"), decided="04/20/2015")
ADDENDUM = modern(item("Norco 10/325mg #60: Overturned"), decided="04/20/2015")


def built(tmp_path: Path, letters: dict[str, str]) -> imr_search.Built:
    folder = tmp_path / "letters"
    folder.mkdir(parents=True)
    for name, text in letters.items():
        (folder / name).write_text(text, encoding="utf-8")
    return imr_search.build(folder, tmp_path / "index")


def outcomes(tmp_path: Path, query: str = "case:CM15-9900500") -> list[tuple[str, str]]:
    return sorted((hit.item.id, hit.item.outcome) for hit in imr_search.search(query, index=tmp_path / "index").hits)


@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("b.txt", "a.txt"), ("z.txt", "0.txt")])
def test_the_name_decides_nothing(tmp_path: Path, names: tuple[str, str]) -> None:
    done = built(tmp_path, {names[0]: UPHELD, names[1]: OVERTURNED})
    (found,) = outcomes(tmp_path)
    again = tmp_path / "again"
    again.mkdir()
    built(again, {names[1]: UPHELD, names[0]: OVERTURNED})
    assert outcomes(again) == [found]
    (notice,) = [notice for notice in done.notices if "CM15-9900500" in notice]
    assert "has a different outcome" in notice
    assert names[0] in notice
    assert names[1] in notice


def test_the_newer_stands(tmp_path: Path) -> None:
    done = built(tmp_path, {"a.txt": UPHELD, "b.txt": NEWER})
    assert outcomes(tmp_path) == [("CM15-9900500#1", "overturned")]
    assert any("b.txt is used; a.txt has a different outcome" in notice for notice in done.notices)
    assert any("b.txt is used" in note for note in status(tmp_path / "index").notes)


def test_copies_and_better_readings_are_not_told_of(tmp_path: Path) -> None:
    done = built(
        tmp_path, {"a.txt": UPHELD, "b.txt": UPHELD, "c.txt": UPHELD.replace("He has pain", "He  has much pain")}
    )
    assert outcomes(tmp_path) == [("CM15-9900500#1", "upheld")]
    assert not any("CM15-9900500" in notice for notice in done.notices)


def test_an_addendum_adds(tmp_path: Path) -> None:
    done = built(tmp_path, {"a.txt": UPHELD, "addendum.txt": ADDENDUM})
    assert outcomes(tmp_path) == [("CM15-9900500#1", "overturned"), ("CM15-9900500~2#1", "upheld")]
    assert any("a.txt adds to addendum.txt" in notice for notice in done.notices)
    assert (done.letters, done.items) == (2, 2)


def doubted(tmp_path: Path) -> dict[str, bool]:
    found = imr_search.search("case:CM15-9900500", index=tmp_path / "index").hits
    return {hit.item.id: any(warning.code == "W25" for warning in hit.item.warnings) for hit in found}


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_the_item_says_that_another_letter_of_its_case_differs(tmp_path: Path, engine: str) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    index = tmp_path / "index"
    (folder / "a.txt").write_text(UPHELD, encoding="utf-8")
    imr_search.build(folder, index, engine=engine)
    assert doubted(tmp_path) == {"CM15-9900500#1": False}
    (folder / "b.txt").write_text(NEWER, encoding="utf-8")
    imr_search.build(folder, index)
    assert doubted(tmp_path) == {"CM15-9900500#1": True}
    (folder / "b.txt").write_text(ADDENDUM, encoding="utf-8")
    imr_search.build(folder, index)
    assert doubted(tmp_path) == {"CM15-9900500#1": True, "CM15-9900500~2#1": True}
    (folder / "b.txt").unlink()
    imr_search.build(folder, index, allow_shrink=True)
    assert doubted(tmp_path) == {"CM15-9900500#1": False}
    (folder / "copy.txt").write_text(UPHELD, encoding="utf-8")
    imr_search.build(folder, index)
    assert doubted(tmp_path) == {"CM15-9900500#1": False}


@pytest.mark.parametrize(
    "other",
    [
        UPHELD.replace("MRI of the knee", "MRI of the knees"),
        UPHELD.replace(": Upheld", ": Partially Overturned"),
        modern(item("MRI of the knee: Upheld"), item("Norco: Upheld")),
        modern(item("Norco 10/325mg #60: Upheld")),
        modern(item("MRI of the knee: Withdrawn")),
    ],
    ids=["another title", "another outcome", "one item more", "another item", "not decided"],
)
def test_what_is_different(tmp_path: Path, other: str) -> None:
    done = built(tmp_path, {"a.txt": UPHELD, "b.txt": other})
    assert all(doubted(tmp_path).values())
    assert any("CM15-9900500" in notice for notice in done.notices)
    assert any("CM15-9900500" in note for note in status(tmp_path / "index").notes)


def test_pages_without_text_are_told(tmp_path: Path) -> None:
    text = UPHELD.replace("CLINICAL CASE", "\f\fCLINICAL CASE")
    done = built(tmp_path, {"a.txt": text})
    assert any(notice.startswith("a.txt: a page has no text") and "page 2" in notice for notice in done.notices)
    assert any("a.txt: a page has no text" in note for note in status(tmp_path / "index").notes)
    again = imr_search.build((), tmp_path / "index")
    assert any("a.txt: a page has no text" in notice for notice in again.notices)


AMENDED = [
    "AMENDED FINAL DETERMINATION",
    "Corrected Final Determination",
    "REVISED IMR DECISION",
    "Errata",
    "*** CORRECTED ***",
]


@pytest.mark.parametrize("heading", AMENDED)
@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("b.txt", "a.txt")])
def test_of_two_of_one_day_the_amended_one_stands(tmp_path: Path, heading: str, names: tuple[str, str]) -> None:
    for other, outcome in ((OVERTURNED, "overturned"), (UPHELD, "upheld")):
        folder = tmp_path / outcome
        folder.mkdir()
        first = UPHELD if other is OVERTURNED else OVERTURNED
        built(folder, {names[0]: first, names[1]: f"{heading}\n\n{other}"})
        assert outcomes(folder) == [("CM15-9900500#1", outcome)]


FOUR = ("MRI of the knee", "Norco 10/325mg #60", "Knee brace", "Acupuncture")
ALL_UPHELD = dict.fromkeys(FOUR, "upheld")


def of(decided: str, heading: str = "", **outcomes: str) -> str:
    """A letter on the items of FOUR that are named by their first words."""
    named = {title.split()[0]: title for title in FOUR}
    items = (item(f"{named.get(name, name)}: {outcome}") for name, outcome in outcomes.items())
    return (f"{heading}\n\n" if heading else "") + modern(*items, decided=decided)


ORIGINAL = of("03/17/2015", MRI="Upheld", Norco="Upheld", Knee="Upheld", Acupuncture="Upheld")
KNEE = of("04/20/2015", Knee="Overturned")
PARTS: dict[str, tuple[list[str], dict[str, str]]] = {
    "one item amended": ([ORIGINAL, KNEE], {**ALL_UPHELD, "Knee brace": "overturned"}),
    "one item amended the same day": (
        [ORIGINAL, of("03/17/2015", "AMENDED FINAL DETERMINATION", Knee="Overturned")],
        {**ALL_UPHELD, "Knee brace": "overturned"},
    ),
    "amended twice": (
        [ORIGINAL, KNEE, of("05/20/2015", "AMENDED FINAL DETERMINATION", Norco="Overturned", Knee="Upheld")],
        {**ALL_UPHELD, "Norco 10/325mg #60": "overturned"},
    ),
    "amended twice, each one item": (
        [ORIGINAL, KNEE, of("05/20/2015", Norco="Overturned")],
        {**ALL_UPHELD, "Norco 10/325mg #60": "overturned", "Knee brace": "overturned"},
    ),
    "amended with one item more": (
        [ORIGINAL, of("04/20/2015", Knee="Overturned", Ultrasound="Upheld")],
        {**ALL_UPHELD, "Knee brace": "overturned", "Ultrasound": "upheld"},
    ),
    "amended and an addendum": (
        [ORIGINAL, KNEE, of("05/20/2015", "ADDENDUM", Ultrasound="Overturned")],
        {**ALL_UPHELD, "Knee brace": "overturned", "Ultrasound": "overturned"},
    ),
}


@pytest.mark.parametrize("case", PARTS)
@pytest.mark.parametrize("turned", [False, True])
def test_what_an_amended_letter_leaves_out_stays(tmp_path: Path, case: str, turned: bool) -> None:
    letters, right = PARTS[case]
    names = [f"{n}.txt" for n in range(len(letters))]
    done = built(tmp_path, dict(zip(names[::-1] if turned else names, letters, strict=True)))
    found = [hit.item for hit in imr_search.search("case:CM15-9900500", index=tmp_path / "index").hits]
    assert {one.title: one.outcome for one in found} == right
    assert len(found) == len(right) == done.items
    assert all(doubted(tmp_path).values())
    assert any("items of" in notice for notice in done.notices)
    assert not check(tmp_path / "index", None).faults


@pytest.mark.parametrize("case", PARTS)
@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
@pytest.mark.parametrize("turned", [False, True])
def test_however_they_come_and_go(tmp_path: Path, case: str, engine: str, turned: bool) -> None:
    letters, right = PARTS[case]
    folder, index = tmp_path / "letters", tmp_path / "index"
    folder.mkdir()
    order = letters[::-1] if turned else letters
    for n, text in enumerate(order):
        (folder / f"{n}.txt").write_text(text, encoding="utf-8")
        imr_search.build(folder, index, engine=engine)
    found = {hit.item.title: hit.item.outcome for hit in imr_search.search("*", index=index).hits}
    assert found == right
    assert not check(index, None).faults
    amended = order.index(letters[1])
    (folder / f"{amended}.txt").write_text(of("04/20/2015", Acupuncture="Overturned"), encoding="utf-8")
    imr_search.build(folder, index)
    built(tmp_path / "again", {path.name: path.read_text("utf-8") for path in folder.iterdir()})
    both = (imr_search.search("*", index=place).hits for place in (index, tmp_path / "again" / "index"))
    left, fresh = ({(hit.item.id, hit.item.title, hit.item.outcome) for hit in hits} for hits in both)
    assert left == fresh
    (folder / f"{amended}.txt").unlink()
    imr_search.build(folder, index, allow_shrink=True)
    assert not check(index, None).faults


def test_other_words_for_the_same_items_replace_them(tmp_path: Path) -> None:
    built(tmp_path, {"a.txt": UPHELD, "b.txt": NEWER.replace("of the knee", "knee")})
    assert len(outcomes(tmp_path)) == 2  # about other items, as far as can be told
    reworded = of(
        "04/20/2015", Knee="Overturned", **{"MRI knee": "Upheld", "Hydrocodone": "Upheld", "Needles": "Upheld"}
    )
    built(tmp_path / "again", {"a.txt": ORIGINAL, "b.txt": reworded})
    assert len(outcomes(tmp_path / "again")) == 4


def test_an_index_with_an_amended_letter_is_brought_up_to_date(tmp_path: Path) -> None:
    built(tmp_path, {"a.txt": UPHELD, "b.txt": f"AMENDED FINAL DETERMINATION\n\n{OVERTURNED}"})
    assert any("b.txt is used" in note for note in status(tmp_path / "index").notes)
    (tmp_path / "letters" / "c.txt").write_text(modern(item("Norco: Upheld"), case="CM15-9900501"), encoding="utf-8")
    imr_search.build((), tmp_path / "index")
    assert outcomes(tmp_path) == [("CM15-9900500#1", "overturned")]
    (tmp_path / "letters" / "b.txt").unlink()
    imr_search.build((), tmp_path / "index", allow_shrink=True)
    assert outcomes(tmp_path) == [("CM15-9900500#1", "upheld")]


def test_an_addendum_of_the_same_day_adds(tmp_path: Path) -> None:
    same = modern(item("Norco 10/325mg #60: Overturned"))
    built(tmp_path, {"a.txt": UPHELD, "b.txt": f"ADDENDUM TO FINAL DETERMINATION\n\n{same}"})
    assert outcomes(tmp_path) == [("CM15-9900500#1", "overturned"), ("CM15-9900500~2#1", "upheld")]


def test_an_amended_report_in_the_records_amends_nothing(tmp_path: Path) -> None:
    told = UPHELD.replace("takes\ntablets", "takes\ntablets. An\nAmended report of 2014 was read")
    built(
        tmp_path, {"a.txt": told, "b.txt": OVERTURNED.replace("He has pain", "He has long had much pain of the kind")}
    )
    assert outcomes(tmp_path) == [("CM15-9900500#1", "overturned")]
