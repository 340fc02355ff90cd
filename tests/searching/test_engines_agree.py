"""The whole answer (hits, evidence, notices, tally, report) is the same on every engine, where it is not sorted by score."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

import imr_search
from imr_search.model import Page
from imr_search.searching.library import Library, Options

QUERIES = (
    "*",
    "acupuncture or chiropractic",
    'treatment:"physical therapy" -rationale:"not medically necessary"',
    "functional /s improvement",
    "fail! w/10 (conservative or therapy)",
    "acupunctur* treatment:mri~",
    'guideline:"chronic pain" has:page',
    'guideline:"low back disorders page 607"',
    "page:600..610",
    "letter:(outcome:overturned) outcome:upheld",
    "age:40..50 sex:f decided:2017-02",
    "category:diagnostic",
    "ca_source:acoem",
    "nosuchword outcome:upheld",
    "pain | unique rationale",
    "pain | sample 9 seed 4",
    "pain | sample 9 seed 4 | sort -decided | limit 3",
    "* | count by outcome, month",
    "* | rate by specialty min 30",
    "* | rate by section min 4",
    "* | rate by age band 10",
    "* | trend month by source",
    "outcome:overturned | top 10 guideline",
    "* | top 5 page",
    "* | rate by kind | sort -rate, items | limit 4",
    "* | count by kind, outcome",
    "* | stats age by outcome",
    "* | stats days by kind",
    "* | stats page",
    "category:diagnostic | compare category:rehabilitation",
    "pain | sample 40 seed 3 | compare outcome:overturned",
    "* | unique rationale | rate by category min 5",
    "* | sort -decided | limit 60 | trend month",
    "outcome:overturned | sort case | cite plain",
)


@pytest.fixture(scope="module")
def libraries(shared_letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Library]]:
    with ExitStack() as stack:
        found = []
        for engine in ("memory", "whoosh", "tantivy"):
            index = tmp_path_factory.mktemp("agree") / engine
            imr_search.build([shared_letters / "dwc-2016-2017" / "pypdf"], index, engine=engine, workers=1)
            found.append(stack.enter_context(Library.open(index, {})))
        yield found


def answer(library: Library, query: str) -> Page:
    page = library.search(query, Options(limit=None, sort="" if "sort" in query else "-decided,id", snippets=3))
    engine = library.facts.engine
    assert page.index.engine == engine
    # Notices that count are left out when there is no time for them.
    kept = tuple(notice for notice in page.notices if notice.code not in ("N03", "N10", "N15", "N22", "N25", "N11"))
    return msgspec.structs.replace(page, index=msgspec.structs.replace(page.index, engine=""), notices=kept)


@pytest.mark.parametrize("query", QUERIES)
def test_one_answer(libraries: list[Library], query: str) -> None:
    expected, *others = (answer(library, query) for library in libraries)
    for other in others:
        assert other == expected
    if "nosuchword" not in query:
        assert expected.total > 0
