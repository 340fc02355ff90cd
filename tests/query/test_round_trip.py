"""What is printed is read back: for any tree, and for any query that is read at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_search import stages
from imr_search.plan import Cite, Count, Group, Limit, Rate, Sample, Show, Sort, SortKey, Top, Trend, Unique
from imr_search.query import ast
from imr_search.query.parser import parse

_WORDS = st.sampled_from(
    (
        *("acupuncture", "10/325", "L4-5", "H-wave", "#60", "2.5mg", "5%", "worker's", "opioid*", "document!", "wom?n"),
        *("*sartan", "x-ray", "count", "by", "to", "but", "H&P", "10:30", "Ñandú"),
    )
)
_boosts = st.sampled_from((None, None, None, 2.0, 0.5, 3.25))
_plain_terms = st.builds(ast.Term, _WORDS)
_fuzzy = st.builds(ast.Term, st.sampled_from(("tramadol", "norco")), st.sampled_from((0, 1, 2)), _boosts)
_phrases = st.sampled_from(
    ("physical therapy", "not medically necessary", "a AND (b)", "page 98", "Norco 10/325mg #60", "x:y | z")
)
_quoted = st.builds(ast.Quoted, _phrases, st.sampled_from((0, 0, 5, 50)), _boosts)
_calls = st.one_of(
    st.builds(ast.Call, st.just("syn"), st.sampled_from(("norco", "physical therapy")), st.booleans()),
    st.builds(ast.Call, st.just("like"), st.sampled_from(("CM15-0012345#2", "home H-wave unit")), st.booleans()),
)
_words = st.one_of(_plain_terms, _fuzzy, _quoted, _calls, st.just(ast.Everything()))


def _or(parts: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    return st.builds(lambda nodes: ast.Or(tuple(nodes)), st.lists(parts, min_size=2, max_size=3))


def _and(parts: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    return st.builds(lambda nodes: ast.And(tuple(nodes)), st.lists(parts, min_size=2, max_size=4))


def _not(parts: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    return parts.map(lambda node: node if isinstance(node, ast.Not) else ast.Not(node))


def _boolean(leaves: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    return st.recursive(leaves, lambda parts: st.one_of(_and(parts), _or(parts), _not(parts)), max_leaves=6)


_beside = st.one_of(
    _plain_terms,
    st.builds(ast.Quoted, _phrases),
    st.builds(ast.Call, st.just("syn"), st.just("norco"), st.booleans()),
)
_operands = st.one_of(_beside, _or(_beside))
_links = st.one_of(
    st.builds(ast.Link, st.just("/"), st.integers(1, 255)),
    st.builds(ast.Link, st.just("+"), st.integers(1, 50)),
    st.builds(ast.Link, st.sampled_from(("s", "p"))),
)


@st.composite
def _chains(draw: st.DrawFn) -> ast.Near:
    links = tuple(draw(st.lists(_links, min_size=1, max_size=3)))
    return ast.Near(tuple(draw(_operands) for _ in range(len(links) + 1)), links)


_text = _boolean(st.one_of(_words, _chains()))
_numbers = st.integers(0, 999).map(str)
_number_leaves = st.one_of(
    _numbers.map(ast.Term),
    st.builds(ast.Comparison, st.sampled_from((">", ">=", "<", "<=")), _numbers),
    st.builds(ast.Between, _numbers, st.one_of(_numbers, st.just(""))),
)
_date_leaves = st.sampled_from(
    (
        ast.Term("2015"),
        ast.Term("3/4/2015"),
        ast.Term("last-90d"),
        ast.Between("2015-03", ""),
        ast.Comparison(">=", "2015-03-04"),
    )
)
_values = st.one_of(_plain_terms, st.builds(ast.Quoted, st.sampled_from(("pain management", "10/325"))))


def _choices(values: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    return st.builds(lambda nodes: ast.Choice(tuple(nodes)), st.lists(values, min_size=2, max_size=4))  # type: ignore[arg-type]


_listed = st.one_of(_boolean(_values), _choices(_values), st.just(ast.Everything()))
_counted = st.one_of(_boolean(_number_leaves), _choices(_numbers.map(ast.Term)))
_fielded = st.one_of(
    st.builds(ast.Fielded, st.sampled_from(("treatment", "rationale", "guideline", "ca_guideline")), _text),
    st.builds(ast.Fielded, st.sampled_from(("case", "drug", "specialty", "outcome", "has", "missing")), _listed),
    st.builds(ast.Fielded, st.sampled_from(("qty", "n", "page")), _counted),
    st.builds(ast.Fielded, st.sampled_from(("decided", "injured")), _boolean(_date_leaves)),
)
_saved = st.sampled_from(("mri", "my-saved_1")).map(ast.Saved)
_queries = _boolean(st.one_of(_words, _chains(), _fielded, _saved, st.builds(ast.InLetter, _fielded)))
_groups = st.sampled_from(
    (
        Group("outcome"),
        Group("decided", "year"),
        Group("received", "quarter"),
        Group("age", "", 10),
        Group("cited"),
        Group("qty"),
    )
)
_by = st.lists(_groups, max_size=3).map(tuple)
_some = st.lists(_groups, min_size=1, max_size=3).map(tuple)
_arrangements = st.one_of(
    st.builds(
        Sort, st.lists(st.builds(SortKey, st.sampled_from(("decided", "case")), st.booleans()), max_size=2).map(tuple)
    ),
    st.builds(Limit, st.integers(1, 999)),
    st.builds(Sample, st.integers(0, 99), st.integers(0, 99)),
    st.builds(Unique, st.just("rationale")),
    st.builds(Show, st.just(("case", "quantity"))),
)
_endings = st.one_of(
    st.builds(Count, _by),
    st.builds(Rate, _by, st.integers(0, 50)),
    st.builds(Trend, st.sampled_from(stages.PARTS), _by),
    st.builds(Top, st.integers(1, 50), _some),
    st.builds(Cite, st.sampled_from(stages.STYLES)),
)
_stages = st.builds(
    lambda held, last: (*held, *last), st.lists(_arrangements, max_size=2), st.lists(_endings, max_size=1)
)
_trees = st.builds(ast.Query, _queries, _stages)


def _returns(query: ast.Query) -> None:
    text = str(query)
    assert parse(text) == query
    assert str(parse(text)) == text


@given(_trees)
@settings(max_examples=400, deadline=None)
def test_trees_return(query: ast.Query) -> None:
    _returns(query)


@pytest.mark.long
@given(_trees)
@settings(max_examples=20_000, deadline=None)
def test_many_trees_return(query: ast.Query) -> None:
    _returns(query)


def test_spans_say_where_things_were_typed() -> None:
    text = 'treatment:acupuncture -(qty:>=60 OR "page 98"~5) home w/3 unit'
    query = parse(text).expression
    assert isinstance(query, ast.And)
    assert [text[slice(*part.span)] for part in query.nodes] == [
        "treatment:acupuncture",
        '-(qty:>=60 OR "page 98"~5)',
        "home w/3 unit",
    ]
