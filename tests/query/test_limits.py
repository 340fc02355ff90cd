"""What is too long to be read safely is refused before anything looks at it; what stands for too much is refused, never cut."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from goldens import TODAY
from made import searcher

from imr_search.engines.memory import MemorySearcher
from imr_search.errors import QueryError
from imr_search.plan import Keyword, Node
from imr_search.query.parser import literal, parse
from imr_search.query.planner import Plan, plan


def refused(text: str) -> QueryError:
    with pytest.raises(QueryError) as raised:
        parse(text)
    return raised.value


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_001,
        " ".join(["a"] * 201),
        " OR ".join(["a"] * 101),
        "NOT " * 201 + "a",
        "(" * 41 + "a" + ")" * 41,
        '"a" ' * 201,
        "treatment:(" * 300,
        ", ".join(["acupuncture"] * 201),
        "((((" * 2_000,
        '"' * 9_999,
        "a|" * 5_000,
    ],
)
def test_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    assert refused(text).code in ("E131", "E102", "E105", "E128", "E125")
    assert time.perf_counter() - start < 0.5


def test_just_within() -> None:
    parse(" ".join(["a"] * 200))
    parse("(" * 40 + "a" + ")" * 40)
    parse("a" * 10_000)
    parse('"' + ") " * 100 + 'a"')
    assert str(literal("(" * 60 + "a")) == '"' + "(" * 60 + 'a"'


def test_four_hundred_case_numbers_are_one_clause() -> None:
    text = "case:" + ", ".join(f"CM15-{number:07}" for number in range(400)) + " outcome:upheld"
    index = searcher()
    found = plan(parse(text), index, text=text, today=TODAY)
    assert len(found.clauses) == 2
    assert [notice.text[:47] for notice in found.notices] == ["case: no item has 400 of these 400 values: CM15"]
    text = text.replace("CM15-0000007", "cm16-0000001")
    found = plan(parse(text), index, text=text, today=TODAY)
    assert found.clauses[0].node == Keyword("case", ("CM16-0000001",))


class Vast(MemorySearcher):
    """An index of many words and values."""

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        return ((f"re{number}", 1) for number in range(7_412))

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        return ((f"CM15-{number:07}", 1) for number in range(7_412) if f"CM15-{number:07}".startswith(prefix))


def vast(text: str) -> Plan:
    return plan(parse(text), Vast([]), text=text, today=TODAY)


def test_too_many_words() -> None:
    with pytest.raises(QueryError) as raised:
        vast("treatment:re* x")
    assert raised.value.code == "E122"
    assert "7,412 words (limit 5,000)" in raised.value.message
    assert (raised.value.start, raised.value.end) == (10, 13)
    vast("treatment:re1*")


def test_a_prefix_of_a_keyword_has_no_limit() -> None:
    vast("case:CM15*")
    with pytest.raises(QueryError) as raised:
        vast("case:*5*")
    assert raised.value.code == "E122"
