"""Search records: written once, read back with suspicion, compared in sentences."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import item

from imr_search.errors import StorageError, UsageError
from imr_search.model import Evidence, GroupCounts, Hit, IndexInfo, Notice, Page, Report
from imr_search.searching import records
from imr_search.searching.search_options import Options

ORIGIN = records.Origin("2026-01-02T03:04:05+00:00", "memory/1", "ab" * 32, "3", "cd" * 8, "0.1.0")
HITS = (
    Hit(item("A", 1), 2.5, (Evidence("rationale", 1, "No.", ((0, 2),)),)),
    Hit(item("B", 1)),
)
PAGE = Page(
    query="acupuncture decided:last-2y",
    read_as="acupuncture AND decided:2024-01-02..2026-01-02",
    notices=(Notice("N14", "only exclusions"),),
    index=IndexInfo("memory", 3, 4, 6),
    total=2,
    letters=2,
    hits=HITS,
    tally=GroupCounts((), 2, 2, 0, 0, 2),
)
RECORD = records.make(PAGE, Options(limit=5, sort="-decided"), ["A#1", "B#1"], ORIGIN)


def test_written_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    records.write(path, RECORD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert records.read(path) == RECORD
    assert RECORD.options == Options(limit=5, sort="-decided")
    assert [entry.name for entry in tmp_path.iterdir()] == ["record.json"]
    found = json.loads(path.read_text())
    assert found["query"] == PAGE.query
    assert found["read_as"] == PAGE.read_as
    assert found["ids"] == ["A#1", "B#1"]
    records.write(path, msgspec.structs.replace(RECORD, limit=None, snippets=None))
    assert records.read(path).limit is None


def test_no_room_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        records.write(tmp_path / "absent" / "record.json", RECORD)
    with pytest.raises(UsageError, match="no search record"):
        records.read(tmp_path / "absent.json")


@pytest.mark.parametrize(
    "change",
    [
        {"total": -1},
        {"total": True},
        {"total": 1.5},
        {"total": 10**13},
        {"limit": "5"},
        {"ids": "A#1"},
        {"ids": [1]},
        {"query": None},
        {"extra": 1},
        {"imr_search_record": 2},
        {"imr_search_record": None},
    ],
)
def test_a_wrong_value_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"imr_search_record": 1, **msgspec.to_builtins(RECORD), **change}))
    with pytest.raises(UsageError):
        records.read(path)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff\xfe", b"{", b"[" * 100_000, b'{"a": 1' + b"0" * 10_000 + b"}", b"null", b"\x80\x04."]
)
def test_what_is_no_record_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        records.read(path)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random.json"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        records.read(path)


def test_the_same_answer_is_the_same_whatever_the_scores_and_the_clock() -> None:
    rescored = msgspec.structs.replace(PAGE, hits=(msgspec.structs.replace(HITS[0], score=9.0), HITS[1]), took_ms=5.0)
    later = msgspec.structs.replace(ORIGIN, time="2027-01-01T00:00:00+00:00", version="0.2.0")
    found = records.compare(RECORD, records.make(rescored, RECORD.options, ["A#1", "B#1"], later))
    assert (found.same, found.changes, found.context) == (True, (), ("imr-search: 0.1.0 then, 0.2.0 now",))


def test_what_changed_is_said() -> None:
    def changes(page: Page = PAGE, ids: tuple[str, ...] = ("A#1", "B#1")) -> tuple[str, ...]:
        found = records.compare(RECORD, records.make(page, RECORD.options, ids, ORIGIN))
        assert not found.same
        return found.changes

    more = msgspec.structs.replace(PAGE, total=3, letters=3, tally=GroupCounts((), 3, 3, 1, 0, 2))
    assert changes(more, ("A#1", "C#1", "D#1")) == (
        "items: 2 then, 3 now",
        "letters: 2 then, 3 now",
        "overturned: 0 then, 1 now",
        "no longer found: B#1",
        "newly found: C#1, D#1",
    )
    assert changes(ids=("B#1", "A#1")) == ("the same items, in another order",)
    other = msgspec.structs.replace(PAGE, hits=(Hit(item("A", 1, title="Other"), 2.5, HITS[0].evidence), HITS[1]))
    assert changes(other) == ("the same items, but what is shown of them differs",)
    assert changes(msgspec.structs.replace(PAGE, read_as="x")) == ("the query is read differently: x",)
    many = tuple(f"X#{k}" for k in range(12))
    assert "and 2 more" in changes(msgspec.structs.replace(PAGE, total=12), many)[-1]


def test_a_report_is_part_of_the_answer() -> None:
    report = Report("count", ("group", "items", "letters"), (("all", 2, 2),))
    one = records.make(msgspec.structs.replace(PAGE, hits=(), report=report), Options(), ["A#1", "B#1"], ORIGIN)
    two = records.make(
        msgspec.structs.replace(PAGE, hits=(), report=msgspec.structs.replace(report, rows=(("all", 2, 1),))),
        Options(),
        ["A#1", "B#1"],
        ORIGIN,
    )
    assert records.compare(one, one).same
    assert not records.compare(one, two).same


def test_of_very_many_items_the_digest_decides() -> None:
    ids = [f"A#{k}" for k in range(records.LONGEST + 5)]
    page = msgspec.structs.replace(PAGE, total=len(ids))
    one, two = (records.make(page, Options(), found, ORIGIN) for found in (ids, [*ids[:-1], "B#1"]))
    assert len(one.ids) == records.LONGEST
    assert records.compare(one, two).changes == ("the items found are not the same",)


def test_a_report_is_recorded_as_its_data_shows_it() -> None:
    """The last digits of a share may differ from machine to machine; the answer is the same."""
    rows = [(("all", 3, 1 / 3),), (("all", 3, 1 / 3 + 1e-12),)]
    made = [Report.of("rate", ("group", "items", "rate"), row) for row in rows]
    answers = [msgspec.structs.replace(PAGE, hits=(), report=report) for report in made]
    first, second = (records.make(answer, Options(), ["A#1"], ORIGIN).shown_sha256 for answer in answers)
    assert first == second
