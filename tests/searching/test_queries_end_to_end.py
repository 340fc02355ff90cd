"""Queries end to end over real letters: built, opened, asked."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import item, searcher

import imr_search
from imr_search.errors import IndexError_, QueryError, UsageError
from imr_search.model import Page
from imr_search.plan import All
from imr_search.query import parser, planner
from imr_search.searching import evidence, library, pipeline
from imr_search.searching.library import Library, Options

ENGINES = ("memory", "whoosh", "tantivy")
DAY = datetime.date(2017, 3, 1)


def built(letters: Path, folder: Path, engine: str) -> Path:
    index = folder / engine
    assert imr_search.build([letters], index, engine=engine, workers=1).failed == 0
    return index


@pytest.fixture(scope="module", params=ENGINES)
def seeds(
    request: pytest.FixtureRequest, shared_letters: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    with Library.open(built(shared_letters / "seeds", tmp_path_factory.mktemp("seeds"), request.param), {}) as library:
        yield library


@pytest.fixture(scope="module")
def letters(shared_letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = shared_letters / "dwc-2016-2017" / "pypdf"
    with Library.open(built(folder, tmp_path_factory.mktemp("real"), "whoosh"), {"drugs": "drug:*"}) as library:
        yield library


def treatments(page: Page) -> list[str]:
    return sorted(hit.item.treatment for hit in page.hits)


def codes(page: Page) -> list[str]:
    return [notice.code for notice in page.notices]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("*", 17),
        ("outcome:overturned", 1),
        ('guideline:"page 98"', 3),
        ("treatment:acupuncture outcome:upheld", 4),
        ("ca_page:127", 1),
        ("outcome:upheld", 16),
        ("-outcome:upheld", 1),
        ("outcome:overturned,upheld", 17),
        ('treatment:acupuncture outcome:upheld guideline:"page 98"', 0),
    ],
)
def test_the_seeds_answer_on_every_engine(seeds: Library, query: str, count: int) -> None:
    page = seeds.search(query, Options(limit=None))
    assert page.total == len(page.hits) == count
    assert page.letters == len({hit.item.letter for hit in page.hits})
    assert seeds.search(query, Options(limit=0)).total == count


def test_the_seeds_say_what_they_should(seeds: Library) -> None:
    (alone,) = seeds.search("outcome:overturned").hits
    assert "functional restoration" in alone.item.treatment.lower()
    page = seeds.search('guideline:"page 98"')
    assert all("physical therapy" in treatment.lower() for treatment in treatments(page))
    assert all(98 in hit.item.pages and 99 in hit.item.pages for hit in page.hits)
    needles = treatments(seeds.search("treatment:acupuncture outcome:upheld"))
    assert sum("electro" in treatment.lower() for treatment in needles) == 1


def test_evidence_of_a_cited_page(seeds: Library) -> None:
    for hit in seeds.search('guideline:"page 98"').hits:
        (found,) = hit.evidence
        assert found.field == "guideline"
        assert any("98" in found.text[start:end] for start, end in found.marks)
        assert evidence.sentence(hit.item, "guideline", found.sentence) == found.text


def test_a_page_has_its_tally_and_the_base(letters: Library) -> None:
    page = letters.search("treatment:mri")
    assert page.tally is not None
    assert page.base is not None
    assert (page.tally.items, page.tally.letters) == (page.total, page.letters)
    assert page.tally.items == page.tally.overturned + page.tally.modified + page.tally.upheld
    assert (page.base.items, page.base.letters) == (236, 101)
    assert page.index == letters.facts
    assert (page.query, page.read_as) == ("treatment:mri", "treatment:mri")


def test_paging_and_sorting(letters: Library) -> None:
    everything = letters.search("outcome:upheld", Options(limit=None, sort="-decided,case", snippets=0))
    keys = [(hit.item.decided or "", hit.item.case or "") for hit in everything.hits]
    assert [day for day, _ in keys] == sorted((day for day, _ in keys), reverse=True)
    page = letters.search("outcome:upheld", Options(limit=7, offset=30, sort="-decided,case"))
    assert [hit.item.id for hit in page.hits] == [hit.item.id for hit in everything.hits[30:37]]
    assert page.offset == 30
    assert all(hit.score is None for hit in page.hits)
    assert all(hit.score is not None for hit in letters.search("treatment:mri").hits)
    assert letters.search("*", Options(offset=1_000)).hits == ()


def test_the_same_answer_twice(letters: Library) -> None:
    for query in ("pain", "treatment:mri | sample 5 seed 3", "* | rate by specialty min 30", "* | unique rationale"):
        assert letters.search(query) == letters.search(query)


def test_stages_before_a_report_are_what_it_is_over(letters: Library) -> None:
    page = letters.search("* | unique rationale | rate")
    shown = letters.search("* | unique rationale", Options(limit=None))
    assert page.report is not None
    assert shown.tally is not None
    assert page.report.rows[0][1] == shown.total == shown.tally.items < 236
    assert sum(hit.alike for hit in shown.hits) == 236 - shown.total
    limited = letters.search("* | sort -decided | limit 50 | count by outcome")
    assert limited.report is not None
    assert sum(int(row[1] or 0) for row in limited.report.rows) == 50
    assert limited.total == 50


@pytest.mark.parametrize(
    "report", ["rate by specialty min 20", "trend month by source", "top 3 section", "count", "cite"]
)
def test_few_chosen_items_and_very_many_are_reported_alike(
    letters: Library, monkeypatch: pytest.MonkeyPatch, report: str
) -> None:
    queries = [
        f"pain | unique rationale | {report}",
        f"* | sort case | limit 40 | {report}",
        f"pain | sample 0 | {report}",
    ]
    few = [letters.search(query) for query in queries]
    monkeypatch.setattr("imr_search.searching.pipeline.NAMED", 3)
    assert [letters.search(query) for query in queries] == few
    shown = letters.search("pain | unique rationale")
    monkeypatch.undo()
    assert letters.search("pain | unique rationale") == shown


def test_a_sample_is_the_same_on_another_engine(letters: Library, shared_letters: Path, tmp_path: Path) -> None:
    folder = shared_letters / "dwc-2016-2017" / "pypdf"
    query = "rationale:pain | sample 20 seed 7"
    with Library.open(built(folder, tmp_path, "memory"), {}) as other:
        one, two = (library.search(query, Options(snippets=0)) for library in (letters, other))
    assert {hit.item.id for hit in one.hits} == {hit.item.id for hit in two.hits}
    assert one.total == 20


def test_a_long_walk_over_items_can_be_interrupted(letters: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imr_search.searching.pipeline.BATCH", 10)
    walk = iter(pipeline.Stored(letters.searcher, letters.searcher.search(All(), (), None).ids))
    next(walk)
    letters.searcher.interrupt()
    with pytest.raises(KeyboardInterrupt):
        list(walk)
    assert letters.search("*").total == 236


def test_limits_and_columns_of_the_query_go_before_options(letters: Library) -> None:
    page = letters.search("* | limit 30", Options(limit=10))
    assert (page.total, len(page.hits), codes(page)) == (30, 30, ["N12"])
    page = letters.search("* | limit 30")
    assert (page.total, len(page.hits), codes(page)) == (30, 30, [])
    page = letters.search("* | sort -decided | show case, qty", Options(sort="case", columns="age"))
    assert codes(page) == ["N12", "N12"]
    assert page.columns == ("case", "quantity")
    assert letters.search("*", Options(columns="case,qty")).columns == ("case", "quantity")
    for options in ({"sort": "rationale"}, {"columns": "colour"}):
        with pytest.raises(UsageError):
            letters.search("*", Options(**options))  # type: ignore[arg-type]


def test_cite_cites_every_item(letters: Library) -> None:
    page = letters.search("outcome:overturned | sort case | cite")
    assert page.report is not None
    assert (page.report.kind, len(page.report.rows)) == ("cite", page.total)
    assert all(str(row[1]).startswith("IMR Case No. CM1") for row in page.report.rows)


def test_nothing_found_is_explained_with_a_repair_that_finds_something(letters: Library) -> None:
    page = letters.search("treatment:acupuncture section:nowhere outcome:upheld")
    (notice,) = [notice for notice in page.notices if notice.code == "N11"]
    assert "section:nowhere alone finds 0 items" in notice.text
    repaired = notice.text.rpartition("; try: ")[2].rpartition(" (")
    assert letters.search(repaired[0]).total == int(repaired[2].split()[0]) > 0


def test_a_phrase_that_nothing_says_is_loosened_before_it_is_dropped(letters: Library) -> None:
    page = letters.search('treatment:"spine lumbar mri" outcome:upheld')
    (notice,) = [notice for notice in page.notices if notice.code == "N11"]
    assert "try: treatment:(spine AND lumbar AND mri) AND outcome:upheld" in notice.text


def test_corrections_are_counted(letters: Library) -> None:
    with pytest.raises(QueryError) as raised:
        letters.search("tretment:mri")
    assert raised.value.code == "E107"
    best = raised.value.corrections[0]
    assert (best.query, best.count) == ("treatment:mri", letters.search("treatment:mri").total)


def test_strict_makes_doubtful_readings_errors(letters: Library) -> None:
    query = "mri OR acupuncture outcome:upheld"
    assert "N10" in codes(letters.search(query))
    with pytest.raises(QueryError) as raised:
        letters.search(query, Options(strict=True))
    assert raised.value.code == "N10"


def test_literal_is_one_phrase(letters: Library) -> None:
    assert letters.search('pain AND outcome:upheld "', Options(literal=True)).total == 0
    literal = letters.search("is not medically necessary", Options(literal=True))
    assert literal.total == letters.search('"is not medically necessary"').total > 50


def test_saved_queries_stand_in_queries(letters: Library) -> None:
    assert letters.search("@drugs outcome:overturned").total == letters.search("drug:* outcome:overturned").total


def test_relative_dates_are_resolved_in_what_is_read(letters: Library) -> None:
    page = letters.search("decided:last-30d", today=DAY)
    assert "last" not in page.read_as
    assert letters.search(page.read_as, today=datetime.date(2030, 1, 1)).total == page.total


def test_explain_counts_each_part(letters: Library) -> None:
    found = letters.explain("treatment:mri outcome:overturned | count")
    first, second = found.clauses
    assert (first.items, first.without) == (second.without, second.items)
    assert found.total == letters.search("treatment:mri outcome:overturned").total
    (only,) = letters.explain("treatment:mri").clauses
    assert only.without is None


def test_items_and_letters_by_name(letters: Library) -> None:
    one = letters.item("CM16-0219557 #1")
    assert one is not None
    assert letters.letter("CM16-0219557")[0] == one
    assert letters.item("CM99-0000000#1") is None
    assert letters.letter("CM99-0000000") == []
    many = max((letters.letter(hit.item.letter) for hit in letters.search("is:multi").hits), key=len)
    assert [item.n for item in many] == list(range(1, len(many) + 1))


@pytest.mark.parametrize(
    "query",
    [
        "treatment:mri",
        "* | unique rationale",
        "* | rate by specialty",
        "treatment:mri | limit 5",
        "mri decided:last-90d",
    ],
)
def test_a_record_replays(letters: Library, query: str) -> None:
    options = Options(limit=3, sort="-decided")
    page = letters.search(query, options, DAY)
    record = letters.record(page, options)
    assert record.query == query
    assert (record.total, record.letters) == (page.total, page.letters)
    assert len(record.ids) == page.total
    assert record.letters_sha256
    found = letters.replay(record)
    assert (found.same, found.changes, found.context) == (True, (), ())


def test_a_record_replayed_on_another_index_says_what_changed(
    letters: Library, shared_letters: Path, tmp_path: Path
) -> None:
    record = letters.record(letters.search("outcome:overturned"))
    with Library.open(built(shared_letters / "seeds", tmp_path, "memory"), {}) as other:
        found = other.replay(record)
    assert not found.same
    assert any(line.startswith("items: 27 then, 1 now") for line in found.changes)
    assert "the letters of the index are not the same" in found.context


def test_no_index_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexError_):
        Library.open(tmp_path)


def test_the_front_door_loads_nothing_before_it_is_used() -> None:
    code = "import sys, imr_search; assert 'imr_search.searching.library' not in sys.modules; print(imr_search.Library.__name__)"
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout == "Library\n"
    assert set(imr_search.__all__) <= set(dir(imr_search))
    with pytest.raises(AttributeError):
        imr_search.nothing  # noqa: B018


def test_one_search_from_python(shared_letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = built(shared_letters / "seeds", tmp_path, "memory")
    monkeypatch.setattr("imr_search.searching.library.MANY", 5)
    assert len([hit.item.title for hit in imr_search.search("*", index).hits]) == 17
    assert imr_search.search("outcome:overturned", index).total == 1


def test_very_many_hits_are_read_as_they_are_asked_for(letters: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options(limit=None, sort="case")
    whole = letters.search("pain", options)
    assert isinstance(whole.hits, tuple)
    monkeypatch.setattr("imr_search.searching.library.MANY", 50)
    monkeypatch.setattr("imr_search.searching.hits.BATCH", 7)
    lazy = letters.search("pain", options)
    assert not isinstance(lazy.hits, tuple)
    assert lazy == whole
    assert tuple(lazy.hits) == whole.hits
    assert (lazy.hits[3], lazy.hits[-1], lazy.hits[5:9]) == (whole.hits[3], whole.hits[-1], whole.hits[5:9])
    assert lazy.hits != whole.hits[:-1]
    assert letters.record(lazy, options).shown_sha256 == letters.record(whole, options).shown_sha256


PIECES = (
    "treatment:", "mri", '"low back"', " AND ", " OR ", "-", "(", ")", " | rate by year", " | unique rationale", " | sample 5 seed 1", "@drugs",
    "|", " /s ", " /5 ", "like(CM16-0219557#1)", "guideline:", '"page 98"', "*", "..", "decided:", "2017", "~2", "^3", "qty:>", "letter:(", ",",
    "sort ", "limit 0", "\x00", "é", "“", "has:", "missing:page", " not ", "syn(norco)", "o=upheld", " | cite md", " min 3", "|top 3 drug",
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_any_text_is_answered_or_refused(letters: Library, text: str) -> None:
    refused, page = None, None
    try:
        page = letters.search(text, Options(limit=3))
    except QueryError as error:
        refused = error
    if refused is not None:
        assert re.fullmatch(r"E1\d\d", refused.code)
        assert 0 <= refused.start <= refused.end <= len(text)
        assert all(letters.read(better.query) for better in refused.corrections)
    else:
        assert page is not None
        assert page.total >= len(page.hits)
        again = letters.search(page.read_as, Options(limit=3, snippets=0))
        assert (again.total, again.report) == (page.total, page.report)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("outcome:overturned", True),
        ("treatment:mri -outcome:upheld", True),
        ("outcome:overturned,modified mri", True),
        ("treatment:mri", False),
        ("letter:(outcome:overturned) mri", False),
        ("outcome:overturned or treatment:mri", False),
    ],
)
def test_a_query_that_names_the_outcome_says_so(query: str, named: bool) -> None:
    found = searcher([item("A", 1, treatment="MRI", outcome="overturned"), item("A", 2, treatment="MRI")])
    tree = planner.plan(parser.parse(query), found, text=query, today=datetime.date(2026, 1, 2))
    assert library._names_outcome(tree.node) is named
